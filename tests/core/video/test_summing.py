"""Sums of frames: level places, and borders that are flat in every frame."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.video.summing import Inner, inner_part, levelled_sum, profile_of


def frame(*, top=0, bottom=120, left=0, right=160, seed=0):
    luma = np.full((120, 160), 16, np.float32)
    busy = np.random.default_rng(seed).normal(120, 30, (bottom - top, right - left))
    luma[top:bottom, left:right] = busy
    return luma


def inner_of(*frames):
    return inner_part([profile_of(luma) for luma in frames])


def test_what_stands_still_does_not_tower_over_a_levelled_sum():
    total = np.random.default_rng(1).normal(size=(90, 120)).astype(np.float32)
    total[30:60, 40:80] *= 50
    level = levelled_sum(total)
    assert np.abs(level).max() <= 2.5
    assert total[35:55, 45:75].std() > 40 * total[:20].std()
    assert level[35:55, 45:75].std() < 4 * level[:20].std()
    assert not levelled_sum(np.zeros((30, 40), np.float32)).any()


@pytest.mark.parametrize(
    ("edges", "inner"),
    [
        ({"top": 20, "bottom": 100}, Inner(top=23, bottom=97, left=0, right=160)),
        ({"left": 30, "right": 130}, Inner(top=0, bottom=120, left=33, right=127)),
        ({"top": 10, "right": 150}, Inner(top=13, bottom=120, left=0, right=147)),
    ],
)
def test_borders_that_are_flat_in_all_frames_are_left_out(edges, inner):
    found = inner_of(frame(**edges), frame(**edges, seed=1))
    assert found == inner
    assert found.of(frame()).shape == (inner.bottom - inner.top, inner.right - inner.left)


def test_without_frames_or_borders_there_is_no_inner_part():
    assert inner_part([]) is None
    assert inner_of(frame(top=20), frame()) is None


def test_a_fade_from_black_is_no_border():
    assert inner_of(np.full((120, 160), 16, np.float32)) is None
    assert inner_of(frame(top=50, bottom=60)) is None


def test_a_level_is_the_sum_over_its_own_deviation_and_a_quarter_of_the_usual():
    total = np.random.default_rng(2).normal(size=(64, 48)).astype(np.float32)
    squares = np.pad(np.square(total, dtype=np.float64), 4, mode="reflect")
    spread = np.sqrt(np.lib.stride_tricks.sliding_window_view(squares, (9, 9)).mean(axis=(2, 3)))
    wanted = total / (spread + 0.25 * spread[::4, ::4].mean())
    assert np.allclose(levelled_sum(total), wanted.clip(-2.5, 2.5), atol=1e-4)


@pytest.mark.parametrize(("deviation", "found"), [(2.4, True), (2.6, False)])
def test_a_line_is_flat_up_to_a_deviation_of_two_and_a_half(deviation, found):
    rows, columns = np.full(100, 30, np.float32), np.full(100, 30, np.float32)
    rows[:10] = deviation
    assert (inner_part([(rows, columns)]) is not None) == found


@pytest.mark.parametrize(("busy", "inner"), [(20, True), (19, False)])
def test_less_than_a_fifth_is_no_picture_within_borders(busy, inner):
    rows, columns = np.zeros(100, np.float32), np.full(100, 30, np.float32)
    rows[40 : 40 + busy] = 30
    found = inner_part([(rows, columns)])
    assert found == (Inner(top=43, bottom=37 + busy, left=0, right=100) if inner else None)


def test_a_border_on_one_side_moves_that_side_only():
    rows, columns = np.full(100, 30, np.float32), np.full(80, 30, np.float32)
    rows[:1] = 0
    columns[-1:] = 0
    assert inner_part([(rows, columns)]) == Inner(top=4, bottom=100, left=0, right=76)
