"""Chunks of RIFF and IFF files: four letters, a size, content, a pad byte when the size is odd."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.spans import blanked
from labeler.errors import MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Mapping


MAX_CHUNKS = 20_000
"""Chunks of one file; sound editors write some dozens."""

OPEN_SIZE = 0xFFFF_FFFF
"""The size of a chunk that says its size elsewhere, or that was never finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """
    One chunk: where it starts, where its content starts and ends, and where the next one starts.

    ``whole`` says that its content ends within the file.
    """

    type: bytes
    start: int
    body: int
    end: int
    next: int
    whole: bool = True

    def content(self, data: bytes) -> memoryview:
        """Return the content, without copying."""
        return memoryview(data)[self.body : self.end]

    @property
    def name(self) -> str:
        """Return the four letters for people."""
        return self.type.decode("latin-1")


def read_chunks(
    data: bytes,
    start: int,
    stop: int,
    *,
    order: str,
    sizes: Mapping[bytes, int] | None = None,
) -> list[Chunk]:
    """
    Return the chunks between two positions; the last one is not whole when it is cut off.

    ``order`` is that of `struct` (``<`` for RIFF, ``>`` for IFF). ``sizes`` holds 64-bit sizes of
    chunks whose own size field is full. What is no chunk (letters that are none) ends the list.
    """
    found: list[Chunk] = []
    position = start
    while position + 8 <= stop:
        kind, size = struct.unpack_from(f"{order}4sI", data, position)
        if not is_name(kind):
            break
        if size == OPEN_SIZE and sizes and kind in sizes:
            size = sizes[kind]
        body, end = position + 8, position + 8 + size
        whole = end <= len(data)
        after = min(end + size % 2, len(data)) if whole else len(data)
        if size % 2 and whole and not _is_followed(data, after, stop):
            # Some writers forget the pad byte; then the next name starts right here.
            after = end if _is_followed(data, end, stop) else after
        end = min(end, len(data))
        found.append(Chunk(type=kind, start=position, body=body, end=end, next=after, whole=whole))
        if not whole:
            break
        if len(found) > MAX_CHUNKS:
            raise MediaTooLarge(f"the file has more than {MAX_CHUNKS} chunks")
        position = after
    return found


def chunk(kind: bytes, content: bytes, *, order: str) -> bytes:
    """Return a whole chunk, padded to an even length."""
    return struct.pack(f"{order}4sI", kind, len(content)) + content + bytes(len(content) % 2)


def without_label(content: bytes) -> bytes:
    """Return the content of a chunk of others with blanks for labels, b'' when nothing is left."""
    changed = blanked(content)
    return changed if changed == content or changed.strip(b" \t\r\n\0") else b""


def is_name(kind: bytes) -> bool:
    """Say whether four bytes are the letters of a chunk."""
    return all(0x20 <= letter < 0x7F for letter in kind)


def _is_followed(data: bytes, position: int, stop: int) -> bool:
    """Say whether a chunk could start here, or the file ends here."""
    return position + 8 > min(stop, len(data)) or is_name(data[position : position + 4])
