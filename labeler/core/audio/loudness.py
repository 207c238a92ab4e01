"""
Programme loudness after ITU-R BS.1770-4: K-weighting at any rate, two gates.

The recommendation prints its two filters for 48 kHz only. Their analogue prototypes, which give
those coefficients back at 48 kHz, are transformed to the rate at hand here. The filters are applied
in the frequency domain, piece by piece: their responses die away within a quarter of a second.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

SILENCE = -70.0
"""The absolute gate in LUFS: what lies below counts as silence."""

_OFFSET = -0.691
_RELATIVE_GATE = -10.0
_STEP = 0.1  # s; blocks are four steps long, so that they overlap by 75 %
_STEPS_A_BLOCK = 4
_SHELF_HZ, _SHELF_DB, _SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
_PASS_HZ, _PASS_Q = 38.13547087602444, 0.5003270373238773
_PIECE = 1  # s; transforms that fit the cache
_REACH = 0.3  # s of the filters' response that is kept
_SURROUND = 1.41
_WITH_EFFECTS = {3: 2, 6: 3, 8: 3}  # channels of 2.1, 5.1 and 7.1, and which is for effects


def integrated_loudness(samples: Floats, rate: int) -> float:
    """
    Return the integrated loudness in LUFS, `-math.inf` for silence.

    Sound too short for a block of 0.4 s is measured as a whole, without gates.

    Parameters
    ----------
    samples
        Float, (n,) or (n, channels), full scale 1.0. Three channels are taken for 2.1, five for
        L R C Ls Rs, six for 5.1, eight for 7.1; the channel for effects does not count.
    rate
        Samples a second.

    """
    channels = samples[:, None] if samples.ndim == 1 else samples
    energies = _step_energies(channels, rate)
    if len(energies) < _STEPS_A_BLOCK:
        return _whole(channels, rate)
    blocks = np.lib.stride_tricks.sliding_window_view(energies, _STEPS_A_BLOCK).mean(axis=1)
    kept = blocks[_lufs(blocks) > SILENCE]
    if not kept.size:
        return -math.inf
    kept = kept[_lufs(kept) > _lufs(kept.mean()) + _RELATIVE_GATE]
    return float(_lufs(kept.mean()))


def weigh(samples: Floats, rate: int) -> Floats:
    """Return samples (n, channels) filtered by the K-weighting of BS.1770-4, annex 1."""
    rows = np.ascontiguousarray(samples.T, np.float32)
    size = cv2.getOptimalDFTSize(rows.shape[1] + round(_REACH * rate))
    size += size % 2
    spectrum = np.fft.rfft(rows, size)
    spectrum *= _response(rate, size)
    return np.asarray(np.fft.irfft(spectrum, size)[:, : len(samples)].T, np.float32)


def _lufs(energy: Doubles | float) -> Doubles:
    """Return loudness of weighted mean squares."""
    return np.asarray(_OFFSET + 10 * np.log10(np.maximum(energy, 1e-30)))


def _whole(channels: Floats, rate: int) -> float:
    """Return the loudness of sound shorter than a block."""
    if not channels.size or not channels.any():
        return -math.inf
    squares = weigh(channels, rate).astype(np.float64) ** 2
    return float(_lufs(float(squares.mean(axis=0) @ _weights(channels.shape[1]))))


def _step_energies(channels: Floats, rate: int) -> Doubles:
    """Return the weighted mean square of every full step of 0.1 s."""
    weights = _weights(channels.shape[1])
    edges = np.round(np.arange(int(len(channels) / rate / _STEP + 1e-9) + 1) * _STEP * rate)
    edges = edges.astype(np.int64)
    energies = [np.zeros(0)]
    for start, piece in _weighed(channels, rate):
        inside = edges[(edges >= start) & (edges <= start + len(piece))] - start
        power = piece**2 @ weights.astype(np.float32)
        sums = np.add.reduceat(power[: inside[-1]], inside[:-1], dtype=np.float64)
        energies.append(sums / np.diff(inside))
    return np.concatenate(energies)


def _weighed(channels: Floats, rate: int) -> Iterator[tuple[int, Floats]]:
    """Yield (first sample, weighed piece); pieces are whole numbers of steps and carry over."""
    length, reach = _PIECE * rate, round(_REACH * rate)
    for start in range(0, len(channels), length):
        before = min(start, reach)
        piece = np.asarray(channels[start - before : start + length], np.float32)
        yield start, weigh(piece, rate)[before:]


def _weights(channels: int) -> Doubles:
    """Return the weights of the channels (BS.1770-4 table 3)."""
    weights = np.ones(channels)
    weights[4 if channels in _WITH_EFFECTS else 3 :] = _SURROUND if channels > 4 else 1
    if channels in _WITH_EFFECTS:
        weights[_WITH_EFFECTS[channels]] = 0
    return weights


@lru_cache(maxsize=4)
def _response(rate: int, size: int) -> NDArray[np.complex64]:
    """Return the response of both filters at the frequencies of a transform of ``size``."""
    delay = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    powers = np.stack([np.ones_like(delay), delay, delay * delay])
    response = np.ones_like(delay)
    for numerator, denominator in (_shelf(rate), _high_pass(rate)):
        response *= (numerator @ powers) / (denominator @ powers)
    return np.asarray(response, np.complex64)


def _shelf(rate: int) -> tuple[Doubles, Doubles]:
    """Return the first filter, the effect of the head, by the bilinear transform."""
    k = math.tan(math.pi * min(_SHELF_HZ, 0.49 * rate) / rate)
    high = 10 ** (_SHELF_DB / 20)
    band = high**0.4996667741545416
    slope, square = k / _SHELF_Q, k * k
    numerator = [
        high + band * slope + square,
        2 * (square - high),
        high - band * slope + square,
    ]
    denominator = [1 + slope + square, 2 * (square - 1), 1 - slope + square]
    return np.array(numerator), np.array(denominator)


def _high_pass(rate: int) -> tuple[Doubles, Doubles]:
    """Return the second filter, the revised low-frequency B curve."""
    k = math.tan(math.pi * _PASS_HZ / rate)
    slope, square = k / _PASS_Q, k * k
    norm = 1 + slope + square
    # The recommendation leaves the numerator at 1, -2, 1 whatever the denominator's scale
    numerator = np.array([1.0, -2.0, 1.0])
    return numerator, np.array([1.0, 2 * (square - 1) / norm, (1 - slope + square) / norm])
