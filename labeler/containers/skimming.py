"""
Files read by their header: the parts that can hold metadata, without the content.

`skim` returns a file of the same parts, so every reader of metadata gives the same answer as on the
whole one; but the content between was never read. Pictures come without it, as short as they are
then, and sounds, whose length is a fact of their header, with blanks in its place. Formats that
hide metadata among their content (GIF, Ogg, documents) are read whole.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.containers.chunks import OPEN_SIZE, is_name
from labeler.containers.pieces import read_at, size_of
from labeler.containers.tags.id3 import tag_size
from labeler.containers.tails import tail_start
from labeler.errors import CorruptMedia


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import BinaryIO

    _Bytes = bytes | memoryview

HEAD = 1 << 16
"""Bytes that are read at once: the metadata of most pictures, and all of small files."""

_TAIL = 1 << 16
"""As much of the end of a JPEG as its reader searches for appended text."""

_NEAR = 1024
"""Bytes that are read where a part starts; object storage fetches more by itself."""

_ZEROS = memoryview(bytes(1 << 16))
"""Blanks of one block, again and again: memory that is looked at already costs least."""

_FACTS = 64
"""Bytes at the start of coded content that say its size."""

_PICTURE_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANMF"})
_SOUND_CHUNKS = frozenset({b"data", b"SSND"})
_PNG_DATA = frozenset({b"IDAT", b"fdAT"})
_PNG_HEAD = struct.Struct(">I4s")
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SOS, _EOI, _LAST_BLOCK = 0xDA, 0xD9, 0x80
_MOST = 100_000
"""Parts that are walked; a file of more is read whole, and its reader says what is wrong."""


@dataclass(slots=True, eq=False)
class _Skimmed:
    """A file of which some parts are read."""

    file: BinaryIO
    size: int
    parts: list[tuple[int, bytes]] = field(default_factory=list)
    gaps: list[tuple[int, int, Sequence[_Bytes]]] = field(default_factory=list)

    def at(self, start: int, size: int) -> bytes:
        """Return some bytes, reading the surroundings where they were not read yet."""
        begin, data = self.parts[-1]  # files are walked forwards
        if begin <= start and start + size <= begin + len(data):
            return data[start - begin : start - begin + size]
        data = read_at(self.file, start, max(size, _NEAR))
        self.parts.append((start, data))
        return data[:size]

    def replace(self, start: int, end: int, instead: bytes) -> None:
        """Put other bytes in the place of those between two positions."""
        self.gaps.append((start, end, (instead,)))

    def blank(self, start: int, end: int) -> None:
        """Put as many zeros in the place of the bytes between two positions."""
        size = min(end, self.size) - start
        if size > 0:
            whole, rest = divmod(size, len(_ZEROS))
            self.gaps.append((start, start + size, [*[_ZEROS] * whole, _ZEROS[:rest]]))

    def whole(self) -> bytes:
        """Return the file with its gaps."""
        pieces: list[_Bytes] = []
        position = 0
        for start, end, instead in [*self.gaps, (self.size, self.size, ())]:
            pieces += [self._read(position, start), *instead]
            position = end
        return b"".join(pieces)

    def _read(self, start: int, end: int) -> bytes:
        held = b""
        for begin, data in self.parts:
            if begin <= start < begin + len(data):
                held = data[start - begin : end - begin]
                break
        if start + len(held) < end:
            held += read_at(self.file, start + len(held), end - start - len(held))
        if len(held) < end - start:
            raise CorruptMedia("the file changed while it was read")
        return held


def skim(file: BinaryIO, kind: str, head: bytes) -> bytes:
    """
    Return a file of the format ``kind`` without its content; ``head`` is how it begins.

    A file that is small, of another format or broken is read whole. Raises `CorruptMedia` for one
    that becomes shorter meanwhile.
    """
    size = size_of(file)
    walk = _WALKS.get(kind)
    skimmed = _Skimmed(file=file, size=size, parts=[(0, head)])
    if walk is not None and size > 2 * HEAD:
        try:
            walk(skimmed)
        except (struct.error, IndexError):  # cut off: the reader of the format says where
            skimmed.gaps.clear()
    return skimmed.whole()


def _jpeg(file: _Skimmed) -> None:
    position = 2
    for _ in range(_MOST):
        mark, marker, length = struct.unpack(">BBH", file.at(position, 4))
        if mark != 0xFF or marker == _EOI:
            return
        if marker == 0xFF or marker in _STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        position += 2 + length
        if marker == _SOS:
            if position < file.size - _TAIL:
                file.replace(position, file.size - _TAIL, b"")
            return


def _png(file: _Skimmed) -> None:
    """Leave picture data out; a run of IDAT chunks becomes one."""
    position = 8
    for _ in range(_MOST):
        if position + 12 > file.size:
            return
        length, kind = struct.unpack(">I4s", file.at(position, 8))
        start, position = position, position + 12 + length
        if kind == b"IDAT":
            position = _behind_run(file, position)
        if position > file.size:
            raise IndexError  # cut off: the reader of the format says where
        if kind in _PNG_DATA:
            file.replace(start, position, struct.pack(">I4s4x", 0, kind))
        if kind == b"IEND":
            return


def _behind_run(file: _Skimmed, position: int) -> int:
    """Return where a run of IDAT chunks ends: some programs write one every 8 KB."""
    # Single bytes of the file are asked for, because each is far from the others.
    seek, read, unpack = file.file.seek, file.file.read, _PNG_HEAD.unpack
    for _ in range(_MOST):
        seek(position)
        head = read(8)
        if len(head) < 8:
            return position
        length, kind = unpack(head)
        if kind != b"IDAT":
            return position
        position += 12 + length
    raise IndexError


def _webp(file: _Skimmed) -> None:
    """Leave all of a picture out but its first bytes; the size of the whole follows."""
    position, gone = 12, 0
    stop = 8 + struct.unpack("<I", file.at(4, 4))[0]
    for _ in range(_MOST):
        if position + 8 > min(stop, file.size):
            break
        kind, size = struct.unpack("<4sI", file.at(position, 8))
        after = position + 8 + size + size % 2
        if kind in _PICTURE_CHUNKS and size > _FACTS:
            if position + 8 + size > file.size or after > stop + 1:
                raise IndexError  # cut off, or its sizes contradict each other
            lead = struct.pack("<4sI", kind, _FACTS) + file.at(position + 8, _FACTS)
            file.replace(position, min(after, file.size), lead)
            gone += min(after, file.size) - position - len(lead)
        position = after
    file.gaps.insert(0, (4, 8, (struct.pack("<I", stop - 8 - gone),)))


def _riff(file: _Skimmed) -> None:
    _chunks(file, "<I")


def _iff(file: _Skimmed) -> None:
    _chunks(file, ">I")


def _chunks(file: _Skimmed, form: str) -> None:
    position = 12
    for _ in range(_MOST):
        if position + 8 > file.size:
            return
        head = file.at(position, 8)
        size = struct.unpack(form, head[4:])[0]
        if size == OPEN_SIZE:
            raise IndexError  # it is told elsewhere: read whole
        if not is_name(head[:4]):
            return
        end = min(position + 8 + size, file.size)
        if head[:4] in _SOUND_CHUNKS:
            file.blank(position + 8 + _FACTS, end)
        position = end + size % 2
        if size % 2 and position + 8 <= file.size and not is_name(file.at(position, 4)):
            position = end  # some writers forget the pad byte


def _boxes(file: _Skimmed) -> None:
    position = 0
    for _ in range(_MOST):
        if position + 8 > file.size:
            return
        size, kind = struct.unpack(">I4s", file.at(position, 8))
        body = position + 8
        if size == 1:
            size, body = struct.unpack(">Q", file.at(body, 8))[0], body + 8
        end = position + size if size else file.size
        if end < body:
            return
        if kind == b"mdat":
            file.blank(body, end)
        position = end


def _flac(file: _Skimmed) -> None:
    position = _behind_tags(file) + 4
    for _ in range(_MOST):
        head = file.at(position, 4)
        position += 4 + int.from_bytes(head[1:], "big")
        if head[0] & _LAST_BLOCK:
            _frames(file, position)
            return


def _mp3(file: _Skimmed) -> None:
    _frames(file, _behind_tags(file))


def _frames(file: _Skimmed, first: int) -> None:
    """Leave frames blank but the first, up to the tags at the end."""
    tail = file.at(max(0, file.size - HEAD), min(HEAD, file.size))
    behind = len(tail) - tail_start(tail, -(1 << 62))
    file.blank(first + HEAD, min(file.size - behind, file.size - HEAD))


def _behind_tags(file: _Skimmed) -> int:
    """Return where the ID3 tags at the start end."""
    position = 0
    while size := tag_size(file.at(position, 10), 0):
        position += size
    return position


_WALKS: Mapping[str, Callable[[_Skimmed], None]] = MappingProxyType(
    {
        "jpeg": _jpeg,
        "png": _png,
        "webp": _webp,
        "wav": _riff,
        "aiff": _iff,
        "m4a": _boxes,
        "flac": _flac,
        "mp3": _mp3,
    }
)
"""How the content of a format is found."""
