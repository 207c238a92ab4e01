"""What a file is, by its first bytes and never by its name (R-51)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labeler.containers.boxes import child, read_boxes
from labeler.containers.film_boxes import read_film_boxes
from labeler.containers.mpeg import is_adts, is_layer_3
from labeler.containers.pieces import read_at, read_span
from labeler.containers.tags.id3 import tag_size
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from typing import BinaryIO


_SIGNATURES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"BM", "bmp"),
    (b"%PDF-", "pdf"),
    (b"8BPS", "psd"),
    (b"\0\0\1\0", "ico"),
    (b"qoif", "qoi"),
    (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (b"PK\3\4", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"fLaC", "flac"),
    (b"FLV\1", "flv"),
    (b"DKIF", "ivf"),
    (b"YUV4MPEG2 ", "y4m"),
    (b"\0\0\1\xba", "mpegps"),
    (b"\0\0\1\xb3", "mpegvideo"),
    (b"\0\0\0\1", "annexb"),
)
_RIFF = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
_FORMS = {b"AIFF": "aiff", b"AIFC": "aiff"}
_WIDE = (b"RF64", b"BW64")
_ASF = bytes.fromhex("3026B2758E66CF11A6D900AA0062CE6C")
_ASF_VIDEO = bytes.fromhex("C0EF19BC4D5BCF11A8FD00805F5C442B")
_MAX_TAGS = 16
_BRANDS = {
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heic",
    b"heix": "heic",
    b"heim": "heic",
    b"heis": "heic",
    b"hevc": "heic",
    b"hevx": "heic",
    b"M4A ": "m4a",
    b"M4B ": "m4a",
    b"M4P ": "m4a",
    b"qt  ": "mov",
    b"crx ": "cr3",
}
_GENERIC = {b"mif1", b"msf1"}
_EBML = b"\x1a\x45\xdf\xa3"
_WEBM = b"\x42\x82\x84webm"
_OLD_MOV = {b"moov", b"mdat"}
_FILLERS = {b"wide", b"free", b"skip", b"pnot"}
_PACKETS = ((188, 0), (192, 4))
"""Length of the packets of MPEG transport streams, and where the sync byte stands in them."""

_SYNC = 0x47
_HEAD = 1 << 20
_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>]*>|\s)*<(svg|html)[\s>]", re.DOTALL
)


def sniff(data: bytes) -> str | None:
    """
    Return the name of the format: one of this package, another known one, or None.

    A file with ID3 tags in front is what follows them; an MP4 file that holds sound only is
    ``m4a``, an ASF file without pictures ``wma``. Of long videos, `sniff_file` tells these apart.

    >>> sniff(b"GIF89a..."), sniff(b"%PDF-1.7"), sniff(b"hello")
    ('gif', 'pdf', None)
    """
    head = bytes(data[:4096])
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        name = _brand(head)
        return "m4a" if name == "mp4" and _is_sound_only(data) else name
    return _video(head) or _sound(data, head) or _markup(head)


def sniff_file(file: BinaryIO) -> str | None:
    """Return the name of the format of a file of any length, as `sniff` does of bytes."""
    head = read_at(file, 0, _HEAD)
    name = sniff(head)
    if name != "mp4" or len(head) < _HEAD:
        return name
    try:
        moov = next((part for part in read_film_boxes(file) if part.type == b"moov"), None)
        data = read_span(file, moov.start, moov.end, "moov") if moov else b""
        handlers = _handlers(data)
    except (CorruptMedia, MediaTooLarge):
        return name
    return "m4a" if b"soun" in handlers and b"vide" not in handlers else name


def _video(head: bytes) -> str | None:
    """Return the name of a format of video that has no plain signature, None for others."""
    if head.startswith(_EBML):
        return "webm" if _WEBM in head[:64] else "mkv"
    if any(_is_transport(head, step, start) for step, start in _PACKETS):
        return "mpegts"
    size = int.from_bytes(head[:4], "big")
    if head[4:8] in _FILLERS and head[size + 4 : size + 8] in _OLD_MOV | _FILLERS:
        return "mov"
    return "mov" if head[4:8] in _OLD_MOV and (size >= 8 or size < 2) else None


def _is_transport(head: bytes, step: int, start: int) -> bool:
    """Say whether packets of a transport stream stand here, at least three."""
    syncs = head[start : start + 3 * step : step]
    return len(syncs) == 3 and set(syncs) == {_SYNC}


def _markup(head: bytes) -> str | None:
    """Return the name of a text format, None for others."""
    found = _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")[:2048])
    return found[1].decode() if found else None


def _sound(data: bytes, head: bytes) -> str | None:
    """Return the name of a format of sound (or of its video sibling), None for others."""
    if head.startswith(_WIDE) and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"FORM"):
        return _FORMS.get(head[8:12])
    if head.startswith(b"OggS"):
        return "ogv" if b"\x80theora" in head else "ogg"
    if head.startswith(_ASF):
        size = int.from_bytes(head[16:24], "little")
        return "wmv" if _ASF_VIDEO in bytes(data[: min(size, _HEAD)]) else "wma"
    return _tagged(data)


def _tagged(data: bytes) -> str | None:
    """Return the format of a stream of frames, with or without ID3 tags in front."""
    position = 0
    for _ in range(_MAX_TAGS):
        position += tag_size(data, position)
    if data[position : position + 4] == b"fLaC":
        return "flac"
    if is_adts(data, position):
        return "aac"
    return "mp3" if data[:3] == b"ID3" or is_layer_3(data, position) else None


def _is_sound_only(data: bytes) -> bool:
    """Say whether an MP4 file has tracks of sound and none of pictures."""
    try:
        handlers = _handlers(data)
    except MediaTooLarge:
        return False
    return b"soun" in handlers and b"vide" not in handlers


def _handlers(data: bytes) -> set[bytes]:
    """Return what kinds of tracks an MP4 file has."""
    handlers = set()
    for moov in read_boxes(data, 0, len(data)):
        for trak in read_boxes(data, moov.body, moov.end) if moov.type == b"moov" else []:
            mdia = child(data, trak, b"mdia") if trak.type == b"trak" else None
            hdlr = child(data, mdia, b"hdlr") if mdia else None
            if hdlr:
                handlers.add(bytes(data[hdlr.body + 8 : hdlr.body + 12]))
    return handlers


def _brand(head: bytes) -> str:
    """Return the format behind the brands of an ISO base media file."""
    major = head[8:12]
    if major in _BRANDS:
        return _BRANDS[major]
    size = int.from_bytes(head[:4], "big")
    brands = [head[i : i + 4] for i in range(16, min(size, len(head)), 4)]
    pictures = [_BRANDS[brand] for brand in brands if _BRANDS.get(brand) in {"avif", "heic"}]
    if pictures and (major in _GENERIC or "avif" in pictures):
        return "avif" if "avif" in pictures else "heic"
    return "heif" if major in _GENERIC else "mp4"
