"""The attack lists: what they hold, and that every attack is a pure function on pictures."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.attacks import ATTACKS, EVERY, EXTRA, GEOMETRIC, GROUPS, HARD17, HARDER
from makers import photo


KEEPS_SIZE = ("none", "jpeg50", "webp50", "avif35", "gif256", "noise20", "blur3", "label", "bend8")


@pytest.fixture(scope="module")
def picture():
    return photo("astronaut", 240)


def test_the_lists_have_the_sizes_of_the_study():
    assert len(ATTACKS) == 56
    assert len(HARDER) == 25
    assert len(HARD17) == 17
    assert len(EVERY) == 56 + 25 + len(EXTRA)


def test_groups_name_attacks_that_exist():
    for names in GROUPS.values():
        assert set(names) <= set(EVERY)
        assert len(set(names)) == len(names)


def test_plain_attacks_do_not_move_the_picture():
    assert not set(GROUPS["plain"]) & GEOMETRIC
    assert {"jpeg50", "resize0.5", "social", "blur1"} <= set(GROUPS["plain"])
    assert {"crop25", "rotate5", "flip", "screenshot", "crop50+jpeg50"} <= GEOMETRIC


@pytest.mark.parametrize("name", EVERY)
def test_attack_gives_a_picture_and_leaves_its_input_alone(name, picture):
    before = picture.copy()
    after = EVERY[name](picture)
    assert after.dtype == np.uint8
    assert after.ndim == 3
    assert after.shape[2] == 3
    assert min(after.shape[:2]) >= 16
    assert np.array_equal(picture, before)
    assert not np.shares_memory(after, picture)


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"nlmeans"}))
def test_attack_is_the_same_every_time(name, picture):
    assert np.array_equal(EVERY[name](picture), EVERY[name](picture))


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"none"}))
def test_attack_changes_the_picture(name, picture):
    after = EVERY[name](picture)
    assert after.shape != picture.shape or not np.array_equal(after, picture)


@pytest.mark.parametrize("name", KEEPS_SIZE)
def test_attacks_that_keep_the_frame_keep_the_size_and_the_colours_in_order(name, picture):
    after = EVERY[name](picture)
    assert after.shape == picture.shape
    corner = (slice(60, 150), slice(60, 150))
    gap = after[corner].mean(axis=(0, 1)) - picture[corner].mean(axis=(0, 1))
    assert np.abs(gap).max() < 8


@pytest.mark.parametrize(("name", "share"), [("crop50", 0.5), ("crop25", 0.25), ("crop10", 0.1)])
def test_crops_keep_their_share_of_the_area(name, share, picture):
    after = EVERY[name](picture)
    assert after.size / picture.size == pytest.approx(share, rel=0.03)


@pytest.mark.parametrize(("name", "factor"), [("resize0.5", 0.5), ("resize2", 2), ("social", 1)])
def test_resizes_scale_both_sides(name, factor, picture):
    assert EVERY[name](picture).shape[:2] == (240 * factor, 240 * factor)


def test_social_shrinks_to_1080_pixels():
    wide = np.zeros((300, 2000, 3), np.uint8)
    assert EVERY["social"](wide).shape[1] == 1080
