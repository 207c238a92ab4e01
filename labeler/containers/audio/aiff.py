"""
AIFF and AIFC: no row of their own in 202510A, so XMP ("others"), in an ``APPL`` chunk ``XMP ``.

The chunk stands before the samples; ID3, text chunks and XMP are read.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from labeler.containers.audio.model import SoundHeader
from labeler.containers.carriers import collect
from labeler.containers.chunks import Chunk, chunk, read_chunks, without_label
from labeler.containers.model import Block, Carrier
from labeler.containers.spans import blanked, holds_label
from labeler.containers.tags import id3, xmp
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator


_XMP = b"XMP "
_SILENT = {b"COMM", b"SSND", b"FVER", b"MARK", b"INST", b"CHAN", b"PEAK"}
_ID3 = {b"ID3 ", b"id3 "}
_CODECS = {
    b"NONE": "pcm",
    b"sowt": "pcm",
    b"twos": "pcm",
    b"fl32": "pcm-float",
    b"FL32": "pcm-float",
}
_CODECS |= {b"fl64": "pcm-float", b"FL64": "pcm-float", b"ulaw": "mu-law", b"alaw": "a-law"}


def probe(data: bytes) -> SoundHeader:
    """Return the facts of the common chunk."""
    chunks, _ = _read(data)
    common = _first(chunks, b"COMM").content(data)
    if len(common) < 18:
        raise CorruptMedia("the common chunk of the AIFF is too short")
    channels, frames, bits = struct.unpack_from(">HIH", common)
    rate = _extended(bytes(common[8:18]))
    kind = bytes(common[18:22]) if data[8:12] == b"AIFC" else b"NONE"
    return SoundHeader(
        format="aiff",
        codec=_CODECS.get(kind, kind.decode("latin-1").strip()),
        channels=channels,
        rate=rate,
        bits=bits,
        seconds=frames / rate if rate else None,
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield XMP, ID3, text and unknown chunks, and what stands behind the FORM."""
    chunks, end = _read(data)
    for part in chunks:
        content = part.content(data)
        if part.type in _SILENT:
            continue
        if _is_xmp(data, part):
            yield Block(kind="xmp", place="AIFF APPL XMP", content=content[4:])
        elif part.type in _ID3 and (tag := id3.read_tag(bytes(content))):
            yield from id3.blocks_of(tag, "AIFF", "id3-txxx")
        else:
            key = part.name.strip()
            place = f"AIFF {part.name!a}"
            yield Block(kind="text", place=place, content=content, key=key, scheme="aiff-chunk")
    if end < len(data):
        rest = memoryview(data)[end:]
        yield Block(kind="raw", place="behind the AIFF", content=rest, scheme="aiff-chunk")


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: XMP, ID3, text chunks, chunks of others, trailing bytes."""
    return collect(blocks(data))


def write(data: bytes, value: str, source_type: str = "") -> bytes:
    """Return the file with one XMP chunk that holds the label, all other chunks as they were."""
    chunks, end = _read(data)
    packets = [part for part in chunks if _is_xmp(data, part)]
    main = packets[0] if packets else None
    old = bytes(main.content(data)[4:]) if main else b""
    packet = chunk(b"APPL", _XMP + xmp.merge(old, value, source_type), order=">")
    samples = _first(chunks, b"SSND")
    pieces: list[bytes | memoryview] = []
    for part in chunks:
        if main is None and part is samples:
            pieces.append(packet)
        pieces.append(packet if part is main else _collapsed(data, part))
    size = 4 + sum(map(len, pieces))
    if size > 0xFFFF_FFFE:
        raise MediaTooLarge("an AIFF file holds at most 4 GiB")
    head = data[:4] + struct.pack(">I", size) + data[8:12]
    return b"".join([head, *pieces, blanked(data[end:])])


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the contents of the sound chunk."""
    yield _first(_read(data)[0], b"SSND").content(data)


def _read(data: bytes) -> tuple[list[Chunk], int]:
    """Return the chunks, and where the FORM ends."""
    if data[:4] != b"FORM" or data[8:12] not in {b"AIFF", b"AIFC"}:
        raise CorruptMedia("the AIFF header is missing")
    stop = min(8 + struct.unpack_from(">I", data, 4)[0], len(data))
    found = read_chunks(data, 12, stop, order=">")
    if found and not found[-1].whole:
        raise CorruptMedia("the AIFF is truncated: a chunk reaches beyond the end of the file")
    samples, _ = _first(found, b"SSND"), _first(found, b"COMM")
    if samples.end - samples.body <= 8:
        raise CorruptMedia("the AIFF holds no samples")
    return found, found[-1].next


def _first(chunks: list[Chunk], kind: bytes) -> Chunk:
    """Return the first chunk of a type; raise `CorruptMedia` when there is none."""
    found = next((part for part in chunks if part.type == kind), None)
    if found is None:
        raise CorruptMedia(
            f"the AIFF is truncated or malformed: the {kind.decode()} chunk is missing"
        )
    return found


def _is_xmp(data: bytes, part: Chunk) -> bool:
    """Say whether a chunk holds an XMP packet."""
    return part.type == b"APPL" and data[part.body : part.body + 4] == _XMP


def _extended(raw: bytes) -> int:
    """Return the whole part of an 80-bit float, 0 for what is no sampling rate."""
    exponent = (int.from_bytes(raw[:2], "big") & 0x7FFF) - 16383
    return int.from_bytes(raw[2:], "big") >> (63 - exponent) if 0 <= exponent <= 31 else 0


def _collapsed(data: bytes, part: Chunk) -> bytes | memoryview:
    """Return a chunk as it was, or without the copy of a label it held."""
    whole = memoryview(data)[part.start : part.next]
    if part.type in _SILENT:
        return whole
    if part.type.upper() == WRAPPER.encode():
        return b""
    content = bytes(part.content(data))
    if _is_xmp(data, part):
        changed = _XMP + xmp.collapse(content[4:])
    elif part.type in _ID3 and (tag := id3.read_tag(content)):
        changed = id3.collapse_tag(tag) + content[len(tag.raw) :]
        if not changed.strip(b"\0"):
            return b""
    elif holds_label(content):
        changed = without_label(content)
    else:
        return whole
    if changed == content:
        return whole
    return chunk(part.type, changed, order=">") if changed else b""
