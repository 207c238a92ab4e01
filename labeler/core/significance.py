"""
The rigorous bound on a false reading, for marks whose chips carry independent keyed signs.

Let ``v`` be weights that depend on the content and on the pilots only, and ``x`` the signed chips
of one codeword. For content that knows nothing of the key the signs are fair coins given ``v``, so
by Hoeffding P(z >= t) <= exp(-t^2 / 2) for z = sum(v x) / sqrt(sum(v^2)), whatever the content. A
union over the 2^k codewords and over every attempt made gives the bound (design image-v1, 6).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray


def log_p_bound(z: float, *, frame_bits: int, attempts: int) -> float:
    """
    Return the natural logarithm of the bound on the chance of reaching ``z``, at most 0.

    ``attempts`` counts every decoding that was or might have been made: geometries, modes, keys.

    >>> round(math.exp(log_p_bound(13.6, frame_bits=96, attempts=128)) / 1e-10, 1)
    7.0
    """
    exponent = z * z / 2 if z > 0 else 0.0
    return min(0.0, math.log(attempts) + frame_bits * math.log(2) - exponent)


def z_needed(p_max: float, *, frame_bits: int, attempts: int) -> float:
    """
    Return the smallest ``z`` whose bound is at most ``p_max``.

    >>> round(z_needed(1e-9, frame_bits=96, attempts=128), 2)
    13.57
    >>> round(z_needed(1e-9, frame_bits=48, attempts=128), 2)
    10.85
    """
    return math.sqrt(2 * (math.log(attempts) + frame_bits * math.log(2) - math.log(p_max)))


def log_p_of_message(sums: NDArray[np.float64], message: NDArray[np.bool_]) -> float:
    """
    Return a bound on log P that a random message agrees with soft bits as well as this one does.

    ``sums`` (n,) are the soft bits, positive for one, ``message`` (n,) the bits that are known.
    For content that knows nothing of the message its signs are fair coins, whatever the content,
    so Chernoff's bound holds: P(sum(a s) >= t) <= exp(-x t) prod(cosh(x a)) for every x > 0. Bits
    that agree wholly give 2^-n.

    >>> round(log_p_of_message(np.ones(32), np.ones(32, bool)) / math.log(2), 3)
    -32.0
    >>> log_p_of_message(np.ones(32), np.zeros(32, bool))
    0.0
    """
    size = np.abs(sums)
    agreement = np.where(message, sums, -sums)
    total, scale = agreement.sum(), math.sqrt(float((size * size).mean()))
    if total <= 0 or scale == 0:
        return 0.0
    slopes = np.exp2(np.arange(-4, 8, 0.375))[:, None] / scale
    # log cosh(y) = y + log(1 + exp(-2 y)) - log 2, which does not overflow.
    terms = slopes * (size - agreement) + np.log1p(np.exp(slopes * (-2 * size)))
    return min(0.0, float(terms.sum(axis=1).min()) - size.size * math.log(2))
