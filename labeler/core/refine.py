"""
From a rough geometry to an exact one: climb, then fit the points of the lattice.

A proposal comes from a search over templates; its score says how well it fits there and is no
evidence (text and woven textures score high too). The refined score is measured in deviations of
the spectrum: pictures without a lattice give 2 to 5, real lattices 6 to 160.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.lattice import Lattice
    from labeler.core.spectrum import Spectrum


MIN_SCORE = 4.5
"""Refined score below which a geometry is not worth decoding."""

_MIN_POINTS = 30
_AREAS = (0.05, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposal:
    """
    A 2 x 2 matrix from tile frequencies to received ones, both in cycles per pixel.

    ``axial`` proposals come from a search over scalings of both axes, others over turns.
    """

    score: float
    matrix: NDArray[np.float64]
    axial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refined:
    """A geometry, tile pixels to received canonical pixels, and its score in deviations."""

    score: float
    geometry: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Weighted:
    """Lattice frequencies in cycles per tile pixel, (2, n), and the power expected of each."""

    frequencies: NDArray[np.float64]
    power: NDArray[np.float32]


@lru_cache(maxsize=16)
def _weighted(lattice: Lattice) -> _Weighted:
    power = lattice.amplitude**2
    power = power / power[lattice.pilots].mean()
    frequencies = np.stack([lattice.u, lattice.v]) / float(lattice.scheme.tile)
    power.setflags(write=False)
    frequencies.setflags(write=False)
    return _Weighted(frequencies=frequencies, power=power)


@lru_cache(maxsize=2)
def _neighbours(*, axial: bool) -> NDArray[np.float64]:
    """Return the small scalings and turns, or scalings of both axes, around a proposal."""
    steps = np.linspace(-0.007, 0.007, 9)
    if axial:
        around = [np.diag([1 + x, 1 + y]) for x in steps for y in steps]
    else:
        turns = np.linspace(-0.004, 0.004, 7)
        around = [(1 + s) * np.array([[1, -t], [t, 1]]) for s in steps for t in turns]
    table = np.array(around)
    table.setflags(write=False)
    return table


def best_of(proposals: list[Proposal], count: int, least: float) -> list[Proposal]:
    """Return the best ``count`` proposals that score ``least`` or more, best first."""
    good = [proposal for proposal in proposals if proposal.score >= least]
    return sorted(good, key=lambda proposal: -proposal.score)[:count]


def refine(spectrum: Spectrum, proposal: Proposal, lattice: Lattice) -> Refined | None:
    """Return the exact geometry near a proposal; None when nothing sensible is there."""
    table = _weighted(lattice)
    around = _neighbours(axial=proposal.axial) @ proposal.matrix
    matrix = around[int(_scores(spectrum, around, table).argmax())]
    for reach in (2, 1, 1):
        fitted = _fitted(spectrum, matrix, table, reach)
        if fitted is None:
            return None
        matrix = fitted
    if not _AREAS[0] < abs(np.linalg.det(matrix)) < _AREAS[1]:
        return None
    norm = spectrum.spread * float(np.sqrt(np.sum(table.power**2)))
    score = float(_scores(spectrum, matrix[None], table)[0]) / norm
    return Refined(score=score, geometry=np.linalg.inv(matrix).T)


def proposal_at(refined: Refined) -> Proposal:
    """Return a refined geometry as a proposal, to refine it once more."""
    return Proposal(
        score=refined.score, matrix=np.asarray(np.linalg.inv(refined.geometry).T, np.float64)
    )


def _scores(
    spectrum: Spectrum, matrices: NDArray[np.float64], table: _Weighted
) -> NDArray[np.float32]:
    """Return the power-weighted sum of the spectrum at the lattice points, one a matrix."""
    received = np.moveaxis(matrices @ table.frequencies, 1, 0)
    columns, rows = spectrum.places(received)
    seen = cv2.remap(spectrum.smooth, columns, rows, cv2.INTER_LINEAR)
    total = np.einsum("mn,n->m", np.asarray(seen, np.float32), table.power)
    return np.asarray(total, np.float32)


def _fitted(
    spectrum: Spectrum, matrix: NDArray[np.float64], table: _Weighted, reach: int
) -> NDArray[np.float64] | None:
    """Return the matrix that fits the centroids of the points within ``reach`` best."""
    columns, rows = spectrum.places(matrix @ table.frequencies)
    column, row = np.rint(columns).astype(np.intp), np.rint(rows).astype(np.intp)
    height, width = spectrum.points.shape
    inside = (column >= reach) & (column < width - reach)
    inside &= (row >= reach) & (row < height - reach)
    if np.count_nonzero(inside) < _MIN_POINTS:
        return None
    column, row, sent = column[inside], row[inside], table.frequencies[:, inside]
    step = np.arange(-reach, reach + 1)
    patch = spectrum.points[row[:, None, None] + step[:, None], column[:, None, None] + step]
    patch = np.maximum(patch, 0) ** 2
    mass = patch.sum(axis=(1, 2)) + np.float32(1e-9)
    right = (patch * step).sum(axis=(1, 2)) / mass
    down = (patch * step[:, None]).sum(axis=(1, 2)) / mass
    side = np.where((matrix @ sent)[0] < 0, -1.0, 1.0)
    seen = np.stack(
        [(column + right) / spectrum.width, (row + down - spectrum.height // 2) / spectrum.height]
    )
    weight = np.sqrt(mass) * table.power[inside]
    moment = np.einsum("an,bn,n->ab", sent, sent, weight)
    cross = np.einsum("an,bn,n->ab", seen * side, sent, weight)
    if abs(np.linalg.det(moment)) < 1e-12 * moment[0, 0] * moment[1, 1]:
        return None
    return np.asarray(cross @ np.linalg.inv(moment), np.float64)
