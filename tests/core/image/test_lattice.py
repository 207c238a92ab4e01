"""The keyed lattice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from labeler.core.checksum import frame
from labeler.core.image.lattice import (
    codeword_chips,
    coefficients_of,
    frequencies,
    lattice_of,
    tile_of,
)
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


def test_tables_cannot_be_changed():
    lattice = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
    with pytest.raises(ValueError, match="read-only"):
        lattice.u[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        lattice.plans[0].sign[0] = 1


def test_every_run_of_chips_carries_every_bit_once():
    lattice = lattice_of(IMAGE_V1, bytes(32))
    for plan in lattice.plans:
        bits = 6 * plan.mode.frame_bits
        whole = plan.bit_of_chip[: len(plan.bit_of_chip) // bits * bits].reshape(-1, bits)
        assert (np.sort(whole, axis=1) == np.arange(bits)).all()


def test_keys_give_different_pilots():
    one, other = (lattice_of(IMAGE_V1, bytes([k]) * 32) for k in (1, 2))
    assert len(np.intersect1d(one.pilots, other.pilots)) < 40


def test_the_subkey_is_not_in_the_repr():
    assert "subkey" not in repr(lattice_of(IMAGE_V1, bytes(32)))


def test_no_frequency_lies_on_an_axis_or_on_the_grid_of_block_coders():
    u, v = frequencies(IMAGE_V1)
    assert np.abs(u).min() == v.min() == 2
    assert not ((u % 16 == 0) & (v % 16 == 0)).any()


def test_no_table_of_a_lattice_can_be_changed():
    lattice = lattice_of(IMAGE_V1, bytes(32))
    tables = [lattice.u, lattice.v, lattice.amplitude, lattice.pilots, lattice.data]
    tables += [lattice.pilot_coefficients]
    for plan in lattice.plans:
        tables += [plan.bit_of_chip, plan.sign]
    assert not any(table.flags.writeable for table in tables)
    assert lattice_of(IMAGE_V1, bytes(32)) is lattice


def test_frequencies_are_those_of_the_band_in_order():
    lattice = lattice_of(IMAGE_V1, bytes(32))
    square = lattice.u**2 + lattice.v**2
    order = list(zip(square.tolist(), lattice.u.tolist(), lattice.v.tolist(), strict=True))
    assert order == sorted(order)
    assert (square[0], square[-1]) == (18, 569)
    wanted = {
        (u, v)
        for u in range(-24, 25)
        for v in range(2, 25)
        if 16 <= u * u + v * v <= 576 and abs(u) > 1 and (u % 16 or v % 16)
    }
    assert {(u, v) for _, u, v in order} == wanted


def test_pilots_lie_in_their_band_and_the_rest_is_data():
    for key in range(4):
        lattice = lattice_of(IMAGE_V1, bytes([key]) * 32)
        square = (lattice.u**2 + lattice.v**2)[lattice.pilots]
        assert len(lattice.pilots) == 64
        assert 36 <= square.min() <= square.max() <= 441
        both = np.sort(np.concatenate([lattice.pilots, lattice.data]))
        assert np.array_equal(both, np.arange(len(lattice.u)))
        assert (np.diff(lattice.pilots) > 0).all()
        assert (np.diff(lattice.data) > 0).all()


def test_amplitudes_make_the_mean_square_one_and_pilots_stand_out():
    lattice = lattice_of(IMAGE_V1, bytes(32))
    assert lattice.amplitude.dtype == np.float32
    assert 2 * np.sum(lattice.amplitude.astype(float) ** 2) == pytest.approx(1)
    gain = np.full(len(lattice.u), 1.0)
    gain[lattice.pilots] = 2.5
    shape = gain * np.hypot(lattice.u, lattice.v) ** 0.3
    assert np.allclose(
        lattice.amplitude / lattice.amplitude[lattice.data[0]], shape / shape[lattice.data[0]]
    )
    assert np.allclose(np.abs(lattice.pilot_coefficients), lattice.amplitude[lattice.pilots])


@pytest.mark.parametrize("mode", IMAGE_V1.modes)
def test_a_payload_is_laid_onto_pilots_and_pairs_of_chips(mode):
    lattice = lattice_of(IMAGE_V1, bytes(32))
    assert lattice.plan_for(mode).mode == mode
    payload = tuple(np.random.default_rng(1).integers(0, 2, mode.payload_bits).tolist())
    chips = codeword_chips(lattice, frame(payload, mode), mode)
    assert chips.dtype == np.float32
    assert chips.shape == (2 * len(lattice.data),)
    assert set(chips.tolist()) == {1.0, -1.0}
    sent = coefficients_of(lattice, payload, mode)
    assert sent.dtype == np.complex64
    assert np.array_equal(sent[lattice.pilots], lattice.pilot_coefficients)
    scaled = sent[lattice.data] / lattice.amplitude[lattice.data] * np.sqrt(2)
    assert np.allclose(scaled.real, chips[0::2], atol=1e-5)
    assert np.allclose(scaled.imag, chips[1::2], atol=1e-5)
    tile = tile_of(lattice, sent)
    assert tile.shape == (128, 128)
    assert np.mean(tile.astype(float) ** 2) == pytest.approx(1, abs=1e-4)
    assert np.allclose(np.fft.fft2(tile)[lattice.v, lattice.u] / 128**2, sent, atol=1e-5)


def test_radii_that_a_scheme_names_belong_to_its_bands():
    scheme = replace(
        IMAGE_V1, radius_min=5, radius_max=13, grid_step=4, pilot_radius_min=10, pilot_radius_max=13
    )
    u, v = frequencies(scheme)
    wanted = {
        (a, b)
        for a in range(-13, 14)
        for b in range(2, 14)
        if 25 <= a * a + b * b <= 169 and abs(a) > 1 and (a % 4 or b % 4)
    }
    assert {(3, 4), (-4, 3), (5, 12), (-12, 5)} < wanted
    assert set(zip(u.tolist(), v.tolist(), strict=True)) == wanted
    inside = [n for n, square in enumerate(u * u + v * v) if 100 <= square <= 169]
    lattice = lattice_of(replace(scheme, pilots=len(inside)), bytes(32))
    assert lattice.pilots.tolist() == inside
    assert (u * u + v * v)[inside[0]] == 100
