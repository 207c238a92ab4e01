"""
Embedding: the canonical residual of a payload, as strong as the closed loop finds necessary.

The result is a plane to add to the luma of the canonical picture; `labeler.core.image.residual`
brings it to the picture's size and adds it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.image import chips, fourier
from labeler.core.image.canonical import whiten
from labeler.core.image.fold import fold_picture
from labeler.core.image.mask import visibility_of
from labeler.core.image.probe import marked_luma, probe, probe_scale
from labeler.core.message import message_of


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.lattice import Lattice
    from labeler.schemes import CodeMode


SMALL_PIXELS = 350_000
"""Below this many pixels the host's own noise limits the mark and a good tile offset helps."""

_TARGET_Z = 21.0
_STEEP, _SHALLOW = 14.0, 9.0
"""How z grows with ln(alpha) at most and at least, so that a step in either direction is safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """
    How strong a mark may become: between two expected losses of SSIMULACRA2 points.

    Within ``least`` and ``most`` the smallest is taken that reads well after the probe; ``fixed``
    sets the multiple of the visibility mask instead. ``rms_max`` in luma steps of 255 bounds the
    PSNR from below: 2.0 is 42.1 dB.
    """

    least: float = 1.0
    most: float = 25.0
    rms_max: float = 2.0
    fixed: float | None = None


PRESETS = {
    "subtle": Strength(least=11.0, most=11.0),
    "default": Strength(least=15.0, most=25.0),
    "robust": Strength(least=22.0, most=30.0, rms_max=2.5),
}
"""Named strengths; `default` costs what a JPEG of quality 85 costs in visual quality."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedding:
    """
    A residual for the canonical luma and how it came about.

    ``residual`` (rows, columns) in luma steps of 255; ``alpha`` the multiple of the visibility mask
    that was applied; ``offset`` of the tile, (x, y) in canonical pixels; ``probe_z`` the statistic
    that the closed loop expects after half the size and JPEG 50, None for a fixed strength.
    """

    residual: NDArray[np.float32]
    alpha: float
    offset: tuple[int, int]
    probe_z: float | None


def plan_embedding(
    luma: NDArray[np.float32],
    scale: float,
    payload: tuple[int, ...],
    *,
    mode: CodeMode,
    lattice: Lattice,
    strength: Strength,
) -> Embedding:
    """
    Return the residual that marks a canonical luma (rows, columns), float32 0..255.

    Parameters
    ----------
    scale
        Pixels of the picture per canonical pixel, g >= 1.
    payload
        ``mode.payload_bits`` bits.
    """
    message = message_of(lattice, payload, mode)
    offset, small = (0, 0), scale * scale * luma.size < SMALL_PIXELS
    if small:
        offset = best_offset(luma, message.coefficients, lattice)
    visibility = visibility_of(luma)
    tiled = _tiled(message.tile, luma.shape, offset)
    unit = np.multiply(visibility.amplitude, tiled, out=tiled)
    rms = math.sqrt(float(cv2.norm(unit, cv2.NORM_L2SQR)) / unit.size) + 1e-9
    highest = strength.rms_max / rms
    if strength.fixed is not None:
        alpha, probe_z = min(strength.fixed, highest), None
    else:
        low = min(visibility.alpha_for(strength.least, scale), highest)
        high = min(visibility.alpha_for(strength.most, scale), highest)
        tried = math.sqrt(low * high)
        z = probe(
            marked_luma(luma, unit, tried),
            message.signed,
            lattice,
            fraction=1.0 if small else probe_scale(scale),
            offset=offset,
        )
        alpha, probe_z = _settled(z, tried, low, high)
    residual = np.multiply(unit, np.float32(alpha), out=unit)
    return Embedding(residual=residual, alpha=alpha, offset=offset, probe_z=probe_z)


def _settled(z: float, tried: float, low: float, high: float) -> tuple[float, float]:
    """Return the strength that reaches the target by one step from a probe, and the z expected."""
    slope = _STEEP if z > _TARGET_Z else _SHALLOW
    alpha = min(max(tried * math.exp((_TARGET_Z - z) / slope), low), high)
    return alpha, z + slope * math.log(alpha / tried)


def _tiled(
    tile: NDArray[np.float32], shape: tuple[int, ...], offset: tuple[int, int]
) -> NDArray[np.float32]:
    """Return the tile, moved by ``offset`` (x, y), repeated over ``shape``."""
    side, (x, y) = len(tile), offset
    moved = np.roll(tile, (y, x), (0, 1))
    repeats = (-(-shape[0] // side), -(-shape[1] // side))
    return np.ascontiguousarray(np.tile(moved, repeats)[: shape[0], : shape[1]])


def best_offset(
    luma: NDArray[np.float32], coefficients: NDArray[np.complex64], lattice: Lattice
) -> tuple[int, int]:
    """
    Return the tile offset (x, y) at which the picture's own noise helps the mark most.

    One transform searches all offsets; readers search the offset anyway.
    """
    side = lattice.scheme.tile
    folded = fold_picture(whiten(luma), np.eye(2), lattice)
    if folded is None:
        return 0, 0
    host = folded.coefficients
    matched = host * np.conj(coefficients) / np.sqrt(chips.local_power(host, lattice))
    correlation = fourier.plane_of(matched.astype(np.complex64), lattice.u, lattice.v, side)
    row, column = divmod(int(correlation.argmax()), side)
    return column, row
