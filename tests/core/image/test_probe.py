"""The probe: what recompression gives, where the tile is looked for, what rounding does."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from labeler.core.checksum import frame
from labeler.core.image.fold import MAX_SIDE
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


@pytest.mark.parametrize("shape", [(512, 31), (31, 512)])
def test_a_picture_of_odd_sides_is_halved_between_its_pixels(shape):
    luma = np.add.outer(np.arange(shape[0]) * 0.2, np.arange(shape[1]) * 0.2).astype(np.uint8)
    seen, _ = recompressed(luma, 0.5, 100)
    assert seen.shape == tuple(round(side * 0.5) for side in shape)
    at = [(np.arange(n) + 0.5) * side / n - 0.5 for n, side in zip(seen.shape, shape, strict=True)]
    assert np.abs(seen - 0.2 * np.add.outer(*at) + 0.5).max() < 3


def test_what_was_reduced_less_comes_out_at_half_size():
    luma = np.add.outer(np.arange(200) * 0.5, np.arange(300) * 0.4).astype(np.uint8)
    seen, size = recompressed(luma, 0.7, 100)
    assert (seen.shape, size) == ((100, 150), 0.5)
    means = luma.reshape(100, 2, 150, 2).mean(axis=(1, 3))
    assert np.abs(seen - means).max() < 3


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


def test_a_stronger_mark_probes_better_and_none_gives_nothing():
    strengths = (0.0, 1.5, 2.5, 4.0)
    seen = [probe(marked(strength=s), SIGNED, LATTICE, fraction=0.5) for s in strengths]
    assert abs(seen[0]) < 4 < seen[1] < seen[2] < seen[3]


def test_a_picture_too_long_to_fold_gives_nothing():
    luma = np.zeros((2, MAX_SIDE + 16), np.uint8)
    assert probe(luma, SIGNED, LATTICE, fraction=1) == 0
