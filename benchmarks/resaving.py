"""Content saved again as plain software does it: the metadata are lost, the mark stays."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from benchmarks.ffmpeg import ffmpeg
from labeler.audio.codec import decode_sound


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Resaving(NamedTuple):
    """A sample, the layers it is labelled with, and what saves its bytes again, in a folder."""

    sample: str
    save_again: Callable[[bytes, Path], tuple[bytes, str]]
    layers: str | None = None


def picture_again(data: bytes, _: Path | None = None) -> tuple[bytes, str]:
    """Return a JPEG of quality 85."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").save(buffer, "JPEG", quality=85)
    return buffer.getvalue(), ""


def sound_again(data: bytes, _: Path) -> tuple[bytes, str]:
    """Return a WAV file of 16 bits."""
    sound = decode_sound(data)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setparams((sound.samples.shape[1], 2, sound.rate, 0, "NONE", ""))
        out.writeframes((sound.samples * 32767).astype("<i2").tobytes())
    return buffer.getvalue(), ""


def video_again(data: bytes, folder: Path) -> tuple[bytes, str]:
    """Return an MP4 file of x264 at CRF 23, without sound."""
    source, target = folder / "in.mp4", folder / "out.mp4"
    source.write_bytes(data)
    coding = ("-c:v", "libx264", "-crf", "23", "-an")
    ffmpeg("-i", source, "-map_metadata", "-1", *coding, target)
    return target.read_bytes(), ""


def text_again(data: bytes, _: Path) -> tuple[bytes, str]:
    """Return what is under the front matter, as pasted into a text file."""
    opening, _fields, text = data.decode().split("---", 2)
    assert not opening  # noqa: S101  the front matter comes first
    return text.strip().encode(), "pasted.txt"


RESAVINGS = {
    "image": Resaving("images/astronaut.jpg", picture_again),
    "audio": Resaving("sounds/spoken.flac", sound_again),
    "video": Resaving("videos/hills.mp4", video_again),
    "text": Resaving("texts/tides.md", text_again, "visible,watermark,metadata"),
}
"""One of every modality."""
