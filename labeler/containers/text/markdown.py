"""
Markdown: the label as the key ``AIGC`` of the front matter (TC260-PG-20258A §6.5, R-38).

Also read: a bare or fenced block at the end, one-line JSON, HTML comments (law.md 5.1 no. 7).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from labeler.containers.model import Carrier
from labeler.containers.spans import holds_label
from labeler.containers.text.front_matter import body_start, front_matters, labels_in, put_label
from labeler.containers.text.label_block import block_at, format_block, lines_of
from labeler.containers.text.model import GUIDE, Surface
from labeler.containers.text.textual import Placed, Run, TextualDocument
from labeler.containers.text.toml_matter import TOML_SCHEME, format_table, toml_labels
from labeler.containers.value import locate_label


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.text.label_block import LabelBlock, Line
    from labeler.containers.text.textual import Edit


GUIDE_SCHEME, BLOCK_SCHEME, COMMENT_SCHEME = "tc260-markdown", "markdown-block", "html-comment"

_TAIL = 1 << 18
_AFTER = 3
_AFTER_FENCE = 16
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CLOSING = re.compile(r"\s*(?:</?[a-z]+>|<!--.*-->)?\s*")


def locate(text: str) -> tuple[Placed, ...]:
    """Return every copy of a label in a Markdown text, in file order."""
    if not holds_label(text.encode("utf-8", "replace")):
        return ()
    found = list(_in_front(text))
    begin = body_start(text)
    found += _in_comments(text, begin)
    taken = [(placed.start, placed.end) for placed in found]
    found += [
        placed
        for placed in _at_end(text, begin)
        if not any(start < placed.end and placed.start < end for start, end in taken)
    ]
    return tuple(sorted(found, key=lambda placed: placed.start))


def _in_front(text: str) -> Iterator[Placed]:
    for carrier, start, end in toml_labels(text):
        yield Placed(carrier=carrier, start=start, end=end)
    for number, matter in enumerate(front_matters(text)):
        place = "Markdown front matter" + (f", block {number + 1}" if number else "")
        for block in labels_in(matter):
            carrier = Carrier(scheme=GUIDE_SCHEME, place=place, text=block.value)
            yield Placed(carrier=carrier, start=block.start, end=block.end)


def _in_comments(text: str, begin: int) -> Iterator[Placed]:
    start = text.find("<!--", begin)
    while start >= 0 and (end := text.find("-->", start + 4)) >= 0:
        inside = text[start + 4 : end]
        if span := locate_label(inside):
            value = inside[slice(*span)]
            carrier = Carrier(scheme=COMMENT_SCHEME, place="HTML comment", text=value)
            yield Placed(carrier=carrier, start=start, end=end + 3)
        start = text.find("<!--", end)


def _at_end(text: str, begin: int) -> Iterator[Placed]:
    """Yield label blocks that close the text, bare or in a code fence."""
    start = max(begin, len(text) - _TAIL)
    if start > begin:
        start = text.find("\n", start) + 1
    lines = tuple(lines_of(text, start))
    below = _filled_below(lines)
    fence, opened = "", 0
    for index, line in enumerate(lines):
        mark = _FENCE.match(line.text)
        if mark and not fence:
            fence, opened = mark[1], index
        elif mark and mark[1].startswith(fence) and line.text.strip() == mark[1]:
            fence = ""
        named = line.indent == 0 and "aigc" in line.text.casefold()
        block = block_at(lines, index) if named else None
        if block is None:
            continue
        last = bisect_left(lines, block.end, key=lambda x: x.start)
        if below[last] > _AFTER_FENCE:
            continue
        after = [x for x in lines[last:] if x.text.strip()]
        span = _whole_fence(block, after, lines[opened]) if fence else (block.start, block.end)
        if fence:
            after = [x for x in after[1:] if not _CLOSING.fullmatch(x.text)]
        if span and len(after) <= _AFTER:
            place = "fenced block at the end" if fence else "block at the end"
            carrier = Carrier(scheme=BLOCK_SCHEME, place=f"Markdown {place}", text=block.value)
            yield Placed(carrier=carrier, start=span[0], end=span[1])


def _filled_below(lines: tuple[Line, ...]) -> list[int]:
    """Return how many lines that are not empty stand from every line on."""
    counts = [0]
    for line in reversed(lines):
        counts.append(counts[-1] + bool(line.text.strip()))
    return counts[::-1]


def _whole_fence(block: LabelBlock, after: list[Line], opening: Line) -> tuple[int, int] | None:
    """Return the span of a block in a fence: with the fence, when it holds nothing else."""
    if not after or not _FENCE.match(after[0].text):
        return None
    if opening.end == block.start:
        return opening.start, after[0].end
    return block.start, block.end


def replace(_text: str, placed: Placed, value: str, newline: str) -> Edit | None:
    """Return the edit that puts a value in place of a copy in the front matter."""
    if placed.carrier.scheme == TOML_SCHEME:
        return placed.start, placed.end, format_table(value, newline)
    if placed.carrier.scheme != GUIDE_SCHEME:
        return None
    return placed.start, placed.end, format_block(value, newline)


def show(text: str, words: str, where: str, newline: str) -> list[Edit]:
    """Return the edit that adds a quoted line after the front matter or at the end (R-05)."""
    line = f"> {words}{newline}"
    if where == "start":
        at = body_start(text)
        gap = "" if text[at : at + 1] in {"\r", "\n", ""} else newline
        lead = newline if at and text[at - 1] in "\r\n" else newline * 2 if at else ""
        return [(at, at, f"{lead}{line}{gap}")]
    return [(len(text), len(text), f"{gap_at_end(text, newline)}{line}")]


def gap_at_end(text: str, newline: str) -> str:
    """Return what parts a new last paragraph from the text before it."""
    if not text:
        return ""
    if not text.endswith(("\n", "\r")):
        return newline * 2
    return newline if text.rstrip("\r\n") and not text.endswith(newline * 2) else ""


def runs(text: str) -> tuple[tuple[Run, ...], ...]:
    """Return the text behind the front matter as one run; the mark keeps out of code itself."""
    begin = body_start(text)
    return ((Run(start=begin, end=len(text), text=text[begin:]),),)


def seen(text: str) -> tuple[Surface, ...]:
    """Return the text behind the front matter, without a label block at its end."""
    begin = body_start(text)
    out, position = [], begin
    for placed in locate(text):
        if placed.start >= begin:
            out.append(text[position : placed.start])
            position = placed.end
    return (Surface(place="body", text="".join([*out, text[position:]])),)


MARKDOWN = TextualDocument(
    format="markdown",
    placement=GUIDE,
    place="the key AIGC of the YAML front matter (TC260-PG-20258A §6.5)",
    positions=("start", "end"),
    locate=locate,
    put=put_label,
    over=replace,
    runs=runs,
    show=show,
    seen=seen,
    syntax="markdown",
)
"""Markdown and its kin with front matter."""
