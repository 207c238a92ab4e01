"""
How much a marked picture differs from its original: PSNR, SSIM, SSIMULACRA2, the worst tile.

All take two (H, W, 3) uint8 RGB arrays of one size.
"""

from __future__ import annotations

import io
import math
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

TILE = 64
"""Side of the tiles among which the worst is looked for."""

MOST_DB = 99.0
"""What stands for the PSNR of identical pictures, so that means stay finite."""

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """
    PSNR over RGB in dB, SSIM of the luma, the PSNR of the worst 64x64 tile, SSIMULACRA2.

    ``ssimulacra2`` is None when that package is not installed.
    """

    psnr: float
    ssim: float
    worst_tile: float
    ssimulacra2: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Return the figures as a result file holds them."""
        return asdict(self)


def compare(before: Picture, after: Picture) -> Quality:
    """Return all figures of a pair."""
    return Quality(
        psnr=psnr(before, after),
        ssim=ssim(before, after),
        worst_tile=worst_tile(before, after),
        ssimulacra2=ssimulacra2(before, after),
    )


def psnr(before: Picture, after: Picture) -> float:
    """Return the peak signal-to-noise ratio over all channels, in dB."""
    return _decibel(float(np.mean(_squares(before, after))))


def worst_tile(before: Picture, after: Picture, side: int = TILE) -> float:
    """Return the PSNR of the whole tile that differs most; of the picture when none fits."""
    squares = _squares(before, after)
    rows, columns = squares.shape[0] // side, squares.shape[1] // side
    if rows == 0 or columns == 0:
        return _decibel(float(np.mean(squares)))
    tiles = squares[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return _decibel(float(tiles.mean(axis=(1, 3)).max()))


def ssim(before: Picture, after: Picture) -> float:
    """Return the mean SSIM of the luma, Gaussian window of 11 pixels and sigma 1.5."""
    one, two = (_luma(before), _luma(after))
    mean_one, mean_two = _window(one), _window(two)
    spread_one = _window(one * one) - mean_one * mean_one
    spread_two = _window(two * two) - mean_two * mean_two
    shared = _window(one * two) - mean_one * mean_two
    above = (2 * mean_one * mean_two + _C1) * (2 * shared + _C2)
    below = (mean_one**2 + mean_two**2 + _C1) * (spread_one + spread_two + _C2)
    return float(np.mean(above / below))


def ssimulacra2(before: Picture, after: Picture) -> float | None:
    """Return the SSIMULACRA2 score (90: no difference seen, 70: high quality), or None."""
    if find_spec("ssimulacra2") is None:
        return None
    score = import_module("ssimulacra2").compute_ssimulacra2(_file(before), _file(after))
    return float(score)


def _squares(before: Picture, after: Picture) -> NDArray[np.float32]:
    """Return the squared difference of every pixel, averaged over its channels."""
    gap = before.astype(np.float32) - after.astype(np.float32)
    return np.asarray(np.mean(gap * gap, axis=2), np.float32)


def _decibel(mean_square: float) -> float:
    if mean_square <= 0:
        return MOST_DB
    return min(MOST_DB, 10 * math.log10(255 * 255 / mean_square))


def _luma(pixels: Picture) -> NDArray[np.float64]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float64)


def _window(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(plane, (11, 11), 1.5), np.float64)


def _file(pixels: Picture) -> io.BytesIO:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "BMP")
    buffer.seek(0)
    return buffer
