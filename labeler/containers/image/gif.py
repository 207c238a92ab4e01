"""GIF: an ``XMP DataXMP`` application extension in front of the pictures, version 89a (R-33)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.carriers import collect
from labeler.containers.model import STALE_C2PA, Block, Carrier, Header
from labeler.containers.spans import blanked, without_label
from labeler.containers.tags import xmp
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator


_XMP_HEAD = b"\x21\xff\x0bXMP DataXMP"
_MAGIC = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
_LOOP_APPLICATIONS = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
_ICC_APPLICATION = b"ICCRGBG1012"
_C2PA_APPLICATION = b"C2PA_GIF\x01\0\0"
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_COMMENT, _APPLICATION, _PLAIN_TEXT = 0xFE, 0xFF, 0x01
_MAX_PARTS = 20_000
_MAX_SUB_BLOCKS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One block: its extension label (``_IMAGE`` for pictures), and where its sub-blocks start."""

    label: int
    start: int
    body: int
    end: int
    application: bytes = b""


def probe(data: bytes) -> Header:
    """Return the logical screen, and the number of pictures."""
    _start_of_blocks(data)
    width, height = struct.unpack_from("<HH", data, 6)
    frames = 0
    for part in _parts(data)[0]:
        if part.label == _IMAGE:
            left, top, w, h = struct.unpack_from("<HHHH", data, part.start + 1)
            width, height = max(width, left + w), max(height, top + h)
            frames += 1
    return Header(
        format="gif",
        width=width,
        height=height,
        frames=max(1, frames),
        animated=frames > 1,
        total_pixels=width * height * max(1, frames),
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield XMP, ICC and C2PA applications, comments and unknown extensions, trailing bytes."""
    parts, end = _parts(data)
    for part in parts:
        if part.label == _IMAGE or part.application in _LOOP_APPLICATIONS:
            continue
        if data.startswith(_XMP_HEAD, part.start):
            yield Block(kind="xmp", place="GIF XMP application", content=_packet(part, data))
        elif part.application == _ICC_APPLICATION:
            yield Block(kind="icc", place="GIF ICC application", content=_joined(part, data))
        elif part.application == _C2PA_APPLICATION:
            yield Block(kind="c2pa", place="GIF C2PA application", content=_joined(part, data))
        elif part.label != 0xF9:
            name = {_COMMENT: "comment", _PLAIN_TEXT: "plain text"}.get(part.label, "application")
            key = part.application[:8].decode("latin-1").strip(" \0")
            content = _joined(part, data)
            yield Block(
                kind="text", place=f"GIF {name}", content=content, key=key, scheme="gif-comment"
            )
    if end < len(data):
        rest = memoryview(data)[end:]
        yield Block(kind="raw", place="behind the GIF", content=rest, scheme="gif-comment")


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: XMP application, comments, unknown applications, trailing bytes."""
    return collect(blocks(data))


def write(data: bytes, value: str, source_type: str = "") -> bytes:
    """Return the file with one XMP application that holds the label, pictures as they were."""
    parts, end = _parts(data)
    packets = [part for part in parts if data.startswith(_XMP_HEAD, part.start)]
    main = packets[0] if packets else None
    merged = xmp.merge(_packet(main, data) if main else b"", value, source_type)
    block = _XMP_HEAD + merged + _MAGIC
    place = parts.index(main) if main else _insertion(parts)
    start = _start_of_blocks(data)
    pieces: list[bytes | memoryview] = [b"GIF89a", memoryview(data)[6:start]]
    for number, part in enumerate(parts):
        if number == place:
            pieces.append(block)
        if part is not main:
            pieces.append(_collapsed(part, data))
    if place == len(parts):
        pieces.append(block)
    last = parts[-1].end if parts else start
    return b"".join([*pieces, memoryview(data)[last:end], blanked(data[end:])])


def carry(source: bytes, encoded: bytes) -> tuple[bytes, tuple[str, ...]]:
    """
    Put comments and applications of ``source`` in front of the pictures of ``encoded``.

    Looping is the encoder's. Plain text extensions are drawn by viewers, so they are content, and
    their place between the pictures is lost: they are not carried, and that is said.
    """
    old, _ = _parts(source)
    new, _ = _parts(encoded)
    notes: list[str] = []
    told = [part for part in old if _is_carried(part, notes)]
    labels = {(part.label, part.application) for part in told}
    kept = [part for part in new if (part.label, part.application) not in labels]
    place = _insertion(kept)
    start, last = _start_of_blocks(encoded), new[-1].end if new else _start_of_blocks(encoded)
    view = memoryview(encoded)
    pieces: list[memoryview | bytes] = [b"GIF89a", view[6:start]]
    pieces += [view[part.start : part.end] for part in kept[:place]]
    pieces += [memoryview(source)[part.start : part.end] for part in told]
    pieces += [view[part.start : part.end] for part in kept[place:]]
    return b"".join([*pieces, view[last:]]), tuple(dict.fromkeys(notes))


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the pictures with their descriptors and colour tables, and their control blocks."""
    for part in _parts(data)[0]:
        if part.label in {_IMAGE, 0xF9}:
            yield memoryview(data)[part.start : part.end]


def _start_of_blocks(data: bytes) -> int:
    """Return where the blocks start, behind the global colour table."""
    if data[:6] not in {b"GIF87a", b"GIF89a"} or len(data) < 13:
        raise CorruptMedia("the GIF header is missing or truncated")
    flags = data[10]
    return 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)


def _parts(data: bytes) -> tuple[list[Part], int]:
    """Return the blocks up to the trailer, and where the trailer ends."""
    position = _start_of_blocks(data)
    found: list[Part] = []
    budget = _MAX_SUB_BLOCKS
    while position < len(data) and data[position] != _TRAILER:
        part, used = _part(data, position, budget)
        budget -= used
        found.append(part)
        position = part.end
        if len(found) > _MAX_PARTS:
            raise MediaTooLarge(f"the GIF has more than {_MAX_PARTS} blocks")
    if not any(part.label == _IMAGE for part in found):
        raise CorruptMedia("the GIF is truncated: it has no picture")
    # Writers in the wild forget the trailer byte; every viewer takes the end of the file for it.
    return found, min(position + 1, len(data))


def _part(data: bytes, position: int, budget: int) -> tuple[Part, int]:
    """Return the block at ``position``, and how many sub-blocks it has."""
    kind = data[position]
    if kind == _IMAGE and position + 10 < len(data):
        flags = data[position + 9]
        body = position + 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
        end, used = _skip(data, body, budget)
        return Part(label=_IMAGE, start=position, body=body, end=end), used
    if kind == _EXTENSION and position + 2 < len(data):
        label = data[position + 1]
        body = position + 2
        application = b""
        if label == _APPLICATION:
            body += 1 + data[position + 2]
            application = data[position + 3 : body]
        end, used = _skip(data, body, budget)
        part = Part(label=label, start=position, body=body, end=end, application=application)
        return part, used
    raise CorruptMedia(f"the GIF is malformed: no block starts at byte {position}")


def _skip(data: bytes, position: int, budget: int) -> tuple[int, int]:
    """Return the position behind a chain of sub-blocks, and their number."""
    used = -1
    try:
        while used < budget:
            size = data[position]  # a large GIF has tens of thousands of them: nothing else here
            position += 1 + size
            used += 1
            if not size:
                return position, used
    except IndexError:
        raise CorruptMedia("the GIF is truncated inside a block") from None
    raise MediaTooLarge(f"the GIF has more than {_MAX_SUB_BLOCKS} sub-blocks")


def _joined(part: Part, data: bytes) -> bytes:
    """Return the content of the sub-blocks of a part, put together."""
    pieces = []
    position = part.body
    while position < part.end and data[position]:
        pieces.append(data[position + 1 : position + 1 + data[position]])
        position += 1 + data[position]
    return b"".join(pieces)


def _packet(part: Part, data: bytes) -> bytes:
    """Return the XMP packet: raw before the magic trailer, or in sub-blocks as some write it."""
    if data.endswith(_MAGIC, part.body, part.end):
        return data[part.body : part.end - len(_MAGIC)]
    return _joined(part, data)


def _insertion(parts: list[Part]) -> int:
    """Return the number of the block before which metadata goes: the looping ones stay first."""
    for number, part in enumerate(parts):
        if part.application not in _LOOP_APPLICATIONS:
            return number
    return len(parts)


def _collapsed(part: Part, data: bytes) -> bytes | memoryview:
    """Return a block as it was, or without the copy of a label it held."""
    whole = memoryview(data)[part.start : part.end]
    if part.label == _IMAGE or part.application in _LOOP_APPLICATIONS | {_C2PA_APPLICATION}:
        return whole
    if data.startswith(_XMP_HEAD, part.start):
        return _XMP_HEAD + xmp.collapse(_packet(part, data)) + _MAGIC
    if part.application[:4].upper() == b"AIGC":
        return b""
    content = _joined(part, data)
    changed = without_label(content)
    if changed == content:
        return whole
    if part.label == _COMMENT and not changed:
        return b""
    rows = (changed[i : i + 255] for i in range(0, len(changed), 255))
    body = b"".join(bytes([len(row)]) + row for row in rows)
    return data[part.start : part.body] + body + b"\0"


def _is_carried(part: Part, notes: list[str]) -> bool:
    """Say whether a block of the source goes into the new file; note what is lost."""
    if part.label == _PLAIN_TEXT:
        notes.append(
            "a GIF plain text extension is not carried: its place among the frames is lost"
        )
    if part.application == _C2PA_APPLICATION:
        notes.append(STALE_C2PA)
    if part.label == _APPLICATION:
        return part.application not in _LOOP_APPLICATIONS
    return part.label == _COMMENT
