"""MP3: a ``TXXX`` frame called AIGC in the ID3v2 tag before the first frame of sound (R-35)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.audio.model import SoundHeader
from labeler.containers.carriers import collect
from labeler.containers.model import Block, Carrier
from labeler.containers.mpeg import find_frame, frame_at
from labeler.containers.spans import blanked
from labeler.containers.tags import id3
from labeler.containers.tails import tail_start
from labeler.errors import CorruptMedia


if TYPE_CHECKING:
    from collections.abc import Iterator


_SIDE = {(True, 1): 17, (True, 2): 32, (False, 1): 9, (False, 2): 17}
"""Bytes of side information by version 1 or later, and one or two channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mp3:
    """The tags before the sound, and the span of the sound."""

    tags: list[id3.Tag]
    first: int
    end: int


def probe(data: bytes) -> SoundHeader:
    """Return the facts of the first frame, and the playing time where a Xing header states it."""
    sound = _read(data)
    start = find_frame(data, sound.first, sound.end)
    frame = frame_at(data, start) if start is not None else None
    if start is None or frame is None:
        raise CorruptMedia("no MP3 frame was found")
    side = _SIDE[frame.version == 1, min(frame.channels, 2)]
    at = start + 4 + side
    seconds = None
    if data[at : at + 4] in {b"Xing", b"Info"} and data[at + 7 : at + 8] >= b"\1":
        flags, frames = struct.unpack_from(">II", data.ljust(at + 12, b"\0"), at + 4)
        seconds = frames * frame.samples / frame.rate if flags & 1 else None
    return SoundHeader(
        format="mp3", codec="mp3", channels=frame.channels, rate=frame.rate, seconds=seconds
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the frames of the ID3v2 tags, and the ID3v1, APEv2 and Lyrics3 tags at the end."""
    sound = _read(data)
    for tag in sound.tags:
        yield from id3.blocks_of(tag, "MP3", "tc260-id3")
    if sound.end < len(data):
        rest = memoryview(data)[sound.end :]
        yield Block(kind="raw", place="behind the MP3", content=rest, scheme="mp3-tail")


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: all ID3v2 tags, and the tags at the end."""
    return collect(blocks(data))


def write(data: bytes, value: str, source_type: str = "") -> bytes:
    """Return the file with one TXXX called AIGC in its first tag, all other frames as they were."""
    sound = _read(data)
    first = id3.write_tag(sound.tags[0] if sound.tags else None, value, source_type)
    others = [id3.collapse_tag(tag) for tag in sound.tags[1:]]
    frames = memoryview(data)[sound.first : sound.end]
    return b"".join([first, *others, frames, blanked(data[sound.end :])])


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield everything between the tags."""
    sound = _read(data)
    yield memoryview(data)[sound.first : sound.end]


def _read(data: bytes) -> _Mp3:
    """Return the parts of the file; raise `CorruptMedia` when it holds no frame of sound."""
    tags = id3.leading_tags(data)
    position = sum(len(tag.raw) for tag in tags)
    end = tail_start(data, position)
    if find_frame(data, position, end) is None:
        raise CorruptMedia("the file holds no MP3 frames: it is truncated, or no MP3")
    return _Mp3(tags=tags, first=position, end=end)
