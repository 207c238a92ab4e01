"""The probe: what recompression gives, where the tile is looked for, what rounding does."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from labeler.core.checksum import frame
from labeler.core.image.alignment import shift
from labeler.core.image.canonical import whiten
from labeler.core.image.chips import soft_chips, statistic
from labeler.core.image.fold import MAX_SIDE, fold_picture
from labeler.core.image.lattice import codeword_chips, coefficients_of, lattice_of, tile_of
from labeler.core.image.probe import marked_luma, probe, probe_scale, recompressed
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LONG = IMAGE_V1.long_mode
PAYLOAD = tuple(int(bit) for bit in f"{0xFEDCBA9876543210:064b}")
LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
SIGNED = codeword_chips(LATTICE, frame(PAYLOAD, LONG), LONG)
TILE = tile_of(LATTICE, coefficients_of(LATTICE, PAYLOAD, LONG))


def marked(offset=(0, 0), strength=4.0):
    x, y = offset
    tiles = np.tile(TILE, (4, 4)) * strength + np.random.default_rng(1).normal(120, 3, (512, 512))
    return np.clip(np.rint(np.roll(tiles, (y, x), (0, 1))), 0, 255).astype(np.uint8)


def jpeg(luma, quality):
    file = io.BytesIO()
    Image.fromarray(luma).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file)).astype(float)


@pytest.mark.parametrize(
    ("scale", "reduction"), [(1.0, 0.5), (1.2, 0.6), (1.4, 0.7), (4.0, 0.7), (0.5, 0.5)]
)
def test_pictures_are_halved_as_far_as_the_tiles_stay_readable(scale, reduction):
    assert probe_scale(scale) == pytest.approx(reduction)


def test_a_marked_luma_is_rounded_and_saturated():
    luma = np.array([[100.0, 100.0, 250.0, 3.0, 7.4]], np.float32)
    residual = np.array([[2.0, -1.2, 4.0, -4.0, 0.0]], np.float32)
    seen = marked_luma(luma, residual, 2.0)
    assert seen.dtype == np.uint8
    assert seen.tolist() == [[104, 98, 255, 0, 7]]
    assert marked_luma(luma, residual, 0.0).tolist() == [[100, 100, 250, 3, 7]]


@pytest.mark.parametrize("quality", [50, 90])
def test_a_picture_that_keeps_its_size_goes_through_a_grey_jpeg(quality):
    luma = marked()
    seen, size = recompressed(luma, 1, quality)
    assert size == 1
    assert seen.dtype == np.float32
    assert np.abs(seen - jpeg(luma, quality)).max() <= 3
    assert np.abs(seen - jpeg(luma, quality)).mean() < 0.1


def test_half_a_picture_is_made_of_the_means_of_four_pixels():
    luma = marked()
    means = luma.reshape(256, 2, 256, 2).mean(axis=(1, 3))
    seen, size = recompressed(luma, 0.5, 100)
    assert size == 0.5
    assert seen.shape == (256, 256)
    assert np.abs(seen - means).max() < 3


def bilinear(luma, shape):
    at = [(np.arange(n) + 0.5) * side / n - 0.5 for n, side in zip(shape, luma.shape, strict=True)]
    places = np.meshgrid(*at, indexing="ij")
    return ndimage.map_coordinates(luma.astype(float), places, order=1, mode="nearest")


@pytest.mark.parametrize("shape", [(200, 101), (101, 200), (200, 202)])
@pytest.mark.parametrize("fraction", [0.5, 0.6, 0.7])
def test_a_picture_is_reduced_between_its_pixels_and_not_smoothed(fraction, shape):
    luma = np.random.default_rng(2).integers(40, 210, shape).astype(np.uint8)
    small = bilinear(luma, tuple(round(side * fraction) for side in shape))
    wanted = bilinear(small, tuple(round(side * 0.5) for side in shape))
    seen, size = recompressed(luma, fraction, 100)
    assert (seen.shape, size) == (wanted.shape, 0.5)
    assert np.abs(seen - wanted).mean() < 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 1)])
def test_single_pixels_stay_pixels(shape):
    seen, _ = recompressed(np.full(shape, 90, np.uint8), 0.5, 90)
    assert seen.shape == tuple(max(1, round(side / 2)) for side in shape)
    assert np.abs(seen - 90).max() <= 1


@pytest.mark.parametrize("fraction", [1, 0.5, 0.7])
def test_a_mark_is_looked_for_at_its_offset(fraction):
    seen = [
        probe(marked(offset), SIGNED, LATTICE, fraction=fraction, offset=offset)
        for offset in ((0, 0), (9, 40))
    ]
    assert min(seen) > 15
    assert seen[0] == pytest.approx(seen[1], rel=0.2)
    assert probe(marked(), SIGNED, LATTICE, fraction=fraction) == seen[0]
    wrong = probe(marked((9, 40)), SIGNED, LATTICE, fraction=fraction, offset=(40, 9))
    assert abs(wrong) < 6


@pytest.mark.parametrize("fraction", [1, 0.5])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_offset_that_is_looked_at_is_the_right_one_to_a_fraction_of_a_pixel(axis, fraction):
    luma = marked()

    def at(away):
        offset = (away, 0.0) if axis == 0 else (0.0, away)
        return probe(luma, SIGNED, LATTICE, fraction=fraction, offset=offset)

    before, here, after = (at(away) for away in (-0.8, 0.0, 0.8))
    assert here > max(before, after)
    assert before == pytest.approx(after, rel=0.06)


def test_a_probe_is_the_statistic_after_jpeg_50():
    luma = marked((9, 40), 2.0)
    level = whiten(recompressed(luma, 0.5, 50)[0])
    folded = fold_picture(level, np.eye(2) / 2, LATTICE)
    moved = shift(folded, ((9 - 0.5) / 2, (40 - 0.5) / 2), LATTICE)
    z = statistic(soft_chips(moved.coefficients, LATTICE), SIGNED)
    assert probe(luma, SIGNED, LATTICE, fraction=0.5, offset=(9, 40)) == pytest.approx(z)


def test_a_stronger_mark_probes_better_and_none_gives_nothing():
    strengths = (0.0, 1.5, 2.5, 4.0)
    seen = [probe(marked(strength=s), SIGNED, LATTICE, fraction=0.5) for s in strengths]
    assert abs(seen[0]) < 4 < seen[1] < seen[2] < seen[3]


def test_a_picture_too_long_to_fold_gives_nothing():
    luma = np.zeros((2, MAX_SIDE + 16), np.uint8)
    assert probe(luma, SIGNED, LATTICE, fraction=1) == 0
