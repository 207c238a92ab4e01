"""The test vectors of docs/formats/video-v1.md, section 8, and its thresholds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from labeler.payload import payload_of
from labeler.schemes import IMAGE_V1
from labeler.video.sums import PART_COUNT, PARTS, WHOLE_COUNT
from labeler.video.watermark import FrameMarker, FrameShape


@pytest.fixture
def change(label):
    luma = np.full((360, 640), 128, np.uint8)
    FrameMarker(FrameShape(rows=360, columns=640), payload_of(label), strength=1.0).mark(luma)
    return luma.astype(int) - 128


def test_the_pattern_lies_where_the_page_says(change):
    assert change[0, :12].tolist() == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 1, 0]
    assert change[200, 300:312].tolist() == [-2, -1, -1, 0, 0, 1, 1, 1, 0, -1, -1, -1]
    assert (change.min(), change.max()) == (-4, 4)
    assert np.mean(np.square(change)) == pytest.approx(1.069, abs=0.001)


def test_the_pattern_comes_again_every_tile(change):
    side = IMAGE_V1.tile
    assert np.array_equal(change[:side, :side], change[side : 2 * side, 2 * side : 3 * side])


def test_the_sums_that_may_be_tried_make_one_picture_in_the_bound():
    assert 4 / WHOLE_COUNT + PARTS / PART_COUNT == 1


@pytest.mark.parametrize(
    ("count", "frame_bits", "wanted"),
    [(8, 96, 13.73), (8, 48, 11.04), (48, 96, 13.86), (48, 48, 11.20)],
)
def test_the_thresholds_follow_from_the_bound(count, frame_bits, wanted):
    attempts = IMAGE_V1.attempts * count
    z = math.sqrt(2 * (math.log(attempts) + frame_bits * math.log(2) - math.log(IMAGE_V1.p_max)))
    assert z == pytest.approx(wanted, abs=0.005)
