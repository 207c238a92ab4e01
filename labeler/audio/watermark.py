"""
The invisible mark of sound: put the payload into the samples (Measures art. 5, R-43, R-44).

Tiles of time and frequency between 300 and 7,300 Hz are raised or lowered by little, the same in
all channels; the sample count, the rate and digital silence stay as they are
(docs/formats/audio-v1.md). The mathematics is in `labeler.core.audio`, the reader in
`detectors.audio.watermark`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.core.audio.embedding import LATENCY, Embedder, mean_of
from labeler.core.audio.folding import FoldStream, mark_grid
from labeler.core.audio.gains import plan_of
from labeler.core.audio.pattern import pattern_of
from labeler.core.audio.reading import DRY, WET, attempts_of, convincing, read_fold
from labeler.errors import LayerFailed, MediaTooSmall, UnknownPolicy, UnsupportedMedia
from labeler.keys import DEFAULT_KEY, Key
from labeler.machine import plain
from labeler.payload import CARRIED_BITS
from labeler.schemes import AUDIO_V1


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from labeler.core.audio.reading import Reading
    from labeler.payload import Payload
    from labeler.schemes import CodeMode


__all__ = [
    "LATENCY",
    "PRESETS",
    "MarkReceipt",
    "StreamMarker",
    "check_samples",
    "embed_mark",
    "embed_stream",
    "mode_for",
]

PRESETS = {"subtle": 0.3, "quiet": 0.3, "default": 0.45, "robust": 0.55}
"""Named strengths: the correlation that the reader's feature is to reach (design, section 4)."""

QUIET = 17.5
"""
Decibels that the change of 3.84 s lies below the sound at least, at the default strength.

Synthetic vowels stand alone in frequency: without this they would take the loudest change of all.
"""

SECONDS_FOR = {64: 5.0, 48: 4.0, 32: 3.0, 16: 2.0}
"""Least seconds of sound for a payload of so many bits to survive MP3 at 64 kbit/s."""

RATES = (8_000, 192_000)
"""Lowest and highest sample rate that can be marked."""

CHANNELS = 8
"""Most channels."""

SAFE_Z = {64: 17.0, 48: 15.5, 32: 13.5, 16: 11.0}
"""The statistic at which a message of so many bits decodes, with little doubt."""

FRAGILE_DB, SURE_DB = 2.0, 6.0
"""Margins over `SAFE_Z` that are little, and that are enough for MP3 64k and a small room."""

_STRONGEST = 0.6
_LOUDEST = 64.0
_CHUNK_SECONDS = 10
_LEAST_USABLE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReceipt:
    """
    What was put into one sound.

    ``bits`` of the payload that were carried (64, or 48, 32, 16 in short sounds); ``strength`` as
    asked for, ``tau`` its number; ``usable_seconds`` the sound's length times the share of tiles
    that could be marked; ``snr_db`` of the sound to the change, None when nothing changed.
    ``self_check`` is the statistic with which the mark was read back, None when it was not, and
    ``margin_db`` its distance to what a message needs; ``note`` says when the mark is weak.
    """

    scheme: str
    mode: str
    bits: int
    key: str
    strength: str
    tau: float
    usable_seconds: float
    snr_db: float | None
    self_check: float | None = None
    margin_db: float | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as it stands under ``layers.watermark`` in the machine output."""
        return plain(self, tau=3, usable_seconds=2, snr_db=2, self_check=2, margin_db=2)


def embed_mark(
    samples: NDArray[np.float32],
    rate: int,
    payload: Payload,
    *,
    key: Key = DEFAULT_KEY,
    strength: str | float = "default",
    self_check: bool = True,
) -> tuple[NDArray[np.float32], MarkReceipt]:
    """
    Return the marked samples, a new array of the same shape, and the receipt.

    Parameters
    ----------
    samples
        (n, channels) or (n,), float32 with full scale 1.0. Sound that keeps within full scale is
        kept within it.
    strength
        A name of `PRESETS`, or the correlation to reach, up to 0.6; 0 changes nothing.
    self_check
        Read the mark back, after rounding to 16 bits, before returning (R-41); a sound that does
        not hold a payload gets a shorter one. False is for callers that read the encoded sound
        back themselves.

    Raises
    ------
    UnsupportedMedia
        Another shape or dtype, a rate outside `RATES`, numbers that are no samples.
    MediaTooSmall
        Shorter than two seconds.
    LayerFailed
        Silent, or the mark does not read back, as in single tones.
    UnknownPolicy
        No such strength.
    """
    check_samples(samples, rate)
    whole = samples[:, None] if samples.ndim == 1 else samples
    mode = mode_for(len(whole) / rate)
    tau = _tau_of(strength)
    modes = [m for m in AUDIO_V1.modes if m.payload_bits <= mode.payload_bits]
    for tried in modes if self_check and tau else modes[:1]:
        marker = StreamMarker(
            rate,
            whole.shape[1],
            payload,
            key=key,
            strength=strength,
            bits=tried.payload_bits,
            self_check=self_check,
        )
        out = np.empty_like(whole)
        done = 0
        for part in _through(marker, whole, _CHUNK_SECONDS * rate):
            out[done : done + len(part)] = part
            done += len(part)
        if marker.holds:
            return out.reshape(samples.shape), marker.receipt()
    raise LayerFailed(_refusal(marker))


def embed_stream(
    chunks: Iterable[NDArray[np.float32]],
    rate: int,
    payload: Payload,
    *,
    channels: int = 1,
    key: Key = DEFAULT_KEY,
    strength: str | float = "default",
    bits: int = 64,
) -> Iterator[NDArray[np.float32]]:
    """
    Yield the marked samples of chunks (n, channels), `LATENCY` seconds late at most.

    For text-to-speech pipelines and files of hours: constant memory, and the same samples however
    the sound is cut. Nothing is checked at the end; take a `StreamMarker` for a receipt. Raises as
    `embed_mark`, but for the length, which nobody knows yet.
    """
    marker = StreamMarker(
        rate, channels, payload, key=key, strength=strength, bits=bits, self_check=False
    )
    for chunk in chunks:
        out = marker.push(chunk)
        if len(out):
            yield out
    yield marker.finish()


class StreamMarker:
    """
    Marks one sound chunk by chunk: `push` samples, `finish`, then take the `receipt`.

    `push` returns marked samples, at most `LATENCY` seconds late; together with `finish` they are
    exactly as many as were taken. ``bits`` is one of 16, 32, 48, 64; for the choice by duration see
    `mode_for`.
    """

    __slots__ = (
        "_check",
        "_embedder",
        "_energy",
        "_key",
        "_late",
        "_mode",
        "_noise",
        "_pattern",
        "_payload",
        "_peak",
        "_rate",
        "_reading",
        "_shape",
        "_strength",
    )

    def __init__(
        self,
        rate: int,
        channels: int,
        payload: Payload,
        *,
        key: Key = DEFAULT_KEY,
        strength: str | float = "default",
        bits: int = 64,
        self_check: bool = True,
    ) -> None:
        """Begin before the first sample. Raises as `embed_mark`."""
        if bits not in CARRIED_BITS:
            raise UnknownPolicy(f"{bits} bits are none of {', '.join(map(str, CARRIED_BITS))}")
        _check_form(channels, rate)
        tau = _tau_of(strength)
        self._mode = AUDIO_V1.mode_of(min(bits, payload.bits))
        self._pattern = pattern_of(AUDIO_V1, key.subkey(AUDIO_V1.name))
        self._payload = payload.to_bits()[: self._mode.payload_bits]
        plan = plan_of(self._pattern, self._payload, self._mode, tau, quiet=_quiet_of(tau))
        self._embedder = Embedder(rate, channels, plan)
        grid = mark_grid(rate, AUDIO_V1)
        self._check = FoldStream(grid, AUDIO_V1.period) if self_check and tau else None
        self._rate, self._shape = rate, channels
        self._key, self._strength = key.name, strength
        self._late: list[NDArray[np.float32]] = []
        self._energy = self._noise = 0.0
        self._peak = 0.0
        self._reading: Reading | None = None

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take samples (n, channels), or (n,) of one channel; return those that are ready."""
        chunk = samples[:, None] if samples.ndim == 1 else samples
        if chunk.shape[1:] != (self._shape,):
            raise UnsupportedMedia(
                f"a chunk of shape {samples.shape} in a stream of {self._shape} channels"
            )
        _check_values(chunk)
        self._late.append(chunk)
        return self._out(self._embedder.push(chunk))

    def finish(self) -> NDArray[np.float32]:
        """Return the rest."""
        out = self._out(self._embedder.finish())
        if self._check is not None:
            attempts = attempts_of(self._pattern, taps=2)
            fold = self._check.finish()
            self._reading = read_fold(fold, self._pattern, taps=(DRY, WET), attempts=attempts)
        return out

    @property
    def holds(self) -> bool:
        """Say, after `finish`, whether the mark reads back or nobody asked."""
        reading = self._reading
        if self._check is None:
            return True
        return (
            reading is not None
            and convincing(reading, self._pattern)
            and reading.payload == self._payload
        )

    @property
    def usable_seconds(self) -> float:
        """The seconds marked so far times the share of tiles that could be marked."""
        return self._embedder.used * AUDIO_V1.slot / AUDIO_V1.bands

    def receipt(self) -> MarkReceipt:
        """Return, after `finish`, what was done."""
        z = self._reading.z if self._reading is not None and self.holds else None
        margin = None if z is None else 20 * math.log10(z / SAFE_Z[self._mode.payload_bits])
        changed = self._noise > 0
        return MarkReceipt(
            scheme=AUDIO_V1.name,
            mode=str(self._mode.payload_bits),
            bits=self._mode.payload_bits,
            key=self._key,
            strength=str(self._strength),
            tau=_tau_of(self._strength),
            usable_seconds=self.usable_seconds,
            snr_db=10 * math.log10(self._energy / self._noise) if changed else None,
            self_check=z,
            margin_db=margin,
            note=_note(margin, self.usable_seconds),
        )

    def _out(self, marked: NDArray[np.float32]) -> NDArray[np.float32]:
        """Keep within full scale, measure the change, and feed the self-check."""
        before = self._taken(len(marked))
        self._peak = max(self._peak, _peak(before))
        if self._peak <= 1:
            np.clip(marked, -1, 1, out=marked)
        change = marked - before
        self._energy += float(np.vdot(before, before))
        self._noise += float(np.vdot(change, change))
        if self._check is not None and len(marked):
            rounded = mean_of(marked) * np.float32(32768)
            np.rint(rounded, out=rounded)
            rounded *= np.float32(1 / 32768)
            self._check.push(rounded)
        return marked

    def _taken(self, count: int) -> NDArray[np.float32]:
        """Return the next samples as they were before."""
        held = np.concatenate([np.empty((0, self._shape), np.float32), *self._late])
        self._late = [held[count:]]
        return held[:count]


def mode_for(seconds: float) -> CodeMode:
    """
    Return the mode for a sound of this length (design audio-v1, section 3).

    Raises `MediaTooSmall` below two seconds.
    """
    for mode in AUDIO_V1.modes:
        if seconds >= SECONDS_FOR[mode.payload_bits]:
            return mode
    raise MediaTooSmall(
        f"{seconds:.2f} s of sound are too little for the invisible mark (at least "
        f"{SECONDS_FOR[16]:g} s); rely on the audible label and the metadata"
    )


def check_samples(samples: NDArray[np.float32], rate: int) -> None:
    """
    Raise `UnsupportedMedia` for what has not the form of sound, `MediaTooSmall` for nothing at all.

    The numbers themselves are checked as they go through a `StreamMarker`.
    """
    if samples.dtype != np.float32:
        raise UnsupportedMedia(f"samples of type {samples.dtype}; use float32 with full scale 1.0")
    if samples.ndim not in {1, 2}:
        raise UnsupportedMedia(
            f"samples of shape {samples.shape} are no sound; use (n, channels) or (n,)"
        )
    if not len(samples):
        raise MediaTooSmall("the sound has no samples")
    _check_form(1 if samples.ndim == 1 else samples.shape[1], rate)


def _check_form(channels: int, rate: int) -> None:
    if not 1 <= channels <= CHANNELS:
        raise UnsupportedMedia(f"{channels} channels; sound has 1 to {CHANNELS}")
    if not RATES[0] <= rate <= RATES[1]:
        raise UnsupportedMedia(
            f"a sample rate of {rate} Hz; the invisible mark needs {RATES[0]} to {RATES[1]} Hz"
        )


def _peak(samples: NDArray[np.float32]) -> float:
    """Return the largest magnitude, NaN when any sample is NaN."""
    return float(np.maximum(samples.max(), -samples.min())) if samples.size else 0.0


def _check_values(samples: NDArray[np.float32]) -> None:
    if not _peak(samples) <= _LOUDEST:  # a NaN fails every comparison
        raise UnsupportedMedia(
            "the samples hold NaN, infinity or numbers far beyond full scale 1.0; repair them first"
        )


def _through(
    marker: StreamMarker, samples: NDArray[np.float32], step: int
) -> Iterator[NDArray[np.float32]]:
    for at in range(0, len(samples), step):
        yield marker.push(samples[at : at + step])
    yield marker.finish()


def _quiet_of(tau: float) -> float:
    """Return the decibels below the sound that a strength keeps: 17.5 for the default."""
    return QUIET + 20 * math.log10(PRESETS["default"] / tau) if tau else 0.0


def _tau_of(strength: str | float) -> float:
    if isinstance(strength, str):
        if strength not in PRESETS:
            raise UnknownPolicy(f"strength {strength!r} is none of {', '.join(PRESETS)}")
        return PRESETS[strength]
    if not 0 <= strength <= _STRONGEST:
        raise UnknownPolicy(f"strength {strength} is outside 0..{_STRONGEST:g}")
    return float(strength)


def _note(margin: float | None, usable: float) -> str:
    """Return what the receipt has to say about the margin."""
    if margin is not None and margin < FRAGILE_DB:
        return "fragile: the mark reads back, but may not survive a recompression"
    if usable < _LEAST_USABLE and margin is not None:
        return f"little of this sound could be marked ({usable:.1f} s of it)"
    if margin is not None and margin < SURE_DB:
        return "the mark may not survive being played in a room, or cutting"
    return ""


def _refusal(marker: StreamMarker) -> str:
    """Return why no mark of this sound reads back."""
    rest = "rely on the audible label and the metadata"
    if marker.usable_seconds == 0:
        return f"the sound is silent between 300 and 7,300 Hz and holds no invisible mark; {rest}"
    return (
        "the invisible mark does not read back from this sound, which has too little between 300 "
        f"and 7,300 Hz (single tones, bass, clicks, mostly silence); {rest}"
    )
