from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labeler.core.image.haar import analyse, put_quads, quads_of, synthesise


SIDES = st.integers(1, 6).map(lambda n: 2 * n)
PLANES = st.tuples(SIDES, SIDES).flatmap(lambda shape: hnp.arrays(np.uint8, shape))


@given(PLANES)
def test_the_transform_and_its_inverse_give_the_plane_again(plane):
    again = np.empty(plane.shape)
    put_quads(synthesise(analyse(quads_of(plane))), again)
    assert np.allclose(again, plane, atol=1e-9)


@given(PLANES)
def test_bands_are_means_and_differences_of_quads(plane):
    (a, b), (c, d) = quads_of(plane)
    bands = analyse(quads_of(plane))
    assert np.allclose(bands[0, 0], (a + b + c + d) / 2)
    assert np.allclose(bands[1, 0], (a + b - c - d) / 2)
    assert np.allclose(bands[0, 1], (a - b + c - d) / 2)
    assert np.allclose(bands[1, 1], (a - b - c + d) / 2)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_floats_of_32_bits_stay_what_they_are(kind):
    bands = analyse(quads_of(np.ones((4, 4), kind)))
    assert bands.dtype == (np.float32 if kind is np.float32 else np.float64)


def test_the_arithmetic_is_that_of_pywavelets_to_the_last_digit():
    pywt = pytest.importorskip("pywt", reason="PyWavelets is not installed")
    plane = np.random.default_rng(1).integers(0, 256, (64, 96)).astype(np.uint8)
    for each in (plane, (plane * 1.1).astype(np.float32)):
        mean, (down, across, both) = pywt.dwt2(each, "haar")
        bands = analyse(quads_of(each))
        for ours, theirs in zip(
            (bands[0, 0], bands[1, 0], bands[0, 1], bands[1, 1]),
            (mean, down, across, both),
            strict=True,
        ):
            assert np.array_equal(ours, theirs)
        back = np.empty(each.shape, bands.dtype)
        put_quads(synthesise(bands), back)
        assert np.array_equal(back, pywt.idwt2((mean, (down, across, both)), "haar"))


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float64, np.float32])
def test_quads_of_a_batch_are_the_four_corners_of_its_squares(kind):
    planes = np.arange(2 * 3 * 4 * 6).reshape(2, 3, 4, 6).astype(kind)
    quads = quads_of(planes)
    assert quads.shape == (2, 2, 2, 3, 2, 3)
    assert quads.dtype == (np.float32 if kind is np.float32 else np.float64)
    for row in (0, 1):
        for column in (0, 1):
            assert np.array_equal(quads[row, column], planes[..., row::2, column::2])
    again = np.zeros_like(planes)
    put_quads(quads, again)
    assert np.array_equal(again, planes)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_transform_is_its_own_inverse_and_keeps_the_energy(kind):
    quads = np.random.default_rng(2).normal(size=(2, 2, 5, 7)).astype(kind)
    bands = analyse(quads.copy())
    assert bands.dtype == kind
    assert np.sum(bands.astype(float) ** 2) == pytest.approx(np.sum(quads.astype(float) ** 2))
    (a, b), (c, d) = quads
    expected = [[a + b + c + d, a - b + c - d], [a + b - c - d, a - b - c + d]]
    for one in (bands, synthesise(quads.copy())):
        assert np.allclose(one, np.array(expected) / 2, atol=1e-5)


def test_what_is_transformed_is_used_as_scratch():
    quads = np.random.default_rng(3).normal(size=(2, 2, 3, 3))
    assert analyse(quads) is quads
    assert synthesise(quads) is quads
