"""
The ``moov`` box of MP4, MOV and M4A as bytes: which labels stand in it, and one put into it.

Tag lists stand in ``moov.udta.meta`` (the guide's place), bare in ``moov``, and in tracks; other
boxes of user data may hold texts too. Media data and chunk tables are the callers'.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from labeler.containers.boxes import C2PA_UUID, XMP_UUID, Box, box, read_boxes, with_chunks_moved
from labeler.containers.carriers import collect
from labeler.containers.model import Block
from labeler.containers.spans import blanked, holds_label
from labeler.containers.tags import ilst, xmp
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia


if TYPE_CHECKING:
    from collections.abc import Iterator


_OWN = WRAPPER.encode()
_WORDS = {b"uuid", b"XMP_"}
"""Boxes of ``moov`` itself that may hold texts; all others are numbers."""


def blocks_of(data: bytes, moov: Box) -> Iterator[Block]:
    """Yield the tag lists of the file and of its tracks."""
    for part in read_boxes(data, moov.body, moov.end):
        if part.type == b"meta":
            yield from ilst.blocks_of(data, part, "moov.meta")
        elif part.type == b"udta":
            yield from _udta_blocks(data, part, "moov.udta")
        elif part.type == b"trak":
            for inner in read_boxes(data, part.body, part.end):
                if inner.type == b"meta":
                    yield from ilst.blocks_of(data, inner, "trak.meta")
                elif inner.type == b"udta":
                    yield from _udta_blocks(data, inner, "trak.udta")
        elif part.type in _WORDS or part.type.upper() == _OWN:
            yield from top_block(data, part, "moov ")


def _udta_blocks(data: bytes, udta: Box, where: str) -> Iterator[Block]:
    """Yield what user data holds: a tag list, XMP, boxes of others."""
    for part in read_boxes(data, udta.body, udta.end):
        if part.type == b"meta":
            yield from ilst.blocks_of(data, part, f"{where}.meta")
        elif part.type == b"XMP_":
            content = memoryview(data)[part.body : part.end]
            yield Block(kind="xmp", place=f"{where} XMP_", content=content)
        else:
            yield _box_block(data, part, f"{where} ")


def top_block(data: bytes, part: Box, where: str = "") -> Iterator[Block]:
    """Yield the texts of a box of the file itself: a tag list, XMP, C2PA, or one of others."""
    inside = memoryview(data)[part.body : part.end]
    if part.type == b"meta":
        yield from ilst.blocks_of(data, part, f"{where}meta")
    elif part.type == b"uuid" and bytes(inside[:16]) == XMP_UUID:
        yield Block(kind="xmp", place=f"{where}XMP uuid box", content=inside[16:])
    elif part.type == b"uuid" and bytes(inside[:16]) == C2PA_UUID:
        yield Block(kind="c2pa", place=f"{where}C2PA uuid box", content=inside[16:])
    else:
        yield _box_block(data, part, where)


def _box_block(data: bytes, part: Box, where: str) -> Block:
    """Return a box of others as a text under its name."""
    name = part.type.decode("latin-1")
    content = memoryview(data)[part.body : part.end]
    place = f"{where}box {name!a}"
    return Block(kind="text", place=place, content=content, key=name.strip(), scheme="isobmff-box")


def with_label(data: bytes, moov: Box, value: str) -> bytes:
    """
    Return ``moov`` with the label in its user data, and in no other place.

    A tag list of iTunes cannot have keys (law 4.7). There the label gets a list with keys of its
    own behind that one, which FFmpeg, MediaInfo, ExifTool and mutagen read.
    """
    parts = read_boxes(data, moov.body, moov.end)
    bare = next((part for part in parts if part.type == b"meta"), None)
    keys = ilst.with_key(data, bare)[1] if bare else ()
    pending: str | None = value
    pieces: list[bytes] = []
    for part in parts:
        if part.type == b"udta":
            pieces.append(_udta_with_label(data, part, pending, keys))
            pending = None
        elif part.type == b"trak":
            pieces.append(_trak_without_label(data, part))
        elif part.type == b"meta":
            pieces.append(_bare_list(data, part, with_key=bool(keys) and part is bare))
        elif part.type in _WORDS or part.type.upper() == _OWN:
            pieces.append(blanked_box(data, part))
        else:
            pieces.append(data[part.start : part.end])
    if pending is not None:
        pieces.append(box(b"udta", ilst.new_list(value, keys)))
    tail = data[parts[-1].end : moov.end] if parts else b""
    return box(b"moov", b"".join([*pieces, tail]))


def with_moved_chunks(moov: bytes, behind: int, by: int) -> bytes:
    """Return ``moov`` with its chunk offsets moved; raise `CorruptMedia` when one cannot be."""
    try:
        return with_chunks_moved(moov, behind, by)
    except struct.error as error:
        raise CorruptMedia("a chunk offset is beyond what the file can hold") from error


def _udta_with_label(
    data: bytes, udta: Box, value: str | None, keys: tuple[bytes, ...] = ()
) -> bytes:
    """Return user data with the label in its tag list, or without any for None."""
    parts = read_boxes(data, udta.body, udta.end)
    lists = [
        part
        for part in parts
        if part.type == b"meta" and ilst.read_list(data, part).handler != ilst.ITUNES
    ]
    place = lists[0] if lists else None
    pieces: list[bytes] = []
    for part in parts:
        if part is place and value is not None:
            pieces.append(ilst.with_label(data, part, value))
        elif part.type == b"meta":
            pieces.append(_list_without_label(data, part))
        elif part.type.upper() != _OWN:
            pieces.append(blanked_box(data, part))
    if value is not None and place is None:
        pieces.append(ilst.new_list(value, keys))
    # QuickTime closes user data with four zero bytes, which stay last.
    tail = data[parts[-1].end : udta.end] if parts else data[udta.body : udta.end]
    return box(b"udta", b"".join([*pieces, tail]))


def _bare_list(data: bytes, meta: Box, *, with_key: bool) -> bytes:
    """Return the tag list of ``moov`` itself without labels, with their key when asked for."""
    whole = _list_without_label(data, meta)
    return ilst.with_key(whole, read_boxes(whole, 0, len(whole))[0])[0] if with_key else whole


def _trak_without_label(data: bytes, trak: Box) -> bytes:
    """Return a track, its tag lists without labels."""
    if not holds_label(memoryview(data)[trak.start : trak.end]):
        return data[trak.start : trak.end]
    parts = read_boxes(data, trak.body, trak.end)
    pieces: list[bytes] = []
    for part in parts:
        if part.type == b"udta":
            pieces.append(_udta_with_label(data, part, None))
        elif part.type == b"meta":
            pieces.append(_list_without_label(data, part))
        else:
            pieces.append(data[part.start : part.end])
    tail = data[parts[-1].end : trak.end] if parts else b""
    return box(b"trak", b"".join([*pieces, tail]))


def _list_without_label(data: bytes, meta: Box) -> bytes:
    """Return a tag list without labels, the same bytes when it held none."""
    if not any(c for c in collect(ilst.blocks_of(data, meta, ""))):
        return data[meta.start : meta.end]
    return ilst.with_label(data, meta, None)


def blanked_box(data: bytes, part: Box) -> bytes:
    """Return a box of the same size with blanks, or free room, where a label stood."""
    whole = data[part.start : part.end]
    head, content = whole[: part.body - part.start], whole[part.body - part.start :]
    if part.type.upper() == _OWN:
        return head[:4] + b"free" + bytes(len(whole) - 8)
    if part.type == b"meta":
        return _list_with_room(data, part)
    if part.type == b"XMP_":
        return head + _padded(content, xmp.collapse(content))
    if part.type == b"uuid" and content.startswith(XMP_UUID):
        return head + content[:16] + _padded(content[16:], xmp.collapse(content[16:]))
    return head + blanked(content) if holds_label(content) else whole


def _list_with_room(data: bytes, meta: Box) -> bytes:
    """Return a tag list of the same size without labels, free room in their place."""
    changed = _list_without_label(data, meta)
    room = meta.end - meta.start - len(changed)
    if room < 8:
        return data[meta.start : meta.end]
    return box(b"meta", changed[8:] + box(b"free", bytes(room - 8)))


def _padded(old: bytes, new: bytes) -> bytes:
    """Return a packet with blanks up to the length of the old one."""
    return new.ljust(len(old)) if len(new) <= len(old) else old
