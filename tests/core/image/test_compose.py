"""Laying over: luminance and contrast as WCAG has them, exact masks, Porter and Duff's over."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from labeler.core.image.compose import (
    _curve,
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


def linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_luminance_is_the_weighted_sum_of_linear_light(kind):
    white = np.iinfo(kind).max
    ramp = np.linspace(0, white, 256).astype(kind)
    levels = np.stack([ramp, np.roll(ramp, 77), np.roll(ramp, 150)], axis=-1).reshape(2, 8, 16, 3)
    light = np.vectorize(linear)(levels / white)
    seen = luminance(levels)
    assert seen.dtype == np.float32
    assert np.allclose(seen, light @ (0.2126, 0.7152, 0.0722), rtol=1e-5)
    grey = luminance(levels[..., 1:2])
    assert grey.shape == (2, 8, 16)
    assert np.allclose(grey, light[..., 1], rtol=1e-5)


def test_the_table_that_all_share_cannot_be_changed():
    assert not _curve(255).flags.writeable


def test_contrast_is_the_ratio_of_luminances_with_flare():
    one, other = np.random.default_rng(1).uniform(0, 1, (2, 50)).astype(np.float32)
    bright, dim = np.maximum(one, other).astype(float), np.minimum(one, other).astype(float)
    seen = contrast_ratio(one, other)
    assert seen.dtype == np.float64
    assert np.allclose(seen, (bright + 0.05) / (dim + 0.05), rtol=1e-6)


def outline_distance(x: float, y: float, size: tuple[int, int], r: float) -> float:
    """How far outside the outline of a rounded rectangle about zero a point lies."""
    across, down = abs(x) - size[0] / 2, abs(y) - size[1] / 2
    if across > -r and down > -r:
        return float(np.hypot(across + r, down + r) - r)
    return max(across, down)


@pytest.mark.parametrize(
    ("w", "h", "r"), [(12, 9, 0), (12, 9, 2.5), (13, 8, 99), (5, 14, 2), (5, 14, 99), (1, 1, 3)]
)
def test_the_cover_falls_by_the_distance_to_the_outline(w, h, r):
    mask = rounded_rectangle(w, h, r)
    assert mask.dtype == np.float32
    radius = min(r, w / 2, h / 2)
    for y in range(h):
        for x in range(w):
            away = outline_distance(x + 0.5 - w / 2, y + 0.5 - h / 2, (w, h), radius)
            assert mask[y, x] == pytest.approx(np.clip(0.5 - away, 0, 1), abs=1e-6)


def test_over_weighs_what_is_below_by_what_is_left_open():
    rng = np.random.default_rng(2)
    light, alpha = rng.uniform(0, 255, (2, 5, 4, 3)), rng.uniform(0, 1, (2, 5, 4, 1))
    cover = rng.uniform(0, 1, (5, 4)).astype(np.float32)
    out, opacity = lay_over(light.astype(np.float32), alpha.astype(np.float32), 90.0, cover)
    c = cover[..., None].astype(float)
    assert out.dtype == opacity.dtype == np.float32
    assert np.allclose(out, light * (1 - c) + 90 * c, rtol=1e-4)
    assert np.allclose(opacity, alpha + c - alpha * c, rtol=1e-4)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_blur_is_weighted_by_the_cover(channels):
    rng = np.random.default_rng(3)
    levels = rng.uniform(0, 255, (2, 2, 12, 9, channels)).astype(np.float32)
    cover = rng.uniform(0, 1, (12, 9)).astype(np.float32)
    before = levels.copy()
    out = blur_under(levels, cover, 1.3)
    for at in np.ndindex(2, 2):
        wide = levels[at].astype(float)
        soft = cv2.GaussianBlur(wide, (0, 0), 1.3, borderType=cv2.BORDER_REFLECT)
        c = cover[..., None]
        assert np.allclose(out[at], wide * (1 - c) + soft.reshape(wide.shape) * c, atol=0.02)
    assert np.array_equal(levels, before)


def worst_contrast(light: np.ndarray, ink: np.ndarray, boxes: list, reach: int) -> float:
    full = min(0.98, 0.9 * ink.max())
    found = [np.inf]
    for x0, y0, x1, y1 in boxes:
        rows = range(max(y0 - reach, 0), min(y1 + reach, ink.shape[0]))
        columns = range(max(x0 - reach, 0), min(x1 + reach, ink.shape[1]))
        near = {(y, x): ink[y, x] for y in rows for x in columns}
        inked = [at for at, value in near.items() if value > 0.02]
        core = [light[at] for at, value in near.items() if value >= full]
        ring = [
            light[y, x]
            for (y, x) in near
            if (y, x) not in inked and any(max(abs(y - v), abs(x - u)) <= reach for v, u in inked)
        ]
        if core and ring:
            pen = np.median(core)
            for share in (5, 50, 95):
                ground = np.percentile(ring, share)
                found.append((max(pen, ground) + 0.05) / (min(pen, ground) + 0.05))
    return min(found)


@pytest.mark.parametrize("reach", [1, 2, 4])
@pytest.mark.parametrize("strength", [1.0, 0.9, 0.5])
@pytest.mark.parametrize("pen", [0.7, -0.5])
def test_the_contrast_of_text_is_that_of_its_ink_to_the_ring_around(reach, strength, pen):
    rng = np.random.default_rng(reach)
    ink = np.zeros((24, 34), np.float32)
    boxes = [(0, 0, 6, 9), (14, 6, 21, 18), (27, 14, 34, 24)]
    for x0, y0, x1, y1 in boxes:
        stroke = rng.choice([0, 0, 0.015, 0.05, 0.5, 0.89, 0.97, 0.99, 1], (y1 - y0, x1 - x0))
        ink[y0:y1, x0:x1] = stroke * strength
    light = (0.1 - min(pen, 0) + 0.4 * rng.random(ink.shape) + pen * ink).astype(np.float32)
    expected = [worst_contrast(light, ink, [box], reach) for box in boxes]
    for box, worst in zip(boxes, expected, strict=True):
        assert text_contrast(light, ink, [box], reach) == pytest.approx(worst, rel=1e-5)
    assert text_contrast(light, ink, boxes, reach) == pytest.approx(min(expected), rel=1e-5)
    two = np.stack([light, light[::-1, ::-1]])
    other = worst_contrast(light[::-1, ::-1], ink, boxes, reach)
    both = text_contrast(two, ink, boxes, reach)
    assert both == pytest.approx(min(*expected, other), rel=1e-5)


def test_no_text_has_no_contrast():
    ink = np.zeros((9, 9), np.float32)
    assert text_contrast(ink, ink, [], 2) == np.inf
    assert text_contrast(ink[:0], ink[:0], [], 2) == np.inf
