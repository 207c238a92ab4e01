"""
One self-contained HTML page of many reports: thumbnails, filters, evidence; nothing is fetched.

All foreign text travels as JSON and reaches the page as text nodes only; a content security policy
lets no script run but the page's own. Rows are written as they come, in blocks that repeat no
sentence, so the memory needed does not grow with their number.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

import labeler
from detectors.details import in_chinese
from detectors.html_report.thumbnails import thumbnail_of
from detectors.html_report.words import page_words
from labeler.annex_e import FIELDS


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from labeler.machine import Record

BLOCK = 200
"""Rows in one block of JSON."""

THUMBNAIL_BYTES = 32_000_000
"""All thumbnails together, as written; rows after that have none."""

MOST_TEXT = 2_000
"""Longest foreign text shown, in characters."""

_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*(?:e[+-]?[0-9]+)?")
_LAYERS = ("metadata", "watermark", "visible", "provenance")
_STATED = ("layer", "scheme", "found", "detail")


def to_html(
    reports: Iterable[Record | Mapping[str, Any]],
    language: str = "en",
    *,
    thumbnail: Callable[[Mapping[str, Any]], str] | None = thumbnail_of,
) -> Iterator[str]:
    """
    Yield the pieces of the page, pure ASCII, ready to be written one by one.

    Parameters
    ----------
    reports
        Reports of `detectors.verify`, or the same as dictionaries (a line of JSONL each).
    language
        ``zh`` or ``en``: what the page starts with; it can be switched there.
    thumbnail
        Gives a data URI for a row, or an empty string; None for a page without pictures.

    Examples
    --------
    >>> page = "".join(to_html([], "zh"))
    >>> page.isascii(), page.count("://")
    (True, 0)
    """
    script, style = _asset("page.js"), _asset("page.css")
    yield _head(script, style, "zh" if language.lower().startswith("zh") else "en")
    source = iter(reports)
    left = THUMBNAIL_BYTES
    while some := list(islice(source, BLOCK)):
        strings: dict[str, int] = {}
        rows = []
        for report in some:
            row = report if isinstance(report, dict) else report.to_dict()  # type: ignore[union-attr]
            picture = thumbnail(row) if thumbnail is not None and left > 0 else ""
            left -= len(picture)
            rows.append(_row(row, picture, strings))
        told = [_shown(text) for text in strings]
        yield _block("rows", {"t": told, **_in_chinese(told), "r": rows})
    yield f"<script>{script}</script>\n</body>\n</html>\n"


def _asset(name: str) -> str:
    """Return a part of the page; non-ASCII is written so that no encoding can break it."""
    text = files("detectors.html_report").joinpath(name).read_text("utf-8")
    if name.endswith(".js"):
        return "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in text)
    return "".join(c if c.isascii() else f"\\{ord(c):06x}" for c in text)


def _head(script: str, style: str, language: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    made = datetime.now(UTC).astimezone().isoformat(" ", "minutes")
    facts = {
        "lang": language,
        "made": f"aigc-label {labeler.__version__}, {made}",
        "fields": list(FIELDS),
    }
    words = {name: dict(values) for name, values in page_words().items()}
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>aigc-label</title>\n<style>{style}</style>\n</head>\n<body>\n"
        '<header><div id="top"></div><div id="sums"></div></header>\n'
        '<main><div class="tools" id="tools"></div><ul class="list" id="list"></ul>'
        '<p class="empty" id="empty"></p><nav class="pager" id="pager"></nav></main>\n'
        '<footer><p id="legend"></p><noscript>This report needs JavaScript.</noscript></footer>\n'
        + _block("words", words)
        + _block("facts", facts)
    )


def _block(name: str, value: Any) -> str:
    """Return JSON as a block of data that cannot end its own element."""
    text = json.dumps(value, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    place = 'class="rows"' if name == "rows" else f'id="{name}"'
    return f'<script type="application/json" {place}>{text}</script>\n'


def _in_chinese(strings: Sequence[str]) -> dict[str, list[Any]]:
    """
    Return what the strings are in Chinese: forms ``k``, and ``z``, the form of each string.

    The numbers of a string are left out of its form and put in by the script, as most sentences
    differ in nothing else; 0 stands for a string that stays as it is.
    """
    forms: dict[str, int] = {}
    numbers = []
    for text in strings:
        chinese = in_chinese(text)
        same = chinese == text
        numbers.append(
            0 if same else forms.setdefault(_form(text, _shown(chinese)), len(forms) + 1)
        )
    return {"k": list(forms), "z": numbers}


def _form(text: str, chinese: str) -> str:
    """Return a translation with every number that is in the text too as its place there."""
    places = {number: at for at, number in reversed([*enumerate(_NUMBER.findall(text))])}
    return _NUMBER.sub(
        lambda match: f"\1{places[match[0]]}\1" if match[0] in places else match[0], chinese
    )


def _row(row: Mapping[str, Any], picture: str, strings: dict[str, int]) -> list[Any]:
    """Return one row as the script takes it; sentences are numbers into ``strings``."""

    def number(text: str) -> int:
        return strings.setdefault(text, len(strings))

    found = {e["layer"] for e in row["evidence"] if e["found"]}
    statuses = [c["status"] for c in row["conformity"]]
    more = {
        "notice": row["notice"],
        "error": number(row["error"]) if row["error"] else None,
        "label": _fields(row["label"]),
        "patch": _fields(row["patch"]),
        "integrity": row["integrity"],
        "sha256": row["sha256"],
        "basis": [number(line) for line in row.get("basis", ())],
        "evidence": [
            [number(e["layer"]), number(e["scheme"]), int(e["found"]), number(e["detail"]),
             _extra(e, number)]
            for e in row["evidence"]
        ],
        "conformity": [
            [number(c[name]) for name in ("requirement", "clause", "status", "detail")]
            for c in row["conformity"]
        ],
    }  # fmt: skip
    return [
        _shown(row["path"]),
        row["verdict"],
        row["modality"],
        row["format"],
        picture,
        sum(1 << i for i, layer in enumerate(_LAYERS) if layer in found),
        statuses.count("fail"),
        statuses.count("warn"),
        more,
    ]


def _fields(fields: Mapping[str, str] | None) -> list[str | None] | None:
    """Return the seven fields in order, None for one that is not there."""
    if not fields:
        return None
    return [_shown(fields[name]) if name in fields else None for name in FIELDS]


def _extra(evidence: Mapping[str, Any], number: Callable[[str], int]) -> dict[str, Any]:
    """Return what a row of evidence says beyond its scheme, foreign text cut to length."""
    known = {*_STATED, "fields"} if evidence["scheme"] == "registry" else {*_STATED}
    told = {k: v for k, v in evidence.items() if k not in known and v not in (None, "", [], {})}
    deviations = [number(sentence) for sentence in told.pop("deviations", ())]
    return {name: _safe(value) for name, value in told.items()} | (
        {"deviations": deviations} if deviations else {}
    )


def _safe(value: Any) -> Any:
    match value:
        case str():
            return _shown(value)
        case dict():
            return {_shown(str(k)): _safe(v) for k, v in value.items()}
        case list() | tuple():
            return [_safe(part) for part in value]
        case _:
            return value


def _shown(text: str) -> str:
    r"""
    Return foreign text so that every character shows: undecodable bytes as \xNN, controls as �.

    >>> _shown("a\udcff\n<b>")
    'a\\xff�<b>'
    """
    if text.isprintable() and len(text) <= MOST_TEXT:
        return text
    told = "".join(_sign(c) for c in text[: MOST_TEXT + 1])
    return told if len(told) <= MOST_TEXT else told[: MOST_TEXT - 1] + "…"


def _sign(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character if character.isprintable() else "�"
