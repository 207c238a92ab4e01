"""SSIM at a bounded price, against scikit-image."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from labeler.core.image import similarity
from labeler.core.image.similarity import ssim
from labeler.image.watermark import embed_mark
from labeler.payload import Payload
from makers import noise, photo


PAYLOAD = Payload(mark_id=0x2F3ABCAA7ED0A5D)
NAMES = ("astronaut", "coffee", "chelsea", "rocket", "camera", "grass", "brick", "coins")


def coloured(name: str, side: int) -> np.ndarray:
    picture = photo(name, side)
    return picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)


def altered(pixels: np.ndarray, deviation: float = 2.0) -> np.ndarray:
    grain = np.random.default_rng(5).normal(0, deviation, pixels.shape[:2])[..., None]
    return np.clip(np.rint(pixels + grain), 0, 255).astype(np.uint8)


def oracle(one: np.ndarray, two: np.ndarray) -> float:
    grey = [cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) for pixels in (one, two)]
    return structural_similarity(*grey, data_range=255)


@pytest.mark.parametrize("name", NAMES)
def test_small_pictures_are_compared_exactly(name):
    pixels = coloured(name, 256)
    assert ssim(pixels, altered(pixels)) == pytest.approx(oracle(pixels, altered(pixels)), abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_large_pictures_are_compared_within_two_thousandths(name):
    pixels = coloured(name, 1000)
    after, _ = embed_mark(pixels, PAYLOAD, strength=1.0, self_check=False)
    assert ssim(pixels, after) == pytest.approx(oracle(pixels, after), abs=2e-3)


def test_the_same_picture_is_wholly_alike():
    assert ssim(photo(side=600), photo(side=600)) == pytest.approx(1, abs=1e-6)


def test_a_change_anywhere_in_a_large_picture_counts_where_it_is_looked_at():
    pixels = noise(900, 900)
    half = pixels.copy()
    half[450:] = altered(pixels[450:], 12)
    whole = altered(pixels, 12)
    lost = 1 - ssim(pixels, whole)
    assert 1 - ssim(pixels, half) == pytest.approx(lost / 2, rel=0.15)


@pytest.mark.parametrize("shape", [(3000, 2000), (400_000, 16), (7, 60_000), (38, 4000)])
def test_the_price_does_not_grow_with_the_picture(shape):
    rows, columns, places = similarity._blocks(*shape)
    assert len(places) * rows * columns <= similarity.EXACT_PIXELS
    assert {y + rows <= shape[0] and x + columns <= shape[1] for y, x in places} == {True}
    assert ssim(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)) == pytest.approx(1)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_every_scale_gives_the_figure_of_eight_bits(dtype):
    pixels = photo("coffee", 500)
    after = altered(pixels)
    scale = 257 if dtype == "uint16" else np.float32(1 / 255)
    deep = [(each * scale).astype(dtype) for each in (pixels.astype(np.float64), after * 1.0)]
    assert ssim(*deep) == pytest.approx(ssim(pixels, after), abs=1e-3)


def test_alpha_is_not_looked_at():
    pixels = np.dstack([photo(side=300), np.zeros((300, 300), np.uint8)])
    other = pixels.copy()
    other[..., 3] = 255
    assert ssim(pixels, other) == pytest.approx(1, abs=1e-6)


def test_what_holds_no_window_counts_as_alike():
    assert ssim(np.zeros((6, 900), np.uint8), np.ones((6, 900), np.uint8)) == 1
