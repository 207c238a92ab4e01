"""A pattern that stands still in moving pictures: how strong it becomes, and where."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from labeler.core.image.mask import texture_of
from labeler.core.video.moving import (
    GOALS,
    Goal,
    add_step,
    aim_of,
    is_cut,
    mask_of,
    pattern_of,
    plan_step,
    seen_for_mask,
    thumbnail,
    tiled_plane,
)


SHAPE = (144, 192)
RNG = np.random.default_rng


@pytest.fixture(scope="module")
def pattern():
    return pattern_of(RNG(0).normal(size=SHAPE).astype(np.float32))


def busy(deviation=20.0):
    return RNG(1).normal(128, deviation, SHAPE).clip(40, 210).astype(np.uint8)


def psnr_of(before, after, peak=255):
    error = after.astype(np.float64) - before
    return 10 * math.log10(peak**2 / np.mean(error**2))


def test_a_pattern_of_no_power_marks_nothing():
    still = pattern_of(np.zeros(SHAPE, np.float32))
    step = plan_step(seen_for_mask(busy(), 1, 255), still, Goal(), aim=43.0, peak=255)
    assert step.psnr == math.inf
    luma = busy()
    add_step(luma, step, 255)
    assert np.array_equal(luma, busy())


def test_a_tile_is_repeated_from_the_top_left():
    tile = np.arange(16, dtype=np.float32).reshape(4, 4)
    plane = tiled_plane(tile, 6, 9)
    assert plane.shape == (6, 9)
    assert np.array_equal(plane[4:, 4:8], tile[:2])


@pytest.mark.parametrize(("peak", "kind"), [(255, np.uint8), (1023, np.uint16), (65535, np.uint16)])
def test_every_depth_is_seen_in_steps_of_255(peak, kind):
    seen = seen_for_mask(np.full((61, 81), peak // 2, kind), 2, peak)
    assert seen.shape == (15, 20)
    assert np.allclose(seen, 127.5, atol=0.6)


@pytest.mark.parametrize(("peak", "kind"), [(255, np.uint8), (1023, np.uint16)])
def test_a_step_has_the_psnr_it_says(pattern, peak, kind):
    luma = (busy().astype(np.uint32) * peak // 255).astype(kind)
    step = plan_step(seen_for_mask(luma, 1, peak), pattern, Goal(), aim=43.0, peak=peak)
    marked = luma.copy()
    add_step(marked, step, peak)
    assert psnr_of(luma, marked, peak) == pytest.approx(step.psnr, abs=0.1)
    assert step.psnr >= 43.0 - 0.25


def test_a_fixed_goal_sets_the_multiple_whatever_the_picture(pattern):
    small = seen_for_mask(busy(), 1, 255)
    step = plan_step(small, pattern, Goal(fixed=1.5), aim=99.0, peak=255)
    assert step.alpha == 1.5


def test_a_step_that_came_out_too_strong_is_weakened(pattern):
    luma = busy(60.0)
    luma[:, :96] = 128
    loud = np.zeros(SHAPE, np.float32)
    loud[:, :96] = RNG(2).normal(size=(144, 96))
    step = plan_step(seen_for_mask(luma, 1, 255), pattern_of(loud), Goal(alpha=9), aim=43, peak=255)
    even = plan_step(seen_for_mask(luma, 1, 255), pattern, Goal(alpha=9), aim=43, peak=255)
    assert step.alpha < 0.9 * even.alpha
    assert step.psnr == pytest.approx(43, abs=0.3)


def test_busy_places_hide_less_of_the_mark_and_calm_pictures_have_a_limit(pattern):
    half = np.full((72, 96), 120, np.float32)
    half[:, 48:] += RNG(3).normal(0, 40, (72, 48)).astype(np.float32)
    mask = mask_of(half)
    assert mask[:, :40].mean() > 2 * mask[:, 56:].mean() > 0
    step = plan_step(half, pattern, replace(GOALS["subtle"], alpha=0.5), aim=30.0, peak=255)
    assert step.alpha == 0.5


def test_ten_bits_stay_within_ten_bits(pattern):
    white = np.full(SHAPE, 1023, np.uint16)
    step = plan_step(seen_for_mask(white, 1, 1023), pattern, Goal(fixed=3.0), aim=0, peak=1023)
    add_step(white, step, 1023)
    assert white.max() == 1023
    assert white.min() < 1023


def test_calm_stretches_leave_room_for_others():
    goal = GOALS["default"]
    assert aim_of(goal, None) == aim_of(goal, math.inf) == goal.mean
    assert aim_of(goal, goal.mean + 0.5) == pytest.approx(goal.mean - 0.5)
    assert aim_of(goal, goal.mean + 9) == goal.least
    assert aim_of(goal, goal.mean - 9) == goal.mean + 1


def test_another_scene_is_a_cut_and_a_little_movement_is_none():
    one, moved = busy(), np.roll(busy(), 1, axis=0)
    moved = ((one.astype(np.uint16) * 7 + moved) // 8).astype(np.uint8)
    assert max(thumbnail(one).shape) < 2 * 48
    assert not is_cut(thumbnail(one), thumbnail(moved), 255)
    assert is_cut(thumbnail(one), thumbnail(255 - one // 4), 255)


def test_a_pattern_is_brought_to_mean_square_one_and_held_in_fortieths():
    plane = np.array([[3.0, -3.0], [1.0, -1.0]], np.float32)
    rms = math.sqrt(5)
    pattern = pattern_of(plane)
    assert pattern.up.tolist() == [[round(40 * 3 / rms), 0], [round(40 / rms), 0]]
    assert pattern.down.tolist() == [[0, round(40 * 3 / rms)], [0, round(40 / rms)]]
    assert not pattern.up.flags.writeable
    assert not pattern.down.flags.writeable


def test_a_tile_that_fits_is_repeated_in_both_directions():
    tile = np.arange(4, dtype=np.float32).reshape(2, 2)
    assert np.array_equal(tiled_plane(tile, 6, 4), np.tile(tile, (3, 2)))


def test_what_the_mask_sees_is_halved_by_means_of_quads():
    luma = RNG(4).integers(0, 200, (6, 8)).astype(np.uint8)
    quads = luma.reshape(3, 2, 4, 2).mean(axis=(1, 3))
    assert np.allclose(seen_for_mask(luma, 1, 255), quads, atol=0.51)
    assert np.array_equal(seen_for_mask(luma, 0, 255), luma)


def test_the_mask_falls_with_texture_to_a_half_at_four_steps():
    small = seen_for_mask(busy(), 1, 255)
    assert np.allclose(mask_of(small), 1 / (1 + texture_of(small) / 4))
    assert np.allclose(mask_of(np.full((40, 40), 90, np.float32)), 1)


@pytest.mark.parametrize(("peak", "depth"), [(255, np.uint8), (1023, np.uint16)])
def test_on_calm_ground_a_step_is_the_pattern_times_the_multiple(pattern, peak, depth):
    calm = np.full(SHAPE, 120, np.float32)
    step = plan_step(calm, pattern, Goal(fixed=2.0), aim=0, peak=peak)
    for made, part in ((step.up, pattern.up), (step.down, pattern.down)):
        assert made.dtype == depth
        assert np.allclose(made, part * (2.0 * peak / 255 / 40), atol=0.51)


@pytest.mark.parametrize(("aim", "peak"), [(50.0, 255), (46.0, 255), (42.0, 255), (55.0, 1023)])
def test_a_step_comes_close_to_its_aim_though_whole_steps_round(pattern, aim, peak):
    calm = np.full(SHAPE, 120, np.float32)
    step = plan_step(calm, pattern, Goal(alpha=9), aim=aim, peak=peak)
    assert step.psnr == pytest.approx(aim, abs=0.2)


def test_a_step_of_two_planes_counts_the_power_of_both(pattern):
    step = plan_step(seen_for_mask(busy(), 0, 255), pattern, Goal(fixed=3.0), aim=0, peak=255)
    error = step.up.astype(float) ** 2 + step.down.astype(float) ** 2
    assert step.psnr == pytest.approx(10 * math.log10(255**2 / error.mean()))


@pytest.mark.parametrize(("shape", "small"), [((96, 143), (48, 72)), ((20, 480), (20, 48))])
def test_a_thumbnail_takes_every_so_many_samples(shape, small):
    luma = RNG(5).integers(0, 255, shape).astype(np.uint8)
    steps = max(1, shape[0] // 48), max(1, shape[1] // 48)
    assert thumbnail(luma).shape == small
    assert np.array_equal(thumbnail(luma), luma[:: steps[0], :: steps[1]])


@pytest.mark.parametrize("peak", [255, 1023])
def test_scenes_differ_by_more_than_twelve_steps_of_255(peak):
    one = np.full((48, 48), 0.5 * peak, np.float32)
    assert not is_cut(one, one + 11.9 * peak / 255, peak)
    assert is_cut(one, one - 12.1 * peak / 255, peak)
