"""Tiny videos, made by seeded numbers with PyAV: textured, moving, with a cut, with all extras."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


QUICK = {"preset": "ultrafast", "crf": "20"}


def luma_frames(
    count: int, width: int = 640, height: int = 360, *, seed: int = 1, cut: int | None = None
) -> Iterator[NDArray[np.uint8]]:
    """Yield lumas (height, width) of a texture that moves; another texture from ``cut`` on."""
    ground = _texture(width, height, seed)
    for index in range(count):
        if index == cut:
            ground = _texture(width, height, seed + 100)
        dx, dy = 2 * index, index
        yield np.ascontiguousarray(ground[dy % 64 : dy % 64 + height, dx % 64 : dx % 64 + width])


def _texture(width: int, height: int, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    size = (width + 64, height + 64)
    coarse = cv2.resize(rng.normal(size=(6, 9)).astype(np.float32), size)
    fine = cv2.GaussianBlur(rng.normal(size=size[::-1]).astype(np.float32), (0, 0), 2.0)
    return np.clip(120 + 30 * coarse + 60 * fine, 20, 230).astype(np.uint8)


def video_frame(luma: NDArray[np.uint8], pixel_format: str = "yuv420p") -> Any:
    """Return a PyAV frame of a luma in any planar YUV format, its chroma a smooth ramp."""
    height, width = luma.shape
    frame = av.VideoFrame(width, height, pixel_format)
    bits = frame.format.components[0].bits
    for index, plane in enumerate(frame.planes):
        kind = np.uint8 if bits == 8 else np.uint16
        step = 1 if bits == 8 else 2
        view = np.frombuffer(plane, kind).reshape(plane.height, plane.line_size // step)
        ramp = np.linspace(100, 150, plane.width)[None, :] * np.ones((plane.height, 1))
        level = luma if index == 0 else ramp
        view[:, : plane.width] = (np.asarray(level, np.float64) * (1 << (bits - 8))).astype(kind)
    return frame


def write_video(
    path: Path,
    lumas: Sequence[NDArray[np.uint8]],
    *,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    rate: int = 25,
    times: Sequence[int] | None = None,
    sounds: int = 0,
    turn: int = 0,
    aspect: Fraction | None = None,
    tags: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
    colours: dict[str, int] | None = None,
    chapters: bool = False,
    noise: bool = False,
) -> Path:
    """
    Write a video; ``times`` are the frames' time stamps in units of 1 / (100 * rate) seconds.

    ``sounds`` is how many AAC tracks, each another tone in another language; with ``noise`` they
    hold a burst of coloured noise a second instead.
    """
    height, width = lumas[0].shape
    base = Fraction(1, 100 * rate)
    times = times or [100 * index for index in range(len(lumas))]
    with av.open(str(path), "w") as target:
        target.metadata.update(tags or {})
        stream: Any = target.add_stream(codec, rate=rate, options=options or _quick(codec))
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        if path.suffix != ".avi" and codec not in {"mpeg2video", "mpeg4"}:
            stream.time_base = stream.codec_context.time_base = base
        else:
            base = Fraction(1, rate)
            times = [time // 100 for time in times]
        for name, value in (colours or {}).items():
            setattr(stream.codec_context, name, value)
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if turn:
            stream.set_display_rotation(turn)
        tracks = [_sound_track(target, index) for index in range(sounds)]
        if chapters:
            target.set_chapters(_chapters())
        for luma, time in zip(lumas, times, strict=True):
            frame = video_frame(luma, pixel_format)
            frame.pts, frame.time_base = time, base
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
        seconds = float((times[-1] + times[1] - times[0]) * base)
        for index, track in enumerate(tracks):
            _write_sound(target, track, _wave(index, seconds, noise=noise))
    return path


def _quick(codec: str) -> dict[str, str]:
    known = {
        "libx264": QUICK,
        "libx265": QUICK | {"x265-params": "log-level=none"},
        "libvpx-vp9": {"crf": "20", "b": "0", "cpu-used": "8", "deadline": "realtime"},
    }
    return known.get(codec, {"global_quality": "236", "flags": "+qscale"})


def _sound_track(target: Any, index: int) -> Any:
    name = "libopus" if target.format.name in {"webm", "matroska"} else "aac"
    track = target.add_stream(name, rate=48_000, options={"b": "64k"})
    track.layout = "stereo"
    track.metadata["language"] = ("chi", "eng", "jpn")[index]
    return track


def _wave(index: int, seconds: float, *, noise: bool) -> NDArray[np.float32]:
    at = np.arange(round(seconds * 48_000)) / 48_000
    if not noise:
        return (0.2 * np.sin(2 * np.pi * 220.0 * (index + 1) * at)).astype(np.float32)
    coloured = np.cumsum(np.random.default_rng(index).normal(size=len(at)))
    coloured -= np.convolve(coloured, np.ones(64) / 64, "same")
    swell = np.clip(np.sin(np.pi * np.maximum(at - 0.25, 0)), 0, None) ** 0.5
    loud = coloured / coloured.std() * (0.02 + swell)
    return np.asarray(0.15 * loud * (at > 0.25), np.float32)


def _write_sound(target: Any, track: Any, wave: NDArray[np.float32]) -> None:
    size = track.codec_context.frame_size or 960
    for start in range(0, len(wave), size):
        block = np.stack([wave[start : start + size]] * 2)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, start
        target.mux(track.encode(frame))
    target.mux(track.encode(None))


def _chapters() -> list[dict[str, Any]]:
    return [
        {
            "id": index, "start": 500 * index, "end": 500 * (index + 1),
            "time_base": Fraction(1, 1000), "metadata": {"title": f"part {index}"},
        }
        for index in range(2)
    ]  # fmt: skip
