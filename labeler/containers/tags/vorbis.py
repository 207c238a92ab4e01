"""Vorbis comments, as FLAC, Ogg Vorbis, Opus, Speex and Ogg FLAC carry them: the key is AIGC."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.model import Block
from labeler.containers.spans import blanked, label_span, without_label
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator


_MAX_ENTRIES = 20_000
_BINARY = "metadata_block_picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """A comment header: who encoded, the entries as bytes, and what stands behind them."""

    vendor: bytes
    entries: tuple[bytes, ...]
    rest: bytes = b""


def read_comments(raw: bytes) -> Comments:
    """Return the comments in a header; raise `CorruptMedia` when its counts lie."""
    try:
        vendor, position = _string(raw, 0)
        count = struct.unpack_from("<I", raw, position)[0]
        position += 4
        if count > _MAX_ENTRIES and count * 4 <= len(raw):
            raise MediaTooLarge(f"the file has more than {_MAX_ENTRIES} comments")
        entries = []
        for _ in range(count):
            entry, position = _string(raw, position)
            entries.append(entry)
    except struct.error as error:
        raise CorruptMedia("the Vorbis comments are truncated") from error
    return Comments(vendor=vendor, entries=tuple(entries), rest=raw[position:])


def to_bytes(comments: Comments) -> bytes:
    """Return the header."""
    pieces = [struct.pack("<I", len(comments.vendor)), comments.vendor]
    pieces.append(struct.pack("<I", len(comments.entries)))
    for entry in comments.entries:
        pieces += [struct.pack("<I", len(entry)), entry]
    return b"".join([*pieces, comments.rest])


def blocks_of(comments: Comments, where: str) -> Iterator[Block]:
    """Yield every comment as a text, and what stands behind the comments."""
    for entry in comments.entries:
        key = _key(entry)
        own = key.casefold() == WRAPPER.casefold()
        if key.casefold() != _BINARY:
            yield Block(
                kind="text",
                place=f"{where} comment {key[:79]!a}",
                content=entry.partition(b"=")[2],
                key=key,
                scheme="tc260-vorbis" if own else "vorbis-text",
            )
    if comments.rest:
        yield Block(
            kind="raw", place=f"behind the {where}", content=comments.rest, scheme="vorbis-text"
        )


def with_label(comments: Comments, value: str | None) -> Comments:
    """
    Return the comments with ``value`` as the one label, or without any for None.

    The label takes the place of the first comment called AIGC; entries of others keep their bytes.
    """
    own = None if value is None else f"{WRAPPER}={value}".encode()
    entries: list[bytes] = []
    for entry in comments.entries:
        if _key(entry).casefold() == WRAPPER.casefold():
            if own is not None:
                entries.append(own)
                own = None
        elif kept := _without_label(entry):
            entries.append(kept)
    if own is not None:
        entries.append(own)
    return Comments(
        vendor=blanked(comments.vendor), entries=tuple(entries), rest=blanked(comments.rest)
    )


def _key(entry: bytes) -> str:
    """Return the name of a comment."""
    return entry.partition(b"=")[0][:200].decode("latin-1")


def _without_label(entry: bytes) -> bytes:
    """Return a comment of others without the label in its text, b'' when nothing else was there."""
    key, equals, text = entry.partition(b"=")
    if key.lower() == _BINARY.encode() or not label_span(text):
        return entry
    changed = without_label(text)
    return key + equals + changed if changed else b""


def _string(raw: bytes, position: int) -> tuple[bytes, int]:
    """Return a counted string and where it ends."""
    size = struct.unpack_from("<I", raw, position)[0]
    end = position + 4 + size
    if end > len(raw):
        raise CorruptMedia("the Vorbis comments are truncated: a length reaches beyond the end")
    return raw[position + 4 : end], end
