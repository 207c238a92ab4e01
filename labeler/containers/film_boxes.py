"""The boxes of an MP4 or MOV file itself, found in a file without reading what they hold."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from labeler.containers.boxes import Box
from labeler.containers.pieces import read_at, size_of
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator


MEDIA = {b"mdat", b"moof", b"sidx", b"ssix", b"styp", b"mfra", b"ftyp", b"prft", b"emsg"}
"""Boxes of media and numbers, which hold no words."""

FREE = {b"free", b"skip", b"wide"}
_KNOWN = MEDIA | FREE | {b"moov", b"uuid", b"meta", b"udta"}
_MAX_BOXES = 200_000
"""Boxes of the file itself; 24 hours in fragments of a second have 172,800."""


def read_film_boxes(file: BinaryIO) -> Iterator[Box]:
    """
    Yield the boxes of the file itself, up to what is no box.

    Raises `CorruptMedia` when a box of a known type reaches beyond the end of the file.
    """
    size = size_of(file)
    position = 0
    for _ in range(_MAX_BOXES):
        head = read_at(file, position, 16)
        if len(head) < 8:
            return
        length, kind = struct.unpack_from(">I4s", head)
        body = position + 8
        if length == 1 and len(head) == 16:
            length = struct.unpack_from(">Q", head, 8)[0]
            body += 8
        elif length == 0:
            length = size - position
        if length < body - position or position + length > size:
            if kind in _KNOWN:
                name = kind.decode()
                raise CorruptMedia(f"the file is truncated: the box {name} is not all there")
            return
        yield Box(type=kind, start=position, body=body, end=position + length)
        position += length
    raise MediaTooLarge(f"the file has more than {_MAX_BOXES:,} boxes")
