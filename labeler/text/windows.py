"""
Texts too long to be held in memory: their first and last part, and one pass over all of it.

What can be labelled at its edges needs no more. Lines of records are handed out in blocks.
"""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.documents import DOCUMENT_ENDINGS, ending_of, sniff_document
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


LONG_FROM = LIMITS.document_bytes
"""Bytes up to which a text is held in memory as a whole."""

WINDOW = 1 << 20
"""Bytes of the first and of the last part that are looked at as text."""

BLOCK = 8 << 20
"""Bytes of records that are handed out at a time."""

LONG_FORMATS = ("text", "markdown", "srt", "vtt", "source", "jsonl", "data")
"""Formats that can be longer than the memory; HTML and JSON have to be parsed as a whole."""

_WIDE = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = ("utf-8", "gb18030")


@dataclass(frozen=True, slots=True, kw_only=True)
class LongText:
    """
    A long text file after one pass over it.

    ``head`` and ``tail`` are its first and last whole lines, ``digest`` is its SHA-256 in hex;
    ``encoding`` is the one that all of it decodes in.
    """

    path: Path
    size: int
    format: str
    digest: str
    encoding: str
    head: bytes
    tail: bytes

    @property
    def edges(self) -> bytes:
        """The first and the last part as one file: labels at the edges stand in it as in all."""
        return self.head + self.tail


def is_long_text(path: Path) -> bool:
    """Say whether a path is a text file that is too long to be held in memory."""
    named = {e for name in LONG_FORMATS for e in DOCUMENT_ENDINGS[name]}
    ending = ending_of(path.name)
    if (f".{ending}" if "." in path.name.lstrip(".") else "") not in named:
        return False
    try:
        if not path.is_file() or path.stat().st_size <= LONG_FROM:
            return False
        with path.open("rb") as file:
            return sniff_document(file.read(1 << 16), path.name) in LONG_FORMATS
    except OSError:
        return False


def open_long_text(path: Path) -> LongText:
    """
    Read a long text once, in blocks: is it text, in which encoding, and what is its SHA-256.

    Raises
    ------
    UnsupportedMedia
        Binary data, UTF-16 or UTF-32, or a file that cannot be read.
    CorruptMedia
        It is neither UTF-8 nor GB18030.
    MediaTooLarge
        A line at either end is longer than the part that is looked at.
    """
    try:
        digest, encoding = _pass_over(path)
        head, tail = _edges(path)
    except OSError as error:
        raise UnsupportedMedia(f"cannot be read: {error.strerror or error}".lower()) from error
    if encoding != "utf-8" and (head.isascii() or tail.isascii()):
        raise UnsupportedMedia(
            "its first or last part is ASCII and the rest GB18030, so a label could not be put in "
            "one encoding; save it as UTF-8"
        )
    return LongText(
        path=path,
        size=path.stat().st_size,
        format=sniff_document(head, path.name) or "text",
        digest=digest,
        encoding=encoding,
        head=head,
        tail=tail,
    )


def _pass_over(path: Path) -> tuple[str, str]:
    """Return the digest and the encoding of a file."""
    digest = hashlib.sha256()
    decoders = {name: codecs.getincrementaldecoder(name)() for name in _ENCODINGS}
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if b"\0" in block or block.startswith(_WIDE):
                raise UnsupportedMedia(
                    "this is binary data, or UTF-16; a text this long has to be UTF-8 or GB18030"
                )
            digest.update(block)
            for name in tuple(decoders):
                if name != "utf-8" and "utf-8" in decoders and block.isascii():
                    continue
                try:
                    decoders[name].decode(block)
                except UnicodeDecodeError:
                    del decoders[name]
            if not decoders:
                break
    for name, decoder in decoders.items():
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return digest.hexdigest(), name
    raise CorruptMedia("the text is neither UTF-8 nor GB18030; save it as UTF-8")


def _edges(path: Path) -> tuple[bytes, bytes]:
    """Return the whole lines at the start and at the end."""
    with path.open("rb") as file:
        head = file.read(WINDOW)
        file.seek(-WINDOW, 2)
        tail = file.read(WINDOW)
    end, begin = head.rfind(b"\n") + 1, tail.find(b"\n") + 1
    if not end or not begin:
        raise MediaTooLarge(
            f"a line at its start or end has more than {WINDOW:,} bytes; a text this long is "
            "labelled by its lines: break them"
        )
    return head[:end], tail[begin:]


def blocks_of_lines(path: Path) -> Iterator[bytes]:
    """
    Yield a file in blocks of whole lines.

    Raises `MediaTooLarge` for a line that is longer than a text may be.
    """
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if not block.endswith(b"\n"):
                block += file.readline(LONG_FROM)
            if len(block) > LONG_FROM:
                raise MediaTooLarge(f"a line has more than {LONG_FROM - BLOCK:,} bytes; split it")
            yield block


def text_blocks(long: LongText) -> Iterator[str]:
    """Yield the text in blocks of whole lines."""
    for block in blocks_of_lines(long.path):
        yield block.decode(long.encoding)
