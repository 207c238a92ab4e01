"""
The bank: turn, size, mirror image and stretch of a lattice, found together in half a blink.

On a log-polar map of the spectrum a turn and a scaling are shifts, found by one correlation; a few
templates, stretched along one axis, cover unknown aspect ratios (design image-v1, section 3.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core import fourier
from labeler.core.refine import Proposal, best_of


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.lattice import Lattice
    from labeler.core.spectrum import Spectrum


_SIDE = 512
_LOWEST, _HIGHEST = 0.0085, 0.5
_SMALLEST, _LARGEST = 0.3, 3.6
_STRETCHES = 19
_MOST_STRETCH = 0.17
_TEMPLATE_SIDE = 1024
_NEAR = slice(8, 11)
_KEPT = 5
_GATE = 5.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolarGrid:
    """Radii in cycles per pixel (rows) and unit vectors (columns) of a log-polar map."""

    radius: NDArray[np.float32]
    cosine: NDArray[np.float32]
    sine: NDArray[np.float32]
    step: float

    def sampled(self, points: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
        """Return a spectrum of DFT size (height, width) on the grid, times the radius."""
        radius = self.radius[:, None]
        columns = radius * (self.cosine * np.float32(width))
        rows = radius * (self.sine * np.float32(height))
        rows += np.float32(height // 2)
        sampled = np.asarray(cv2.remap(points, columns, rows, cv2.INTER_LINEAR), np.float32)
        sampled *= radius
        return sampled

    def lags(self) -> tuple[int, int]:
        """Return the rows of a correlation, from negative to positive, of all sizes searched."""
        return int(np.log(1 / _LARGEST) / self.step), int(np.log(1 / _SMALLEST) / self.step)


@lru_cache(maxsize=2)
def polar_grid(side: int) -> PolarGrid:
    """Return the grid of ``side`` radii (rows) and angles from -90 to 90 degrees (columns)."""
    radius = np.exp(np.linspace(np.log(_LOWEST), np.log(_HIGHEST), side)).astype(np.float32)
    angle = np.arange(side) / side * np.pi - np.pi / 2
    grid = PolarGrid(
        radius=radius,
        cosine=np.cos(angle).astype(np.float32),
        sine=np.sin(angle).astype(np.float32),
        step=float(np.log(radius[1] / radius[0])),
    )
    for array in (grid.radius, grid.cosine, grid.sine):
        array.setflags(write=False)
    return grid


def lattice_points(
    frequencies: NDArray[np.float64], power: NDArray[np.float32] | float
) -> NDArray[np.float32]:
    """Return a spectrum of side 1024 with points of ``power`` at the frequencies (2, n)."""
    side = _TEMPLATE_SIDE
    points = np.zeros((side, side // 2 + 1), np.float32)
    half = np.where(frequencies[0] < 0, -1, 1)
    rows = np.rint(frequencies[1] * half * side + side // 2).astype(np.intp)
    columns = np.rint(frequencies[0] * half * side).astype(np.intp)
    np.add.at(points, (rows, columns), power)
    return points


@lru_cache(maxsize=4)
def _templates(lattice: Lattice) -> tuple[tuple[float, NDArray[np.complex64]], ...]:
    """Return (stretch, conjugate spectrum) of every template: 20 MB a key."""
    pilots = np.stack([lattice.u, lattice.v])[:, lattice.pilots] / float(lattice.scheme.tile)
    templates = []
    for stretch in np.exp(np.linspace(-_MOST_STRETCH, _MOST_STRETCH, _STRETCHES)):
        points = lattice_points(pilots * np.array([[1 / stretch], [stretch]]), 20.0)
        points = np.asarray(cv2.GaussianBlur(points, (7, 7), 1.2), np.float32)
        template = np.conj(
            fourier.spectrum_to_match(_levelled(points, _TEMPLATE_SIDE, _TEMPLATE_SIDE))
        )
        template.setflags(write=False)
        templates.append((float(stretch), template))
    return tuple(templates)


def _levelled(points: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    polar = polar_grid(_SIDE).sampled(points, height, width)
    polar -= background(polar, 7)
    return polar


def background(plane: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """Return a plane blurred by about a Gaussian of ``width``, at a quarter of the resolution."""
    height, length = plane.shape
    small = cv2.resize(plane, (length // 4, height // 4), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), width / 4)
    return np.asarray(cv2.resize(small, (length, height)), np.float32)


def search_similar(spectrum: Spectrum, lattice: Lattice) -> list[Proposal]:
    """Return at most five turns and sizes without a stretch, upright or mirrored, best first."""
    return _search(spectrum, _templates(lattice)[_NEAR])


def search_stretched(spectrum: Spectrum, lattice: Lattice) -> list[Proposal]:
    """Return at most five turns and sizes with a stretch of up to 1.4, best first."""
    templates = _templates(lattice)
    return _search(spectrum, templates[: _NEAR.start] + templates[_NEAR.stop :])


def _search(
    spectrum: Spectrum, templates: tuple[tuple[float, NDArray[np.complex64]], ...]
) -> list[Proposal]:
    points = np.asarray(cv2.GaussianBlur(spectrum.points, (3, 3), 0.8), np.float32)
    upright = fourier.spectrum_to_match(_levelled(points, spectrum.height, spectrum.width))
    trials = [
        (mirror, seen, stretch, template)
        for mirror, seen in ((False, upright), (True, fourier.mirrored(upright)))
        for stretch, template in templates
    ]
    planes = fourier.correlations(*(((seen, template),) for _, seen, _, template in trials))
    found = [
        _best_lag(plane, stretch, mirror=mirror)
        for (mirror, _, stretch, _), plane in zip(trials, planes, strict=True)
    ]
    return best_of(found, _KEPT, _GATE)


def _best_lag(correlation: NDArray[np.float32], stretch: float, *, mirror: bool) -> Proposal:
    """Return the largest peak among the sizes searched, in deviations, as a proposal."""
    first, last = polar_grid(_SIDE).lags()
    parts = ((first, correlation[first:]), (0, correlation[: last + 1]))
    peak, row, column = max(
        (float(part.flat[place]), start + place // _SIDE, place % _SIDE)
        for start, part in parts
        for place in (int(part.argmax()),)
    )
    sample = parts[1][1][::4]
    spread = float(np.sqrt(np.mean(sample * sample))) + 1e-30
    matrix = polar_matrix(row * polar_grid(_SIDE).step, column / _SIDE * np.pi, mirror=mirror)
    return Proposal(score=peak / spread, matrix=matrix @ np.diag([1 / stretch, stretch]))


def polar_matrix(lag: float, angle: float, *, mirror: bool) -> NDArray[np.float64]:
    """Return the frequency matrix of a shift by ``lag`` in ln(radius) and by ``angle``."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn * np.exp(lag)
    return np.asarray(np.diag([1.0, -1.0]) @ matrix if mirror else matrix, np.float64)
