"""
The fingerprint of a file: what it looks or sounds like, for look-up when the mark is lost.

Of a picture one print, of video a frame each two seconds, of sound a stretch of four seconds each
two. A match is a hint for a person to look at; it never changes a verdict: the photograph that was
edited looks like the edit.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.image.canonical import luma_of
from labeler.core.likeness import WINDOW, picture_print, sound_prints
from labeler.errors import LabelError
from labeler.limits import LIMITS
from labeler.media import open_header
from labeler.registry.records import Likeness
from labeler.save import read_file


if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MOST_PRINTS = 32
"""Most prints kept of one item: a minute of sound or video."""

_FILM_STEP = 2.0
_HEARD_SECONDS = 72
_KEPT_STEP = WINDOW // 2
_SOUGHT_STEP = 4
_SOUGHT_PLACES = 4


def likeness_of(content: Path | bytes, modality: str, *, sought: bool = False) -> Likeness | None:
    """
    Return the fingerprint of a file, or None where there is none.

    Text has none, nor content that is flat, silent, or cannot be decoded: a missing fingerprint is
    no failure. ``sought`` takes more prints of a sound, for looking it up: a recording that was
    trimmed does not begin where the registered one did.
    """
    with suppress(LabelError, OSError):
        match modality:
            case "image":
                return _of_picture(content)
            case "audio":
                return _of_sound(content, sought=sought)
            case "video":
                return _of_film(content)
    return None


def pixel_likeness(pixels: NDArray[np.uint8]) -> Likeness:
    """Return the fingerprint of one picture in memory, (H, W) or (H, W, C) uint8."""
    return Likeness(family="picture", prints=picture_print(luma_of(pixels)))


def sample_likeness(samples: NDArray[np.float32], rate: int, *, sought: bool = False) -> Likeness:
    """Return the fingerprint of sound in memory, (n,) or (n, channels)."""
    mono = np.ascontiguousarray(samples if samples.ndim == 1 else samples.mean(1), np.float32)
    if not sought:
        prints = sound_prints(mono, rate, step=_KEPT_STEP, most=MOST_PRINTS)
        return Likeness(family="sound", prints=prints)
    places = [sound_prints(part, rate, step=_SOUGHT_STEP, most=8) for part in _places(mono, rate)]
    return Likeness(family="sound", prints=np.concatenate(places))


def _places(mono: NDArray[np.float32], rate: int) -> list[NDArray[np.float32]]:
    """Return stretches of seven seconds all over a sound: each holds a whole kept window."""
    length = 7 * rate
    if len(mono) <= 2 * length:
        return [mono[:length], mono[length // 2 :][:length]]
    starts = np.linspace(0, len(mono) - length, _SOUGHT_PLACES).astype(int)
    return [mono[start : start + length] for start in starts]


def _of_picture(content: Path | bytes) -> Likeness | None:
    from labeler.image.picture import view_picture

    data = _bytes_of(content)
    header = open_header(data)
    return pixel_likeness(view_picture(data, header.format)[0])


def _of_sound(content: Path | bytes, *, sought: bool) -> Likeness | None:
    from labeler.audio.codec import decode_blocks, decode_sound, read_format

    if isinstance(content, bytes):
        sound = decode_sound(content)
        return sample_likeness(sound.samples, sound.rate, sought=sought)
    rate, blocks = read_format(content).rate, []
    for block in decode_blocks(content):
        blocks.append(block)
        if sum(map(len, blocks)) >= _HEARD_SECONDS * rate:
            break
    return sample_likeness(np.concatenate(blocks), rate, sought=sought) if blocks else None


def _of_film(content: Path | bytes) -> Likeness | None:
    from labeler.video.files import as_file

    if isinstance(content, bytes):
        with as_file(content) as path:
            return _of_film(path)
    from labeler.video.playback import frames_of

    prints, due = [], 0.0
    for shown in frames_of(content, end=_FILM_STEP * MOST_PRINTS):
        if shown.seconds >= due - 0.001:
            luma = shown.frame.to_ndarray(format="gray")
            prints.append(picture_print(luma))
            due += _FILM_STEP
    found = np.concatenate(prints) if prints else np.zeros((0, 32), np.uint8)
    return Likeness(family="picture", prints=found)


def _bytes_of(content: Path | bytes) -> bytes:
    return content if isinstance(content, bytes) else read_file(content, limit=LIMITS.file_bytes)
