"""Enlarging a residual and adding it to pixels of every kind."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from scipy import ndimage

from labeler.core.image.residual import add_residual, enlarged_strips


RESIDUAL = np.random.default_rng(1).normal(0, 3, (90, 120)).astype(np.float32)


def enlarged(height: int, width: int) -> np.ndarray:
    whole = np.empty((height, width), np.float32)
    for rows, strip in enlarged_strips(RESIDUAL, height, width):
        whole[rows] = strip
    return whole


@pytest.mark.parametrize("size", [(90, 120), (180, 240), (333, 451), (91, 120)])
def test_strips_join_to_a_bilinear_enlargement(size):
    direct = cv2.resize(RESIDUAL, size[::-1], interpolation=cv2.INTER_LINEAR)
    assert np.allclose(enlarged(*size), direct, atol=1e-3)


def test_every_channel_gets_the_rounded_residual():
    pixels = np.random.default_rng(2).integers(20, 230, (90, 120, 3)).astype(np.uint8)
    marked, psnr = add_residual(pixels, RESIDUAL)
    assert np.array_equal(marked, pixels + np.rint(RESIDUAL).astype(np.int16)[..., None])
    error = np.mean((marked.astype(float) - pixels) ** 2)
    assert psnr == pytest.approx(10 * math.log10(255**2 / error), abs=1e-6)


def test_black_and_white_saturate():
    for value in (0, 255):
        marked, _ = add_residual(np.full((90, 120), value, np.uint8), RESIDUAL)
        assert np.array_equal(marked, np.clip(value + np.rint(RESIDUAL), 0, 255))
    marked, _ = add_residual(np.ones((90, 120), np.float32), RESIDUAL)
    assert marked.max() == 1


def test_deep_pixels_get_finer_steps():
    pixels = np.full((90, 120, 3), 30_000, np.uint16)
    marked, _ = add_residual(pixels, RESIDUAL)
    assert marked.dtype == np.uint16
    assert np.array_equal(marked[..., 1], 30_000 + np.rint(RESIDUAL * 257).astype(np.int32))
    real, _ = add_residual(np.full((90, 120), 0.5, np.float32), RESIDUAL)
    assert np.allclose(real, 0.5 + RESIDUAL / 255, atol=1e-6)


@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_alpha_and_transparent_pixels_stay(channels, dtype):
    pixels = np.full((90, 120, channels), 0.4 if dtype == np.float32 else 100, dtype)
    pixels[:45, :, -1] = 0
    marked, _ = add_residual(pixels, RESIDUAL)
    assert np.array_equal(marked[..., -1], pixels[..., -1])
    assert np.array_equal(marked[:45], pixels[:45])
    assert (marked[45:, :, 0] != pixels[45:, :, 0]).mean() > 0.5


def test_nothing_added_is_nothing_changed():
    pixels = np.random.default_rng(3).integers(0, 256, (90, 120, 4)).astype(np.uint8)
    marked, psnr = add_residual(pixels, np.zeros_like(RESIDUAL))
    assert np.array_equal(marked, pixels)
    assert marked is not pixels
    assert math.isinf(psnr)


def test_any_memory_layout_gives_the_same():
    pixels = np.random.default_rng(4).integers(0, 256, (90, 120, 3)).astype(np.uint8)
    expected, _ = add_residual(pixels, RESIDUAL)
    mirrored = np.ascontiguousarray(pixels[:, :, ::-1])[:, :, ::-1]
    for other in (np.asfortranarray(pixels), mirrored):
        assert np.array_equal(add_residual(other, RESIDUAL)[0], expected)
    row = np.broadcast_to(np.arange(120, dtype=np.uint8), (90, 120))
    assert np.array_equal(add_residual(row, RESIDUAL)[0], add_residual(row.copy(), RESIDUAL)[0])


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (1, 1)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pictures_of_one_row_or_column_are_marked_like_others(shape, channels):
    pixels = np.full((*shape, channels), 100, np.uint8)
    marked, _ = add_residual(pixels, np.full(shape, 2.6, np.float32))
    colours = channels if channels % 2 else channels - 1
    assert np.array_equal(marked[..., :colours], np.full((*shape, colours), 103))
    assert np.array_equal(marked[..., colours:], pixels[..., colours:])


@pytest.mark.parametrize("small", [(1, 4), (4, 1), (1, 1), (2, 3)])
@pytest.mark.parametrize("size", [(7, 9), (300, 5)])
def test_a_residual_of_few_pixels_is_enlarged_to_its_rim(small, size):
    residual = np.random.default_rng(5).normal(0, 3, small).astype(np.float32)
    at = [(np.arange(n) + 0.5) * side / n - 0.5 for n, side in zip(size, small, strict=True)]
    places = np.meshgrid(*at, indexing="ij")
    wanted = ndimage.map_coordinates(residual.astype(float), places, order=1, mode="nearest")
    whole = np.full(size, np.nan, np.float32)
    for rows, strip in enlarged_strips(residual, *size):
        whole[rows] = strip
    assert np.allclose(whole, wanted, atol=1e-5)


@pytest.mark.parametrize(("dtype", "peak"), [("uint8", 255), ("uint16", 65_535), ("float32", 1.0)])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_psnr_is_that_of_the_colour_channels(dtype, peak, channels):
    level = 0.4 * peak
    pixels = np.full((10, 12, channels), level).astype(dtype)
    marked, psnr = add_residual(pixels, np.full((10, 12), 2.0, np.float32))
    error = (marked[0, 0, 0].astype(float) - pixels[0, 0, 0]) / peak
    assert psnr == pytest.approx(-20 * math.log10(error), abs=1e-4)
