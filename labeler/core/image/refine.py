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

    from labeler.core.image.lattice import Lattice
    from labeler.core.image.spectrum import Spectrum


MIN_SCORE = 5.0
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
    """
    Lattice frequencies in cycles per tile pixel, (2, n), and the power expected of each.

    ``norm`` is the root of the sum of the squared powers.
    """

    frequencies: NDArray[np.float64]
    power: NDArray[np.float32]
    norm: float


@lru_cache(maxsize=16)
def _weighted(lattice: Lattice) -> tuple[_Weighted, _Weighted]:
    """Return the table of the pilots alone and that of all frequencies."""
    power = lattice.amplitude**2
    power = power / power[lattice.pilots].mean()
    frequencies = np.stack([lattice.u, lattice.v]) / float(lattice.scheme.tile)
    tables = []
    for chosen in (lattice.pilots, np.arange(len(power))):
        own = frequencies[:, chosen], power[chosen]
        for array in own:
            array.setflags(write=False)
        norm = float(np.sqrt(np.sum(own[1] ** 2)))
        tables.append(_Weighted(frequencies=own[0], power=own[1], norm=norm))
    return tables[0], tables[1]


@lru_cache(maxsize=2)
def _neighbours(*, axial: bool) -> NDArray[np.float64]:
    """
    Return what may lie around a proposal: scalings of both axes, or small changes of every kind.

    Those are sizes, turns, and stretches along the axes and along the diagonals: perspective
    stretches a picture in any direction.
    """
    if axial:
        steps = np.linspace(-0.007, 0.007, 9)
        around = [np.diag([1 + x, 1 + y]) for x in steps for y in steps]
    else:
        stretches = np.linspace(-0.015, 0.015, 5)
        around = [
            np.array([[1 + size + x, y - turn], [y + turn, 1 + size - x]])
            for size in np.linspace(-0.009, 0.009, 7)
            for turn in np.linspace(-0.006, 0.006, 5)
            for x in stretches
            for y in stretches
        ]
    table = np.array(around)
    table.setflags(write=False)
    return table


def best_of(proposals: list[Proposal], count: int, least: float) -> list[Proposal]:
    """Return the best ``count`` proposals that score ``least`` or more, best first."""
    good = [proposal for proposal in proposals if proposal.score >= least]
    return sorted(good, key=lambda proposal: -proposal.score)[:count]


def refine(spectrum: Spectrum, proposal: Proposal, lattice: Lattice) -> Refined | None:
    """Return the exact geometry near a proposal; None when nothing sensible is there."""
    pilots, every = _weighted(lattice)
    around = _neighbours(axial=proposal.axial) @ proposal.matrix
    matrix = around[int(_scores(spectrum, around, pilots).argmax())]
    for table, reach in ((pilots, 2), (every, 1), (every, 1)):
        fitted = _fitted(spectrum, matrix, table, reach)
        if fitted is None:
            return None
        matrix = fitted
    if not _AREAS[0] < abs(np.linalg.det(matrix)) < _AREAS[1]:
        return None
    score = float(_scores(spectrum, matrix[None], every)[0]) / (spectrum.spread * every.norm)
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
    # Written out: a stack of tiny matrix products takes several times as long.
    (xx, xy), (yx, yy) = matrices.astype(np.float32).transpose(1, 2, 0)[..., None]
    x, y = table.frequencies.astype(np.float32)
    columns, rows = spectrum.places(np.stack([xx * x + xy * y, yx * x + yy * y]))
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
    patch = spectrum.points[row + step[:, None, None], column + step[:, None]]
    np.maximum(patch, 0, out=patch)
    patch *= patch
    by_row = patch.sum(axis=1)
    mass = by_row.sum(axis=0) + np.float32(1e-9)
    right = np.einsum("yxn,x->n", patch, step.astype(np.float32)) / mass
    down = np.einsum("yn,y->n", by_row, step.astype(np.float32)) / mass
    side = np.where((matrix @ sent)[0] < 0, -1.0, 1.0)
    seen = np.stack(
        [(column + right) / spectrum.width, (row + down - spectrum.height // 2) / spectrum.height]
    )
    weight = np.sqrt(mass) * table.power[inside]
    moment = np.einsum("an,bn,n->ab", sent, sent, weight)
    cross = np.einsum("an,bn,n->ab", seen * side, sent, weight)
    if abs(np.linalg.det(moment)) <= 1e-12 * moment[0, 0] * moment[1, 1]:
        return None
    return np.asarray(cross @ np.linalg.inv(moment), np.float64)
