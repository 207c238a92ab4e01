"""
Search for the mark in sound that was played faster, slower, higher or lower.

One feature plane is computed, finer than the lattice in time and frequency; every hypothesis is
then a gather from it and a small correlation. The score only prunes: the reading itself is made
anew on the exact grid of the best hypotheses (design audio-v1, section 6).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.audio.bands import Grid, band_energies
from labeler.core.audio.feature import LEVEL_SLOTS, compressed, level_of, prominence, whitened
from labeler.core.audio.folding import fine_fold, fold_sound
from labeler.core.audio.pattern import correlate, spectrum_of
from labeler.core.audio.reading import DRY, FINE_TAPS, Reading, convincing, read_fold


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.core.audio.pattern import Pattern
    from labeler.schemes import AudioScheme


FINE_TIME, FINE_BANDS = 4, 3
"""Rows a slot and columns a band of the fine plane."""

_FAR, _STEP, _FINE_STEP = 0.06, 0.004, 0.001
_FINE = range(-2, 3)
_SPAN = 1.07
_TRIED = 3
_TINY = np.float32(1e-12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How sound was changed: ``tempo`` times as fast, ``pitch`` times as high."""

    tempo: float
    pitch: float


def _both(factor: float) -> Change:
    return Change(tempo=factor, pitch=factor)


def _tempo(factor: float) -> Change:
    return Change(tempo=factor, pitch=1.0)


def _pitch(factor: float) -> Change:
    return Change(tempo=1.0, pitch=factor)


_STEPS = tuple(1 + _STEP * k for k in range(-round(_FAR / _STEP), round(_FAR / _STEP) + 1))
CHANGES = tuple(make(s) for make in (_both, _tempo, _pitch) for s in _STEPS if s != 1.0)
"""Speed, tempo and pitch by up to 6 per cent."""

HYPOTHESES = 3 * (2 * (round(_FAR / _FINE_STEP) + _FINE[-1]) + 1)
"""Changes that a reading is chosen from, fine steps included."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plane:
    """``rows[i, j]``: the feature of a slot centred at ``origin + i hop``, band at ``low + j``."""

    rows: NDArray[np.float32]
    hop: float
    origin: float
    low_hz: float


def _plane_of(samples: NDArray[np.float32], rate: int, pattern: Pattern) -> _Plane:
    scheme = pattern.scheme
    fine, hop = scheme.band_hz / FINE_BANDS, scheme.slot / FINE_TIME
    low = scheme.low_hz / _SPAN - scheme.band_hz
    high = (scheme.low_hz + scheme.bands * scheme.band_hz) * _SPAN + scheme.band_hz
    count = int((high - low) / fine)
    grid = Grid(rate=rate, hop=hop, origin=hop, low_hz=low, band_hz=fine, bands=count)
    thin = band_energies(samples, grid)
    wide = thin[:, :-2] + thin[:, 1:-1] + thin[:, 2:]
    tiles = np.asarray(wide[1:-1] + np.float32(0.5) * (wide[:-2] + wide[2:]), np.float32)
    power = compressed(tiles, level_of(tiles, LEVEL_SLOTS * FINE_TIME))
    clipped = prominence(power, FINE_TIME, FINE_BANDS)
    return _Plane(
        rows=whitened(clipped, FINE_TIME, FINE_BANDS)[2 * FINE_TIME : -2 * FINE_TIME],
        hop=hop,
        # Lost at the start: one row by the tiles, a slot by the difference, a slot by the box.
        origin=hop * (2 + 2 * FINE_TIME),
        low_hz=low,
    )


def _columns_at(plane: _Plane, pitch: float, scheme: AudioScheme) -> NDArray[np.intp]:
    """Return the plane's columns of the bands of sound that is so many times as high."""
    low, width = scheme.low_hz * pitch - plane.low_hz, scheme.band_hz * pitch
    # A gathered band keeps its own width: it is laid on the middle of the one that is meant.
    middle = low + (np.arange(scheme.bands) + 0.5) * width - scheme.band_hz / 2
    columns = np.rint(middle / (scheme.band_hz / FINE_BANDS)).astype(np.intp)
    return np.asarray(np.clip(columns, 0, plane.rows.shape[1] - 1), np.intp)


def _folds(plane: _Plane, tempo: float, scheme: AudioScheme) -> list[NDArray[np.float32]]:
    """Return the folds of both phases at a tempo, all columns, turned: (columns, period)."""
    slot = scheme.slot / tempo
    last = plane.origin + (len(plane.rows) - 1) * plane.hop
    folds = []
    for phase in (0.0, 0.5):
        first = math.ceil(plane.origin / slot - 0.5 - phase)
        times = np.arange(first, math.floor(last / slot - 0.5 - phase) + 1) + 0.5 + phase
        nearest = np.rint((times * slot - plane.origin) / plane.hop).astype(np.intp)
        fold = _summed(plane.rows, nearest, first % scheme.period, scheme.period)
        folds.append(np.asarray(cv2.transpose(fold), np.float32))
    return folds


def _summed(
    rows: NDArray[np.float32], picked: NDArray[np.intp], first: int, turn: int
) -> NDArray[np.float32]:
    """Return the picked rows, of which the first is number ``first``, summed modulo ``turn``."""
    out = np.zeros((turn, rows.shape[1]), np.float32)
    head, rest = picked[: turn - first], picked[turn - first :]
    out[first : first + len(head)] = rows[head]
    for at in range(0, len(rest), turn):
        part = rest[at : at + turn]
        out[: len(part)] += rows[part]
    return out


def _scores(plane: _Plane, changes: Sequence[Change], pattern: Pattern) -> NDArray[np.float32]:
    """
    Return how well each hypothesis correlates with the sync tiles.

    Columns are picked after folding and transforming, so hypotheses of one tempo share both.
    """
    scheme = pattern.scheme
    scores = np.zeros(len(changes), np.float32)
    for tempo in {change.tempo for change in changes}:
        numbers = [number for number, change in enumerate(changes) if change.tempo == tempo]
        columns = [_columns_at(plane, changes[number].pitch, scheme) for number in numbers]
        for fold in _folds(plane, tempo, scheme):
            spectrum, energy = spectrum_of(fold), np.einsum("cs,cs->c", fold, fold)
            seen = correlate([spectrum[each] for each in columns], pattern.sync_spectrum)
            size = np.sqrt(np.stack([energy[each].sum() for each in columns]) + _TINY)
            scores[numbers] = np.maximum(scores[numbers], seen.max(axis=1) / size)
    return scores


def _around(change: Change) -> list[Change]:
    """Return a coarse hypothesis and the fine ones about it."""
    kinds = {(True, True): _both, (True, False): _tempo, (False, True): _pitch}
    make = kinds[change.tempo != 1, change.pitch != 1]
    middle = change.tempo if change.tempo != 1 else change.pitch
    return [make(middle + _FINE_STEP * k) for k in _FINE]


def likely_changes(samples: NDArray[np.float32], rate: int, pattern: Pattern) -> list[Change]:
    """Return the most likely changes of a sound (n,), best first; empty when it is too short."""
    if len(samples) < 64 * pattern.scheme.slot * rate:
        return []
    plane = _plane_of(samples, rate, pattern)
    coarse = np.argsort(-_scores(plane, CHANGES, pattern), kind="stable")[:_TRIED]
    fine = [change for index in coarse for change in _around(CHANGES[index])]
    order = np.argsort(-_scores(plane, fine, pattern), kind="stable")[:_TRIED]
    return [fine[index] for index in order]


def search(
    samples: NDArray[np.float32], rate: int, pattern: Pattern, *, attempts: int
) -> tuple[Reading, Change] | None:
    """
    Return the best reading of changed sound (n,) and its change; None without any.

    ``attempts`` counts `HYPOTHESES` and all else that the reading is chosen from.
    """
    scheme = pattern.scheme
    best: tuple[Reading, Change] | None = None
    for rank, change in enumerate(likely_changes(samples, rate, pattern)):
        fold = fold_sound(samples, rate, scheme, tempo=change.tempo, pitch=change.pitch)
        looks: list[tuple[NDArray[np.float32], Sequence[tuple[float, ...]]]] = [(fold, (DRY,))]
        if rank == 0:
            fine = fine_fold(fold, samples, rate, scheme, tempo=change.tempo, pitch=change.pitch)
            looks.append((fine, FINE_TAPS))
        for seen, taps in looks:
            reading = read_fold(seen, pattern, taps=taps, attempts=attempts)
            if reading is not None and (best is None or reading.log_p < best[0].log_p):
                best = reading, change
            if reading is not None and convincing(reading, pattern):
                return reading, change
    return best
