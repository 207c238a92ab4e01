"""
Sums of the whitened frames of a recording, by parts: what both the reader and the self-check read.

Nothing here knows a key, so nothing here counts in the bound on a false reading but the sums that
are then tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.image.canonical import whiten
from labeler.core.video.summing import profile_of
from labeler.video.planes import canonical_of, plane_of
from labeler.video.playback import frames_of


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from labeler.video.facts import VideoFacts
    from labeler.video.playback import Shown

    Level = NDArray[np.float32]


PARTS = 24
"""Parts into which a recording is divided at most."""

WHOLE_COUNT, PART_COUNT = 8, 2 * PARTS
"""
For how many pictures a sum of the whole recording, and that of a part, count in the bound.

At most four sums of the whole are tried (key frames and frames all over, each with and without its
borders) and `PARTS` parts: four eighths and 24 of 48 make one, whether all are tried or not.
"""

_PART_SECONDS = 2.0
_RATE = 12.0
_WHOLE_SECONDS = 60.0
_RUN_SECONDS = 3.0
_MOST_KEYS = 480
_KEY_WEIGHT = np.float32(12)


@dataclass(slots=True)
class Part:
    """The sum (rows, columns) of the whitened frames of some seconds, and how many they are."""

    total: Level
    frames: int = 1


@dataclass(slots=True)
class Sums:
    """The sums of a recording by parts, each ``length`` seconds, and what its borders are."""

    length: float
    parts: dict[int, Part] = field(default_factory=dict)
    profiles: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """How many frames were summed."""
        return sum(part.frames for part in self.parts.values())

    def whole(self) -> Level:
        """Return the sum of all parts."""
        first, *others = (part.total for part in self.parts.values())
        total = first.copy()
        for other in others:
            total += other
        return total

    def add(self, level: Level, seconds: float) -> None:
        """Add a whitened frame shown at ``seconds`` to its part, taking its memory."""
        at = min(int(seconds / self.length), PARTS - 1)
        part = self.parts.get(at)
        if part is None:
            self.parts[at] = Part(total=level)
        else:
            part.total += level
            part.frames += 1


def sum_frames(frames: Iterable[Shown], facts: VideoFacts, *, by_parts: bool = True) -> Sums:
    """
    Return the sums of decoded frames; those of another size than the first are left out.

    ``by_parts`` False makes all of them one part, which is all that a reader of the whole needs.
    """
    length = max(_PART_SECONDS, facts.seconds / PARTS) if by_parts else math.inf
    sums = Sums(length=length)
    for shown in frames:
        frame = shown.frame
        if (frame.width, frame.height) != (facts.width, facts.height):
            continue
        luma = canonical_of(plane_of(frame, 0, facts.bits), facts)
        if len(sums.profiles) < PARTS * 4:
            sums.profiles.append(profile_of(luma))
        level = whiten(luma)
        if frame.key_frame:  # coders spend most on these, the others drag old noise along
            level *= _KEY_WEIGHT
        sums.add(level, shown.seconds)
    return sums


def key_frames(path: Path, facts: VideoFacts) -> Iterator[Shown]:
    """Yield key frames, at most about 480, evenly spread."""
    gap, due = facts.seconds / _MOST_KEYS, 0.0
    for shown in frames_of(path, keys_only=True):
        if shown.seconds >= due:
            yield shown
            due = shown.seconds + gap


def frames_all_over(path: Path, facts: VideoFacts, *, most: float | None = None) -> Iterator[Shown]:
    """
    Yield up to twelve frames a second: of a minute all over, of longer films in runs all over.

    ``most`` is how many seconds are taken from the start instead; infinite for the whole film.
    """
    runs: list[tuple[float, float | None]]
    if most is not None:
        runs = [(0.0, most)]
    elif facts.seconds <= _WHOLE_SECONDS:
        runs = [(0.0, None)]
    else:
        step = facts.seconds / PARTS
        middles = (step * (part + 0.5) for part in range(PARTS))
        runs = [(at - _RUN_SECONDS / 2, at + _RUN_SECONDS / 2) for at in middles]
    for start, end in runs:
        due = 0.0
        for shown in frames_of(path, start=start, end=end):
            if shown.seconds >= due - 1e-6:
                yield shown
                due = max(due + 1 / _RATE, shown.seconds)
