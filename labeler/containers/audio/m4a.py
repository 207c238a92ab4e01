"""
M4A, and MP4 files that hold sound only: the label stands in ``moov.udta.meta`` (202510A, R-35).

``mdat`` is never touched. Where ``moov`` grows and sound stands behind it, free room is used up, or
every chunk offset moves by the growth.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.audio.model import SoundHeader
from labeler.containers.boxes import Box, box, child, read_boxes
from labeler.containers.carriers import collect
from labeler.containers.model import Block, Carrier
from labeler.containers.spans import blanked
from labeler.containers.tags import movie
from labeler.errors import CorruptMedia, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Iterator


_CODECS = {b"mp4a": "aac", b"Opus": "opus", b"fLaC": "flac", b".mp3": "mp3", b"ac-3": "ac3"}
_AAC = re.compile(rb"\x05(?:\x80\x80\x80)?[\x02-\x40](..)", re.DOTALL)
"""The start of an AAC configuration: object, rate, channels in 5, 4 and 4 bits."""

_LOCKED = {b"drms", b"enca"}
_SILENT = {b"ftyp", b"mdat", b"moov", b"moof", b"sidx", b"mfra", b"styp"}
_FREE = {b"free", b"skip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    """One track of sound: its sample entry, and its media header."""

    entry: Box
    mdhd: Box | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """The top-level boxes, ``moov`` among them."""

    top: list[Box]
    moov: Box


def probe(data: bytes) -> SoundHeader:
    """Return the facts of the first track of sound."""
    file = _read(data)
    tracks = _tracks(data, file)
    if not tracks:
        raise CorruptMedia("the M4A holds no track of sound")
    track = tracks[0]
    if track.entry.end - track.entry.body < 28:
        raise CorruptMedia("the sample description of the M4A is truncated")
    channels, bits, _, _, rate = struct.unpack_from(">HHHHI", data, track.entry.body + 16)
    scale, duration = _times(data, track.mdhd)
    channels = _coded_channels(data, track.entry) or channels
    codec = _CODECS.get(track.entry.type, track.entry.type.decode("latin-1").strip())
    return SoundHeader(
        format="m4a",
        codec=codec,
        channels=channels,
        rate=rate >> 16 or scale,
        bits=bits if codec in {"alac", "flac"} else 0,
        seconds=duration / scale if scale and duration else None,
        protected=any(_is_locked(data, one) for one in tracks),
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the tag lists of file and tracks, XMP and C2PA boxes, and boxes of others."""
    file = _read(data)
    for part in file.top:
        if part is file.moov:
            yield from movie.blocks_of(data, part)
        elif part.type not in _SILENT:
            yield from movie.top_block(data, part)
    if file.top[-1].end < len(data):
        rest = memoryview(data)[file.top[-1].end :]
        yield Block(kind="raw", place="behind the last box", content=rest, scheme="isobmff-box")


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: tag lists with and without keys, freeform items, XMP, other boxes."""
    return collect(blocks(data))


def write(data: bytes, value: str) -> bytes:
    """
    Return the file with one label in ``moov.udta.meta``, media data byte-identical.

    Raises `UnsupportedMedia` for protected files, and for fragmented files whose parts name places
    in the file that would move.
    """
    file = _read(data)
    if any(_is_locked(data, track) for track in _tracks(data, file)):
        raise UnsupportedMedia("the sound is protected (DRM); a label cannot be put into it")
    moov = movie.with_label(data, file.moov, value)
    more = len(moov) - (file.moov.end - file.moov.start)
    room = _room_behind(file)
    if more and room and (room - more >= 8 or room == more):
        filler = box(b"free", bytes(room - more - 8)) if room != more else b""
        pieces = [moov, filler]
        resume = file.moov.end + room
    else:
        if more:
            _require_movable(data, file)
            moov = movie.with_moved_chunks(moov, file.moov.end, more)
        pieces, resume = [moov], file.moov.end
    before = _cleaned(data, file, 0, file.moov.start)
    return b"".join([*before, *pieces, *_cleaned(data, file, resume, len(data))])


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the contents of every ``mdat``."""
    for part in _read(data).top:
        if part.type == b"mdat":
            yield memoryview(data)[part.body : part.end]


def _read(data: bytes) -> _File:
    """Return the boxes of the file; raise `CorruptMedia` when ``moov`` or ``mdat`` is missing."""
    top = read_boxes(data, 0, len(data))
    moov = next((part for part in top if part.type == b"moov"), None)
    sound = any(part.type == b"mdat" and part.end > part.body for part in top)
    if moov is None or not sound or top[0].type != b"ftyp":
        raise CorruptMedia("the M4A is truncated or malformed: ftyp, moov or mdat is missing")
    return _File(top=top, moov=moov)


def _room_behind(file: _File) -> int:
    """Return how many bytes of free boxes follow ``moov`` at once."""
    end = file.moov.end
    for part in file.top:
        if part.start == end and part.type in _FREE:
            end = part.end
    return end - file.moov.end


def _tracks(data: bytes, file: _File) -> list[_Track]:
    """Return the tracks of sound."""
    found = []
    for trak in read_boxes(data, file.moov.body, file.moov.end):
        mdia = child(data, trak, b"mdia") if trak.type == b"trak" else None
        hdlr = child(data, mdia, b"hdlr") if mdia else None
        if mdia is None or hdlr is None or data[hdlr.body + 8 : hdlr.body + 12] != b"soun":
            continue
        inner: Box | None = mdia
        for kind in (b"minf", b"stbl", b"stsd"):
            inner = child(data, inner, kind) if inner else None
        entries = read_boxes(data, inner.body + 8, inner.end) if inner else []
        mdhd = child(data, mdia, b"mdhd")
        found += [_Track(entry=entry, mdhd=mdhd) for entry in entries]
    return found


def _coded_channels(data: bytes, entry: Box) -> int:
    """Return the channels that the AAC configuration states, 0 when there is none."""
    esds = child(data, entry, b"esds", 28)
    found = _AAC.search(data[esds.body : esds.end]) if esds else None
    bits = int.from_bytes(found[1], "big") if found else 0
    if bits >> 11 == 31 or bits >> 7 & 15 == 15:
        return 0  # longer forms, which name rates and objects that are seldom used
    channels = bits >> 3 & 15
    return 8 if channels == 7 else channels


def _is_locked(data: bytes, track: _Track) -> bool:
    """Say whether the samples of a track are encrypted."""
    return track.entry.type in _LOCKED or child(data, track.entry, b"sinf", 28) is not None


def _times(data: bytes, mdhd: Box | None) -> tuple[int, int]:
    """Return units a second and the playing time in them."""
    if mdhd is None or mdhd.end - mdhd.body < 20:
        return 0, 0
    if data[mdhd.body] == 1 and mdhd.end - mdhd.body >= 32:
        scale, duration = struct.unpack_from(">IQ", data, mdhd.body + 20)
        return int(scale), int(duration) if duration >> 63 == 0 else 0
    scale, duration = struct.unpack_from(">II", data, mdhd.body + 12)
    return int(scale), int(duration) if duration != 0xFFFF_FFFF else 0


def _cleaned(data: bytes, file: _File, start: int, stop: int) -> Iterator[bytes | memoryview]:
    """Yield the top-level boxes between two positions, labels of the same length blanked."""
    for part in file.top:
        if start <= part.start < stop:
            if part.type in _SILENT:
                yield memoryview(data)[part.start : part.end]
            else:
                yield movie.blanked_box(data, part)
    if stop == len(data):
        yield blanked(data[max(start, file.top[-1].end) :])


def _require_movable(data: bytes, file: _File) -> None:
    """Raise `UnsupportedMedia` when something but chunk tables names places behind ``moov``."""
    for part in file.top:
        names = part.type in {b"mfra", b"meta"} or (
            part.type == b"sidx" and part.start < file.moov.start
        )
        for traf in read_boxes(data, part.body, part.end) if part.type == b"moof" else []:
            tfhd = child(data, traf, b"tfhd") if traf.type == b"traf" else None
            names |= (
                tfhd is not None
                and data[tfhd.body + 3 : tfhd.end][:1] >= b"\x01"
                and bool(data[tfhd.body + 3] & 1)
            )
        if names:
            raise UnsupportedMedia(
                "the M4A is fragmented and names places in itself that a label would move; "
                "save it as a plain M4A first"
            )
