"""
Embedding into a stream of samples: constant memory, and the same samples however it is cut.

A block of one period (3.84 s) is settled when the second that follows it has been heard, so marked
samples leave at most `LATENCY` seconds behind the newest ones taken in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from labeler.core.audio.bands import BandStream
from labeler.core.audio.feature import REACH, level_of, mirrored
from labeler.core.audio.folding import mark_grid
from labeler.core.audio.gains import MARGIN, settle_gains
from labeler.core.audio.rendering import Renderer


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.audio.gains import Plan


LATENCY = 5.0
"""Seconds by which marked samples lag behind: a period, the level's second, and two windows."""

_LEAST_SLOTS = 8


def mean_of(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean (n,) of the channels of samples (n, channels)."""
    if samples.shape[1] == 1:
        return samples[:, 0]
    total = samples[:, 0] + samples[:, 1]
    for channel in range(2, samples.shape[1]):
        total += samples[:, channel]
    return np.asarray(total * np.float32(1 / samples.shape[1]), np.float32)


@dataclass(slots=True)
class _Tiles:
    """Energies of the slots from number ``first`` on; a frame may wait for its slot's second."""

    rows: NDArray[np.float32]
    half: NDArray[np.float32]
    first: int = 0

    @property
    def end(self) -> int:
        return self.first + len(self.rows)

    def take(self, energies: NDArray[np.float32]) -> None:
        frames = np.concatenate([self.half, energies])
        whole = len(frames) // 2 * 2
        self.rows = np.concatenate([self.rows, frames[:whole:2] + frames[1:whole:2]])
        self.half = frames[whole:]

    def let_go(self, before: int) -> None:
        drop = max(0, before - self.first)
        self.rows, self.first = self.rows[drop:], self.first + drop


class Embedder:
    """
    Takes samples (n, channels) chunk by chunk and gives them back marked, a little later.

    ``used`` counts the tiles that were changed so far.
    """

    __slots__ = ("_bands", "_block", "_plan", "_renderer", "_tiles", "used")

    def __init__(self, rate: int, channels: int, plan: Plan) -> None:
        """Begin before the first sample."""
        scheme = plan.pattern.scheme
        self._plan, self._block = plan, 0
        self.used = 0
        self._bands = BandStream(mark_grid(rate, scheme))
        self._renderer = Renderer(rate, channels, scheme)
        nothing = np.empty((0, scheme.bands), np.float32)
        self._tiles = _Tiles(rows=nothing, half=nothing)

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take samples; return those that are ready, which may be none."""
        self._renderer.push(samples)
        self._tiles.take(self._bands.push(mean_of(samples)))
        first, gains = self._settle(last=False)
        return self._renderer.render(gains, first)

    def finish(self) -> NDArray[np.float32]:
        """Return the rest: together exactly as many samples as were taken."""
        self._tiles.take(self._bands.finish())
        first, gains = self._settle(last=True)
        return self._renderer.render(gains, first, last=True)

    def _settle(self, *, last: bool) -> tuple[int, NDArray[np.float32]]:
        """Return the first slot and the gains, (slots, bands), of the blocks that are ready."""
        period = self._plan.pattern.scheme.period
        first = self._block * period
        known = self._tiles.end
        blocks = max(0, (known - first - (0 if last else REACH)) // period)
        rest = known - first - blocks * period if last else 0
        if known < _LEAST_SLOTS or blocks + rest == 0:
            return first, np.zeros((int(last), self._plan.pattern.scheme.bands), np.float32)
        gains = self._gains(first, blocks, rest)
        self.used += int(np.count_nonzero(gains))
        self._block += blocks
        self._tiles.let_go(self._block * period - REACH)
        return first, gains

    def _gains(self, first: int, blocks: int, rest: int) -> NDArray[np.float32]:
        period, rows = self._plan.pattern.scheme.period, self._tiles.rows
        level = np.pad(level_of(rows), MARGIN, mode="edge")
        before = first - self._tiles.first
        rows = mirrored(rows, MARGIN, MARGIN)[before:]
        level = level[before:]
        width, parts = period + 2 * MARGIN, []
        if blocks:
            tiles = sliding_window_view(rows, width, axis=0)[::period][:blocks]
            levels = sliding_window_view(level, width)[::period][:blocks]
            tiles = np.ascontiguousarray(tiles.swapaxes(1, 2))
            gains = settle_gains(tiles, levels, period, self._plan)
            parts.append(gains.reshape(-1, gains.shape[-1]))
        if rest:
            start = blocks * period
            missing = width - (len(rows) - start)
            tiles = np.pad(rows[start:], ((0, missing), (0, 0)), mode="edge")
            levels = np.pad(level[start:], (0, missing), mode="edge")
            parts.append(settle_gains(tiles[None], levels[None], rest, self._plan)[0, :rest])
        return np.concatenate(parts)


def embed(samples: NDArray[np.float32], rate: int, plan: Plan) -> NDArray[np.float32]:
    """Return samples (n, channels) marked, a new array of the same shape."""
    embedder = Embedder(rate, samples.shape[1], plan)
    step = 30 * rate
    parts = [embedder.push(samples[at : at + step]) for at in range(0, len(samples), step)]
    return np.concatenate([*parts, embedder.finish()])
