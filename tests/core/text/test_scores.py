"""Tails of the statistics, against exact enumeration, convolution and scipy."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from labeler.core.text.scores import (
    fisher_tail,
    layer_weights,
    mean_tail,
    score_law,
    token_scores,
    token_surprises,
)


def test_the_law_of_scores_is_exact():
    weights = layer_weights(6, 10)
    sums = [int(np.dot(weights, bits)) for bits in itertools.product((0, 1), repeat=6)]
    above, equal = score_law(6, 10)
    for score in (0, 1, sums[5], sums[40], max(sums)):
        assert equal[score] == pytest.approx(sums.count(score) / 64)
        assert above[score] == pytest.approx(sum(each > score for each in sums) / 64)


def test_surprises_of_fair_coins_are_exponential():
    thrown = np.random.default_rng(16).integers(0, 2**64, 40_000, dtype=np.uint64)
    for layers in (1, 3, 30, 60):
        assert stats.kstest(token_surprises(thrown, layers, 10), "expon").pvalue > 1e-3


def test_the_highest_surprise_is_that_of_64_heads():
    highest = token_surprises(np.array([2**30 - 1], np.uint64), 30, 10)
    assert highest[0] == pytest.approx(64 * math.log(2))


def test_token_scores_are_weighted_sums_of_bits():
    weights = layer_weights(30, 10)
    assert token_scores(np.array([0, 1, 2**30 - 1], np.uint64), 30, 10).tolist() == [
        0,
        weights[0],
        weights.sum(),
    ]
    assert layer_weights(1, 10).tolist() == [1]


@pytest.mark.parametrize("count", [1, 2, 50, 3000])
@pytest.mark.parametrize("factor", [0.2, 0.9, 1.0, 1.3, 4.0, 30.0])
def test_fisher_tail_is_that_of_the_erlang_law(count, factor):
    expected = stats.poisson.logcdf(count - 1, count * factor)
    if not math.isfinite(expected):
        expected = stats.poisson.logpmf(count - 1, count * factor) - math.log1p(-1 / factor)
    assert fisher_tail(count * factor, count) == pytest.approx(
        expected, rel=1e-3 if factor > 2 else 1e-7, abs=1e-9
    )


@pytest.mark.parametrize("count", [12, 60])
def test_mean_tail_is_that_of_the_convolution_into_the_far_tail(count):
    one = np.ones(1)
    for weight in layer_weights(8, 10).tolist():
        longer = np.zeros(len(one) + weight)
        longer[: len(one)] += one / 2
        longer[weight:] += one / 2
        one = longer
    whole = np.ones(1)
    for _ in range(count):
        whole = np.convolve(whole, one)
    tails = np.cumsum(whole[::-1])[::-1]
    for share in (0.3, 0.45, 0.5, 0.55, 0.65, 0.8, 0.9, 0.97):
        score = int(share * (len(whole) - 1))
        assert mean_tail(score, count, 8, 10) == pytest.approx(math.log(tails[score]), abs=0.02)


def test_no_surprise_at_all_is_certain():
    assert fisher_tail(0.0, 50) == 0.0


def test_half_of_all_coins_is_an_even_bet():
    """At the middle the saddlepoint divides by nothing; the tail there is a half."""
    assert mean_tail(23, 45, 1, 10) == pytest.approx(math.log(0.5))
    assert mean_tail(24, 45, 1, 10) == pytest.approx(stats.binom.logsf(23, 45, 0.5), abs=0.01)


def test_all_heads_are_as_improbable_as_they_are():
    most = int(layer_weights(30, 10).sum())
    assert mean_tail(200 * most, 200, 30, 10) == pytest.approx(-6000 * math.log(2))
    assert mean_tail(0, 200, 30, 10) == pytest.approx(0, abs=1e-12)
