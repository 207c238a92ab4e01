"""
The full-resolution searches: a log-polar map and a log-log map of the spectrum.

Both find weak lattices that the bank misses, the first under any turn and size, the second under
any scaling of the two axes (design image-v1, section 3.4). They use all frequencies of the lattice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core import fourier
from labeler.core.refine import Proposal, best_of
from labeler.core.template_bank import background, lattice_points, polar_grid, polar_matrix


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from labeler.core.lattice import Lattice
    from labeler.core.spectrum import Spectrum


_POLAR_SIDE = 1024
_AXIAL_SIDE = 512
_AXIAL_LOWEST, _AXIAL_HIGHEST = 0.006, 0.5
_AXIAL_RANGE = 3.4
_TEMPLATE_SIDE = 1024
_KEPT = 3
_POLAR_GATE, _AXIAL_GATE = 7.0, 6.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Templates:
    """Conjugate spectra: log-polar, and log-log of rising and of falling frequencies."""

    polar: NDArray[np.complex64]
    rising: NDArray[np.complex64]
    falling: NDArray[np.complex64]


@lru_cache(maxsize=1)
def _axial_line() -> NDArray[np.float32]:
    """Return the frequencies of the rows and of the columns of a log-log map."""
    limits = np.log(_AXIAL_LOWEST), np.log(_AXIAL_HIGHEST)
    line = np.exp(np.linspace(*limits, _AXIAL_SIDE)).astype(np.float32)
    line.setflags(write=False)
    return line


def _axial_step() -> float:
    return float(np.log(_AXIAL_HIGHEST / _AXIAL_LOWEST)) / (_AXIAL_SIDE - 1)


@lru_cache(maxsize=4)
def _templates(lattice: Lattice) -> _Templates:
    """Return the templates of one key: 6 MB."""
    frequencies = np.stack([lattice.u, lattice.v]) / float(lattice.scheme.tile)
    power = lattice.amplitude**2
    points = lattice_points(frequencies, 20 * power / power[lattice.pilots].mean())
    points = np.asarray(cv2.GaussianBlur(points, (5, 5), 0.8), np.float32)
    polar = _levelled_polar(points, _TEMPLATE_SIDE, _TEMPLATE_SIDE)
    axial = _axial_maps(points, _TEMPLATE_SIDE, _TEMPLATE_SIDE)
    spectra = [np.conj(fourier.spectrum_to_match(plane)) for plane in (polar, *axial)]
    for array in spectra:
        array.setflags(write=False)
    return _Templates(polar=spectra[0], rising=spectra[1], falling=spectra[2])


def _levelled_polar(points: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    polar = polar_grid(_POLAR_SIDE).sampled(points, height, width)
    polar -= background(polar, 12)
    return polar


def search_polar(spectrum: Spectrum, lattice: Lattice) -> list[Proposal]:
    """Return at most three turns and sizes, upright or mirrored, best first."""
    seen = fourier.spectrum_to_match(
        _levelled_polar(spectrum.points, spectrum.height, spectrum.width)
    )
    grid = polar_grid(_POLAR_SIDE)
    first, last = grid.lags()
    found = []
    template = _templates(lattice).polar
    planes = fourier.correlations(((seen, template),), ((fourier.mirrored(seen), template),))
    for mirror, whole in zip((False, True), planes, strict=True):
        searched = np.concatenate([whole[first:], whole[: last + 1]])
        for score, row, column in _peaks(searched, reach=4):
            angle = column / _POLAR_SIDE * np.pi
            matrix = polar_matrix((row + first) * grid.step, angle, mirror=mirror)
            found.append(Proposal(score=score, matrix=matrix))
    return best_of(found, _KEPT, _POLAR_GATE)


def _axial_maps(
    points: NDArray[np.float32], height: int, width: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """
    Return the log-log maps of the quadrants fy > 0 and fy < 0.

    Without padding: what a correlation wraps around lies below the lowest frequency of any lattice.
    """
    line, shape = _axial_line(), (_AXIAL_SIDE, _AXIAL_SIDE)
    columns = np.broadcast_to(line * np.float32(width), shape).copy()
    weight = np.sqrt(line)
    maps = []
    for sign in (1, -1):
        down = line[:, None] * np.float32(sign * height) + np.float32(height // 2)
        rows = np.broadcast_to(down, shape).copy()
        seen = np.asarray(cv2.remap(points, columns, rows, cv2.INTER_LINEAR), np.float32)
        seen *= weight
        seen *= weight[:, None]
        seen -= background(seen, 8)
        maps.append(seen)
    return maps[0], maps[1]


def search_axial(spectrum: Spectrum, lattice: Lattice) -> list[Proposal]:
    """Return at most three scalings of the axes, with quarter turns and mirrors, best first."""
    step = _axial_step()
    reach = int(np.log(_AXIAL_RANGE) / step)
    found = []
    for correlation, base in _axial_correlations(spectrum, lattice):
        near = np.roll(correlation, (reach, reach), (0, 1))[: 2 * reach + 1, : 2 * reach + 1]
        for score, row, column in _peaks(np.ascontiguousarray(near), reach=2):
            scales = np.exp(np.array([column - reach, row - reach]) * step)
            found.append(Proposal(score=score, matrix=np.diag(scales) @ base, axial=True))
    return best_of(found, _KEPT, _AXIAL_GATE)


def _axial_correlations(
    spectrum: Spectrum, lattice: Lattice
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float64]]]:
    """Yield the correlations, upright, mirrored and after quarter turns, with their matrices."""
    templates = _templates(lattice)
    maps = _axial_maps(spectrum.smooth, spectrum.height, spectrum.width)
    up, down = (fourier.spectrum_to_match(plane) for plane in maps)
    up_turned, down_turned = (fourier.spectrum_to_match(plane.T.copy()) for plane in maps)
    # Rising and falling frequencies of the data, whether transposed, and the matrix.
    trials = (
        (up, down, False, np.eye(2)),
        (down, up, False, np.diag([-1.0, 1.0])),
        (down_turned, up_turned, True, np.array([[0.0, -1.0], [1.0, 0.0]])),
        (up_turned, down_turned, True, np.array([[0.0, 1.0], [1.0, 0.0]])),
    )
    planes = fourier.correlations(
        *(((one, templates.rising), (two, templates.falling)) for one, two, _, _ in trials)
    )
    for (_, _, transposed, matrix), plane in zip(trials, planes, strict=True):
        yield plane.T if transposed else plane, matrix


def _peaks(correlation: NDArray[np.float32], *, reach: int) -> Iterator[tuple[float, int, int]]:
    """Yield (score in deviations, row, column) of the three largest peaks; clears them."""
    sample = correlation[::8]
    spread = float(np.sqrt(np.mean(sample * sample))) + 1e-30
    for _ in range(_KEPT):
        row, column = divmod(int(correlation.argmax()), correlation.shape[1])
        yield float(correlation[row, column]) / spread, row, column
        near = np.arange(column - reach, column + reach + 1) % correlation.shape[1]
        correlation[max(0, row - reach) : row + reach + 1, near] = -np.inf
