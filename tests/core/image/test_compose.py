"""Laying over: luminance and contrast as WCAG has them, exact masks, Porter and Duff's over."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.image.compose import (
    blur_under,
    contrast_ratio,
    lay_over,
    luminance,
    rounded_rectangle,
    text_contrast,
)


def test_luminance_of_the_primaries_is_that_of_wcag():
    primaries = np.eye(3, dtype=np.uint8)[None] * 255
    assert luminance(primaries)[0] == pytest.approx([0.2126, 0.7152, 0.0722], abs=1e-4)
    assert luminance(np.full((1, 1, 3), 119, np.uint8)).item() == pytest.approx(0.184, abs=1e-3)


def test_luminance_is_the_same_for_eight_and_sixteen_bits_and_for_grey():
    eight = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    rgb = np.repeat(eight, 3, -1)
    assert np.allclose(luminance(eight), luminance(rgb), atol=1e-6)
    assert np.allclose(luminance(eight), luminance(eight.astype(np.uint16) * 257), atol=1e-6)


def test_contrast_does_not_depend_on_the_order():
    one, other = np.array([0.1, 0.5]), np.array([0.9, 0.2])
    assert contrast_ratio(one, other) == pytest.approx(contrast_ratio(other, one))
    assert contrast_ratio(one, one) == pytest.approx([1, 1])


@pytest.mark.parametrize(("w", "h", "r"), [(40, 20, 0), (40, 20, 6), (41, 23, 99), (7, 30, 3)])
def test_a_rounded_rectangle_covers_its_exact_area(w, h, r):
    mask = rounded_rectangle(w, h, r)
    radius = min(r, w / 2, h / 2)
    assert mask.shape == (h, w)
    assert mask.sum() == pytest.approx(w * h - (4 - np.pi) * radius**2, rel=0.01)
    assert np.array_equal(mask, mask[::-1])
    assert np.array_equal(mask, mask[:, ::-1])


def test_over_on_an_opaque_ground_is_the_weighted_mean():
    light, alpha = np.full((2, 2, 3), 100, np.float32), np.ones((2, 2, 1), np.float32)
    cover = np.array([[0, 1], [0.5, 0.25]], np.float32)
    out, opacity = lay_over(light, alpha, 200, cover)
    assert np.allclose(out[..., 0], 100 + 100 * cover)
    assert np.allclose(opacity, 1)


def test_over_on_nothing_leaves_the_cover_as_opacity():
    nothing = np.zeros((1, 2, 3), np.float32)
    out, opacity = lay_over(nothing, nothing[..., :1], 200, np.array([[0.25, 1]], np.float32))
    assert np.allclose(opacity[0, :, 0], [0.25, 1])
    assert np.allclose(out / opacity, 200)


def test_blur_changes_only_what_is_covered_and_takes_batches():
    levels = np.random.default_rng(0).uniform(0, 255, (2, 9, 9, 3)).astype(np.float32)
    cover = np.zeros((9, 9), np.float32)
    cover[2:7, 2:7] = 1
    out = blur_under(levels, cover, 1.5)
    assert np.array_equal(out[:, cover == 0], levels[:, cover == 0])
    assert out[:, cover == 1].std() < levels[:, cover == 1].std() / 2
    assert np.array_equal(out[1], blur_under(levels[1], cover, 1.5))


def test_text_contrast_is_that_of_the_worst_glyph():
    ink = np.zeros((20, 40), np.float32)
    ink[5:15, 5:10] = ink[5:15, 25:30] = 1
    light = np.full((20, 40), 0.05, np.float32)
    light[ink > 0] = 1.0
    boxes = [(5, 5, 10, 15), (25, 5, 30, 15)]
    assert text_contrast(light, ink, boxes, 2) == pytest.approx(10.5)
    light[:, 20:][ink[:, 20:] == 0] = 0.25
    assert text_contrast(light, ink, boxes, 2) == pytest.approx(3.5)


def test_glyphs_without_ink_or_without_ground_have_no_contrast():
    ink = np.zeros((20, 40), np.float32)
    ink[5:15, 5:10] = 1
    light = np.where(ink > 0, 1.0, 0.05).astype(np.float32)
    seen = text_contrast(light, ink, [(5, 5, 10, 15), (25, 5, 30, 15)], 2)
    assert seen == pytest.approx(10.5)
    assert text_contrast(light, ink, [(25, 5, 30, 15)], 2) == np.inf
    assert text_contrast(light, np.ones_like(ink), [(5, 5, 10, 15)], 2) == np.inf
