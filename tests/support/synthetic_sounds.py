"""Seeded sounds with the build of speech and of music, for marks that need rich material."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray


_FORMANTS = (
    (300, 800, 1.0, 80),
    (900, 2200, 0.6, 110),
    (2300, 3000, 0.3, 150),
    (3300, 3900, 0.15, 200),
)


def _wander(rng: np.random.Generator, seconds: float, rate: int, knots: float) -> NDArray:
    times = np.arange(int(seconds * rate)) / rate
    count = max(2, int(seconds * knots))
    return np.interp(times, np.linspace(0, seconds, count), rng.random(count))


@cache
def speech(seconds: float = 10.0, rate: int = 24_000, seed: int = 0) -> NDArray[np.float32]:
    """Voiced harmonics through wandering formants, syllables, hiss: (n,) float32, peak 0.7."""
    rng = np.random.default_rng(seed)
    pitch = 110 + 60 * _wander(rng, seconds, rate, 3)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    tracks = [
        (low + (high - low) * _wander(rng, seconds, rate, 5), gain, width)
        for low, high, gain, width in _FORMANTS
    ]
    voiced = np.zeros(len(pitch))
    for harmonic in range(1, 50):
        place = harmonic * pitch
        size = sum(g / (1 + ((place - f) / w) ** 2) for f, g, w in tracks)
        size = size * (place < 0.45 * rate) / harmonic**0.3
        voiced += size * np.sin(harmonic * phase + 6 * rng.random())
    syllables = np.clip(1.6 * _wander(rng, seconds, rate, 8) - 0.3, 0, 1)
    hiss = np.diff(rng.standard_normal(len(pitch)), prepend=0)
    hiss *= np.clip(2 * _wander(rng, seconds, rate, 8) - 1.3, 0, 1)
    sound = 0.12 * voiced * syllables + 0.08 * hiss + 1e-4 * rng.standard_normal(len(pitch))
    return _scaled(sound, 0.7)


@cache
def music(seconds: float = 10.0, rate: int = 44_100, seed: int = 0) -> NDArray[np.float32]:
    """Chords of decaying partials with drum hits: (n,) float32, peak 0.8."""
    rng = np.random.default_rng(seed)
    count = int(seconds * rate)
    sound = 0.003 * rng.standard_normal(count)
    for start in range(0, count, rate // 4):
        times = np.arange(min(rate, count - start)) / rate
        for note in 110 * 2 ** (rng.integers(0, 36, 2) / 12):
            for partial in range(1, 13):
                if note * partial < 0.45 * rate:
                    wave = np.sin(2 * np.pi * note * partial * times + 6 * rng.random())
                    fall = np.exp(-times * (2 + partial / 2)) / partial**1.1
                    sound[start : start + len(times)] += wave * fall
        hit = rng.standard_normal(len(times)) * np.exp(-40 * times)
        sound[start : start + len(times)] += 0.8 * hit
    return _scaled(sound, 0.8)


def _scaled(sound: NDArray, peak: float) -> NDArray[np.float32]:
    out = (sound * (peak / np.abs(sound).max())).astype(np.float32)
    out.flags.writeable = False
    return out


def played(sound: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
    """The sound played ``speed`` times as fast."""
    places = np.arange(int(len(sound) / speed)) * speed
    return np.interp(places, np.arange(len(sound)), sound).astype(np.float32)
