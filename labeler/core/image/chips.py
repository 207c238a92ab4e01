"""
Soft chips: from aligned lattice coefficients to what the decoder and the decision need.

All weights come from pilots and magnitudes, so the keyed signs stay fair coins for content that
does not know the key (design image-v1, sections 3.3 and 6). Decoding and deciding use different
weights on purpose: the best weights for one throw away a third of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core import convolutional
from labeler.core.checksum import is_valid
from labeler.core.image.lattice import codeword_chips
from labeler.core.significance import log_p_bound


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.lattice import ChipPlan, Lattice
    from labeler.schemes import CodeMode


_NOISE_WIDTH = 3.0
_GAIN_WIDTH = 1.6
_RHO_MAX = np.float32(0.97)
_RHO_FLOOR = np.float32(0.5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoftChips:
    """``rho``: expected correlation of each chip; ``value``: the chip in units of the noise."""

    rho: NDArray[np.float32]
    value: NDArray[np.float32]

    @property
    def decision(self) -> NDArray[np.float32]:
        """Chips weighted for the decision: by reliability, clipped."""
        return np.multiply(self.rho, np.clip(self.value, -1, 1))

    @property
    def likelihood(self) -> NDArray[np.float32]:
        """Chips weighted for the decoder: log-likelihoods, limited."""
        doubt = np.maximum(1 - self.rho * self.rho, _RHO_FLOOR)
        return np.asarray(self.rho / doubt * self.value, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """One decoding: the frame, whether its checksum holds, its statistic and ln of the bound."""

    mode: CodeMode
    framed: NDArray[np.uint8]
    valid: bool
    z: float
    log_p: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tables:
    """``kernel[i, p]``: weight of pilot p for radius i; ``radius`` indexes it per data chip."""

    window: NDArray[np.float32]
    kernel: NDArray[np.float32]
    radius: NDArray[np.intp]


@lru_cache(maxsize=16)
def _tables(lattice: Lattice) -> _Tables:
    square = lattice.u**2 + lattice.v**2
    radii, index = np.unique(square[lattice.data], return_inverse=True)
    gap = np.sqrt(radii)[:, None] - np.sqrt(square[lattice.pilots])
    tables = _Tables(
        window=_smooth(_disc(np.ones(len(lattice.data), np.float32), lattice)) + np.float32(1e-6),
        kernel=np.exp(-0.5 * (gap / _GAIN_WIDTH) ** 2).astype(np.float32),
        radius=index,
    )
    for array in (tables.window, tables.kernel, tables.radius):
        array.setflags(write=False)
    return tables


def _disc(values: NDArray[np.float32], lattice: Lattice) -> NDArray[np.float32]:
    """Lay values of the data frequencies out over both half planes."""
    reach = lattice.scheme.radius_max + 1
    plane = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    u, v = lattice.u[lattice.data], lattice.v[lattice.data]
    plane[reach + v, reach + u] = values
    plane[reach - v, reach - u] = values
    return plane


def _smooth(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), _NOISE_WIDTH), np.float32)


def local_power(coefficients: NDArray[np.complex64], lattice: Lattice) -> NDArray[np.float32]:
    """Return the smoothed power of the data frequencies around every lattice frequency."""
    power = coefficients.real**2 + coefficients.imag**2
    reach = lattice.scheme.radius_max + 1
    smooth = _smooth(_disc(power[lattice.data], lattice)) / _tables(lattice).window
    return smooth[reach + lattice.v, reach + lattice.u] + np.float32(1e-12)


def soft_chips(aligned: NDArray[np.complex64], lattice: Lattice) -> SoftChips:
    """Return the soft chips of aligned lattice coefficients (`labeler.core.image.alignment`)."""
    tables = _tables(lattice)
    local = local_power(aligned, lattice)
    noise = local[lattice.pilots]
    pilots = lattice.pilot_coefficients
    seen = (aligned[lattice.pilots] * np.conj(pilots)).real / noise
    sent = (pilots.real**2 + pilots.imag**2) / noise
    # einsum, not a matrix product: products of this size wake BLAS threads.
    above = np.maximum(np.einsum("ip,p->i", tables.kernel, seen), 0)
    gain = (above / (np.einsum("ip,p->i", tables.kernel, sent) + 1e-30))[tables.radius]
    amplitude, around = lattice.amplitude[lattice.data], local[lattice.data]
    rho = np.minimum(gain * amplitude / np.sqrt(around), _RHO_MAX)
    scaled = aligned[lattice.data] * np.sqrt(2 / around)
    value = np.stack([scaled.real, scaled.imag], axis=1).ravel()
    return SoftChips(rho=np.repeat(rho, 2), value=value)


def statistic(chips: SoftChips, signed: NDArray[np.float32]) -> float:
    """Return z of a codeword's signed chips: sum(v x) / sqrt(sum(v^2))."""
    weighted = chips.decision
    norm = float(np.sqrt(np.sum(weighted * weighted))) + 1e-30
    return float(np.sum(weighted * signed)) / norm


def decode(chips: SoftChips, lattice: Lattice, mode: CodeMode, *, attempts: int) -> Reading:
    """Decode one mode; ``attempts`` counts for the bound (see `labeler.core.significance`)."""
    plan: ChipPlan = lattice.plan_for(mode)
    code = lattice.scheme.code
    coded = mode.frame_bits * code.rate_inverse
    likelihood = np.bincount(plan.bit_of_chip, chips.likelihood * plan.sign, coded)
    framed = convolutional.decode(likelihood.astype(np.float32), code)
    z = statistic(chips, codeword_chips(lattice, framed, mode))
    return Reading(
        mode=mode,
        framed=framed,
        valid=is_valid(framed, mode),
        z=z,
        log_p=log_p_bound(z, frame_bits=mode.frame_bits, attempts=attempts),
    )
