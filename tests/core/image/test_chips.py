"""Soft chips, decoding, and the honesty of the decision."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from labeler.core.image import alignment, chips
from labeler.core.image.alignment import align
from labeler.core.image.embedding import best_offset
from labeler.core.image.fold import Folded
from labeler.core.image.lattice import codeword_chips, coefficients_of, lattice_of, tile_of
from labeler.core.image.reading import read_aligned, read_plain
from labeler.core.significance import log_p_bound
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


def uneven(lattice, seed: int) -> np.ndarray:
    """What is received where noise and gain differ from place to place."""
    seen = received(lattice, tuple([1, 0, 0, 1] * 16), LONG, 1.0)
    swing = np.random.default_rng(seed).uniform(0.2, 2, len(seen)) * np.hypot(lattice.u, lattice.v)
    return (seen * swing).astype(np.complex64)


def smoothed_power(seen: np.ndarray, lattice) -> np.ndarray:
    """The mean power of data frequencies around every frequency, weighted by distance."""
    power, there = np.zeros((2, 51, 51))
    for place in lattice.data:
        for sign in (1, -1):
            at = 25 + sign * lattice.v[place], 25 + sign * lattice.u[place]
            power[at], there[at] = abs(seen[place]) ** 2, 1
    near = [cv2.GaussianBlur(plane, (0, 0), 3.0) for plane in (power, there)]
    return (near[0] / near[1])[25 + lattice.v, 25 + lattice.u]


def gain_at(radius: float, seen: np.ndarray, noise: np.ndarray, lattice) -> float:
    pilots = lattice.pilots
    away = np.hypot(lattice.u, lattice.v)[pilots] - radius
    weight = np.exp(-0.5 * (away / 1.6) ** 2) / noise[pilots]
    known = lattice.pilot_coefficients.astype(complex)
    above = (weight * (seen[pilots] * np.conj(known)).real).sum()
    return max(above / (weight * np.abs(known) ** 2).sum(), 0)


def test_local_power_is_smoothed_over_the_data_frequencies_around(lattice):
    seen = uneven(lattice, 1)
    expected = smoothed_power(seen, lattice)
    assert np.allclose(chips.local_power(seen, lattice), expected, rtol=1e-3)
    seen[lattice.pilots] *= 100
    assert np.allclose(chips.local_power(seen, lattice), expected, rtol=1e-3)
    assert (chips.local_power(seen * 0, lattice) > 0).all()


def test_soft_chips_follow_noise_around_and_gain_by_radius(lattice):
    seen = uneven(lattice, 2)
    noise = smoothed_power(seen, lattice)
    radius = np.hypot(lattice.u, lattice.v)
    soft = chips.soft_chips(seen, lattice)
    for number, place in enumerate(lattice.data[::23]):
        gain = gain_at(radius[place], seen, noise, lattice)
        rho = min(gain * lattice.amplitude[place] / np.sqrt(noise[place]), 0.97)
        pair = np.s_[46 * number : 46 * number + 2]
        assert soft.rho[pair] == pytest.approx([rho, rho], rel=2e-3)
        scaled = seen[place] * np.sqrt(2 / noise[place])
        assert soft.value[pair] == pytest.approx([scaled.real, scaled.imag], rel=2e-3)
    assert soft.rho.size == soft.value.size == 2 * len(lattice.data)
    assert 0.01 < soft.rho.min() < soft.rho.max() < 0.97


def test_pilots_that_are_not_there_make_every_chip_worthless(lattice):
    seen = uneven(lattice, 3)
    seen[lattice.pilots] = -lattice.pilot_coefficients
    soft = chips.soft_chips(seen, lattice)
    assert not soft.rho.any()
    assert chips.statistic(soft, np.ones(soft.rho.size, np.float32)) == 0
    assert not chips.soft_chips(seen * 0, lattice).rho.any()


def test_decoder_and_decision_weigh_chips_as_the_format_says():
    rho = np.array([0.97, 0.8, 0.6, 0.1, 0], np.float32)
    value = np.array([3, -0.5, -1.5, 1, 9], np.float32)
    soft = chips.SoftChips(rho=rho, value=value)
    assert soft.decision == pytest.approx([0.97, -0.4, -0.6, 0.1, 0])
    assert soft.likelihood == pytest.approx([5.82, -0.8, -0.9 / 0.64, 0.1 / 0.99, 0])
    assert soft.likelihood.dtype == np.float32
    signed = np.array([1, 1, -1, -1, 1], np.float32)
    norm = math.sqrt(0.97**2 + 0.4**2 + 0.6**2 + 0.1**2)
    assert chips.statistic(soft, signed) == pytest.approx((0.97 - 0.4 + 0.6 - 0.1) / norm)


@pytest.mark.parametrize("mode", [LONG, SHORT])
def test_a_reading_states_its_own_statistic_and_bound(lattice, mode):
    payload = tuple(np.random.default_rng(4).integers(0, 2, mode.payload_bits).tolist())
    soft = chips.soft_chips(received(lattice, payload, mode, 1.5), lattice)
    reading = chips.decode(soft, lattice, mode, attempts=77)
    assert reading.mode == mode
    signed = codeword_chips(lattice, reading.framed, mode)
    assert reading.z == chips.statistic(soft, signed)
    assert reading.log_p == log_p_bound(reading.z, frame_bits=mode.frame_bits, attempts=77)
    assert reading.log_p == pytest.approx(
        math.log(77) + mode.frame_bits * math.log(2) - reading.z**2 / 2
    )


def test_the_tables_of_a_lattice_cannot_be_changed(lattice):
    tables = chips._tables(lattice)
    assert not any(a.flags.writeable for a in (tables.window, tables.kernel, tables.radius))
