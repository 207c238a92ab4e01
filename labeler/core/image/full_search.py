"""
The full searches: with all frequencies of a lattice, for marks too weak for the bank.

One over any turn and size, one over any scaling of the two axes (design image-v1, section 3.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.image import fourier
from labeler.core.image.log_maps import (
    FINE_SIDE,
    TEMPLATE_SIDE,
    axial_maps,
    axial_step,
    lattice_points,
    polar_lags,
    polar_map,
    polar_matrix,
    polar_step,
)
from labeler.core.image.refine import Proposal, best_of
from labeler.core.image.template_bank import KEYS_KEPT


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from labeler.core.image.lattice import Lattice
    from labeler.core.image.log_maps import LogMaps


_AXIAL_RANGE = 3.4
_KEPT = 3
_POLAR_GATE, _AXIAL_GATE = 7.0, 6.5
_EVEN_KEPT, _EVEN_GATE = 2, 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Templates:
    """
    Conjugate spectra: log-polar, and log-log of rising and of falling frequencies.

    The last two also for the axes exchanged: for quarter turns.
    """

    polar: NDArray[np.complex64]
    rising: NDArray[np.complex64]
    falling: NDArray[np.complex64]
    rising_turned: NDArray[np.complex64]
    falling_turned: NDArray[np.complex64]


@lru_cache(maxsize=KEYS_KEPT)
def _templates(lattice: Lattice) -> _Templates:
    """Return the templates of one key: 2 MB."""
    frequencies = np.stack([lattice.u, lattice.v]) / float(lattice.scheme.tile)
    power = lattice.amplitude**2
    power = 20 * power / power[lattice.pilots].mean()
    points, turned = (
        np.asarray(cv2.GaussianBlur(lattice_points(seen, power), (5, 5), 0.8), np.float32)
        for seen in (frequencies, frequencies[::-1])
    )
    size = TEMPLATE_SIDE, TEMPLATE_SIDE
    planes = polar_map(points, *size), *axial_maps(points, *size), *axial_maps(turned, *size)
    spectra = [np.conj(plane) for plane in planes]
    for array in spectra:
        array.setflags(write=False)
    return _Templates(
        polar=spectra[0],
        rising=spectra[1],
        falling=spectra[2],
        rising_turned=spectra[3],
        falling_turned=spectra[4],
    )


def search_polar(maps: LogMaps, lattice: Lattice) -> list[Proposal]:
    """Return at most three turns and sizes, upright or mirrored, best first."""
    template = _templates(lattice).polar
    first, last = polar_lags(FINE_SIDE)
    sides = maps.polar, fourier.mirrored(maps.polar)
    planes = fourier.correlations(((seen, template),) for seen in sides)
    found = []
    for mirror, whole in zip((False, True), planes, strict=True):
        searched = np.concatenate([whole[first:], whole[: last + 1]])
        for score, row, column in _peaks(searched, reach=3):
            lag, angle = (row + first) * polar_step(FINE_SIDE), column / FINE_SIDE * np.pi
            matrix = polar_matrix(lag, angle, mirror=mirror)
            found.append(Proposal(score=score, matrix=matrix))
    return best_of(found, _KEPT, _POLAR_GATE)


def search_axial(maps: LogMaps, lattice: Lattice) -> list[Proposal]:
    """Return at most three scalings of the axes, with quarter turns and mirrors, best first."""
    step = axial_step()
    reach = int(np.log(_AXIAL_RANGE) / step)
    found: list[Proposal] = []
    upright: list[Proposal] = []
    for correlation, base in _axial_correlations(maps, lattice):
        near = np.roll(correlation, (reach, reach), (0, 1))[: 2 * reach + 1, : 2 * reach + 1]
        near = np.ascontiguousarray(near)
        if not upright:
            upright = _evenly_scaled(near, reach)
        for score, row, column in _peaks(near, reach=2):
            scales = np.exp(np.array([column - reach, row - reach]) * step)
            found.append(Proposal(score=score, matrix=np.diag(scales) @ base, axial=True))
    return best_of(found, _KEPT, _AXIAL_GATE) + best_of(upright, _EVEN_KEPT, _EVEN_GATE)


def _evenly_scaled(near: NDArray[np.float32], reach: int) -> list[Proposal]:
    """
    Return the best upright scalings that keep the proportions: what a crop leaves.

    A picture full of lines makes peaks everywhere; on this one diagonal there are few.
    """
    spread = float(np.sqrt(np.mean(np.square(near[::4])))) + 1e-30
    widest = np.asarray(cv2.dilate(near, np.ones((3, 3), np.uint8)), np.float32)
    line = np.diagonal(widest).copy()
    found = []
    for _ in range(_EVEN_KEPT):
        at = int(line.argmax())
        scale = float(np.exp((at - reach) * axial_step()))
        matrix = np.eye(2) * scale
        found.append(Proposal(score=float(line[at]) / spread, matrix=matrix, axial=True))
        line[max(0, at - 2) : at + 3] = -np.inf
    return found


def _axial_correlations(
    maps: LogMaps, lattice: Lattice
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float64]]]:
    """Yield the correlations, upright, mirrored and after quarter turns, with their matrices."""
    known = _templates(lattice)
    straight = known.rising, known.falling
    turned = known.rising_turned, known.falling_turned
    # Which templates the rising and the falling frequencies of the picture match, and the matrix.
    trials = (
        (straight, np.eye(2)),
        (straight[::-1], np.diag([-1.0, 1.0])),
        (turned[::-1], np.array([[0.0, -1.0], [1.0, 0.0]])),
        (turned, np.array([[0.0, 1.0], [1.0, 0.0]])),
    )
    planes = fourier.correlations(
        ((maps.rising, one), (maps.falling, two)) for (one, two), _ in trials
    )
    for (_, matrix), plane in zip(trials, planes, strict=True):
        yield plane, matrix


def _peaks(correlation: NDArray[np.float32], *, reach: int) -> Iterator[tuple[float, int, int]]:
    """Yield (score in deviations, row, column) of the three largest peaks; clears them."""
    sample = correlation[::4]
    spread = float(np.sqrt(np.mean(sample * sample))) + 1e-30
    for _ in range(_KEPT):
        row, column = divmod(int(correlation.argmax()), correlation.shape[1])
        yield float(correlation[row, column]) / spread, row, column
        near = np.arange(column - reach, column + reach + 1) % correlation.shape[1]
        correlation[max(0, row - reach) : row + reach + 1, near] = -np.inf
