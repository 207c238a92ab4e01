"""Finding a shape: the right place, both signs, nothing on flat ground, one way like the other."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.image.correlation import (
    Template,
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


def scores_by_hand(picture: np.ndarray, template: Template) -> np.ndarray:
    """The regularised correlation coefficient at every place, over the mask alone."""
    h, w = template.shape.shape
    mask = template.mask > 0
    windows = np.lib.stride_tricks.sliding_window_view(picture.astype(float), (h, w))
    seen = windows[..., mask]
    spread = seen.size / seen.shape[0] / seen.shape[1] * (seen.var(axis=-1) + 14.0**2)
    return (seen @ template.shape[mask].astype(float)) / np.sqrt(spread)


def odd_template(seed: int, h: int, w: int) -> Template:
    rng = np.random.default_rng(seed)
    ink = rng.uniform(0, 1, (3 * h, 3 * w)).astype(np.float32)
    valid = np.repeat(np.repeat(rng.uniform(0, 1, (h, w)) < 0.7, 3, 0), 3, 1).astype(np.float32)
    return make_template(ink, valid, (w, h))


@pytest.mark.parametrize(("h", "w"), [(7, 11), (12, 5), (40, 51), (1, 1)])
def test_scores_are_correlation_coefficients_with_a_floor(h, w):
    template = odd_template(3, h, w)
    picture = np.random.default_rng(4).normal(9, 30, (40, 51)).astype(np.float32)
    expected = scores_by_hand(picture, template)
    for seen in (correlate(prepare(picture), template), correlate_patch(picture, template)):
        assert seen.dtype == np.float32
        assert seen.shape == (41 - h, 52 - w)
        assert np.allclose(seen, expected, atol=2e-4)


def test_a_template_longer_in_one_direction_alone_has_no_places():
    template = odd_template(5, 7, 11)
    for shape in ((6, 30), (30, 10)):
        picture = np.zeros(shape, np.float32)
        assert correlate(prepare(picture), template).size == 0
        assert correlate_patch(picture, template).size == 0


def test_a_template_is_the_shrunk_shape_over_the_places_half_valid():
    rng = np.random.default_rng(6)
    ink, valid = rng.uniform(0, 1, (2, 30, 50)).astype(np.float32)
    valid[:5, :5] = 0.5
    template = make_template(ink, valid, (10, 6))
    small, share = (part.reshape(6, 5, 10, 5).mean(axis=(1, 3)) for part in (ink, valid))
    mask = share > 0.5
    assert not mask[0, 0]
    assert np.array_equal(template.mask, mask)
    assert template.count == mask.sum()
    shape = np.where(mask, small - small[mask].mean(), 0)
    assert np.allclose(template.shape, shape / np.sqrt((shape**2).sum()), atol=1e-5)


def test_a_shape_of_nothing_gives_a_template_of_nothing():
    flat, nowhere = np.ones((9, 9), np.float32), np.zeros((9, 9), np.float32)
    assert not make_template(flat, flat, (3, 3)).shape.any()
    dot, slope = nowhere.copy(), np.arange(81, dtype=np.float32).reshape(9, 9)
    dot[3:6, 3:6] = 1
    assert not make_template(slope, dot, (3, 3)).shape.any()
    empty = make_template(flat, nowhere, (3, 3))
    assert empty.count == 0
    assert not empty.shape.any()


def test_peaks_leave_out_what_is_within_reach_and_no_more():
    scores = np.zeros((30, 40), np.float32)
    scores[0, 0], scores[29, 39], scores[10, 20] = 0.4, 0.3, -0.9
    scores[12, 20], scores[10, 23], scores[12, 23], scores[8, 17] = 0.8, 0.8, 0.8, 0.8
    scores[13, 20], scores[10, 24], scores[7, 20], scores[10, 16] = 0.7, 0.6, 0.5, 0.45
    found = find_peaks(scores, 99, (3, 2))
    assert [(x, y) for _, x, y in found] == [
        (20, 10),
        (20, 13),
        (24, 10),
        (20, 7),
        (16, 10),
        (0, 0),
        (39, 29),
    ]
    assert found[0][0] == pytest.approx(-0.9)
    assert find_peaks(scores, 2, (3, 2)) == found[:2]
    assert find_peaks(scores, 0, (3, 2)) == []


def test_similarity_is_the_correlation_coefficient_with_a_floor():
    rng = np.random.default_rng(7)
    ink = rng.uniform(0, 1, (9, 12)).astype(np.float32)
    patch = (40 * ink + rng.normal(7, 20, ink.shape)).astype(np.float32)
    mask = rng.uniform(size=ink.shape) < 0.6
    x, y = patch[mask].astype(float), ink[mask].astype(float)
    expected = np.mean((x - x.mean()) * (y - y.mean())) / np.sqrt((x.var() + 14**2) * y.var())
    assert similarity(patch, ink, mask) == pytest.approx(expected, rel=1e-4)
    assert similarity(patch, np.ones_like(ink), mask) == pytest.approx(0, abs=1e-3)
    assert similarity(patch, ink * 1e-3, mask) == pytest.approx(expected, rel=1e-3)
