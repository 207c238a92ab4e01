"""
The levelled power spectrum of a picture, in which the pilots of a mark stand out as points.

Power divided by its local mean, capped, less its own local mean: of the normalisations tried it
shows a lattice by far the best (design image, section 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core import fourier


if TYPE_CHECKING:
    from numpy.typing import NDArray


_LEAST_SIDE = 1024
_TAPER = 0.06
_WINDOW = 3.2
_CAP = 12.0
_TILE = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spectrum:
    """
    Half a spectrum: columns are frequencies 0..1/2 to the right, rows -1/2..1/2 downwards.

    ``points`` and the slightly blurred ``smooth`` have shape (height, width / 2 + 1); frequency
    (fx, fy) in cycles per pixel lies at column fx * width, row fy * height + height / 2.
    ``spread`` is the deviation of ``smooth``.
    """

    points: NDArray[np.float32]
    smooth: NDArray[np.float32]
    height: int
    width: int
    spread: float

    def places(self, frequencies: NDArray[np.float64]) -> tuple[NDArray[np.float32], ...]:
        """Return columns and rows of frequencies (2, ...), mirrored into the half plane."""
        side = np.where(frequencies[0] < 0, -1.0, 1.0)
        columns = frequencies[0] * side * self.width
        rows = frequencies[1] * side * self.height + self.height // 2
        return columns.astype(np.float32), rows.astype(np.float32)


def spectrum_of(level: NDArray[np.float32]) -> Spectrum:
    """Return the spectrum of a whitened picture (rows, columns), padded to 1024 or more a side."""
    height, width = (_fast_even(max(side, _LEAST_SIDE)) for side in level.shape)
    padded = np.zeros((height, width), np.float32)
    rows, columns = (_taper(side) for side in level.shape)
    np.multiply(level, rows[:, None], out=padded[: level.shape[0], : level.shape[1]])
    padded[: level.shape[0], : level.shape[1]] *= columns
    power = fourier.half_power(fourier.transform(padded))
    window = (int(_WINDOW * width / _TILE) | 1, int(_WINDOW * height / _TILE) | 1)
    floor = np.asarray(cv2.blur(power, window), np.float32)
    # A second mean without what towers above the first: pilots must not raise their own floor.
    floor = np.asarray(cv2.blur(np.minimum(power, 4 * floor), window), np.float32)
    floor += np.float32(1e-6)
    points = np.minimum(np.divide(power, floor, out=power), _CAP, out=power)
    points -= np.asarray(cv2.blur(points, window), np.float32)
    smooth = np.asarray(cv2.GaussianBlur(points, (3, 3), 0.7), np.float32)
    return Spectrum(
        points=points,
        smooth=smooth,
        height=height,
        width=width,
        spread=float(smooth[::4].std()) + 1e-30,
    )


def _fast_even(side: int) -> int:
    return 2 * int(cv2.getOptimalDFTSize(-(-side // 2)))


def _taper(side: int) -> NDArray[np.float32]:
    """Return a window that rises linearly over 6 % at both ends."""
    place = np.arange(side) + 0.5
    return np.minimum(1, np.minimum(place, side - place) / (_TAPER * side)).astype(np.float32)
