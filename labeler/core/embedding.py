"""
Embedding: the canonical residual of a payload, as strong as the closed loop finds necessary.

The result is a plane to add to the luma of the canonical picture; `labeler.core.residual` brings it
to the picture's size and adds it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labeler.core import chips, fourier
from labeler.core.canonical import whiten
from labeler.core.checksum import frame
from labeler.core.fold import fold_picture
from labeler.core.lattice import codeword_chips, coefficients_of, tile_of
from labeler.core.mask import visibility_mask
from labeler.core.probe import marked_luma, probe, probe_scale


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.lattice import Lattice
    from labeler.schemes import CodeMode


SMALL_PIXELS = 350_000
"""Below this many pixels the host's own noise limits the mark and a good tile offset helps."""

_TARGET_Z = 16.5
_ENLARGED = 1.6
_FLAT_MASK = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """
    How strong a mark may become: amplitudes to try in order, and the cap on its rms.

    ``alphas`` are multiples of the visibility mask, the first that reads well is taken, else the
    last. ``rms_max`` in luma steps of 255 bounds the PSNR from below: 1.95 is 42.3 dB. With
    ``spare_enlarged`` marks that are scaled up much, or lie on nearly constant pictures, are held
    back, because there the eye finds them first (design image-v1, section 4).
    """

    alphas: tuple[float, ...]
    rms_max: float = 1.95
    spare_enlarged: bool = False


PRESETS = {
    "subtle": Strength(alphas=(0.8,)),
    "default": Strength(alphas=(1.0, 1.25, 1.5), spare_enlarged=True),
    "robust": Strength(alphas=(1.25, 1.6, 2.0), rms_max=2.5),
}
"""Named strengths; `default` costs what a JPEG of quality 85 costs in visual quality."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedding:
    """
    A residual for the canonical luma and how it came about.

    ``residual`` (rows, columns) in luma steps of 255; ``alpha`` the multiple of the visibility mask
    that was applied; ``offset`` of the tile, (x, y) in canonical pixels.
    """

    residual: NDArray[np.float32]
    alpha: float
    offset: tuple[int, int]


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
    coefficients = coefficients_of(lattice, payload, mode)
    offset = (0, 0)
    if scale * scale * luma.size < SMALL_PIXELS:
        offset = best_offset(luma, coefficients, lattice)
    mask = visibility_mask(luma)
    unit = np.multiply(mask, _tiled(tile_of(lattice, coefficients), luma.shape, offset))
    rms = math.sqrt(float(np.mean(unit * unit))) + 1e-9
    signed = codeword_chips(lattice, frame(payload, mode), mode)
    allowed = _allowed_alphas(strength, scale, float(np.mean(mask)))
    limits = sorted({min(alpha, strength.rms_max / rms) for alpha in allowed})
    fraction = 1.0 if scale * scale * luma.size < SMALL_PIXELS else probe_scale(scale)
    alpha = next(
        (
            limit
            for limit in limits[:-1]
            if probe(
                marked_luma(luma, unit, limit), signed, lattice, fraction=fraction, offset=offset
            )
            >= _TARGET_Z
        ),
        limits[-1],
    )
    residual = np.multiply(unit, np.float32(alpha))
    return Embedding(residual=residual, alpha=alpha, offset=offset)


def _allowed_alphas(strength: Strength, scale: float, mask_mean: float) -> tuple[float, ...]:
    if not strength.spare_enlarged or scale <= _ENLARGED:
        return strength.alphas
    cap = 1.0 if mask_mean < _FLAT_MASK else 1.25
    return tuple(alpha for alpha in strength.alphas if alpha <= cap)


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
