"""Planning a residual: offsets, strengths, the closed loop and the check of its result."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from labeler.core.checksum import frame
from labeler.core.image import chips, self_check
from labeler.core.image.alignment import align
from labeler.core.image.canonical import canonical_luma, whiten
from labeler.core.image.embedding import PRESETS, Strength, best_offset, plan_embedding
from labeler.core.image.fold import MAX_SIDE, fold_picture
from labeler.core.image.lattice import codeword_chips, coefficients_of, lattice_of
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
