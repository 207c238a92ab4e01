"""
How improbable the coins of a text are without the key: exact tails, in natural logarithms.

For tokens chosen without the key the coins of distinct (context, token) pairs are fair and
independent (docs/formats/sampling-v1.md, section 6). Two statistics: the tails of single tokens,
combined by Fisher's method, and the sum of all weighted coins. No scipy.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

_FAR = 5.0
_FRACTIONS = 60
_MIDDLE = 1e-4


@lru_cache(maxsize=8)
def layer_weights(layers: int, steepness: int) -> NDArray[np.int64]:
    """
    Return whole weights that fall evenly from ``steepness`` to 1 times the last one, read-only.

    >>> layer_weights(30, 10)[[0, 1, 29]].tolist()
    [290, 281, 29]
    """
    falls = np.arange(layers)[::-1]
    weights = (steepness - 1) * falls + max(layers - 1, 1)
    weights.setflags(write=False)
    return weights


@lru_cache(maxsize=8)
def score_law(layers: int, steepness: int) -> tuple[Reals, Reals]:
    """
    Return P(score > s) and P(score = s) of one token at index s, read-only.

    The distribution of the weighted sum of fair coins, by convolution: exact to rounding.
    """
    chances = np.ones(1)
    for weight in layer_weights(layers, steepness).tolist():
        longer = np.zeros(len(chances) + weight)
        longer[: len(chances)] += chances / 2
        longer[weight:] += chances / 2
        chances = longer
    above = np.cumsum(chances[::-1])[::-1] - chances
    for array in (above, chances):
        array.setflags(write=False)
    return np.maximum(above, 0.0), chances


def token_scores(thrown: NDArray[np.uint64], layers: int, steepness: int) -> NDArray[np.int64]:
    """Return the weighted sum of the coins of each token (n,) uint64, (n,)."""
    places = np.arange(layers, dtype=np.uint64)
    shown = (thrown[:, None] >> places) & np.uint64(1)
    return shown.astype(np.int64) @ layer_weights(layers, steepness)


def token_surprises(thrown: NDArray[np.uint64], layers: int, steepness: int) -> Reals:
    """
    Return -log u of each token (n,) uint64, where u is uniform for fair coins, (n,).

    u lies between the chance of a higher score and that of this one or a higher; where, the bits
    above those of the layers say, so that u is uniform in spite of scores being whole.
    """
    above, equal = score_law(layers, steepness)
    scores = token_scores(thrown, layers, steepness)
    spare = (thrown >> np.uint64(layers)).astype(np.float64)
    return -np.log(above[scores] + (spare + 1) * 2.0 ** (layers - 64) * equal[scores])


def fisher_tail(surprise: float, count: int) -> float:
    """
    Return log P(sum of ``count`` exponentials >= ``surprise``), the tail of the Erlang law.

    >>> round(math.exp(fisher_tail(3.0, 1)), 6) == round(math.exp(-3.0), 6)
    True
    """
    if surprise <= 0:
        return 0.0
    orders = np.arange(1, count)
    terms = np.concatenate([np.zeros(1), np.cumsum(np.log(surprise) - np.log(orders))])
    top = float(terms.max())
    return min(0.0, top + math.log(float(np.exp(terms - top).sum())) - surprise)


def mean_tail(score: int, count: int, layers: int, steepness: int) -> float:
    """
    Return log P(total score of ``count`` tokens >= ``score``).

    By the saddlepoint of Lugannani and Rice (1980), half a unit below the score as scores are
    whole; its relative error is below a hundredth from some ten tokens on, in the far tail too.
    """
    weights = layer_weights(layers, steepness) / 2
    most = count * float(weights.sum())
    excess = score - 0.5 - most
    if excess >= most - 0.5:
        return -count * layers * math.log(2)
    spread = math.sqrt(count * float((weights**2).sum()))
    if abs(excess) < _MIDDLE * spread:
        return _log_normal_tail(excess / spread)
    if excess < 0:
        return math.log1p(-math.exp(_saddle_tail(-excess, count, weights)))
    return _saddle_tail(excess, count, weights)


def _saddle_tail(excess: float, count: int, weights: Reals) -> float:
    tilt = _tilt(excess, count, weights)
    turns = tilt * weights
    growth = count * float((np.logaddexp(turns, -turns) - math.log(2)).sum())
    bend = count * float(((weights / np.cosh(np.minimum(turns, 300))) ** 2).sum())
    distance = math.sqrt(2 * max(tilt * excess - growth, 0.0))
    pull = tilt * math.sqrt(bend)
    ratio = _mills(distance) + 1 / pull - 1 / distance
    return min(0.0, -(distance**2) / 2 - math.log(2 * math.pi) / 2 + math.log(ratio))


def _tilt(excess: float, count: int, weights: Reals) -> float:
    """Return the tilt at which the tilted mean is the excess, by halving an interval."""
    low, high = 0.0, 1 / float(weights[-1])
    while count * float((weights * np.tanh(high * weights)).sum()) < excess and high < 1e6:
        high *= 2
    while high - low > 1e-15 * high:
        middle = (low + high) / 2
        if count * float((weights * np.tanh(middle * weights)).sum()) < excess:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _mills(distance: float) -> float:
    """Return the upper tail of the normal law over its density."""
    if distance < _FAR:
        density = math.exp(-(distance**2) / 2) / math.sqrt(2 * math.pi)
        return math.erfc(distance / math.sqrt(2)) / 2 / density
    value = distance
    for order in range(_FRACTIONS, 0, -1):
        value = distance + order / value
    return 1 / value


def _log_normal_tail(distance: float) -> float:
    return math.log(math.erfc(distance / math.sqrt(2)) / 2)
