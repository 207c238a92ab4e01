"""Inflating with a cap, and the hexadecimal profiles that ImageMagick puts into PNG text."""

from __future__ import annotations

import binascii
import re
import zlib

from labeler.containers.model import Block
from labeler.containers.spans import blanked
from labeler.containers.tags import exif, xmp
from labeler.errors import CorruptMedia, MediaTooLarge


_PROFILE = re.compile(rb"\s*([\w .-]{1,20}?)\s*\n\s*(\d{1,9})\s*\n([0-9A-Fa-f\s]*+)")
_XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"


def inflate(packed: bytes, cap: int) -> bytes:
    """
    Return inflated text of at most ``cap`` bytes.

    Raises `MediaTooLarge` for more (never allocating it), `CorruptMedia` for a broken stream.
    """
    if cap <= 0:
        raise MediaTooLarge("metadata oversized: the compressed texts of the file are too long")
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(packed, cap)
        if inflater.unconsumed_tail and inflater.decompress(inflater.unconsumed_tail, 1):
            raise MediaTooLarge(f"metadata oversized: a compressed text has more than {cap} bytes")
    except zlib.error as error:
        raise CorruptMedia(f"a compressed text is broken: {error}") from error
    return content


def block(key: str, content: bytes, place: str) -> Block:
    """Return the block behind a ``Raw profile type …`` text."""
    raw = _unhex(content)
    if raw is None:
        return Block(kind="text", place=place, content=content, key=key, scheme="png-text")
    if raw.startswith(_XMP_HEADER):
        return Block(kind="xmp", place=place, content=raw[len(_XMP_HEADER) :])
    if raw.lstrip().startswith(b"<"):
        return Block(kind="xmp", place=place, content=raw)
    kind = "exif" if raw[:6] == exif.PREFIX or raw[:2] in {b"II", b"MM"} else "raw"
    return Block(kind=kind, place=place, content=raw, scheme="png-text")


def collapse(key: str, content: bytes) -> bytes:
    """Return the text of a profile, its copies of a label given up for the one in XMP."""
    raw = _unhex(content)
    if raw is None:
        return content
    kind = block(key, content, "").kind
    if kind == "exif":
        changed = exif.collapse(raw)
    elif kind == "xmp":
        head = _XMP_HEADER if raw.startswith(_XMP_HEADER) else b""
        changed = head + xmp.collapse(raw[len(head) :])
    else:
        changed = blanked(raw)
    if changed == raw:
        return content
    name = key.rpartition(" ")[2].encode("latin-1", "replace")
    digits = changed.hex().encode()
    lines = b"\n".join(digits[i : i + 72] for i in range(0, len(digits), 72))
    return b"\n" + name + b"\n" + b"%8d" % len(changed) + b"\n" + lines + b"\n"


def _unhex(content: bytes) -> bytes | None:
    """Return the bytes behind the hexadecimal digits, None when it is no such profile."""
    match = _PROFILE.match(content)
    if not match:
        return None
    try:
        return binascii.unhexlify(b"".join(match[3].split()))
    except binascii.Error:
        return None
