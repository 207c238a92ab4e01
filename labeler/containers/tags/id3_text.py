"""Texts in ID3 frames: their four encodings, their descriptions, and how they are written again."""

from __future__ import annotations

import codecs
from dataclasses import dataclass


_CODINGS = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}
_DESCRIBED = {b"TXXX", b"TXX", b"WXXX", b"WXX"}
_SPOKEN = {b"COMM", b"COM", b"USLT", b"ULT"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """
    One text frame: the bytes before the description, the description, and the text in UTF-8.

    ``described`` says that the frame has a description at all.
    """

    coding: int
    language: bytes
    key: str
    value: bytes
    described: bool


def parse_text(name: bytes, content: bytes) -> Text | None:
    """Return the text of a frame, None for a frame that is no text."""
    if not content or content[0] not in _CODINGS or name[:1] not in {b"T", b"C", b"U", b"W"}:
        return None
    coding, language, rest = content[0], b"", content[1:]
    if name in _SPOKEN:
        language, rest = rest[:3], rest[3:]
    elif name not in _DESCRIBED:
        if name[:1] != b"T":
            return None
        value = _to_utf8(rest, coding)
        return Text(coding=coding, language=b"", key="", value=value, described=False)
    key, value = split_string(rest, coding)
    wide = 0 if name in {b"WXXX", b"WXX"} else coding  # addresses are Latin-1 always
    return Text(
        coding=coding,
        language=language,
        key=_to_utf8(key, coding).decode("utf-8", "replace").strip("\0\ufeff "),
        value=_to_utf8(value, wide),
        described=True,
    )


def encode_text(text: Text, value: bytes, *, utf8: bool) -> bytes:
    """Return the content of a frame with another text; ``utf8`` is for ID3v2.4 only."""
    shown = value.decode("utf-8", "replace")
    if utf8:
        code, key, body = b"\x03", text.key.encode() + b"\0", shown.encode()
    else:
        code, key, body = latin_or_wide(text.key, shown)
    return code + text.language + (key if text.described else b"") + body


def latin_or_wide(key: str, value: str) -> tuple[bytes, bytes, bytes]:
    """Return coding byte, closed description and text: Latin-1, or UTF-16 where that fails."""
    try:
        return b"\0", key.encode("latin-1") + b"\0", value.encode("latin-1")
    except UnicodeEncodeError:
        mark = codecs.BOM_UTF16_LE
        wide = mark + key.encode("utf-16-le") + b"\0\0"
        return b"\x01", wide, mark + value.encode("utf-16-le")


def split_string(raw: bytes, coding: int) -> tuple[bytes, bytes]:
    """Return what stands before and behind the end of the first string."""
    if coding not in {1, 2}:
        first, _, rest = raw.partition(b"\0")
        return first, rest
    position = raw.find(b"\0\0")
    while position % 2 and position > 0:
        position = raw.find(b"\0\0", position + 1)
    return (raw, b"") if position < 0 else (raw[:position], raw[position + 2 :])


def _to_utf8(raw: bytes, coding: int) -> bytes:
    """Return a text as UTF-8; bytes under the name of Latin-1 stay, as many are UTF-8 in truth."""
    if coding in {0, 3}:
        return raw
    name = _CODINGS[coding]
    if coding == 1 and raw[:2] not in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        name = "utf-16-le"
    return raw.decode(name, "replace").encode("utf-8", "replace")
