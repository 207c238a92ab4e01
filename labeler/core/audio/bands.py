"""
Energies of bands of frequency in short frames, as a stream: the analysis under the sound mark.

Frames lie on a grid in seconds whatever the sample rate. Sums run over few bins by gathers, not by
a matrix product: those wake BLAS threads and round differently for every number of rows, and here
the same frame must give the same number however the sound was cut into chunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


if TYPE_CHECKING:
    from numpy.typing import NDArray


WINDOW = 0.040
"""Seconds of the analysis and of the rendering window, at least."""

_ROWS = 64
"""Frames transformed at a time: what the cache holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """
    Where to measure: frames every ``hop`` seconds, the first centred at ``origin``; bands.

    ``low_hz``, ``band_hz`` and ``bands`` say which frequencies; a band that the sample rate cannot
    carry has the energy 0.
    """

    rate: int
    hop: float
    origin: float
    low_hz: float
    band_hz: float
    bands: int

    @property
    def size(self) -> int:
        """Samples of a frame."""
        return window_size(self.rate)


def window_size(rate: int) -> int:
    """
    Return the samples of a window: even, at least `WINDOW`, quick to transform.

    Sizes of many twos: 1,920 is transformed in half the time of 1,800, OpenCV's "optimal" size.
    """
    least = int(np.ceil(WINDOW * rate))
    return min(odd << (-(-least // odd) - 1).bit_length() for odd in (1, 3, 5, 15))


@lru_cache(maxsize=32)
def hann(size: int) -> NDArray[np.float32]:
    """Return the periodic Hann window whose first sample is half a step in."""
    phase = 2 * np.pi * (np.arange(size) + 0.5) / size
    window = (0.5 - 0.5 * np.cos(phase)).astype(np.float32)
    window.setflags(write=False)
    return window


@lru_cache(maxsize=16)
def _hann_rows(size: int) -> NDArray[np.float32]:
    """Return the window once a row of a pass, (`_ROWS`, size): OpenCV does not broadcast."""
    rows = np.tile(hann(size), (_ROWS, 1))
    rows.setflags(write=False)
    return rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Bins:
    """
    Bins ``first`` to ``last`` are needed; band b is the sum over j of weight[j, b] * bin[j, b].

    ``weight`` repeats each number for all frames of a pass: (j, bands, `_ROWS`).
    """

    first: int
    last: int
    index: NDArray[np.intp]
    weight: NDArray[np.float32]


@lru_cache(maxsize=256)
def _bins_of(grid: Grid) -> _Bins:
    width = grid.rate / grid.size
    edges = (grid.low_hz + np.arange(grid.bands + 1) * grid.band_hz) / width + 0.5
    top = grid.size // 2
    taps = int(np.ceil(grid.band_hz / width)) + 1
    index = np.floor(edges[:-1]).astype(np.intp) + np.arange(taps)[:, None]
    overlap = np.minimum(index + 1, edges[1:]) - np.maximum(index, edges[:-1])
    weight = np.clip(overlap, 0, 1) * (edges[1:] <= top)
    index = np.clip(index, 1, top - 1)
    first, last = int(index.min()), int(index.max()) + 1
    scale = float(np.sum(hann(grid.size).astype(np.float64) ** 2))
    bins = _Bins(
        first=first,
        last=last,
        index=index - first,
        weight=np.repeat((weight / scale).astype(np.float32)[..., None], _ROWS, axis=2),
    )
    bins.index.setflags(write=False)
    bins.weight.setflags(write=False)
    return bins


def _energies(frames: NDArray[np.float32], bins: _Bins) -> NDArray[np.float32]:
    """Return the band energies, (rows, bands), of windowed frames, which are overwritten."""
    cv2.dft(frames, frames, flags=cv2.DFT_ROWS)
    # With the frames along the last axis a gather of bins copies whole rows.
    square = cv2.transpose(frames[:, 2 * bins.first - 1 : 2 * bins.last - 1])
    cv2.multiply(square, square, square)
    power = cv2.add(square[::2], square[1::2])
    weights = bins.weight[..., : len(frames)]
    out = cv2.multiply(power[bins.index[0]], weights[0])
    for index, weight in zip(bins.index[1:], weights[1:], strict=True):
        part = power[index]
        cv2.multiply(part, weight, part)
        cv2.add(out, part, out)
    return np.asarray(cv2.transpose(out), np.float32)


class BandStream:
    """Turns samples, chunk by chunk, into band energies, one row a frame."""

    __slots__ = ("_begin", "_bins", "_frame", "_grid", "_held", "_seen")

    def __init__(self, grid: Grid) -> None:
        """Begin before the first sample; sound before it counts as silence."""
        self._grid, self._bins = grid, _bins_of(grid)
        self._held = np.zeros(grid.size // 2, np.float32)
        self._begin = -(grid.size // 2)
        self._frame = self._seen = 0

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take samples (n,); return the energies (k, bands) of the frames now complete."""
        self._held = np.concatenate([self._held, samples])
        self._seen += len(samples)
        return self._measure(self._seen - self._grid.size // 2)

    def finish(self) -> NDArray[np.float32]:
        """Return the energies of the last frames, whose centres still lie in the sound."""
        self._held = np.concatenate([self._held, np.zeros(self._grid.size + 1, np.float32)])
        return self._measure(self._seen)

    def _measure(self, limit: int) -> NDArray[np.float32]:
        """Measure all frames centred at ``limit`` or before."""
        grid, half = self._grid, self._grid.size // 2
        most = int((limit / grid.rate - grid.origin) / grid.hop) + 2
        numbers = np.arange(self._frame, max(most, self._frame))
        centres = np.rint((grid.origin + numbers * grid.hop) * grid.rate).astype(np.intp)
        centres = centres[centres <= limit]
        out = np.empty((len(centres), grid.bands), np.float32)
        if not len(centres):
            return out
        starts = centres - half - self._begin
        view, window = sliding_window_view(self._held, grid.size), _hann_rows(grid.size)
        for row in range(0, len(starts), _ROWS):
            frames = view[starts[row : row + _ROWS]]
            cv2.multiply(frames, window[: len(frames)], frames)
            out[row : row + _ROWS] = _energies(frames, self._bins)
        self._frame += len(centres)
        spent = int(starts[-1])
        self._held, self._begin = self._held[spent:].copy(), self._begin + spent
        return out


def band_energies(samples: NDArray[np.float32], grid: Grid) -> NDArray[np.float32]:
    """Return the energies (k, bands) of a whole sound (n,)."""
    stream = BandStream(grid)
    return np.concatenate([stream.push(samples), stream.finish()])
