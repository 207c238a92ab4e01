"""Sound files made with PyAV and the standard library: seeded, short, of every format we read."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np


LAYOUTS = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")
TITLE = "标题 Tä"
_MUXERS = {"m4a": "ipod", "wma": "asf", "aiff": "aiff"}


def tones(rate: int = 16_000, channels: int = 1, seconds: float = 0.6) -> np.ndarray:
    """One tone per channel (300 Hz, 400 Hz, ...) and a little noise: (n, channels) float32."""
    count = int(rate * seconds) + 37
    time = np.arange(count) / rate
    chance = np.random.default_rng(7)
    pitch = 300 + 100 * np.arange(channels)
    sound = 0.2 * np.sin(2 * np.pi * time[:, None] * pitch)
    sound += 0.02 * chance.standard_normal((count, channels))
    return sound.astype(np.float32)


def coded(
    samples: np.ndarray,
    rate: int,
    container: str,
    codec: str,
    *,
    bit_rate: int | None = None,
    sample_format: str | None = None,
    options: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
) -> bytes:
    """The samples in a container, coded by FFmpeg; integers are taken as they are."""
    buffer = io.BytesIO()
    muxer = _MUXERS.get(container, container)
    layout = LAYOUTS[samples.shape[1] - 1]
    with av.open(buffer, "w", format=muxer) as output:
        output.metadata.update(tags if tags is not None else {"title": TITLE})
        stream = output.add_stream(codec, rate=rate)
        stream.layout = layout
        if container == "ogg":
            stream.metadata.update(tags if tags is not None else {"title": TITLE})
        if sample_format:
            stream.format = sample_format
        if bit_rate:
            stream.bit_rate = bit_rate
        stream.codec_context.options = options or {}
        packed = {"f": "flt", "i": "s32" if samples.dtype.itemsize == 4 else "s16"}
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples).reshape(1, -1),
            format=packed[samples.dtype.kind],
            layout=layout,
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def lag(before: np.ndarray, after: np.ndarray) -> int:
    """By how many samples the first channel of ``after`` is late, by cross-correlation."""
    count = min(len(before), len(after))
    size = 1 << (2 * count - 1).bit_length()
    spectra = [np.fft.rfft(each[:count, 0].astype(np.float64), size) for each in (before, after)]
    peak = int(np.argmax(np.fft.irfft(np.conj(spectra[0]) * spectra[1])))
    return peak - size if peak > size // 2 else peak


def chirp(rate: int, channels: int = 1, seconds: float = 0.8) -> np.ndarray:
    """A sweep with noise: its cross-correlation has one peak."""
    count = int(rate * seconds) + 91
    time = np.arange(count) / rate
    sweep = 0.3 * np.sin(2 * np.pi * time * (200 + rate / 10 * time))
    noise = 0.02 * np.random.default_rng(5).standard_normal(count)
    return np.repeat((sweep + noise)[:, None], channels, axis=1).astype(np.float32)
