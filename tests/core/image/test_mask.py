"""The mask against a plain reference in double precision, and what a mark of its shape costs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from labeler.core.image import mask
from labeler.core.image.mask import Visibility, texture_of, visibility_of


LUMA = np.clip(
    120
    + 60 * np.sin(np.mgrid[0:62, 0:90][1] / 15)
    + 50 * (np.mgrid[0:62, 0:90][0] > 27)
    + np.random.default_rng(1).normal(0, 1, (62, 90)) * np.linspace(0, 30, 90),
    0,
    255,
).astype(np.float32)


def box(plane):
    return ndimage.uniform_filter(plane, 5, mode="mirror")


def halved(plane):
    rows, columns = (max(1, side // 2) for side in plane.shape)
    whole = plane[: 2 * rows, : 2 * columns].astype(float)
    return whole.reshape(rows, len(whole) // rows, columns, -1).mean(axis=(1, 3))


def texture(variance):
    deviation = np.sqrt(np.maximum(variance, 0))
    calm = ndimage.minimum_filter(deviation, 3, mode="nearest")
    return np.sqrt(box(0.65 * calm + 0.35 * np.minimum(deviation, 3 * calm + 1)))


def enlarged(plane, shape):
    at = [
        (np.arange(side) + 0.5) * len_ / side - 0.5
        for side, len_ in zip(shape, plane.shape, strict=True)
    ]
    places = np.meshgrid(*at, indexing="ij")
    return ndimage.map_coordinates(plane, places, order=1, mode="nearest")


def reference(luma):
    small = halved(luma)
    amplitude = 0.24 + 0.40 * texture(box(halved(luma.astype(float) ** 2)) - box(small) ** 2)
    energy = np.maximum(box(small**2) - box(small) ** 2, 0)
    cost = np.mean(amplitude**2 / (energy + mask._BUSY))
    return enlarged(amplitude, luma.shape), cost


@pytest.mark.parametrize("shape", [(62, 90), (61, 89), (40, 20), (20, 40)])
def test_the_mask_is_the_root_of_the_eroded_local_deviation(shape):
    luma = LUMA[: shape[0], : shape[1]]
    seen = visibility_of(luma)
    amplitude, cost = reference(luma)
    assert seen.amplitude.dtype == np.float32
    assert np.allclose(seen.amplitude, amplitude, rtol=2e-3)
    assert seen.cost == pytest.approx(cost, rel=2e-3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 40), (3, 40), (40, 3), (40, 2)])
def test_a_picture_of_few_pixels_has_a_mask_of_its_size(shape):
    luma = np.random.default_rng(2).uniform(0, 255, shape).astype(np.float32)
    seen = visibility_of(luma)
    assert seen.amplitude.shape == shape
    if min(shape) > 1:
        assert np.allclose(seen.amplitude, reference(luma)[0], rtol=1e-2)


def test_the_texture_of_a_halved_luma_is_that_of_the_mask():
    small = halved(LUMA)
    wanted = texture(box(small**2) - box(small) ** 2)
    before = small.astype(np.float32)
    seen = texture_of(before)
    assert np.allclose(seen, wanted, rtol=2e-3)
    assert np.array_equal(before, small.astype(np.float32))


def test_what_is_finer_than_a_reduced_pixel_counts_for_the_mask_alone():
    checks = np.indices((40, 40)).sum(0) % 2 * 40.0 + 100
    assert texture_of(halved(checks).astype(np.float32)).max() < 0.1
    assert visibility_of(checks.astype(np.float32)).amplitude.min() > 1.5


def test_a_flat_picture_gets_the_least_and_costs_most_for_its_strength():
    flat = visibility_of(np.full((60, 60), 100, np.float32))
    assert np.allclose(flat.amplitude, 0.24, atol=1e-3)
    assert flat.cost == pytest.approx(0.24**2 / mask._BUSY, rel=5e-3)
    busy = visibility_of(np.random.default_rng(3).uniform(0, 255, (60, 60)).astype(np.float32))
    assert busy.amplitude.mean() > 8 * flat.amplitude.mean()
    energy = [np.mean(seen.amplitude**2) for seen in (flat, busy)]
    assert flat.cost / energy[0] > 10 * busy.cost / energy[1]


@pytest.mark.parametrize("scale", [1.0, 1.7, 4.0])
@pytest.mark.parametrize("points", [1.0, 15.0, 25.0])
def test_the_strength_for_a_loss_is_the_inverse_of_the_loss(points, scale):
    seen = visibility_of(LUMA)
    assert seen.loss(seen.alpha_for(points, scale), scale) == pytest.approx(points)


def test_a_loss_grows_with_strength_cost_and_enlargement():
    def loss(cost, alpha, scale):
        return Visibility(amplitude=LUMA, cost=cost).loss(alpha, scale)

    assert loss(0.01, 0, 1) == 0
    assert loss(0.01, 1, 1) == pytest.approx(0.01 * mask._LOSS_OF_COST + mask._LOSS_BASE)
    assert loss(0.01, 1, 1) < loss(0.01, 1.5, 1) < loss(0.01, 2, 1) < 2.5 * loss(0.01, 1, 1)
    for enlargement in (1.5, 2.5):
        assert loss(0.01, 1, enlargement) > 1.2 * loss(0.01, 1, 1)
    steps = np.diff([loss(cost, 1, 1) for cost in (0.0, 0.01, 0.02, 0.04)])
    assert steps == pytest.approx(steps[0] * np.array([1, 1, 2]))
    assert steps[0] > loss(0.0, 1, 1) > 0
