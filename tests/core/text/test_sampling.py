"""The tournament and its coins: unbiased, vectorised, the same for rows and batches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.text.sampling import (
    best_candidates,
    coins,
    context_words,
    heads,
    mix,
    play,
    softmax,
)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_mix_is_splitmix64():
    """The first outputs of the public generator with seed 1234567."""
    seed, step = 1234567, 0x9E3779B97F4A7C15
    states = np.array([(seed + i * step) % 2**64 for i in range(3)], np.uint64)
    assert mix(states).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("layers", [1, 2, 29, 30])
def test_a_row_alone_gets_what_it_gets_in_a_batch(rng, layers):
    start = softmax(rng.normal(0, 2, (4, 50)))
    shown = heads(rng.integers(0, 2**63, (4, 50)).astype(np.uint64), layers)
    together = play(start, shown)
    for row in range(4):
        np.testing.assert_allclose(
            play(start[row : row + 1], shown[:, row : row + 1])[0], together[row], atol=1e-13
        )
    np.testing.assert_allclose(together.sum(axis=1), 1)


def test_one_layer_is_the_formula(rng):
    start = softmax(rng.normal(0, 2, (1, 5)))
    shown = np.array([[[1.0, 0, 0, 1, 0]]])
    expected = start * (1 + shown[0] - (start * shown[0]).sum())
    np.testing.assert_allclose(play(start, shown), expected)


def test_the_mark_does_not_change_the_average_over_keys(rng):
    start = softmax(np.array([[2.0, 1, 0.5, 0, -1, -3]]))
    tokens = np.arange(6)[None]
    words = rng.integers(0, 2**63, 40_000).astype(np.uint64)
    batch = play(
        np.repeat(start, len(words), 0), heads(coins(words, np.repeat(tokens, len(words), 0)), 30)
    )
    error = batch.std(axis=0) / np.sqrt(len(words))
    assert (np.abs(batch.mean(axis=0) - start[0]) < 4.5 * error).all()


def test_coins_are_fair_and_differ_by_key_context_token_and_layer(rng):
    contexts = rng.integers(0, 50_000, (4000, 2))
    tokens = rng.integers(0, 50_000, (4000, 8))
    shown = heads(coins(context_words(contexts, 7), tokens), 60).reshape(60, -1)
    assert np.abs(shown.mean(axis=1) - 0.5).max() < 4.5 * 0.5 / np.sqrt(shown.shape[1])
    together = np.corrcoef(shown) - np.eye(60)
    assert np.abs(together).max() < 5.5 / np.sqrt(shown.shape[1])
    others = [
        coins(context_words(contexts, 8), tokens),
        coins(context_words(contexts[:, ::-1], 7), tokens),
        coins(context_words(contexts, 7), tokens + 1),
    ]
    for other in others:
        agree = (heads(other, 60).reshape(60, -1) == shown).mean()
        assert abs(agree - 0.5) < 4.5 * 0.5 / np.sqrt(shown.size)


@pytest.mark.parametrize("vocabulary", [5, 99, 6400, 6464, 32_001, 50_257])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_best_candidates_are_the_best(rng, vocabulary, dtype):
    logits = rng.normal(0, 3, (3, vocabulary)).astype(dtype)
    logits[1, ::2] = -np.inf
    tokens, values = best_candidates(logits, 100)
    for row in range(3):
        expected = np.sort(logits[row])[::-1][:100]
        np.testing.assert_array_equal(np.sort(values[row])[::-1], expected)
        np.testing.assert_array_equal(logits[row][tokens[row]], values[row])
        assert len(set(tokens[row].tolist())) == len(tokens[row])


def test_equal_logits_are_no_trap():
    tokens, values = best_candidates(np.zeros((1, 32_000), np.float32), 100)
    assert tokens.shape == values.shape == (1, 100)
    assert len(set(tokens[0].tolist())) == 100


def test_the_best_are_found_when_they_tower_over_all_others():
    logits = np.zeros((1, 8192))
    logits[0, 4000:4050] = np.arange(50) + 10.0
    tokens, values = best_candidates(logits, 50)
    assert sorted(tokens[0].tolist()) == list(range(4000, 4050))
    assert np.array_equal(values[0], logits[0, tokens[0]])


@given(
    st.lists(st.integers(-1, 2**31 - 1), min_size=1, max_size=8),
    st.integers(0, 2**64 - 1),
)
def test_one_row_alone_gets_the_hash_it_gets_in_a_batch(tokens, key):
    row = np.array([tokens])
    assert context_words(row, key)[0] == context_words(np.repeat(row, 3, 0), key)[1]
