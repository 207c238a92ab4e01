"""Sound with the build of speech, computed: syllables of voiced harmonics, hiss and pauses."""

from __future__ import annotations

import numpy as np


def noisy_speech(rate: int, seconds: float, seed: int = 4) -> np.ndarray:
    """Samples (n,) float32: five syllables a second, pitch and colour change with each."""
    chance = np.random.default_rng(seed)
    count = int(rate * seconds)
    time = np.arange(count) / rate
    syllable = (time * 5).astype(int)
    pitch = chance.uniform(110, 220, syllable[-1] + 1)[syllable]
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    tilt = chance.uniform(0.6, 1.6, syllable[-1] + 1)[syllable]
    voiced = np.zeros(count)
    for harmonic in range(1, 40):
        inside = np.where(pitch * harmonic < 0.45 * rate, 1.0, 0.0)
        voiced += inside * np.sin(harmonic * phase) / harmonic**tilt
    hiss = chance.standard_normal(count) * chance.uniform(0.02, 0.5, syllable[-1] + 1)[syllable]
    loud = (
        np.sin(np.pi * (time * 5 % 1)) * chance.choice([0.02, 1, 1, 1], syllable[-1] + 1)[syllable]
    )
    sound = (voiced + hiss) * loud
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)
