r"""
The label as a block of lines, ``AIGC:`` and seven indented pairs, as YAML front matter has it.

A reader for this shape only: every value is a string (``0x1f``, ``no`` and digits stay what they
are), there are no anchors, tags or types, so there is nothing that could expand.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from labeler.containers.value import WRAPPER


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


MAX_BLOCK = 1 << 18
"""Longest block of a label in characters; SecurityData with certificates fits."""

_KEY = re.compile(
    r"""[ \t]*+(?:"(?P<double>[^"\r\n]{1,64})"|'(?P<single>[^'\r\n]{1,64})'"""
    r"""|(?P<plain>[A-Za-z_][\w.-]{0,63}))[ \t]*+:(?:[ \t]++(?P<value>[^\r\n]*)|(?=[\r\n]|\Z))"""
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "e": "\x1b"}
_PRINTABLE = 0x10FFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a text: where it starts, where it ends with its line end, and what it says."""

    start: int
    end: int
    text: str

    @property
    def indent(self) -> int:
        """Number of blanks in front; tabs count one."""
        return len(self.text) - len(self.text.lstrip(" \t"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelBlock:
    """A label block in a text: its span, and its value as JSON text."""

    start: int
    end: int
    value: str


def lines_of(text: str, start: int = 0, end: int | None = None) -> Iterator[Line]:
    """Yield the lines of a part of a text."""
    end = len(text) if end is None else min(end, len(text))
    while start < end:
        match = _LINE.match(text, start, end)
        stop = match.end() if match else end
        yield Line(start=start, end=stop, text=text[start:stop].rstrip("\r\n"))
        start = stop


def block_at(lines: Sequence[Line], index: int) -> LabelBlock | None:
    """
    Return the label block that starts with the line ``index``, or None.

    The key is AIGC in any case, at the indentation the line has; its value is an object on the
    same line, a string that holds one, or the indented pairs below.
    """
    head = lines[index]
    match = _KEY.match(head.text)
    if match is None or name_in(match).casefold() != WRAPPER.casefold():
        return None
    last = index
    for number in range(index + 1, len(lines)):
        line = lines[number]
        if line.text.strip() and line.indent <= head.indent:
            break
        if line.end - head.start > MAX_BLOCK:
            break
        last = number
    while last > index and not lines[last].text.strip():
        last -= 1
    rest = (match["value"] or "").strip()
    body = lines[index + 1 : last + 1]
    value = _inline(rest, body) if rest and not rest.startswith("#") else _nested(body)
    if value is None:
        return None
    return LabelBlock(start=head.start, end=lines[last].end, value=value)


def name_in(match: re.Match[str]) -> str:
    """Return the key that `_KEY` matched."""
    return match["double"] or match["single"] or match["plain"] or ""


def _inline(rest: str, body: Sequence[Line]) -> str:
    """Return the value that starts on the line of the key."""
    if rest[0] in "|>":
        return " ".join(line.text.strip() for line in body)
    whole = " ".join([rest, *(line.text.strip() for line in body)])
    return whole if rest.startswith("{") else scalar(whole)


def _nested(body: Sequence[Line]) -> str | None:
    """Return the pairs below the key as one JSON object, doubled keys and all; None if none."""
    pairs: list[tuple[str, str]] = []
    level = next((line.indent for line in body if line.text.strip()), 0)
    for line, following in pairwise([*body, None]):
        match = _KEY.match(line.text) if line is not None else None
        if match is None or line is None or line.indent != level:
            continue
        value = (match["value"] or "").strip()
        if value in {"|", ">", "|-", ">-", ""} and following and following.indent > level:
            value = " ".join(_deeper(body, line, level))
        pairs.append((name_in(match), scalar(value)))
    if not pairs:
        return None
    return "{" + ",".join(f"{_json(key)}:{_json(value)}" for key, value in pairs) + "}"


def _deeper(body: Sequence[Line], line: Line, level: int) -> Iterator[str]:
    """Yield the lines below ``line`` that are indented further."""
    for other in body:
        if other.start > line.start:
            if other.text.strip() and other.indent <= level:
                return
            yield other.text.strip()


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def scalar(text: str) -> str:
    r"""
    Return a YAML scalar as a string, whatever type YAML would make of it.

    >>> [scalar(x) for x in ("no", "0x1f", "'it''s'", '"a\\"b"', "x # said", "*alias")]
    ['no', '0x1f', "it's", 'a"b', 'x', '*alias']
    """
    text = text.strip()
    if text[:1] == "'":
        match = re.match(r"'((?:[^']|'')*+)'", text)
        return match[1].replace("''", "'") if match else text
    if text[:1] == '"':
        match = re.match(r'"((?:[^"\\]|\\.)*+)"', text, re.DOTALL)
        return _ESCAPE.sub(_unescape, match[1]) if match else text
    return re.split(r"[ \t]#", text, maxsplit=1)[0].rstrip()


def _unescape(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits:
        number = int(digits, 16)
        return chr(number) if number <= _PRINTABLE else "\ufffd"
    return _SHORT.get(match[4], match[4])


def format_block(value: str, newline: str = "\n") -> str:
    """
    Return the lines of a label block for a value, the last one with its line end.

    An object of strings becomes seven quoted pairs, anything else one quoted string.
    """
    fields = json.loads(value)
    if not all(isinstance(text, str) for text in fields.values()):
        quoted = value.replace("'", "''")
        return f"{WRAPPER}: '{quoted}'{newline}"
    pairs = (f"  {name}: {_quoted(text)}{newline}" for name, text in fields.items())
    return f"{WRAPPER}:{newline}{''.join(pairs)}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())
