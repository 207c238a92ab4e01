"""
Tail-biting convolutional code: encoder, and soft Viterbi decoder over leading batch axes.

Bit ``b[t]`` enters a register that holds ``b[t], b[t-1], ... b[t-K+1]`` (indices modulo the frame
length: the tail bites); coded bit ``6 t + i`` is the parity of the register masked by polynomial
``i``, whose most significant bit taps ``b[t]`` (docs/formats/image-v1.md, section 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.schemes import ConvolutionalCode


WRAP = 40
"""Extra trellis steps before and after one turn; the survivors agree long before that."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Trellis:
    """``pattern[h]``: index of the coded bits that lead out of states 2h, newest bit 0."""

    states: int
    pattern: NDArray[np.intp]


@lru_cache(maxsize=4)
def _trellis(code: ConvolutionalCode) -> _Trellis:
    states = 1 << (code.constraint - 1)
    for polynomial in code.polynomials:
        # Both end taps set: flipping the newest or the oldest bit then flips every coded bit,
        # which the decoder uses to compute a quarter of the branch metrics.
        if not polynomial & 1 or not polynomial >> (code.constraint - 1):
            raise ValueError("every polynomial must tap the newest and the oldest bit")
    register = np.arange(0, states, 2)
    pattern = np.zeros(states // 2, np.intp)
    for polynomial in code.polynomials:
        pattern = 2 * pattern + (np.bitwise_count(register & polynomial) & 1)
    pattern.setflags(write=False)
    return _Trellis(states=states, pattern=pattern)


def encode(bits: NDArray[np.uint8], code: ConvolutionalCode) -> NDArray[np.uint8]:
    """
    Return the coded bits, shape (..., k * rate), of frames of shape (..., k).

    >>> from labeler.schemes import ROBUST_CODE
    >>> "".join(map(str, encode(np.array([1, 0, 0], np.uint8), ROBUST_CODE)))
    '...'
    """
    history = [np.roll(bits, age, axis=-1) for age in range(code.constraint)]
    coded = np.zeros((*bits.shape, code.rate_inverse), np.uint8)
    for index, polynomial in enumerate(code.polynomials):
        for age, past in enumerate(history):
            if polynomial >> (code.constraint - 1 - age) & 1:
                coded[..., index] ^= past
    return coded.reshape(*bits.shape[:-1], -1)


def decode(soft: NDArray[np.float32], code: ConvolutionalCode) -> NDArray[np.uint8]:
    """
    Return the most likely frames, shape (..., k), for soft coded bits of shape (..., k * rate).

    A soft value is positive where the coded bit is more likely 0; its size is the confidence.
    The trellis runs one turn with `WRAP` steps before and after it, so the survivor of the middle
    turn forgets where it began; this is not exactly, but practically, maximum likelihood.
    """
    rate = code.rate_inverse
    frame = soft.shape[-1] // rate
    branches = _branch_metrics(soft.reshape(-1, frame, rate), code)
    wrap = min(WRAP, frame)
    steps = [(step - wrap) % frame for step in range(frame + 2 * wrap)]
    survivors, best = _forward(branches, steps)
    bits = _trace_back(survivors, best)[:, wrap : wrap + frame]
    return bits.reshape(*soft.shape[:-1], frame)


def _branch_metrics(soft: NDArray[np.float32], code: ConvolutionalCode) -> NDArray[np.float32]:
    """Metric of the branches out of even states with newest bit 0: (k, batch, 2, states / 2)."""
    # The 2^rate sums by doubling, then a look-up: a matrix product would wake BLAS threads here.
    sums = np.zeros((*soft.shape[:2], 1), np.float32)
    for index in range(code.rate_inverse):
        value = soft[..., index, None].astype(np.float32)
        sums = np.stack([sums + value, sums - value], axis=-1).reshape(*soft.shape[:2], -1)
    half = np.take(sums, _trellis(code).pattern, axis=-1).swapaxes(0, 1)
    return np.stack([half, -half], axis=2)


def _forward(
    branches: NDArray[np.float32], steps: list[int]
) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Run the trellis; return the chosen oldest bits, (batch, steps, states), and end states."""
    _, batch, _, half = branches.shape
    metrics = np.zeros((batch, 2, half), np.float32)
    even, odd = np.empty_like(metrics), np.empty_like(metrics)
    chosen = np.empty((batch, len(steps), 2, half), np.bool_)
    for index, step in enumerate(steps):
        pairs = metrics.reshape(batch, 1, half, 2)
        np.add(pairs[..., 0], branches[step], out=even)
        np.subtract(pairs[..., 1], branches[step], out=odd)
        np.greater(odd, even, out=chosen[:, index])
        np.maximum(even, odd, out=metrics)
    best = metrics.reshape(batch, -1).argmax(axis=-1)
    return chosen.reshape(batch, len(steps), -1), best


def _trace_back(chosen: NDArray[np.bool_], ends: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Follow the survivors backwards; return the input bits, (batch, steps)."""
    batch, steps, states = chosen.shape
    newest, mask = states.bit_length() - 2, states - 1
    bits = np.empty((batch, steps), np.uint8)
    for row, end in enumerate(ends.tolist()):
        survivors = chosen[row].tobytes()  # bytes: a third of the time of array look-ups
        state, path = end, bytearray(steps)
        for index in range(steps - 1, -1, -1):
            path[index] = state >> newest
            state = (state << 1 & mask) | survivors[index * states + state]
        bits[row] = np.frombuffer(path, np.uint8)
    return bits
