"""
Reports on their way out: JSON, JSON lines, CSV, and lines for people in Chinese or English.

Everything that comes from a file is foreign text: control characters never reach a terminal.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from detectors.details import in_language
from detectors.evidence import (
    MetadataEvidence,
    ProvenanceEvidence,
    RowStatus,
    VisibleEvidence,
    WatermarkEvidence,
)
from labeler.terminal import pad, printable


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from detectors.evidence import Evidence, Report

    Say = Callable[[str], str]

CSV_COLUMNS = (
    "path", "format", "sha256", "verdict", "notice", "Label", "ContentProducer", "ProduceID",
    "ContentPropagator", "PropagateID", "metadata", "watermark", "mark_id", "p_value", "visible",
    "failed_requirements", "error",
)  # fmt: skip

_WORDS = {
    "en": {
        "confirmed": "confirmed",
        "possible": "possible",
        "suspected": "suspected",
        "none": "none found",
        "undetermined": "undetermined",
        "metadata": "metadata",
        "watermark": "watermark",
        "visible": "visible",
        "provenance": "provenance",
        "conformity": "conformity",
        "not found": "not found",
        "agrees": "agrees with the metadata",
        "differs": "DIFFERS from the metadata",
        "bits": "{} bits",
        "key": "{} key",
        "of side": "{:.1%} of the shortest side",
        "contrast": "contrast {:.1f}:1",
        "none means": "no label was found; this does not mean that a human made it",
        "error": "error",
        "count": "{} {}",
        "pass": "pass",
        "fail": "fail",
        "warn": "warn",
        "not-checked": "not-checked",
    },
    "zh": {
        "confirmed": "属于",
        "possible": "可能",
        "suspected": "疑似",
        "none": "未核验到",
        "undetermined": "无法判定",
        "metadata": "元数据",
        "watermark": "数字水印",
        "visible": "显式标识",
        "provenance": "来源信息",
        "conformity": "合规检查",
        "not found": "未发现",
        "agrees": "与元数据一致",
        "differs": "与元数据不一致",
        "bits": "{} 位",
        "key": "密钥 {}",
        "of side": "字高为最短边的 {:.1%}",
        "contrast": "对比度 {:.1f}:1",
        "none means": "未核验到标识，不代表内容由人创作",
        "error": "错误",
        "count": "{} 项{}",
        "pass": "符合",
        "fail": "不符合",
        "warn": "提醒",
        "not-checked": "未检查",
    },
}


def words(language: str) -> dict[str, str]:
    """Return the words of human output: Chinese for zh, English for every other language."""
    return _WORDS["zh" if language.lower().startswith("zh") else "en"]


def to_csv(reports: Iterable[Report]) -> Iterator[str]:
    """Yield CSV that spreadsheet programs open as UTF-8, a row a file."""
    yield "\ufeff" + _csv_line(CSV_COLUMNS)
    for report in reports:
        yield _csv_line([_cell(value) for value in _csv_row(report)])


_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
"""Beginnings that spreadsheets calculate; East Asian ones take the wide signs as well."""


def _csv_line(values: Iterable[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()


def _cell(value: Any) -> str:
    """Keep a spreadsheet from running foreign text as a formula; valid UTF-8 in any case."""
    text = "" if value is None else str(value).encode("utf-8", "backslashreplace").decode()
    return "'" + text if text.lstrip(" ")[:1] in _FORMULA else text


def _csv_row(report: Report) -> list[Any]:
    label = report.label or {}
    mark = next((e for e in report.evidence if isinstance(e, WatermarkEvidence) and e.found), None)
    failed = [row.requirement for row in report.conformity if row.status is RowStatus.FAIL]
    found = {
        layer: " ".join(e.scheme for e in report.evidence if e.layer.value == layer and e.found)
        for layer in ("metadata", "watermark", "visible")
    }
    return [
        report.path, report.format, report.sha256, report.verdict.value, report.notice,
        *(label.get(name, "") for name in
          ("Label", "ContentProducer", "ProduceID", "ContentPropagator", "PropagateID")),
        found["metadata"], found["watermark"],
        mark.mark_id if mark else "", mark.p_value if mark else "",
        found["visible"], " ".join(failed), report.error,
    ]  # fmt: skip


def to_text(reports: Iterable[Report], language: str = "en") -> Iterator[str]:
    """Yield a short paragraph a file: the verdict first, then what it rests on."""
    for report in reports:
        yield "\n".join(_paragraph(report, words(language), in_language(language))) + "\n"


def _paragraph(report: Report, word: dict[str, str], say: Say) -> list[str]:
    head = f"{printable(report.path)}: {word[report.verdict.value]}"
    if report.error:
        return [f"{head} ({word['error']}: {printable(say(report.error), 300)})"]
    lines = [f"{head}  {report.notice}".rstrip()]
    if report.verdict.value == "none":
        lines.append(f"  {word['none means']}")
    found = {evidence.layer for evidence in report.evidence if evidence.found}
    lines += [
        f"  {_line(evidence, word, say)}"
        for evidence in report.evidence
        if evidence.found or evidence.layer not in found
    ]
    counts = _counts(report, word)
    if counts:
        lines.append(f"  {pad(word['conformity'])} {counts}")
    lines += [
        f"    {word[row.status.value]}  {row.requirement}  {say(row.clause)}: "
        f"{printable(say(row.detail), 300)}"
        for row in report.conformity
        if row.status in {RowStatus.FAIL, RowStatus.WARN}
    ]
    return lines


def to_findings(report: Report, language: str = "en") -> Iterator[str]:
    """Yield everything found in one item, every field and deviation, without a verdict."""
    word, say = words(language), in_language(language)
    yield f"{printable(report.path)}: {report.format}, sha256 {report.sha256}\n"
    for evidence in report.evidence:
        yield f"  {_line(evidence, word, say)}\n"
        if isinstance(evidence, MetadataEvidence) and evidence.found:
            yield f"    {printable(evidence.place)}\n"
            yield from (f"    {printable(f'{k} = {v}', 300)}\n" for k, v in evidence.fields.items())
            yield from (f"    ! {printable(say(text), 300)}\n" for text in evidence.deviations)
        elif evidence.found and evidence.detail:
            yield f"    {printable(say(evidence.detail), 300)}\n"


def _line(evidence: Evidence, word: dict[str, str], say: Say) -> str:
    head = f"{pad(word[evidence.layer.value])} {pad(evidence.scheme, 14)}"
    detail = printable(say(evidence.detail), 300)
    if not evidence.found:
        return f"{head} {word['not found']}" + (f" ({detail})" if detail else "")
    match evidence:
        case MetadataEvidence():
            told = _fields(evidence.fields)
        case WatermarkEvidence():
            told = _mark(evidence, word)
        case VisibleEvidence():
            told = _visible(evidence, word)
        case ProvenanceEvidence(fields={"validation": state} | {"state": state}):
            told = f"{printable(state, 40)}: {detail}"
        case ProvenanceEvidence():
            told = detail if evidence.scheme.startswith("registry") else ""
            told = told or _fields(evidence.fields) or detail
    return f"{head} {told}"


def _fields(fields: dict[str, str]) -> str:
    shown = ((k, v) for k, v in fields.items() if v)
    return printable(", ".join(f"{k}={v}" for k, v in shown), 240)


def _mark(evidence: WatermarkEvidence, word: dict[str, str]) -> str:
    parts = [word["bits"].format(evidence.bits), evidence.mark_id]
    if evidence.p_value is not None:
        parts.append(f"p <= {evidence.p_value:.1e}")
    parts.append(word["key"].format(printable(evidence.key, 40)))
    if evidence.agrees_with_metadata is not None:
        parts.append(word["agrees" if evidence.agrees_with_metadata else "differs"])
    return ", ".join(parts)


def _visible(evidence: VisibleEvidence, word: dict[str, str]) -> str:
    parts = [printable(evidence.text, 60)]
    if evidence.height_ratio is not None:
        parts.append(word["of side"].format(evidence.height_ratio))
    if evidence.contrast is not None:
        parts.append(word["contrast"].format(evidence.contrast))
    return ", ".join(parts)


def _counts(report: Report, word: dict[str, str]) -> str:
    order = [RowStatus.PASS, RowStatus.FAIL, RowStatus.WARN, RowStatus.NOT_CHECKED]
    counts = {s: sum(row.status is s for row in report.conformity) for s in order}
    return ", ".join(word["count"].format(n, word[s.value]) for s, n in counts.items() if n)
