"""
Front matter: the block of settings between two ``---`` or ``+++`` lines at the start of a text.

A ``---`` that is a rule, a table line or a slide break is none: what follows has to be pairs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.text.label_block import LabelBlock, block_at, format_block, lines_of
from labeler.containers.text.toml_matter import put_table, toml_matter


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.text.label_block import Line
    from labeler.containers.text.textual import Edit


MAX_FRONT_MATTER = 1 << 20
"""Longest front matter looked at, in characters."""

_OPEN = re.compile(r"---[ \t]*")
_CLOSE = re.compile(r"(?:---|\.\.\.)[ \t]*")
_PAIR = re.compile(
    r"""(?:"[^"]{1,200}"|'[^']{1,200}'|[^\s#\-\[\]{}>|*&!%@`"',?:][^:]{0,200}?)[ \t]*:(?:[ \t]|$)"""
)
_ITEM = re.compile(r"-(?:[ \t]|$)|[\]}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """One block: the span with its fences, and the lines between them."""

    start: int
    end: int
    lines: tuple[Line, ...]

    @property
    def label(self) -> LabelBlock | None:
        """The label in it, or None."""
        return next(iter(labels_in(self)), None)


def front_matters(text: str) -> tuple[FrontMatter, ...]:
    r"""
    Return the front matter of a text, more than one block when several follow each other.

    >>> [len(f.lines) for f in front_matters("---\na: 1\n---\n\n---\ntitle: x\nb: 2\n---\ntext")]
    [1, 2]
    >>> front_matters("---\nHello, this is prose.\n---\n")
    ()
    """
    found = []
    position = 0
    while block := _one(text, position):
        found.append(block)
        position = block.end
        while position < len(text) and text[position] in "\r\n":
            position += 1
    return tuple(found)


def _one(text: str, start: int) -> FrontMatter | None:
    """Return the front matter that starts right here, or None."""
    if not text.startswith("---", start):
        return None
    lines: list[Line] = []
    within = False
    for line in lines_of(text, start, min(len(text), start + MAX_FRONT_MATTER)):
        if not within:
            if not _OPEN.fullmatch(line.text):
                return None
            within = True
        elif _CLOSE.fullmatch(line.text):
            matter = FrontMatter(start=start, end=line.end, lines=tuple(lines))
            return matter if _is_mapping(matter.lines) else None
        else:
            lines.append(line)
    return None


def _is_mapping(lines: tuple[Line, ...]) -> bool:
    """Say whether lines are pairs at their outer level, as settings are and prose is not."""
    pairs = 0
    for line in lines:
        shown = line.text.strip()
        if not shown or shown.startswith("#") or line.indent:
            continue
        if _PAIR.match(line.text):
            pairs += 1
        elif not pairs or not _ITEM.match(line.text):
            return False
    return pairs > 0


def labels_in(matter: FrontMatter) -> Iterator[LabelBlock]:
    """Yield the labels at the outer level of a front matter."""
    for index, line in enumerate(matter.lines):
        if line.text and not line.indent and (block := block_at(matter.lines, index)):
            yield block


def put_label(text: str, value: str, newline: str) -> list[Edit]:
    """Return the edit that merges a label into the front matter, or that makes one."""
    if toml := toml_matter(text):
        return put_table(text, toml, value, newline)
    block = format_block(value, newline)
    matters = front_matters(text)
    if not matters:
        return [(0, 0, f"---{newline}{block}---{newline}{newline if text else ''}")]
    # The block that is the text's own: a label block in front of it was put there by a tool.
    own = matters[-1]
    last = own.lines[-1].end
    return [(last, last, block)]


def body_start(text: str) -> int:
    """Return where the text behind its front matter starts."""
    if toml := toml_matter(text):
        return toml.end
    matters = front_matters(text)
    return matters[-1].end if matters else 0
