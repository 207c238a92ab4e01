"""Plain text: visible lines only; no guide has a place for metadata in it (R-39)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labeler.containers.model import Carrier
from labeler.containers.text import markdown
from labeler.containers.text.label_block import lines_of
from labeler.containers.text.model import NOWHERE, Surface
from labeler.containers.text.textual import Placed, Run, TextualDocument, object_of
from labeler.containers.value import locate_label


if TYPE_CHECKING:
    from labeler.containers.text.textual import Edit


_LINE = re.compile(r"[\w:.# \t-]{0,60}\{.*\}[ \t]*")
_AT_EDGE = 1 << 16


def locate(text: str) -> tuple[Placed, ...]:
    """Return the label blocks that Markdown knows, and label objects that are a whole line."""
    blocks = markdown.locate(text)
    if blocks:
        return blocks
    starts = {0, max(0, text.rfind("\n", 0, max(0, len(text) - _AT_EDGE)) + 1)}
    found = {}
    for start in sorted(starts):
        lines = [x for x in lines_of(text, start, start + 2 * _AT_EDGE) if x.text.strip()]
        for line in [*lines[:3], *lines[-3:]]:
            span = locate_label(line.text) if _LINE.fullmatch(line.text) else None
            if span:
                carrier = Carrier(
                    scheme="text-line",
                    place="line of text",
                    text=object_of(line.text[slice(*span)]),
                )
                found[line.start] = Placed(carrier=carrier, start=line.start, end=line.end)
    return tuple(found[start] for start in sorted(found))


def show(text: str, words: str, where: str, newline: str) -> list[Edit]:
    """Return the edit that adds a paragraph of its own at the start or at the end (R-05)."""
    if where == "start":
        gap = newline if text else ""
        return [(0, 0, f"{words}{newline}{gap}")]
    return [(len(text), len(text), f"{markdown.gap_at_end(text, newline)}{words}{newline}")]


def runs(text: str) -> tuple[tuple[Run, ...], ...]:
    """Return all of it as one run."""
    return ((Run(start=0, end=len(text), text=text),),) if text else ()


def seen(text: str) -> tuple[Surface, ...]:
    """Return all of it."""
    return (Surface(place="body", text=text),)


PLAIN = TextualDocument(
    format="text",
    placement=NOWHERE,
    place="none: TC260-PG-20258A names no place in plain text",
    positions=("start", "end"),
    locate=locate,
    runs=runs,
    show=show,
    seen=seen,
)
"""Text without any syntax. Labels that others left in it are read all the same."""
