"""
Perceptual prints: 256 signs of the lowest 2-D cosines of a picture, or of the picture of a sound.

A print says which of the broad shapes are lighter and which darker. Recompression and scaling leave
most signs as they are; cropping and turning do not (design metadata, section E).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Prints = NDArray[np.uint8]
    Order = tuple[NDArray[np.intp], NDArray[np.intp]]

SIDE = 64
"""Rows and columns of a plane from which a print is taken."""

PRINT_BYTES = 32
_LOWEST = 24
"""Cosines of fewer than 24 half waves in both directions together: 300, of which 256 are used."""

_FLAT = 1.5
"""Standard deviation, of 255, below which a picture shows nothing to be told by."""

_LOW_HZ, _HIGH_HZ = 150.0, 3400.0
_BANDS = 32
_FRAME_SECONDS = 0.128
_QUIET = 1e-4
_EVEN = 0.15
"""Standard deviation, in decades, below which a stretch of sound is a hum, or nothing."""

HOP_SECONDS = _FRAME_SECONDS / 2
WINDOW = 64
"""Columns of a spectrum in one print of a sound: 4.1 seconds."""


def picture_print(luma: NDArray[np.uint8] | Floats) -> Prints:
    """
    Return the print of a picture (H, W), 0..255: uint8 (1, 32), or (0, 32) when it is flat.

    >>> ramp = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    >>> picture_print(ramp).shape, picture_print(np.zeros((9, 9), np.uint8)).shape
    ((1, 32), (0, 32))
    """
    plane = cv2.resize(luma.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    if float(plane.std()) < _FLAT:
        return np.zeros((0, PRINT_BYTES), np.uint8)
    return _signs(np.asarray(plane, np.float32)[None], _order())


def sound_prints(samples: Floats, rate: int, *, step: int, most: int) -> Prints:
    """
    Return prints of a mono sound (n,), one each ``step`` columns of 64 ms: uint8 (m, 32).

    At most ``most``; stretches that are silent or a steady hum have none.
    """
    spectrum = _spectrum(samples, rate)
    starts = range(0, len(spectrum) - WINDOW + 1, step)
    planes = []
    for start in starts:
        window = spectrum[start : start + WINDOW]
        window = window - window.mean(0, keepdims=True)
        if float(window.std()) >= _EVEN:
            planes.append(cv2.resize(window, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR))
        if len(planes) == most:
            break
    if not planes:
        return np.zeros((0, PRINT_BYTES), np.uint8)
    return _signs(np.stack(planes).astype(np.float32), _order(level=False))


def _spectrum(samples: Floats, rate: int) -> Floats:
    """Return log energy (columns of 64 ms, bands between 150 and 3400 Hz)."""
    length, hop = round(_FRAME_SECONDS * rate), round(HOP_SECONDS * rate)
    if len(samples) < length:
        return np.zeros((0, _BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]
    weights, window = _band_weights(length, rate), np.hanning(length).astype(np.float32)
    out = np.empty((len(frames), _BANDS), np.float32)
    for start in range(0, len(frames), 256):  # a few at a time: memory stays small
        power = np.abs(np.fft.rfft(frames[start : start + 256] * window, axis=-1)) ** 2
        out[start : start + 256] = power.astype(np.float32) @ weights
    floor = _QUIET * max(float(out.max(initial=0.0)), 1e-12)
    return np.asarray(np.log10(out + floor), np.float32)


@lru_cache(maxsize=16)
def _band_weights(length: int, rate: int) -> Floats:
    """Return which share of each spectral line goes into each band (lines, bands)."""
    lines = np.fft.rfftfreq(length, 1 / rate)
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, _BANDS + 1)
    weights = np.zeros((len(lines), _BANDS), np.float32)
    band = np.searchsorted(edges, lines, side="right") - 1
    inside = (band >= 0) & (band < _BANDS)
    weights[np.flatnonzero(inside), band[inside]] = 1.0
    return weights


def _signs(planes: Floats, order: Order) -> Prints:
    """Return the signs of the cosines in ``order`` of planes (n, 64, 64): (n, 32)."""
    cosines = _cosines()
    waves = cosines @ planes @ cosines.T
    rows, columns = order
    return np.packbits(waves[:, rows, columns] > 0, axis=-1)


@lru_cache(maxsize=1)
def _cosines() -> Floats:
    waves = np.arange(_LOWEST)[:, None] * (np.arange(SIDE) + 0.5)[None] * (np.pi / SIDE)
    return np.asarray(np.cos(waves), np.float32)


@lru_cache(maxsize=2)
def _order(*, level: bool = True) -> Order:
    """
    Return rows and columns of the 256 lowest cosines but the mean, the lowest first.

    Not ``level``: nor those that do not change from row to row, which a sound has lost with the
    mean of its bands; what is left of them are errors of rounding.
    """
    rows, columns = np.divmod(np.arange(_LOWEST**2), _LOWEST)
    order = np.argsort((rows + columns) * 64 + np.abs(rows - columns), kind="stable")
    order = order[(rows[order] > 0) | (level & (columns[order] > 0))][: 8 * PRINT_BYTES]
    return rows[order], columns[order]
