"""
Matroska and WebM: the label is a tag AIGC in ``Segment.Tags``, before the clusters (20257A, R-37).

It goes into free room of the header (``Void``), or everything behind it moves, and ``SeekHead``,
``Cues`` and the clusters that state their place follow. Blocks of frames are never touched.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from labeler.containers.carriers import collect
from labeler.containers.model import Block, Carrier
from labeler.containers.pieces import Span, copy_pieces, read_at, read_blocks, read_span, size_of
from labeler.containers.spans import blanked, blanked_tail, holds_label
from labeler.containers.video import ebml, matroska_tags
from labeler.containers.video.matroska_index import CUES, SEEK_HEAD, Change, moved_place, rewritten
from labeler.containers.video.matroska_tags import TAGS
from labeler.containers.video.matroska_tracks import INFO, TITLE, TRACKS, read_header
from labeler.errors import CorruptMedia, MediaTooLarge
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.pieces import Piece
    from labeler.containers.video.ebml import Element
    from labeler.containers.video.model import VideoHeader


_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_DOC_TYPE = 0x4282
_TIME, _POSITION, _PREVIOUS, _SILENT = 0xE7, 0xA7, 0xAB, 0x5854
_PRELUDE = {ebml.CRC, _TIME, _POSITION, _PREVIOUS, _SILENT, ebml.VOID}
_LEVEL_1 = {TAGS, INFO, TRACKS, SEEK_HEAD, CUES, _CLUSTER, 0x1941A469, 0x1043A770}
_HEADS = 12
_MAX_PARTS = 20_000
_LONGEST_PRELUDE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """The segment, its elements but the clusters, where these start, and where it ends."""

    segment: Element
    parts: list[Element]
    first: int
    end: int
    size: int

    def content(self, file: BinaryIO, number: int) -> bytes:
        """Return the content of the first element of an id, b'' when there is none."""
        found = next((part for part in self.parts if part.id == number), None)
        return _content(file, found) if found else b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """Bytes that take the place of what stood from ``start`` to before ``end``."""

    start: int
    end: int
    raw: bytes

    @property
    def by(self) -> int:
        """Return by how much the file grows here."""
        return len(self.raw) - (self.end - self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """Where places in the segment, which count from ``base``, are after some changes."""

    changes: list[Change]
    base: int

    def __call__(self, place: int) -> int:
        """Return the new place."""
        return moved_place(self.changes, self.base + place) - self.base


def probe(file: BinaryIO) -> VideoHeader:
    """Return the facts of the first track of pictures."""
    film = _survey(file)
    return read_header(film.content(file, INFO), film.content(file, TRACKS), doc_type(file))


def doc_type(file: BinaryIO) -> str:
    """Return ``webm`` or ``mkv``, as the header of the file says."""
    head = read_at(file, 0, 4096)
    element = ebml.read_head(head, 0)
    if element is None or element.id != ebml.HEADER or element.end is None:
        raise CorruptMedia("the Matroska header is missing")
    inside = ebml.children(head, element.body, min(element.end, len(head)))
    found = next((one.content(head) for one in inside if one.id == _DOC_TYPE), b"")
    return "webm" if ebml.text(found) == "webm" else "mkv"


def blocks(file: BinaryIO) -> Iterator[Block]:
    """Yield all tags, the title, and what stands behind the segment."""
    film = _survey(file)
    for part in film.parts:
        if part.id == TAGS:
            yield from matroska_tags.blocks_of(_content(file, part))
        elif part.id == INFO:
            for title in _titles(_content(file, part)):
                yield Block(kind="text", place="Matroska title", content=title, scheme="mkv-tag")
    if film.size - film.end > LIMITS.xmp_bytes:
        why = f"metadata oversized: more than {LIMITS.xmp_bytes} bytes behind the segment"
        yield Block(kind="raw", place="behind the segment", scheme="mkv-tag", fault=why)
    elif film.end < film.size:
        rest = read_at(file, film.end, film.size - film.end)
        yield Block(kind="raw", place="behind the segment", content=rest, scheme="mkv-tag")


def find(file: BinaryIO) -> tuple[Carrier, ...]:
    """Return every copy: tags of any target, the title, trailing bytes."""
    return collect(blocks(file))


def write(source: BinaryIO, target: BinaryIO, value: str) -> None:
    """
    Write the film with one tag AIGC before its clusters, all frames as they were.

    Raises `CorruptMedia` when tags or indexes that have to change are malformed.
    """
    film = _survey(source)
    label = _label(source, film, value)
    changes: list[Change] = []
    if label.by:
        changes = [Change(label.start, label.by, new=label.start == label.end)]
        changes += _growth_of_indexes(source, film)
    copy_pieces(source, target, _pieces(source, film, label, changes))


def payload_bytes(file: BinaryIO) -> Iterator[bytes]:
    """Yield time and blocks of every cluster, without what states places and sizes."""
    film = _survey(file)
    for cluster in _elements(file, film.segment.body, film.end):
        if cluster.id == _CLUSTER:
            prelude = _prelude(file, cluster)
            yield b"".join(content for element, content in prelude if element.id == _TIME)
            start = prelude[-1][0].end if prelude else cluster.body
            yield from read_blocks(file, start or cluster.body, cluster.end or film.end)


def _survey(file: BinaryIO) -> _Film:
    """Find the parts of the segment; raise `CorruptMedia` when it is cut off or has no clusters."""
    size = size_of(file)
    segment = _segment(file, size)
    if segment.end is not None and segment.end > size:
        raise CorruptMedia("the Matroska file is truncated: it ends before its segment does")
    stop = segment.end or size
    parts: list[Element] = []
    first = None
    for element in _elements(file, segment.body, stop):
        if element.id != _CLUSTER:
            parts.append(element)
        elif first is None:
            first = element.start
        if len(parts) > _MAX_PARTS:
            raise MediaTooLarge(f"the Matroska file has more than {_MAX_PARTS} parts")
    if first is None:
        raise CorruptMedia(
            "the Matroska file is truncated or empty: it holds no clusters of frames"
        )
    return _Film(segment=segment, parts=parts, first=first, end=stop, size=size)


def _segment(file: BinaryIO, size: int) -> Element:
    """Return the segment, which follows the header of the file."""
    position = 0
    for _ in range(_HEADS):
        element = ebml.read_head(read_at(file, position, 16), 0, position)
        if element is None or (position == 0 and element.id != ebml.HEADER):
            break
        if element.id == _SEGMENT:
            return element
        if element.end is None or element.end > size:
            break
        position = element.end
    raise CorruptMedia("the Matroska file is truncated or malformed: it has no segment")


def _elements(file: BinaryIO, start: int, stop: int) -> Iterator[Element]:
    """Yield the parts of the segment; clusters of unknown size end where the next one starts."""
    position = start
    for _ in range(LIMITS.parts):
        if position >= stop:
            return
        element = ebml.read_head(read_at(file, position, 16), 0, position)
        if element is None or not (element.id in _LEVEL_1 or element.id in {ebml.VOID, ebml.CRC}):
            raise CorruptMedia("the Matroska file is malformed: a part of its segment has no name")
        end = element.end
        if end is None:
            if element.id != _CLUSTER:
                raise CorruptMedia("a part of the Matroska file states no size")
            end = _end_of_cluster(file, element.body, stop)
        if end > stop:
            if element.id != _CLUSTER:
                raise CorruptMedia("the Matroska file is truncated inside its header")
            end = stop  # a live recording that broke off: the last cluster is as long as it got
        yield element._replace(end=end)
        position = end
    raise MediaTooLarge(f"the Matroska file has more than {LIMITS.parts:,} parts")


def _end_of_cluster(file: BinaryIO, start: int, stop: int) -> int:
    """Return where a cluster of unknown size ends: at the next part of the segment."""
    position = start
    for _ in range(LIMITS.parts):
        element = ebml.read_head(read_at(file, position, 16), 0, position)
        if element is None or element.id in _LEVEL_1 or position >= stop:
            return min(position, stop) if position > start else stop
        if element.end is None:
            raise CorruptMedia("an element of unknown size stands inside a cluster")
        position = element.end
    raise MediaTooLarge(f"a cluster has more than {LIMITS.parts:,} blocks")


def _content(file: BinaryIO, part: Element) -> bytes:
    """Return the content of a part of the segment."""
    return read_span(file, part.body, part.end or part.body, "a part of the Matroska header")


def _titles(info: bytes) -> list[bytes]:
    """Return the titles of the film, none when its information cannot be read."""
    try:
        return [one.content(info) for one in ebml.children(info) if one.id == TITLE]
    except CorruptMedia:
        return []


def _label(file: BinaryIO, film: _Film, value: str) -> _Edit:
    """Return what is put where: into the room that there is, or between header and clusters."""
    head = [part for part in film.parts if part.start < film.first]
    tags = next((part for part in head if part.id == TAGS), None)
    content = matroska_tags.with_label(_content(file, tags) if tags else b"", value)
    for start, end in _rooms(head, tags):
        if raw := ebml.fit(TAGS, content, end - start):
            return _Edit(start=start, end=end, raw=raw)
    raw = ebml.make(TAGS, content)
    if tags:
        return _Edit(start=tags.start, end=tags.end or tags.body, raw=raw)
    return _Edit(start=film.first, end=film.first, raw=raw)


def _rooms(head: list[Element], tags: Element | None) -> Iterator[tuple[int, int]]:
    """Yield runs of free room in the header: that of the old tags, or any."""
    for number, part in enumerate(head):
        if part is tags or (tags is None and part.id == ebml.VOID):
            end = part.end or part.body
            for other in head[number + 1 :]:
                if other.id != ebml.VOID:
                    break
                end = other.end or other.body
            yield part.start, end


def _growth_of_indexes(file: BinaryIO, film: _Film) -> list[Change]:
    """Return by how much the indexes grow when every place in them may move."""
    found = []
    for part in film.parts:
        if part.id in {SEEK_HEAD, CUES}:
            content = rewritten(_content(file, part), lambda place: place)
            old = (part.end or part.body) - part.start
            found.append(Change(part.start, len(ebml.make(part.id, content)) - old))
    return found


def _pieces(file: BinaryIO, film: _Film, label: _Edit, changes: list[Change]) -> Iterator[Piece]:
    """Yield the new file."""
    yield Span(0, film.segment.start)
    yield _segment_head(file, film, sum(change.by for change in changes))
    for part in _elements(file, film.segment.body, film.end):
        if part.start == label.start:
            yield label.raw
        if label.start <= part.start < label.end:
            continue
        if changes and part.id in {SEEK_HEAD, CUES}:
            base = film.segment.body
            moved = _Moved(changes=changes, base=base)
            yield ebml.make(part.id, rewritten(_content(file, part), moved))
        elif changes and part.id == _CLUSTER:
            yield from _cluster(file, part, _Moved(changes=changes, base=film.segment.body))
        else:
            yield _cleaned(file, part)
    yield blanked_tail(file, film.end, film.size)


def _segment_head(file: BinaryIO, film: _Film, more: int) -> Piece:
    """Return the head of the segment, its size larger by some bytes where it states one."""
    segment = film.segment
    if segment.end is None or not more:
        return Span(segment.start, segment.body)
    name = read_at(file, segment.start, 4)
    return name + ebml.size_bytes(
        segment.end - segment.body + more, segment.body - segment.start - 4
    )


def _cleaned(file: BinaryIO, part: Element) -> Piece:
    """Return a part of the segment, of the same size, without labels."""
    end = part.end or part.body
    whole = Span(part.start, end)
    if part.id == TAGS:
        content = _content(file, part)
        if not holds_label(content):
            return whole
        changed = matroska_tags.with_label(content, None)
        return ebml.fit(TAGS, changed, end - part.start) or whole
    if part.id == INFO:
        changed = content = _content(file, part)
        for title in filter(holds_label, _titles(content)):
            changed = changed.replace(title, blanked(title), 1)
        head = read_at(file, part.start, part.body - part.start)
        return whole if changed == content else head + _resealed(changed)
    return whole


def _resealed(content: bytes) -> bytes:
    """Return the content of an element with its CRC-32 renewed, where it starts with one."""
    first = next(ebml.children(content), None)
    if first is None or first.id != ebml.CRC or first.end is None:
        return content
    return ebml.with_checksum(content[first.end :])


def _prelude(file: BinaryIO, cluster: Element) -> list[tuple[Element, bytes]]:
    """Return the elements before the blocks of a cluster, with their contents."""
    found: list[tuple[Element, bytes]] = []
    position, stop = cluster.body, cluster.end or cluster.body
    for _ in range(_HEADS):
        element = ebml.read_head(read_at(file, position, 16), 0, position)
        if element is None or element.id not in _PRELUDE or element.end is None:
            break
        if element.end > stop or element.end - element.body > _LONGEST_PRELUDE:
            break
        found.append((element, read_at(file, element.body, element.end - element.body)))
        position = element.end
    return found


def _cluster(file: BinaryIO, cluster: Element, moved: _Moved) -> Iterator[Piece]:
    """Yield a cluster whose own place, where it states it, is the new one."""
    prelude = _prelude(file, cluster)
    end = cluster.end or cluster.body
    own = next((one for one, _ in prelude if one.id == _POSITION), None)
    if own is None or own.end is None:
        yield Span(cluster.start, end)
        return
    raw = _stated(moved(cluster.start - moved.base), own)
    first = prelude[0][0]
    if first.id == ebml.CRC and first.end:
        total = zlib.crc32(read_at(file, first.end, own.start - first.end) + raw)
        for block in read_blocks(file, own.end, end):
            total = zlib.crc32(block, total)
        yield Span(cluster.start, first.start)
        yield ebml.make(ebml.CRC, struct.pack("<I", total))
        yield Span(first.end, own.start)
    else:
        yield Span(cluster.start, own.start)
    yield raw
    yield Span(own.end, end)


def _stated(place: int, old: Element) -> bytes:
    """Return the place of a cluster in the size of the old one, or room where it outgrows it."""
    if old.end is None or old.end - old.start < 2:
        raise CorruptMedia("a cluster of the Matroska file is malformed")
    size = old.end - old.body
    if 0 <= place < 1 << 8 * size:
        head = ebml.make(_POSITION, place.to_bytes(size, "big"), old.body - old.start - 1)
        if len(head) == old.end - old.start:
            return head
    return ebml.void(old.end - old.start)
