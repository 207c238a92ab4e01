"""FLAC: a Vorbis comment called AIGC in the metadata blocks before the first frame (R-35)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.audio.model import SoundHeader
from labeler.containers.carriers import collect
from labeler.containers.model import Block, Carrier
from labeler.containers.spans import blanked, holds_label
from labeler.containers.tags import id3, vorbis
from labeler.containers.tags.vorbis import Comments
from labeler.containers.tails import tail_start
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Iterator


_STREAMINFO, _PADDING, _APPLICATION, _COMMENT, _PICTURE = 0, 1, 2, 4, 6
_LAST = 0x80
_MAX_BLOCK = (1 << 24) - 1
_MAX_BLOCKS = 10_000
_ROOM = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One metadata block: its type and its content."""

    type: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flac:
    """ID3 tags before the stream, the metadata blocks, and the span of the frames."""

    tags: list[id3.Tag]
    parts: list[_Part]
    first: int
    end: int


def probe(data: bytes) -> SoundHeader:
    """Return the facts of STREAMINFO."""
    return stream_header(_read(data).parts[0].content, "flac")


def stream_header(info: bytes, format_name: str) -> SoundHeader:
    """Return the facts of a STREAMINFO block; Ogg FLAC has the same one."""
    packed = int.from_bytes(info[10:18], "big")
    rate, total = packed >> 44, packed & (1 << 36) - 1
    return SoundHeader(
        format=format_name,
        codec="flac",
        channels=(packed >> 41 & 7) + 1,
        rate=rate,
        bits=(packed >> 36 & 31) + 1,
        seconds=total / rate if rate and total else None,
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield ID3 before the stream, comments, application blocks, and what stands at the end."""
    flac = _read(data)
    for tag in flac.tags:
        yield from id3.blocks_of(tag, "before the FLAC", "id3-txxx")
    for part in flac.parts:
        if part.type == _COMMENT:
            yield from comment_blocks(part.content, "FLAC")
        elif part.type == _APPLICATION or part.type > _PICTURE:
            kind = "c2pa" if part.content[:4] == b"c2pa" else "raw"
            place = f"FLAC block {part.type}"
            yield Block(kind=kind, place=place, content=part.content, scheme="flac-block")
    if flac.end < len(data):
        rest = memoryview(data)[flac.end :]
        yield Block(kind="raw", place="behind the FLAC", content=rest, scheme="flac-block")


def comment_blocks(content: bytes, where: str) -> Iterator[Block]:
    """Yield the comments of a block, or the block that says why they cannot be read."""
    try:
        comments = vorbis.read_comments(content)
    except (CorruptMedia, MediaTooLarge) as error:
        yield Block(kind="raw", place=f"{where} comments", scheme="tc260-vorbis", fault=str(error))
    else:
        yield from vorbis.blocks_of(comments, where)


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: comments, ID3, application blocks, trailing bytes."""
    return collect(blocks(data))


def write(data: bytes, value: str) -> bytes:
    """
    Return the file with one comment called AIGC, all other blocks and every frame as they were.

    Padding gives way or takes up the difference, so that the frames move only when they must.
    """
    flac = _read(data)
    parts = with_label(flac.parts, value)
    old = sum(len(part.content) + 4 for part in flac.parts)
    parts = _padded(parts, old)
    head = b"".join(id3.collapse_tag(tag) for tag in flac.tags)
    return b"".join(
        [
            head,
            b"fLaC",
            *_blocks_to_bytes(parts),
            memoryview(data)[flac.first : flac.end],
            blanked(data[flac.end :]),
        ]
    )


def with_label(parts: list[_Part], value: str | None) -> list[_Part]:
    """Return the metadata blocks with the label in the first comment block, made when missing."""
    out: list[_Part] = []
    for part in parts:
        if part.type == _COMMENT:
            comments = vorbis.with_label(vorbis.read_comments(part.content), value)
            out.append(_Part(type=_COMMENT, content=vorbis.to_bytes(comments)))
            value = None
        elif (
            part.type == _APPLICATION and part.content[:4] != b"c2pa" and holds_label(part.content)
        ):
            out.append(_Part(type=part.type, content=blanked(part.content)))
        else:
            out.append(part)
    if value is not None:
        comments = vorbis.with_label(Comments(vendor=b"", entries=()), value)
        out.insert(1, _Part(type=_COMMENT, content=vorbis.to_bytes(comments)))
    return out


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield all frames, from the first to the last."""
    flac = _read(data)
    yield memoryview(data)[flac.first : flac.end]


def _read(data: bytes) -> _Flac:
    """Return the parts of the file; raise `CorruptMedia` when facts or frames are missing."""
    tags = id3.leading_tags(data)
    position = sum(len(tag.raw) for tag in tags)
    if data[position : position + 4] != b"fLaC":
        raise CorruptMedia("the FLAC signature is missing")
    parts, first = _read_blocks(data, position + 4)
    if not parts or parts[0].type != _STREAMINFO or len(parts[0].content) < 34:
        raise CorruptMedia("the FLAC is malformed: it does not start with STREAMINFO")
    if data[first : first + 1] != b"\xff" or data[first + 1 : first + 2] not in {b"\xf8", b"\xf9"}:
        raise CorruptMedia("the FLAC is truncated or malformed: no frame follows its metadata")
    return _Flac(tags=tags, parts=parts, first=first, end=tail_start(data, first))


def _read_blocks(data: bytes, position: int) -> tuple[list[_Part], int]:
    """Return the metadata blocks and where the frames start."""
    parts: list[_Part] = []
    while True:
        head = data[position : position + 4]
        size = int.from_bytes(head[1:], "big")
        if len(head) < 4 or position + 4 + size > len(data):
            raise CorruptMedia("the FLAC is truncated: its metadata reaches beyond the end")
        content = bytes(data[position + 4 : position + 4 + size])
        parts.append(_Part(type=head[0] & ~_LAST, content=content))
        position += 4 + size
        if head[0] & _LAST:
            return parts, position
        if len(parts) > _MAX_BLOCKS:
            raise MediaTooLarge(f"the FLAC has more than {_MAX_BLOCKS} metadata blocks")


def _padded(parts: list[_Part], old: int) -> list[_Part]:
    """Return the blocks with the last padding sized so that the frames stay, where it can be."""
    size = sum(len(part.content) + 4 for part in parts)
    numbers = [number for number, part in enumerate(parts) if part.type == _PADDING]
    if size == old:
        return parts
    if not numbers:
        room = old - size - 4
        padding = _Part(type=_PADDING, content=bytes(room if 0 <= room <= _MAX_BLOCK else _ROOM))
        return [*parts, padding]
    room = len(parts[numbers[-1]].content) + old - size
    fitted = room if 0 <= room <= _MAX_BLOCK else _ROOM
    out = list(parts)
    out[numbers[-1]] = _Part(type=_PADDING, content=bytes(fitted))
    return out


def _blocks_to_bytes(parts: list[_Part]) -> Iterator[bytes]:
    """Yield headers and contents of all blocks, the last one marked as such."""
    for number, part in enumerate(parts):
        if len(part.content) > _MAX_BLOCK:
            raise UnsupportedMedia("a metadata block of the FLAC would outgrow 16 MiB")
        last = _LAST if number == len(parts) - 1 else 0
        yield bytes((part.type | last,)) + len(part.content).to_bytes(3, "big")
        yield part.content
