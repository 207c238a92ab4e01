"""SSIM at a bounded price, against scikit-image."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from labeler.core.image import similarity
from labeler.core.image.similarity import EXACT_PIXELS, ssim
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


def luma(pixels):
    return pixels.astype(float) if pixels.ndim == 2 else pixels @ np.array([0.299, 0.587, 0.114])


def plain(one, two):
    """The mean over all windows, in double precision, from the definition."""
    values = []
    for top in range(one.shape[0] - 6):
        for left in range(one.shape[1] - 6):
            a, b = (each[top : top + 7, left : left + 7].ravel() for each in (one, two))
            (va, shared), (_, vb) = np.cov(a, b)
            c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
            values.append(
                (2 * a.mean() * b.mean() + c1)
                * (2 * shared + c2)
                / ((a.mean() ** 2 + b.mean() ** 2 + c1) * (va + vb + c2))
            )
    return np.mean(values)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_every_scale_of_a_dark_grey_picture_gives_the_figure_of_eight_bits(dtype):
    one = np.random.default_rng(7).integers(0, 9, (30, 40)).astype(np.uint8)
    two = (one + np.random.default_rng(8).integers(0, 12, one.shape)).astype(np.uint8)
    white = 65_535 if dtype == "uint16" else 1.0
    deep = [(each / 255 * white).astype(dtype) for each in (one, two)]
    assert ssim(*deep) == pytest.approx(ssim(one, two), abs=1e-5)


@pytest.mark.parametrize("shape", [(7, 7), (9, 30), (25, 8)])
@pytest.mark.parametrize("offset", [0, 200])
def test_the_mean_is_that_of_the_definition_also_in_the_dark(shape, offset):
    one = np.random.default_rng(7).integers(0, 30, shape).astype(np.uint8) + np.uint8(offset)
    two = (one + np.random.default_rng(8).integers(0, 12, shape)).astype(np.uint8)
    assert ssim(one, two) == pytest.approx(plain(luma(one), luma(two)), abs=2e-5)


@pytest.mark.parametrize(
    ("shape", "exact"),
    [
        ((250, 280), True),
        ((251, 280), False),
        ((EXACT_PIXELS, 1), True),
        ((EXACT_PIXELS + 1, 1), False),
    ],
)
def test_up_to_the_limit_the_whole_picture_is_one_block(shape, exact):
    rows, columns, places = similarity._blocks(*shape)
    assert ((rows, columns) == shape and places == [(0, 0)]) == exact


@pytest.mark.parametrize(
    ("shape", "grid"),
    [
        ((1000, 1000), (7, 3)),
        ((2000, 1000), (9, 2)),
        ((1000, 4000), (3, 8)),
        ((39, 100_000), (1, 24)),
        ((100_000, 71), (24, 1)),
        ((38, 2000), (1, 24)),
    ],
)
def test_about_twenty_four_blocks_lie_on_an_even_grid_from_rim_to_rim(shape, grid):
    rows, columns, places = similarity._blocks(*shape)
    assert (rows, columns) == (38, 70)
    tops, lefts = (sorted(set(axis)) for axis in zip(*places, strict=True))
    assert places == [(top, left) for top in tops for left in lefts]
    assert (len(tops), len(lefts)) == grid
    for starts, room in ((tops, shape[0] - 38), (lefts, shape[1] - 70)):
        assert (starts[0], starts[-1]) == (0, room if len(starts) > 1 else 0)
        assert np.ptp(np.diff(starts)) <= 1 if len(starts) > 1 else True


def test_a_narrow_picture_is_compared_over_its_whole_width():
    assert similarity._blocks(10_000, 20)[1] == 20
    assert similarity._blocks(20, 10_000)[0] == 20


def test_the_blocks_of_a_large_picture_have_the_mean_of_their_windows():
    rng = np.random.default_rng(9)
    one = rng.integers(0, 256, (300, 400, 3)).astype(np.uint8)
    two = altered(one, 20)
    rows, columns, places = similarity._blocks(300, 400)
    parts = [
        oracle(*(each[y : y + rows, x : x + columns] for each in (one, two))) for y, x in places
    ]
    assert len(places) > 1
    assert ssim(one, two) == pytest.approx(np.mean(parts), abs=2e-5)
