"""The quality figures against pictures whose figures are known."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from benchmarks import quality
from makers import photo


@pytest.fixture(scope="module")
def picture():
    return photo("coffee", 200)


def test_identical_pictures_have_the_best_figures(picture):
    found = quality.compare(picture, picture)
    assert found.psnr == quality.MOST_DB
    assert found.worst_tile == quality.MOST_DB
    assert found.ssim == pytest.approx(1)
    assert found.ssimulacra2 is None or found.ssimulacra2 > 99


def test_psnr_of_one_step_everywhere():
    grey = np.full((64, 64, 3), 100, np.uint8)
    assert quality.psnr(grey, grey + 1) == pytest.approx(20 * math.log10(255))


def test_worst_tile_sees_a_local_change(picture):
    changed = picture.copy()
    changed[:64, :64] ^= 8
    assert quality.worst_tile(picture, changed) == pytest.approx(20 * math.log10(255 / 8), abs=1e-3)
    assert quality.psnr(picture, changed) > quality.worst_tile(picture, changed) + 8


def test_ssim_agrees_with_scikit_image(picture):
    from skimage.metrics import structural_similarity

    noisy = np.clip(picture + np.random.default_rng(1).normal(0, 6, picture.shape), 0, 255)
    noisy = noisy.astype(np.uint8)
    expected = structural_similarity(
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY),
        cv2.cvtColor(noisy, cv2.COLOR_RGB2GRAY),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    assert quality.ssim(picture, noisy) == pytest.approx(expected, abs=0.002)


def test_more_noise_is_worse_in_every_figure(picture):
    def noisy(deviation):
        values = picture + np.random.default_rng(2).normal(0, deviation, picture.shape)
        return np.clip(values, 0, 255).astype(np.uint8)

    little, much = (quality.compare(picture, noisy(d)) for d in (2, 10))
    assert little.psnr > much.psnr
    assert little.ssim > much.ssim
    assert little.worst_tile > much.worst_tile
    if little.ssimulacra2 is not None:
        assert little.ssimulacra2 > much.ssimulacra2
