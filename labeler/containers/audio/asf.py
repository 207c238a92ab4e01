"""
WMA (ASF): no row of its own in 202510A, so XMP ("others"), as an object of its own behind the data.

Attributes called AIGC, which ffmpeg and mutagen write, are read and give way to the one copy.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from labeler.containers.audio.model import SoundHeader
from labeler.containers.boxes import XMP_UUID
from labeler.containers.carriers import collect
from labeler.containers.model import Block, Carrier
from labeler.containers.spans import blanked, holds_label
from labeler.containers.tags import asf_attributes, xmp
from labeler.containers.tags.asf_attributes import KINDS
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Iterator


def _guid(text: str) -> bytes:
    """Return a GUID as ASF stores it."""
    return UUID(text).bytes_le


HEADER = _guid("75B22630-668E-11CF-A6D9-00AA0062CE6C")
VIDEO = _guid("BC19EFC0-5B4D-11CF-A8FD-00805F5C442B")
DATA = _guid("75B22636-668E-11CF-A6D9-00AA0062CE6C")
_FILE = _guid("8CABDCA1-A947-11CF-8EE4-00C00C205365")
STREAM = _guid("B7DC0791-A9B7-11CF-8EE6-00C00C205365")
AUDIO = _guid("F8699E40-5B4D-11CF-A8FD-00805F5C442B")
XMP = UUID(bytes=XMP_UUID).bytes_le
_ENCRYPTION = {
    _guid("2211B3FB-BD23-11D2-B4B7-00A0C955FC6E"),
    _guid("298AE614-2622-4C17-B935-DAE07EE9289C"),
    _guid("43058533-6981-49E6-9B74-AD12CB86D58C"),
}
_ENCRYPTED = 0x8000
_MAX_OBJECTS = 10_000
_CODECS = {0x160: "wma1", 0x161: "wma2", 0x162: "wmapro", 0x163: "wmalossless", 0xA: "wmavoice"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AsfObject:
    """One object: its GUID, and where it starts and ends; its content starts after 24 bytes."""

    guid: bytes
    start: int
    end: int

    def content(self, data: bytes) -> bytes:
        """Return the content."""
        return bytes(data[self.start + 24 : self.end])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asf:
    """The objects in the header, and those of the file."""

    head: list[AsfObject]
    top: list[AsfObject]

    @property
    def end(self) -> int:
        """Return where the last object ends."""
        return self.top[-1].end


def probe(data: bytes) -> SoundHeader:
    """Return the facts of the first stream of sound."""
    asf = _read(data)
    streams = [part for part in asf.head if part.guid == STREAM]
    sound = next((s for s in streams if data.startswith(AUDIO, s.start + 24)), None)
    if sound is None or sound.end - sound.start < 78 + 16:
        raise CorruptMedia("the ASF file holds no stream of sound")
    _, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, sound.start + 78)
    return SoundHeader(
        format="wma",
        codec=codec_of(sound.content(data)),
        channels=channels,
        rate=rate,
        bits=bits,
        seconds=seconds_of(data, asf.head),
        protected=is_protected(data, asf.head),
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield attributes, XMP, objects of others, and what stands behind the last object."""
    asf = _read(data)
    yield from head_blocks(data, asf.head)
    for part in asf.top[1:]:
        if part.guid != DATA:
            yield top_block(part.guid, part.content(data))
    if asf.end < len(data):
        rest = memoryview(data)[asf.end :]
        yield Block(kind="raw", place="behind the ASF", content=rest, scheme="asf-object")


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: XMP, attributes, objects of others, trailing bytes."""
    return collect(blocks(data))


def write(data: bytes, value: str, source_type: str = "") -> bytes:
    """
    Return the file with one XMP object that holds the label, the packets of sound as they were.

    Raises `UnsupportedMedia` for protected files.
    """
    asf = _read(data)
    if is_protected(data, asf.head):
        raise UnsupportedMedia("the sound is protected (DRM); a label cannot be put into it")
    main = next((part for part in asf.top if part.guid == XMP), None)
    packet = xmp.merge(main.content(data) if main else b"", value, source_type)
    pieces: list[bytes | memoryview] = []
    for part in asf.top[1:]:
        if part is main:
            pieces.append(make_object(XMP, packet))
        else:
            pieces.append(
                memoryview(data)[part.start : part.end]
                if part.guid == DATA
                else top_collapsed(part.guid, part.content(data))
            )
    if main is None:
        pieces.append(make_object(XMP, packet))
    pieces.append(blanked(data[asf.end :]))
    return b"".join([head_with_size(data, asf.head, sum(map(len, pieces))), *pieces])


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the content of the data object."""
    for part in _read(data).top:
        if part.guid == DATA:
            yield memoryview(data)[part.start + 24 : part.end]


def head_blocks(data: bytes, head: list[AsfObject]) -> Iterator[Block]:
    """Yield the attributes in the header, and its objects of others."""
    for part in head:
        if part.guid in KINDS:
            yield from asf_attributes.blocks_of(part.guid, part.content(data))
        elif part.guid not in {_FILE, STREAM}:
            yield _raw_block(part.guid, part.content(data), "ASF header")


def top_block(guid: bytes, content: bytes) -> Block:
    """Return an object beside header and data: XMP, or one of others."""
    if guid == XMP:
        return Block(kind="xmp", place="ASF XMP", content=content)
    return _raw_block(guid, content, "ASF")


def top_collapsed(guid: bytes, content: bytes) -> bytes:
    """Return an object beside header and data as it was, or without the label in it."""
    if guid == XMP:
        return make_object(XMP, xmp.collapse(content))
    return make_object(guid, blanked(content) if holds_label(content) else content)


def head_with_size(data: bytes, head: list[AsfObject], rest: int) -> bytes:
    """Return the header without labels, for a file in which ``rest`` bytes follow it."""
    changed = _head_collapsed(data, head)
    return _with_file_size(changed, len(changed) + rest)


def read_head(data: bytes) -> list[AsfObject]:
    """Return the objects in the header; raise `CorruptMedia` when it is missing or cut off."""
    if not data.startswith(HEADER) or len(data) < 30:
        raise CorruptMedia("the ASF header is missing")
    size = struct.unpack_from("<Q", data, 16)[0]
    if not 30 <= size <= len(data):
        raise CorruptMedia("the ASF file is truncated inside its header")
    head, end = _objects(data, 30, size)
    if end != size:
        raise CorruptMedia("the objects of the ASF header do not add up to its size")
    return head


def _read(data: bytes) -> _Asf:
    """Return the objects; raise `CorruptMedia` when header or data are missing or cut off."""
    head = read_head(data)
    top, _ = _objects(data, 0, len(data))
    if not any(part.guid == DATA and part.end - part.start > 50 for part in top):
        raise CorruptMedia("the ASF file is truncated: its data object is missing or unfinished")
    return _Asf(head=head, top=top)


def _objects(data: bytes, start: int, stop: int) -> tuple[list[AsfObject], int]:
    """Return the whole objects between two positions, and where they end."""
    found: list[AsfObject] = []
    position = start
    while position + 24 <= stop:
        size = struct.unpack_from("<Q", data, position + 16)[0]
        if size < 24 or position + size > stop:
            break
        guid = bytes(data[position : position + 16])
        found.append(AsfObject(guid=guid, start=position, end=position + size))
        if len(found) > _MAX_OBJECTS:
            raise MediaTooLarge(f"the ASF file has more than {_MAX_OBJECTS} objects")
        position += size
    return found, position


def make_object(guid: bytes, content: bytes) -> bytes:
    """Return a whole object."""
    return guid + struct.pack("<Q", len(content) + 24) + content


def _raw_block(guid: bytes, content: bytes, where: str) -> Block:
    """Return an object of others."""
    place = f"{where} {UUID(bytes_le=guid)}"
    return Block(kind="raw", place=place, content=content, scheme="asf-object")


def codec_of(stream: bytes) -> str:
    """Return the name of the codec that the properties of a stream of sound state."""
    code = int.from_bytes(stream[54:56], "little")
    return _CODECS.get(code, f"0x{code:04x}")


def seconds_of(data: bytes, head: list[AsfObject]) -> float | None:
    """Return the playing time that the file properties state, less the preroll."""
    facts = next((p for p in head if p.guid == _FILE and p.end - p.start >= 92), None)
    if facts is None:
        return None
    length, _, preroll, flags = struct.unpack_from("<QQQI", data, facts.start + 64)
    seconds = length / 1e7 - preroll / 1e3
    return seconds if seconds > 0 and not flags & 1 else None


def is_protected(data: bytes, head: list[AsfObject]) -> bool:
    """Say whether the file is encrypted: it says so in objects, or in the flags of a stream."""
    if any(part.guid in _ENCRYPTION for part in head):
        return True
    flags = [
        struct.unpack_from("<H", data, part.start + 72)[0]
        for part in head
        if part.guid == STREAM and part.end - part.start >= 78
    ]
    return any(flag & _ENCRYPTED for flag in flags)


def _head_collapsed(data: bytes, head: list[AsfObject]) -> bytes:
    """Return the header object without attributes that hold a label."""
    pieces = []
    for part in head:
        content = part.content(data)
        if part.guid in KINDS and holds_label(content.replace(b"\0", b"")):
            content = asf_attributes.collapse(part.guid, content)
        elif part.guid not in KINDS and holds_label(content):
            content = blanked(content)
        pieces.append(make_object(part.guid, content))
    body = b"".join(pieces)
    return HEADER + struct.pack("<Q", len(body) + 30) + data[24:30] + body


def _with_file_size(head: bytes, size: int) -> bytes:
    """Return the header with the size of the whole file in the file properties."""
    out = bytearray(head)
    for part in _objects(head, 30, len(head))[0]:
        if part.guid == _FILE and part.end - part.start >= 48:
            struct.pack_into("<Q", out, part.start + 40, size)
    return bytes(out)
