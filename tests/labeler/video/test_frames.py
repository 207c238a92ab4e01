"""Frames in memory: an iterator in, an iterator out, the same layers as in files."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from detectors.image.visible import read_visible
from detectors.image.watermark import read_mark
from labeler.errors import UnsupportedMedia
from labeler.model import Layer
from labeler.options import Options
from labeler.payload import payload_of
from labeler.video.frames import label_frames
from moving_pictures import luma_frames


def colour_frames(count):
    for luma in luma_frames(count):
        yield np.stack([luma, 255 - luma // 2, luma // 2 + 60], axis=-1).astype(np.uint8)


def test_every_frame_is_marked_and_the_first_ones_are_labelled(label):
    frames = list(colour_frames(8))
    done = list(label_frames(frames, label, rate=2))
    assert read_mark(done[-1]).mark_id == payload_of(label).mark_hex
    assert [read_visible(frame).found for frame in done] == [True] * 5 + [False] * 3
    assert all((a != b).any() for a, b in zip(frames, done, strict=True))


def test_it_takes_and_gives_one_frame_at_a_time(label):
    endless = itertools.cycle(colour_frames(1))
    first = next(label_frames(endless, label, rate=25))
    assert first.shape == (360, 640, 3)


def test_grey_frames_and_single_layers(label):
    frames = list(luma_frames(2))
    options = Options(layers=(Layer.WATERMARK,))
    done = list(label_frames(frames, label, rate=25, options=options))
    assert read_mark(done[0]).found
    assert not read_visible(done[0]).found


@pytest.mark.parametrize(
    "frames",
    [
        [np.zeros((90, 90, 3), np.float32)],
        [np.zeros((360, 640, 4), np.uint8)],
        [np.zeros((360, 640, 3), np.uint8), np.zeros((360, 642, 3), np.uint8)],
        ["no frame"],
    ],
)
def test_what_is_no_row_of_frames_is_refused(label, frames):
    with pytest.raises(UnsupportedMedia):
        list(label_frames(frames, label, rate=25))


def test_no_rate_is_refused(label):
    with pytest.raises(UnsupportedMedia, match="frames a second"):
        next(label_frames(colour_frames(1), label, rate=0))
