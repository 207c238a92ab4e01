"""The plain reading of a video that was just written, where there is nothing to read."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from labeler.keys import DEFAULT_KEY
from labeler.video.playback import Shown
from labeler.video.readback import _read
from labeler.video.sums import Part, Sums, sum_frames


FACTS = SimpleNamespace(width=64, height=48, seconds=4.0, display_size=(64, 48))


def test_a_recording_without_frames_or_of_hardly_any_pixels_reads_as_nothing():
    assert _read(Sums(length=2.0), FACTS, DEFAULT_KEY) is None
    tiny = Sums(length=2.0, parts={0: Part(total=np.ones((8, 90), np.float32))})
    assert _read(tiny, FACTS, DEFAULT_KEY) is None


def test_frames_of_another_size_are_left_out_of_the_sums():
    other = Shown(frame=SimpleNamespace(width=32, height=48), seconds=0.0)
    assert sum_frames([other, other], FACTS).frames == 0
