"""
Alignment: where the tile begins, whether it is turned by 180 degrees or negated, from the pilots.

Everything here uses pilots and magnitudes only, never the signs of the data chips: the bound on a
false reading rests on that (design image-v1, section 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.image import fourier
from labeler.core.image.fold import Folded


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.lattice import Lattice


PILOT_GATE = 4.6
"""Pilot score below which decoding is not worth its time; 2 % of random geometries pass."""

NEAR_GATE = 2.6
"""The same when only offsets within `_NEAR` tile pixels of zero were searched."""

_NEAR = 2
_OVERSAMPLING = 2
_RINGS = 6
_NEWTON_STEPS = 3
_DEGENERATE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alignment:
    """
    Lattice coefficients brought to offset zero, upright and positive; ``score`` in deviations.

    ``offset`` is that of the tile (x, y) in pixels of the folded tile, which has ``side`` of them;
    ``turned`` says half a turn, ``negative`` a negated picture.
    """

    score: float
    coefficients: NDArray[np.complex64]
    offset: tuple[float, float]
    side: int
    turned: bool
    negative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Peak:
    """A peak of the pilot correlation: in deviations, at (x, y) tile pixels, with its sign."""

    score: float
    x: float
    y: float
    sign: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Best:
    """The better peak of the upright tile and of the tile after half a turn."""

    peak: _Peak
    turned: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correlated:
    """
    A folded tile and its pilot correlations over all offsets, on a grid of half tile pixels.

    ``weights`` are those of the pilots; ``turned`` belongs to the tile after half a turn.
    """

    folded: Folded
    weights: NDArray[np.float32]
    upright: NDArray[np.float32]
    turned: NDArray[np.float32]


@lru_cache(maxsize=16)
def _rings(lattice: Lattice) -> NDArray[np.intp]:
    """Return the ring, 0 to 5 by radius, of every lattice frequency."""
    scheme = lattice.scheme
    radius = np.sqrt(lattice.u**2 + lattice.v**2)
    share = (radius - scheme.radius_min) / (scheme.radius_max - scheme.radius_min)
    rings: NDArray[np.intp] = np.minimum((share * _RINGS).astype(np.intp), _RINGS - 1)
    rings.setflags(write=False)
    return rings


def pilot_weights(coefficients: NDArray[np.complex64], lattice: Lattice) -> NDArray[np.float32]:
    """Return one over the noise power around each pilot: the median power of its ring."""
    power = coefficients.real**2 + coefficients.imag**2
    rings = _rings(lattice)
    noise = np.array([np.median(power[rings == ring]) for ring in range(_RINGS)]) + 1e-9
    return (1 / noise[rings[lattice.pilots]]).astype(np.float32)


def align(folded: Folded, lattice: Lattice, *, near: bool = False) -> Alignment:
    """
    Find offset, half turn and sign that fit the pilots best, and undo them.

    With ``near`` only offsets near zero are searched: for whole pictures, where a weak pilot is
    enough.
    """
    seen = correlate_pilots(folded, lattice)
    return _undone(seen, _best(seen, near=near), lattice)


def align_likely(
    seen: Correlated, lattice: Lattice, *, least: float, near: bool = False
) -> Alignment | None:
    """Return what `align` finds; None, before most of the work, if pilots score under ``least``."""
    best = _best(seen, near=near)
    return _undone(seen, best, lattice) if best.peak.score >= least else None


def correlate_pilots(folded: Folded, lattice: Lattice) -> Correlated:
    """Return the correlations of the pilots with a folded tile, upright and after half a turn."""
    weights = pilot_weights(folded.coefficients, lattice)
    matched = (np.conj(lattice.pilot_coefficients) * weights).astype(np.complex64)
    upright = folded.coefficients[lattice.pilots]
    planes = [
        _correlation(matched * seen, folded.side, lattice) for seen in (upright, np.conj(upright))
    ]
    return Correlated(folded=folded, weights=weights, upright=planes[0], turned=planes[1])


def _best(seen: Correlated, *, near: bool) -> _Best:
    upright, turned = (_peak(plane, near=near) for plane in (seen.upright, seen.turned))
    if turned.score > upright.score:
        return _Best(peak=turned, turned=True)
    return _Best(peak=upright, turned=False)


def _undone(seen: Correlated, best: _Best, lattice: Lattice) -> Alignment:
    values, peak = seen.folded.coefficients, best.peak
    values = (peak.sign * (np.conj(values) if best.turned else values)).astype(np.complex64)
    positive = Folded(coefficients=values, side=seen.folded.side)
    offset = _exact_offset(positive, (peak.x, peak.y), seen.weights, lattice)
    return Alignment(
        score=peak.score,
        coefficients=shift(positive, offset, lattice).coefficients,
        offset=offset,
        side=positive.side,
        turned=best.turned,
        negative=peak.sign < 0,
    )


def shift(folded: Folded, offset: tuple[float, float], lattice: Lattice) -> Folded:
    """Return the folded tile moved back by ``offset`` (x, y) of its pixels."""
    step = 2 * np.pi / folded.side
    angle = (step * (lattice.u * offset[0] + lattice.v * offset[1])).astype(np.float32)
    return Folded(coefficients=folded.coefficients * np.exp(1j * angle), side=folded.side)


def _correlation(
    products: NDArray[np.complex64], side: int, lattice: Lattice
) -> NDArray[np.float32]:
    """Return the pilot correlation over all offsets, on a grid of half tile pixels."""
    u, v = lattice.u[lattice.pilots], lattice.v[lattice.pilots]
    return fourier.plane_of(products, u, v, _OVERSAMPLING * side)


def _peak(correlation: NDArray[np.float32], *, near: bool) -> _Peak:
    """Return the largest peak, positive or negative."""
    deviation = float(np.sqrt(np.mean(correlation * correlation))) + 1e-30
    reach = _NEAR * _OVERSAMPLING if near else 0
    searched = correlation
    if near:
        searched = np.roll(correlation, (reach, reach), (0, 1))[: 2 * reach + 1, : 2 * reach + 1]
    high, low = int(searched.argmax()), int(searched.argmin())
    place = high if searched.flat[high] >= -searched.flat[low] else low
    row, column = divmod(place, searched.shape[1])
    value = float(searched[row, column])
    return _Peak(
        score=abs(value) / deviation,
        x=(column - reach) / _OVERSAMPLING,
        y=(row - reach) / _OVERSAMPLING,
        sign=1.0 if value >= 0 else -1.0,
    )


def _exact_offset(
    folded: Folded,
    offset: tuple[float, float],
    weights: NDArray[np.float32],
    lattice: Lattice,
) -> tuple[float, float]:
    """
    Return the offset of the peak next to ``offset``, by Newton steps up the pilot correlation.

    The correlation, not the phases of single pilots: those mislead where pilots are weak.
    """
    pilots = lattice.pilots
    place = np.stack([lattice.u[pilots], lattice.v[pilots]]) * (2 * np.pi / folded.side)
    matched = folded.coefficients[pilots] * np.conj(lattice.pilot_coefficients) * weights
    found = np.array(offset)
    for _ in range(_NEWTON_STEPS):
        seen = matched * np.exp(1j * (found @ place))
        curve = np.einsum("an,bn,n->ab", place, place, seen.real)
        if curve[0, 0] <= 0 or np.linalg.det(curve) <= _DEGENERATE * curve[0, 0] * curve[1, 1]:
            break
        step = -np.linalg.solve(curve, np.einsum("an,n->a", place, seen.imag))
        if np.abs(step).max() >= 1:
            break
        found = found + step
    return float(found[0]), float(found[1])
