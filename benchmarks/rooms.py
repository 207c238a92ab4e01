"""
Rooms by the image-source method (Allen and Berkley, 1979): impulse responses of a shoebox.

Source and microphone are omnidirectional and all walls absorb all frequencies alike: harder than a
loudspeaker that faces a phone. Far images are jittered by 5 cm, which takes away the sweeping
echoes of perfect boxes; the decay is then pulled to the nominal reverberation time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RATE = 16_000
_SPEED_OF_SOUND = 343.0
_TAPS = range(-7, 9)
_DECAY = 6.9078
"""ln(1000): 60 dB of amplitude."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room in metres, where the sound and the microphone are, and its RT60 in seconds."""

    size: tuple[float, float, float]
    source: tuple[float, float, float]
    microphone: tuple[float, float, float]
    rt60: float


ROOMS = {
    "0.3": Room(size=(4.2, 3.3, 2.5), source=(1.1, 1.3, 1.2), microphone=(2.6, 2.0, 1.1), rt60=0.3),
    "0.5": Room(size=(5.6, 4.4, 2.7), source=(1.2, 2.1, 1.1), microphone=(3.3, 2.9, 1.3), rt60=0.5),
    "0.8": Room(size=(8.1, 6.2, 3.0), source=(2.1, 3.1, 1.2), microphone=(4.7, 3.9, 1.2), rt60=0.8),
}
"""A bedroom at 1.7 m, a living room at 2.3 m, a meeting room at 2.7 m (audio-v1, section 2)."""


@lru_cache(maxsize=8)
def response(name: str) -> Array:
    """Return the impulse response of a room at `RATE`, of energy 1."""
    room = ROOMS[name]
    echo = _images(room)
    time = np.arange(len(echo)) / RATE
    for _ in range(3):
        echo *= np.exp(-_DECAY * time * (1 / room.rt60 - 1 / decay_time(echo)))
    echo /= math.sqrt(float((echo**2).sum()))
    echo.flags.writeable = False
    return echo


def decay_time(echo: Array) -> float:
    """Return the reverberation time in seconds, from the fall between -5 and -25 dB (T20)."""
    left = np.cumsum(echo[::-1] ** 2)[::-1]
    level = 10 * np.log10(left / left[0] + 1e-30)
    return float(3 * (np.argmax(level < -25) - np.argmax(level < -5)) / RATE)


def _images(room: Room) -> Array:
    size = np.asarray(room.size)
    seconds = min(1.1 * room.rt60, 1.0)
    echo = np.zeros(int(seconds * RATE) + 200)
    volume = float(size.prod())
    walls = 2 * float(size[0] * size[1] + size[0] * size[2] + size[1] * size[2])
    beta = math.exp(-0.161 * volume / (walls * room.rt60) / 2)  # Eyring
    reach = _SPEED_OF_SOUND * seconds
    spans = [np.arange(-k, k + 1) for k in np.ceil(reach / (2 * size)).astype(int)]
    cells = np.stack(np.meshgrid(*spans, indexing="ij"), axis=-1).reshape(-1, 3)
    chance = np.random.default_rng(0)
    for corner in np.ndindex(2, 2, 2):
        turned = (1 - 2 * np.asarray(corner)) * np.asarray(room.source)
        offset = turned + 2 * cells * size - np.asarray(room.microphone)
        bounces = (np.abs(cells - corner) + np.abs(cells)).sum(axis=1)
        distance = np.sqrt((offset**2).sum(axis=1))
        near = distance < reach
        _add(echo, distance[near], bounces[near], beta=beta, chance=chance)
    return echo


def _add(
    echo: Array,
    distance: Array,
    bounces: NDArray[np.int64],
    *,
    beta: float,
    chance: np.random.Generator,
) -> None:
    """Add images, each a windowed sinc at its fractional delay."""
    jittered = distance + np.where(bounces > 0, chance.uniform(-0.05, 0.05, distance.size), 0)
    strength = beta**bounces / np.maximum(jittered, 0.1)
    at = jittered / _SPEED_OF_SOUND * RATE
    whole = np.floor(at).astype(int)
    for tap in _TAPS:
        gap = whole + tap - at
        weight = np.sinc(gap) * (0.5 + 0.5 * np.cos(np.pi * np.clip(gap / 8, -1, 1)))
        place = whole + tap + 20
        inside = (place >= 0) & (place < len(echo))
        echo += np.bincount(place[inside], (strength * weight)[inside], len(echo))
