"""The keyed lattice."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.image.lattice import frequencies, lattice_of
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
