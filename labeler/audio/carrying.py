"""
Tags, pictures and other passengers of a compressed file, put onto the newly encoded one.

FLAC blocks and the tags around MP3 frames are copied byte for byte; the tags of Ogg, M4A and WMA
go through mutagen, all of them, pictures included. WAV and AIFF need none of this
(`labeler.audio.chunks`).
"""

from __future__ import annotations

import io
import shutil
from typing import IO, TYPE_CHECKING, Any

from labeler.audio.wholeness import id3_size, trailer_size
from labeler.errors import CorruptMedia


if TYPE_CHECKING:
    from collections.abc import Callable

_STREAMINFO, _PADDING, _SEEKTABLE = 0, 1, 3
_BLOCK = 1 << 20


def carry(source: IO[bytes], encoded: IO[bytes], target: IO[bytes], container: str) -> None:
    """
    Write ``encoded`` to ``target`` with what travels beside the sound in ``source``.

    Raises
    ------
    CorruptMedia
        The tags of the source are malformed and cannot be kept.
    """
    {"flac": _carry_flac, "mp3": _carry_mp3}.get(container, _carry_tags(container))(
        source, encoded, target
    )


def _copy(source: IO[bytes], target: IO[bytes], size: int | None = None) -> None:
    if size is None:
        shutil.copyfileobj(source, target, _BLOCK)
        return
    while size > 0 and (part := source.read(min(size, _BLOCK))):
        target.write(part)
        size -= len(part)


def _flac_blocks(file: IO[bytes]) -> list[tuple[int, bytes]]:
    """Read (kind, body) of the metadata blocks; the file is left at the first frame."""
    file.seek(id3_size(file))
    if file.read(4) != b"fLaC":
        raise CorruptMedia("the FLAC file has no start mark; get an intact copy")
    blocks, last = [], False
    while not last:
        head = file.read(4)
        if len(head) < 4:
            raise CorruptMedia("the FLAC file is truncated; get an intact copy")
        last = bool(head[0] & 0x80)
        body = file.read(int.from_bytes(head[1:], "big"))
        blocks.append((head[0] & 0x7F, body))
    return blocks


def _carry_flac(source: IO[bytes], encoded: IO[bytes], target: IO[bytes]) -> None:
    """Keep every block but those that describe the frames: stream info and seek table."""
    theirs = [b for b in _flac_blocks(source) if b[0] not in {_STREAMINFO, _SEEKTABLE}]
    ours = [b for b in _flac_blocks(encoded) if b[0] == _STREAMINFO]
    blocks = ours + theirs
    frames = encoded.tell()
    front = id3_size(source)
    source.seek(0)
    _copy(source, target, front)
    target.write(b"fLaC")
    for index, (kind, body) in enumerate(blocks):
        flag = 0x80 if index == len(blocks) - 1 else 0
        target.write(bytes([kind | flag]) + len(body).to_bytes(3, "big") + body)
    encoded.seek(frames)
    _copy(encoded, target)


def _carry_mp3(source: IO[bytes], encoded: IO[bytes], target: IO[bytes]) -> None:
    """Keep the ID3v2 tags before the frames, and APEv2, Lyrics3 and ID3v1 behind them."""
    front = id3_size(source)
    source.seek(0)
    _copy(source, target, front)
    encoded.seek(id3_size(encoded))
    _copy(encoded, target)
    source.seek(-trailer_size(source), io.SEEK_END)
    _copy(source, target)


def _carry_tags(container: str) -> Callable[[IO[bytes], IO[bytes], IO[bytes]], None]:
    def carry_tags(source: IO[bytes], encoded: IO[bytes], target: IO[bytes]) -> None:
        from mutagen import MutagenError

        encoded.seek(0)
        _copy(encoded, target)
        try:
            theirs, ours = _tagged(source, container), _tagged(target, container)
            if theirs.tags is None:
                return
            if ours.tags is None:
                ours.add_tags()
            ours.tags.clear()
            _fill(ours.tags, theirs.tags, container)
            target.seek(0)
            ours.save(target)
        except (MutagenError, ValueError, KeyError, IndexError, OSError, TypeError) as error:
            raise CorruptMedia(
                f"the tags of the {container} file cannot be read; get an intact copy"
            ) from error

    return carry_tags


def _tagged(file: IO[bytes], container: str) -> Any:
    from mutagen.asf import ASF
    from mutagen.mp4 import MP4
    from mutagen.oggflac import OggFLAC
    from mutagen.oggopus import OggOpus
    from mutagen.oggvorbis import OggVorbis

    file.seek(0)
    if container == "ogg":
        head = file.read(4096)
        file.seek(0)
        kind = OggOpus if b"OpusHead" in head else OggFLAC if b"\x7fFLAC" in head else OggVorbis
        return kind(file)
    opener: Any = {"m4a": MP4, "wma": ASF}[container]
    return opener(file)


def _fill(ours: Any, theirs: Any, container: str) -> None:
    if container == "m4a":
        for name, value in theirs.items():
            ours[name] = value
    else:
        ours.extend(theirs)  # lists of (name, value), order and repeats kept
