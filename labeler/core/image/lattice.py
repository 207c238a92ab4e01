"""
The keyed lattice of the picture mark: which frequencies of the tile carry what.

A tile is a real square pattern, the sum over lattice frequencies of 2 Re(c exp(2 pi j (u x + v y)
/ T)), x to the right, y down. A keyed few of the frequencies are pilots with keyed phases, every
other carries two chips, its in-phase and its quadrature part (docs/formats/image-v1.md, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from labeler.core import convolutional, random
from labeler.core.checksum import frame
from labeler.core.image import fourier


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.schemes import CodeMode, ImageScheme


_Array = TypeVar("_Array", bound="NDArray[Any]")

# The embedder's amplitudes: no part of the format, readers estimate them from the pilots.
_PILOT_GAIN = 2.5
_SLOPE = -0.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChipPlan:
    """For one mode: the coded bit that each chip carries, and the keyed sign of each chip."""

    mode: CodeMode
    bit_of_chip: NDArray[np.intp]
    sign: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """
    The lattice of one key. All arrays are read-only and sorted by (u^2 + v^2, u, v).

    ``u``, ``v`` are cycles per tile; ``amplitude`` makes the tile's mean square 1; ``pilots`` and
    ``data`` index into them; ``pilot_coefficients`` are the complex pilots as embedded. Chip 2 i is
    the in-phase, 2 i + 1 the quadrature part of data frequency i.
    """

    scheme: ImageScheme
    subkey: bytes = field(repr=False)
    u: NDArray[np.intp]
    v: NDArray[np.intp]
    amplitude: NDArray[np.float32]
    pilots: NDArray[np.intp]
    data: NDArray[np.intp]
    pilot_coefficients: NDArray[np.complex64]
    plans: tuple[ChipPlan, ...]

    def plan_for(self, mode: CodeMode) -> ChipPlan:
        """Return the chip plan of a mode of this scheme."""
        return next(plan for plan in self.plans if plan.mode == mode)


@lru_cache(maxsize=16)
def lattice_of(scheme: ImageScheme, subkey: bytes) -> Lattice:
    """Return the lattice that ``subkey`` (32 bytes) makes of a scheme; cached, read-only."""
    u, v = frequencies(scheme)
    square = u * u + v * v
    low, high = scheme.pilot_radius_min**2, scheme.pilot_radius_max**2
    candidates = np.flatnonzero((square >= low) & (square <= high))
    order = random.permutation(subkey, f"{scheme.name}/pilots", len(candidates))
    pilots = np.sort(candidates[order[: scheme.pilots]])
    data = np.setdiff1d(np.arange(len(u)), pilots)
    phasors = random.phases(subkey, f"{scheme.name}/phases", scheme.pilots)
    amplitude = np.sqrt(square) ** -_SLOPE
    amplitude[pilots] *= _PILOT_GAIN
    amplitude /= np.sqrt(2 * np.sum(amplitude**2))
    return Lattice(
        scheme=scheme,
        subkey=subkey,
        u=_frozen(u),
        v=_frozen(v),
        amplitude=_frozen(amplitude.astype(np.float32)),
        pilots=_frozen(pilots),
        data=_frozen(data),
        pilot_coefficients=_frozen((phasors * amplitude[pilots]).astype(np.complex64)),
        plans=tuple(_chip_plan(scheme, mode, subkey, 2 * len(data)) for mode in scheme.modes),
    )


def frequencies(scheme: ImageScheme) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """
    Return the lattice frequencies (u, v) of the upper half plane, sorted by (u^2 + v^2, u, v).

    The axes and the harmonics of the 8 x 8 grid of block coders are left out.
    """
    reach = scheme.radius_max
    v, u = (axis.ravel() for axis in np.mgrid[0 : reach + 1, -reach : reach + 1])
    square = u * u + v * v
    band = (square >= scheme.radius_min**2) & (square <= reach**2)
    off_axis = (np.abs(u) >= scheme.axis_min) & (v >= scheme.axis_min)
    grid = (u % scheme.grid_step == 0) & (v % scheme.grid_step == 0)
    kept = np.flatnonzero(band & off_axis & ~grid)
    kept = kept[np.lexsort((v[kept], u[kept], square[kept]))]
    return u[kept], v[kept]


def _chip_plan(scheme: ImageScheme, mode: CodeMode, subkey: bytes, chips: int) -> ChipPlan:
    """Deal the coded bits to the chips: each run of chips, by radius, holds every bit once."""
    coded = mode.frame_bits * scheme.code.rate_inverse
    runs = [
        random.permutation(subkey, f"{mode.tag}/run-{index}", coded)
        for index in range(-(-chips // coded))
    ]
    return ChipPlan(
        mode=mode,
        bit_of_chip=_frozen(np.concatenate(runs)[:chips]),
        sign=_frozen(random.signs(subkey, f"{mode.tag}/signs", chips)),
    )


def codeword_chips(
    lattice: Lattice, framed: NDArray[np.uint8], mode: CodeMode
) -> NDArray[np.float32]:
    """Return the signed chips (+1 or -1, float32) of a frame of ``mode.frame_bits`` bits."""
    plan = lattice.plan_for(mode)
    coded = convolutional.encode(framed, lattice.scheme.code)
    return (np.float32(1) - np.float32(2) * coded)[plan.bit_of_chip] * plan.sign


def coefficients_of(
    lattice: Lattice, payload: tuple[int, ...], mode: CodeMode
) -> NDArray[np.complex64]:
    """Return the complex amplitude of every lattice frequency for a payload."""
    chips = codeword_chips(lattice, frame(payload, mode), mode)
    coefficients = np.empty(len(lattice.u), np.complex64)
    coefficients[lattice.pilots] = lattice.pilot_coefficients
    pairs = (chips[0::2] + 1j * chips[1::2]) / np.sqrt(np.float32(2))
    coefficients[lattice.data] = pairs * lattice.amplitude[lattice.data]
    return coefficients


def tile_of(lattice: Lattice, coefficients: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Return the tile, (T, T) float32, of mean square 1 for amplitudes as embedded."""
    return fourier.plane_of(coefficients, lattice.u, lattice.v, lattice.scheme.tile)


def _frozen(array: _Array) -> _Array:
    array.setflags(write=False)
    return array
