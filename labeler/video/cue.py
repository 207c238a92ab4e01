"""
The audible label in the sound tracks of a video: the rhythm or a spoken sentence, laid over.

In a sound file the label stands between the samples of the programme (R-15). In a film that would
move sound against picture, so here the programme steps back for its length instead and every
sample keeps its time (GB 45438-2025 5.3, 5.4; R-22).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.audio.audible import PAUSE, plan_label
from labeler.errors import MediaTooSmall


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.audio.prompts import Prompt

    Samples = NDArray[np.float32]


LEVEL = 10 ** (-26 / 20)
"""What is left of the programme under the label: 26 dB less."""

_RAMP = 0.06
_SPARE = 0.1  # s kept free behind a label at the end: coders of sound cut the last samples off


@dataclass(frozen=True, slots=True, kw_only=True)
class CueOrder:
    """Which audible label tracks get, and ``times`` of `labeler.video.visible.TIMES`."""

    kind: str
    lang: str
    times: tuple[str, ...]
    prompt: Prompt | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cue:
    """
    A label ready for one track: ``clip`` and ``keep``, the programme's factor, both (n,) float32.

    ``starts`` are the samples of the track from which on it is laid over; ``facts`` the receipt.
    """

    clip: Samples
    keep: Samples
    starts: tuple[int, ...]
    facts: dict[str, Any]

    def lay(self, samples: Samples, at: int) -> Samples:
        """Return samples (n, channels), which begin at sample ``at`` of the track, with it."""
        out = samples
        for start in self.starts:
            first, last = max(start, at), min(start + len(self.clip), at + len(samples))
            if first >= last:
                continue
            if out is samples:
                out = samples.copy()
            here, there = slice(first - at, last - at), slice(first - start, last - start)
            out[here] *= self.keep[there, None]
            out[here] += self.clip[there, None]
        return out


def plan_cue(head: Samples, rate: int, seconds: float, order: CueOrder) -> Cue:
    """
    Return the label for a track of ``seconds``, as loud as its first samples ``head`` (R-17).

    Raises
    ------
    MediaTooSmall
        The track is shorter than the label.
    LabelError
        As `labeler.audio.audible.plan_label`.
    """
    plan = plan_label(head, rate, kind=order.kind, prompt=order.prompt, lang=order.lang)
    pause = round(PAUSE * rate)
    clip = np.pad(plan.clip, pause)
    length = max(len(head), round(seconds * rate))
    if len(clip) > length:
        raise MediaTooSmall(
            f"a sound track of {length / rate:.2f} s is shorter than the audible label of "
            f"{len(clip) / rate:.2f} s; leave audible out of --layers"
        )
    starts = sorted({_start(time, len(clip), length, rate) for time in order.times})
    facts = {
        "kind": plan.kind,
        "text": plan.text,
        "lang": plan.lang,
        "positions": [round((start + pause) / rate, 3) for start in starts],
        "seconds": round(len(plan.clip) / rate, 3),
        "label_lufs": round(plan.label_lufs, 1),
        "warnings": list(plan.warnings),
    }
    return Cue(clip=clip, keep=_keep(len(clip), rate), starts=tuple(starts), facts=facts)


def _start(time: str, own: int, length: int, rate: int) -> int:
    if time == "middle":
        return (length - own) // 2
    if time == "end":
        return max(0, length - own - round(_SPARE * rate))
    return 0


def _keep(length: int, rate: int) -> Samples:
    """Return the programme's factor under the label: it steps back and comes again softly."""
    ramp = np.linspace(1, LEVEL, max(2, round(_RAMP * rate)), dtype=np.float32)
    keep = np.full(length, LEVEL, np.float32)
    keep[: len(ramp)] = ramp
    keep[-len(ramp) :] = ramp[::-1]
    return keep
