"""Planning a residual: offsets, strengths, the closed loop and the check of its result."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from labeler.core.checksum import frame
from labeler.core.image import chips, self_check
from labeler.core.image.alignment import align
from labeler.core.image.canonical import canonical_luma, whiten
from labeler.core.image.embedding import (
    PRESETS,
    Strength,
    _settled,
    _tiled,
    best_offset,
    plan_embedding,
)
from labeler.core.image.fold import MAX_SIDE, fold_picture
from labeler.core.image.lattice import codeword_chips, coefficients_of, lattice_of, tile_of
from labeler.core.image.mask import visibility_of
from labeler.core.image.probe import marked_luma, probe, probe_scale, recompressed
from labeler.core.image.self_check import check_mark
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1
from makers import photo


LONG = IMAGE_V1.long_mode
PAYLOAD = tuple(int(bit) for bit in f"{0xFEDCBA9876543210:064b}")
LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
SIGNED = codeword_chips(LATTICE, frame(PAYLOAD, LONG), LONG)


def luma_of(name: str, side: int) -> np.ndarray:
    return canonical_luma(photo(name, side), IMAGE_V1.canonical)


def plan(luma: np.ndarray, scale: float = 1.0, strength: str | Strength = "default"):
    strength = PRESETS[strength] if isinstance(strength, str) else strength
    return plan_embedding(luma, scale, PAYLOAD, mode=LONG, lattice=LATTICE, strength=strength)


def expected_loss(luma: np.ndarray, alpha: float, scale: float = 1.0) -> float:
    return visibility_of(luma).loss(alpha, scale)


@pytest.mark.parametrize("scale", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_strength_stays_within_its_visual_budget_at_any_enlargement(name, scale):
    preset = replace(PRESETS[name], rms_max=99.0)
    for luma in (luma_of("grass", 800), luma_of("coffee", 800), np.full((700, 700), 90, "f")):
        loss = expected_loss(luma, plan(luma, scale, preset).alpha, scale)
        assert preset.least - 1e-6 <= loss <= preset.most + 1e-6


def test_what_reads_easily_costs_the_least_and_what_does_not_the_most():
    default = replace(PRESETS["default"], rms_max=99.0)
    easy, hard = luma_of("gravel", 800), np.full((800, 800), 90, np.float32)
    assert expected_loss(easy, plan(easy, 1.0, default).alpha) == pytest.approx(15.0, rel=0.01)
    assert expected_loss(hard, plan(hard, 1.0, default).alpha) == pytest.approx(25.0, rel=0.01)


def test_the_closed_loop_takes_no_more_than_it_needs():
    between = Strength(least=1.0, most=60.0, rms_max=9.0)
    for name in ("coffee", "rocket", "grass"):
        luma = luma_of(name, 800)
        planned = plan(luma, strength=between)
        again = plan(luma, strength=Strength(fixed=planned.alpha, rms_max=9.0))
        real = probe(
            marked_luma(luma, again.residual, 1.0), SIGNED, LATTICE, fraction=probe_scale(1.0)
        )
        assert 18 <= real <= 26


def test_the_rms_is_capped():
    rough = np.random.default_rng(2).integers(0, 256, (600, 600)).astype(np.float32)
    residual = plan(rough, strength=Strength(fixed=30.0, rms_max=1.5)).residual
    assert np.sqrt(np.mean(residual**2)) == pytest.approx(1.5, rel=1e-3)


def test_only_small_pictures_choose_their_offset():
    assert plan(luma_of("coffee", 640)).offset == (0, 0)
    assert plan(luma_of("coffee", 400)).offset != (0, 0)


@pytest.mark.parametrize("scale", [1.0, 1.2, 2.0])
def test_a_probe_foretells_what_a_reader_finds(scale):
    luma = luma_of("coffee", 800)
    marked = marked_luma(luma, plan(luma, strength="subtle").residual, 1.0)
    told = probe(marked, SIGNED, LATTICE, fraction=probe_scale(scale))
    rows = round(800 * probe_scale(scale))
    small = cv2.resize(marked, (rows, rows), interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 50])
    level = whiten(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE).astype(np.float32))
    seen = align(fold_picture(level, np.eye(2) * rows / 800, LATTICE), LATTICE)
    found = chips.statistic(chips.soft_chips(seen.coefficients, LATTICE), SIGNED)
    assert told == pytest.approx(found, abs=2.5)


def test_a_probe_knows_the_offset():
    luma = luma_of("coffee", 400)
    planned = plan(luma)
    marked = marked_luma(luma, planned.residual, 1.0)
    right = probe(marked, SIGNED, LATTICE, fraction=1.0, offset=planned.offset)
    wrong = probe(marked, SIGNED, LATTICE, fraction=1.0, offset=(planned.offset[0] + 20, 0))
    assert right > 15 > wrong


def test_recompression_reads_at_half_size_or_whole():
    luma = luma_of("coffee", 500).astype(np.uint8)
    whole, size = recompressed(luma, 1.0, 90)
    assert (whole.shape, size) == ((500, 500), 1.0)
    half, size = recompressed(luma, 0.7, 90)
    assert (half.shape, size) == ((250, 250), 0.5)


def test_a_small_picture_must_read_with_a_margin(monkeypatch):
    luma = luma_of("coffee", 400)
    marked = marked_luma(luma, plan(luma).residual, 1.0).astype(np.float32)
    good = check_mark(marked, 1.0, PAYLOAD, mode=LONG, lattice=LATTICE)
    assert good.reads
    assert good.survives
    monkeypatch.setattr(self_check, "_SMALL_MARGIN", 100.0)
    poor = check_mark(marked, 1.0, PAYLOAD, mode=LONG, lattice=LATTICE)
    assert poor.reads
    assert not poor.survives


def test_another_message_is_not_taken_for_ours():
    luma = luma_of("coffee", 640)
    marked = marked_luma(luma, plan(luma).residual, 1.0).astype(np.float32)
    other = tuple(1 - bit for bit in PAYLOAD)
    check = check_mark(marked, 1.0, other, mode=LONG, lattice=LATTICE)
    assert not check.reads
    assert not check.survives


def test_a_picture_too_long_to_fold_gets_no_offset_and_no_probe():
    thin = np.full((16, MAX_SIDE + 16), 90, np.float32)
    assert best_offset(thin, coefficients_of(LATTICE, PAYLOAD, LONG), LATTICE) == (0, 0)
    assert probe(thin.astype(np.uint8), SIGNED, LATTICE, fraction=1.0) == 0.0


def grain(height: int, width: int, deviation: float = 12.0) -> np.ndarray:
    rough = np.random.default_rng(height).normal(0, deviation, (height, width))
    return cv2.GaussianBlur((120 + rough).astype(np.float32), (0, 0), 0.8)


def marked_shape(luma: np.ndarray, offset: tuple[int, int]) -> np.ndarray:
    """The mask times the tile, moved to an offset and repeated over the picture."""
    tile = tile_of(LATTICE, coefficients_of(LATTICE, PAYLOAD, LONG))
    y, x = np.mgrid[0 : luma.shape[0], 0 : luma.shape[1]]
    return visibility_of(luma).amplitude * tile[(y - offset[1]) % 128, (x - offset[0]) % 128]


@pytest.mark.parametrize("shape", [(300, 200), (128, 256), (50, 129)])
def test_a_tile_is_repeated_from_its_offset(shape):
    tile = np.random.default_rng(1).normal(size=(128, 128)).astype(np.float32)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    seen = _tiled(tile, shape, (5, 90))
    assert np.array_equal(seen, tile[(y - 90) % 128, (x - 5) % 128])
    assert seen.flags.c_contiguous


@pytest.mark.parametrize(("fixed", "rms_max"), [(0.7, 9.0), (30.0, 1.25), (99.0, 2.0)])
def test_the_residual_is_the_mask_times_the_tile_at_a_fixed_strength(fixed, rms_max):
    luma = grain(200, 333)
    planned = plan(luma, strength=Strength(fixed=fixed, rms_max=rms_max))
    shape = marked_shape(luma, planned.offset)
    alpha = min(fixed, rms_max / np.sqrt(np.mean(shape.astype(float) ** 2)))
    assert planned.alpha == pytest.approx(alpha, rel=1e-5)
    assert planned.probe_z is None
    assert np.allclose(planned.residual, alpha * shape, rtol=1e-4, atol=1e-5)


def test_the_default_cap_keeps_a_psnr_of_42_decibels():
    residual = plan(grain(300, 300), strength=Strength(fixed=1e6)).residual
    psnr = 10 * math.log10(255**2 / np.mean(residual.astype(float) ** 2))
    assert psnr == pytest.approx(42.1, abs=0.02)


@pytest.mark.parametrize(
    ("shape", "scale"), [((300, 280), 1.0), ((600, 620), 1.0), ((330, 320), 1.7), ((500, 600), 1.3)]
)
def test_the_closed_loop_steps_once_from_a_probe_in_the_middle(shape, scale):
    luma, strength = grain(*shape), Strength(least=4.0, most=16.0, rms_max=9.0)
    planned = plan(luma, scale, strength)
    small = scale**2 * luma.size < 350_000
    chosen = best_offset(luma, coefficients_of(LATTICE, PAYLOAD, LONG), LATTICE)
    assert planned.offset == (chosen if small else (0, 0))
    visibility = visibility_of(luma)
    low, high = (visibility.alpha_for(loss, scale) for loss in (4.0, 16.0))
    middle = math.sqrt(low * high)
    marked = marked_luma(luma, marked_shape(luma, planned.offset), middle)
    fraction = 1.0 if small else probe_scale(scale)
    z = probe(marked, SIGNED, LATTICE, fraction=fraction, offset=planned.offset)
    alpha, expected = _settled(z, middle, low, high)
    assert planned.alpha == pytest.approx(alpha, rel=0.02)
    assert planned.probe_z == pytest.approx(expected, abs=0.3)


def test_a_cap_on_the_rms_bounds_both_ends_of_the_loop():
    luma, strength = grain(600, 620), Strength(least=11.0, most=20.0, rms_max=0.3)
    planned = plan(luma, strength=strength)
    assert np.sqrt(np.mean(planned.residual**2)) == pytest.approx(0.3, rel=1e-4)
    assert plan(luma, strength=replace(strength, least=0.01)).alpha <= planned.alpha * 1.0001


def test_one_step_reaches_the_target_within_its_bounds():
    for z in (5.0, 15.0, 21.0, 24.0, 60.0):
        alpha, expected = _settled(z, 1.5, 1e-3, 1e3)
        assert expected == pytest.approx(21)
        assert (alpha > 1.5) == (z < 21)
        assert (alpha < 1.5) == (z > 21)
        capped, lower = _settled(z, 1.5, 1e-3, min(alpha, 1.5) / 2)
        assert capped == min(alpha, 1.5) / 2
        assert lower < 21
        raised, higher = _settled(z, 1.5, 2 * max(alpha, 1.5), 1e3)
        assert raised == 2 * max(alpha, 1.5)
        assert higher > 21


@pytest.mark.parametrize(
    ("shape", "scale", "chosen"),
    [
        ((500, 700), 1.0, False),
        ((499, 701), 1.0, True),
        ((250, 350), 2.0, False),
        ((250, 349), 2.0, True),
    ],
)
def test_a_picture_is_small_below_350_000_of_its_own_pixels(shape, scale, chosen):
    luma = grain(*shape)
    offset = plan(luma, scale, Strength(fixed=1.0)).offset
    best = best_offset(luma, coefficients_of(LATTICE, PAYLOAD, LONG), LATTICE)
    assert best != (0, 0)
    assert offset == (best if chosen else (0, 0))


@pytest.mark.parametrize("shape", [(200, 300), (130, 90)])
def test_the_best_offset_is_where_the_noise_looks_most_like_the_mark(shape):
    luma = grain(*shape)
    level = np.zeros((256, 384))
    level[: shape[0], : shape[1]] = whiten(luma)
    tile = level.reshape(2, 128, 3, 128).sum(axis=(0, 2))
    u, v = LATTICE.u, LATTICE.v
    host = np.fft.fft2(tile)[v, u]
    sent = coefficients_of(LATTICE, PAYLOAD, LONG)
    local = chips.local_power(host.astype(np.complex64), LATTICE)
    wave = [np.exp(2j * np.pi * np.outer(np.arange(128), f) / 128) for f in (v, u)]
    fit = ((wave[0] * (host * np.conj(sent) / np.sqrt(local))) @ wave[1].T).real
    row, column = divmod(int(fit.argmax()), 128)
    assert best_offset(luma, sent, LATTICE) == (column, row)


@pytest.mark.parametrize(("name", "least", "most"), [("subtle", 11, 11), ("robust", 22, 30)])
def test_named_strengths_spend_the_points_that_are_promised(name, least, most):
    free = replace(PRESETS[name], rms_max=99.0)
    easy, hard = luma_of("gravel", 800), np.full((800, 800), 90, np.float32)
    assert expected_loss(easy, plan(easy, 1.0, free).alpha) == pytest.approx(least, rel=0.01)
    assert expected_loss(hard, plan(hard, 1.0, free).alpha) == pytest.approx(most, rel=0.01)


@pytest.mark.parametrize(("name", "decibels"), [("subtle", 42), ("default", 42), ("robust", 40)])
def test_named_strengths_keep_the_psnr_that_is_promised(name, decibels):
    rough = np.random.default_rng(3).integers(0, 256, (700, 600)).astype(np.float32)
    planned = plan(rough, 1.0, replace(PRESETS[name], least=60.0, most=60.0))
    psnr = 10 * math.log10(255**2 / np.mean(planned.residual.astype(float) ** 2))
    assert decibels < psnr < decibels + 0.5


def test_a_strength_that_names_its_most_alone_may_cost_as_little_as_one_point():
    luma = grain(400, 400)
    planned = plan(luma, strength=Strength(most=20.0, rms_max=9.0))
    assert 1.0 - 1e-6 <= expected_loss(luma, planned.alpha) <= 20.0 + 1e-6
