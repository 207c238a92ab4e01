"""
The audible label: the rhythm 短长 短短 or a spoken prompt, set into sound (R-14..R-17).

The label is put between the samples of the programme, never over them: it plays in the clear, at
the programme's own loudness, with rest around it, and every sample of the programme stays as it was
(GB 45438-2025 5.3 d; R-15). Rate, channels and type of the samples are kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.audio.pace import is_normal_pace, pace_of
from labeler.audio.prompts import prompt_at, shipped_prompt
from labeler.core.audio.cue import RHYTHM, render_rhythm
from labeler.core.audio.loudness import integrated_loudness
from labeler.errors import CorruptMedia, MediaTooSmall, UnknownPolicy, UnsupportedMedia
from labeler.machine import plain
from labeler.texts import check_text


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.audio.prompts import Prompt

    Floats = NDArray[np.float32]

KINDS = ("rhythm", "voice")
POSITIONS = ("start", "middle", "end")
RHYTHM_TEXT = "短长 短短"
"""How the standard writes the rhythm (5.3 c)."""

PAUSE = 0.3
"""Seconds of silence before and behind the label, at least."""

LEVELS = (-6.0, 0.0)
"""Loudness of the label relative to the programme in LU that may be asked for (R-17)."""

_QUIETEST, _USUAL = -40.0, -23.0  # LUFS of a label in a very quiet and in a silent programme
_PEAK = 0.89  # -1 dBFS
_LOWEST_RATE = 4000
_QUIET = 0.2  # s of the moment that is looked for
_STEP = 0.01
_FAR = 6.0  # dB that a moment at the end of its range must be quieter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AudiblePlan:
    """
    What goes where: ``clip`` float32 (n,), level set, into ``cuts``, sample numbers before which.

    Loudness is in LUFS, ``-inf`` for a silent programme; ``gain_db`` is that on the clip as it was
    rendered or recorded.
    """

    kind: str
    text: str
    lang: str
    clip: Floats
    rate: int
    cuts: tuple[int, ...]
    gain_db: float
    programme_lufs: float
    label_lufs: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AudibleReceipt:
    """
    What was inserted: begins of the label in the result and its length, in seconds.

    ``unit`` and ``tone`` are those of the rhythm, ``pace`` the characters a minute of a voice.
    """

    kind: str
    text: str
    lang: str
    positions: tuple[float, ...]
    seconds: float
    gain_db: float
    programme_lufs: float | None
    label_lufs: float
    unit: float | None = None
    tone: float | None = None
    pace: float | None = None
    warnings: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt of the layer as the machine output of ``apply`` has it."""
        return plain(self)


def plan_label(
    samples: NDArray[Any],
    rate: int,
    *,
    kind: str = "rhythm",
    positions: Sequence[str | float] = ("start",),
    prompt: Prompt | None = None,
    lang: str = "zh",
    level: float = 0.0,
) -> AudiblePlan:
    """
    Choose the places of the label and match its loudness to the programme's (R-15, R-17).

    Parameters
    ----------
    samples
        Float or signed integer, (n,) or (n, channels).
    rate
        Samples a second, from 4 kHz on.
    kind
        One of `KINDS`.
    positions
        Any of `POSITIONS`, and seconds near which the label is to stand. ``middle`` and seconds
        take a quiet moment near there.
    prompt
        The spoken label; None for the shipped one of ``lang``.
    lang
        Language of the shipped prompt.
    level
        Loudness of the label relative to the programme, within `LEVELS`.

    Raises
    ------
    UnknownPolicy
        A kind, position or level that is not offered.
    InvalidLabel
        A spoken text that does not name both elements (R-01).
    UnsupportedMedia, MediaTooSmall, CorruptMedia
        A rate below 4 kHz, no samples, samples that are no numbers.
    """
    _check(samples, rate, kind, level)
    cuts = tuple(sorted({_cut(samples, rate, position) for position in positions}))
    if not cuts:
        raise UnknownPolicy(f"no position is given: use {', '.join(POSITIONS)} or seconds")
    if kind == "voice":
        prompt = prompt or shipped_prompt(lang)
        clip, text, lang, warnings = _voice(prompt, rate)
    else:
        clip, text, warnings = render_rhythm(rate), RHYTHM_TEXT, ()
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    programme = integrated_loudness(_as_floats(samples), rate)
    own = integrated_loudness(_spread(clip, channels), rate)
    gain, limited = _gain(programme + level, own, float(np.abs(clip).max()))
    return AudiblePlan(
        kind=kind,
        text=text,
        lang=lang,
        clip=clip * np.float32(gain),
        rate=rate,
        cuts=cuts,
        gain_db=20 * math.log10(gain),
        programme_lufs=programme,
        label_lufs=own + 20 * math.log10(gain),
        warnings=warnings + limited,
    )


def insert_label(
    samples: NDArray[Any], rate: int, plan: AudiblePlan
) -> tuple[NDArray[Any], AudibleReceipt]:
    """
    Insert the label of a plan; samples around it stay bit for bit (R-15).

    Returns
    -------
    tuple
        The longer sound, same type and channels; the receipt.

    """
    if rate != plan.rate or (plan.cuts and plan.cuts[-1] > len(samples)):
        raise ValueError("the plan was made for another sound")
    pause = math.ceil(PAUSE * rate)
    piece = _typed(np.pad(plan.clip, pause), samples)
    parts, last = [], 0
    for cut in plan.cuts:
        parts += [samples[last:cut], piece]
        last = cut
    return np.concatenate([*parts, samples[last:]]), receipt_of(plan)


def receipt_of(plan: AudiblePlan) -> AudibleReceipt:
    """Return the receipt of the label of a plan, which says where it plays once inserted."""
    rate, pause = plan.rate, math.ceil(PAUSE * plan.rate)
    longer = len(plan.clip) + 2 * pause
    positions = [
        round((cut + number * longer + pause) / rate, 3) for number, cut in enumerate(plan.cuts)
    ]
    seconds = len(plan.clip) / rate
    spoken = plan.kind == "voice"
    return AudibleReceipt(
        kind=plan.kind,
        text=plan.text,
        lang=plan.lang,
        positions=tuple(positions),
        seconds=round(seconds, 3),
        gain_db=round(plan.gain_db, 1),
        programme_lufs=round(plan.programme_lufs, 1) if plan.programme_lufs > -math.inf else None,
        label_lufs=round(plan.label_lufs, 1),
        unit=None if spoken else RHYTHM.unit,
        tone=None if spoken else RHYTHM.tone,
        pace=round(pace_of(plan.text, seconds), 0) if spoken and plan.text else None,
        warnings=plan.warnings,
    )


def _check(samples: NDArray[Any], rate: int, kind: str, level: float) -> None:
    """Raise for what cannot be labelled or is not offered."""
    if kind not in KINDS:
        raise UnknownPolicy(f"no audible label {kind!r}: use {' or '.join(KINDS)}")
    if not LEVELS[0] <= level <= LEVELS[1]:
        raise UnknownPolicy(f"a label level of {level:g} LU: use {LEVELS[0]:g} to {LEVELS[1]:g}")
    if rate < _LOWEST_RATE:
        raise UnsupportedMedia(f"sound at {rate} Hz: the audible label needs {_LOWEST_RATE} Hz")
    if not samples.size:
        raise MediaTooSmall("the sound has no samples to label")
    if samples.dtype.kind == "f" and not np.isfinite(samples).all():
        raise CorruptMedia("the sound has samples that are no numbers")


def _voice(prompt: Prompt, rate: int) -> tuple[Floats, str, str, tuple[str, ...]]:
    """Return the clip at the rate, its text and language, and what is wrong with its pace."""
    warnings: tuple[str, ...] = ()
    if prompt.text:
        check_text(prompt.text, prompt.lang)
        pace = pace_of(prompt.text, prompt.seconds)
        if not is_normal_pace(pace):
            warnings = (
                (
                    f"the prompt is spoken at {pace:.0f} characters a minute, not about 120 to 160 "
                    "(GB 45438-2025 5.3 e)"
                ),
            )
    else:
        warnings = ("the text of the prompt was not given: its elements and pace are not checked",)
    return _peak_one(prompt_at(prompt, rate)), prompt.text, prompt.lang, warnings


def _peak_one(clip: Floats) -> Floats:
    """Return a clip whose peak is 1."""
    return np.asarray(clip / max(float(np.abs(clip).max()), 1e-9), np.float32)


def _gain(target: float, own: float, peak: float) -> tuple[float, tuple[str, ...]]:
    """Return the gain on the clip and what kept it from the loudness wanted."""
    warnings: tuple[str, ...] = ()
    if target == -math.inf:
        target, warnings = _USUAL, (f"the sound is silent: the label plays at {_USUAL:g} LUFS",)
    elif target < _QUIETEST:
        target = _QUIETEST
        warnings = (f"the sound is very quiet: the label plays at {_QUIETEST:g} LUFS",)
    gain = 10 ** ((target - own) / 20)
    if gain * peak > _PEAK:
        short = 20 * math.log10(gain * peak / _PEAK)
        gain = _PEAK / peak
        warnings = (f"the label is {short:.1f} dB lower than the sound, so as not to clip",)
    return gain, warnings


def _cut(samples: NDArray[Any], rate: int, position: str | float) -> int:
    """Return the sample number before which the label goes."""
    length = len(samples)
    if position == "start":
        return 0
    if position == "end":
        return length
    if position == "middle":
        return _quiet_moment(samples, rate, length // 2, length // 6)
    if isinstance(position, str) or not 0 <= position <= length / rate:
        raise UnknownPolicy(
            f"no position {position!r}: use {', '.join(POSITIONS)} or seconds within the sound"
        )
    return _quiet_moment(samples, rate, round(position * rate), round(5 * rate))


def _quiet_moment(samples: NDArray[Any], rate: int, near: int, reach: int) -> int:
    """Return the number of a sample in the quietest fifth of a second within reach."""
    first, last = max(0, near - reach), min(len(samples), near + reach)
    part = _as_floats(samples[first:last])
    power = (part.reshape(len(part), -1).astype(np.float64) ** 2).mean(axis=1)
    step = max(1, round(_STEP * rate))
    frames = power[: len(power) // step * step].reshape(-1, step).mean(axis=1)
    width = min(len(frames), round(_QUIET / _STEP))
    if not width:
        return near
    levels = 10 * np.log10(np.convolve(frames, np.ones(width) / width, "valid") + 1e-10)
    centres = first + (np.arange(len(levels)) + width / 2) * step
    levels += _FAR * np.abs(centres - near) / max(1, reach)
    centre = round(float(centres[levels.argmin()]))
    # A cut at the sample nearest to zero makes no click
    middle = centre - first
    near_zero = power[max(0, middle - step) : middle + step]
    return centre if not near_zero.size else max(first, centre - step) + int(near_zero.argmin())


def _as_floats(samples: NDArray[Any]) -> Floats:
    """Return samples as float32, full scale 1.0."""
    if samples.dtype.kind == "f":
        return samples.astype(np.float32, copy=False)
    return np.asarray(samples / np.float32(-float(np.iinfo(samples.dtype).min)), np.float32)


def _typed(clip: Floats, like: NDArray[Any]) -> NDArray[Any]:
    """Return a clip in the type and the channels of other samples."""
    if like.dtype.kind == "f":
        typed = clip.astype(like.dtype)
    else:
        info = np.iinfo(like.dtype)
        typed = np.clip(np.rint(clip.astype(np.float64) * info.max), info.min, info.max)
        typed = typed.astype(like.dtype)
    return typed if like.ndim == 1 else _spread(typed, like.shape[1])


def _spread(clip: NDArray[Any], channels: int) -> NDArray[Any]:
    """Return a clip on every channel, (n, channels)."""
    return np.repeat(clip[:, None], channels, axis=1)
