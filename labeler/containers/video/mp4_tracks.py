"""What the ``moov`` box of a film says of its tracks: codecs, sizes, turning, time, encryption."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from labeler.containers.boxes import Box, child, read_boxes
from labeler.containers.video.model import VideoHeader
from labeler.errors import CorruptMedia, UnsupportedMedia


_CODECS = {
    b"avc1": "h264",
    b"avc3": "h264",
    b"hvc1": "hevc",
    b"hev1": "hevc",
    b"dvh1": "hevc",
    b"dvhe": "hevc",
    b"av01": "av1",
    b"vp08": "vp8",
    b"vp09": "vp9",
    b"mp4v": "mpeg4",
    b"s263": "h263",
    b"jpeg": "mjpeg",
    b"mjpa": "mjpeg",
    b"apch": "prores",
    b"apcn": "prores",
    b"apcs": "prores",
    b"apco": "prores",
    b"ap4h": "prores",
    b"mp4a": "aac",
    b"Opus": "opus",
    b"fLaC": "flac",
    b".mp3": "mp3",
    b"ac-3": "ac3",
    b"ec-3": "eac3",
    b"sowt": "pcm",
    b"twos": "pcm",
    b"lpcm": "pcm",
    b"ipcm": "pcm",
}
_PICTURES, _SOUND = b"vide", b"soun"
_LOCKED = {b"encv", b"enca", b"drmi", b"drms"}
_FIXED = {_PICTURES: 78, _SOUND: 28}
"""Bytes of a sample entry before its first box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One track: its handler, its header, its first sample entry, how many samples it has."""

    handler: bytes
    header: bytes
    entry: Box | None
    samples: int


def read_header(data: bytes, moov: Box, format_name: str) -> VideoHeader:
    """
    Return the facts of a film from its ``moov`` box.

    Raises `UnsupportedMedia` when it has no track of pictures, `CorruptMedia` when that is empty or
    cannot be read.
    """
    tracks = read_tracks(data, moov)
    pictures = next((t for t in tracks if t.handler == _PICTURES and t.entry), None)
    if pictures is None or pictures.entry is None:
        raise UnsupportedMedia("the file holds no moving pictures: it has no video track")
    fragmented = child(data, moov, b"mvex") is not None
    if not pictures.samples and not fragmented:
        raise CorruptMedia("the video track is empty: it has no frames")
    entry = pictures.entry
    if entry.end - entry.body < _FIXED[_PICTURES]:
        raise CorruptMedia("the sample description of the video track is truncated")
    width, height = struct.unpack_from(">HH", data, entry.body + 24)
    shown, rotation = _display(pictures.header)
    return VideoHeader(
        format=format_name,
        codec=_codec(data, pictures),
        width=width,
        height=height,
        shown=shown if all(shown) else (width, height),
        rotation=rotation,
        seconds=_seconds(data, moov),
        sounds=tuple(_codec(data, t) for t in tracks if t.handler == _SOUND and t.entry),
        encrypted=any(_is_locked(data, track) for track in tracks),
        fragmented=fragmented,
    )


def read_tracks(data: bytes, moov: Box) -> list[Track]:
    """Return the tracks that say what they are."""
    found = []
    for trak in read_boxes(data, moov.body, moov.end):
        mdia = child(data, trak, b"mdia") if trak.type == b"trak" else None
        hdlr = child(data, mdia, b"hdlr") if mdia else None
        if mdia is None or hdlr is None:
            continue
        inner: Box | None = mdia
        for kind in (b"minf", b"stbl"):
            inner = child(data, inner, kind) if inner else None
        stsd = child(data, inner, b"stsd") if inner else None
        entries = read_boxes(data, stsd.body + 8, stsd.end) if stsd else []
        tkhd = child(data, trak, b"tkhd")
        found.append(
            Track(
                handler=data[hdlr.body + 8 : hdlr.body + 12],
                header=data[tkhd.body : tkhd.end] if tkhd else b"",
                entry=entries[0] if entries else None,
                samples=_samples(data, inner) if inner else 0,
            )
        )
    return found


def _samples(data: bytes, stbl: Box) -> int:
    """Return how many samples the tables of a track list."""
    for kind in (b"stsz", b"stz2"):
        table = child(data, stbl, kind)
        if table and table.end - table.body >= 12:
            return int.from_bytes(data[table.body + 8 : table.body + 12], "big")
    return 0


def _codec(data: bytes, track: Track) -> str:
    """Return the name of the codec of a track, that behind the encryption when there is one."""
    if track.entry is None:
        return ""
    kind = track.entry.type
    if kind in _LOCKED and (sinf := _protection(data, track)):
        original = child(data, sinf, b"frma")
        kind = data[original.body : original.body + 4] if original else kind
    return _CODECS.get(kind, kind.decode("latin-1").strip())


def _is_locked(data: bytes, track: Track) -> bool:
    """Say whether the samples of a track are encrypted."""
    if track.entry is None:
        return False
    return track.entry.type in _LOCKED or _protection(data, track) is not None


def _protection(data: bytes, track: Track) -> Box | None:
    """Return the protection scheme of a track."""
    if track.entry is None or track.handler not in _FIXED:
        return None
    return child(data, track.entry, b"sinf", _FIXED[track.handler])


def _display(tkhd: bytes) -> tuple[tuple[int, int], int]:
    """Return the size to show a track at and how it is turned, from its header."""
    start = 52 if tkhd[:1] == b"\1" else 40
    if len(tkhd) < start + 44:
        return (0, 0), 0
    a, b = struct.unpack_from(">ii", tkhd, start)
    width, height = struct.unpack_from(">II", tkhd, start + 36)
    turned = round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360
    return ((width + 0x8000) >> 16, (height + 0x8000) >> 16), turned


def _seconds(data: bytes, moov: Box) -> float | None:
    """Return the playing time that the header of the film or of its fragments states."""
    mvhd = child(data, moov, b"mvhd")
    if mvhd is None or mvhd.end - mvhd.body < 20:
        return None
    if data[mvhd.body] == 1 and mvhd.end - mvhd.body >= 32:
        scale, length = struct.unpack_from(">IQ", data, mvhd.body + 20)
    else:
        scale, length = struct.unpack_from(">II", data, mvhd.body + 12)
    if not length and (mvex := child(data, moov, b"mvex")):
        mehd = child(data, mvex, b"mehd")
        length = int.from_bytes(data[mehd.body + 4 : mehd.end][:8], "big") if mehd else 0
    unknown = length in {0, 0xFFFF_FFFF} or length >> 63
    return length / scale if scale and not unknown else None
