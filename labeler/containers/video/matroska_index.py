"""Places that Matroska indexes name (``SeekHead``, ``Cues``), and how they follow a move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.video import ebml
from labeler.errors import CorruptMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Callable


SEEK_HEAD, CUES = 0x114D9B74, 0x1C53BB6B
_MASTERS = {0x4DBB, 0xBB, 0xB7, 0xDB}
"""Seek; CuePoint, CueTrackPositions, CueReference."""

_PLACES = {0x53AC, 0xF1, 0xEA, 0x97, 0xEB}
"""SeekPosition; CueClusterPosition, CueCodecState, CueRefCluster, CueRefCodecState."""

_FAR = 1 << 27


@dataclass(frozen=True, slots=True)
class Change:
    """An element that stood at ``start`` grows by ``by``; ``new`` when nothing stood there."""

    start: int
    by: int
    new: bool = False


def moved_place(changes: list[Change], place: int) -> int:
    """Return where in the new file stands what stood at a place of the old one."""
    return place + sum(c.by for c in changes if c.start < place or (c.new and c.start == place))


def rewritten(content: bytes, moved: Callable[[int], int]) -> bytes:
    """
    Return the content of an index with every place in it moved.

    A field that a move could outgrow becomes one of 8 bytes, whatever the move is, so the size of
    the result does not depend on it. Raises `CorruptMedia` when the index is malformed.
    """
    return _rewritten(content, moved, 0)


def _rewritten(content: bytes, moved: Callable[[int], int], depth: int) -> bytes:
    """Return the content of an index, or of an element in it."""
    if depth > LIMITS.depth:
        raise CorruptMedia("an index of the Matroska file is malformed")
    pieces: list[bytes] = []
    checked = False
    for element in ebml.children(content):
        inside = element.content(content)
        if element.id == ebml.CRC:
            checked = True
        elif element.id in _MASTERS:
            pieces.append(ebml.make(element.id, _rewritten(inside, moved, depth + 1)))
        elif element.id in _PLACES:
            pieces.append(ebml.make(element.id, _place(inside, moved)))
        else:
            pieces.append(content[element.start : element.end])
    parts = b"".join(pieces)
    return ebml.with_checksum(parts) if checked else parts


def _place(raw: bytes, moved: Callable[[int], int]) -> bytes:
    """Return a place in the segment, moved; 0 in a cue means that there is none."""
    old = ebml.uint(raw)
    width = len(raw) if old + _FAR < 1 << 8 * len(raw) else 8
    new = moved(old) if old else 0
    if not 0 <= new < 1 << 8 * width:
        raise CorruptMedia("an index of the Matroska file names a place beyond any file")
    return new.to_bytes(width, "big")
