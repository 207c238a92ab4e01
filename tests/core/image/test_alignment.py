"""Folding and aligning a bare tile: every offset, turn, sign and size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from labeler.core.checksum import frame
from labeler.core.image import chips
from labeler.core.image.alignment import PILOT_GATE, _exact_offset, align
from labeler.core.image.fold import (
    MAX_WARPED,
    Folded,
    fold,
    fold_picture,
    folded_tile,
    tile_side,
    unwarp,
)
from labeler.core.image.lattice import codeword_chips, coefficients_of, lattice_of, tile_of
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LONG = IMAGE_V1.long_mode
PAYLOAD = tuple(int(bit) for bit in f"{0xFEDCBA9876543210:064b}")


@pytest.fixture(scope="module")
def lattice():
    return lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))


@pytest.fixture(scope="module")
def tile(lattice):
    return tile_of(lattice, coefficients_of(lattice, PAYLOAD, LONG))


def z_of(aligned, lattice) -> float:
    signed = codeword_chips(lattice, frame(PAYLOAD, LONG), LONG)
    return chips.statistic(chips.soft_chips(aligned.coefficients, lattice), signed)


@pytest.mark.parametrize("offset", [(0, 0), (13, 100), (127, 1)])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("sign", [1, -1])
def test_offset_half_turn_and_sign_are_found(lattice, offset, turned, sign):
    tile = tile_of(lattice, coefficients_of(lattice, PAYLOAD, LONG))
    seen = np.roll(tile, offset[::-1], (0, 1)) * sign
    seen = np.ascontiguousarray(seen[::-1, ::-1]) if turned else seen
    aligned = align(folded_tile(seen, lattice), lattice)
    assert aligned.turned == turned
    assert aligned.negative == (sign < 0)
    assert aligned.score > PILOT_GATE
    assert z_of(aligned, lattice) > 30


def test_a_shift_by_part_of_a_pixel_is_found(lattice, tile):
    wide = np.tile(tile, (3, 3))
    x = np.arange(128) + 128.3
    y = np.arange(128) + 128.8
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    rows = wide[top] * (1 - 0.8) + wide[top + 1] * 0.8
    moved = rows[:, left] * (1 - 0.3) + rows[:, left + 1] * 0.3
    aligned = align(folded_tile(moved.astype(np.float32), lattice), lattice)
    assert np.mod(aligned.offset, 128) == pytest.approx([127.7, 127.2], abs=0.05)
    assert z_of(aligned, lattice) > 30


def test_near_search_finds_a_mark_below_the_gate(lattice, tile):
    noise = np.random.default_rng(2).normal(0, 9, tile.shape).astype(np.float32)
    folded = folded_tile(tile + noise, lattice)
    near = align(folded, lattice, near=True)
    assert max(abs(at) for at in near.offset) < 3
    assert near.score <= align(folded, lattice).score


def test_noise_scores_below_the_gate_mostly(lattice):
    rng = np.random.default_rng(3)
    scores = [
        align(folded_tile(rng.normal(size=(128, 128)).astype(np.float32), lattice), lattice).score
        for _ in range(60)
    ]
    assert np.mean(np.array(scores) < PILOT_GATE) > 0.9


def test_folding_sums_all_tiles():
    plane = np.arange(256 * 384, dtype=np.float32).reshape(256, 384) / 1000
    direct = sum(plane[y : y + 128, x : x + 128] for y in (0, 128) for x in (0, 128, 256))
    assert np.allclose(fold(plane, 128), direct, rtol=1e-5)


@pytest.mark.parametrize("scale", [0.4, 0.6, 0.9, 1.3, 2.2])
@pytest.mark.parametrize("angle", [0, 31])
def test_a_scaled_and_turned_picture_folds_back(lattice, tile, scale, angle):
    turn = np.deg2rad(angle)
    geometry = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    wide = np.tile(tile, (12, 12))
    middle = np.array([[300.0], [300.0]])
    affine = np.hstack([geometry, middle - geometry @ np.array([[768.0], [768.0]])])
    if scale < 1:
        wide = cv2.GaussianBlur(wide, (0, 0), 0.35 / scale)
    seen = cv2.warpAffine(wide, affine, (600, 600), flags=cv2.INTER_CUBIC)
    folded = fold_picture(seen, geometry, lattice)
    assert folded.side == tile_side(geometry, 128) == (64 if scale < 0.75 else 128)
    assert z_of(align(folded, lattice), lattice) > 25


def test_a_geometry_that_would_need_too_much_is_not_tried(lattice):
    level = np.zeros((800, 800), np.float32)
    assert unwarp(level, np.eye(2) * 0.05, 128) is None
    assert fold_picture(level, np.eye(2) * 0.05, lattice) is None
    assert unwarp(level, np.eye(2), 128).size <= MAX_WARPED


def test_an_offset_without_a_peak_under_it_stays_where_it_is(lattice):
    pilots = lattice.pilots
    weights = np.ones(len(pilots), np.float32)
    flat = Folded(coefficients=np.zeros(len(lattice.u), np.complex64), side=128)
    assert _exact_offset(flat, (3.0, 4.0), weights, lattice) == (3.0, 4.0)
    slope = np.zeros(len(lattice.u), np.complex64)
    slope[pilots] = lattice.pilot_coefficients * (0.01 + 1j * np.sign(lattice.u[pilots]))
    steep = Folded(coefficients=slope, side=128)
    assert _exact_offset(steep, (0.0, 0.0), weights, lattice) == (0.0, 0.0)
