"""Places in the file that MP4 boxes beside the chunk tables name, and how they follow a move."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from labeler.containers.boxes import child, read_boxes
from labeler.errors import CorruptMedia, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.boxes import Box


_BASE_GIVEN = 1
_TRACK_PATH = (b"mdia", b"minf", b"stbl")


def moved_fragment(moof: bytes, behind: int, by: int) -> bytes:
    """Return a ``moof`` box with the places of its data (``tfhd``) moved that it states."""
    out = bytearray(moof)
    for traf in _inside(moof, b"traf"):
        tfhd = child(moof, traf, b"tfhd")
        flags = moof[tfhd.body + 3 : tfhd.body + 4] if tfhd else b""
        if tfhd and flags and flags[0] & _BASE_GIVEN:
            _move(out, tfhd.body + 8, ">Q", behind=behind, by=by)
    return bytes(out)


def moved_index(mfra: bytes, behind: int, by: int) -> bytes:
    """Return an ``mfra`` box with the places of the fragments (``tfra``) moved."""
    out = bytearray(mfra)
    for tfra in _inside(mfra, b"tfra"):
        if tfra.end - tfra.body < 16:
            raise CorruptMedia("the index of fragments is truncated")
        wide = mfra[tfra.body] == 1
        sizes = int.from_bytes(mfra[tfra.body + 8 : tfra.body + 12], "big")
        numbers = sum(1 + (sizes >> shift & 3) for shift in (0, 2, 4))
        step = (16 if wide else 8) + numbers
        count = int.from_bytes(mfra[tfra.body + 12 : tfra.body + 16], "big")
        if tfra.body + 16 + count * step > tfra.end:
            raise CorruptMedia("the index of fragments claims more entries than it holds")
        for number in range(count):
            place = tfra.body + 16 + number * step + (8 if wide else 4)
            _move(out, place, ">Q" if wide else ">I", behind=behind, by=by)
    return bytes(out)


def moved_auxiliary(moov: bytes, behind: int, by: int) -> bytes:
    """Return a ``moov`` box with the places of auxiliary data (``saio``, encryption) moved."""
    out = bytearray(moov)
    for inner in _inside(moov, b"trak"):
        place: Box | None = inner
        for kind in _TRACK_PATH:
            place = child(moov, place, kind) if place else None
        for saio in read_boxes(moov, place.body, place.end) if place else []:
            if saio.type == b"saio":
                _move_auxiliary(out, saio, behind=behind, by=by)
    return bytes(out)


def require_movable(data: bytes, part: Box) -> None:
    """Raise `UnsupportedMedia` for a ``meta`` box of the file whose items name places in it."""
    skip = 0 if data[part.body + 4 : part.body + 8] == b"hdlr" else 4
    if child(data, part, b"iloc", skip):
        raise UnsupportedMedia(
            "the file names places in itself that a label would move (items of a meta box); "
            "save it as a plain MP4 first"
        )


def _inside(data: bytes, kind: bytes) -> Iterator[Box]:
    """Yield the boxes of a type inside the one box that the bytes are."""
    for whole in read_boxes(data, 0, len(data))[:1]:
        for part in read_boxes(data, whole.body, whole.end):
            if part.type == kind:
                yield part


def _move_auxiliary(out: bytearray, saio: Box, *, behind: int, by: int) -> None:
    """Move the offsets of one ``saio`` box."""
    start = saio.body + 4 + 8 * (out[saio.body + 3] & 1)
    form, width = (">Q", 8) if out[saio.body] == 1 else (">I", 4)
    count = int.from_bytes(out[start : start + 4], "big")
    if start + 4 + count * width > saio.end:
        raise CorruptMedia("the table of auxiliary data claims more entries than it holds")
    for number in range(count):
        _move(out, start + 4 + number * width, form, behind=behind, by=by)


def _move(out: bytearray, place: int, form: str, *, behind: int, by: int) -> None:
    """Move one offset in the file when it lies at or behind a position."""
    try:
        (offset,) = struct.unpack_from(form, out, place)
        if offset >= behind:
            struct.pack_into(form, out, place, offset + by)
    except struct.error as error:
        raise CorruptMedia("a place in the file is beyond what the file can hold") from error
