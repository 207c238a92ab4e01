"""
The keyed tournament over candidate tokens: coins, rounds, and the choice of candidates.

Every candidate gets ``layers`` fair coins from a hash of the key, of the tokens before it and of
itself. Each layer moves probability from candidates that show tails to those that show heads, by as
much as keeps the average over all keys unchanged (docs/formats/sampling-v1.md, sections 3 to 5).
Vectorised over rows of a batch; pure functions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Tokens = NDArray[np.int64]
    Reals = NDArray[np.float64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFTS = np.uint64(30), np.uint64(27), np.uint64(31)
_ALL = (1 << 64) - 1
_EIGHT = np.arange(8)
_STRIPE = 64
"""Logits, far apart, whose largest is looked at first when the best candidates are chosen."""


def mix(words: Words) -> Words:
    """
    Return the SplitMix64 output function of each word, a new array.

    >>> hex(mix(np.zeros(1, np.uint64))[0])
    '0xe220a8397b1dcdaf'
    """
    out = words + _STEP
    out ^= out >> _SHIFTS[0]
    out *= _FIRST
    out ^= out >> _SHIFTS[1]
    out *= _SECOND
    out ^= out >> _SHIFTS[2]
    return out


def context_words(contexts: Tokens, key: int) -> Words:
    """
    Return the hash of each row of tokens (n, context) under a key of 64 bits, (n,).

    The tokens are folded with powers of SplitMix64's odd step: below 2^31 no two pairs of tokens
    fold to one word.
    """
    powers = _powers(contexts.shape[1])
    if len(contexts) == 1:  # mostly one row a step, where calls cost more than numbers
        fold = sum(a * b for a, b in zip(contexts[0].tolist(), powers.tolist(), strict=True))
        return np.array([_mixed(fold ^ key)], np.uint64)
    folds = contexts.astype(np.uint64) * powers
    return mix(folds.sum(axis=1, dtype=np.uint64) ^ np.uint64(key))


def _mixed(word: int) -> int:
    """Return what `mix` makes of one word."""
    out = (word + int(_STEP)) & _ALL
    out = ((out ^ out >> 30) * int(_FIRST)) & _ALL
    out = ((out ^ out >> 27) * int(_SECOND)) & _ALL
    return out ^ out >> 31


def coins(words: Words, tokens: Tokens) -> Words:
    """
    Return the coins of tokens (n, k) after contexts with hashes ``words`` (n,), (n, k) uint64.

    Token ``t`` gets output ``t`` of the SplitMix64 generator whose seed is the hash; bit ``i`` of
    it, from the least significant, is the coin of layer ``i``.
    """
    return mix(words[:, None] + tokens.astype(np.uint64) * _STEP)


def heads(thrown: Words, layers: int) -> Reals:
    """Return 1.0 for heads and 0.0 for tails, one array for each layer, (layers, n, k)."""
    rows, count = thrown.shape
    parts = np.ascontiguousarray(thrown, "<u8").view(np.uint8).reshape(rows, count, 8)
    shown = np.unpackbits(parts, axis=2, count=layers, bitorder="little")
    return shown.transpose(2, 0, 1).astype(np.float64, order="C")


@lru_cache(maxsize=16)
def _powers(count: int) -> Words:
    """Return the first powers of the step modulo 2^64, read-only."""
    powers = np.array([pow(int(_STEP), 1 + place, 1 << 64) for place in range(count)], np.uint64)
    powers.setflags(write=False)
    return powers


def play(probabilities: Reals, shown: Reals) -> Reals:
    """
    Return the probabilities (n, k) after all layers of ``shown`` (layers, n, k).

    One layer makes p (1 + g - sum(p g)) of p: what the heads of the others leave to each.
    """
    out = probabilities.copy()
    if len(out) == 1:
        _play_row(out[0], shown[:, 0])
    else:
        for layer in shown:
            out *= layer + (1 - np.vecdot(out, layer))[:, None]
    np.maximum(out, 0, out=out)
    out /= out.sum(axis=1, keepdims=True)
    return out


def _play_row(row: Reals, shown: Reals) -> None:
    """
    Do the same for one row (k,) in place, two layers (2, k) at a time.

    Generation is mostly one row a step, where the calls cost more than the numbers: with heads a, b
    of two layers the factor is (1 - s + a) (1 - t + b), and its coefficients follow from the sums
    of p a, p b and p a b.
    """
    pairs = len(shown) // 2
    terms = np.ones((pairs, 4, len(row)))
    terms[:, 1:3] = shown[: 2 * pairs].reshape(pairs, 2, len(row))
    np.multiply(terms[:, 1], terms[:, 2], out=terms[:, 3])
    factors = np.ones(4)
    product = np.empty(len(row))
    for term in terms:
        _, first, second, both = term.dot(row).tolist()
        rest = 1.0 - first
        other = 1.0 - (second * rest + both)
        factors[0] = rest * other
        factors[1] = other
        factors[2] = rest
        np.dot(factors, term, out=product)
        np.multiply(row, product, out=row)
    for layer in shown[2 * pairs :]:
        row *= layer + (1.0 - row.dot(layer))


def best_candidates(
    logits: NDArray[np.floating], count: int
) -> tuple[Tokens, NDArray[np.floating]]:
    """Return the ``count`` largest logits of rows (n, vocabulary): tokens and values, (n, k)."""
    size = logits.shape[1]
    if count >= size:
        return np.broadcast_to(np.arange(size), logits.shape).astype(np.int64), logits
    if len(logits) == 1:
        few = _best_of_row(logits[0], count)
        return few[None], logits[:, few]
    tokens = np.stack([_best_of_row(row, count) for row in logits])
    return tokens, np.take_along_axis(logits, tokens, axis=1)


def _best_of_row(row: NDArray[np.floating], count: int) -> Tokens:
    """Find a floor under the best values by the largest of each stripe, then sort out the rest."""
    stripes = len(row) // _STRIPE
    few = np.arange(len(row)) if stripes <= count else _above_floor(row, stripes, count)
    if len(few) == count:
        return few
    return np.sort(few[np.argpartition(row[few], len(few) - count)[len(few) - count :]])


def _above_floor(row: NDArray[np.floating], stripes: int, count: int) -> Tokens:
    """Return the places of all values that may be among the best, ascending."""
    whole = stripes * _STRIPE
    largest = row[:whole].reshape(_STRIPE, stripes).max(axis=0)
    high = row >= np.partition(largest, stripes - count)[stripes - count]
    words = np.flatnonzero(high[:whole].view(np.uint64))  # eight at once, most are empty
    near = np.add.outer(words * 8, _EIGHT).ravel()
    if whole < len(row):
        near = np.concatenate([near, np.arange(whole, len(row))])
    return np.asarray(near[high[near]], np.int64)


def softmax(logits: NDArray[np.floating]) -> Reals:
    """Return the probabilities of logits (n, k), float64; minus infinity has none."""
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted
