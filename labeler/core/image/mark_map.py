"""
Where in a picture the mark is present: a map over the picture, once its message is known.

The known tile, weighted as a matched filter and laid out as it was found, is multiplied with the
picture and summed over windows as large as certainty needs. Places without the mark were pasted,
painted over or generated anew after marking, or never could hold it (black, blown out).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.image import chips
from labeler.core.image.canonical import spread_of
from labeler.core.image.fold import MAX_SIDE
from labeler.core.image.lattice import coefficients_of, tile_of
from labeler.core.image.mask import visibility_of
from labeler.core.image.reading import TRACKED, Finding


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.alignment import Alignment
    from labeler.core.image.chips import Reading
    from labeler.core.image.lattice import Lattice


CELL = 32
"""Spacing of the map in canonical pixels."""

_CERTAIN = 6.0
_WINDOW_TILES = (1.0, 3.0)
_STRONG_SHARE = 75
_ELSEWHERE = ((0.5, 0.5), (0.25, 0.75), (0.5, 0.0), (0.0, 0.5))
_HALVED_FROM = 0.8
_LEAST_SHARE, _GONE = 0.05, 0.27
_REDUCED_BELOW = 0.75
_BLACK, _WHITE, _MOST_EMPTY = 10, 245, 0.33


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Presence:
    """
    The mark's local amplitude over the canonical picture, (rows, columns), `CELL` pixels apart.

    ``amplitude`` is 1 where the mark is as strong as its mask lets expect from the better part of
    the picture and about 0 where it is missing; ``deviation`` (rows, columns) is its standard
    error, large where hardly any mark is expected; ``window`` the side of the area each
    value stands for, in canonical pixels. ``reduced`` says that the picture is seen so small that
    recompression can wipe the mark from smooth areas.
    """

    amplitude: NDArray[np.float32]
    deviation: NDArray[np.float32]
    window: int
    reduced: bool

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where the mark is missing: below half, and three deviations below full amplitude."""
        return (self.amplitude < 0.5) & (self.amplitude < 1 - 3 * self.deviation)


def expected_strength(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how strong the mark of a canonical luma stands in the whitened one, same shape."""
    strength = visibility_of(luma).amplitude
    strength /= spread_of(luma)
    return strength


def presence_of(
    level: NDArray[np.float32],
    expected: NDArray[np.float32],
    finding: Finding,
    lattice: Lattice,
) -> Presence | None:
    """
    Return the map for a mark that was found in a whitened canonical picture.

    ``expected`` is `expected_strength` of the same picture, on any scale.

    None when nothing was found, when the picture is bent (tracked), or when the mark is too weak to
    be seen anywhere in particular.
    """
    if finding.path.endswith(TRACKED) or max(level.shape) > MAX_SIDE:
        return None
    reading, aligned, geometry = finding.reading, finding.alignment, finding.geometry
    if not finding.found or reading is None or aligned is None or geometry is None:
        return None
    side = lattice.scheme.tile
    scale = math.sqrt(abs(float(np.linalg.det(geometry))))
    # The statistic grows with the root of the area: so large must a window be for certainty.
    wanted = _CERTAIN / reading.z * math.sqrt(level.size) / (side * scale)
    window = int(side * scale * min(max(wanted, _WINDOW_TILES[0]), _WINDOW_TILES[1]))
    tile = _matched_tile(reading, aligned, lattice) * np.float32(-1 if aligned.negative else 1)
    # The mark's band lies below a quarter of the sampling rate unless the picture was reduced.
    step = 2 if scale >= _HALVED_FROM else 1
    rows, columns = (length // step for length in level.shape)
    if min(rows, columns) < CELL:
        return None
    part = level[: rows * step, : columns * step]
    seen = np.asarray(cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
    places = _tile_places(seen.shape, geometry, aligned, side, step=step)
    here, *elsewhere = (
        _window_sums(seen, tile, (places[0] + x * side, places[1] + y * side), window, step=step)
        for x, y in ((0.0, 0.0), *_ELSEWHERE)
    )
    hoped = np.asarray(cv2.resize(expected[: rows * step, : columns * step], (columns, rows)))
    due = _window_means(np.asarray(hoped, np.float32), window, step=step)
    due /= np.float32(due.mean() + 1e-9)
    ratio = np.asarray(here / (due + np.float32(1e-3)), np.float32)
    strong = float(np.percentile(ratio[due >= np.median(due)], _STRONG_SHARE))
    if strong <= 0:
        return None
    deviation = float(np.sqrt(np.mean(np.square(elsewhere)))) / strong
    return Presence(
        amplitude=ratio / np.float32(strong),
        deviation=np.float32(deviation) / (due + np.float32(1e-3)),
        window=window,
        reduced=scale < _REDUCED_BELOW,
    )


def _matched_tile(reading: Reading, aligned: Alignment, lattice: Lattice) -> NDArray[np.float32]:
    """Return the tile of a message, each frequency weighted by its gain over its noise."""
    payload = tuple(reading.framed[: reading.mode.payload_bits].tolist())
    sent = coefficients_of(lattice, payload, reading.mode)
    seen = (aligned.coefficients * np.conj(sent)).real
    noise = chips.local_power(aligned.coefficients, lattice)
    radius = np.sqrt(lattice.u**2 + lattice.v**2).astype(np.intp)
    power = sent.real**2 + sent.imag**2
    gain = np.bincount(radius, seen) / np.maximum(np.bincount(radius, power), 1e-12)
    weighted = sent * np.maximum(gain, 0)[radius] / noise
    return tile_of(lattice, weighted.astype(np.complex64))


def _tile_places(
    shape: tuple[int, ...],
    geometry: NDArray[np.float64],
    aligned: Alignment,
    side: int,
    *,
    step: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the tile's x and y under every ``step``-th pixel, each (rows, columns)."""
    back = np.linalg.inv(geometry) * (-1 if aligned.turned else 1)
    x, y = (np.arange(n, dtype=np.float32) * step + np.float32(step - 1) / 2 for n in shape[::-1])
    x, y = x[None, :], y[:, None]
    offset = [at * side / aligned.side for at in aligned.offset]
    across, down = (
        np.float32(back[axis, 0]) * x + (np.float32(back[axis, 1]) * y - np.float32(offset[axis]))
        for axis in (0, 1)
    )
    return across, down


def _window_sums(
    level: NDArray[np.float32],
    tile: NDArray[np.float32],
    places: tuple[NDArray[np.float32], NDArray[np.float32]],
    window: int,
    *,
    step: int,
) -> NDArray[np.float32]:
    """Return the mean of picture times tile over windows, `CELL` canonical pixels apart."""
    side = np.float32(len(tile))
    # Wrapped by hand: the border mode that wraps takes four times as long.
    x, y = (np.subtract(at, side * np.floor(at / side)) for at in places)
    wide = np.pad(tile, (0, 1), mode="wrap")
    product = np.asarray(cv2.remap(wide, x, y, cv2.INTER_LINEAR), np.float32)
    product *= level
    return _window_means(product, window, step=step)


def _window_means(plane: NDArray[np.float32], window: int, *, step: int) -> NDArray[np.float32]:
    """Return the means over windows, `CELL` canonical pixels apart."""
    size = (window // step, window // step)
    means = cv2.blur(plane, size, borderType=cv2.BORDER_REFLECT)
    cell = CELL // step
    return np.asarray(means, np.float32)[cell // 2 :: cell, cell // 2 :: cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """
    A connected area without the mark in a picture that carries it elsewhere.

    ``share`` of the picture; ``cells`` are first and last row, first and last column of the map.
    """

    share: float
    cells: tuple[int, int, int, int]


def gaps_of(presence: Presence, luma: NDArray[np.float32]) -> tuple[Gap, ...]:
    """
    Return the notable areas without the mark, largest first; ``luma`` is the canonical one.

    Each is at least a twentieth of the picture, and hardly anything of the mark is left inside:
    where recompression or darkness merely weakened it, a third or more of it is. Black and white
    areas do not count: they may never have held it; and none is told of pictures that were much
    reduced (docs/watermark.md, "Where it is missing").
    """
    if presence.reduced:
        return ()
    missing = presence.missing.astype(np.uint8)
    inner = cv2.erode(missing, np.ones((3, 3), np.uint8), borderValue=1)
    count, labels = cv2.connectedComponents(missing, connectivity=4)
    rows, columns = missing.shape  # of half the picture, whose last odd pixels are left out
    shade = _window_means(luma, CELL, step=1)[:rows, :columns]
    empty = (shade <= _BLACK) | (shade >= _WHITE)
    found = []
    for label in range(1, count):
        area = labels == label
        core = area & (inner > 0)
        if area.mean() < _LEAST_SHARE or not core.any():
            continue
        if presence.amplitude[core].mean() > _GONE or empty[core].mean() > _MOST_EMPTY:
            continue
        down, across = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
        cells = int(down[0]), int(down[-1]), int(across[0]), int(across[-1])
        found.append(Gap(share=float(area.mean()), cells=cells))
    return tuple(sorted(found, key=lambda gap: -gap.share))
