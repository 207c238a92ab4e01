"""
Folding: the whitened picture, brought to the tile's geometry, summed over all its tiles.

A geometry is a 2 x 2 matrix that takes tile pixels to pixels of the received canonical picture; the
offset of the tile is found later, by the pilots.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.image import fourier


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.lattice import Lattice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Folded:
    """The complex value of every lattice frequency of a folded picture, and its tile's side."""

    coefficients: NDArray[np.complex64]
    side: int


MAX_WARPED = 12_000_000
"""Pixels of the warped picture beyond which a geometry is not tried."""

MAX_SIDE = 32_000
"""The longest side that OpenCV can warp; hostile pictures are that thin."""

_SMALL_BELOW = 0.75
_BLUR_ABOVE = 1.35
_BLUR_GAIN = 0.32


def unwarp(
    level: NDArray[np.float32], geometry: NDArray[np.float64], tile: int
) -> NDArray[np.float32] | None:
    """
    Return the picture in tile geometry, sides multiples of the tile; None if too large.

    The tile comes out ``tile`` pixels wide, or half of that when the picture is so small that
    nothing is lost; `tile_side` tells which.
    """
    height, width = level.shape
    scale = math.sqrt(abs(np.linalg.det(geometry)))
    side = tile_side(geometry, tile)
    back = np.linalg.inv(geometry) * (side / tile)
    corners = back @ np.array([[0, width, 0, width], [0, 0, height, height]], float)
    low = np.floor(corners.min(axis=1) / side) * side
    columns, rows = (np.ceil(corners.max(axis=1) / side) * side - low).astype(int)
    if int(rows) * int(columns) > MAX_WARPED or max(rows, columns, *level.shape) > MAX_SIDE:
        return None
    if np.abs(back - np.eye(2)).max() < 1e-9:
        padded = np.zeros((rows, columns), np.float32)
        padded[:height, :width] = level
        return padded
    if scale > _BLUR_ABOVE:
        level = np.asarray(cv2.GaussianBlur(level, (0, 0), _BLUR_GAIN * scale), np.float32)
    how = cv2.INTER_LINEAR if side == tile else cv2.INTER_CUBIC
    affine = np.hstack([back, -low[:, None]])
    return np.asarray(
        cv2.warpAffine(level, affine, (int(columns), int(rows)), flags=how), np.float32
    )


def tile_side(geometry: NDArray[np.float64], tile: int) -> int:
    """Return the side of the tile in pixels that `unwarp` uses for a geometry."""
    small = math.sqrt(abs(np.linalg.det(geometry))) < _SMALL_BELOW
    return tile // 2 if small else tile


def fold(unwarped: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Return the sum of all tiles, (side, side), of a plane whose sides are multiples of it."""
    rows, columns = unwarped.shape
    stacked = np.sum(unwarped.reshape(rows // side, side, columns), axis=0)
    return np.asarray(np.sum(stacked.reshape(side, columns // side, side), axis=1), np.float32)


def fold_picture(
    level: NDArray[np.float32], geometry: NDArray[np.float64], lattice: Lattice
) -> Folded | None:
    """Fold a whitened picture; None if the geometry would need over `MAX_WARPED` pixels."""
    tile = lattice.scheme.tile
    unwarped = unwarp(level, geometry, tile)
    if unwarped is None:
        return None
    side = tile_side(geometry, tile)
    return folded_tile(fold(unwarped, side), lattice)


def folded_tile(tile: NDArray[np.float32], lattice: Lattice) -> Folded:
    """Return the lattice coefficients of one tile of any even side of at least 64 pixels."""
    coefficients = fourier.coefficients_at(fourier.transform(tile), lattice.u, lattice.v)
    return Folded(coefficients=coefficients, side=len(tile))
