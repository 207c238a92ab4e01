"""What a file is, by its first bytes and never by its name (R-51)."""

from __future__ import annotations

import re


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
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"FLV\1", "flv"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
)
_RIFF = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
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
    b"qt  ": "mov",
}
_GENERIC = {b"mif1", b"msf1"}
_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>]*>|\s)*<(svg|html)[\s>]", re.DOTALL
)


def sniff(data: bytes) -> str | None:
    """
    Return the name of the format: a picture format of this package, another known one, or None.

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
        return _brand(head)
    found = _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")[:2048])
    return found[1].decode() if found else None


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
