"""
The invisible mark over the text of a whole document, however many pieces it is stored in.

The pieces are joined, marked as one text, and parted again: only hidden characters were put in, so
counting the visible ones tells where every piece ends.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from labeler.errors import LayerFailed


if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from labeler.containers.text.model import Blocks, DocumentContainer


GAP = "\n\n"
"""What stands between two blocks of a document when its text is looked at as one."""

Codes = dict[int, None]


def join_blocks(blocks: Blocks) -> str:
    """Return the text of a document as one string."""
    return GAP.join("".join(block) for block in blocks)


def map_joined(
    data: bytes,
    container: DocumentContainer,
    mark: Callable[[str], str],
    *,
    hidden: Collection[int],
) -> bytes:
    """
    Return the document with its text passed through ``mark``.

    ``mark`` may put in characters of the code points ``hidden`` and do nothing else; `LayerFailed`
    otherwise.
    """
    codes: Codes = dict.fromkeys(hidden)

    def mark_blocks(blocks: Blocks) -> list[list[str]]:
        if not blocks:
            return []
        lengths = [
            length
            for i, block in enumerate(blocks)
            for length in (*(len(GAP),) * (i > 0), *map(len, block))
        ]
        joined = join_blocks(blocks)
        pieces = iter(_part(joined, mark(joined), lengths, codes))
        marked: list[list[str]] = []
        for i, block in enumerate(blocks):
            spill = next(pieces) if i else ""
            runs = [next(pieces) for _ in block]
            # What went in between two blocks belongs to the end of the first.
            if i and spill != GAP:
                marked[-1][-1] += spill.replace("\n", "")
            marked.append(runs)
        return marked

    return container.map_text(data, mark_blocks)


def _part(before: str, after: str, lengths: Sequence[int], codes: Codes) -> list[str]:
    """Cut a marked text into pieces that had these lengths; hidden characters go with the left."""
    if after == before:
        ends = list(accumulate(lengths))
        return [before[end - n : end] for end, n in zip(ends, lengths, strict=True)]
    if after.translate(codes) != before.translate(codes):
        raise LayerFailed("the mark changed visible characters of the document; nothing was kept")
    wanted, position = [], 0
    for length in lengths:
        wanted.append(len(before[position : position + length].translate(codes)))
        position += length
    pieces, start = [], 0
    for count in wanted:
        end = _behind(after, start, count, codes)
        pieces.append(after[start:end])
        start = end
    if pieces:
        pieces[-1] += after[start:]
    return pieces


def _behind(text: str, start: int, count: int, codes: Codes) -> int:
    """Return the place behind ``count`` visible characters and the hidden ones that follow."""
    end = start
    while count > 0:
        step = text[end : end + count]
        end += len(step)
        count -= len(step.translate(codes))
    while end < len(text) and ord(text[end]) in codes:
        end += 1
    return end


def text_of(data: bytes, container: DocumentContainer) -> str:
    """Return the text of a document as people read it, in which a mark would stand."""
    found: list[str] = []

    def collect(blocks: Blocks) -> Blocks:
        found.append(join_blocks(blocks))
        return blocks

    container.map_text(data, collect)
    return "".join(found)
