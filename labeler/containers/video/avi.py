"""
AVI, and OpenDML beyond 1 GiB: the label stands in ``LIST INFO`` as ``AIGC`` (20257A, R-37).

Its text ends with a NUL that is counted, as all texts in INFO do. It goes before the media: into
the padding that stands there, or everything behind it moves, and the indexes follow.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from labeler.containers.audio import riff
from labeler.containers.carriers import collect
from labeler.containers.chunks import MAX_CHUNKS, OPEN_SIZE, Chunk, chunk, read_chunks
from labeler.containers.model import Block, Carrier
from labeler.containers.pieces import (
    Span,
    copy_pieces,
    length_of,
    read_at,
    read_blocks,
    read_span,
    size_of,
)
from labeler.containers.spans import blanked, blanked_tail, holds_label
from labeler.containers.tags import xmp
from labeler.containers.value import WRAPPER
from labeler.containers.video import avi_index
from labeler.containers.video.avi_streams import read_header
from labeler.errors import CorruptMedia, MediaTooLarge
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.pieces import Piece
    from labeler.containers.video.model import VideoHeader


_OWN = WRAPPER.encode()
_SILENT = {b"movi", b"idx1", b"JUNK", b"PAD ", b"odml"}
_HEADER, _MEDIA, _INFO, _ROOM = b"hdrl", b"movi", b"INFO", b"JUNK"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One chunk in the first or a further RIFF; a list is called by what it lists."""

    name: bytes
    span: Span
    body: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """The chunks of all RIFFs, with the headers of these, and where they end."""

    parts: list[_Part]
    heads: list[Span]
    end: int
    size: int

    def first(self, name: bytes) -> _Part:
        """Return the first chunk of a name; raise `CorruptMedia` when there is none."""
        found = next((part for part in self.parts if part.name == name), None)
        if found is None:
            raise CorruptMedia(
                f"the AVI is truncated or malformed: the list {name.decode()} is missing"
            )
        return found


def probe(file: BinaryIO) -> VideoHeader:
    """Return the facts of the header list."""
    film = _read(file)
    return read_header(_bytes_of(file, film.first(_HEADER)))


def blocks(file: BinaryIO) -> Iterator[Block]:
    """Yield INFO, XMP, C2PA and unknown chunks, and what stands behind the last RIFF."""
    film = _read(file)
    for part in film.parts:
        if part.name in _SILENT:
            continue
        if part.end - part.body > LIMITS.xmp_bytes:
            yield _oversized(f"AVI {_shown(part.name)}")
            continue
        yield from _blocks_of(part, _bytes_of(file, part))
    if film.size - film.end > LIMITS.xmp_bytes:
        yield _oversized("behind the AVI")
    elif film.end < film.size:
        rest = read_at(file, film.end, film.size - film.end)
        yield Block(kind="raw", place="behind the AVI", content=rest, scheme="riff-chunk")


def find(file: BinaryIO) -> tuple[Carrier, ...]:
    """Return every copy: INFO, XMP, chunks of others, trailing bytes."""
    return collect(blocks(file))


def write(source: BinaryIO, target: BinaryIO, value: str) -> None:
    """
    Write the film with one AIGC entry in INFO before the media, which stay byte-identical.

    Raises `MediaTooLarge` when the first RIFF would outgrow its size field.
    """
    film = _read(source)
    movi, hdrl = film.first(_MEDIA), film.first(_HEADER)
    header = _bytes_of(source, hdrl)
    head, by = _head(source, film, value)
    behind = movi.span.start
    if by:
        head[hdrl.span.start] = avi_index.moved_header(header, behind, by)
    start, size = film.heads[0].start, struct.unpack("<I", read_at(source, 4, 4))[0]
    if not 0 <= size + by < OPEN_SIZE:
        raise MediaTooLarge("the first part of this AVI is full; save it anew (OpenDML) first")
    pieces: list[Piece] = [b"RIFF" + struct.pack("<I", size + by) + b"AVI "]
    pieces += [head[place] for place in sorted(head)]
    pieces += _tail(source, film, avi_index.index_chunks(source, header), by=by)
    if start or movi.span.start < hdrl.span.start:
        raise CorruptMedia("the media of the AVI stand before its header")
    copy_pieces(source, target, pieces)


def payload_bytes(file: BinaryIO) -> Iterator[bytes]:
    """Yield the contents of all lists of media but the index chunks among them."""
    film = _read(file)
    indexes = avi_index.index_chunks(file, _bytes_of(file, film.first(_HEADER)))
    for part in film.parts:
        if part.name == _MEDIA:
            position = part.body + 4
            for span in indexes:
                if position <= span.start and span.end <= part.end:
                    yield from read_blocks(file, position, span.start)
                    position = span.end
            yield from read_blocks(file, position, part.end)


def _read(file: BinaryIO) -> _Film:
    """Return the chunks; raise `CorruptMedia` when header or media are missing or cut off."""
    size = size_of(file)
    parts: list[_Part] = []
    heads: list[Span] = []
    position = 0
    while (head := read_at(file, position, 12))[:4] == b"RIFF" and len(head) == 12:
        if head[8:12] != (b"AVIX" if heads else b"AVI "):
            break
        length = struct.unpack_from("<I", head, 4)[0]
        if length in {0, OPEN_SIZE}:
            raise CorruptMedia("the AVI was never finished (it states no size); save it anew first")
        end = min(position + 8 + length, size)
        parts += _parts(file, position + 12, end, size=size)
        heads.append(Span(position, position + 12))
        if len(parts) > MAX_CHUNKS or len(heads) > MAX_CHUNKS:
            raise MediaTooLarge(f"the AVI has more than {MAX_CHUNKS} chunks")
        position = max(end + length % 2, parts[-1].span.end if parts else 0)
    film = _Film(parts=parts, heads=heads, end=min(position, size), size=size)
    film.first(_HEADER)
    movi = film.first(_MEDIA)
    if movi.end - movi.body <= 4:
        raise CorruptMedia("the AVI holds no media")
    return film


def _parts(file: BinaryIO, start: int, stop: int, *, size: int) -> Iterator[_Part]:
    """Yield the chunks of one RIFF; raise `CorruptMedia` for one that is cut off."""
    position = start
    for _ in range(MAX_CHUNKS + 1):
        head = read_at(file, position, 12) if position + 8 <= stop else b""
        if len(head) < 8 or not all(0x20 <= letter < 0x7F for letter in head[:4]):
            return
        name, length = struct.unpack_from("<4sI", head)
        body, end = position + 8, position + 8 + length
        if end > size:
            raise CorruptMedia(f"the AVI is truncated: its chunk {_shown(name)} is not all there")
        is_list = name == b"LIST" and length >= 4
        after = min(end + length % 2, size)
        yield _Part(
            name=head[8:12] if is_list else name,
            span=Span(position, after),
            body=body,
            end=end,
        )
        position = after


def _bytes_of(file: BinaryIO, part: _Part) -> bytes:
    """Return a whole chunk."""
    return read_span(file, part.span.start, part.span.end, f"the AVI chunk {_shown(part.name)}")


def _shown(name: bytes) -> str:
    """Return the letters of a chunk for people."""
    return ascii(name.decode("latin-1"))


def _oversized(place: str) -> Block:
    """Return the block that says that a part is too large to be looked at."""
    why = f"metadata oversized: more than {LIMITS.xmp_bytes} bytes in one chunk"
    return Block(kind="raw", place=place, scheme="riff-chunk", fault=why)


def _blocks_of(part: _Part, data: bytes) -> Iterator[Block]:
    """Yield the texts of one chunk."""
    place = f"AVI {_shown(part.name)}"
    content = data[8 : 8 + part.end - part.body]
    if part.name == _INFO:
        whole = Chunk(type=b"LIST", start=0, body=8, end=8 + len(content), next=len(data))
        yield from riff.info_blocks(data, whole, where="AVI INFO", own="tc260-riff")
    elif part.name == b"_PMX":
        yield Block(kind="xmp", place="AVI XMP", content=content)
    elif part.name == b"C2PA":
        yield Block(kind="c2pa", place="AVI C2PA", content=content)
    else:
        key = part.name.decode("latin-1").strip()
        yield Block(kind="text", place=place, content=content, key=key, scheme="riff-chunk")


def _head(file: BinaryIO, film: _Film, value: str) -> tuple[dict[int, Piece], int]:
    """
    Return what stands before the media, by where it stood, and by how much the media move.

    They do not move when padding takes up the label.
    """
    movi = film.first(_MEDIA)
    front = [part for part in film.parts if part.span.start < movi.span.start]
    info = next((part for part in front if part.name == _INFO), None)
    head: dict[int, Piece] = {p.span.start: _collapsed(file, p) for p in front}
    old = _bytes_of(file, info)[8 : 8 + info.end - info.body] if info else _INFO
    entry = chunk(_OWN, value.encode() + b"\0", order="<")
    label = chunk(b"LIST", riff.info_without_label(old) + entry, order="<")
    # A new list goes right before the media; the place of the media itself is free as a key.
    head[info.span.start if info else movi.span.start] = label
    by = length_of(head.values()) - (movi.span.start - film.heads[0].end)
    for part in front:
        left = part.span.end - part.span.start - by
        if by and part.name == _ROOM and left % 2 == 0 and (left >= 8 or not left):
            head[part.span.start] = _junk(left)
            return head, 0
    if by <= -8:
        head[movi.span.start - 1] = _junk(-by)
        return head, 0
    return head, by


def _junk(size: int) -> bytes:
    """Return padding of a size in all, nothing for 0."""
    return chunk(_ROOM, bytes(size - 8), order="<") if size else b""


def _tail(file: BinaryIO, film: _Film, indexes: list[Span], *, by: int) -> Iterator[Piece]:
    """Yield media and all that follows; what names places in the file follows a move."""
    movi = film.first(_MEDIA)
    position = movi.span.start
    for part in film.parts:
        if part.span.start < position:
            continue
        yield Span(position, part.span.start)  # the header of a further RIFF
        position = part.span.end
        if part.name == _MEDIA:
            yield from _media(file, part, indexes if by else [], behind=movi.span.start, by=by)
        elif part.name == b"idx1" and by:
            yield _old_index(file, part, movi, by)
        else:
            yield _collapsed(file, part)
    yield Span(position, film.end)
    yield blanked_tail(file, film.end, film.size)


def _media(
    file: BinaryIO, part: _Part, indexes: list[Span], *, behind: int, by: int
) -> Iterator[Piece]:
    """Yield a list of media with the bases of its index chunks moved."""
    position = part.span.start
    for span in indexes:
        if position <= span.start and span.start + 28 <= min(span.end, part.end):
            yield Span(position, span.start + 20)
            yield avi_index.moved_base(read_at(file, span.start + 20, 8), behind, by)
            position = span.start + 28
    yield Span(position, part.span.end)


def _old_index(file: BinaryIO, part: _Part, movi: _Part, by: int) -> Piece:
    """Return the index of the first RIFF, which may count from the start of the file."""
    data = _bytes_of(file, part)
    if not avi_index.counts_from_file(file, data[8 : 8 + part.end - part.body], movi.body):
        return part.span
    return data[:8] + avi_index.moved_old_index(data[8:], by)


def _collapsed(file: BinaryIO, part: _Part) -> Piece:
    """Return a chunk of the same size, padding or blanks in the place of a label."""
    if part.name in _SILENT or part.name == b"C2PA" or part.end - part.body > LIMITS.xmp_bytes:
        return part.span
    data = _bytes_of(file, part)
    head, content, pad = (
        data[:8],
        data[8 : 8 + part.end - part.body],
        data[8 + part.end - part.body :],
    )
    if part.name.upper() == _OWN:
        return _ROOM + data[4:8] + bytes(len(data) - 8)
    if part.name == b"_PMX":
        changed = xmp.collapse(content)
        return head + changed.ljust(len(content)) + pad if len(changed) <= len(content) else data
    if part.name == _INFO and holds_label(content):
        for entry in read_chunks(content, 4, len(content), order="<"):
            if entry.type.upper() == _OWN:
                room = _ROOM + content[entry.start + 4 : entry.body] + bytes(entry.end - entry.body)
                content = content[: entry.start] + room + content[entry.end :]
    return head + (blanked(content) if holds_label(content) else content) + pad
