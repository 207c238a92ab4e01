"""
WAV and AIFF files of any length as small ones: everything but the samples, of which one is left.

What reads and writes chunks works on bytes. A hollow file is what those need to see of a recording
of hours; `fill` puts the samples back, from file to file, in constant memory.
"""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING

from labeler.audio.chunks import front_and_back, open_pcm
from labeler.audio.storage import check_length, container_of_sound
from labeler.errors import LabelError, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from labeler.audio.chunks import PcmFile


_PCM = frozenset({"wav", "aiff"})
_BLOCK = 1 << 20


def is_long_recording(path: Path) -> bool:
    """
    Say whether a file is PCM sound of more values than are held in memory at once.

    Nothing is decoded. A file that cannot be read or is broken is none: whoever opens it next says
    what is wrong.
    """
    if not path.is_file():  # opening a pipe would wait for whoever writes to it
        return False
    try:
        with path.open("rb") as file:
            if container_of_sound(file) not in _PCM:
                return False
            pcm = _opened(file)
        check_length(pcm.size // pcm.frame_bytes, pcm.format)
    except MediaTooLarge:
        return True
    except (LabelError, OSError):
        return False
    return False


def seconds_of(path: Path) -> float:
    """Return the playing time of a PCM file. Raises as `labeler.audio.chunks.open_pcm`."""
    with path.open("rb") as file:
        pcm = _opened(file)
    return pcm.size / pcm.frame_bytes / pcm.format.rate


def hollow_of(path: Path) -> bytes:
    """
    Return a PCM file with its first sample alone, all else as it is and its sizes right.

    Raises
    ------
    CorruptMedia, UnsupportedMedia
        As `labeler.audio.chunks.open_pcm`.
    MediaTooLarge
        What stands before or behind the samples is not small.
    """
    with path.open("rb") as file:
        pcm = _opened(file)
        front, back = front_and_back(file, pcm, pcm.frame_bytes)
        file.seek(pcm.start)
        return front + file.read(pcm.frame_bytes) + back


def fill(hollow: bytes, source: Path, target: Path) -> None:
    """
    Write ``target``: the hollow file with all samples of ``source`` in it, sizes set anew.

    Raises `MediaTooLarge` when a WAV file would exceed 4 GiB.
    """
    with source.open("rb") as file, target.open("wb") as out:
        size, shape = _opened(file).size, io.BytesIO(hollow)
        front, back = front_and_back(shape, _opened(shape), size)
        out.write(front)
        for block in _blocks(file):
            out.write(block)
        out.write(back)


def frame_bytes_of(path: Path) -> int:
    """Return the size of one stored sample of all channels."""
    with path.open("rb") as file:
        return _opened(file).frame_bytes


def sample_bytes(path: Path) -> Iterator[bytes]:
    """Yield the stored samples of a PCM file, block by block."""
    with path.open("rb") as file:
        yield from _blocks(file)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    pcm = _opened(file)
    file.seek(pcm.start)
    left = pcm.size
    while left and (block := file.read(min(_BLOCK, left))):
        left -= len(block)
        yield block


def _opened(file: IO[bytes]) -> PcmFile:
    return open_pcm(file, container_of_sound(file))
