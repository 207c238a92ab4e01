"""The chance that a fresh mark survives half size and JPEG 50."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from labeler.core.image import survival
from labeler.core.image.canonical import canonical_luma, canonical_scale
from labeler.core.image.embedding import SMALL_PIXELS, Embedding, Strength, plan_embedding
from labeler.core.image.lattice import lattice_of
from labeler.core.image.probe import probe_scale
from labeler.core.image.survival import chance_above, chance_of_survival
from labeler.core.message import message_of
from labeler.core.significance import z_needed
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1
from makers import photo


LONG = IMAGE_V1.long_mode
PAYLOAD = tuple(int(bit) for bit in f"{0xFEDCBA9876543210:064b}")
LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))


def chance(pixels: np.ndarray, alpha: float, **changes: object) -> float:
    scale = canonical_scale(*pixels.shape[:2], IMAGE_V1.canonical)
    luma = canonical_luma(pixels, IMAGE_V1.canonical)
    embedding = plan_embedding(
        luma, scale, PAYLOAD, mode=LONG, lattice=LATTICE, strength=Strength(fixed=alpha)
    )
    embedding = replace(embedding, **changes)
    return chance_of_survival(luma, embedding, scale, PAYLOAD, mode=LONG, lattice=LATTICE)


@pytest.mark.parametrize("small", [False, True])
def test_the_chance_rises_from_none_to_certain(small):
    chances = [chance_above(margin, small=small) for margin in np.linspace(-8, 8, 33)]
    assert chances == sorted(chances)
    assert chances[0] < 1e-6
    assert chances[-1] > 1 - 1e-6


@pytest.mark.parametrize("side", [580, 1000])
def test_a_stronger_mark_has_the_better_chance(side):
    weak, strong = (chance(photo("coffee", side), alpha) for alpha in (0.2, 3.0))
    assert weak < 0.05
    assert strong > 0.95


def test_the_probe_of_the_closed_loop_is_used_where_there_is_one():
    pixels = photo("coffee", 800)
    assert chance(pixels, 2.0, probe_z=3.0) < 0.01
    assert chance(pixels, 0.2, probe_z=30.0) > 0.99


def test_small_pictures_are_probed_at_half_size_whatever_the_loop_probed():
    assert chance(photo("coffee", 300), 1.0, probe_z=30.0) < 0.05


def test_a_flat_picture_has_little_chance():
    assert chance(np.full((700, 700), 128, np.uint8), 1.0) < 0.1


def test_one_message_is_made_once():
    first = message_of(LATTICE, PAYLOAD, LONG)
    assert message_of(LATTICE, PAYLOAD, LONG) is first
    assert not first.tile.flags.writeable
    assert first.tile.shape == (IMAGE_V1.tile, IMAGE_V1.tile)
    assert np.mean(first.tile**2) == pytest.approx(1, abs=1e-3)
    assert cv2.countNonZero(np.abs(first.signed) - 1) == 0


def probed(monkeypatch, shape, scale, *, probe_z=25.0):
    """The margin and size that decide, and what was probed, for a probe that always gives 20."""
    probes, margins = [], []

    def probe(luma, signed, lattice, **how):
        probes.append((luma, signed, lattice, how))
        return 20.0

    def chance_of(margin, *, small):
        margins.append((margin, small))
        return 0.5

    monkeypatch.setattr(survival, "probe", probe)
    monkeypatch.setattr(survival, "chance_above", chance_of)
    luma = np.random.default_rng(1).uniform(0, 255, shape).astype(np.float32)
    residual = np.full(shape, 3.0, np.float32)
    embedding = Embedding(residual=residual, alpha=1.0, offset=(5, 9), probe_z=probe_z)
    assert chance_of_survival(luma, embedding, scale, PAYLOAD, mode=LONG, lattice=LATTICE) == 0.5
    return *margins[0], luma, probes


NEEDED = z_needed(IMAGE_V1.p_max, frame_bits=LONG.frame_bits, attempts=IMAGE_V1.attempts)


@pytest.mark.parametrize(
    ("shape", "scale", "small"),
    [
        ((500, 699), 1.0, True),
        ((500, SMALL_PIXELS // 500), 1.0, False),
        ((100, 200), 4.1, True),
        ((100, 200), 4.2, False),
        ((300, 400), 1.8, False),
    ],
)
def test_a_picture_is_small_by_its_own_pixels(shape, scale, small, monkeypatch):
    margin, seen_small, _, probes = probed(monkeypatch, shape, scale)
    assert seen_small == small
    assert bool(probes) == small
    assert margin == pytest.approx((20.0 if small else 25.0) - NEEDED)


@pytest.mark.parametrize(("shape", "scale"), [((40, 50), 1.0), ((600, 700), 1.3)])
def test_what_was_not_probed_is_probed_with_its_residual_at_its_offset(shape, scale, monkeypatch):
    margin, _, luma, probes = probed(monkeypatch, shape, scale, probe_z=None)
    ((seen, signed, lattice, how),) = probes
    assert np.array_equal(seen, np.clip(np.rint(luma + 3), 0, 255))
    assert np.array_equal(signed, message_of(LATTICE, PAYLOAD, LONG).signed)
    assert lattice is LATTICE
    assert how == {"fraction": probe_scale(scale), "offset": (5, 9)}
    assert margin == pytest.approx(20.0 - NEEDED)


@pytest.mark.parametrize("small", [False, True])
def test_the_chance_is_a_normal_law_around_what_is_lost(small):
    law = survival._SMALL if small else survival._LARGE
    for deviations, wanted in ((0, 0.5), (1, 0.841345), (-2, 0.0227501), (3, 0.9986501)):
        margin = law.lost + deviations * law.spread
        assert chance_above(margin, small=small) == pytest.approx(wanted, abs=1e-6)
