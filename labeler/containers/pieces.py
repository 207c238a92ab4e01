"""
Files too large for the memory: read in small parts, and written anew as pieces of the old file.

A new file is a sequence of pieces: bytes that are new, and spans of the source that stay as they
are and go through in blocks. So a writer decides everything before the first byte is written, and
the memory that it takes does not depend on the length of the film.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from labeler.errors import CorruptMedia, MediaTooLarge
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of the source from ``start`` to before ``end``."""

    start: int
    end: int


Piece = bytes | Span


def size_of(file: BinaryIO) -> int:
    """Return the length of a file."""
    return file.seek(0, os.SEEK_END)


def read_at(file: BinaryIO, start: int, size: int) -> bytes:
    """Return up to ``size`` bytes from a position on, fewer at the end of the file."""
    if start > sys.maxsize:
        return b""  # a place of 64 bits that no file has, and no system seeks
    file.seek(start)
    return file.read(size)


def read_span(file: BinaryIO, start: int, end: int, what: str) -> bytes:
    """
    Return the bytes between two positions, all of them.

    Raises `MediaTooLarge` when they are more than the limit on what is held in memory, and
    `CorruptMedia` when the file ends before; ``what`` names them.
    """
    size = end - start
    if size > LIMITS.index_bytes:
        raise MediaTooLarge(f"{what} has {size:,} bytes; the limit is {LIMITS.index_bytes:,}")
    data = read_at(file, start, size)
    if len(data) < size:
        raise CorruptMedia(f"{what} is truncated")
    return data


def read_blocks(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Yield the bytes between two positions in blocks; raise `CorruptMedia` at an early end."""
    position = start
    while position < end:
        # The position is set anew, because the caller may read elsewhere between two blocks.
        block = read_at(file, position, min(BLOCK, end - position))
        if not block:
            raise CorruptMedia("the file is truncated: it ended while it was read")
        yield block
        position += len(block)


def length_of(pieces: Iterable[Piece]) -> int:
    """Return how many bytes some pieces are."""
    return sum(p.end - p.start if isinstance(p, Span) else len(p) for p in pieces)


def copy_pieces(source: BinaryIO, target: BinaryIO, pieces: Iterable[Piece]) -> None:
    """Write the pieces of a new file one after the other."""
    for piece in pieces:
        if isinstance(piece, Span):
            target.writelines(read_blocks(source, piece.start, piece.end))
        else:
            target.write(piece)
