"""The sampler at its interface: state of requests, rows that move, logits of all kinds."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.text.sampling import read_sampling
from labeler.core.text.sampling import softmax
from labeler.errors import UnknownPolicy, UnsupportedMedia
from labeler.integrations.loop import generate
from labeler.keys import Key
from labeler.text.sampling import WatermarkSampler


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.fixture
def logits(rng):
    return rng.normal(0, 3, (3, 2000)).astype(np.float32)


HISTORY = np.array([[5, 6, 7], [5, 6, 8], [9, 6, 7]])


def test_probabilities_stand_on_the_best_candidates_and_sum_to_one(logits):
    found = WatermarkSampler(top_k=40).candidates(logits, HISTORY)
    assert found.tokens.shape == found.probabilities.shape == (3, 40)
    assert found.marked.all()
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    assert logits[0][found.tokens[0]].min() >= np.sort(logits[0])[-40]


def test_a_context_that_came_before_in_the_same_request_stays_unmarked(logits):
    sampler = WatermarkSampler(top_k=40)
    first = sampler.candidates(logits, HISTORY, ["a", "b", "c"])
    moved = sampler.candidates(logits[::-1], HISTORY[[1, 0, 2]], ["a", "b", "d"])
    assert first.marked.all()
    assert moved.marked.tolist() == [True, True, True]
    again = sampler.candidates(logits, HISTORY[[0, 1, 1]], ["a", "c", "b"])
    assert again.marked.tolist() == [False, True, False]
    np.testing.assert_allclose(again.probabilities[0], softmax(logits[:1][:, again.tokens[0]])[0])
    sampler.finish(["a"])
    assert sampler.candidates(logits[:1], HISTORY[:1], ["a"]).marked.all()
    sampler.finish()
    assert sampler.candidates(logits[:1], HISTORY[:1], ["c"]).marked.all()


def test_rows_are_independent_of_their_neighbours(logits):
    together = WatermarkSampler().candidates(logits, HISTORY).probabilities
    for row in range(3):
        alone = WatermarkSampler().candidates(logits[row], HISTORY[row])
        np.testing.assert_allclose(alone.probabilities[0], together[row])


def test_short_histories_and_placeholders_stay_unmarked(logits):
    sampler = WatermarkSampler()
    assert not sampler.candidates(logits, [[1], [2], [3]]).marked.any()
    assert sampler.candidates(logits, [[1, 2], [-1, 2], [3, -1]]).marked.tolist() == [
        True,
        False,
        False,
    ]


def test_a_pair_of_tokens_and_logits_is_taken_as_it_is(logits):
    tokens = np.argsort(-logits, axis=1)[:, :30]
    values = np.take_along_axis(logits, tokens, 1)
    found = WatermarkSampler().candidates((tokens, values), HISTORY)
    np.testing.assert_array_equal(found.tokens, tokens)
    whole = WatermarkSampler(top_k=30).candidates(logits, HISTORY)
    order = np.argsort(found.tokens, axis=1)
    np.testing.assert_allclose(
        np.take_along_axis(found.probabilities, order, 1), whole.probabilities
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_any_float_will_do_and_minus_infinity_is_never_drawn(logits, rng, dtype):
    half = logits.astype(dtype)
    half[:, 10:] = -np.inf
    drawn = [WatermarkSampler().sample(half, HISTORY, rng) for _ in range(50)]
    assert np.max(drawn) < 10


@pytest.mark.parametrize(
    "bad",
    [
        np.full((1, 500), np.nan),
        np.full((1, 500), -np.inf),
        np.array([[0.0, np.inf]]),
        np.zeros((1, 0)),
        np.zeros((1, 2, 3)),
        np.r_[np.zeros(9000), np.nan][None],
    ],
)
def test_logits_without_a_distribution_are_refused(bad):
    with pytest.raises(UnsupportedMedia):
        WatermarkSampler().candidates(bad, [[1, 2]])


def test_shapes_that_do_not_fit_are_refused(logits):
    with pytest.raises(UnsupportedMedia, match="rows"):
        WatermarkSampler().candidates(logits, HISTORY[:2])
    with pytest.raises(UnsupportedMedia, match="fit"):
        WatermarkSampler().candidates((np.zeros((1, 3)), np.zeros((1, 4))), [[1, 2]])


@pytest.mark.parametrize(
    "options", [{"context": 0}, {"context": 9}, {"layers": 0}, {"layers": 61}, {"top_k": 1}]
)
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(UnknownPolicy):
        WatermarkSampler(**options)


def test_sampling_follows_the_marked_probabilities(logits):
    found = WatermarkSampler(top_k=5).candidates(logits[:1], HISTORY[:1])
    rng = np.random.default_rng(5)
    drawn = [
        int(WatermarkSampler(top_k=5).sample(logits[:1], HISTORY[:1], rng)[0]) for _ in range(3000)
    ]
    shares = [(np.array(drawn) == token).mean() for token in found.tokens[0]]
    assert np.abs(np.array(shares) - found.probabilities[0]).max() < 0.04


def test_a_loop_of_ones_own_marks_its_text_and_stops(rng):
    table = rng.normal(0, 2, (300, 300)).astype(np.float32)
    key = Key("mine", bytes(range(32)))
    sampler = WatermarkSampler(key)
    text = list(
        generate(lambda tokens: table[tokens[-1]], [1, 2], most=200, sampler=sampler, seed=6)
    )
    assert len(text) == 200
    assert read_sampling(text, (key,)).found
    assert not read_sampling(text).found
    stopped = list(
        generate(lambda tokens: table[tokens[-1]], [1, 2], most=200, seed=6, stop=range(300))
    )
    assert len(stopped) == 1
