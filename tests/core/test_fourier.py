"""Transforms on the packed layout, against numpy's."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core import fourier


@pytest.mark.parametrize("shape", [(64, 64), (128, 64), (90, 108)])
def test_coefficients_are_those_of_numpy(shape):
    plane = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    whole = np.fft.fft2(plane)
    u, v = np.array([1, -1, 5, -7, 20]), np.array([0, 3, 6, 2, 30])
    got = fourier.coefficients_at(fourier.transform(plane), u, v)
    assert np.allclose(got, whole[v % shape[0], u % shape[1]], atol=1e-2)


def test_a_plane_is_the_sum_of_its_waves():
    u, v = np.array([3, -4, 1]), np.array([2, 5, 0])
    c = np.array([1 + 2j, -0.5j, 0.25], np.complex64)
    y, x = np.mgrid[0:32, 0:32]
    turns = [(p * x + q * y) / 32 for p, q in zip(u, v, strict=True)]
    waves = [2 * (a * np.exp(2j * np.pi * t)).real for a, t in zip(c, turns, strict=True)]
    assert np.allclose(fourier.plane_of(c, u, v, 32), sum(waves), atol=1e-4)


def test_transform_and_inverse_undo_each_other():
    plane = np.random.default_rng(2).normal(size=(64, 96)).astype(np.float32)
    back = fourier.inverse(fourier.transform(plane)) / plane.size
    assert np.allclose(back, plane, atol=1e-5)
