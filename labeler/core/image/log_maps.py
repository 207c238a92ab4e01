"""
Logarithmic maps of a spectrum, on which turns and scalings are mere shifts.

On the log-polar map a turn and a scaling shift the lattice, on the log-log map the scalings of both
axes do (design image-v1, section 3.4). Maps are sampled finely, but only their low frequencies are
kept: correlations then come out on a coarser grid, as exact, at a fraction of the cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.image import fourier
from labeler.core.image.canonical import STRIP


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.spectrum import Spectrum


COARSE_SIDE, FINE_SIDE = 256, 512
"""Sides of the correlations of the bank and of a full search, over all turns and sizes."""

AXIAL_SIDE = 256
"""Side of the correlations over the scalings of both axes."""

TEMPLATE_SIDE = 1024
"""Side of the transform whose half spectrum `lattice_points` returns."""

_POLAR_SAMPLES, _AXIAL_SAMPLES = 768, 512
_LOWEST, _HIGHEST = 0.0085, 0.5
_AXIAL_LOWEST, _AXIAL_HIGHEST = 0.006, 0.5
_POLAR_BLUR, _AXIAL_BLUR = 10, 8
_SMALLEST, _LARGEST = 0.3, 3.6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogMaps:
    """
    Low frequencies of the logarithmic maps of one spectrum, as `fourier.correlations` takes them.

    ``polar`` of side `FINE_SIDE`; ``rising`` and ``falling``, the log-log maps of the quadrants
    fy > 0 and fy < 0, of side `AXIAL_SIDE`.
    """

    polar: NDArray[np.complex64]
    rising: NDArray[np.complex64]
    falling: NDArray[np.complex64]


def log_maps_of(spectrum: Spectrum) -> LogMaps:
    """Return the maps of a picture's spectrum: the same for every key."""
    size = spectrum.height, spectrum.width
    rising, falling = axial_maps(spectrum.smooth, *size)
    return LogMaps(polar=polar_map(spectrum.points, *size), rising=rising, falling=falling)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Grid:
    """Radii in cycles per pixel (rows) and unit vectors (columns) of the log-polar map."""

    radius: NDArray[np.float32]
    cosine: NDArray[np.float32]
    sine: NDArray[np.float32]


@lru_cache(maxsize=1)
def _polar_grid() -> _Grid:
    radius = np.geomspace(_LOWEST, _HIGHEST, _POLAR_SAMPLES)
    angle = np.arange(_POLAR_SAMPLES) / _POLAR_SAMPLES * np.pi - np.pi / 2
    arrays = [values.astype(np.float32) for values in (radius, np.cos(angle), np.sin(angle))]
    for array in arrays:
        array.setflags(write=False)
    return _Grid(radius=arrays[0], cosine=arrays[1], sine=arrays[2])


def polar_map(points: NDArray[np.float32], height: int, width: int) -> NDArray[np.complex64]:
    """Return the log-polar map of a spectrum of DFT size (height, width), times the radius."""
    grid = _polar_grid()
    across, down = grid.cosine * np.float32(width), grid.sine * np.float32(height)
    polar = np.empty((_POLAR_SAMPLES, _POLAR_SAMPLES), np.float32)
    for top in range(0, _POLAR_SAMPLES, STRIP):
        radius, strip = grid.radius[top : top + STRIP, None], polar[top : top + STRIP]
        rows = radius * down
        rows += np.float32(height // 2)
        cv2.remap(points, radius * across, rows, cv2.INTER_LINEAR, dst=strip)
        strip *= radius
    polar -= _background(polar, _POLAR_BLUR)
    return fourier.spectrum_to_match(polar, FINE_SIDE)


def polar_step(side: int) -> float:
    """Return the step in ln(radius) between the rows of a correlation of a side."""
    ends = float(np.log(_HIGHEST / _LOWEST))
    return ends / (_POLAR_SAMPLES - 1) * _POLAR_SAMPLES / side


def polar_lags(side: int) -> tuple[int, int]:
    """Return the rows of a correlation, from negative to positive, of all sizes searched."""
    step = polar_step(side)
    return int(np.log(1 / _LARGEST) / step), int(np.log(1 / _SMALLEST) / step)


def polar_matrix(lag: float, angle: float, *, mirror: bool) -> NDArray[np.float64]:
    """Return the frequency matrix of a shift by ``lag`` in ln(radius) and by ``angle``."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn * np.exp(lag)
    return np.asarray(np.diag([1.0, -1.0]) @ matrix if mirror else matrix, np.float64)


def axial_maps(
    points: NDArray[np.float32], height: int, width: int
) -> tuple[NDArray[np.complex64], NDArray[np.complex64]]:
    """
    Return the log-log maps of the quadrants fy > 0 and fy < 0 of a spectrum.

    Without padding: what a correlation wraps around lies below the lowest frequency of any lattice.
    """
    line = np.geomspace(_AXIAL_LOWEST, _AXIAL_HIGHEST, _AXIAL_SAMPLES).astype(np.float32)
    shape = (_AXIAL_SAMPLES, _AXIAL_SAMPLES)
    columns = np.broadcast_to(line * np.float32(width), shape).copy()
    weight = np.sqrt(line)
    maps = []
    for sign in (1, -1):
        down = line[:, None] * np.float32(sign * height) + np.float32(height // 2)
        rows = np.broadcast_to(down, shape).copy()
        seen = np.asarray(cv2.remap(points, columns, rows, cv2.INTER_LINEAR), np.float32)
        seen *= weight
        seen *= weight[:, None]
        seen -= _background(seen, _AXIAL_BLUR)
        maps.append(fourier.spectrum_to_match(seen, AXIAL_SIDE))
    return maps[0], maps[1]


def axial_step() -> float:
    """Return the step in ln(frequency) of a correlation of side `AXIAL_SIDE`."""
    ends = float(np.log(_AXIAL_HIGHEST / _AXIAL_LOWEST))
    return ends / (_AXIAL_SAMPLES - 1) * _AXIAL_SAMPLES / AXIAL_SIDE


def lattice_points(
    frequencies: NDArray[np.float64], power: NDArray[np.float32] | float
) -> NDArray[np.float32]:
    """Return half a spectrum of side 1024 with points of ``power`` at the frequencies (2, n)."""
    side = TEMPLATE_SIDE
    points = np.zeros((side, side // 2 + 1), np.float32)
    half = np.where(frequencies[0] < 0, -1, 1)
    rows = np.rint(frequencies[1] * half * side + side // 2).astype(np.intp)
    columns = np.rint(frequencies[0] * half * side).astype(np.intp)
    np.add.at(points, (rows, columns), power)
    return points


def _background(plane: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """Return a plane blurred by about a Gaussian of ``width``, at a quarter of the resolution."""
    height, length = plane.shape
    small = cv2.resize(plane, (length // 4, height // 4), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), width / 4)
    return np.asarray(cv2.resize(small, (length, height)), np.float32)
