"""
WAV, and its 64-bit forms RF64 and BW64: an ``AIGC`` chunk before the samples (202510A, R-35).

The guide's place is a chunk of its own; ID3, INFO lists, XMP and chunks of others are read too.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.audio.model import SoundHeader
from labeler.containers.carriers import collect
from labeler.containers.chunks import OPEN_SIZE, Chunk, chunk, read_chunks, without_label
from labeler.containers.model import Block, Carrier
from labeler.containers.spans import blanked, holds_label
from labeler.containers.tags import id3, xmp
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_WIDE = {b"RF64", b"BW64"}
_ID3 = {b"id3 ", b"ID3 "}
_CODECS = {
    1: "pcm",
    2: "adpcm-ms",
    3: "pcm-float",
    6: "a-law",
    7: "mu-law",
    0x11: "adpcm-ima",
    0x31: "gsm",
    0x50: "mp2",
    0x55: "mp3",
}
_EXTENSIBLE = 0xFFFE
_SILENT = {b"fmt ", b"data", b"fact", b"ds64", b"JUNK", b"PAD ", b"FLLR", b"PEAK", b"cue ", b"smpl"}
"""Chunks of numbers and padding, which hold no words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wave:
    """The chunks of a file, and where the RIFF ends."""

    chunks: list[Chunk]
    end: int
    form: bytes

    def first(self, kind: bytes) -> Chunk:
        """Return the first chunk of a type; raise `CorruptMedia` when there is none."""
        found = next((c for c in self.chunks if c.type == kind), None)
        if found is None:
            name = kind.decode().strip()
            raise CorruptMedia(f"the WAV is truncated or malformed: the {name} chunk is missing")
        return found


def probe(data: bytes) -> SoundHeader:
    """Return the facts of the format chunk, and the playing time from the size of the samples."""
    wave = _read(data)
    fmt = wave.first(b"fmt ").content(data)
    if len(fmt) < 14:
        raise CorruptMedia("the format chunk of the WAV is too short")
    code, channels, rate, speed, _ = struct.unpack_from("<HHIIH", fmt)
    bits = struct.unpack_from("<H", fmt, 14)[0] if len(fmt) >= 16 else 0
    if code == _EXTENSIBLE and len(fmt) >= 26:
        code = struct.unpack_from("<H", fmt, 24)[0]
    samples = wave.first(b"data")
    return SoundHeader(
        format="wav",
        codec=_CODECS.get(code, f"0x{code:04x}"),
        channels=channels,
        rate=rate,
        bits=bits,
        seconds=(samples.end - samples.body) / speed if speed else None,
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield AIGC, ID3, INFO, XMP, C2PA and unknown chunks, and what stands behind the RIFF."""
    wave = _read(data)
    for part in wave.chunks:
        if part.type in _SILENT:
            continue
        content = part.content(data)
        place = f"WAV {part.name!a}"
        if part.type in _ID3 and (tag := id3.read_tag(bytes(content))):
            yield from id3.blocks_of(tag, "WAV", "id3-txxx")
        elif part.type == b"LIST" and data.startswith(b"INFO", part.body):
            yield from info_blocks(data, part, where="WAV INFO", own="riff-info")
        elif part.type == b"_PMX":
            yield Block(kind="xmp", place="WAV XMP", content=content)
        elif part.type == b"C2PA":
            yield Block(kind="c2pa", place="WAV C2PA", content=content)
        else:
            key = part.name.strip()
            own = key.casefold() == WRAPPER.casefold()
            scheme = "tc260-riff" if own else "riff-chunk"
            yield Block(kind="text", place=place, content=content, key=key, scheme=scheme)
    if wave.end < len(data):
        rest = memoryview(data)[wave.end :]
        yield Block(kind="raw", place="behind the WAV", content=rest, scheme="riff-chunk")


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: the AIGC chunk, ID3, INFO, XMP, chunks of others, trailing bytes."""
    return collect(blocks(data))


def write(data: bytes, value: str, source_type: str = "") -> bytes:
    """
    Return the file with one AIGC chunk right behind the format, all other chunks as they were.

    With ``source_type`` its XMP chunk states that as well (`xmp.state`), a new one goes last. Sizes
    that were never finished (a stream) stay so. A RIFF beyond 4 GiB raises `MediaTooLarge`.
    """
    wave = _read(data)
    label = chunk(WRAPPER.encode(), value.encode(), order="<")
    fmt, samples = wave.first(b"fmt "), wave.first(b"data")
    anchor = fmt if fmt.start < samples.start else None
    packets = [part for part in wave.chunks if part.type == b"_PMX"]
    packet = packets[0] if packets and source_type else None
    pieces: list[bytes | memoryview] = []
    for part in wave.chunks:
        if anchor is None and part is samples:
            pieces.append(label)
        if part is not packet:
            pieces.append(_collapsed(data, part))
        if part is anchor:
            pieces.append(label)
    if source_type:
        old = xmp.collapse(bytes(packet.content(data))) if packet else b""
        pieces.append(chunk(b"_PMX", xmp.state(old, source_type), order="<"))
    size = 4 + sum(map(len, pieces))
    head = data[:12]
    if wave.form in _WIDE:
        pieces = _with_wide_size(pieces, wave, size)
    if data[4:8] not in {bytes(4), b"\xff\xff\xff\xff"}:
        if size >= OPEN_SIZE:
            raise MediaTooLarge("a WAV file holds at most 4 GiB; save it as RF64 first")
        head = data[:4] + struct.pack("<I", size) + data[8:12]
    return b"".join([head, *pieces, blanked(data[wave.end :])])


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the contents of the data chunk."""
    yield _read(data).first(b"data").content(data)


def _read(data: bytes) -> _Wave:
    """Return the chunks of the file; raise `CorruptMedia` when samples or format are missing."""
    form = bytes(data[:4])
    if len(data) < 12 or form not in {b"RIFF", *_WIDE} or data[8:12] != b"WAVE":
        raise CorruptMedia("the WAV header is missing")
    size = struct.unpack_from("<I", data, 4)[0]
    sizes: dict[bytes, int] = {}
    if form in _WIDE:
        size, sizes = _wide_sizes(data, size)
    open_ended = size in {0, OPEN_SIZE} and b"data" not in sizes
    stop = len(data) if open_ended else min(8 + size, len(data))
    found = read_chunks(data, 12, stop, order="<", sizes=sizes)
    last = found[-1] if found else None
    if (
        last
        and not last.whole
        and not (last.type == b"data" and (open_ended or _is_open(data, last, sizes)))
    ):
        raise CorruptMedia("the WAV is truncated: a chunk reaches beyond the end of the file")
    wave = _Wave(chunks=found, end=last.next if last else 12, form=form)
    samples, _ = wave.first(b"data"), wave.first(b"fmt ")
    if samples.end == samples.body:
        raise CorruptMedia("the WAV holds no samples")
    return wave


def _is_open(data: bytes, part: Chunk, sizes: Mapping[bytes, int]) -> bool:
    """Say whether a chunk states that its size is not known, here or in ds64."""
    return part.type not in sizes and bool(
        struct.unpack_from("<I", data, part.start + 4)[0] == OPEN_SIZE
    )


def _wide_sizes(data: bytes, size: int) -> tuple[int, dict[bytes, int]]:
    """Return the size of the RIFF and the sizes of its large chunks, from the ds64 chunk."""
    if data[12:16] != b"ds64" or len(data) < 48:
        raise CorruptMedia("the RF64 file does not start with its ds64 chunk")
    own = struct.unpack_from("<I", data, 16)[0]
    riff, samples, _, rows = struct.unpack_from("<QQQI", data, 20)
    sizes = {b"data": samples} if samples else {}
    for row in range(min(rows, max(0, own - 28) // 12, 1000)):
        place = 48 + 12 * row
        if place + 12 > len(data):
            break
        kind, length = struct.unpack_from("<4sQ", data, place)
        sizes[kind] = length
    return (riff if size == OPEN_SIZE else size), sizes


def _with_wide_size(
    pieces: list[bytes | memoryview], wave: _Wave, size: int
) -> list[bytes | memoryview]:
    """Return the pieces with the size of the RIFF in the ds64 chunk, unless it was never set."""
    first = bytes(pieces[0])
    if wave.chunks[0].type != b"ds64" or first[8:16] == bytes(8):
        return pieces
    return [first[:8] + struct.pack("<Q", size) + first[16:], *pieces[1:]]


def info_blocks(data: bytes, part: Chunk, *, where: str, own: str) -> Iterator[Block]:
    """Yield the entries of an INFO list; ``own`` is the reader of one that is called AIGC."""
    for entry in read_chunks(data, part.body + 4, part.end, order="<"):
        content = bytes(data[entry.body : min(entry.end, part.end)]).rstrip(b"\0")
        yield Block(
            kind="text",
            place=f"{where} {entry.name!a}",
            content=content,
            key=entry.name.strip(),
            scheme=own if entry.type.upper() == WRAPPER.encode() else "riff-info",
        )


def _collapsed(data: bytes, part: Chunk) -> bytes | memoryview:
    """Return a chunk as it was, or without the copy of a label it held."""
    whole = memoryview(data)[part.start : part.next]
    if part.type in _SILENT or part.type == b"C2PA":
        return whole
    if part.type.upper() == WRAPPER.encode():
        return b""
    content = bytes(part.content(data))
    if part.type == b"_PMX":
        changed = xmp.collapse(content)
    elif part.type in _ID3 and (tag := id3.read_tag(content)):
        changed = id3.collapse_tag(tag) + content[len(tag.raw) :]
        if not changed.strip(b"\0"):
            return b""
    elif not holds_label(content):
        return whole
    elif part.type == b"LIST" and content[:4] == b"INFO":
        changed = info_without_label(content)
    else:
        changed = without_label(content)
    if changed == content:
        return whole
    return chunk(part.type, changed, order="<") if changed else b""


def info_without_label(content: bytes) -> bytes:
    """Return an INFO list without entries called AIGC, and blanks where other entries had it."""
    entries = read_chunks(content, 4, len(content), order="<")
    pieces = [content[:4]]
    for entry in entries:
        if entry.type.upper() != WRAPPER.encode():
            whole = content[entry.start : entry.next]
            inside = content[entry.body : entry.end]
            changed = without_label(inside)
            kept = chunk(entry.type, changed, order="<") if changed else b""
            pieces.append(whole if changed == inside else kept)
    tail = entries[-1].next if entries else 4
    return b"".join([*pieces, blanked(content[tail:])])
