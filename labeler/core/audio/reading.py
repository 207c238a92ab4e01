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
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from labeler.core import convolutional
from labeler.core.audio.folding import with_taps
from labeler.core.audio.pattern import code_signs, correlate, deal_of, spectrum_of
from labeler.core.checksum import is_valid
from labeler.core.significance import log_p_bound


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.core.audio.pattern import Deal, Pattern
    from labeler.schemes import CodeMode


DRY: tuple[float, ...] = (1.0,)
WET = tuple(0.75**lag for lag in range(8))
"""Taps over half slots: a clean sound, and a room."""

NEAR = (0.6, 1.0, 0.6)
ROOM = tuple(0.75 ** (lag / 2) for lag in range(16))
FINE_TAPS = (NEAR, ROOM)
"""The same over quarter slots: neighbours hear the same tile with noise of their own."""

SYNC, SPREAD = 2.8, 1.0
"""Least sync statistic, and spread of the coded bits in deviations, worth a decoding."""

WRONG = math.log(1e-3)
"""
Most that the logarithm of the bound on a wrong message from a marked sound may be.

The bound overstates the chance z sqrt(2 pi) times, at the z of 11 and more that this asks for some
30 times; and a wrong message must pass the checksum as well.
"""

_DECODINGS = 64
"""Decodings made of one mark at most, more or less: what a wrong message is chosen from."""

_NUDGES, _NUDGE, _PRESENT = 32, np.float32(0.3), -4.0
"""Decodings of a mark that is there but does not check, how far each is off, and when."""

_NEARBY = np.hanning(23)[1:-1].astype(np.float32)
"""How much bands near by count in what a band is worth: ten to either side."""

_VARIED, _WORTH = 0.7, (np.float32(0.15), np.float32(3))
"""Deviation of the worth of bands, of its mean; its limits."""

_MEAN_SIZE, _SIZE_DEVIATION = math.sqrt(2 / math.pi), math.sqrt(1 - 2 / math.pi)
_TINY = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """
    One decoding of a fold.

    ``z`` is the statistic of the whole pattern, ``sync_z`` that of its sync tiles; ``offset`` the
    row of the fold where the pattern begins; ``log_p`` the logarithm of the bound.
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
class Place:
    """
    A place in a fold, turned so that its pattern begins at slot 0.

    ``signed``: (period, bands), times the keyed signs, weighted by `_weights`; ``square`` of it.
    """

    signed: NDArray[np.float32]
    square: NDArray[np.float32]
    sync_z: float
    offset: int
    taps: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Trial:
    """A place in a mode: soft coded bits, and how far they spread beyond chance."""

    place: Place
    deal: Deal
    soft: NDArray[np.float32]
    spread: float


def attempts_of(pattern: Pattern, *, taps: int = 1, hypotheses: int = 1) -> int:
    """
    Return how many places, modes, taps and hypotheses a reading chooses from.

    ``taps`` are counted over half slots; those over quarter slots count twice.
    """
    return 2 * pattern.scheme.period * len(pattern.scheme.modes) * taps * hypotheses


def sync_scores(fold: NDArray[np.float32], pattern: Pattern) -> NDArray[np.float32]:
    """Return the sync statistic at each row of a fold, (phases x period,)."""
    period, bands = pattern.scheme.period, pattern.scheme.bands
    phases = np.ascontiguousarray(fold.reshape(period, -1, bands).transpose(1, 2, 0))
    seen = correlate([spectrum_of(phase) for phase in phases], pattern.sync_spectrum)
    phases *= phases
    size = correlate([spectrum_of(phase) for phase in phases], pattern.mask_spectrum)
    scores = seen / np.sqrt(np.maximum(size, np.float32(_TINY)))
    return np.asarray(scores.T.ravel(), np.float32)


def place_at(
    fold: NDArray[np.float32],
    offset: int,
    pattern: Pattern,
    *,
    sync_z: float,
    taps: tuple[float, ...],
) -> Place:
    """Return the place of a fold, with these taps in it already, whose pattern begins at a row."""
    phases = len(fold) // pattern.scheme.period
    plane = np.roll(fold[offset % phases :: phases], -(offset // phases), axis=0)
    signed = plane * pattern.signs
    signed *= _weights(signed, pattern)
    return Place(
        signed=signed,
        square=signed * signed,
        sync_z=sync_z,
        offset=offset,
        taps=taps,
    )


def _weights(signed: NDArray[np.float32], pattern: Pattern) -> NDArray[np.float32]:
    """
    Return how much each tile counts, (period, bands): 1 in sync tiles, the band's worth in others.

    A band is worth what its sync tiles, and those of bands near by, say of the mark in it: codecs,
    noise and telephones spoil some bands and leave others. Weights look at sync tiles only and
    keep the squared sum of the code tiles, whose signs are independent; so the sum over all tiles
    has the bound of an unweighted one (given the sync signs, the sum over the code tiles has it).
    """
    sync = np.where(pattern.is_sync, signed, 0)
    seen, size = sync.sum(axis=0), (sync * sync).sum(axis=0)
    spread = np.float32(_TINY) + np.convolve(size, _NEARBY, "same")
    mean = max(float(seen.sum() / (size.sum() + _TINY)), _TINY)
    height = np.convolve(seen, _NEARBY, "same") / spread
    doubt = np.convolve(size, _NEARBY * _NEARBY, "same") / (spread * spread)
    varied = np.float32((_VARIED * mean) ** 2)
    worth = (height * varied + np.float32(mean) * doubt) / (varied + doubt + np.float32(_TINY))
    worth = np.clip(worth / np.float32(mean), *_WORTH)
    code = np.where(pattern.is_sync, 0, signed)
    before = float(np.vdot(code, code))
    code *= worth
    keep = math.sqrt(before / (float(np.vdot(code, code)) + _TINY))
    return np.where(pattern.is_sync, np.float32(1), worth * np.float32(keep))


def _trial(place: Place, deal: Deal) -> _Trial:
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
) -> list[Place]:
    """Return the best places of the two best phases of a fold."""
    wet = with_taps(fold, taps)
    scores = sync_scores(wet, pattern)
    phases = len(fold) // pattern.scheme.period
    places = [phases * int(scores[phase::phases].argmax()) + phase for phase in range(phases)]
    places.sort(key=lambda at: -scores[at])
    return [place_at(wet, at, pattern, sync_z=float(scores[at]), taps=taps) for at in places[:2]]


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
    best: tuple[Reading, _Trial] | None = None
    for each in taps:
        places = [p for p in best_places(fold, pattern, each) if p.sync_z >= SYNC]
        trials = [_trial(p, deal_of(pattern, m)) for m in pattern.scheme.modes for p in places]
        for mode in sorted({t.deal.mode for t in trials}, key=lambda m: -_spread(trials, m)):
            worth = [t for t in trials if t.deal.mode == mode and t.spread >= SPREAD]
            readings = _decoded(worth, pattern, attempts) if worth else []
            for reading, trial in zip(readings, worth, strict=True):
                if best is None or _rank(reading) > _rank(best[0]):
                    best = reading, trial
            if best is not None and convincing(best[0], pattern):
                return best[0]
    if best is None or best[0].log_p > _PRESENT:
        return best[0] if best else None
    return max([best[0], *_nudged(best[1], pattern, attempts)], key=_rank)


def _nudged(trial: _Trial, pattern: Pattern, attempts: int) -> list[Reading]:
    """
    Decode a trial again and again with its soft bits moved a little: a list decoder for the poor.

    The most likely frame of a weak mark is often wrong in a few bits; the right one is among the
    next, and the checksum knows it. Each is judged on the bits as they were read.
    """
    moves = _moves(len(trial.soft)) * (_NUDGE * trial.soft.std())
    frames = convolutional.decode(trial.soft + moves, pattern.scheme.code)
    return [_judged(trial, framed, pattern, attempts) for framed in np.unique(frames, axis=0)]


@lru_cache(maxsize=4)
def _moves(count: int) -> NDArray[np.float32]:
    """Return `_NUDGES` rows of noise, the same in every run."""
    moves = np.random.default_rng(0).standard_normal((_NUDGES, count), np.float32)
    moves.setflags(write=False)
    return moves


def _spread(trials: Sequence[_Trial], mode: CodeMode) -> float:
    return max(trial.spread for trial in trials if trial.deal.mode == mode)


def _rank(reading: Reading) -> tuple[bool, float]:
    return reading.valid, -reading.log_p


def convincing(reading: Reading, pattern: Pattern) -> bool:
    """Say whether a reading may be reported as found."""
    sure = reading.valid and reading.log_wrong <= WRONG
    return sure and reading.log_p <= math.log(pattern.scheme.p_max)
