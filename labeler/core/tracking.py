"""
Tracking: following a mark through perspective, bending and print, block by block.

Every block of two by two tiles shows by its pilots how far it is displaced; a quadratic field,
fitted robustly to the displacements, straightens the picture, which is folded again (design image,
section 4.8).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core import fourier
from labeler.core.fold import fold, folded_tile, tile_side, unwarp


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.fold import Folded
    from labeler.core.lattice import Lattice


_MAX_PIXELS = 4_000_000
_MAX_BLOCKS = 8
_ROUNDS, _MOST_ROUNDS = 3, 7
_SEEN = 5.0
_LEAST_SEEN, _ENOUGH_SEEN = 6, 12
_LINEAR_TERMS = 3
_FITS = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Blocks:
    """
    Displacements of the blocks of a picture, one array element each.

    ``score`` in deviations of the pilot correlation; ``shift`` (n, 2) in tile pixels; ``place``
    (n, 2) of the block's middle, -1..1 over the picture.
    """

    score: NDArray[np.float64]
    shift: NDArray[np.float64]
    place: NDArray[np.float64]


def track(
    level: NDArray[np.float32], geometry: NDArray[np.float64], lattice: Lattice
) -> Folded | None:
    """
    Fold a picture that is bent around a geometry; None when too few blocks show the mark.

    ``level`` is the whitened canonical picture, ``geometry`` takes tile pixels to its pixels.
    """
    tile = lattice.scheme.tile
    flat = unwarp(level, geometry, tile)
    if flat is None or flat.size > _MAX_PIXELS:
        return None
    side = tile_side(geometry, tile)
    straight, terms, turned = flat, np.zeros((6, 2)), None
    seen_before = 0
    for index in range(_MOST_ROUNDS):
        both = _measured(straight, side, lattice, turned)
        if turned is None:
            turned = int(_strength(both[1]) > _strength(both[0]))
        blocks = both[turned]
        seen = int(np.count_nonzero(blocks.score > _SEEN))
        if seen < _LEAST_SEEN:
            if straight is flat:
                return None
            break
        if index >= _ROUNDS and seen <= seen_before:
            break
        seen_before = max(seen, seen_before)
        terms += (-1 if turned else 1) * _fitted(blocks, side)
        straight = _straightened(flat, terms)
    return folded_tile(fold(straight, side), lattice)


def _strength(blocks: _Blocks) -> float:
    return float(np.sum(np.sort(blocks.score)[-8:]))


@lru_cache(maxsize=2)
def _window(side: int) -> NDArray[np.float32]:
    line = np.hanning(2 * side).astype(np.float32)
    window = line[:, None] * line
    window.setflags(write=False)
    return window


def _starts(length: int, side: int) -> list[int]:
    """Return where blocks of two tiles begin along one axis."""
    room = length - 2 * side
    if room < 0:
        return []
    count = max(1, min(_MAX_BLOCKS, room // (side // 2) + 1))
    return sorted({int(at) for at in np.linspace(0, room, count)})


def _measured(
    plane: NDArray[np.float32], side: int, lattice: Lattice, turned: int | None
) -> dict[int, _Blocks]:
    """Measure every block, upright (0), after half a turn (1), or both."""
    height, width = plane.shape
    u, v = lattice.u[lattice.pilots], lattice.v[lattice.pilots]
    matched = np.conj(lattice.pilot_coefficients)
    rows: dict[int, list[tuple[float, ...]]] = {0: [], 1: []}
    for top in _starts(height, side):
        for left in _starts(width, side):
            block = plane[top : top + 2 * side, left : left + 2 * side] * _window(side)
            block = np.roll(fold(block, side), (top % side, left % side), (0, 1))
            seen = fourier.coefficients_at(fourier.transform(block), u, v)
            place = (left + side) / width * 2 - 1, (top + side) / height * 2 - 1
            for turn in (0, 1) if turned is None else (turned,):
                pilots = np.conj(seen) if turn else seen
                peak = _peak(fourier.plane_of(pilots * matched, u, v, side))
                rows[turn].append((*peak, *place))
    return {turn: _as_blocks(found) for turn, found in rows.items()}


def _as_blocks(rows: list[tuple[float, ...]]) -> _Blocks:
    table = np.array(rows, np.float64).reshape(-1, 5)
    return _Blocks(score=table[:, 0], shift=table[:, 1:3], place=table[:, 3:5])


def _peak(correlation: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return score, x and y of the largest peak."""
    row, column = divmod(int(correlation.argmax()), correlation.shape[1])
    spread = float(np.sqrt(np.mean(correlation * correlation) + 1e-20))
    return float(correlation[row, column]) / spread, float(column), float(row)


def _basis(place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the six terms 1, x, y, x^2, x y, y^2 at places (..., 2)."""
    x, y = place[..., 0], place[..., 1]
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _fitted(blocks: _Blocks, side: int) -> NDArray[np.float64]:
    """Return the field (6, 2) that fits the blocks, by reweighted least squares."""
    strongest = blocks.shift[blocks.score.argmax()]
    moved = (blocks.shift - strongest + side / 2) % side - side / 2
    trust = np.where(blocks.score > _SEEN, blocks.score, 0.0) ** 2
    terms = _LINEAR_TERMS if np.count_nonzero(trust) < _ENOUGH_SEEN else 6
    basis = _basis(blocks.place)[:, :terms]
    weight, field = trust, np.zeros((6, 2))
    for index in range(_FITS):
        root = np.sqrt(weight)[:, None]
        field[:terms] = np.linalg.lstsq(basis * root, moved * root, rcond=None)[0]
        error = np.hypot(*(basis @ field[:terms] - moved).T)
        # The tolerance shrinks from 7.5 to 2.25 pixels: stray blocks lose their say.
        weight = trust / (1 + (error / (6 / (index + 1) + 1.5)) ** 2) ** 2
    return field


def _straightened(flat: NDArray[np.float32], terms: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the plane with the field of displacements taken out."""
    height, width = flat.shape
    column = np.arange(width, dtype=np.float32)[None, :]
    row = np.arange(height, dtype=np.float32)[:, None]
    x, y = column / width * 2 - 1, row / height * 2 - 1
    maps = []
    for own, (a, b, c, d, e, f) in zip((column, row), terms.T.astype(np.float32), strict=True):
        maps.append(own + (a + b * x + d * x * x) + y * (c + e * x + f * y))
    straight = cv2.remap(flat, maps[0], maps[1], cv2.INTER_LINEAR)
    return np.asarray(straight, np.float32)
