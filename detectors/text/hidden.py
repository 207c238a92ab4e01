"""
Hidden characters of a text, by class: what is there, what is ordinary, what looks like data.

Hidden characters have many honest uses, and none of them says who wrote a text: the strongest words
here are "hidden data (unknown scheme)", never anything about AI (design text, D).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "variation selector": "\ufe00-\ufe0f\U000e0100-\U000e01ef",
        "zero-width": "\u200b-\u200d\u2060\ufeff",
        "tag character": "\U000e0001\U000e0020-\U000e007f",
        "direction mark": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
        "invisible operator": "\u2061-\u2064\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0",
        "odd space": "\u2000-\u200a\u202f\u205f",
        "soft hyphen": "\u00ad",
    }
)
"""Classes of hidden characters, as the inside of a character set."""

_MOST_DECODED = 10_000
LONG_RUN = 8
"""Hidden characters in a row from which a run looks like data."""

_C2PA_MAGIC = b"C2PATXT\0"
_JOINERS_BELONG = (
    "ARABIC", "SYRIAC", "NKO", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI",
    "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR", "TIBETAN",
)  # fmt: skip
_BREAKS_BELONG = ("THAI", "LAO", "KHMER", "MYANMAR", "CJK", "HIRAGANA", "KATAKANA")
_HIDDEN = re.compile("[" + "".join(CLASSES.values()) + "]+")
_SPACES_OF_TYPESETTING = {"\u00ad", "\u202f", "\u2009", "\u2002", "\u2003", "\u200a"}
_DIRECTIONS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+")
_EMOJI_PARTS = re.compile("[\u200d\ufe0e\ufe0f]{1,2}|[\U000e0020-\U000e007e]{1,8}\U000e007f")
_EMOJI = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff\ufe0f0-9#*\u20e3]")


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenReport:
    """
    ``counts`` of hidden characters by class, ordinary ones left out; ``ordinary`` counts those.

    ``longest`` run of hidden characters; ``schemes`` that the runs look like; ``decoded`` is the
    ASCII that tag characters spell.
    """

    counts: dict[str, int]
    ordinary: int
    longest: int
    schemes: tuple[str, ...]
    decoded: str = ""

    def sentence(self) -> str:
        """Return the report in one line for people."""
        if not self.counts:
            return "no hidden characters beyond the ordinary"
        told = ", ".join(f"{count} of class {name}" for name, count in self.counts.items())
        return "; ".join(
            [told, f"longest run {self.longest}", *(f"looks like: {s}" for s in self.schemes)]
        )


def report_hidden(text: str) -> HiddenReport:
    """Return what hidden characters a text holds; ordinary uses are counted apart."""
    counts: dict[str, int] = {}
    ordinary = longest = 0
    schemes: dict[str, None] = {}
    decoded = []
    for match in () if text.isascii() else _HIDDEN.finditer(text):
        run = match[0]
        if _is_ordinary(text, match.start(), match.end()):
            ordinary += len(run)
            continue
        for name, inside in CLASSES.items():
            found = len(re.findall(f"[{inside}]", run))
            if found:
                counts[name] = counts.get(name, 0) + found
        longest = max(longest, len(run))
        schemes |= dict.fromkeys(_schemes(run))
        decoded.append(_tags(run))
    if not schemes and _direction_marks_before_spaces(text):
        schemes["direction marks before spaces"] = None
    return HiddenReport(
        counts=counts,
        ordinary=ordinary,
        longest=longest,
        schemes=tuple(schemes),
        decoded="".join(decoded),
    )


def join_reports(reports: Sequence[HiddenReport]) -> HiddenReport:
    """Return what the reports of the parts of a text say of all of it."""
    counts: dict[str, int] = {}
    for report in reports:
        for name, count in report.counts.items():
            counts[name] = counts.get(name, 0) + count
    return HiddenReport(
        counts=counts,
        ordinary=sum(report.ordinary for report in reports),
        longest=max((report.longest for report in reports), default=0),
        schemes=tuple(dict.fromkeys(s for report in reports for s in report.schemes)),
        decoded="".join(report.decoded for report in reports)[:_MOST_DECODED],
    )


def _is_ordinary(text: str, start: int, end: int) -> bool:
    """Say whether a run is one of the honest uses of its characters."""
    run = text[start:end]
    if start == 0 and run == "\ufeff":
        return True
    before, behind = text[max(0, start - 1) : start], text[end : end + 1]
    if _EMOJI.match(before) and _EMOJI_PARTS.fullmatch(run):
        return True
    return len(run) <= 2 and (
        run in _SPACES_OF_TYPESETTING
        or _belongs_to_script(run, before, behind)
        or (_DIRECTIONS.fullmatch(run) is not None and _goes_right_to_left(text))
    )


def _belongs_to_script(run: str, before: str, behind: str) -> bool:
    """Say whether the neighbours belong to a script that needs these characters."""
    if run in {"\u200c", "\u200d"}:
        return _script(before, _JOINERS_BELONG) or _script(behind, _JOINERS_BELONG)
    if run == "\u200b":
        return _script(before, _BREAKS_BELONG) or _script(behind, _BREAKS_BELONG)
    if re.fullmatch("[\ufe00-\ufe02\U000e0100-\U000e01ef]", run):
        return _script(before, ("CJK",)) or before in set("、。，．！？：；")
    return False


def _goes_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text[:10_000])


def _script(character: str, scripts: tuple[str, ...]) -> bool:
    return bool(character) and unicodedata.name(character, "").startswith(scripts)


def _schemes(run: str) -> tuple[str, ...]:
    """Return what a run of hidden characters may be."""
    if len(run) < LONG_RUN:
        return ()
    values = _selector_bytes(run)
    if _C2PA_MAGIC in values:
        return ("C2PA text wrapper",)
    if re.search("[\U000e0020-\U000e007e]{4}", run):
        return ("text in tag characters",)
    if len(values) >= LONG_RUN:
        return ("hidden data (unknown scheme) in variation selectors",)
    kinds = len(set(re.sub("[^\u200b-\u200f\u2060-\u2064\ufeff\u202a-\u202e]", "", run)))
    return (f"hidden data (unknown scheme) in {kinds} zero-width characters",) if kinds else ()


def _selector_bytes(run: str) -> bytes:
    """Return the bytes that variation selectors spell: 16 low ones, 240 high ones."""
    codes = (ord(character) for character in run)
    return bytes(
        code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16
        for code in codes
        if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
    )


def _tags(run: str) -> str:
    """Return the ASCII that tag characters spell."""
    return "".join(chr(ord(c) - 0xE0000) for c in run if 0xE0020 <= ord(c) <= 0xE007E)


def _direction_marks_before_spaces(text: str) -> bool:
    found = len(re.findall("[\u200e\u200f] ", text)) if "\u200e" in text or "\u200f" in text else 0
    return found >= LONG_RUN
