"""
Indexes of AVI files that name places in the file, and how they follow a move.

The old index (``idx1``) counts from the list of media in most files, from the start of the file in
some; those of OpenDML (``indx``, ``ix##``) count from the start of the file.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from labeler.containers.chunks import read_chunks
from labeler.containers.pieces import Span, read_at
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator


_ENTRY = 16
_MAX_INDEXES = 100_000
_OF_INDEXES = 0


def super_indexes(hdrl: bytes) -> Iterator[int]:
    """Yield where the contents of the OpenDML indexes (``indx``) stand in a header list."""
    for part in read_chunks(hdrl, 12, len(hdrl), order="<"):
        if part.type == b"LIST" and hdrl[part.body : part.body + 4] == b"strl":
            for inner in read_chunks(hdrl, part.body + 4, part.end, order="<"):
                if inner.type == b"indx" and inner.end - inner.body >= 24:
                    yield inner.body


def index_chunks(file: BinaryIO, hdrl: bytes) -> list[Span]:
    """Return where the chunks of OpenDML indexes (``ix##``) stand that the header names."""
    found: list[Span] = []
    for body in super_indexes(hdrl):
        for place in _entries(hdrl, body):
            (start,) = struct.unpack_from("<Q", hdrl, place)
            head = read_at(file, start, 8)
            if len(head) == 8 and b"ix" in (head[:2], head[2:4]):
                size = struct.unpack_from("<I", head, 4)[0]
                found.append(Span(start, start + 8 + size))
            if len(found) > _MAX_INDEXES:
                raise MediaTooLarge(f"the AVI has more than {_MAX_INDEXES} index chunks")
    return _apart(sorted(found, key=lambda span: span.start))


def moved_header(hdrl: bytes, behind: int, by: int) -> bytes:
    """Return a header list with the places that its indexes name moved."""
    out = bytearray(hdrl)
    for body in super_indexes(hdrl):
        places = _entries(hdrl, body) if hdrl[body + 3] == _OF_INDEXES else [body + 12]
        for place in places:
            (start,) = struct.unpack_from("<Q", hdrl, place)
            if start >= behind:
                struct.pack_into("<Q", out, place, _checked(start + by, 8))
    return bytes(out)


def moved_base(raw: bytes, behind: int, by: int) -> bytes:
    """Return the 8 bytes of the base of an index chunk, moved."""
    (base,) = struct.unpack("<Q", raw)
    return struct.pack("<Q", _checked(base + by, 8) if base >= behind else base)


def counts_from_file(file: BinaryIO, idx1: bytes, movi: int) -> bool:
    """Say whether an old index counts from the start of the file; ``movi`` is where media are."""
    if len(idx1) < _ENTRY:
        return False
    kind, offset = bytes(idx1[:4]), int.from_bytes(idx1[8:12], "little")
    return read_at(file, movi + offset, 4) != kind and read_at(file, offset, 4) == kind


def moved_old_index(idx1: bytes, by: int) -> bytes:
    """Return the entries of an old index that counts from the start of the file, moved."""
    out = bytearray(idx1)
    for place in range(8, len(idx1) - 7, _ENTRY):
        (offset,) = struct.unpack_from("<I", idx1, place)
        struct.pack_into("<I", out, place, _checked(offset + by, 4))
    return bytes(out)


def _apart(spans: list[Span]) -> list[Span]:
    """Return sorted spans without those that lie over an earlier one."""
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _checked(place: int, width: int) -> int:
    """Return a place that fits its field; raise `CorruptMedia` for others."""
    if not 0 <= place < 1 << 8 * width:
        raise CorruptMedia("a place in the AVI is beyond what its index can hold")
    return place


def _entries(hdrl: bytes, body: int) -> list[int]:
    """Return where the entries of an index of indexes stand, as many as it says and holds."""
    if hdrl[body + 3] != _OF_INDEXES:
        return []
    count = struct.unpack_from("<I", hdrl, body + 4)[0]
    size = struct.unpack_from("<I", hdrl, body - 4)[0]
    held = min(count, (min(size, len(hdrl) - body) - 24) // 16)
    return [body + 24 + 16 * number for number in range(held)]
