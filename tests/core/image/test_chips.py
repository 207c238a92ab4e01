"""Soft chips, decoding, and the honesty of the decision."""

from __future__ import annotations

import math

import numpy as np
import pytest

from labeler.core.image import alignment, chips
from labeler.core.image.alignment import align
from labeler.core.image.embedding import best_offset
from labeler.core.image.fold import Folded
from labeler.core.image.lattice import coefficients_of, lattice_of, tile_of
from labeler.core.image.reading import read_aligned, read_plain
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LONG, SHORT = IMAGE_V1.modes


@pytest.fixture(scope="module")
def lattice():
    return lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))


def received(lattice, payload, mode, noise):
    rng = np.random.default_rng(sum(payload))
    sent = coefficients_of(lattice, payload, mode)
    spread = noise * np.abs(sent[lattice.data]).mean()
    grain = rng.normal(size=(2, *sent.shape))
    return (sent + spread * (grain[0] + 1j * grain[1])).astype(np.complex64)


@pytest.mark.parametrize("mode", [LONG, SHORT])
def test_a_noisy_message_is_decoded_and_significant(lattice, mode):
    payload = tuple(np.random.default_rng(1).integers(0, 2, mode.payload_bits).tolist())
    soft = chips.soft_chips(received(lattice, payload, mode, 1.0), lattice)
    reading = chips.decode(soft, lattice, mode, attempts=128)
    assert reading.valid
    assert tuple(reading.framed[: mode.payload_bits]) == payload
    assert reading.log_p < math.log(1e-9)


def test_the_other_mode_does_not_read(lattice):
    payload = tuple([1, 0] * 32)
    soft = chips.soft_chips(received(lattice, payload, LONG, 0.2), lattice)
    assert not chips.decode(soft, lattice, SHORT, attempts=128).valid


def test_random_signs_on_strong_chips_are_no_evidence(lattice):
    """The bound rests on the signs alone: strong chips of random sign must not pass."""
    rng = np.random.default_rng(5)
    worst = 0.0
    for ones in range(12):
        seen = received(lattice, (1,) * ones + (0,) * (64 - ones), LONG, 0.1)
        flips = rng.choice([-1.0, 1.0], (2, len(lattice.data)))
        data = seen[lattice.data]
        seen[lattice.data] = data.real * flips[0] + 1j * data.imag * flips[1]
        soft = chips.soft_chips(seen, lattice)
        readings = [chips.decode(soft, lattice, mode, attempts=128) for mode in IMAGE_V1.modes]
        worst = min(worst, *(reading.log_p for reading in readings))
    assert worst > math.log(1e-3)


def test_weights_do_not_depend_on_the_signs_of_data(lattice):
    seen = received(lattice, tuple([0, 1] * 32), LONG, 0.5)
    flipped = seen.copy()
    flipped[lattice.data] = np.conj(flipped[lattice.data]) * -1
    assert np.allclose(chips.soft_chips(seen, lattice).rho, chips.soft_chips(flipped, lattice).rho)
    one, other = (align(Folded(coefficients=c, side=128), lattice) for c in (seen, flipped))
    assert one.offset == other.offset
    assert one.score == other.score


def test_no_chip_weighs_more_than_its_limits(lattice):
    seen = received(lattice, (0,) * 64, LONG, 0.1)
    seen[lattice.data[5]] *= 50
    soft = chips.soft_chips(seen, lattice)
    assert (np.abs(soft.decision) <= soft.rho).all()
    assert (np.abs(soft.likelihood) <= 2 * soft.rho * np.abs(soft.value) + 1e-6).all()
    assert soft.rho.max() <= 0.97


def test_a_whole_picture_is_read_near_offset_zero_below_the_gate(lattice, monkeypatch):
    tile = tile_of(lattice, coefficients_of(lattice, tuple([1, 0] * 32), LONG))
    level = np.tile(tile, (3, 4))
    read = {"geometries": [np.eye(2)], "lattice": lattice, "attempts": 128}
    assert read_plain(level, **read).path == "plain"
    monkeypatch.setattr(alignment, "PILOT_GATE", 99.0)
    assert read_plain(level, **read).path == "near"
    assert not read_plain(np.roll(level, 40, axis=1), **read).found


def test_both_modes_are_tried(lattice):
    payload = tuple([1, 1, 0, 1] * 8)
    aligned = align(Folded(coefficients=received(lattice, payload, SHORT, 0.3), side=128), lattice)
    finding = read_aligned(aligned, lattice, attempts=128, path="plain", geometry=np.eye(2))
    assert finding.found
    assert finding.reading.mode == SHORT


def test_the_best_offset_beats_the_average_one(lattice):
    luma = np.random.default_rng(7).normal(128, 25, (256, 256)).astype(np.float32)
    sent = coefficients_of(lattice, tuple([1, 0] * 16), SHORT)
    offset = best_offset(luma, sent, lattice)
    assert all(0 <= at < 128 for at in offset)
    assert offset != (0, 0)
