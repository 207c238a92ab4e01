"""
MP4, M4V and MOV: the label stands in ``moov.udta.meta`` under the key AIGC (20257A, R-36).

Media data goes through in blocks. Where ``moov`` grows and media stand behind it, free room is used
up, or every offset that names a place behind it moves by the growth; the order of boxes stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from labeler.containers.boxes import Box, box, read_boxes
from labeler.containers.carriers import collect
from labeler.containers.film_boxes import FREE, MEDIA, read_film_boxes
from labeler.containers.model import Block, Carrier
from labeler.containers.pieces import Span, copy_pieces, read_at, read_blocks, read_span, size_of
from labeler.containers.spans import blanked_tail
from labeler.containers.tags import movie
from labeler.containers.video import fragments
from labeler.containers.video.mp4_tracks import read_header
from labeler.errors import CorruptMedia, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.pieces import Piece
    from labeler.containers.video.model import VideoHeader


_MOST_ROOM = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """Where ``moov`` stands, how much free room follows it, and where media and boxes end."""

    moov: Box
    room: int
    media_end: int
    end: int
    size: int


def probe(file: BinaryIO) -> VideoHeader:
    """Return the facts of the first track of pictures."""
    film = _survey(file)
    moov = _read_moov(file, film)
    head = read_at(file, 0, 12)
    is_quicktime = head[4:8] != b"ftyp" or head[8:12] == b"qt  "
    return read_header(moov, _whole(moov), "mov" if is_quicktime else "mp4")


def blocks(file: BinaryIO) -> Iterator[Block]:
    """Yield the tag lists of file and tracks, XMP and C2PA boxes, and boxes of others."""
    film = _survey(file)
    for part in read_film_boxes(file):
        if part.start == film.moov.start:
            moov = _read_moov(file, film)
            yield from movie.blocks_of(moov, _whole(moov))
        elif part.type not in MEDIA:
            yield from _words(file, part)
    if film.size - film.end > LIMITS.xmp_bytes:
        yield _oversized("behind the last box")
    elif film.end < film.size:
        rest = read_at(file, film.end, film.size - film.end)
        yield Block(kind="raw", place="behind the last box", content=rest, scheme="isobmff-box")


def find(file: BinaryIO) -> tuple[Carrier, ...]:
    """Return every copy: tag lists with and without keys, freeform items, XMP, other boxes."""
    return collect(blocks(file))


def write(source: BinaryIO, target: BinaryIO, value: str) -> None:
    """
    Write the film with one label in ``moov.udta.meta``, media data byte-identical.

    Raises `UnsupportedMedia` for the few files that name places in themselves which would move and
    cannot follow, and for compressed headers.
    """
    film = _survey(source)
    old = _read_moov(source, film)
    new = movie.with_label(old, _whole(old), value)
    more = len(new) - len(old)
    left = film.room - more
    if not more or film.media_end <= film.moov.start:
        filler, resume, by = b"", film.moov.end, 0
    elif left == 0 or left >= 8:
        filler = box(b"free", bytes(left - 8)) if left else b""
        resume, by = film.moov.end + film.room, 0
    else:
        filler, resume, by = b"", film.moov.end, more
        new = fragments.moved_auxiliary(new, film.moov.end, more)
        new = movie.with_moved_chunks(new, film.moov.end, more)
    copy_pieces(source, target, _pieces(source, film, new + filler, resume=resume, by=by))


def payload_bytes(file: BinaryIO) -> Iterator[bytes]:
    """Yield the contents of every ``mdat``."""
    for part in read_film_boxes(file):
        if part.type == b"mdat":
            yield from read_blocks(file, part.body, part.end)


def _survey(file: BinaryIO) -> _Film:
    """Find ``moov`` and the media; raise `CorruptMedia` when one of them is missing."""
    moov: Box | None = None
    room = end = media_end = 0
    for part in read_film_boxes(file):
        if part.type == b"moov" and moov is None:
            moov = part
        elif moov and part.type in FREE and part.start == moov.end + room:
            size = part.end - part.start
            room += size if room + size <= _MOST_ROOM else 0
        if part.type in MEDIA and part.end > part.body and part.type != b"ftyp":
            media_end = part.end
        end = part.end
    if moov is None:
        raise CorruptMedia("the video is truncated or malformed: its header (moov) is missing")
    if not media_end:
        raise CorruptMedia("the video is truncated or malformed: it holds no media data (mdat)")
    return _Film(moov=moov, room=room, media_end=media_end, end=end, size=size_of(file))


def _read_moov(file: BinaryIO, film: _Film) -> bytes:
    """Return the ``moov`` box; raise `UnsupportedMedia` when it is compressed."""
    moov = read_span(file, film.moov.start, film.moov.end, "the header of the video (moov)")
    if any(part.type == b"cmov" for part in read_boxes(moov, 8, len(moov))):
        raise UnsupportedMedia("the header of this MOV is compressed (cmov); save it anew first")
    return moov


def _whole(moov: bytes) -> Box:
    """Return the box that some bytes are."""
    (found,) = read_boxes(moov, 0, len(moov))
    return found


def _words(file: BinaryIO, part: Box) -> Iterator[Block]:
    """Yield the texts of a box of the file itself."""
    if part.end - part.start <= LIMITS.xmp_bytes:
        data = read_at(file, part.start, part.end - part.start)
        yield from movie.top_block(data, _whole(data))
    elif part.type not in FREE:
        yield _oversized(f"box {part.type.decode('latin-1')!a}")


def _oversized(place: str) -> Block:
    """Return the block that says that a part is too large to be looked at."""
    why = f"metadata oversized: more than {LIMITS.xmp_bytes} bytes in one box"
    return Block(kind="raw", place=place, scheme="isobmff-box", fault=why)


def _pieces(file: BinaryIO, film: _Film, moov: bytes, *, resume: int, by: int) -> Iterator[Piece]:
    """Yield the new file: ``moov`` and its filler up to ``resume``, then what moved ``by``."""
    behind = film.moov.end
    for part in read_film_boxes(file):
        if part.start == film.moov.start:
            yield moov
        elif film.moov.end <= part.start < resume:
            continue
        elif by and part.type in {b"moof", b"mfra", b"sidx", b"meta"}:
            yield _moved(file, part, behind, by)
        elif part.type in MEDIA or part.end - part.start > LIMITS.xmp_bytes:
            yield Span(part.start, part.end)
        else:
            yield _cleaned(file, part)
    yield blanked_tail(file, film.end, film.size)


def _moved(file: BinaryIO, part: Box, behind: int, by: int) -> bytes:
    """Return a box that names places in the file, with those behind a position moved."""
    name = part.type.decode()
    data = read_span(file, part.start, part.end, f"the box {name}")
    if part.type == b"moof":
        return fragments.moved_fragment(data, behind, by)
    if part.type == b"mfra":
        return fragments.moved_index(data, behind, by)
    if part.type == b"sidx" and part.start < behind:
        raise UnsupportedMedia(
            "an index (sidx) stands before the header of the video and would be wrong after it "
            "grows; save it as a plain MP4 first"
        )
    if part.type == b"meta":
        fragments.require_movable(data, _whole(data))
        return movie.blanked_box(data, _whole(data))
    return data


def _cleaned(file: BinaryIO, part: Box) -> bytes:
    """Return a box of the file itself, of the same size, with blanks where a label stood."""
    data = read_span(file, part.start, part.end, "a box")
    return movie.blanked_box(data, _whole(data))
