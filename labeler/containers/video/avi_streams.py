"""What the header list of an AVI says of its streams: codecs, size, time."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from labeler.containers.chunks import read_chunks
from labeler.containers.video.model import VideoHeader
from labeler.errors import CorruptMedia, UnsupportedMedia


_CODECS = {
    b"H264": "h264",
    b"X264": "h264",
    b"AVC1": "h264",
    b"HEVC": "hevc",
    b"XVID": "mpeg4",
    b"DIVX": "mpeg4",
    b"DX50": "mpeg4",
    b"FMP4": "mpeg4",
    b"MP4V": "mpeg4",
    b"DIV3": "msmpeg4v3",
    b"MJPG": "mjpeg",
    b"MPG1": "mpeg1video",
    b"MPG2": "mpeg2video",
    b"FFV1": "ffv1",
    b"HFYU": "huffyuv",
    b"CVID": "cinepak",
    b"\0\0\0\0": "rawvideo",
}
_SOUNDS = {1: "pcm", 2: "adpcm-ms", 3: "pcm-float", 0x50: "mp2", 0x55: "mp3", 0xFF: "aac"}
_SOUNDS |= {0x2000: "ac3", 0x161: "wma2", 0x11: "adpcm-ima"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stream:
    """One stream: its kind, its header and its format."""

    kind: bytes
    header: bytes
    format: bytes


def read_header(hdrl: bytes) -> VideoHeader:
    """
    Return the facts of the header list, which is given as a whole chunk.

    Raises `UnsupportedMedia` when there is no stream of pictures, `CorruptMedia` when it is torn.
    """
    streams = _streams(hdrl)
    pictures = next((stream for stream in streams if stream.kind == b"vids"), None)
    if pictures is None:
        raise UnsupportedMedia("the file holds no moving pictures: it has no video stream")
    if len(pictures.format) < 20:
        raise CorruptMedia("the format of the video stream of the AVI is truncated")
    width, height = struct.unpack_from("<ii", pictures.format, 4)
    code = pictures.format[16:20].upper()
    return VideoHeader(
        format="avi",
        codec=_CODECS.get(code, code.decode("latin-1").strip("\0 ")),
        width=abs(width),
        height=abs(height),
        shown=(abs(width), abs(height)),
        seconds=_seconds(pictures.header),
        sounds=tuple(_sound(stream.format) for stream in streams if stream.kind == b"auds"),
    )


def _streams(hdrl: bytes) -> list[_Stream]:
    """Return the streams that have both a header and a format."""
    found = []
    for part in read_chunks(hdrl, 12, len(hdrl), order="<"):
        if part.type != b"LIST" or hdrl[part.body : part.body + 4] != b"strl":
            continue
        inner = {
            one.type: hdrl[one.body : one.end]
            for one in read_chunks(hdrl, part.body + 4, part.end, order="<")
        }
        header = inner.get(b"strh", b"")
        if len(header) >= 36:
            form = inner.get(b"strf", b"")
            found.append(_Stream(kind=header[:4], header=header, format=form))
    return found


def _seconds(strh: bytes) -> float | None:
    """Return the playing time from the length of a stream in units."""
    scale, rate, _, length = struct.unpack_from("<IIII", strh, 20)
    return length * scale / rate if rate and scale and length else None


def _sound(strf: bytes) -> str:
    """Return the name of the codec of a stream of sound."""
    code = int.from_bytes(strf[:2], "little")
    return _SOUNDS.get(code, f"0x{code:04x}")
