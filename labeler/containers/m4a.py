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

from labeler.containers import ilst, xmp
from labeler.containers.boxes import Box, box, child, read_boxes, with_chunks_moved
from labeler.containers.carriers import collect
from labeler.containers.isobmff import C2PA_UUID, XMP_UUID
from labeler.containers.model import Block, Carrier
from labeler.containers.sound_model import SoundHeader
from labeler.containers.spans import blanked, holds_label
from labeler.containers.value import WRAPPER
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
            yield from _moov_blocks(data, part)
        elif part.type not in _SILENT:
            yield from _top_block(data, part)
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
    moov = _moov_with_label(data, file.moov, value)
    more = len(moov) - (file.moov.end - file.moov.start)
    room = _room_behind(file)
    if more and room and (room - more >= 8 or room == more):
        filler = box(b"free", bytes(room - more - 8)) if room != more else b""
        pieces = [moov, filler]
        resume = file.moov.end + room
    else:
        if more:
            _require_movable(data, file)
            moov = with_moved_chunks(moov, file.moov.end, more)
        pieces, resume = [moov], file.moov.end
    before = _cleaned(data, file, 0, file.moov.start)
    return b"".join([*before, *pieces, *_cleaned(data, file, resume, len(data))])


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the contents of every ``mdat``."""
    for part in _read(data).top:
        if part.type == b"mdat":
            yield memoryview(data)[part.body : part.end]


def with_moved_chunks(moov: bytes, behind: int, by: int) -> bytes:
    """Return ``moov`` with its chunk offsets moved; raise `CorruptMedia` when one cannot be."""
    try:
        return with_chunks_moved(moov, behind, by)
    except struct.error as error:
        raise CorruptMedia("a chunk offset of the M4A is beyond what the file can hold") from error


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


def _moov_blocks(data: bytes, moov: Box) -> Iterator[Block]:
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


def _top_block(data: bytes, part: Box) -> Iterator[Block]:
    """Yield a top-level box that may hold metadata."""
    inside = memoryview(data)[part.body : part.end]
    if part.type == b"meta":
        yield from ilst.blocks_of(data, part, "meta")
    elif part.type == b"uuid" and bytes(inside[:16]) == XMP_UUID:
        yield Block(kind="xmp", place="XMP uuid box", content=inside[16:])
    elif part.type == b"uuid" and bytes(inside[:16]) == C2PA_UUID:
        yield Block(kind="c2pa", place="C2PA uuid box", content=inside[16:])
    else:
        yield _box_block(data, part, "")


def _box_block(data: bytes, part: Box, where: str) -> Block:
    """Return a box of others as a text under its name."""
    name = part.type.decode("latin-1")
    content = memoryview(data)[part.body : part.end]
    place = f"{where}box {name!a}"
    return Block(kind="text", place=place, content=content, key=name.strip(), scheme="isobmff-box")


def _moov_with_label(data: bytes, moov: Box, value: str) -> bytes:
    """Return ``moov`` with the label in its user data, and in no other place."""
    pending: str | None = value
    parts = read_boxes(data, moov.body, moov.end)
    pieces: list[bytes] = []
    for part in parts:
        if part.type == b"udta":
            pieces.append(_udta_with_label(data, part, pending))
            pending = None
        elif part.type == b"trak":
            pieces.append(_trak_without_label(data, part))
        elif part.type == b"meta":
            pieces.append(_list_without_label(data, part))
        else:
            pieces.append(data[part.start : part.end])
    if pending is not None:
        pieces.append(box(b"udta", ilst.new_list(value)))
    tail = data[parts[-1].end : moov.end] if parts else b""
    return box(b"moov", b"".join([*pieces, tail]))


def _udta_with_label(data: bytes, udta: Box, value: str | None) -> bytes:
    """Return user data with the label in its tag list, or without any for None."""
    parts = read_boxes(data, udta.body, udta.end)
    pieces: list[bytes] = []
    for part in parts:
        if part.type == b"meta" and value is not None:
            pieces.append(ilst.with_label(data, part, value))
            value = None
        elif part.type == b"meta":
            pieces.append(_list_without_label(data, part))
        elif part.type.upper() != WRAPPER.encode():
            pieces.append(_blanked_box(data, part))
    if value is not None:
        pieces.append(ilst.new_list(value))
    tail = data[parts[-1].end : udta.end] if parts else data[udta.body : udta.end]
    return box(b"udta", b"".join([*pieces, tail]))


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


def _blanked_box(data: bytes, part: Box) -> bytes:
    """Return a box of the same size with blanks where a label stood."""
    whole = data[part.start : part.end]
    head, content = whole[: part.body - part.start], whole[part.body - part.start :]
    if part.type == b"XMP_":
        return head + _padded(content, xmp.collapse(content))
    if part.type == b"uuid" and content.startswith(XMP_UUID):
        return head + content[:16] + _padded(content[16:], xmp.collapse(content[16:]))
    return head + blanked(content) if holds_label(content) else whole


def _padded(old: bytes, new: bytes) -> bytes:
    """Return a packet with blanks up to the length of the old one."""
    return new.ljust(len(old)) if len(new) <= len(old) else old


def _cleaned(data: bytes, file: _File, start: int, stop: int) -> Iterator[bytes | memoryview]:
    """Yield the top-level boxes between two positions, labels of the same length blanked."""
    for part in file.top:
        if start <= part.start < stop:
            if part.type in _SILENT:
                yield memoryview(data)[part.start : part.end]
            else:
                yield _blanked_box(data, part)
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
