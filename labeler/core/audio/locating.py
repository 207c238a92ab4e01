"""
Which seconds of a recording carry a mark: windows of 9.6 s, every 4.8 s, in one pass.

A window that reads opens a track: the following windows are only checked for the known message at
the known place, which is cheap and sure, and the ends are then found slot by slot. Nothing but a
few windows is kept, so recordings of hours need constant memory (design audio-v1, section 5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.audio.folding import PlaneStream, fold_rows, mark_grid
from labeler.core.audio.pattern import targets_of
from labeler.core.audio.reading import DRY, WET, Reading, attempts_of, convincing, read_fold
from labeler.core.significance import log_p_bound


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.core.audio.pattern import Pattern


PIECE_SLOTS = 150
"""Slots of half a window: 4.8 s."""

TAPS = (DRY, WET)

_STAYS = 5.0
"""Statistic of the known message above which a window belongs to its track: 1 in 270,000."""

_MISSES = 1
_HALF = np.float32(0.5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """
    One marked stretch: ``start`` and ``end`` in slots of the recording, and its best reading.

    The ``offset`` of the reading is the half slot, modulo two periods, where the pattern begins.
    """

    start: int
    end: int
    reading: Reading


@dataclass(slots=True)
class _Open:
    """A track that may still grow: ``scores`` correlate each slot from ``first`` on."""

    reading: Reading
    targets: NDArray[np.float32]
    first: int
    scores: list[NDArray[np.float32]] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    misses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Piece:
    """Rows of half a window, the number of the first, and their fold."""

    rows: NDArray[np.float32]
    first: int
    fold: NDArray[np.float32]


class Locator:
    """Takes samples (n,) chunk by chunk; gives the marked stretches of one key at the end."""

    __slots__ = ("_held", "_open", "_pattern", "_pieces", "_planes", "_row", "_tracks", "_windows")

    def __init__(self, rate: int, pattern: Pattern) -> None:
        """Begin before the first sample."""
        self._pattern = pattern
        self._planes = PlaneStream(mark_grid(rate, pattern.scheme))
        self._held = np.empty((0, pattern.scheme.bands), np.float32)
        self._pieces: list[_Piece] = []
        self._open: _Open | None = None
        self._tracks: list[Track] = []
        self._row = self._windows = 0

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take samples."""
        self._held = np.concatenate([self._held, self._planes.push(samples)])
        while len(self._held) >= 2 * PIECE_SLOTS:
            self._take(self._held[: 2 * PIECE_SLOTS])
            self._held = self._held[2 * PIECE_SLOTS :]

    def finish(self) -> tuple[Track, ...]:
        """Return the stretches in order; those that so many windows could give by chance fall."""
        self._held = np.concatenate([self._held, self._planes.finish()])
        self.push(np.empty(0, np.float32))
        if len(self._held) >= 2:
            self._take(self._held[: len(self._held) // 2 * 2])
        self._close()
        attempts = attempts_of(self._pattern, taps=len(TAPS)) * max(1, self._windows)
        return tuple(_significant(self._tracks, attempts, math.log(self._pattern.scheme.p_max)))

    def _take(self, rows: NDArray[np.float32]) -> None:
        fold = fold_rows(rows, self._row, 2 * self._pattern.scheme.period)
        piece = _Piece(rows=rows.copy(), first=self._row, fold=fold)
        self._pieces = [*self._pieces[-2:], piece]
        self._row += len(rows)
        if self._open is not None:
            self._follow(self._open, piece)
        if self._open is None:
            self._look()

    def _look(self) -> None:
        """Read the newest window; a reading opens a track one piece before it."""
        self._windows += 1
        fold = np.stack([piece.fold for piece in self._pieces[-2:]]).sum(axis=0)
        attempts = attempts_of(self._pattern, taps=len(TAPS)) * self._windows
        reading = read_fold(fold, self._pattern, taps=TAPS, attempts=attempts)
        if reading is None or not convincing(reading, self._pattern):
            return
        targets = targets_of(self._pattern, reading.framed, reading.mode)
        first = self._pieces[0].first // 2
        track = _Open(reading=reading, targets=targets, first=first)
        for piece in self._pieces:
            track.scores.append(_scores(piece, track))
        track.inside = [float(np.mean(np.concatenate(track.scores[-2:])))]
        self._open = track

    def _follow(self, track: _Open, piece: _Piece) -> None:
        scores = _scores(piece, track)
        track.scores.append(scores)
        size = math.sqrt(float(np.sum(_plane(piece, track) ** 2))) + 1e-9
        if float(scores.sum()) / size >= _STAYS:
            track.misses = 0
            track.inside.append(float(scores.mean()))
            return
        track.misses += 1
        if track.misses > _MISSES:
            self._close()

    def _close(self) -> None:
        track, self._open = self._open, None
        if track is None:
            return
        rises = np.concatenate(track.scores) - _HALF * np.float32(max(track.inside))
        sums = np.concatenate([[0.0], np.cumsum(rises, dtype=np.float64)])
        lowest = np.minimum.accumulate(sums)
        end = int(np.argmax(sums - lowest))
        start = int(np.argmin(sums[: end + 1]))
        self._tracks.append(
            Track(start=track.first + start, end=track.first + end, reading=track.reading)
        )


def _plane(piece: _Piece, track: _Open) -> NDArray[np.float32]:
    return piece.rows[track.reading.offset % 2 :: 2]


def _scores(piece: _Piece, track: _Open) -> NDArray[np.float32]:
    """Return the correlation of each slot of a piece with the known message."""
    plane, offset = _plane(piece, track), track.reading.offset
    slots = piece.first // 2 - offset // 2 + np.arange(len(plane))
    return np.asarray((plane * track.targets[slots % len(track.targets)]).sum(axis=1), np.float32)


def _significant(tracks: Sequence[Track], attempts: int, most: float) -> list[Track]:
    """Return the tracks whose bound, over all windows of the recording, is small enough."""
    kept = []
    for track in tracks:
        reading = track.reading
        log_p = log_p_bound(reading.z, frame_bits=reading.mode.payload_bits, attempts=attempts)
        if log_p <= most:
            kept.append(replace(track, reading=replace(reading, log_p=log_p)))
    return kept
