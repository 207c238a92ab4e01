"""WebP: an ``XMP `` chunk behind the picture, and the VP8X header that announces it (R-33)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.carriers import collect
from labeler.containers.model import STALE_C2PA, STALE_THUMBNAIL, Block, Carrier, Header
from labeler.containers.spans import blanked, holds_label
from labeler.containers.tags import exif, xmp
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_ANIMATION, _XMP, _EXIF, _ALPHA, _ICC = 0x02, 0x04, 0x08, 0x10, 0x20
_FLAGS = {b"XMP ": _XMP, b"EXIF": _EXIF, b"ICCP": _ICC, b"ANIM": _ANIMATION}
_MAX_PARTS = 20_000
_PIXELS = {b"VP8 ", b"VP8L", b"ALPH", b"ANMF"}
_ENCODER = _PIXELS | {b"VP8X", b"ANIM"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One RIFF chunk: its four letters and its content."""

    type: bytes
    content: memoryview

    def to_bytes(self) -> bytes:
        """Return the whole chunk, padded to an even length."""
        return _chunk(self.type, self.content)


def probe(data: bytes) -> Header:
    """Return the facts of the VP8X, VP8 or VP8L header, and the number of frames."""
    chunks, _ = _read(data)
    width, height, flags = _canvas(chunks)
    frames = sum(chunk.type == b"ANMF" for chunk in chunks)
    block = next((bytes(chunk.content) for chunk in chunks if chunk.type == b"EXIF"), b"")
    return Header(
        format="webp",
        width=width,
        height=height,
        frames=max(1, frames),
        orientation=exif.orientation_of(block),
        animated=bool(flags & _ANIMATION),
        total_pixels=width * height * max(1, frames),
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield XMP, EXIF, ICC, C2PA and unknown chunks, and what stands behind the RIFF."""
    chunks, end = _read(data)
    for chunk in chunks:
        place = f"WebP {chunk.type.decode('latin-1')!a}"
        if chunk.type == b"XMP ":
            yield Block(kind="xmp", place="WebP XMP", content=chunk.content)
        elif chunk.type == b"EXIF":
            yield Block(kind="exif", place="WebP EXIF", content=chunk.content)
        elif chunk.type == b"ICCP":
            yield Block(kind="icc", place="WebP ICCP", content=chunk.content)
        elif chunk.type == b"C2PA":
            yield Block(kind="c2pa", place="WebP C2PA", content=chunk.content)
        elif chunk.type not in _ENCODER:
            key = chunk.type.decode("latin-1").strip()
            yield Block(
                kind="text", place=place, content=chunk.content, key=key, scheme="riff-chunk"
            )
    if end < len(data):
        rest = memoryview(data)[end:]
        yield Block(kind="raw", place="behind the WebP", content=rest, scheme="riff-chunk")


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: XMP, EXIF, unknown chunks, trailing bytes."""
    return collect(blocks(data))


def write(data: bytes, value: str, source_type: str = "") -> bytes:
    """Return the file with one XMP chunk that holds the label, picture chunks as they were."""
    chunks, end = _read(data)
    packets = [chunk for chunk in chunks if chunk.type == b"XMP "]
    main = packets[0] if packets else None
    packet = _chunk(b"XMP ", xmp.merge(bytes(main.content) if main else b"", value, source_type))
    pieces = [_header(chunks, extra=_XMP)]
    pieces += [
        packet if chunk is main else _collapsed(chunk) for chunk in chunks if chunk.type != b"VP8X"
    ]
    if main is None:
        pieces.append(packet)
    return _riff(pieces) + blanked(data[end:])


def carry(source: bytes, encoded: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Put ICC (if the encoder wrote none), EXIF, XMP, C2PA and unknown chunks into ``encoded``."""
    old, _ = _read(source)
    new, _ = _read(encoded)
    notes: list[str] = []
    told = [chunk for chunk in old if chunk.type not in _ENCODER]
    known = {chunk.type for chunk in new}
    icc = [chunk for chunk in told if chunk.type == b"ICCP" and b"ICCP" not in known]
    told = [chunk for chunk in told if chunk.type != b"ICCP"]
    kept = [c for c in new if c.type != b"VP8X" and c.type not in {t.type for t in told}]
    if any(chunk.type == b"C2PA" for chunk in told):
        notes.append(STALE_C2PA)
    chunks = [*icc, *kept, *told]
    pieces = [_header([*new[:1], *chunks])] if told or icc or new[0].type == b"VP8X" else []
    return _riff([*pieces, *(_carried(chunk, notes) for chunk in chunks)]), tuple(notes)


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the contents of the VP8, VP8L, ALPH and ANMF chunks."""
    for chunk in _read(data)[0]:
        if chunk.type in _PIXELS:
            yield chunk.content


def _read(data: bytes) -> tuple[list[Chunk], int]:
    """Return the chunks, and where the RIFF ends."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise CorruptMedia("the WebP header is missing")
    stop = 8 + struct.unpack_from("<I", data, 4)[0]
    view = memoryview(data)
    found: list[Chunk] = []
    position = 12
    while position + 8 <= min(stop, len(data)):
        kind, size = struct.unpack_from("<4sI", data, position)
        if position + 8 + size > len(data):
            raise CorruptMedia("the WebP is truncated: a chunk reaches beyond its end")
        found.append(Chunk(type=kind, content=view[position + 8 : position + 8 + size]))
        if len(found) > _MAX_PARTS:
            raise MediaTooLarge(f"the WebP has more than {_MAX_PARTS} chunks")
        position += 8 + size + size % 2
    if not any(chunk.type in _PIXELS for chunk in found):
        raise CorruptMedia("the WebP has no picture data")
    return found, min(position, len(data))


def _canvas(chunks: Iterable[Chunk]) -> tuple[int, int, int]:
    """Return width, height and the VP8X flags that the file has or would need."""
    for chunk in chunks:
        head = bytes(chunk.content[:10])
        if chunk.type == b"VP8X" and len(head) == 10:
            return _three(head, 4) + 1, _three(head, 7) + 1, head[0]
        if chunk.type == b"VP8L" and len(head) >= 5 and head[0] == 0x2F:
            bits = struct.unpack_from("<I", head, 1)[0]
            alpha = _ALPHA if bits >> 28 & 1 else 0
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, alpha
        if chunk.type == b"VP8 " and head[3:6] == b"\x9d\x01\x2a" and len(head) == 10:
            width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", head, 6))
            if width and height:
                return width, height, 0
    raise CorruptMedia("the WebP has no readable picture header")


def _three(raw: bytes, start: int) -> int:
    """Return a number of three bytes."""
    return int.from_bytes(raw[start : start + 3], "little")


def _header(chunks: list[Chunk], *, extra: int = 0) -> bytes:
    """Return the VP8X chunk for these chunks: the file's own one, or a new one."""
    width, height, flags = _canvas(chunks)
    own = next((c for c in chunks if c.type == b"VP8X" and len(c.content) >= 10), None)
    content = bytearray(own.content) if own else bytearray(10)
    if own is None:
        content[4:10] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    for chunk in chunks:
        flags |= _FLAGS.get(chunk.type, 0)
    content[0] = flags | extra
    return _chunk(b"VP8X", content)


def _chunk(kind: bytes, content: bytes | bytearray | memoryview) -> bytes:
    """Return a whole chunk, padded to an even length."""
    return struct.pack("<4sI", kind, len(content)) + bytes(content) + bytes(len(content) % 2)


def _riff(pieces: list[bytes]) -> bytes:
    """Return the file around its chunks."""
    size = 4 + sum(map(len, pieces))
    if size > 0xFFFF_FFFE:
        raise MediaTooLarge("a WebP file holds at most 4 GiB")
    return b"".join([struct.pack("<4sI4s", b"RIFF", size, b"WEBP"), *pieces])


def _collapsed(chunk: Chunk) -> bytes:
    """Return a chunk as it was, or without the copy of a label it held."""
    if chunk.type in _ENCODER or chunk.type in {b"ICCP", b"C2PA"}:
        return chunk.to_bytes()
    content = bytes(chunk.content)
    if chunk.type == b"EXIF":
        return _chunk(chunk.type, exif.collapse(content))
    if chunk.type == b"XMP ":
        return _chunk(chunk.type, xmp.collapse(content))
    if chunk.type.upper() == b"AIGC":
        return b""
    return _chunk(chunk.type, blanked(content) if holds_label(content) else content)


def _carried(chunk: Chunk, notes: list[str]) -> bytes:
    """Return a chunk as the new file may have it."""
    if chunk.type != b"EXIF":
        return chunk.to_bytes()
    content, dropped = exif.without_thumbnail(bytes(chunk.content))
    notes.extend([STALE_THUMBNAIL] * dropped)
    return _chunk(chunk.type, content)
