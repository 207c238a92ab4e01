"""
What the ear forgives: how much louder or softer each tile may become (design audio-v1, section 1).

A tile beside louder ones is masked and may take more; one that stands alone takes less. The spread
of masking falls by 27 dB a Bark towards lower and 12 dB a Bark towards higher frequencies.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.schemes import AudioScheme


_DOWNWARDS, _UPWARDS = 27.0, 12.0
_LEAST, _MOST = np.float32(0.2), np.float32(2.0)
_TINY = np.float32(1e-20)


def bark(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the critical-band rate 7 asinh(f / 650) in Bark."""
    return np.asarray(7 * np.arcsinh(hertz / 650))


@lru_cache(maxsize=8)
def _falls(scheme: AudioScheme) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what is left of a masker one band higher and one band lower."""
    centres = scheme.low_hz + (np.arange(scheme.bands) + 0.5) * scheme.band_hz
    steps = np.diff(bark(centres.astype(np.float64)))
    up = (10 ** (-_UPWARDS * steps / 10)).astype(np.float32)
    down = (10 ** (-_DOWNWARDS * steps / 10)).astype(np.float32)
    up.setflags(write=False)
    down.setflags(write=False)
    return up, down


def masking_of(tiles: NDArray[np.float32], scheme: AudioScheme) -> NDArray[np.float32]:
    """Return the energy that the other bands spread into each tile; (..., bands) both."""
    up, down = _falls(scheme)
    energy = np.ascontiguousarray(np.moveaxis(tiles, -1, 0))
    # Exponential spreading is a recursion along the bands: no matrix product is needed.
    above, below = np.zeros_like(energy), np.zeros_like(energy)
    for band in range(1, scheme.bands):
        np.add(above[band - 1], energy[band - 1], out=above[band])
        above[band] *= up[band - 1]
    for band in range(scheme.bands - 2, -1, -1):
        np.add(below[band + 1], energy[band + 1], out=below[band])
        below[band] *= down[band]
    above += below
    return np.ascontiguousarray(np.moveaxis(above, 0, -1))


def gain_weights(tiles: NDArray[np.float32], scheme: AudioScheme) -> NDArray[np.float32]:
    """Return how much gain each tile takes: sqrt(masking / energy), 0.2 to 2; shape as given."""
    masking = masking_of(tiles, scheme)
    ratio = masking / (tiles + masking * np.float32(1e-3) + _TINY)
    return np.asarray(np.clip(np.sqrt(ratio), _LEAST, _MOST), np.float32)
