"""
WMV (ASF): 20257A has no row for it, so XMP ("others"), as an object of its own behind the data.

The header is that of WMA, with streams of pictures in it; attributes called AIGC, which FFmpeg
writes, are read and give way to the one copy.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from labeler.containers.audio import asf
from labeler.containers.carriers import collect
from labeler.containers.model import Block, Carrier
from labeler.containers.pieces import (
    Span,
    copy_pieces,
    length_of,
    read_at,
    read_blocks,
    read_span,
    size_of,
)
from labeler.containers.spans import blanked_tail
from labeler.containers.tags import xmp
from labeler.containers.video.model import VideoHeader
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.audio.asf import AsfObject
    from labeler.containers.pieces import Piece


_CODECS = {
    b"WMV1": "wmv1",
    b"WMV2": "wmv2",
    b"WMV3": "wmv3",
    b"WVC1": "vc1",
    b"WMVA": "vc1",
    b"MP43": "msmpeg4v3",
    b"MP42": "msmpeg4v2",
    b"MSS2": "mss2",
    b"H264": "h264",
}
_MAX_OBJECTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """The header as bytes and its objects, the other objects as spans, and the length."""

    header: bytes
    head: list[AsfObject]
    top: list[tuple[bytes, Span]]
    end: int
    size: int


def probe(file: BinaryIO) -> VideoHeader:
    """Return the facts of the first stream of pictures."""
    film = _read(file)
    streams = [part.content(film.header) for part in film.head if part.guid == asf.STREAM]
    pictures = next((s for s in streams if s.startswith(asf.VIDEO)), None)
    if pictures is None:
        raise UnsupportedMedia("the file holds no moving pictures: it has no video stream")
    if len(pictures) < 54 + 31:
        raise CorruptMedia("the description of the video stream is truncated")
    width, height = struct.unpack_from("<II", pictures, 54)
    code = pictures[54 + 27 : 54 + 31]
    sounds = [stream for stream in streams if stream.startswith(asf.AUDIO)]
    return VideoHeader(
        format="wmv",
        codec=_CODECS.get(code.upper(), code.decode("latin-1").strip("\0 ")),
        width=width,
        height=height,
        shown=(width, height),
        seconds=asf.seconds_of(film.header, film.head),
        sounds=tuple(asf.codec_of(stream) for stream in sounds),
        encrypted=asf.is_protected(film.header, film.head),
    )


def blocks(file: BinaryIO) -> Iterator[Block]:
    """Yield attributes, XMP, objects of others, and what stands behind the last object."""
    film = _read(file)
    yield from asf.head_blocks(film.header, film.head)
    for guid, span in film.top:
        if guid == asf.DATA:
            continue
        if span.end - span.start > LIMITS.xmp_bytes:
            yield _oversized("ASF object")
        else:
            yield asf.top_block(guid, _content(file, span))
    if film.size - film.end > LIMITS.xmp_bytes:
        yield _oversized("behind the ASF")
    elif film.end < film.size:
        rest = read_at(file, film.end, film.size - film.end)
        yield Block(kind="raw", place="behind the ASF", content=rest, scheme="asf-object")


def find(file: BinaryIO) -> tuple[Carrier, ...]:
    """Return every copy: XMP, attributes, objects of others, trailing bytes."""
    return collect(blocks(file))


def write(source: BinaryIO, target: BinaryIO, value: str, source_type: str = "") -> None:
    """Write the film with one XMP object that holds the label, its packets as they were."""
    film = _read(source)
    own = [span for guid, span in film.top if guid == asf.XMP]
    packet = xmp.merge(_content(source, own[0]) if own else b"", value, source_type)
    label = asf.make_object(asf.XMP, packet)
    pieces: list[Piece] = []
    for guid, span in film.top:
        if own and span is own[0]:
            pieces.append(label)
        elif guid == asf.DATA or span.end - span.start > LIMITS.xmp_bytes:
            pieces.append(span)
        else:
            pieces.append(asf.top_collapsed(guid, _content(source, span)))
    if not own:
        pieces.append(label)
    pieces.append(blanked_tail(source, film.end, film.size))
    head = asf.head_with_size(film.header, film.head, length_of(pieces))
    copy_pieces(source, target, [head, *pieces])


def payload_bytes(file: BinaryIO) -> Iterator[bytes]:
    """Yield the content of the data object."""
    for guid, span in _read(file).top:
        if guid == asf.DATA:
            yield from read_blocks(file, span.start + 24, span.end)


def _read(file: BinaryIO) -> _Film:
    """Return the objects; raise `CorruptMedia` when header or data are missing or cut off."""
    size = size_of(file)
    start = read_at(file, 0, 30)
    length = struct.unpack_from("<Q", start, 16)[0] if len(start) == 30 else 0
    if not start.startswith(asf.HEADER) or not 30 <= length <= size:
        raise CorruptMedia("the WMV is truncated or malformed: its header is not all there")
    header = read_span(file, 0, length, "the header of the WMV")
    top = list(_objects(file, length, size))
    if not any(guid == asf.DATA and span.end - span.start > 50 for guid, span in top):
        raise CorruptMedia("the WMV is truncated: its data object is missing or unfinished")
    return _Film(
        header=header,
        head=asf.read_head(header),
        top=top,
        end=top[-1][1].end,
        size=size,
    )


def _objects(file: BinaryIO, start: int, size: int) -> Iterator[tuple[bytes, Span]]:
    """Yield GUID and place of the whole objects behind the header."""
    position = start
    for _ in range(_MAX_OBJECTS):
        head = read_at(file, position, 24)
        length = struct.unpack_from("<Q", head, 16)[0] if len(head) == 24 else 0
        if length < 24 or position + length > size:
            return
        yield head[:16], Span(position, position + length)
        position += length
    raise MediaTooLarge(f"the WMV has more than {_MAX_OBJECTS} objects")


def _content(file: BinaryIO, span: Span) -> bytes:
    """Return the content of an object."""
    return read_span(file, span.start, span.end, "an object of the WMV")[24:]


def _oversized(place: str) -> Block:
    """Return the block that says that a part is too large to be looked at."""
    why = f"metadata oversized: more than {LIMITS.xmp_bytes} bytes in one object"
    return Block(kind="raw", place=place, scheme="asf-object", fault=why)
