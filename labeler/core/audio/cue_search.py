"""
Finding the rhythm cue, our own and those of others, by matched filters on envelopes (R-18).

A cue that stands in the clear shows twice: the level of one narrow band goes on and off in the
rhythm, and so does the level of the whole sound, because nothing else plays in the pauses. Both are
measured as the correlation of the amplitude with the on/off pattern, which neither gain nor steady
noise changes. The search runs over the whole level first, for every length of the unit and of the
letter gap, and looks into the bands only where that fits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.audio.cue import RHYTHM, Rhythm


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """
    What is looked for: ranges of unit (s), letter gap (units) and tone (Hz), and the thresholds.

    ``own_*`` bound what counts as our own cue, played up to 10 % too fast or too slow; the own
    threshold is lower, since far fewer sounds fall into those bounds. ``level`` is what the
    whole sound must reach before the bands are looked into.
    """

    units: tuple[float, float] = (0.057, 0.315)
    unit_step: float = 1.06
    gaps: tuple[float, ...] = (1.0, 1.6, 2.3, 3.0, 4.0)
    tones: tuple[float, float] = (280.0, 3500.0)
    whole: tuple[float, float] = (120.0, 6000.0)
    own_unit: tuple[float, float] = (0.104, 0.138)
    own_gap: tuple[float, float] = (2.5, 3.5)
    own_tone: tuple[float, float] = (770.0, 990.0)
    level: float = 0.5
    own_score: float = 0.75
    foreign_score: float = 0.85


SEARCH = Search()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """
    A rhythm that was found: begin of its first tone in seconds, its measured shape, its score.

    ``score`` is the smaller of ``band`` and ``level``, the correlations of the narrow band and of
    the whole sound with the pattern, at most 1.
    """

    begin: float
    rhythm: Rhythm
    band: float
    level: float
    own: bool

    @property
    def score(self) -> float:
        """The weaker of both correlations."""
        return min(self.band, self.level)

    @property
    def end(self) -> float:
        """End of the last tone in seconds."""
        return self.begin + self.rhythm.duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelopes:
    """Amplitudes (frames, bands) and of the whole sound (frames,), every `HOP` seconds."""

    bands: Floats
    whole: Floats
    tones: Doubles
    begin: float


HOP = 0.01
_WINDOW = 0.04
_PIECE = 60.0  # s
_OVERLAP = 6.0
_MARGIN = 0.7  # s of silence assumed before and behind the sound
_FINE = 6  # steps a unit of the first search
_BATCH = 1000
_ON = 6.0  # units of tone in the pattern
_REFINED = 8  # candidates a piece, our own and others each
_ROUNDS = 6
_GAPS = (0.8, 4.3)  # letter gaps in units that a rhythm may be measured at (R-18: 1 to 4)
_LETTER = 2  # the tone that opens the second letter
_FAINT = 0.5  # of the mean amplitude of the tones, below which one counts as missing
_FLOOR = 1e-4  # amplitude below which a rhythm is not audible, full scale 1
_AROUND = np.stack(np.meshgrid(*[(-1.0, 0.0, 1.0)] * 3), axis=-1).reshape(-1, 3)


def find_rhythms(samples: Floats, rate: int, search: Search = SEARCH) -> tuple[Heard, ...]:
    """
    Return every rhythm 短长 短短 that stands out, in order of time, none overlapping another.

    Memory does not grow with the length of the sound.

    Parameters
    ----------
    samples
        Float, (n,) or (n, channels).
    rate
        Samples a second, at least 4 kHz for the whole range of tones.
    search
        Ranges and thresholds.

    """
    pieces = each_piece(samples, rate, search)
    return thin_out(heard for envelopes in pieces for heard in rhythms_in(envelopes, search))


def rhythms_in(envelopes: Envelopes, search: Search = SEARCH) -> Iterator[Heard]:
    """Yield the rhythms of one piece that reach their threshold."""
    for heard in _best_of(envelopes, search):
        if heard.score >= (search.own_score if heard.own else search.foreign_score):
            yield heard


def thin_out(found: Iterable[Heard]) -> tuple[Heard, ...]:
    """Return the best of rhythms that overlap, in order of time; our own go before others."""
    return tuple(sorted(_apart(found), key=lambda heard: heard.begin))


def best_rhythm(samples: Floats, rate: int, search: Search = SEARCH) -> Heard | None:
    """Return what resembles the rhythm most, whatever its score: for measuring thresholds."""
    pieces = each_piece(samples, rate, search)
    heard = (heard for envelopes in pieces for heard in _best_of(envelopes, search))
    return max(heard, key=lambda heard: heard.score, default=None)


def _apart(found: Iterable[Heard]) -> list[Heard]:
    """Keep the best of rhythms that overlap, the best first."""
    kept: list[Heard] = []
    for heard in sorted(found, key=lambda heard: (heard.own, heard.score), reverse=True):
        if all(heard.end < other.begin or other.end < heard.begin for other in kept):
            kept.append(heard)
    return kept


def each_piece(samples: Floats, rate: int, search: Search = SEARCH) -> Iterator[Envelopes]:
    """Yield the envelopes of pieces of a minute that overlap by more than the longest label."""
    step, extra = round(_PIECE * rate), round(_OVERLAP * rate)
    for start in range(0, max(1, len(samples) - extra), step):
        piece = samples[start : start + step + extra]
        mono = piece if piece.ndim == 1 else piece.mean(axis=1, dtype=np.float32)
        yield measure_envelopes(mono, rate, search, begin=start / rate)


def measure_envelopes(
    mono: Floats, rate: int, search: Search = SEARCH, *, begin: float = 0.0
) -> Envelopes:
    """Return the amplitudes of narrow bands and of the whole sound, windows of 40 ms."""
    length = round(_WINDOW * rate)
    size = cv2.getOptimalDFTSize(length)
    window = np.hanning(length + 2)[1:-1].astype(np.float32)
    scale = np.float32(2 / window.sum())
    margin = round(_MARGIN * rate)
    padded = np.pad(np.nan_to_num(mono), (margin, margin + length))
    starts = np.round(np.arange(int((len(mono) + 2 * margin) / (HOP * rate))) * HOP * rate)
    starts = starts.astype(np.int64)
    hertz = np.arange(size // 2 + 1) * rate / size
    inside = (hertz >= search.tones[0]) & (hertz <= search.tones[1])
    audible = (hertz >= search.whole[0]) & (hertz <= search.whole[1])
    windows = np.lib.stride_tricks.sliding_window_view(padded, length)
    bands, whole = [], []
    for first in range(0, len(starts), _BATCH):
        frames = windows[starts[first : first + _BATCH]] * window
        power = (np.abs(np.fft.rfft(frames, size, axis=1)) * scale) ** 2
        bands.append(np.sqrt(power[:, inside]))
        whole.append(np.sqrt(power[:, audible].sum(axis=1)))
    return Envelopes(
        bands=np.concatenate(bands),
        whole=np.concatenate(whole),
        tones=hertz[inside],
        begin=begin - _MARGIN + _WINDOW / 2,
    )


def _best_of(envelopes: Envelopes, search: Search) -> Iterator[Heard]:
    """Yield the refined best rhythms of a piece, overlapping ones thinned out."""
    sums = _Sums.of(envelopes)
    whole = sums.only([len(envelopes.tones)])
    coarse = [
        heard
        for unit in _grid(search)
        for gap in search.gaps
        for heard in _candidates(envelopes, (sums, whole), Rhythm(unit=unit, gap=gap), search)
    ]
    for own in (True, False):
        pool = [heard for heard in coarse if not own or is_own(heard.rhythm, search)]
        for heard in _apart(pool)[:_REFINED]:
            yield _refine(envelopes, sums, heard, search)


def _grid(search: Search) -> Doubles:
    """Return the units looked for, in geometric steps, our own among them."""
    low, high = search.units
    down = math.floor(math.log(RHYTHM.unit / low) / math.log(search.unit_step))
    up = math.floor(math.log(high / RHYTHM.unit) / math.log(search.unit_step))
    return RHYTHM.unit * search.unit_step ** np.arange(-down, up + 1.0)


def is_own(rhythm: Rhythm, search: Search = SEARCH) -> bool:
    """Say whether a rhythm lies within the bounds of our own cue, 10 % of speed allowed."""
    return all(
        low <= value <= high
        for value, (low, high) in (
            (rhythm.unit, search.own_unit),
            (rhythm.gap, search.own_gap),
            (rhythm.tone, search.own_tone),
        )
    )


def _candidates(
    envelopes: Envelopes, both: tuple[_Sums, _Sums], pattern: Rhythm, search: Search
) -> Iterator[Heard]:
    """Yield the places where unit and gap of a pattern fit best, each with its best tone."""
    sums, whole = both
    unit = pattern.unit / HOP
    starts = np.arange(unit, len(envelopes.whole) - (pattern.units + 1) * unit, unit / _FINE)
    trials = np.stack([starts, *np.broadcast_arrays(unit, pattern.gap, starts)[:2]], axis=1)
    level = whole.fit(trials)[:, 0]
    peaks = np.flatnonzero(_is_peak(level, _FINE) & (level >= search.level))
    scores = sums.fit(trials[peaks])[:, :-1]
    for peak, row in zip(peaks, scores, strict=True):
        band = int(row.argmax())
        yield Heard(
            begin=envelopes.begin + float(starts[peak]) * HOP,
            rhythm=replace(pattern, tone=float(envelopes.tones[band])),
            band=float(row[band]),
            level=float(level[peak]),
            own=False,
        )


def _is_peak(values: Doubles, reach: int) -> NDArray[np.bool_]:
    """Say where a series is largest within ``reach`` elements to either side."""
    if not values.size:
        return np.zeros(0, bool)
    column = values.astype(np.float32)[:, None]
    largest = cv2.dilate(column, np.ones((2 * reach + 1, 1), np.uint8))
    return np.asarray(column >= largest)[:, 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """Running sums (frames + 1, bands and the whole) of amplitudes and of their squares."""

    plain: Doubles
    squared: Doubles

    @classmethod
    def of(cls, envelopes: Envelopes) -> _Sums:
        """Sum the amplitudes of every band and, as last column, of the whole sound."""
        amplitudes = np.concatenate([envelopes.bands, envelopes.whole[:, None]], axis=1)
        plain, squared = np.zeros((2, len(amplitudes) + 1, amplitudes.shape[1]))
        np.cumsum(amplitudes, axis=0, dtype=np.float64, out=plain[1:])
        np.cumsum(amplitudes**2, axis=0, dtype=np.float64, out=squared[1:])
        return cls(plain=plain, squared=squared)

    def only(self, columns: list[int]) -> _Sums:
        """Return the sums of some columns, packed."""
        return _Sums(plain=self.plain[:, columns], squared=self.squared[:, columns])

    def fit(self, trials: Doubles) -> Doubles:
        """
        Return the correlations (trials, columns) with patterns of (begin, unit, gap).

        Begin and unit are in frames, the gap in units; a unit of rest around the cue belongs to
        the pattern. What is steady does not count, nor what is below the floor of hearing.
        """
        plain, squared = self.plain, self.squared
        begin, unit, gap = trials.T
        on = np.zeros((len(trials), plain.shape[1]))
        for k, (start, long) in enumerate(Rhythm(gap=0.0).elements):
            first = begin + (start + gap * (k >= _LETTER)) * unit
            on += _between(plain, first, first + long * unit)
        first, length = begin - unit, (gap + 10) * unit
        mean = _between(plain, first, first + length) / length[:, None]
        power = _between(squared, first, first + length) / length[:, None]
        share = (_ON * unit / length)[:, None]
        covariance = on / length[:, None] - mean * share
        variance = np.maximum(power - mean**2, 0) + _FLOOR**2
        return np.asarray(covariance / np.sqrt(variance * share * (1 - share)))


def _between(sums: Doubles, first: Doubles, last: Doubles) -> Doubles:
    """Return what running sums gain between two fractional frames, held within the sound."""
    return _up_to(sums, last) - _up_to(sums, first)


def _up_to(sums: Doubles, at: Doubles) -> Doubles:
    """Return running sums up to fractional frames, held within the sound."""
    held = np.clip(at, 0, len(sums) - 1)
    index = np.minimum(held.astype(np.int64), len(sums) - 2)
    part = (held - index)[:, None]
    return np.asarray(sums[index] * (1 - part) + sums[index + 1] * part)


def _refine(envelopes: Envelopes, sums: _Sums, heard: Heard, search: Search) -> Heard:
    """Move begin, unit and gap to the best fit and measure the tone."""
    band = int(np.abs(envelopes.tones - heard.rhythm.tone).argmin())
    sums = sums.only([band, len(envelopes.tones)])
    unit = heard.rhythm.unit / HOP
    at = np.array([(heard.begin - envelopes.begin) / HOP, unit, heard.rhythm.gap])
    width = np.array([unit / _FINE, 0.03 * unit, 0.4])
    for _ in range(_ROUNDS):
        trials = at + _AROUND * width
        trials[:, 2] = np.clip(trials[:, 2], *_GAPS)
        at = trials[int(sums.fit(trials).sum(axis=1).argmax())]
        width = width / 1.6
    band_fit, level = sums.fit(at[None])[0] * _evenness(sums, at)
    rhythm = Rhythm(unit=float(at[1] * HOP), gap=float(at[2]), tone=_tone_at(envelopes, at, band))
    return Heard(
        begin=envelopes.begin + float(at[0]) * HOP,
        rhythm=rhythm,
        band=float(band_fit),
        level=float(level),
        own=is_own(rhythm, search),
    )


def _evenness(sums: _Sums, at: Doubles) -> float:
    """
    Return 1 when every unit of tone sounds, less when one of them is all but missing.

    A row of short tones otherwise resembles the rhythm: its rest falls into the long tone.
    """
    begin, unit, gap = at
    slots = [
        start + gap * (k >= _LETTER) + step
        for k, (start, long) in enumerate(Rhythm(gap=0.0).elements)
        for step in range(round(long))
    ]
    first = begin + np.array(slots) * unit
    means = _between(sums.plain, first, first + unit)[:, 0]
    return float(np.clip(means.min() / max(_FAINT * means.mean(), 1e-12), 0, 1))


def _tone_at(envelopes: Envelopes, at: Doubles, band: int) -> float:
    """Return the frequency of the long tone, between the bands, in hertz."""
    first, last = (int(at[0] + units * at[1]) for units in (2.2, 4.8))
    near = slice(max(0, band - 2), band + 3)
    power = (envelopes.bands[max(0, first) : last + 1, near] ** 2).sum(axis=0)
    tones = envelopes.tones[near]
    return float(power @ tones / power.sum()) if power.sum() > 0 else float(tones.mean())
