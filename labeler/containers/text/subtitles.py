"""
Subtitles: SubRip (no place for metadata) and WebVTT (a ``NOTE`` block, which no player shows).

The visible label is a cue of its own at the start or the end, in time that no other cue uses
when there is some, else the first line of the first cue or the last of the last.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.model import Carrier
from labeler.containers.spans import holds_label
from labeler.containers.text.markup import escape_text
from labeler.containers.text.model import CUSTOM, NOWHERE, Surface
from labeler.containers.text.textual import Placed, Run, TextualDocument, object_of
from labeler.containers.value import WRAPPER, locate_label
from labeler.errors import CorruptMedia


if TYPE_CHECKING:
    from labeler.containers.text.textual import Edit


NOTE_SCHEME = "vtt-note"
SHOWN_FOR = 3.0
"""Seconds that a label cue stands (GB 45438-2025 5.4 g asks for 2 in a video)."""

LEAST = 2.0

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?P<rest>[^\r\n]*)(?:\r\n|\n|\r|\Z)")
_BLANK = re.compile(r"(?:\r\n|\n|\r)[ \t]*(?=\r\n|\n|\r|\Z)")
_NUMBER = re.compile(r"[ \t]*(\d+)[ \t]*(?:\r\n|\n|\r)\Z")
_TAG = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}")
_NOTE = re.compile(r"(?m)^NOTE(?:[ \t]+|\r?\n)")
_HEADER = re.compile(r"\ufeff?WEBVTT(?:[ \t][^\r\n]*)?(?:\r\n|\n|\r|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One cue: where its block starts and its text, and when it is shown, in seconds."""

    block: int
    start: int
    end: int
    begin: float
    until: float


def cues(text: str) -> tuple[Cue, ...]:
    """Return the cues of a file in the order of the file."""
    found = []
    position = 0
    while match := _search_times(text, position):
        blank = _BLANK.search(text, max(match.end() - 2, match.start("rest")))
        end = blank.start() if blank else len(text.rstrip("\r\n"))
        end = max(end, match.end())
        number = _NUMBER.search(text, max(0, match.start() - 24), match.start())
        found.append(
            Cue(
                block=number.start() if number else match.start(),
                start=match.end(),
                end=end,
                begin=_seconds(match.groups()[:4]),
                until=_seconds(match.groups()[4:8]),
            )
        )
        position = max(end, match.end())
    return tuple(found)


def _search_times(text: str, position: int) -> re.Match[str] | None:
    """Return the next line of times; going from arrow to arrow keeps it linear."""
    while (arrow := text.find("-->", position)) >= 0:
        line = max(text.rfind("\n", 0, arrow), text.rfind("\r", 0, arrow)) + 1
        if line >= position - 1 and (match := _TIMES.match(text, line)):
            return match
        following = text.find("\n", arrow)
        position = following + 1 if following >= 0 else len(text)
    return None


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + int((fraction or "0").ljust(3, "0")) / 1000


def _stamp(seconds: float, mark: str) -> str:
    whole = round(seconds * 1000)
    hours, rest = divmod(whole, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{mark}{rest % 1000:03d}"


def _show(text: str, words: str, where: str, newline: str, *, mark: str) -> list[Edit]:
    """Return the edits that add a cue with the label (R-05)."""
    found = cues(text)
    words = escape_text(words) if mark == "." else words
    if where == "start":
        until = min(SHOWN_FOR, min((cue.begin for cue in found), default=SHOWN_FOR))
        if found and until < LEAST:
            return [(found[0].start, found[0].start, f"{words}{newline}")]
        times = f"{_stamp(0, mark)} --> {_stamp(until, mark)}"
        at = found[0].block if found else len(text)
        return [(at, at, _cue("0", times, words, newline=newline, mark=mark) + newline)]
    last = max((cue.until for cue in found), default=0.0)
    times = f"{_stamp(last, mark)} --> {_stamp(last + SHOWN_FOR, mark)}"
    kept = len(text.rstrip("\r\n"))
    lead = newline * 2 if kept else ""
    number = str(len(found) + 1)
    return [(kept, len(text), f"{lead}{_cue(number, times, words, newline=newline, mark=mark)}")]


def _cue(number: str, times: str, words: str, *, newline: str, mark: str) -> str:
    lead = f"{number}{newline}" if mark == "," else ""
    return f"{lead}{times}{newline}{words}{newline}"


def _runs(text: str, *, escaped: bool) -> tuple[tuple[Run, ...], ...]:
    return tuple(
        block
        for cue in cues(text)
        if (block := tuple(_pieces(text, cue.start, cue.end, escaped=escaped)))
    )


def _pieces(text: str, start: int, end: int, *, escaped: bool) -> list[Run]:
    """Return the text of a cue without its tags."""
    found = []
    position = start
    for match in [*_TAG.finditer(text, start, end), None]:
        stop = match.start() if match else end
        if text[position:stop].strip():
            said = text[position:stop]
            found.append(
                Run(start=position, end=stop, text=html.unescape(said) if escaped else said)
            )
        position = match.end() if match else end
    return found


def _seen(text: str) -> tuple[Surface, ...]:
    found = cues(text)
    edge = {*range(min(3, len(found))), *range(max(0, len(found) - 3), len(found))}
    return tuple(
        Surface(
            place="cue",
            text=html.unescape(_TAG.sub("", text[found[i].start : found[i].end])).strip(),
            where=f"{found[i].begin:.1f} to {found[i].until:.1f} s",
        )
        for i in sorted(edge)
    )


def _check_srt(text: str) -> None:
    if text.strip() and not cues(text):
        raise CorruptMedia("it has no cue with times (00:00:01,000 --> 00:00:02,000): no SubRip")


def _check_vtt(text: str) -> None:
    if not _HEADER.match(text):
        raise CorruptMedia("the first line is not WEBVTT: no WebVTT file")


def _locate(text: str) -> tuple[Placed, ...]:
    """Return the labels in NOTE blocks."""
    if not holds_label(text.encode("utf-8", "replace")):
        return ()
    found = []
    end = 0
    while match := _NOTE.search(text, end):
        blank = _BLANK.search(text, match.end())
        end = blank.start() if blank else len(text)
        body = text[match.end() : end]
        if span := locate_label(body):
            value = object_of(body[slice(*span)]).replace("--\\u003e", "-->")
            carrier = Carrier(scheme=NOTE_SCHEME, place="VTT NOTE", text=value)
            after = re.compile(r"(?:\r\n|\n|\r){0,2}").match(text, end)
            found.append(
                Placed(carrier=carrier, start=match.start(), end=after.end() if after else end)
            )
    return tuple(found)


def _locate_srt(text: str) -> tuple[Placed, ...]:
    """Return label objects that somebody put into a cue as its whole text."""
    if not holds_label(text.encode("utf-8", "replace")):
        return ()
    found = []
    for cue in cues(text):
        body = text[cue.start : cue.end].strip()
        span = locate_label(body)
        if span and span[1] == len(body) and span[0] <= 8:
            carrier = Carrier(scheme="srt-cue", place="SRT cue", text=object_of(body[slice(*span)]))
            found.append(Placed(carrier=carrier, start=cue.block, end=cue.end))
    return tuple(found)


def _note(value: str, newline: str) -> str:
    # The arrow would make it a cue; JSON may spell the same string otherwise.
    safe = value.replace("-->", "--\\u003e")
    return f"NOTE {WRAPPER} {safe}{newline}"


def _put(text: str, value: str, newline: str) -> list[Edit]:
    """Return the edit that adds a NOTE block after the header block."""
    header = _HEADER.match(text)
    at = header.end() if header else 0
    blank = _BLANK.search(text, max(0, at - 2))
    at = blank.start() if blank else len(text.rstrip("\r\n"))
    return [(at, at, f"{newline}{newline}{_note(value, newline).rstrip()}")]


def _replace(_text: str, placed: Placed, value: str, newline: str) -> Edit | None:
    return placed.start, placed.end, _note(value, newline) + newline


SRT = TextualDocument(
    format="srt",
    placement=NOWHERE,
    place="none: a comment would be shown as a subtitle",
    positions=("start", "end"),
    locate=_locate_srt,
    runs=lambda text: _runs(text, escaped=False),
    show=lambda text, words, where, newline: _show(text, words, where, newline, mark=","),
    seen=_seen,
    check=_check_srt,
)
"""SubRip."""

VTT = TextualDocument(
    format="vtt",
    placement=CUSTOM,
    place="a NOTE block after the header (no guide names it)",
    positions=("start", "end"),
    locate=_locate,
    put=_put,
    over=_replace,
    runs=lambda text: _runs(text, escaped=True),
    show=lambda text, words, where, newline: _show(text, words, where, newline, mark="."),
    seen=_seen,
    escape=escape_text,
    check=_check_vtt,
)
"""WebVTT."""
