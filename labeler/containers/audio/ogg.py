"""
Ogg: the comment header of Vorbis, Opus, Speex and FLAC streams carries AIGC (R-35).

Only header pages are made anew. Pages of sound keep their bodies; they get another page number and
checksum only when the headers need more pages than before.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labeler.containers.audio.flac import comment_blocks, stream_header
from labeler.containers.audio.model import SoundHeader
from labeler.containers.audio.ogg_pages import (
    FIRST,
    Page,
    lacing_of,
    read_pages,
    renumbered,
    repage,
)
from labeler.containers.carriers import collect
from labeler.containers.model import Block, Carrier
from labeler.containers.spans import blanked
from labeler.containers.tags import vorbis
from labeler.containers.tags.vorbis import Comments
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator


_MAX_STREAMS = 1000
_MAX_PACKETS = 1000
_TAIL = 1 << 17
_MAGIC = {
    b"\x01vorbis": "vorbis",
    b"OpusHead": "opus",
    b"Speex   ": "speex",
    b"\x7fFLAC": "flac",
}
_PREFIX = {"vorbis": b"\x03vorbis", "opus": b"OpusTags", "speex": b""}
_HEADERS = {"vorbis": 3, "opus": 2, "speex": 2}
_FLAC_COMMENT = 4
_FLAC_COMMENTS = (b"\x04", b"\x84")  # as one of several blocks, and as the last


@dataclass(slots=True, kw_only=True)
class _Stream:
    """
    One logical stream while its headers are gathered.

    ``packets`` are the whole header packets, ``pages`` those behind the first page that hold them,
    ``used`` the segments of the last one that belong to headers.
    """

    start: int
    serial: int
    codec: str
    packets: list[bytes] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    pending: bytearray = field(default_factory=bytearray)
    used: int = 0
    done: bool = False

    @property
    def comment(self) -> int | None:
        """Return the number of the comment packet, None when there is none."""
        if self.codec != "flac":
            return 1 if len(self.packets) > 1 else None
        kinds = enumerate(packet[:1] for packet in self.packets)
        return next((n for n, kind in kinds if n and kind in _FLAC_COMMENTS), None)


def probe(data: bytes) -> SoundHeader:
    """Return the facts of the first stream of sound, and the playing time from its last page."""
    stream = _read(data)[0][0]
    head = stream.packets[0]
    try:
        rate, channels, skip = _facts(stream.codec, head)
    except (struct.error, IndexError) as error:
        raise CorruptMedia("the first header of the Ogg stream is too short") from error
    last = _last_granule(data, stream.serial)
    if stream.codec == "flac" and len(head) < 51:
        raise CorruptMedia("the first header of the Ogg stream is too short")
    return SoundHeader(
        format="ogg",
        codec=stream.codec,
        channels=channels,
        rate=rate,
        bits=stream_header(head[17:51], "ogg").bits if stream.codec == "flac" else 0,
        seconds=(last - skip) / rate if rate and last is not None and last >= skip else None,
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the comments of every stream, and what stands behind the last page."""
    streams, end = _read(data)
    for stream in streams:
        number = stream.comment
        if number is not None:
            raw = stream.packets[number][_prefix_size(stream) :]
            yield from comment_blocks(raw, f"Ogg {stream.codec}")
    if end < len(data):
        rest = memoryview(data)[end:]
        yield Block(kind="raw", place="behind the Ogg", content=rest, scheme="vorbis-text")


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: the comments of every stream, trailing bytes."""
    return collect(blocks(data))


def write(data: bytes, value: str) -> bytes:
    """Return the file with one comment called AIGC, in the first stream of sound."""
    streams, end = _read(data)
    fresh: dict[int, tuple[bytes, int]] = {}
    for number, stream in enumerate(streams):
        packets = _relabelled(stream, None if number else value)
        if packets != stream.packets:
            fresh[stream.start] = _paged(data, stream, packets)
    if not fresh:
        return data[:end] + blanked(data[end:])
    gone = {page.start: s.start for s in streams if s.start in fresh for page in s.pages}
    first = {s.pages[0].start for s in streams if s.start in fresh}
    moved: dict[int, int] = {}
    pieces: list[bytes | memoryview] = []
    kept = 0
    for page in read_pages(data):
        if page.flags & FIRST:
            moved[page.serial] = 0
        by = moved.get(page.serial, 0)
        if page.start not in gone and not by:
            continue
        pieces.append(memoryview(data)[kept : page.start])
        kept = page.end
        if page.start not in gone:
            pieces.append(renumbered(data, page, by))
        elif page.start in first:
            raw, more = fresh[gone[page.start]]
            pieces.append(raw)
            moved[page.serial] = more
    return b"".join([*pieces, memoryview(data)[kept:end], blanked(data[end:])])


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the bodies of all pages, header packets of sound left out."""
    streams, _ = _read(data)
    heads = {stream.start for stream in streams}
    last = {s.pages[-1].start: s.used for s in streams if s.pages}
    inner = {page.start for s in streams for page in s.pages[:-1]}
    view = memoryview(data)
    for page in read_pages(data):
        if page.start in heads or page.start in inner:
            continue
        skip = sum(page.lacing[: last.get(page.start, 0)])
        if page.body + skip < page.end:
            yield view[page.body + skip : page.end]


def _read(data: bytes) -> tuple[list[_Stream], int]:
    """Return the streams of sound, and where the last page ends."""
    open_streams: dict[int, _Stream] = {}
    streams: list[_Stream] = []
    end = 0
    sound = False
    for page in read_pages(data):
        end = page.end
        if page.flags & FIRST:
            stream = _Stream(start=page.start, serial=page.serial, codec=_codec(data, page))
            open_streams[page.serial] = stream
            if stream.codec:
                streams.append(stream)
            if len(streams) > _MAX_STREAMS or len(open_streams) > _MAX_STREAMS:
                raise MediaTooLarge(f"the Ogg file has more than {_MAX_STREAMS} streams")
        current = open_streams.get(page.serial)
        if current is None or not current.codec:
            continue
        if current.done:
            sound = True
        else:
            sound |= _gather(data, page, current)
    if not streams:
        raise CorruptMedia("the Ogg file holds no stream of Vorbis, Opus, Speex or FLAC sound")
    if not all(stream.done for stream in streams) or not sound:
        raise CorruptMedia("the Ogg file is truncated: headers or sound are missing")
    return streams, end


def _codec(data: bytes, page: Page) -> str:
    """Return the codec that the first packet of a stream announces, '' for others."""
    return next((name for magic, name in _MAGIC.items() if data.startswith(magic, page.body)), "")


def _gather(data: bytes, page: Page, stream: _Stream) -> bool:
    """Take the header packets out of one page; say whether sound follows them on it."""
    if page.start != stream.start:
        stream.pages.append(page)
    position = page.body
    for number, size in enumerate(page.lacing):
        stream.pending += data[position : position + size]
        position += size
        if len(stream.pending) > LIMITS.xmp_bytes:
            raise MediaTooLarge("metadata oversized: the comments of the Ogg file are too long")
        if size < 255:
            stream.packets.append(bytes(stream.pending))
            stream.pending.clear()
            if _is_complete(stream):
                stream.done, stream.used = True, number + 1
                break
    if len(stream.packets) > _MAX_PACKETS:
        raise MediaTooLarge(f"the Ogg file has more than {_MAX_PACKETS} header packets")
    if stream.done and not stream.pages:
        raise UnsupportedMedia("the headers of the Ogg stream all stand on its first page")
    return stream.done and stream.used < len(page.lacing)


def _is_complete(stream: _Stream) -> bool:
    """Say whether the last header packet has been read."""
    head = stream.packets[0]
    if stream.codec == "flac":
        return len(stream.packets) > 1 and bool(stream.packets[-1][:1] >= b"\x80")
    extra = int.from_bytes(head[68:72], "little") if stream.codec == "speex" else 0
    return len(stream.packets) >= _HEADERS[stream.codec] + min(extra, _MAX_PACKETS)


def _prefix_size(stream: _Stream) -> int:
    """Return how many bytes stand before the comments in their packet."""
    return 4 if stream.codec == "flac" else len(_PREFIX[stream.codec])


def _relabelled(stream: _Stream, value: str | None) -> list[bytes]:
    """Return the header packets with the label in the comments, or without any."""
    number = stream.comment
    if number is None:
        return _with_new_comment(stream, value) if value else stream.packets
    size = _prefix_size(stream)
    prefix, raw = stream.packets[number][:size], stream.packets[number][size:]
    if stream.codec != "flac" and prefix != _PREFIX[stream.codec]:
        raise CorruptMedia("the comment header of the Ogg stream is malformed")
    content = vorbis.to_bytes(vorbis.with_label(vorbis.read_comments(raw), value))
    if stream.codec == "flac":
        prefix = prefix[:1] + len(content).to_bytes(3, "big")
    out = list(stream.packets)
    out[number] = prefix + content
    return out


def _with_new_comment(stream: _Stream, value: str) -> list[bytes]:
    """Return the packets of an Ogg FLAC stream that has no comments, with one more packet."""
    content = vorbis.to_bytes(vorbis.with_label(Comments(vendor=b"", entries=()), value))
    packet = bytes([_FLAC_COMMENT]) + len(content).to_bytes(3, "big") + content
    first = bytearray(stream.packets[0])
    count = int.from_bytes(first[7:9], "big")
    if count:
        raise UnsupportedMedia("the Ogg FLAC stream has no comments to put a label into")
    return [bytes(first), packet, *stream.packets[1:]]


def _paged(data: bytes, stream: _Stream, packets: list[bytes]) -> tuple[bytes, int]:
    """Return the pages behind the first one with these packets, and how many more they are."""
    last = stream.pages[-1]
    rest = sum(last.lacing[: stream.used])
    lacing = b"".join(map(lacing_of, packets[1:])) + last.lacing[stream.used :]
    body = b"".join(packets[1:]) + data[last.body + rest : last.end]
    return repage(lacing, body, stream.pages)


def _facts(codec: str, head: bytes) -> tuple[int, int, int]:
    """Return rate, channels, and the samples that are not played."""
    if codec == "vorbis":
        return struct.unpack_from("<I", head, 12)[0], head[11], 0
    if codec == "opus":
        return 48_000, head[9], struct.unpack_from("<H", head, 10)[0]
    if codec == "speex":
        return struct.unpack_from("<I", head, 36)[0], struct.unpack_from("<I", head, 48)[0], 0
    header = stream_header(head[17:51], "ogg")
    return header.rate, header.channels, 0


def _last_granule(data: bytes, serial: int) -> int | None:
    """Return the position that the last page of a stream states."""
    position = len(data)
    floor = max(0, len(data) - _TAIL)
    while (position := data.rfind(b"OggS", floor, position)) >= 0:
        if position + 18 <= len(data):
            granule, own = struct.unpack_from("<QI", data, position + 6)
            if own == serial and granule >> 63 == 0:
                return int(granule)
    return None
