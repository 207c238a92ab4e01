"""The canonical picture and the front end."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from labeler.core.image.canonical import (
    canonical_luma,
    canonical_scale,
    canonical_shape,
    spread_of,
    whiten,
)
from labeler.core.image.mask import visibility_of
from makers import noise


def test_small_pictures_are_their_own_canonical_picture():
    rgb = noise(300, 400)
    luma = canonical_luma(rgb, 896)
    assert luma.dtype == np.float32
    assert np.array_equal(luma, cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))


@pytest.mark.parametrize("size", [(1000, 1000), (1300, 1300), (2000, 3000), (702, 2998)])
def test_large_pictures_are_reduced_to_the_same_area(size):
    luma = canonical_luma(noise(*size), 896)
    assert luma.shape == canonical_shape(*size, 896)
    assert luma.size == pytest.approx(896 * 896, rel=0.01)
    direct = cv2.resize(
        cv2.cvtColor(noise(*size), cv2.COLOR_RGB2GRAY),
        luma.shape[::-1],
        interpolation=cv2.INTER_AREA,
    )
    assert np.abs(luma - direct).mean() < 1.5


def test_every_channel_count_and_depth_gives_the_same_luma():
    grey = noise(1800, 2000)[..., 0]
    alpha = np.full_like(grey, 128)
    forms = [grey, grey[..., None], np.dstack([grey, alpha]), np.dstack([grey] * 3)]
    forms += [np.dstack([grey, grey, grey, alpha]), grey.astype(np.uint16) * 257]
    forms += [(grey / np.float32(255)).astype(np.float32)]
    wanted = canonical_luma(grey, 896)
    for form in forms:
        assert np.abs(canonical_luma(form, 896) - wanted).max() <= 1.01


def test_extreme_shapes_are_reduced_without_failing():
    for shape in [(1, 1), (1, 100_000), (3, 2), (5000, 1)]:
        assert min(canonical_luma(np.zeros(shape, np.uint8), 896).shape) >= 1


def test_scale_is_one_up_to_the_canonical_area():
    assert canonical_scale(896, 896, 896) == 1
    assert canonical_scale(448, 448, 896) == 1
    assert canonical_scale(1792, 448, 896) == 1
    assert canonical_scale(1792, 1792, 896) == 2


def test_the_front_end_is_bounded_and_finite_on_flat_and_hard_pictures():
    for luma in (np.zeros((64, 64)), np.full((64, 64), 255.0), np.eye(64) * 255):
        level = whiten(luma.astype(np.float32))
        assert np.isfinite(level).all()
        assert np.abs(level).max() <= 2.5


def test_the_front_end_leaves_its_input_alone():
    luma = canonical_luma(noise(64, 64), 896)
    before = luma.copy()
    whiten(luma)
    visibility_of(luma)
    assert np.array_equal(luma, before)


def test_the_mask_spares_flat_areas_even_beside_an_edge():
    luma = np.full((100, 100), 100, np.float32)
    luma[:, 50:] = 200
    texture = 100 + np.random.default_rng(1).normal(0, 20, (100, 100)).astype(np.float32)
    assert np.allclose(visibility_of(luma).amplitude[:, :38], 0.24, atol=0.1)
    assert visibility_of(luma).amplitude.max() < 2
    assert visibility_of(texture).amplitude.mean() > 1.2
    assert visibility_of(np.zeros((20, 20), np.float32)).amplitude == pytest.approx(0.24)


def test_the_cost_of_a_mask_follows_its_strength_and_enlargement_and_can_be_inverted():
    visibility = visibility_of(canonical_luma(noise(300, 200), 896))
    assert visibility.loss(1.2, 1.0) > visibility.loss(1.0, 1.0)
    assert visibility.loss(1.0, 2.0) > visibility.loss(1.0, 1.0)
    assert visibility.loss(visibility.alpha_for(15, 1.7), 1.7) == pytest.approx(15)


def test_the_spread_is_what_whitening_divides_by():
    luma = noise(90, 120)[..., 0].astype(np.float32)
    detail = luma - cv2.GaussianBlur(luma, (0, 0), 2.5)
    assert np.allclose(np.clip(detail / spread_of(luma), -2.5, 2.5), whiten(luma), atol=1e-5)
    assert np.allclose(spread_of(np.full((50, 50), 77, np.float32)), 1.5, atol=1e-2)
