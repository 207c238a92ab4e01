"""The end of a batch for people: a table of verdicts by kind of content, and the first errors."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from detectors.details import in_language
from detectors.evidence import Verdict
from detectors.sinks import words
from labeler.model import Modality
from labeler.terminal import pad, printable


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from detectors.batch.tally import Tally

_TEXTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "image": "pictures",
            "audio": "sound",
            "video": "video",
            "text": "documents",
            "unknown": "not read",
            "all": "all",
            "end": "{files:,} files in {time}, {rate:.1f} a second",
            "one": "1 file in {time}",
            "taken over": "{:,} taken over from the earlier run",
            "duplicates": "names that came twice, verified once: {:,}",
            "errors": "not judged, the first of them:",
        },
        "zh": {
            "image": "图片",
            "audio": "音频",
            "video": "视频",
            "text": "文档",
            "unknown": "未能读取",
            "all": "合计",
            "end": "共 {files:,} 个文件，用时 {time}，每秒 {rate:.1f} 个",
            "one": "共 1 个文件，用时 {time}",
            "taken over": "其中 {:,} 个沿用上次结果",
            "duplicates": "{:,} 个重复路径只核验一次",
            "errors": "未能判定的文件（前几个）：",
        },
    }
)
_WIDTH = 14


def to_summary(tally: Tally, language: str = "en") -> Iterator[str]:
    """Yield the lines of the table and what else there is to say of a run."""
    text = _TEXTS["zh" if language.lower().startswith("zh") else "en"]
    word = words(language)
    yield _line("", [word[verdict] for verdict in Verdict], text["all"])
    present = {modality for modality, _ in tally.verdicts}
    for modality in Modality:
        if modality.value in present:
            counts = [tally.verdicts[modality.value, verdict.value] for verdict in Verdict]
            yield _line(text[modality.value], [f"{n:,}" for n in counts], f"{sum(counts):,}")
    totals = tally.by_verdict()
    counts = [totals.get(verdict.value, 0) for verdict in Verdict]
    yield _line(text["all"], [f"{n:,}" for n in counts], f"{sum(counts):,}")
    end = text["end" if tally.files != 1 else "one"]
    yield end.format(files=tally.files, time=clock(tally.seconds), rate=tally.rate) + "\n"
    if tally.taken_over:
        yield text["taken over"].format(tally.taken_over) + "\n"
    if tally.duplicates:
        yield text["duplicates"].format(tally.duplicates) + "\n"
    if tally.errors:
        yield text["errors"] + "\n"
        say = in_language(language)
        yield from (f"  {printable(p)}: {printable(say(e), 300)}\n" for p, e in tally.errors)


def _line(head: str, cells: list[str], total: str) -> str:
    return "".join(pad(cell, _WIDTH) for cell in (head, *cells)) + total + "\n"


def clock(seconds: float) -> str:
    """
    Return a duration as minutes and seconds, or hours too.

    >>> clock(7.2), clock(125), clock(3725)
    ('0:07', '2:05', '1:02:05')
    """
    whole = int(min(seconds, 999 * 3600))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
