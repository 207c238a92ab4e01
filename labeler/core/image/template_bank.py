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

from labeler.core.image import fourier
from labeler.core.image.log_maps import (
    COARSE_SIDE,
    TEMPLATE_SIDE,
    lattice_points,
    polar_lags,
    polar_map,
    polar_matrix,
    polar_step,
)
from labeler.core.image.refine import Proposal, best_of


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.lattice import Lattice
    from labeler.core.image.log_maps import LogMaps

    _Templates = tuple["_Template", ...]


KEYS_KEPT = 2
"""Keys whose templates are kept in memory, of this bank and of the full searches."""

_STRETCHES = np.linspace(-0.17, 0.17, 19)
_SHEARS = (-0.09, -0.06, -0.03, 0.03, 0.06, 0.09)
_NEAR = 0.03
_KEPT = 5
_GATE = 5.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Template:
    """The conjugate spectrum of a lattice whose frequencies were changed by a matrix, halved."""

    matrix: NDArray[np.float64]
    kept: NDArray[np.float16]


def _stretch(along: float, across: float) -> NDArray[np.float64]:
    """Return a change of frequencies: a stretch along the axes and one along the diagonals."""
    mixed = np.array([[np.cosh(across), np.sinh(across)], [np.sinh(across), np.cosh(across)]])
    return np.asarray(mixed @ np.diag([np.exp(-along), np.exp(along)]), np.float64)


@lru_cache(maxsize=KEYS_KEPT)
def _templates(lattice: Lattice) -> dict[str, _Templates]:
    """Return the templates of every search: 3 MB a key."""
    pilots = np.stack([lattice.u, lattice.v])[:, lattice.pilots] / float(lattice.scheme.tile)
    far, near = np.abs(_STRETCHES) > _NEAR, np.abs(_STRETCHES) <= _NEAR
    return {
        "similar": tuple(_template(pilots, _stretch(along, 0)) for along in _STRETCHES[near]),
        "stretched": tuple(_template(pilots, _stretch(along, 0)) for along in _STRETCHES[far]),
        "sheared": tuple(_template(pilots, _stretch(0, across)) for across in _SHEARS),
    }


def _template(pilots: NDArray[np.float64], matrix: NDArray[np.float64]) -> _Template:
    points = lattice_points(matrix @ pilots, 20.0)
    points = np.asarray(cv2.GaussianBlur(points, (7, 7), 1.2), np.float32)
    whole = polar_map(points, TEMPLATE_SIDE, TEMPLATE_SIDE)
    kept = fourier.halved(np.conj(fourier.low_frequencies(whole, COARSE_SIDE)))
    kept.setflags(write=False)
    return _Template(matrix=matrix, kept=kept)


def search_similar(maps: LogMaps, lattice: Lattice) -> list[Proposal]:
    """Return at most five turns and sizes without a stretch, upright or mirrored, best first."""
    return _search(maps, _templates(lattice)["similar"])


def search_stretched(maps: LogMaps, lattice: Lattice) -> list[Proposal]:
    """Return at most five turns and sizes with a stretch of up to 1.4, best first."""
    return _search(maps, _templates(lattice)["stretched"])


def search_sheared(maps: LogMaps, lattice: Lattice) -> list[Proposal]:
    """Return at most five turns and sizes with a slant of up to 10 degrees, best first."""
    return _search(maps, _templates(lattice)["sheared"])


def _search(maps: LogMaps, templates: _Templates) -> list[Proposal]:
    upright = fourier.low_frequencies(maps.polar, COARSE_SIDE)
    sides = upright, fourier.mirrored(upright)
    trials = [(template, mirror) for template in templates for mirror in (False, True)]
    sums = (
        ((seen, spectrum),)
        for template in templates
        for spectrum in (fourier.unhalved(template.kept),)
        for seen in sides
    )
    found = [
        _best_lag(plane, template.matrix, mirror=mirror)
        for (template, mirror), plane in zip(trials, fourier.correlations(sums), strict=True)
    ]
    return best_of(found, _KEPT, _GATE)


def _best_lag(
    correlation: NDArray[np.float32], change: NDArray[np.float64], *, mirror: bool
) -> Proposal:
    """Return the largest peak among the sizes searched, in deviations, as a proposal."""
    side = COARSE_SIDE
    first, last = polar_lags(side)
    parts = ((first, correlation[first:]), (0, correlation[: last + 1]))
    peak, row, column = max(
        (float(part.flat[place]), start + place // side, place % side)
        for start, part in parts
        for place in (int(part.argmax()),)
    )
    sample = parts[1][1][::2]
    spread = float(np.sqrt(np.mean(sample * sample))) + 1e-30
    down, right = _beside(correlation, row, column)
    lag, angle = (row + down) * polar_step(side), (column + right) / side * np.pi
    matrix = polar_matrix(lag, angle, mirror=mirror)
    return Proposal(score=peak / spread, matrix=matrix @ change)


def _beside(correlation: NDArray[np.float32], row: int, column: int) -> tuple[float, ...]:
    """Return how far beside a peak's sample its top lies, down and right: -1/2 to 1/2."""
    rows, columns = correlation.shape
    moves = []
    for before, after in (
        (correlation[(row - 1) % rows, column], correlation[(row + 1) % rows, column]),
        (correlation[row, (column - 1) % columns], correlation[row, (column + 1) % columns]),
    ):
        bend = float(2 * correlation[row, column] - before - after)
        move = float(after - before) / (2 * bend) if bend > 0 else 0.0
        moves.append(min(max(move, -0.5), 0.5))
    return tuple(moves)
