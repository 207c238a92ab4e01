"""PNG and APNG: the XMP packet goes into an uncompressed iTXt before the picture data (R-33)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from labeler.containers.carriers import collect
from labeler.containers.model import STALE_C2PA, STALE_THUMBNAIL, Block, Carrier, Header
from labeler.containers.spans import blanked, without_label
from labeler.containers.tags import exif, profile, xmp
from labeler.errors import CorruptMedia, MediaTooLarge
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator


SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_KEYWORD = "XML:com.adobe.xmp"

_TEXT = {b"tEXt", b"zTXt", b"iTXt"}
_PIXELS = {b"IDAT", b"fdAT"}
_COLOUR = {b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP"}
_CARRIED = (
    _TEXT
    | _COLOUR
    | {b"tIME", b"pHYs", b"eXIf", b"mDCV", b"mDCv", b"cLLI", b"cLLi", b"caBX", b"sTER"}
)
_SAMPLES = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sBIT", b"bKGD", b"hIST"}
_ENCODER = _SAMPLES | {b"acTL", b"fcTL", b"fdAT"}
_RAW_PROFILE = "raw profile type "


class Chunk(NamedTuple):
    """One chunk: type and the span of the whole chunk; its data starts eight bytes in."""

    type: bytes
    start: int
    end: int

    def content(self, data: bytes) -> memoryview:
        """Return the data of the chunk, without copying."""
        return memoryview(data)[self.start + 8 : self.end - 4]


def probe(data: bytes) -> Header:
    """Return the facts of IHDR, acTL and eXIf."""
    chunks = _chunks(data)
    width, height = struct.unpack_from(">II", data, 16)
    frames, orientation, animated = 1, 1, False
    for chunk in chunks:
        if chunk.type == b"acTL" and chunk.end - chunk.start >= 20:
            frames = max(1, struct.unpack_from(">I", data, chunk.start + 8)[0])
            animated = True
        elif chunk.type == b"eXIf":
            orientation = exif.orientation_of(bytes(chunk.content(data)))
    return Header(
        format="png",
        width=width,
        height=height,
        frames=frames,
        orientation=orientation,
        animated=animated,
        total_pixels=width * height * frames,
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield text, XMP, EXIF, ICC and C2PA chunks, and what stands behind IEND."""
    chunks = _chunks(data)
    texts = _texts(chunks, data)
    for chunk in chunks:
        place = f"PNG {chunk.type.decode('latin-1')}"
        if chunk.type in _TEXT:
            yield _text_block(data, *next(texts))
        elif chunk.type == b"eXIf":
            yield Block(kind="exif", place=place, content=chunk.content(data))
        elif chunk.type == b"caBX":
            yield Block(kind="c2pa", place=place, content=chunk.content(data))
        elif chunk.type == b"iCCP":
            yield Block(kind="icc", place=place, content=chunk.content(data))
        elif chunk.type not in _ENCODER and chunk.type not in _CARRIED:
            content = chunk.content(data)
            yield Block(kind="raw", place=place, content=content, scheme="png-text")
    if chunks[-1].end < len(data):
        rest = memoryview(data)[chunks[-1].end :]
        yield Block(kind="raw", place="behind PNG IEND", content=rest, scheme="png-text")


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: XMP, text chunks of any kind and place, EXIF, trailing bytes."""
    return collect(blocks(data))


def write(data: bytes, value: str, source_type: str = "") -> bytes:
    """Return the file with one iTXt that holds the label, all chunks of others as they were."""
    chunks = _chunks(data)
    packets = [c for c in chunks if c.type in _TEXT and _keyword(c, data) == XMP_KEYWORD]
    first = _content_of(packets[0], data, LIMITS.xmp_bytes) if packets else b""
    packet = _chunk(b"iTXt", XMP_KEYWORD.encode() + bytes(5) + xmp.merge(first, value, source_type))
    pixels = next(i for i, chunk in enumerate(chunks) if chunk.type == b"IDAT")
    early = [c for c in packets[:1] if chunks.index(c) < pixels]
    texts = {chunk.start: text for chunk, text, fault in _texts(chunks, data) if not fault}
    pieces: list[bytes | memoryview] = [SIGNATURE]
    for number, chunk in enumerate(chunks):
        if (chunk in early) if early else number == pixels:
            pieces.append(packet)
        if chunk not in packets[:1]:
            pieces.append(_collapsed(chunk, data, texts.get(chunk.start)))
    tail = data[chunks[-1].end :]
    pieces.append(blanked(tail))
    return b"".join(pieces)


def carry(source: bytes, encoded: bytes) -> tuple[bytes, tuple[str, ...]]:
    """
    Put the descriptive chunks of ``source`` into ``encoded``, right behind IHDR.

    Chunks that describe samples (PLTE, tRNS, sBIT, bKGD, hIST, animation) are the encoder's. Colour
    chunks are carried when the encoder wrote none.
    """
    old, new = _chunks(source), _chunks(encoded)
    own = {chunk.type for chunk in new}
    kinds = _CARRIED if not own & _COLOUR else _CARRIED - _COLOUR
    notes: list[str] = []
    pieces: list[bytes | memoryview] = [memoryview(encoded)[: new[0].end]]
    for chunk in old:
        if chunk.type in kinds or _is_safe_to_copy(chunk.type):
            pieces.append(_carried(chunk, source, notes))
        elif chunk.type not in _ENCODER and chunk.type not in _COLOUR:
            name = chunk.type.decode("latin-1")
            notes.append(f"PNG chunk {name!a} depends on the pixels: it is not carried")
    # What the encoder wrote of the same single kind would be a second copy of it.
    single = {c.type for c in old} & {b"tIME", b"pHYs", b"eXIf"}
    pieces += [memoryview(encoded)[c.start : c.end] for c in new[1:] if c.type not in single]
    return b"".join(pieces), tuple(notes)


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the contents of IDAT and fdAT."""
    for chunk in _chunks(data):
        if chunk.type in _PIXELS:
            yield chunk.content(data)


def _chunks(data: bytes) -> list[Chunk]:
    """Return all chunks up to IEND; the last one is IEND, or the last whole one."""
    if not data.startswith(SIGNATURE):
        raise CorruptMedia("the PNG signature is missing")
    found: list[Chunk] = []
    position, seen = len(SIGNATURE), False
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            break
        found.append(Chunk(type=kind, start=position, end=end))
        seen |= kind == b"IDAT"
        if kind == b"IEND":
            break
        if len(found) > LIMITS.segments:
            raise MediaTooLarge(f"the PNG has more than {LIMITS.segments} chunks")
        position = end
    ihdr = [c for c in found[:2] if c.type == b"IHDR" and c.end - c.start >= 25]
    if not ihdr or found[0].type != b"IHDR" or not seen or found[-1].type != b"IEND":
        raise CorruptMedia("the PNG is truncated or malformed: IHDR, IDAT or IEND is missing")
    return found


def _chunk(kind: bytes, content: bytes) -> bytes:
    """Return a whole chunk with its checksum."""
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def _keyword(chunk: Chunk, data: bytes) -> str:
    """Return the keyword of a text chunk."""
    end = data.find(b"\0", chunk.start + 8, min(chunk.end - 4, chunk.start + 8 + 80))
    return data[chunk.start + 8 : end].decode("latin-1") if end >= 0 else ""


def _text_block(data: bytes, chunk: Chunk, content: bytes, fault: str) -> Block:
    """Return a text chunk as a block."""
    key = _keyword(chunk, data)
    place = f"PNG {chunk.type.decode()} {key[:79]!a}"
    if key == XMP_KEYWORD and not fault:
        return Block(kind="xmp", place=place, content=content)
    if key.casefold().startswith(_RAW_PROFILE) and not fault:
        return profile.block(key, content, place)
    return Block(kind="text", place=place, content=content, key=key, scheme="png-text", fault=fault)


def _texts(chunks: list[Chunk], data: bytes) -> Iterator[tuple[Chunk, bytes, str]]:
    """Yield every text chunk with its text or why it cannot be read; all together are capped."""
    budget = LIMITS.xmp_bytes
    for chunk in chunks:
        if chunk.type in _TEXT:
            cap = min(budget, _cap(chunk, data))
            try:
                content, fault = _content_of(chunk, data, cap), ""
                budget -= len(content)
            except (CorruptMedia, MediaTooLarge) as error:
                content, fault = b"", str(error)
                budget -= min(cap, LIMITS.text_bytes)
            yield chunk, content, fault


def _cap(chunk: Chunk, data: bytes) -> int:
    """Return how long a text may be: XMP packets longer than others."""
    return LIMITS.xmp_bytes if _keyword(chunk, data) == XMP_KEYWORD else LIMITS.text_bytes


def _content_of(chunk: Chunk, data: bytes, cap: int) -> bytes:
    """Return the text of a text chunk, inflated when it is compressed."""
    if chunk.end - chunk.start > LIMITS.xmp_bytes + 128:
        raise MediaTooLarge(f"metadata oversized: the chunk has more than {cap} bytes")
    _, _, rest = bytes(chunk.content(data)).partition(b"\0")
    packed = chunk.type == b"zTXt"
    if packed:
        rest = rest[1:]
    elif chunk.type == b"iTXt":
        packed = rest[:1] == b"\1"
        parts = rest[2:].split(b"\0", 2)
        rest = parts[2] if len(parts) > 2 else b""
    if packed:
        return profile.inflate(rest, cap)
    if len(rest) > cap:
        raise MediaTooLarge(f"metadata oversized: the text has more than {cap} bytes")
    return rest


def _collapsed(chunk: Chunk, data: bytes, content: bytes | None) -> bytes | memoryview:
    """Return a chunk as it was, or without the copy of a label it held; text chunks have a text."""
    whole = memoryview(data)[chunk.start : chunk.end]
    if chunk.type == b"eXIf":
        block = bytes(chunk.content(data))
        changed = exif.collapse(block)
        return whole if changed is block else _chunk(chunk.type, changed)
    if chunk.type not in _TEXT:
        return whole
    key = _keyword(chunk, data)
    if key.casefold() == "aigc":
        return b""
    if content is None:
        return whole
    changed = _without_label(key, content)
    if changed == content:
        return whole
    return _text_chunk(chunk.type, key, changed) if changed else b""


def _without_label(key: str, content: bytes) -> bytes:
    """Return the text of a chunk without its label, b'' when nothing else was in it."""
    if key == XMP_KEYWORD:
        return xmp.collapse(content)
    if key.casefold().startswith(_RAW_PROFILE):
        return profile.collapse(key, content)
    return without_label(content)


def _text_chunk(kind: bytes, key: str, content: bytes) -> bytes:
    """Return a text chunk of the same type as before."""
    head = key.encode("latin-1") + b"\0"
    if kind == b"zTXt":
        return _chunk(kind, head + b"\0" + zlib.compress(content))
    return _chunk(kind, head + (content if kind == b"tEXt" else bytes(4) + content))


def _is_safe_to_copy(kind: bytes) -> bool:
    """Say whether an unknown chunk states that it does not depend on the pixels."""
    known = kind in _CARRIED or kind in _ENCODER
    return not known and bool(kind[0] & 0x20) and bool(kind[3] & 0x20)


def _carried(chunk: Chunk, source: bytes, notes: list[str]) -> bytes | memoryview:
    """Return a chunk of the source as the new file may have it."""
    if chunk.type == b"caBX":
        notes.append(STALE_C2PA)
    if chunk.type == b"eXIf":
        content, dropped = exif.without_thumbnail(bytes(chunk.content(source)))
        if dropped:
            notes.append(STALE_THUMBNAIL)
            return _chunk(b"eXIf", content)
    return memoryview(source)[chunk.start : chunk.end]
