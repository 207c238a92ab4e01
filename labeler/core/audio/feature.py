"""
The feature of the sound mark: what of a tile's energy stands out from its neighbours.

A power law turns weak tiles, the ones that codecs and noise fill in, down by themselves; a second
difference takes away what changes slowly; division by the local size whitens the host. All of it
depends on the sound only, never on the key, so the bound of `labeler.core.significance` holds. The
feature is no part of the format: a reader may use a better one (design audio-v1, section 9).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


EXPONENT = np.float32(0.2)
LEVEL_SLOTS = 63
"""Slots of the running mean that energies are compared with: 2.0 s."""

REACH = LEVEL_SLOTS // 2 + 2
"""Slots to either side that the feature of a slot depends on."""

FLOOR = np.float32(1e-12)
"""Energy that counts as none, 27 dB below the rounding noise of 16 bits."""

_NEIGHBOURS = np.float32(0.25)
_GAIN = np.float32(3.125)
_SOFT = np.float32(0.05)
_BOX_SLOTS, _BOX_BANDS = 3, 5


def level_of(tiles: NDArray[np.float32], window: int = LEVEL_SLOTS) -> NDArray[np.float32]:
    """Return the running mean level, (slots,), of tiles (slots, bands); the ends are held."""
    half = window // 2
    mean = tiles.mean(axis=1)
    held = np.empty(len(mean) + 2 * half, np.float32)
    held[:half], held[half:-half], held[-half:] = mean[0], mean, mean[-1]
    return _running_sum(held, 2 * half + 1) * np.float32(1 / (2 * half + 1)) + FLOOR


def _running_sum(values: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the sums of ``width`` values from each on; each sum is made in the same order."""
    count = len(values) - width + 1
    out, sums, at = np.zeros(count, np.float32), values, 0
    for power in range(width.bit_length()):
        if width >> power & 1:
            out += sums[at : at + count]
            at += 1 << power
        sums = sums[: -(1 << power)] + sums[1 << power :]
    return out


def compressed(tiles: NDArray[np.float32], level: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (tiles / level) ^ 0.2; ``level`` has the shape of the tiles without the bands."""
    ratio = np.maximum(tiles, FLOOR)
    ratio /= level[..., None]
    np.log(ratio, out=ratio)
    ratio *= EXPONENT
    return np.asarray(np.exp(ratio, out=ratio), np.float32)


@lru_cache(maxsize=8)
def _difference(step: int) -> NDArray[np.float32]:
    """Return the kernel of the second difference between slots ``step`` rows apart."""
    return _spaced((-0.5, 1, -0.5), step)


@lru_cache(maxsize=8)
def _aside(bands: int) -> NDArray[np.float32]:
    """Return the kernel that takes the neighbouring bands away and sets the scale."""
    return _spaced((-_NEIGHBOURS * _GAIN, _GAIN, -_NEIGHBOURS * _GAIN), bands)


@lru_cache(maxsize=8)
def _box(count: int, step: int) -> NDArray[np.float32]:
    """Return the kernel of the mean of ``count`` values ``step`` apart."""
    return _spaced((1 / count,) * count, step)


def _spaced(taps: Sequence[float | np.float32], step: int) -> NDArray[np.float32]:
    kernel = np.zeros((len(taps) - 1) * step + 1, np.float32)
    kernel[::step] = taps
    kernel.setflags(write=False)
    return kernel


def prominence(power: NDArray[np.float32], step: int = 1, bands: int = 1) -> NDArray[np.float32]:
    """
    Return the clipped second difference, of the same shape, of (rows, columns).

    ``step`` rows make a slot and ``bands`` columns a band. The first and last ``step`` rows stand
    for nothing: their neighbours are not known.
    """
    out = _filtered(power, _aside(bands), _difference(step))
    for edge in (np.s_[:, :bands], np.s_[:, -bands:]):  # they have no neighbour on one side
        cv2.sepFilter2D(power[edge], -1, _spaced((_GAIN,), 1), _difference(step), out[edge])
    return np.asarray(np.clip(out, -1, 1, out=out), np.float32)


def whitened(clipped: NDArray[np.float32], step: int = 1, bands: int = 1) -> NDArray[np.float32]:
    """
    Return each value over the local size, 3 slots by 5 bands: the same shape, (rows, columns).

    The size is that of the slots before and after and of two bands to either side, whatever
    number of rows (``step``) makes a slot and of columns (``bands``) a band. The first and last
    ``step`` rows stand for nothing.
    """
    square = clipped * clipped
    size = _filtered(square, _box(_BOX_BANDS, bands), _box(_BOX_SLOTS, step))
    size += _SOFT
    cv2.sqrt(size, size)
    return np.asarray(cv2.divide(clipped, size, size), np.float32)


def _filtered(
    values: NDArray[np.float32], across: NDArray[np.float32], along: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return values (rows, columns) under two kernels; the edges are held."""
    kept = cv2.BORDER_REPLICATE
    return np.asarray(cv2.sepFilter2D(values, -1, across, along, borderType=kept), np.float32)


def mirrored(rows: NDArray[np.float32], before: int = 2, after: int = 2) -> NDArray[np.float32]:
    """Return rows with so many more at the ends, mirrored."""
    kept = cv2.BORDER_REFLECT_101
    return np.asarray(cv2.copyMakeBorder(rows, before, after, 0, 0, kept), np.float32)


def feature(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the feature, same shape, of the tiles (slots, bands) of a whole sound; slots >= 3."""
    power = compressed(tiles, level_of(tiles))
    return whitened(prominence(mirrored(power)))[2:-2]
