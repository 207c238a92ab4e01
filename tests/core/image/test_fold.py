"""Folding: geometries undone, tiles summed, and the limits of what is tried."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from geometries import turned

from labeler.core.image import fold as folding
from labeler.core.image.fold import (
    MAX_SIDE,
    Folded,
    fold,
    fold_picture,
    folded_tile,
    tile_side,
    unwarp,
)
from labeler.core.image.lattice import lattice_of
from labeler.schemes import IMAGE_V1


@pytest.fixture(scope="module")
def lattice():
    return lattice_of(IMAGE_V1, bytes(32))


def smooth(height: int, width: int, seed: int = 0) -> np.ndarray:
    rough = np.random.default_rng(seed).normal(size=(height, width)).astype(np.float32)
    return cv2.GaussianBlur(rough, (0, 0), 3) * 10


def sampled_at(level: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The picture between its pixels, nothing outside of it, as OpenCV's bilinear has it."""
    padded = np.pad(level.astype(float), 2)
    x, y = np.clip(x, -1.5, level.shape[1] + 0.5) + 2, np.clip(y, -1.5, level.shape[0] + 0.5) + 2
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, down = x - left, y - top
    upper = padded[top, left] * (1 - right) + padded[top, left + 1] * right
    lower = padded[top + 1, left] * (1 - right) + padded[top + 1, left + 1] * right
    return upper * (1 - down) + lower * down


def corners_of(geometry: np.ndarray, shape: tuple[int, int], side: int) -> np.ndarray:
    """The first and last tile, across and down, that the picture reaches into."""
    height, width = shape
    back = np.linalg.inv(geometry) * side / 128
    at = np.array([back @ (x, y) for x in (0, width) for y in (0, height)]) / side
    return np.array([np.floor(at.min(axis=0)), np.ceil(at.max(axis=0))]).astype(int)


@pytest.mark.parametrize("shape", [(200, 300), (256, 128), (1, 1), (257, 129)])
def test_a_picture_as_it_is_only_gets_margins(shape):
    level = smooth(*shape)
    seen = unwarp(level, np.eye(2), 128)
    rows, columns = (-(-side // 128) * 128 for side in shape)
    assert seen.dtype == np.float32
    assert seen.shape == (rows, columns)
    assert np.array_equal(seen[: shape[0], : shape[1]], level)
    assert seen.sum() == pytest.approx(level.sum(), abs=1e-2)


@pytest.mark.parametrize(
    "geometry",
    [
        turned(1.0, 30),
        turned(1.2, -70),
        turned(0.8, 200),
        turned(1.1, 2) @ np.diag([1.05, -0.95]),
        np.eye(2) * (1 + 1e-6),
        -np.eye(2),
    ],
)
def test_every_pixel_of_a_tile_comes_from_its_place_in_the_picture(geometry):
    level = smooth(220, 260, 1)
    seen = unwarp(level, geometry, 128)
    (left, top), (right, bottom) = corners_of(geometry, level.shape, 128)
    assert seen.shape == (128 * (bottom - top), 128 * (right - left))
    y, x = np.mgrid[0 : seen.shape[0], 0 : seen.shape[1]]
    place = np.tensordot(geometry, np.stack([x + 128 * left, y + 128 * top]), 1)
    expected = sampled_at(level, *place)
    assert np.abs(seen - expected).max() < 0.03 * np.abs(level).max()
    assert np.abs(seen).max() > 0.9 * np.abs(level).max()


@pytest.mark.parametrize(("degrees", "shape"), [(-30, (257, 100)), (30, (100, 257))])
def test_a_corner_that_hardly_reaches_into_a_tile_has_it(degrees, shape):
    geometry = turned(1.0, degrees)
    (left, top), (right, bottom) = corners_of(geometry, shape, 128)
    seen = unwarp(smooth(*shape), geometry, 128)
    assert min(left, top) == -2
    assert seen.shape == (128 * (bottom - top), 128 * (right - left))


@pytest.mark.parametrize("scale", [0.74, 0.5, 0.35])
def test_small_pictures_are_unwarped_to_tiles_of_half_the_side(scale):
    level = smooth(220, 260, 2)
    geometry = turned(scale, 20)
    seen = unwarp(level, geometry, 128)
    (left, top), (right, bottom) = corners_of(geometry, level.shape, 64)
    assert seen.shape == (64 * (bottom - top), 64 * (right - left))
    y, x = np.mgrid[0 : seen.shape[0], 0 : seen.shape[1]]
    place = np.tensordot(2 * geometry, np.stack([x + 64 * left, y + 64 * top]), 1)
    inside = (np.abs(place - np.array([[[130.0]], [[110.0]]])) < np.array([[[125]], [[105]]])).all(
        0
    )
    gap = np.abs(seen - sampled_at(level, *place))[inside]
    assert gap.max() < 0.05 * np.abs(level).max()


def test_half_the_size_fits_tiles_of_64_pixels_without_a_warp():
    level = smooth(130, 70, 3)
    seen = unwarp(level, np.eye(2) / 2, 128)
    assert seen.shape == (192, 128)
    assert np.array_equal(seen[:130, :70], level)


def test_enlarged_pictures_are_smoothed_before_they_are_sampled():
    rough = np.random.default_rng(4).normal(size=(300, 300)).astype(np.float32)
    geometry = np.eye(2) * 2.0
    soft = cv2.GaussianBlur(rough.astype(float), (0, 0), 0.64)
    assert np.allclose(unwarp(rough, geometry, 128)[:150, :150], soft[::2, ::2], atol=1e-3)
    assert np.array_equal(
        unwarp(rough, np.eye(2) * 1.25, 128)[:200:4, :200:4], rough[:250:5, :250:5]
    )


def test_tiles_are_halved_below_three_quarters():
    assert tile_side(np.eye(2) * 0.75, 128) == 128
    assert tile_side(np.eye(2) * 0.749, 128) == 64
    assert tile_side(np.diag([-0.5, 1.0]), 128) == 64
    assert tile_side(np.diag([-0.6, 1.0]), 128) == 128


def test_what_would_be_too_large_is_not_tried(monkeypatch):
    level = np.zeros((256, 384), np.float32)
    monkeypatch.setattr(folding, "MAX_WARPED", 256 * 384)
    assert unwarp(level, np.eye(2), 128).shape == (256, 384)
    assert unwarp(level[:, :383], np.eye(2), 128).shape == (256, 384)
    monkeypatch.setattr(folding, "MAX_WARPED", 256 * 384 - 1)
    assert unwarp(level, np.eye(2), 128) is None


def test_no_side_is_longer_than_opencv_can_warp():
    for shape in ((1, MAX_SIDE), (MAX_SIDE, 1)):
        level = np.zeros(shape, np.float32)
        assert unwarp(level, np.eye(2), 128).size == 128 * MAX_SIDE
        assert unwarp(level, np.eye(2) * 0.99, 128) is None
    for shape in ((1, MAX_SIDE + 1), (MAX_SIDE + 1, 1)):
        level = np.zeros(shape, np.float32)
        assert unwarp(level, np.eye(2), 128) is None
        assert unwarp(level, np.eye(2) * 1.5, 128) is None


@pytest.mark.parametrize(("side", "shape"), [(64, (64, 64)), (64, (192, 128)), (32, (32, 96))])
def test_the_fold_is_the_sum_of_all_tiles(side, shape):
    plane = np.random.default_rng(5).normal(size=shape).astype(np.float32)
    tiles = plane.astype(float).reshape(shape[0] // side, side, shape[1] // side, side)
    seen = fold(plane, side)
    assert seen.dtype == np.float32
    assert np.allclose(seen, tiles.sum(axis=(0, 2)), atol=1e-4)


@pytest.mark.parametrize("side", [64, 128, 130])
def test_a_tile_gives_the_coefficients_of_the_lattice(lattice, side):
    tile = np.random.default_rng(6).normal(size=(side, side)).astype(np.float32)
    folded = folded_tile(tile, lattice)
    assert folded.side == side
    assert np.allclose(folded.coefficients, np.fft.fft2(tile)[lattice.v, lattice.u], atol=1e-2)


@pytest.mark.parametrize("scale", [1.0, 0.6])
def test_a_picture_is_folded_as_its_parts_are(lattice, scale):
    level, geometry = smooth(300, 280, 7), turned(scale, 11)
    side = 128 if scale == 1 else 64
    folded = fold_picture(level, geometry, lattice)
    assert isinstance(folded, Folded)
    expected = folded_tile(fold(unwarp(level, geometry, 128), side), lattice)
    assert folded.side == expected.side == side
    assert np.array_equal(folded.coefficients, expected.coefficients)
