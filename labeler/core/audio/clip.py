"""
Short known clips: changing their rate, and finding them again by their log band energies.

A clip that was coded, filtered or made louder keeps the shape of its energy over time and pitch.
That shape, each band free of its mean, is correlated with the sound at several speeds (design:
sound, section 5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.audio.cue_search import HOP, SEARCH, measure_envelopes


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.core.audio.cue_search import Envelopes

    Floats = NDArray[np.float32]

FRAMES = 2
"""Frames of the envelopes in one frame of a shape."""

_BANDS = 18
_EDGE = 1e-4  # amplitude that counts as silence, full scale 1
_SPEEDS = tuple(round(1 + step * 0.025, 3) for step in range(-4, 5))
_LONGEST = 60.0  # s


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """Log band energies (frames, bands) of a clip played at ``speed``, free of their means."""

    energies: Floats
    speed: float
    begin: float
    seconds: float


def resample_clip(samples: Floats, rate: int, to_rate: int) -> Floats:
    """
    Return a short mono clip (n,) at another rate, by its Fourier transform.

    The band is kept up to half the lower rate. Raises `ValueError` for a clip of over a minute.
    """
    if rate == to_rate or not len(samples):
        return samples.astype(np.float32)
    if len(samples) > _LONGEST * rate:
        raise ValueError("a clip is at most a minute long")
    common = math.gcd(rate, to_rate)
    # Whole periods of both rates, with rest behind so that the end does not wrap to the start
    periods = math.ceil(len(samples) * common / rate + 0.05 * common)
    size, to_size = periods * rate // common, periods * to_rate // common
    spectrum = np.fft.rfft(samples, size)
    kept = np.zeros(to_size // 2 + 1, spectrum.dtype)
    both = min(size, to_size) // 2
    kept[:both] = spectrum[:both]
    length = round(len(samples) * to_rate / rate)
    return np.asarray(np.fft.irfft(kept, to_size)[:length] * (to_size / size), np.float32)


def spoken_span(samples: Floats, rate: int) -> tuple[float, float]:
    """Return begin and end in seconds of what is within 45 dB of the loudest 10 ms of a clip."""
    step = max(1, round(0.01 * rate))
    frames = samples[: len(samples) // step * step].reshape(-1, step)
    energies = (frames.astype(np.float64) ** 2).mean(axis=1)
    loud = np.flatnonzero(energies > energies.max(initial=0) * 10**-4.5)
    if not loud.size:
        return 0.0, 0.0
    return float(loud[0] * step / rate), float((loud[-1] + 1) * step / rate)


def measure_shape(envelopes: Envelopes) -> Floats:
    """Return log band energies (frames, bands) of a sound, `FRAMES` frames of it each."""
    starts = np.searchsorted(envelopes.tones, np.geomspace(*SEARCH.tones, _BANDS + 1)[:-1])
    power = np.add.reduceat(envelopes.bands**2, starts, axis=1)
    frames = len(power) // FRAMES
    power = power[: frames * FRAMES].reshape(frames, FRAMES, -1).mean(axis=1)
    return np.asarray(np.log10(power + np.float32(_EDGE**2)), np.float32)


def shapes_of(samples: Floats, rate: int, speeds: Sequence[float] = _SPEEDS) -> tuple[Shape, ...]:
    """Return the shapes of a mono clip played at several speeds, up to 10 % off."""
    begin, end = spoken_span(samples, rate)
    spoken = samples[round(begin * rate) : round(end * rate)]
    return tuple(_shape_at(spoken, rate, speed, begin) for speed in speeds)


def correlate_shape(energies: Floats, shapes: Sequence[Shape]) -> Floats:
    """
    Return the correlations (shapes, frames) of a sound with shapes, from every frame on.

    ``energies`` comes from `measure_shape`; frames too near to its end hold 0.
    """
    frames = len(energies)
    longest = max(len(shape.energies) for shape in shapes)
    size = 1 << (frames + longest - 1).bit_length()
    spectrum = np.fft.rfft(energies, size, axis=0)
    sums = np.cumsum(np.pad(energies, ((1, 0), (0, 0))), axis=0, dtype=np.float64)
    squares = np.cumsum(np.pad((energies**2).sum(axis=1), (1, 0)), dtype=np.float64)
    out = np.zeros((len(shapes), frames), np.float32)
    for row, shape in zip(out, shapes, strict=True):
        length = len(shape.energies)
        if length > frames:
            continue
        product = (spectrum * np.fft.rfft(shape.energies, size, axis=0).conj()).sum(axis=1)
        covariance = np.fft.irfft(product, size)[: frames - length + 1]
        within = sums[length:] - sums[:-length]
        variance = squares[length:] - squares[:-length] - (within**2).sum(axis=1) / length
        # A floor of 0.1 (1 dB) a value: what is almost steady resembles nothing
        floor = 0.01 * shape.energies.size
        norm = np.sqrt((np.maximum(variance, 0) + floor) * float((shape.energies**2).sum()))
        row[: len(covariance)] = covariance / norm
    return out


def _shape_at(spoken: Floats, rate: int, speed: float, begin: float) -> Shape:
    """Measure the shape of a clip played faster (above 1) or slower, pitch and all."""
    grain = 8000  # rates are whole numbers: speeds to an eighth of a thousandth
    played = resample_clip(spoken, round(grain * speed), grain)
    envelopes = measure_envelopes(played, rate)
    energies = measure_shape(envelopes)
    first = round(-envelopes.begin / HOP / FRAMES)
    last = first + max(1, round(len(played) / rate / HOP / FRAMES))
    kept = energies[first:last]
    return Shape(
        energies=kept - kept.mean(axis=0),
        speed=speed,
        begin=begin / speed,
        seconds=len(played) / rate,
    )
