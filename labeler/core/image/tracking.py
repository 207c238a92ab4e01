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

from labeler.core.image import fourier
from labeler.core.image.canonical import STRIP
from labeler.core.image.fold import fold, folded_tile, tile_side, unwarp


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.fold import Folded
    from labeler.core.image.lattice import Lattice


_MAX_PIXELS = 4_000_000
_MAX_BLOCKS = 8
_ROUNDS, _MOST_ROUNDS = 3, 7
_SEEN = 5.0
_LEAST_SEEN, _ENOUGH_SEEN = 6, 12
_LINEAR_TERMS = 3
_FITS = 8
_MANY_BLOCKS = 25
_FOLLOWS, _FOLLOWING = 8.0, 1 / 3


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
    side = tile_side(geometry, tile)
    if level.size * (side / tile) ** 2 > _MAX_PIXELS * abs(np.linalg.det(geometry)):
        return None
    flat = unwarp(level, geometry, tile)
    if flat is None or flat.size > _MAX_PIXELS or _hopeless(flat, side, lattice):
        return None
    corners = _corners(flat.shape, side)
    straight, terms = flat, np.zeros((6, 2))
    turns: tuple[int, ...] = (0, 1)
    seen_before = 0
    for index in range(_MOST_ROUNDS):
        both = _measured(straight, side, lattice, corners=corners, turns=turns)
        turns = (max(both, key=lambda turn: _strength(both[turn])),)
        blocks = both[turns[0]]
        seen = int(np.count_nonzero(blocks.score > _SEEN))
        if straight is flat and seen < _LEAST_SEEN:
            return None
        if seen < _LEAST_SEEN or (index >= _ROUNDS and seen <= seen_before):
            break
        seen_before = max(seen, seen_before)
        field, followed = _fitted(blocks, side)
        if followed < max(_LEAST_SEEN, seen * _FOLLOWING):
            return None
        terms += (-1 if turns[0] else 1) * field
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


def _corners(shape: tuple[int, ...], side: int) -> list[tuple[int, int]]:
    """Return the top left corners of the blocks of two by two tiles, row by row."""
    return [(top, left) for top in _starts(shape[0], side) for left in _starts(shape[1], side)]


def _starts(length: int, side: int) -> list[int]:
    """Return where blocks of two tiles begin along one axis."""
    room = length - 2 * side
    if room < 0:
        return []
    count = max(1, min(_MAX_BLOCKS, room // (side // 2) + 1))
    return sorted({int(at) for at in np.linspace(0, room, count)})


def _hopeless(plane: NDArray[np.float32], side: int, lattice: Lattice) -> bool:
    """Say whether a quarter of the blocks shows nothing at all: a quarter of the time."""
    rows, columns = (_starts(length, side) for length in plane.shape)
    if len(rows) * len(columns) < _MANY_BLOCKS:
        return False
    sample = [(top, left) for top in rows[1::2] for left in columns[1::2]]
    both = _measured(plane, side, lattice, corners=sample)
    return max(float(blocks.score.max()) for blocks in both.values()) < _SEEN


def _measured(
    plane: NDArray[np.float32],
    side: int,
    lattice: Lattice,
    *,
    corners: list[tuple[int, int]],
    turns: tuple[int, ...] = (0, 1),
) -> dict[int, _Blocks]:
    """Measure blocks upright (0), after half a turn (1), or both."""
    height, width = plane.shape
    u, v = lattice.u[lattice.pilots], lattice.v[lattice.pilots]
    matched = np.conj(lattice.pilot_coefficients)
    rows: dict[int, list[tuple[float, ...]]] = {turn: [] for turn in turns}
    seen = (
        fourier.coefficients_at(fourier.transform(_block(plane, corner, side)), u, v)
        for corner in corners
    )
    products = (
        (np.conj(pilots) if turn else pilots) * matched for pilots in seen for turn in turns
    )
    peaks = map(_peak, fourier.planes_of(products, u, v, side))
    for top, left in corners:
        place = (left + side) / width * 2 - 1, (top + side) / height * 2 - 1
        for turn in turns:
            rows[turn].append((*next(peaks), *place))
    return {turn: _as_blocks(found) for turn, found in rows.items()}


def _block(plane: NDArray[np.float32], corner: tuple[int, int], side: int) -> NDArray[np.float32]:
    """Return the tile of one block, windowed and folded, with the plane's origin as its own."""
    top, left = corner
    block = plane[top : top + 2 * side, left : left + 2 * side] * _window(side)
    return np.roll(fold(block, side), (top % side, left % side), (0, 1))


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


def _fitted(blocks: _Blocks, side: int) -> tuple[NDArray[np.float64], int]:
    """
    Return the field (6, 2) that fits the blocks, and how many of those seen follow it.

    By reweighted least squares.
    """
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
    return field, int(np.count_nonzero((error < _FOLLOWS) & (trust > 0)))


def _straightened(flat: NDArray[np.float32], terms: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the plane with the field of displacements taken out, strip by strip."""
    height, width = flat.shape
    column = np.arange(width, dtype=np.float32)[None, :]
    x, fields = column / width * 2 - 1, terms.T.astype(np.float32)
    straight = np.empty_like(flat)
    for top in range(0, height, STRIP):
        row = np.arange(top, min(top + STRIP, height), dtype=np.float32)[:, None]
        y = row / height * 2 - 1
        across, down = (
            own + (a + b * x + d * x * x) + y * (c + e * x + f * y)
            for own, (a, b, c, d, e, f) in zip((column, row), fields, strict=True)
        )
        cv2.remap(flat, across, down, cv2.INTER_LINEAR, dst=straight[top : top + len(row)])
    return straight
