"""Attributes in the header of ASF files: content description, its extension, and the metadata."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from labeler.containers.model import Block
from labeler.containers.spans import blanked, label_span, without_label
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


CONTENT = UUID("75B22633-668E-11CF-A6D9-00AA0062CE6C").bytes_le
EXTENDED = UUID("D2D0A440-E307-11D2-97F0-00A0C95EA850").bytes_le
EXTENSION = UUID("5FBF03B5-A92E-11CF-8EE3-00C00C205365").bytes_le
METADATA = UUID("C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA").bytes_le
LIBRARY = UUID("44231C94-9498-49D1-A141-1D134E457054").bytes_le
KINDS = {CONTENT, EXTENDED, EXTENSION}
"""The objects of the header that hold attributes."""

_UNICODE, _BYTES = 0, 1
_MAX_OBJECTS = 10_000
_TITLES = ("Title", "Author", "Copyright", "Description", "Rating")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attribute:
    """One attribute: what stands before its name, its name, its type, its value."""

    lead: bytes
    name: bytes
    type: int
    value: bytes

    @property
    def key(self) -> str:
        """Return the name for people."""
        return _shown(self.name)


def blocks_of(kind: bytes, content: bytes) -> Iterator[Block]:
    """Yield the attributes of one header object; a torn one yields a fault."""
    try:
        found = list(_blocks(kind, content))
    except (CorruptMedia, MediaTooLarge, struct.error) as error:
        why = "the attributes are truncated" if isinstance(error, struct.error) else str(error)
        yield Block(kind="raw", place="ASF attributes", scheme="asf-attribute", fault=why)
    else:
        yield from found


def collapse(kind: bytes, content: bytes) -> bytes:
    """Return the content of one header object without labels."""
    try:
        return _collapsed(kind, content)
    except struct.error as error:
        raise CorruptMedia("the attributes of the ASF file are truncated") from error


def _blocks(kind: bytes, content: bytes) -> Iterator[Block]:
    """Yield the attributes; struct errors are the caller's."""
    if kind == CONTENT:
        for name, text in zip(_TITLES, _titles(content), strict=True):
            yield _block(name, _UNICODE, text)
    elif kind == EXTENDED:
        for one in _read_extended(content)[0]:
            yield _block(one.key, one.type, one.value)
    else:
        for guid, inside in _inner(content):
            if guid in {METADATA, LIBRARY}:
                for one in _read_library(inside)[0]:
                    yield _block(one.key, one.type, one.value)
            else:
                yield Block(kind="raw", place="ASF extension", content=inside, scheme="asf-object")


def _collapsed(kind: bytes, content: bytes) -> bytes:
    """Return the content without labels; struct errors are the caller's."""
    if kind == CONTENT:
        texts = [_without_label(_UNICODE, text) for text in _titles(content)]
        lengths = struct.pack("<5H", *map(len, texts))
        return lengths + b"".join(texts)
    if kind == EXTENDED:
        return _rewritten(content, _read_extended, _extended_bytes)
    pieces = []
    for guid, inside in _inner(content):
        changed = (
            _rewritten(inside, _read_library, _library_bytes)
            if guid in {METADATA, LIBRARY}
            else blanked(inside)
        )
        pieces.append(guid + struct.pack("<Q", len(changed) + 24) + changed)
    body = b"".join(pieces)
    return content[:18] + struct.pack("<I", len(body)) + body


def _rewritten(
    content: bytes,
    read: Callable[[bytes], tuple[list[_Attribute], bytes]],
    packed: Callable[[_Attribute], bytes],
) -> bytes:
    """Return an object of counted attributes without labels."""
    attributes, rest = read(content)
    kept = []
    for one in attributes:
        changed = _without_label(one.type, one.value)
        if one.key.casefold() != WRAPPER.casefold() and (changed or not one.value):
            kept.append(_Attribute(lead=one.lead, name=one.name, type=one.type, value=changed))
    return struct.pack("<H", len(kept)) + b"".join(map(packed, kept)) + rest


def _block(key: str, kind: int, value: bytes) -> Block:
    """Return one attribute as a text."""
    text = _shown(value).encode() if kind == _UNICODE else value
    return Block(
        kind="text",
        place=f"ASF attribute {key[:79]!a}",
        content=text,
        key=key,
        scheme="asf-attribute",
    )


def _without_label(kind: int, value: bytes) -> bytes:
    """Return a value without the label in it, b'' when nothing else was there."""
    if kind == _UNICODE:
        text = _shown(value).encode()
        if not label_span(text):
            return value
        changed = without_label(text).decode("utf-8", "replace")
        return changed.encode("utf-16-le") + b"\0\0" if changed else b""
    return blanked(value) if kind == _BYTES and label_span(value) else value


def _titles(content: bytes) -> list[bytes]:
    """Return the five texts of the content description."""
    lengths = struct.unpack_from("<5H", content)
    texts = []
    position = 10
    for length in lengths:
        texts.append(_take(content, position, length))
        position += length
    return texts


def _read_extended(content: bytes) -> tuple[list[_Attribute], bytes]:
    """Return the attributes of the extended content description, and what follows them."""
    found = []
    position = 2
    for _ in range(struct.unpack_from("<H", content)[0]):
        size = struct.unpack_from("<H", content, position)[0]
        name = _take(content, position + 2, size)
        position += 2 + size
        kind, length = struct.unpack_from("<HH", content, position)
        value = _take(content, position + 4, length)
        position += 4 + length
        found.append(_Attribute(lead=b"", name=name, type=kind, value=value))
    return found, content[position:]


def _extended_bytes(one: _Attribute) -> bytes:
    """Return an attribute of the extended content description."""
    head = struct.pack("<H", len(one.name)) + one.name
    return head + struct.pack("<HH", one.type, len(one.value)) + one.value


def _read_library(content: bytes) -> tuple[list[_Attribute], bytes]:
    """Return the attributes of a metadata object, and what follows them."""
    found = []
    position = 2
    for _ in range(struct.unpack_from("<H", content)[0]):
        size, kind, length = struct.unpack_from("<HHI", content, position + 4)
        lead = content[position : position + 4]
        name = _take(content, position + 12, size)
        value = _take(content, position + 12 + size, length)
        position += 12 + size + length
        found.append(_Attribute(lead=lead, name=name, type=kind, value=value))
    return found, content[position:]


def _library_bytes(one: _Attribute) -> bytes:
    """Return an attribute of a metadata object."""
    numbers = struct.pack("<HHI", len(one.name), one.type, len(one.value))
    return one.lead + numbers + one.name + one.value


def _inner(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the objects of the header extension; raise `CorruptMedia` when they do not add up."""
    position, stop = 22, 22 + struct.unpack_from("<I", content, 18)[0]
    if stop != len(content):
        raise CorruptMedia("the header extension of the ASF file is malformed")
    for _ in range(_MAX_OBJECTS):
        if position == stop:
            return
        size = struct.unpack_from("<Q", content, position + 16)[0]
        if size < 24 or position + size > stop:
            raise CorruptMedia("the header extension of the ASF file is malformed")
        yield content[position : position + 16], content[position + 24 : position + size]
        position += size
    raise MediaTooLarge(f"the ASF header has more than {_MAX_OBJECTS} objects")


def _take(content: bytes, position: int, length: int) -> bytes:
    """Return some bytes; raise `CorruptMedia` when they are not all there."""
    if position + length > len(content):
        raise CorruptMedia("an attribute of the ASF file reaches beyond its object")
    return content[position : position + length]


def _shown(raw: bytes) -> str:
    """Return UTF-16 text without its closing NUL."""
    return raw.decode("utf-16-le", "replace").rstrip("\0").encode("utf-8", "replace").decode()
