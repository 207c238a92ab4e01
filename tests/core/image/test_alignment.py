"""Folding and aligning a bare tile: every offset, turn, sign and size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from geometries import turned

from labeler.core.checksum import frame
from labeler.core.image import chips
from labeler.core.image.alignment import (
    PILOT_GATE,
    Correlated,
    _exact_offset,
    _rings,
    align,
    align_likely,
    correlate_pilots,
    pilot_weights,
    shift,
)
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
    geometry = turned(scale, angle)
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


def noisy(lattice, seed: int) -> np.ndarray:
    real, imaginary = np.random.default_rng(seed).normal(size=(2, len(lattice.u)))
    return ((real + 1j * imaginary) * np.hypot(lattice.u, lattice.v)).astype(np.complex64)


def pilots_bent(lattice, slope: tuple[float, float], size: float = 1.0) -> Folded:
    """Pilots whose correlation has a known slope and, at zero, a known curve."""
    u, v = (axis[lattice.pilots] * 2 * np.pi / 128 for axis in (lattice.u, lattice.v))
    values = np.zeros(len(lattice.u), np.complex64)
    bent = size * (1 - 1j * (u * slope[0] + v * slope[1]))
    values[lattice.pilots] = lattice.pilot_coefficients * bent
    return Folded(coefficients=values, side=128)


def planes(lattice, upright: np.ndarray, turned: np.ndarray) -> Correlated:
    folded = Folded(coefficients=noisy(lattice, 5), side=128)
    weights = np.ones(len(lattice.pilots), np.float32)
    return Correlated(folded=folded, weights=weights, upright=upright, turned=turned)


def peaks(*places: tuple[int, int, float]) -> np.ndarray:
    plane = np.zeros((256, 256), np.float32)
    for row, column, value in places:
        plane[row, column] = value
    return plane


def test_a_pilot_weighs_one_over_the_median_power_of_its_sixth_of_the_band(lattice):
    coefficients = noisy(lattice, 1)
    radius = np.hypot(lattice.u, lattice.v)
    ends = np.array([4, 22 / 3, 32 / 3, 14, 52 / 3, 62 / 3, 25])
    for pilot, weight in zip(lattice.pilots, pilot_weights(coefficients, lattice), strict=True):
        ring = np.searchsorted(ends, radius[pilot], side="right")
        inside = (radius >= ends[ring - 1]) & (radius < ends[ring])
        assert weight == pytest.approx(1 / np.median(np.abs(coefficients[inside]) ** 2), rel=1e-5)


@pytest.mark.parametrize("side", [128, 64])
def test_the_correlations_are_those_of_the_pilots_at_every_half_pixel(lattice, side):
    coefficients = noisy(lattice, 2)
    seen = correlate_pilots(Folded(coefficients=coefficients, side=side), lattice)
    y, x = np.mgrid[0 : 2 * side : 37, 0 : 2 * side : 29]
    u, v = lattice.u[lattice.pilots], lattice.v[lattice.pilots]
    wave = np.exp(1j * np.pi * (x[..., None] * u + y[..., None] * v) / side)
    for plane, values in ((seen.upright, coefficients), (seen.turned, np.conj(coefficients))):
        products = np.conj(lattice.pilot_coefficients) * values[lattice.pilots] * seen.weights
        assert plane.shape == (2 * side, 2 * side)
        assert np.allclose(plane[::37, ::29], 2 * (wave @ products).real, atol=1e-4)


def test_the_score_is_the_highest_peak_in_deviations_of_its_plane(lattice):
    folded = Folded(coefficients=noisy(lattice, 3), side=128)
    seen = correlate_pilots(folded, lattice)
    expected = max(
        np.abs(plane).max() / np.sqrt(np.mean(plane.astype(float) ** 2))
        for plane in (seen.upright, seen.turned)
    )
    score = align(folded, lattice).score
    assert score == pytest.approx(expected, rel=1e-5)
    assert align_likely(seen, lattice, least=score).score == score
    assert align_likely(seen, lattice, least=np.nextafter(score, 99)) is None


def test_half_a_turn_is_taken_only_where_it_fits_better(lattice):
    low, high = peaks((3, 5, 1), (90, 90, 0.9)), peaks((3, 5, 1))
    assert not align_likely(planes(lattice, high, low), lattice, least=0).turned
    assert align_likely(planes(lattice, low, high), lattice, least=0).turned
    assert not align_likely(planes(lattice, high, high), lattice, least=0).turned


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ((4, 252), (-2, 2)),
        ((252, 4), (2, -2)),
        ((0, 3), (1.5, 0)),
        ((5, 0), (0, -1)),
        ((0, 251), (0, -1)),
        ((0, 5), (0, -1)),
    ],
)
def test_near_means_within_two_tile_pixels_of_zero(lattice, monkeypatch, place, found):
    monkeypatch.setattr("labeler.core.image.alignment._NEWTON_STEPS", 0)
    plane = peaks((*place, -9), (254, 0, 3), (77, 99, 40))
    aligned = align_likely(planes(lattice, plane, plane * 0), lattice, least=0, near=True)
    near = found != (0, -1)
    assert aligned.offset == found
    assert aligned.negative == near
    assert aligned.score == pytest.approx((9 if near else 3) * 256 / np.sqrt(1690), rel=1e-5)


def test_an_empty_tile_scores_nothing_and_counts_as_positive(lattice):
    empty = Folded(coefficients=np.zeros(len(lattice.u), np.complex64), side=128)
    aligned = align(empty, lattice)
    assert aligned.score == 0
    assert not aligned.negative
    assert not aligned.turned
    assert not aligned.coefficients.any()


@pytest.mark.parametrize("side", [128, 64])
def test_a_shift_multiplies_every_frequency_by_its_wave(lattice, side):
    coefficients = noisy(lattice, 4)
    moved = shift(Folded(coefficients=coefficients, side=side), (3.25, -1.5), lattice)
    wave = np.exp(2j * np.pi * (3.25 * lattice.u - 1.5 * lattice.v) / side)
    assert moved.side == side
    assert np.allclose(moved.coefficients, coefficients * wave, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_found_is_undone(lattice, tile, sign):
    seen = sign * np.roll(tile, (9, 6), (0, 1))[::-1, ::-1]
    aligned = align(folded_tile(np.ascontiguousarray(seen), lattice), lattice)
    sent = coefficients_of(lattice, PAYLOAD, LONG) * 128**2
    assert aligned.side == 128
    assert aligned.negative == (sign < 0)
    assert np.allclose(aligned.coefficients, sent, atol=0.01 * np.abs(sent).max())


def test_about_two_percent_of_random_tiles_pass_the_gate(lattice):
    tiles = (Folded(coefficients=noisy(lattice, 100 + n), side=128) for n in range(120))
    seen = (correlate_pilots(folded, lattice) for folded in tiles)
    scores = [max(np.abs(p).max() / p.std() for p in (one.upright, one.turned)) for one in seen]
    assert 0.005 < np.mean(np.array(scores) > PILOT_GATE) < 0.05


@pytest.mark.parametrize("place", [(0.3, -0.2), (-0.45, 0.4)])
def test_the_exact_offset_is_that_of_the_pilots(lattice, place):
    whole = Folded(coefficients=coefficients_of(lattice, PAYLOAD, LONG), side=128)
    moved = shift(whole, (7 - place[0], 90 - place[1]), lattice)
    weights = np.random.default_rng(6).uniform(0.5, 2, len(lattice.pilots)).astype(np.float32)
    found = _exact_offset(moved, (-7.0, -90.0), weights, lattice)
    assert found == pytest.approx((place[0] - 7, place[1] - 90), abs=1e-3)


@pytest.mark.parametrize(
    ("slope", "moves"),
    [((0.98, 0), True), ((0, -0.98), True), ((1.02, 0), False), ((0.1, -1.9), False)],
)
def test_a_step_of_a_pixel_or_more_is_not_taken(lattice, monkeypatch, slope, moves):
    monkeypatch.setattr("labeler.core.image.alignment._NEWTON_STEPS", 1)
    weights = np.ones(len(lattice.pilots), np.float32)
    found = _exact_offset(pilots_bent(lattice, slope), (0.0, 0.0), weights, lattice)
    assert found == pytest.approx(slope if moves else (0, 0), abs=1e-4)


def test_an_offset_in_a_valley_stays_where_it_is(lattice):
    weights = np.ones(len(lattice.pilots), np.float32)
    valley = pilots_bent(lattice, (0.1, 0.2), size=-1.0)
    assert _exact_offset(valley, (0.0, 0.0), weights, lattice) == (0.0, 0.0)


def test_pilots_on_one_line_fix_no_offset(lattice):
    weights = np.zeros(len(lattice.pilots), np.float32)
    weights[7] = 1
    line = pilots_bent(lattice, (0.1, 0.2))
    assert _exact_offset(line, (0.0, 0.0), weights, lattice) == (0.0, 0.0)


def test_the_rings_that_all_share_cannot_be_changed(lattice):
    assert not _rings(lattice).flags.writeable


def test_pilots_without_noise_around_weigh_much_and_never_less_than_nothing(lattice):
    weights = pilot_weights(np.zeros(len(lattice.u), np.complex64), lattice)
    assert np.isfinite(weights).all()
    assert weights.min() > 1


@pytest.mark.parametrize("side", [1, -1])
def test_the_exact_offset_is_found_by_pilots_of_one_quadrant(lattice, side):
    folded = Folded(coefficients=coefficients_of(lattice, PAYLOAD, LONG), side=128)
    weights = np.where(lattice.u[lattice.pilots] * side > 0, 9, 0.1).astype(np.float32)
    found = _exact_offset(shift(folded, (-0.2, 0.3), lattice), (0.0, 0.0), weights, lattice)
    assert found == pytest.approx((0.2, -0.3), abs=1e-3)
