"""The canonical picture and the front end."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from labeler.core.image.canonical import (
    canonical_luma,
    canonical_scale,
    canonical_shape,
    luma_of,
    reduced,
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


def smoothed(luma: np.ndarray) -> np.ndarray:
    padded = np.pad(luma, 1, mode="reflect")
    shifts = [padded[y : y + len(luma), x : x + luma.shape[1]] for y in range(3) for x in range(3)]
    return sum(shifts) / 9


def stretched(luma: np.ndarray, count: int, axis: int) -> np.ndarray:
    """One axis sampled bilinearly at ``count`` places, areas aligned."""
    side = luma.shape[axis]
    place = np.clip((np.arange(count) + 0.5) * side / count - 0.5, 0, side - 1)
    low = np.minimum(place.astype(int), max(side - 2, 0))
    share = np.expand_dims(place - low, 1 - axis)
    high = np.minimum(low + 1, side - 1)
    return luma.take(low, axis) * (1 - share) + luma.take(high, axis) * share


def reduced_plainly(luma: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """By a whole factor over areas, then bilinearly, smoothed before if that is by over 1.4."""
    factor = int(min(luma.shape[0] / rows, luma.shape[1] / columns) + 1e-6)
    height, width = (side // factor for side in luma.shape)
    whole = luma[: height * factor, : width * factor].astype(float)
    small = whole.reshape(height, factor, width, factor).mean(axis=(1, 3))
    if small.shape == (rows, columns):
        return small
    small = smoothed(small) if height > 1.4 * rows else small
    return stretched(stretched(small, rows, 0), columns, 1)


@pytest.mark.parametrize(
    "size",
    [
        (130, 130),
        (135, 143),
        (170, 190),
        (200, 200),
        (200, 201),
        (290, 280),
        (311, 295),
        (450, 460),
        (700, 90),
    ],
)
@pytest.mark.parametrize("kind", ["float32", "uint16", "uint8"])
def test_the_canonical_luma_is_reduced_over_areas_and_then_bilinearly(size, kind):
    white = {"float32": 1, "uint16": 65535, "uint8": 255}[kind]
    luma = np.random.default_rng(1).uniform(0, white, size)
    luma = cv2.GaussianBlur(luma, (0, 0), 1.5).astype(kind)
    expected = reduced_plainly(luma, *canonical_shape(*size, 100)) * 255 / white
    seen = canonical_luma(luma, 100)
    assert seen.dtype == np.float32
    assert np.abs(seen - expected).max() < {"float32": 1e-3, "uint16": 0.02, "uint8": 1.6}[kind]


def test_a_narrow_picture_is_reduced_by_what_both_sides_allow():
    thin = np.random.default_rng(2).uniform(0, 1, (2097, 5)).astype(np.float32)
    rows, columns = canonical_shape(*thin.shape, 32)
    assert (rows, columns) == (655, 2)
    for each, size in ((thin, (rows, columns)), (thin.T.copy(), (columns, rows))):
        expected = 255 * reduced_plainly(each, *size)
        assert np.allclose(canonical_luma(each, 32), expected, atol=0.05)


def test_sides_are_rounded_half_to_even_and_never_nothing():
    assert canonical_shape(65536, 49, 896) == (32768, 24)
    assert canonical_shape(7, 458752, 896) == (4, 229376)
    assert canonical_shape(100_000, 1, 896) == (100_000, 1)
    assert canonical_shape(1, 10_000_000, 896) == (1, round(10_000_000 / (10**3.5 / 896)))
    assert canonical_shape(10_000_000, 1, 896)[1] == 1


@pytest.mark.parametrize(("side", "rows"), [(100, 71), (100, 72), (70, 50), (100, 60)])
def test_a_reduction_by_over_seven_fifths_is_smoothed_before(side, rows):
    luma = np.random.default_rng(3).uniform(0, 255, (side, side)).astype(np.float32)
    assert np.allclose(reduced(luma, rows, rows), reduced_plainly(luma, rows, rows), atol=1e-3)
    assert reduced(luma, side, side) is luma


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_the_luma_weighs_red_green_and_blue_as_rec_601_does(kind):
    white = {"float32": 1, "uint16": 65535, "uint8": 255}[kind]
    pixels = np.random.default_rng(4).uniform(0, white, (20, 30, 4)).astype(kind)
    expected = pixels[..., :3] @ np.array([0.299, 0.587, 0.114])
    for channels in (3, 4):
        luma = luma_of(pixels[..., :channels].copy())
        assert luma.dtype == kind
        assert np.abs(luma - expected).max() <= (2 if white > 1 else 1e-4)
    for channels in (1, 2):
        assert np.array_equal(luma_of(pixels[..., :channels]), pixels[..., 0])
    assert np.array_equal(luma_of(pixels[..., 2]), pixels[..., 2])


def test_white_is_255_in_every_depth():
    for white in (np.uint8(255), np.uint16(65535), np.float32(1)):
        assert canonical_luma(np.full((3, 4), white), 896) == pytest.approx(255, abs=1e-4)


def test_whitening_is_detail_over_its_deviation_clipped():
    luma = noise(60, 70, seed=5)[..., 1].astype(np.float32)
    luma[20:30] += np.random.default_rng(5).normal(0, 40, (10, 70)).astype(np.float32)
    wide = luma.astype(float)
    detail = wide - cv2.GaussianBlur(wide, (0, 0), 2.5)
    padded = np.pad(detail**2, 4, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (9, 9))
    spread = np.sqrt(windows.mean(axis=(2, 3))) + 1.5
    assert np.allclose(spread_of(luma), spread, rtol=1e-4)
    assert np.allclose(whiten(luma), np.clip(detail / spread, -2.5, 2.5), atol=1e-4)
    assert np.abs(detail / spread).max() > 2.5
