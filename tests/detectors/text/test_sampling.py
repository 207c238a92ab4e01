"""Reading the generation-time mark: power, honesty of the p-value, windows, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.text.sampling import (
    ENOUGH,
    distinct_pairs,
    read_sampling,
    score_tokens,
    self_check,
)
from labeler.errors import InvalidKey, LayerFailed, UnsupportedMedia
from labeler.keys import DEFAULT_KEY, Key
from labeler.text.sampling import WatermarkSampler


MINE = Key("mine", bytes(range(32)))


def language(rng: np.random.Generator, size: int = 600) -> np.ndarray:
    """Logits of a made-up bigram language of about 2.3 nats a token."""
    ranks = np.argsort(rng.random((size, size)), axis=1)
    return (-1.9 * np.log(ranks + 2.0)).astype(np.float32)


def texts(count: int, length: int = 200, **options) -> np.ndarray:
    """Marked texts, sampled as one batch."""
    rng = np.random.default_rng(7)
    table = language(rng)
    sampler = WatermarkSampler(MINE, **options)
    out = rng.integers(0, len(table), (count, 4))
    for _ in range(length):
        drawn = sampler.sample(table[out[:, -1]], out, rng)
        out = np.concatenate([out, drawn[:, None]], axis=1)
    return out[:, 4:]


@pytest.fixture(scope="module")
def marked() -> np.ndarray:
    return texts(24)


def test_all_texts_of_200_tokens_are_found(marked):
    rows = [read_sampling(text, (MINE,)) for text in marked]
    assert all(row.found for row in rows)
    assert max(row.p_value for row in rows) < 1e-9
    assert {row.key for row in rows} == {"mine"}


def test_most_are_found_after_a_fifth_of_the_tokens_was_replaced(marked):
    rng = np.random.default_rng(8)
    changed = np.where(rng.random(marked.shape) < 0.2, rng.integers(0, 600, marked.shape), marked)
    assert np.mean([read_sampling(text, (MINE,)).found for text in changed]) >= 0.9


def test_other_keys_contexts_layers_and_nonces_find_nothing(marked):
    text = marked[0]
    assert not read_sampling(text).found
    assert not read_sampling(text, (MINE,), context=3).found
    assert not read_sampling(text, (MINE,), layers=29).found
    assert not read_sampling(text, (MINE,), nonce=b"x").found
    assert read_sampling(texts(1, nonce=b"x")[0], (MINE,), nonce=b"x").found
    row = read_sampling(text, (DEFAULT_KEY, MINE))
    assert row.key == "mine"
    assert row.p_value == pytest.approx(2 * read_sampling(text, (MINE,)).p_value)


def test_null_p_values_are_uniform():
    rng = np.random.default_rng(9)
    text = texts(1, 4000)[0]  # natural repetition, many keys: what calibration asks for
    logs = []
    for _ in range(1500):
        start = rng.integers(0, len(text) - 202)
        score = score_tokens(text[start : start + 202], Key("k", rng.bytes(32)))
        logs.append((score.log_fisher, score.log_mean, score.log_p))
    fisher, mean, both = np.exp(np.array(logs)).T
    grid = np.arange(1, 100) / 100
    for values in (fisher, mean):
        shares = np.array([(values <= p).mean() for p in grid])
        assert np.abs(shares - grid).max() < 1.95 / np.sqrt(1500)  # Kolmogorov at 0.1 per cent
    assert all((both <= p).mean() <= p + 4 * np.sqrt(p / 1500) for p in (0.01, 0.05, 0.2))


def test_repetition_is_counted_once():
    assert len(distinct_pairs([1, 2, 3] * 50, 2)) == 3
    assert read_sampling([1, 2, 3] * 500, (MINE,)).p_value > 1e-3
    assert distinct_pairs([1, 2, 3, 4], 2).tolist() == [[1, 2, 3], [2, 3, 4]]


def test_a_marked_part_of_a_long_text_is_found_by_its_window(marked):
    rng = np.random.default_rng(10)
    human = rng.integers(0, 600, 4000)
    mixed = np.concatenate([human[:2000], marked[0], marked[1], human[2000:]])
    row = read_sampling(mixed, (MINE,))
    assert row.found
    assert "strongest in usable tokens 2001" in row.detail or "strongest" in row.detail
    assert not read_sampling(human, (MINE,)).found


def test_few_tokens_are_insufficient_evidence():
    for text in ([], [1], [1, 2], list(range(ENOUGH))):
        row = read_sampling(text, (MINE,))
        assert not row.found
        assert "insufficient evidence" in row.detail
    assert "never means a human" in read_sampling(range(300), (MINE,)).detail


@pytest.mark.parametrize("bad", [[[1, 2]], [1.5, 2.5], ["a"]])
def test_what_is_no_row_of_ids_is_refused(bad):
    with pytest.raises(UnsupportedMedia):
        read_sampling(bad)
    with pytest.raises(InvalidKey):
        read_sampling([1, 2, 3], ())


def test_self_check_reads_what_it_wrote_and_fails_when_it_cannot(monkeypatch):
    assert self_check() < 1e-6
    unmarked = np.zeros(1, bool)
    monkeypatch.setattr(WatermarkSampler, "_fresh", lambda *_: unmarked)
    with pytest.raises(LayerFailed):
        self_check()
