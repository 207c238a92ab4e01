"""Reading our own mark while labelling a video: is one there already, and did ours arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.core.image.reading import MIN_SIDE
from labeler.core.video.summing import levelled_sum
from labeler.image.readback import read_level
from labeler.schemes import IMAGE_V1
from labeler.video.sums import frames_all_over, key_frames, sum_frames


if TYPE_CHECKING:
    from pathlib import Path

    from labeler.keys import Key
    from labeler.payload import ReadBack
    from labeler.video.facts import VideoFacts
    from labeler.video.sums import Sums


_LOOKS = 2
_SECONDS = 20.0


def read_back(path: Path, facts: VideoFacts, key: Key) -> ReadBack | None:
    """
    Return what stands in the frames of a video under ``key``, or None; the plain reading.

    Key frames, then the first seconds of frames where these say nothing.
    """
    for frames in (key_frames(path, facts), frames_all_over(path, facts, most=_SECONDS)):
        found = _read(sum_frames(frames, facts, by_parts=False), facts, key)
        if found is not None:
            return found
    return None


def _read(sums: Sums, facts: VideoFacts, key: Key) -> ReadBack | None:
    if not sums.parts:
        return None
    level = levelled_sum(sums.whole())
    if min(level.shape) < MIN_SIDE:
        return None
    width, height = facts.display_size
    return read_level(level, (height, width), key, attempts=_LOOKS * IMAGE_V1.attempts)
