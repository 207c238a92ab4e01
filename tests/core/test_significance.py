"""The bound on a false reading."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core import convolutional
from labeler.core.significance import log_p_bound, log_p_of_message, z_needed
from labeler.schemes import IMAGE_V1


@given(z=st.floats(-50, 50), attempts=st.integers(1, 10_000))
def test_the_bound_is_a_probability(z, attempts):
    assert log_p_bound(z, frame_bits=96, attempts=attempts) <= 0


@pytest.mark.parametrize(
    ("mode", "expected"), [(IMAGE_V1.long_mode, 13.57), (IMAGE_V1.short_mode, 10.85)]
)
def test_thresholds_are_those_of_the_format(mode, expected):
    z = z_needed(1e-9, frame_bits=mode.frame_bits, attempts=128)
    assert z == pytest.approx(expected, abs=0.005)
    assert math.exp(log_p_bound(z, frame_bits=mode.frame_bits, attempts=128)) == pytest.approx(1e-9)


def test_a_negative_statistic_is_no_evidence():
    assert log_p_bound(-40, frame_bits=48, attempts=1) == 0
    assert log_p_bound(-40, frame_bits=0, attempts=1) == 0


def test_one_attempt_at_one_message_is_hoeffdings_bound():
    assert log_p_bound(3, frame_bits=0, attempts=1) == pytest.approx(-4.5)
    assert log_p_bound(0.5, frame_bits=0, attempts=1) == pytest.approx(-0.125)


def test_more_attempts_and_more_bits_cost():
    base = log_p_bound(20, frame_bits=48, attempts=1)
    assert log_p_bound(20, frame_bits=48, attempts=2) == pytest.approx(base + math.log(2))
    assert log_p_bound(20, frame_bits=49, attempts=1) == pytest.approx(base + math.log(2))


def test_the_best_codeword_of_random_signs_stays_below_the_bound():
    rng = np.random.default_rng(1)
    mode, chips = IMAGE_V1.short_mode, 1372
    bit = np.concatenate([rng.permutation(288) for _ in range(5)])[:chips]
    best = []
    for _ in range(60):
        weights = rng.gamma(0.3, size=chips)  # a few chips dominate: the hard case for Hoeffding
        received = weights * rng.choice([-1.0, 1.0], chips)
        soft = np.bincount(bit, received, 288).astype(np.float32)
        frame = convolutional.decode(soft, IMAGE_V1.code)
        signs = 1 - 2.0 * convolutional.encode(frame, IMAGE_V1.code)[bit]
        best.append(float(np.sum(received * signs) / np.sqrt(np.sum(received**2))))
    assert max(best) < z_needed(1e-3, frame_bits=mode.frame_bits, attempts=1)
    assert np.mean(best) > 4


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("wrong", [0, 1, 2, 3])
def test_the_bound_on_a_message_holds_and_is_the_best_of_its_kind(scale, wrong):
    size = np.random.default_rng(wrong).gamma(1.0, size=10)
    signs = np.where(np.arange(10) < wrong, -1.0, 1.0)
    least = (size * signs).sum()
    every = np.array(list(itertools.product([-1.0, 1.0], repeat=10)))
    chance = ((every * size).sum(axis=1) >= least - 1e-9).mean()
    slopes = np.linspace(0, 60, 60_000)[:, None]
    best = (np.log(np.cosh(slopes * size)) - slopes * size * signs).sum(axis=1).min()
    bound = log_p_of_message(scale * size, signs * size > 0)
    assert bound == log_p_of_message(-scale * size, signs * size < 0)
    assert math.log(chance) <= bound <= 0
    assert bound == pytest.approx(min(best, 0.0), rel=0.03, abs=1e-6)


def test_a_message_that_agrees_with_nothing_is_no_evidence():
    assert log_p_of_message(np.zeros(8), np.ones(8, bool)) == 0
    assert log_p_of_message(np.array([2.0, -2.0]), np.ones(2, bool)) == 0
    assert log_p_of_message(np.array([1.0, -2.0]), np.ones(2, bool)) == 0
