"""Facts of a video that files rarely hold: turns, light, sizes that are none."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import pytest
from av.sidedata.sidedata import Type

from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.video import facts, quality


ONE = 1 << 16


def frame(**data):
    return SimpleNamespace(side_data={getattr(Type, kind): raw for kind, raw in data.items()})


def matrix(a, b, c, d):
    return struct.pack("=9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize(
    ("numbers", "turns"),
    [
        ((ONE, 0, 0, ONE), 0),
        ((0, -ONE, ONE, 0), 1),
        ((-ONE, 0, 0, -ONE), 2),
        ((0, ONE, -ONE, 0), 3),
    ],
)
def test_quarter_turns_are_counted(numbers, turns):
    assert facts._turns(frame(DISPLAYMATRIX=matrix(*numbers))) == turns
    assert facts._turns(frame()) == 0


@pytest.mark.parametrize(
    "numbers", [(-ONE, 0, 0, ONE), (46341, 46341, -46341, 46341), (0, 0, 0, 0)]
)
def test_mirrors_and_other_turns_are_refused(numbers):
    with pytest.raises(UnsupportedMedia, match="bake the turn in first"):
        facts._turns(frame(DISPLAYMATRIX=matrix(*numbers)))


def test_light_of_the_mastering_display_is_told_in_the_encoders_words():
    chromas = (34000, 16000, 13250, 34500, 7500, 3000, 15635, 16450)
    ratios = [(value, 50_000) for value in chromas] + [(50, 10_000), (10_000_000, 10_000)]
    told = facts._mastering(
        frame(
            MASTERING_DISPLAY_METADATA=struct.pack("=20i", *(n for pair in ratios for n in pair)),
            CONTENT_LIGHT_LEVEL=struct.pack("=2I", 1000, 400),
        )
    )
    assert told == (
        ("master-display", "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"),
        ("max-cll", "1000,400"),
    )
    assert facts._mastering(frame()) == ()


@pytest.mark.parametrize(
    ("size", "error"),
    [((0, 90), CorruptMedia), ((90, 0), CorruptMedia), ((1 << 20, 9), MediaTooLarge)],
)
def test_sizes_that_no_video_has_are_refused(size, error):
    with pytest.raises(error):
        facts._check_size(*size)


def test_quantisers_are_read_a_frame_or_a_block():
    head = "=I4xQQii"
    blocks = b"".join(struct.pack("=5i", 0, 0, 16, 16, delta) for delta in (2, 4))
    assert quality._mean_of(frame()) is None
    assert quality._mean_of(frame(VIDEO_ENC_PARAMS=struct.pack(head, 0, 0, 0, 0, 23))) == 23.0
    many = struct.pack(head, 2, struct.calcsize(head), 20, 0, 23) + blocks
    assert quality._mean_of(frame(VIDEO_ENC_PARAMS=many)) == 26.0
