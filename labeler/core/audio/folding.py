"""
Folding: the feature of a sound of any length, summed over the periods of the pattern.

A fold has a row for every half slot of a period, because a reader does not know where a slot
begins: even and odd rows are the two phases, of which a closer look has four. Sums of folds are
folds, so windows of a recording are sums of pieces, and what a room smears into later tiles is
collected on the fold itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labeler.core.audio.bands import BandStream, Grid
from labeler.core.audio.feature import REACH, feature


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.schemes import AudioScheme


CHUNK_SECONDS = 30
"""Seconds of a whole sound that are taken at a time."""

_SLAB_ROWS = 2_000
_LEAST_ROWS = 16
_MARGIN = 2 * REACH


def mark_grid(
    rate: int, scheme: AudioScheme, *, tempo: float = 1.0, pitch: float = 1.0, late: float = 0.0
) -> Grid:
    """
    Return the analysis grid: two frames a slot, centred a quarter and three quarters into it.

    ``tempo`` says how many times faster, ``pitch`` how many times higher the sound was made; all
    frames come ``late`` slots later.
    """
    return Grid(
        rate=rate,
        hop=scheme.slot / 2 / tempo,
        origin=scheme.slot * (0.25 + late) / tempo,
        low_hz=scheme.low_hz * pitch,
        band_hz=scheme.band_hz * pitch,
        bands=scheme.bands,
    )


class PlaneStream:
    """
    Turns samples (n,), chunk by chunk, into the feature: rows (k, bands), two a slot.

    Even and odd rows are computed as two sounds of their own. A sound too short for any feature
    gives no rows. The rows do not depend on how the sound was cut.
    """

    __slots__ = ("_bands", "_done", "_rows")

    def __init__(self, grid: Grid) -> None:
        """Begin before the first sample."""
        self._bands, self._done = BandStream(grid), 0
        self._rows = np.empty((0, grid.bands), np.float32)

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take samples; return the rows that nothing to come can change, which may be none."""
        self._rows = np.concatenate([self._rows, self._bands.push(samples)])
        ready = (len(self._rows) - 1) // 2 * 2 - _MARGIN
        if ready - self._done < _SLAB_ROWS:
            return self._rows[:0]
        out = _features(self._rows)[self._done : ready]
        self._rows, self._done = self._rows[ready - _MARGIN :], _MARGIN
        return out

    def finish(self) -> NDArray[np.float32]:
        """Return the rest of the rows."""
        rows = np.concatenate([self._rows, self._bands.finish()])
        return _features(rows)[self._done :] if len(rows) >= _LEAST_ROWS else rows[:0]


def _features(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the feature at both phases, interleaved, of energies of frames."""
    tiles = rows[:-1] + rows[1:]
    out = np.empty_like(tiles[: len(tiles) // 2 * 2])
    out[::2], out[1::2] = feature(tiles[: len(out) : 2]), feature(tiles[1 : len(out) : 2])
    return out


class FoldStream:
    """Turns samples (n,), chunk by chunk, into one fold."""

    __slots__ = ("_fold", "_planes", "_row")

    def __init__(self, grid: Grid, period: int) -> None:
        """Begin before the first sample."""
        self._planes, self._row = PlaneStream(grid), 0
        self._fold = np.zeros((2 * period, grid.bands), np.float32)

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take samples."""
        self._add(self._planes.push(samples))

    def finish(self) -> NDArray[np.float32]:
        """Return the fold, (2 period, bands)."""
        self._add(self._planes.finish())
        return self._fold

    def _add(self, rows: NDArray[np.float32]) -> None:
        self._fold += fold_rows(rows, self._row, len(self._fold))
        self._row += len(rows)


def fold_rows(rows: NDArray[np.float32], first: int, turn: int) -> NDArray[np.float32]:
    """Return rows, of which the first is number ``first``, summed modulo ``turn`` rows."""
    before = first % turn
    turns = -(-(before + len(rows)) // turn)
    whole = np.zeros((turns * turn, rows.shape[1]), np.float32)
    whole[before : before + len(rows)] = rows
    return np.asarray(whole.reshape(turns, turn, rows.shape[1]).sum(axis=0), np.float32)


def fold_sound(
    samples: NDArray[np.float32],
    rate: int,
    scheme: AudioScheme,
    *,
    tempo: float = 1.0,
    pitch: float = 1.0,
    late: float = 0.0,
) -> NDArray[np.float32]:
    """Return the fold, (2 period, bands), of samples (n,); see `mark_grid`."""
    grid = mark_grid(rate, scheme, tempo=tempo, pitch=pitch, late=late)
    stream = FoldStream(grid, scheme.period)
    step = CHUNK_SECONDS * rate
    for at in range(0, len(samples), step):
        stream.push(samples[at : at + step])
    return stream.finish()


def fine_fold(
    fold: NDArray[np.float32],
    samples: NDArray[np.float32],
    rate: int,
    scheme: AudioScheme,
    *,
    tempo: float = 1.0,
    pitch: float = 1.0,
) -> NDArray[np.float32]:
    """Return a fold of the samples with quarter slots between its half slots: (4 period, bands)."""
    between = fold_sound(samples, rate, scheme, tempo=tempo, pitch=pitch, late=0.25)
    return np.stack([fold, between], axis=1).reshape(-1, fold.shape[1])


def with_taps(fold: NDArray[np.float32], taps: tuple[float, ...]) -> NDArray[np.float32]:
    """Return the fold with the rows that follow each row added, weighted by ``taps``."""
    if taps == (1.0,):
        return fold
    out = np.zeros_like(fold)
    for lag, tap in enumerate(taps):
        out += np.float32(tap) * np.roll(fold, -lag, axis=0)
    return out
