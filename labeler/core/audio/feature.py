"""
The feature of the sound mark: what of a tile's energy stands out from its neighbours.

A power law turns weak tiles, the ones that codecs and noise fill in, down by themselves; a second
difference takes away what changes slowly; division by the local size whitens the host. All of it
depends on the sound only, never on the key, so the bound of `labeler.core.significance` holds. The
feature is no part of the format: a reader may use a better one (design audio-v1, section 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


if TYPE_CHECKING:
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
    held = np.pad(tiles.mean(axis=1), half, mode="edge")
    return np.asarray(sliding_window_view(held, 2 * half + 1).mean(axis=1) + FLOOR, np.float32)


def compressed(tiles: NDArray[np.float32], level: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (tiles / level) ^ 0.2; ``level`` has the shape of the tiles without the bands."""
    ratio = np.maximum(tiles, FLOOR)
    ratio /= level[..., None]
    np.log(ratio, out=ratio)
    ratio *= EXPONENT
    return np.asarray(np.exp(ratio, out=ratio), np.float32)


def prominence(power: NDArray[np.float32], step: int = 1, bands: int = 1) -> NDArray[np.float32]:
    """
    Return the clipped second difference, (..., slots - 2 step, bands), of (..., slots, bands).

    ``step`` rows make a slot and ``bands`` columns a band.
    """
    rough = power[..., step:-step, :] - np.float32(0.5) * (
        power[..., : -2 * step, :] + power[..., 2 * step :, :]
    )
    out = rough.copy()
    out[..., bands:-bands] -= _NEIGHBOURS * (rough[..., : -2 * bands] + rough[..., 2 * bands :])
    out *= _GAIN
    return np.asarray(np.clip(out, -1, 1, out=out), np.float32)


def whitened(clipped: NDArray[np.float32], step: int = 1, bands: int = 1) -> NDArray[np.float32]:
    """
    Return each value over the local size, 3 slots by 5 bands: (..., slots - 2 step, bands).

    The size is that of the slots before and after and of two bands to either side, whatever
    number of rows (``step``) makes a slot and of columns (``bands``) a band.
    """
    square = clipped * clipped
    tall = square[..., : -2 * step, :] + square[..., step:-step, :]
    tall += square[..., 2 * step :, :]
    side, count = 2 * bands, tall.shape[-1]
    wide = np.empty((*tall.shape[:-1], count + 2 * side), np.float32)
    wide[..., side:-side] = tall
    wide[..., :side], wide[..., -side:] = tall[..., :1], tall[..., -1:]
    size = wide[..., :count] + wide[..., bands : bands + count]
    for shift in (2, 3, 4):
        size += wide[..., shift * bands : shift * bands + count]
    size *= np.float32(1 / (_BOX_SLOTS * _BOX_BANDS))
    size += _SOFT
    np.sqrt(size, out=size)
    return np.asarray(np.divide(clipped[..., step:-step, :], size, out=size), np.float32)


def mirrored(rows: NDArray[np.float32], before: int = 2, after: int = 2) -> NDArray[np.float32]:
    """Return rows with so many more at the ends, mirrored."""
    return np.pad(rows, ((before, after), (0, 0)), mode="reflect")


def feature(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the feature, same shape, of the tiles (slots, bands) of a whole sound; slots >= 3."""
    power = compressed(tiles, level_of(tiles))
    return whitened(prominence(mirrored(power)))
