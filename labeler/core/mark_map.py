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

from labeler.core import chips
from labeler.core.fold import MAX_SIDE
from labeler.core.lattice import coefficients_of, tile_of
from labeler.core.reading import TRACKED, Finding


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.alignment import Alignment
    from labeler.core.chips import Reading
    from labeler.core.lattice import Lattice


CELL = 32
"""Spacing of the map in canonical pixels."""

_CERTAIN = 6.0
_WINDOW_TILES = (1.0, 3.0)
_STRONG_SHARE = 75
_ELSEWHERE = ((0.5, 0.5), (0.25, 0.75), (0.5, 0.0), (0.0, 0.5))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Presence:
    """
    The mark's local amplitude over the canonical picture, (rows, columns), `CELL` pixels apart.

    ``amplitude`` is 1 where the mark is as strong as in the better part of the picture and about 0
    where it is missing; ``deviation`` is its standard error, ``window`` the side of the area each
    value stands for, in canonical pixels.
    """

    amplitude: NDArray[np.float32]
    deviation: float
    window: int

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where the mark is missing: below half, and three deviations below full amplitude."""
        return (self.amplitude < 0.5) & (self.amplitude < 1 - 3 * self.deviation)


def presence_of(level: NDArray[np.float32], finding: Finding, lattice: Lattice) -> Presence | None:
    """
    Return the map for a mark that was found in a whitened canonical picture.

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
    places = _tile_places(level.shape, geometry, aligned, side)
    here, *elsewhere = (
        _window_sums(level, tile, (places[0] + x * side, places[1] + y * side), window)
        for x, y in ((0.0, 0.0), *_ELSEWHERE)
    )
    strong = float(np.percentile(here, _STRONG_SHARE))
    if strong <= 0:
        return None
    deviation = float(np.sqrt(np.mean(np.square(elsewhere)))) / strong
    return Presence(amplitude=here / np.float32(strong), deviation=deviation, window=window)


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
    shape: tuple[int, ...], geometry: NDArray[np.float64], aligned: Alignment, side: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the tile's x and y under every pixel of the picture, each (rows, columns)."""
    back = np.linalg.inv(geometry) * (-1 if aligned.turned else 1)
    x = np.arange(shape[1], dtype=np.float32)[None, :]
    y = np.arange(shape[0], dtype=np.float32)[:, None]
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
) -> NDArray[np.float32]:
    """Return the mean of picture times tile over windows, `CELL` pixels apart."""
    laid = cv2.remap(tile, places[0], places[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    product = level * np.asarray(laid, np.float32)
    size = (window, window)
    means = cv2.blur(product, size, borderType=cv2.BORDER_REFLECT)
    return np.asarray(means, np.float32)[CELL // 2 :: CELL, CELL // 2 :: CELL]
