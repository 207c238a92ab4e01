"""
The rhythm cue 短长 短短 (Morse A I) as numbers and as sound (GB 45438-2025 5.3 c; R-14).

A unit is the length of the short tone. Long is three units, the pause inside a letter one, the
pause between the letters three: without that longer pause the rhythm is the Morse letter L. The
standard gives neither length nor pitch nor level; the ratios are those of Morse code, the numbers
are ours (design: sound, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float32]

SHORT, LONG = 1.0, 3.0
"""Lengths of the tones in units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """
    One way to play the cue: ``unit`` and ``ramp`` in seconds, ``gap`` in units, ``tone`` in hertz.

    >>> Rhythm(unit=0.1).elements
    ((0.0, 1.0), (2.0, 3.0), (8.0, 1.0), (10.0, 1.0))
    >>> round(Rhythm().duration, 2)
    1.32
    """

    unit: float = 0.12
    gap: float = 3.0
    tone: float = 880.0
    ramp: float = 0.008

    @property
    def elements(self) -> tuple[tuple[float, float], ...]:
        """Start and length of the four tones, in units."""
        second = SHORT + 1 + LONG + self.gap
        return (0.0, SHORT), (2.0, LONG), (second, SHORT), (second + 2, SHORT)

    @property
    def units(self) -> float:
        """Length of the whole cue in units."""
        return 8 + self.gap

    @property
    def duration(self) -> float:
        """Length of the whole cue in seconds."""
        return self.units * self.unit


RHYTHM = Rhythm()
"""The cue this toolkit plays."""


def render_rhythm(rate: int, rhythm: Rhythm = RHYTHM) -> Floats:
    """
    Return the cue as float32 samples (n,), peak 1.0, first tone at sample 0 (R-14).

    Raises `ValueError` when the rate cannot hold the tone.
    """
    if rhythm.tone * 2.2 > rate:
        raise ValueError(f"{rate} Hz cannot hold a tone of {rhythm.tone:g} Hz")
    seconds = np.arange(round(rhythm.duration * rate)) / rate
    envelope = np.zeros(len(seconds))
    for start, length in rhythm.elements:
        since = seconds - start * rhythm.unit
        left = length * rhythm.unit - since
        envelope += _ramp(np.minimum(since, left) / rhythm.ramp)
    return (envelope * np.sin(2 * np.pi * rhythm.tone * seconds)).astype(np.float32)


def _ramp(along: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a raised cosine: 0 up to 0, 1 from 1 on."""
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(along, 0, 1))
