"""
Reading the sound mark from a fold: where the pattern begins, which mode, which bits, how sure.

The statistic of the decision runs over all tiles, sync and code: given the sound, the keyed signs
are fair coins, so Hoeffding's bound and a union over the payloads and over every place that was or
might have been tried hold whatever the sound (design audio-v1, section 8). What prunes (the sync
peak, the spread of the coded bits) only loses readings; it never makes a false one likelier.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labeler.core import convolutional
from labeler.core.audio.folding import with_taps
from labeler.core.audio.pattern import code_signs, deal_of
from labeler.core.checksum import is_valid
from labeler.core.significance import log_p_bound


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.core.audio.pattern import Deal, Pattern
    from labeler.schemes import CodeMode


DRY: tuple[float, ...] = (1.0,)
ECHO = (1.0, 0.8)
WET = tuple(0.75**lag for lag in range(8))
"""Taps over half slots: a clean sound, one between two grids, and a room."""

SYNC, SPREAD = 2.8, 1.0
"""Least sync statistic, and spread of the coded bits in deviations, worth a decoding."""

WRONG = math.log(1e-4)
"""Most that the logarithm of the chance of a wrong message from a marked sound may be."""

_DECODINGS = 16
"""Decodings made of one mark at most, more or less: what a wrong message is chosen from."""

_MEAN_SIZE, _SIZE_DEVIATION = math.sqrt(2 / math.pi), math.sqrt(1 - 2 / math.pi)
_TINY = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """
    One decoding of a fold.

    ``z`` is the statistic of the whole pattern, ``sync_z`` that of its sync tiles; ``offset`` the
    half slot of the fold where the pattern begins; ``log_p`` the logarithm of the bound.
    ``log_wrong`` bounds the chance that a mark is there but says something else: it is taken from
    the code tiles alone, because sync tiles vouch for any message.
    """

    mode: CodeMode
    framed: NDArray[np.uint8]
    valid: bool
    z: float
    sync_z: float
    offset: int
    taps: tuple[float, ...]
    log_p: float
    log_wrong: float

    @property
    def payload(self) -> tuple[int, ...]:
        """The payload bits as decoded."""
        return tuple(self.framed[: self.mode.payload_bits].tolist())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """A place in a fold, turned so that its pattern begins at slot 0: (period, bands)."""

    signed: NDArray[np.float32]
    square: NDArray[np.float32]
    sync_z: float
    offset: int
    taps: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Trial:
    """A place in a mode: soft coded bits, and how far they spread beyond chance."""

    place: _Place
    deal: Deal
    soft: NDArray[np.float32]
    spread: float


def attempts_of(pattern: Pattern, *, taps: int = 1, hypotheses: int = 1) -> int:
    """Return how many places, modes, taps and hypotheses a reading chooses from."""
    return 2 * pattern.scheme.period * len(pattern.scheme.modes) * taps * hypotheses


def sync_scores(fold: NDArray[np.float32], pattern: Pattern) -> NDArray[np.float32]:
    """Return the sync statistic at each half slot of a fold, (2 period,)."""
    period, bands = pattern.scheme.period, pattern.scheme.bands
    phases = np.ascontiguousarray(fold.reshape(period, 2, bands).swapaxes(0, 1))
    spectrum = np.fft.rfft(phases, axis=1)
    squares = np.fft.rfft(phases * phases, axis=1)
    seen = np.fft.irfft((spectrum * pattern.sync_spectrum).sum(axis=2), period, axis=1)
    size = np.fft.irfft((squares * pattern.mask_spectrum).sum(axis=2), period, axis=1)
    scores = seen / np.sqrt(np.maximum(size, _TINY))
    return np.asarray(scores.T.ravel(), np.float32)


def _place(
    fold: NDArray[np.float32],
    offset: int,
    pattern: Pattern,
    *,
    sync_z: float,
    taps: tuple[float, ...],
) -> _Place:
    plane = np.roll(fold[offset % 2 :: 2], -(offset // 2), axis=0)
    return _Place(
        signed=plane * pattern.signs,
        square=plane * plane,
        sync_z=sync_z,
        offset=offset,
        taps=taps,
    )


def _trial(place: _Place, deal: Deal) -> _Trial:
    soft = np.add.reduceat(place.signed.ravel()[deal.order], deal.starts)
    size = np.add.reduceat(place.square.ravel()[deal.order], deal.starts)
    # Sizes, not squares: a closed loop makes the bits alike, which squares would not see.
    sizes = np.abs(soft) / np.sqrt(size + np.float32(_TINY))
    spread = (float(sizes.mean()) - _MEAN_SIZE) / _SIZE_DEVIATION * math.sqrt(len(soft))
    return _Trial(place=place, deal=deal, soft=soft, spread=spread)


def _decoded(trials: Sequence[_Trial], pattern: Pattern, attempts: int) -> list[Reading]:
    """Decode trials of one mode together."""
    frames = convolutional.decode(np.stack([t.soft for t in trials]), pattern.scheme.code)
    return [
        _judged(trial, framed, pattern, attempts)
        for trial, framed in zip(trials, frames, strict=True)
    ]


def _judged(trial: _Trial, framed: NDArray[np.uint8], pattern: Pattern, attempts: int) -> Reading:
    place, mode = trial.place, trial.deal.mode
    coded = float((trial.soft * code_signs(framed, pattern)).sum())
    code_z = coded / math.sqrt(float(place.square[~pattern.is_sync].sum()) + _TINY)
    agreed = coded + float(place.signed[pattern.is_sync].sum())
    z = agreed / math.sqrt(float(place.square.sum()) + _TINY)
    valid = is_valid(framed, mode)
    # Only frames whose checksum holds are reported: the union is over the payloads. What is told
    # of other frames as a trace is chosen from them all.
    bits = mode.payload_bits if valid else mode.frame_bits
    return Reading(
        mode=mode,
        framed=framed,
        valid=valid,
        z=z,
        sync_z=place.sync_z,
        offset=place.offset,
        taps=place.taps,
        log_p=log_p_bound(z, frame_bits=bits, attempts=attempts),
        log_wrong=log_p_bound(code_z, frame_bits=bits, attempts=_DECODINGS),
    )


def best_places(
    fold: NDArray[np.float32], pattern: Pattern, taps: tuple[float, ...]
) -> list[_Place]:
    """Return the best place of each phase of a fold."""
    wet = with_taps(fold, taps)
    scores = sync_scores(wet, pattern)
    places = [2 * int(scores[phase::2].argmax()) + phase for phase in (0, 1)]
    return [_place(wet, at, pattern, sync_z=float(scores[at]), taps=taps) for at in places]


def read_fold(
    fold: NDArray[np.float32],
    pattern: Pattern,
    *,
    taps: Sequence[tuple[float, ...]] = (DRY,),
    attempts: int,
) -> Reading | None:
    """
    Return the first valid and significant reading of a fold, or else its best one.

    Parameters
    ----------
    taps
        Tried in order; a reading that convinces ends the search.
    attempts
        Everything that this reading is chosen from (see `attempts_of`), for the bound.

    Returns
    -------
    Reading or None
        None when nothing in the fold is worth a decoding.
    """
    best: Reading | None = None
    for each in taps:
        places = [p for p in best_places(fold, pattern, each) if p.sync_z >= SYNC]
        trials = [_trial(p, deal_of(pattern, m)) for m in pattern.scheme.modes for p in places]
        for mode in sorted({t.deal.mode for t in trials}, key=lambda m: -_spread(trials, m)):
            worth = [t for t in trials if t.deal.mode == mode and t.spread >= SPREAD]
            for reading in _decoded(worth, pattern, attempts) if worth else ():
                best = reading if best is None or _rank(reading) > _rank(best) else best
            if best is not None and convincing(best, pattern):
                return best
    return best


def _spread(trials: Sequence[_Trial], mode: CodeMode) -> float:
    return max(trial.spread for trial in trials if trial.deal.mode == mode)


def _rank(reading: Reading) -> tuple[bool, float]:
    return reading.valid, -reading.log_p


def convincing(reading: Reading, pattern: Pattern) -> bool:
    """Say whether a reading may be reported as found."""
    sure = reading.valid and reading.log_wrong <= WRONG
    return sure and reading.log_p <= math.log(pattern.scheme.p_max)
