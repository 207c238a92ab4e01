"""
Reading the invisible mark of sound (R-45): the twin of `labeler.audio.watermark`.

Blind: no original, no start, no length. What is found is stated with a rigorous bound on the chance
of such a reading from sound that carries no mark of the key (docs/formats/audio-v1.md, section 8).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from detectors.evidence import WatermarkEvidence
from labeler.audio.watermark import CHANNELS, RATES
from labeler.core.audio.embedding import mean_of
from labeler.core.audio.folding import CHUNK_SECONDS, fine_fold, fold_sound
from labeler.core.audio.locating import Locator
from labeler.core.audio.pattern import pattern_of
from labeler.core.audio.reading import (
    DRY,
    FINE_TAPS,
    ROOM,
    WET,
    Reading,
    attempts_of,
    convincing,
    read_fold,
)
from labeler.core.audio.search import HYPOTHESES, Change, search
from labeler.errors import InvalidKey, UnknownPolicy, UnsupportedMedia
from labeler.keys import DEFAULT_KEY, Key
from labeler.payload import from_bits
from labeler.schemes import AUDIO_V1


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from labeler.core.audio.locating import Track
    from labeler.core.audio.pattern import Pattern
    from labeler.payload import Payload


Depth = Literal["plain", "fast", "standard", "deep"]

EXCERPT_SECONDS = 16.0
"""How much of a long sound is searched for changes of speed, tempo and pitch: the loudest part."""

_SMALLEST_P = 1e-300
_NOTHING = "no mark of these keys was seen; that never means a human made it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """
    A stretch of a recording that carries one mark: ``start`` and ``end`` in seconds.

    ``bits`` of the payload were read; ``mark_id`` and ``status`` are theirs; ``p_value`` bounds the
    chance of such a reading anywhere in the recording without the mark; ``z`` is its statistic.
    """

    start: float
    end: float
    bits: int
    mark_id: str
    status: int
    key: str
    p_value: float
    z: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    reading: Reading
    key: Key
    change: Change | None = None


def read_mark(
    samples: NDArray[np.float32],
    rate: int,
    *,
    keys: Sequence[Key] = (DEFAULT_KEY,),
    depth: Depth = "standard",
) -> WatermarkEvidence:
    """
    Return what stands in the sound under the first key that reads, or that nothing was found.

    Parameters
    ----------
    samples
        (n, channels) or (n,), float32 with full scale 1.0; what is no number counts as silence.
    keys
        Tried in order; each counts in the bound.
    depth
        ``plain`` reads the sound as it is; ``fast`` looks closer, also at what a room has smeared;
        ``standard`` also what was played up to 6 per cent faster, slower, higher or lower;
        ``deep`` also looks for marked stretches and says in ``detail`` which seconds they are.

    Returns
    -------
    WatermarkEvidence
        ``p_value`` is the bound of the best reading over all that this depth tries, at most 1.
        Without ``found`` a value below 1 says that a mark of that key seems to be there but its
        message does not check. ``agrees_with_metadata`` stays None: it is not known here.

    Raises
    ------
    UnsupportedMedia
        Another shape or dtype, or a sample rate outside `labeler.audio.watermark.RATES`.
    InvalidKey
        No key at all.
    UnknownPolicy
        No such depth.
    """
    _check(samples, rate, keys, depth)
    sound = _mono(samples)
    best: _Found | None = None
    for found in _readings(sound, rate, keys, depth):
        best = found if best is None or _rank(found) > _rank(best) else best
        if convincing(best.reading, _pattern(best.key)):
            break
    segments = locate_marks(sound, rate, keys=keys) if depth == "deep" else ()
    return _evidence(best, segments)


def read_long_mark(
    blocks: Iterable[NDArray[np.float32]], rate: int, *, keys: Sequence[Key] = (DEFAULT_KEY,)
) -> WatermarkEvidence:
    """
    Return what stands anywhere in a recording of hours, given in blocks (n, channels).

    Its windows are read as `locate_marks` does; changes of speed are not looked for. Raises as
    `read_mark`.
    """
    return _evidence(None, locate_marks(blocks, rate, keys=keys))


def locate_marks(
    sound: NDArray[np.float32] | Iterable[NDArray[np.float32]],
    rate: int,
    *,
    keys: Sequence[Key] = (DEFAULT_KEY,),
) -> tuple[Segment, ...]:
    """
    Return the stretches of a recording that carry a mark, in order of time.

    ``sound`` is samples (n, channels) or (n,), or an iterable of such chunks: recordings of hours
    are read in constant memory. Two marks that follow each other are two segments, each with its
    own mark id. Raises as `read_mark`.
    """
    whole = isinstance(sound, np.ndarray)
    chunks = _cut(sound, CHUNK_SECONDS * rate) if isinstance(sound, np.ndarray) else sound
    _check(sound if isinstance(sound, np.ndarray) else None, rate, keys, "deep")
    locators = [Locator(rate, _pattern(key)) for key in keys]
    for chunk in chunks:
        if not whole:
            _check(chunk, rate, keys, "deep")
        mono = _mono(chunk)
        for locator in locators:
            locator.push(mono)
    most = math.log(AUDIO_V1.p_max)
    segments = [
        _segment(track, key, len(keys))
        for key, locator in zip(keys, locators, strict=True)
        for track in locator.finish()
        if track.reading.log_p + math.log(len(keys)) <= most
    ]
    return tuple(sorted(segments, key=lambda segment: segment.start))


def _readings(
    sound: NDArray[np.float32], rate: int, keys: Sequence[Key], depth: Depth
) -> Iterator[_Found]:
    """Yield the readings of one depth: all keys as the sound is, then all keys changed."""
    searched = depth in {"standard", "deep"}
    # Half of the chance of a false reading is given to the sound as it is, half to the changes.
    half = len(keys) * (2 if searched else 1)
    taps = 1 if depth == "plain" else 1 + 2 * len(FINE_TAPS)
    attempts = attempts_of(_pattern(keys[0]), taps=taps) * half
    fold = fold_sound(sound, rate, AUDIO_V1)
    yield from _as_it_is(fold, keys, (DRY,), attempts)
    if depth == "plain":
        return
    yield from _as_it_is(fine_fold(fold, sound, rate, AUDIO_V1), keys, FINE_TAPS, attempts)
    if not searched:
        return
    part = _excerpt(sound, rate)
    for key in keys:
        changed = search(part, rate, _pattern(key), attempts=attempts * HYPOTHESES)
        if changed is not None:
            yield _Found(reading=changed[0], key=key, change=changed[1])


def _as_it_is(
    fold: NDArray[np.float32],
    keys: Sequence[Key],
    taps: Sequence[tuple[float, ...]],
    attempts: int,
) -> Iterator[_Found]:
    """Yield the reading of each key in a fold of the sound, unchanged."""
    for key in keys:
        reading = read_fold(fold, _pattern(key), taps=taps, attempts=attempts)
        if reading is not None:
            yield _Found(reading=reading, key=key)


def _pattern(key: Key) -> Pattern:
    return pattern_of(AUDIO_V1, key.subkey(AUDIO_V1.name))


def _rank(found: _Found) -> tuple[bool, float]:
    return found.reading.valid, -found.reading.log_p


def _mono(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of the channels; when they cancel each other, the loudest one."""
    if samples.ndim == 1 or samples.shape[1] == 1:
        mono = samples.reshape(-1)
    else:
        mono = mean_of(samples)
        powers = np.einsum("nc,nc->c", samples, samples)
        if float(np.vdot(mono, mono)) < 0.01 * float(powers.max(initial=0.0)):
            mono = samples[:, int(powers.argmax())]
    if np.isfinite(mono).all():
        return np.asarray(mono, np.float32)
    return np.nan_to_num(mono, nan=0.0, posinf=0.0, neginf=0.0)


def _cut(samples: NDArray[np.float32], step: int) -> Iterator[NDArray[np.float32]]:
    for at in range(0, len(samples), step):
        yield samples[at : at + step]


def _excerpt(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Return the loudest `EXCERPT_SECONDS` of a sound, to half a second."""
    length, step = int(EXCERPT_SECONDS * rate), rate // 2
    if len(sound) <= length:
        return sound
    whole = sound[: len(sound) // step * step].reshape(-1, step)
    power = np.cumsum(np.concatenate([[0.0], np.einsum("rs,rs->r", whole, whole)]))
    count = length // step
    start = int(np.argmax(power[count:] - power[:-count])) * step
    return sound[start : start + length]


def _check(samples: NDArray[np.float32] | None, rate: int, keys: Sequence[Key], depth: str) -> None:
    if depth not in get_args(Depth):
        raise UnknownPolicy(f"depth {depth!r} is none of {', '.join(get_args(Depth))}")
    if not keys:
        raise InvalidKey("no key to read with; pass at least labeler.keys.DEFAULT_KEY")
    if not RATES[0] <= rate <= RATES[1]:
        raise UnsupportedMedia(f"a sample rate of {rate} Hz; sound has {RATES[0]} to {RATES[1]} Hz")
    if samples is None:
        return
    channels = samples.shape[1] if samples.ndim > 1 else 1
    if samples.dtype != np.float32 or samples.ndim not in {1, 2} or not 1 <= channels <= CHANNELS:
        raise UnsupportedMedia(
            f"{samples.dtype} of shape {samples.shape} is no sound; use float32 (n, channels)"
        )


def _payload_of(reading: Reading) -> Payload:
    return from_bits(reading.payload)


def _p_value(log_p: float) -> float:
    """Return the bound as a number that every JSON reader can tell from zero."""
    return max(math.exp(min(log_p, 0.0)), _SMALLEST_P)


def _segment(track: Track, key: Key, keys: int) -> Segment:
    payload = _payload_of(track.reading)
    return Segment(
        start=track.start * AUDIO_V1.slot,
        end=track.end * AUDIO_V1.slot,
        bits=payload.bits,
        mark_id=payload.mark_hex,
        status=payload.status,
        key=key.name,
        p_value=_p_value(track.reading.log_p + math.log(keys)),
        z=track.reading.z,
    )


def _evidence(best: _Found | None, segments: tuple[Segment, ...]) -> WatermarkEvidence:
    if best is not None and convincing(best.reading, _pattern(best.key)):
        reading, payload = best.reading, _payload_of(best.reading)
        return WatermarkEvidence(
            scheme=AUDIO_V1.name,
            found=True,
            p_value=_p_value(reading.log_p),
            bits=payload.bits,
            mark_id=payload.mark_hex,
            status=payload.status,
            key=best.key.name,
            detail=f"z {reading.z:.1f}{_how(best)}{_where(segments)}",
        )
    if segments:
        first = segments[0]
        return WatermarkEvidence(
            scheme=AUDIO_V1.name,
            found=True,
            p_value=first.p_value,
            bits=first.bits,
            mark_id=first.mark_id,
            status=first.status,
            key=first.key,
            detail=f"z {first.z:.1f}{_where(segments)}",
        )
    seen = best is not None and best.reading.log_p < 0
    if best is None or not seen:
        return WatermarkEvidence(scheme=AUDIO_V1.name, found=False, p_value=1.0, detail=_NOTHING)
    return WatermarkEvidence(
        scheme=AUDIO_V1.name,
        found=False,
        p_value=_p_value(best.reading.log_p),
        key=best.key.name,
        detail=f"traces of a mark (z {best.reading.z:.1f}), but its message does not check",
    )


def _how(found: _Found) -> str:
    words = ", smeared as by a room" if found.reading.taps in (WET, ROOM) else ""
    change = found.change
    if change is None:
        return words
    return f"{words}, played {change.tempo:.3f} times as fast and {change.pitch:.3f} times as high"


def _where(segments: tuple[Segment, ...]) -> str:
    if not segments:
        return ""
    places = ", ".join(f"{s.start:.1f} to {s.end:.1f} s ({s.mark_id})" for s in segments[:20])
    more = f" and {len(segments) - 20} more" if len(segments) > 20 else ""
    return f"; marked from {places}{more}"
