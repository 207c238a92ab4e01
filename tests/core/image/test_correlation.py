"""Finding a shape: the right place, both signs, nothing on flat ground, one way like the other."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.image.correlation import (
    correlate,
    correlate_patch,
    find_peaks,
    make_template,
    prepare,
    similarity,
)


@pytest.fixture
def cross():
    ink = np.zeros((60, 60), np.float32)
    ink[25:35, 10:50] = ink[10:50, 25:35] = 1
    valid = np.zeros_like(ink)
    valid[5:55, 5:55] = 1
    return make_template(ink, valid, (15, 15))


def scene_with(template, at, swing=80.0, seed=0):
    picture = np.random.default_rng(seed).normal(0, 10, (70, 90)).astype(np.float32)
    y, x = at
    part = picture[y : y + 15, x : x + 15]
    part += swing * template.shape / np.abs(template.shape).max() * template.mask
    return picture


@pytest.mark.parametrize("swing", [80.0, -80.0])
def test_a_shape_is_found_where_it_stands_with_its_sign(cross, swing):
    scores = correlate(prepare(scene_with(cross, (31, 52), swing)), cross)
    score, x, y = find_peaks(scores, 1, (7, 7))[0]
    assert (x, y) == (52, 31)
    assert score * np.sign(swing) > 0.85


def test_scene_and_patch_agree(cross):
    picture = scene_with(cross, (20, 30))
    assert np.allclose(
        correlate(prepare(picture), cross), correlate_patch(picture, cross), atol=1e-4
    )


def test_scores_stay_within_one_and_flat_ground_scores_nothing(cross):
    rough = np.random.default_rng(1).uniform(-128, 127, (70, 90)).astype(np.float32)
    flat = np.random.default_rng(1).normal(100, 0.5, (70, 90)).astype(np.float32)
    assert np.abs(correlate(prepare(rough), cross)).max() < 0.5
    assert np.abs(correlate(prepare(flat), cross)).max() < 0.05


def test_what_stands_outside_the_mask_does_not_matter(cross):
    picture = scene_with(cross, (20, 30))
    other = picture.copy()
    outside = np.ones((15, 15), bool) & (cross.mask == 0)
    other[20:35, 30:45][outside] += 200
    assert correlate_patch(picture, cross)[20, 30] == pytest.approx(
        float(correlate_patch(other, cross)[20, 30]), abs=1e-5
    )


def test_a_template_larger_than_the_picture_has_no_places(cross):
    small = np.zeros((10, 90), np.float32)
    assert correlate(prepare(small), cross).size == 0
    assert correlate_patch(small, cross).size == 0
    assert find_peaks(correlate_patch(small, cross), 3, (1, 1)) == []


def test_peaks_are_apart_and_in_order():
    scores = np.zeros((20, 20), np.float32)
    scores[5, 5], scores[5, 7], scores[15, 15] = 0.9, 0.8, -0.5
    assert [(round(s, 3), x, y) for s, x, y in find_peaks(scores, 5, (3, 3))] == [
        (0.9, 5, 5),
        (-0.5, 15, 15),
    ]


def test_similarity_knows_sign_and_nothing():
    ink = np.random.default_rng(2).uniform(0, 1, (9, 9)).astype(np.float32)
    mask = np.ones((9, 9), bool)
    assert similarity(ink * 200, ink, mask) > 0.9
    assert similarity(-ink * 200, ink, mask) < -0.9
    assert similarity(ink, ink, ~mask) == 0.0
