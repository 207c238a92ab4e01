"""The written format of the sampling mark, implemented once more from its text."""

from __future__ import annotations

import hashlib
import hmac
import math
import random
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from detectors.text.sampling import score_tokens
from labeler.core.text.sampling import coins, context_words, heads, play
from labeler.core.text.scores import token_scores, token_surprises
from labeler.keys import DEFAULT_KEY
from labeler.text.sampling import WatermarkSampler, sampling_key


PAGE = Path(__file__).parents[3] / "docs" / "formats" / "sampling-v1.md"
MASK = 2**64 - 1
G = 0x9E3779B97F4A7C15


@cache
def vector(row: str) -> str:
    lines = PAGE.read_text("utf-8").splitlines()
    line = next(line for line in lines if line.startswith(f"| {row} |"))
    return line.split("|")[2].strip().strip("`")


def mix(x: int) -> int:
    z = (x + G) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return z ^ z >> 31


def key_word(secret: bytes, info: str) -> int:
    root = hmac.new(b"aigc-label key v1", secret, hashlib.sha256).digest()
    block = hmac.new(root, info.encode() + b"\x01", hashlib.sha256).digest()
    return int.from_bytes(block[:8], "big")


def word(key: int, context: list[int]) -> int:
    fold = sum(pow(G, place + 1, 2**64) * token for place, token in enumerate(context))
    return mix((fold & MASK) ^ key)


def coin(thrown: int, layer: int) -> int:
    return thrown >> layer & 1


def played(chances: list[float], key: int, context: list[int], layers: int) -> list[float]:
    seed = word(key, context)
    thrown = [mix((seed + G * token) & MASK) for token in range(len(chances))]
    for layer in range(layers):
        share = sum(p * coin(c, layer) for p, c in zip(chances, thrown, strict=True))
        chances = [p * (1 + coin(c, layer) - share) for p, c in zip(chances, thrown, strict=True)]
    return [p / sum(chances) for p in chances]


def score(thrown: int) -> int:
    return sum((9 * (29 - i) + 29) * coin(thrown, i) for i in range(30))


@cache
def law() -> dict[int, float]:
    chances = {0: 1.0}
    for i in range(30):
        longer: dict[int, float] = {}
        for total, chance in chances.items():
            for more in (0, 9 * (29 - i) + 29):
                longer[total + more] = longer.get(total + more, 0.0) + chance / 2
        chances = longer
    return chances


@cache
def above() -> dict[int, float]:
    out, sum_so_far = {}, 0.0
    for total in sorted(law(), reverse=True):
        out[total] = sum_so_far
        sum_so_far += law()[total]
    return out


def surprise(thrown: int) -> float:
    total = score(thrown)
    return -math.log(above()[total] + ((thrown >> 30) + 1) / 2**34 * law()[total])


@pytest.fixture(scope="module")
def key() -> int:
    return key_word(DEFAULT_KEY.secret, "sampling-v1/2/30/")


def test_key_word_is_the_vector_and_the_text(key):
    assert sampling_key(DEFAULT_KEY, context=2, layers=30, nonce=None) == key
    assert f"{key:016x}" == vector("key word")
    other = sampling_key(DEFAULT_KEY, context=4, layers=7, nonce=b"\xab")
    assert other == key_word(DEFAULT_KEY.secret, "sampling-v1/4/7/ab")


def test_coins_are_the_vector_and_the_text(key):
    seed = word(key, [11, 22])
    words = context_words(np.array([[11, 22]]), key)
    assert int(words[0]) == seed
    assert f"{seed:016x}" == vector("w")
    tokens = [0, 1, 50_000]
    thrown = [mix((seed + G * token) & MASK) for token in tokens]
    assert coins(words, np.array([tokens])).tolist() == [thrown]
    assert " ".join(f"{c:016x}" for c in thrown) == vector("c(0), c(1), c(50000)")
    longer = [3, 70_000, 5, 2**31]
    assert int(context_words(np.array([longer]), key)[0]) == word(key, longer)


def test_tournament_is_the_vector_and_the_text(key):
    chances = [0.4, 0.3, 0.2, 0.1]
    thrown = coins(context_words(np.array([[11, 22]]), key), np.arange(4)[None])
    for layers in (1, 3, 30):
        expected = played(chances, key, [11, 22], layers)
        ours = play(np.array([chances]), heads(thrown, layers))[0]
        np.testing.assert_allclose(ours, expected, atol=1e-12)
    row = "probabilities of tokens 0..3 from 0.4, 0.3, 0.2, 0.1 after three layers"
    three = played(chances, key, [11, 22], 3)
    assert " ".join(f"{p:.9f}" for p in three) == vector(row)


def test_score_and_surprise_are_the_vector_and_the_text(key):
    thrown = mix((word(key, [11, 22]) + G) & MASK)
    assert token_scores(np.array([thrown], np.uint64), 30, 10).tolist() == [score(thrown)]
    ours = token_surprises(np.array([thrown], np.uint64), 30, 10)
    assert ours[0] == pytest.approx(surprise(thrown))
    assert f"{score(thrown)} {surprise(thrown):.6f}" == vector("score and -ln u of token 1")


def test_a_detector_made_from_the_text_alone_finds_the_mark(key):
    """Fisher's statistic of section 6 in plain Python over a text sampled by the product."""
    rng = np.random.default_rng(13)
    sampler, tokens = WatermarkSampler(), [1, 2]
    for _ in range(120):
        logits = rng.normal(0, 2, (1, 400)).astype(np.float32)
        tokens.append(int(sampler.sample(logits, [tokens], rng)[0]))
    pairs = sorted({tuple(tokens[i : i + 3]) for i in range(len(tokens) - 2)})

    def log_p(of: list[tuple[int, ...]]) -> float:
        thrown = [mix((word(key, list(pair[:2])) + G * pair[2]) & MASK) for pair in of]
        x = sum(surprise(each) for each in thrown)
        terms = [j * math.log(x) - math.lgamma(j + 1) for j in range(len(of))]
        return max(terms) + math.log(sum(math.exp(t - max(terms)) for t in terms)) - x

    assert log_p(pairs) < math.log(1e-9)
    assert score_tokens(tokens).log_fisher == pytest.approx(log_p(pairs), rel=1e-9)
    strangers = [(a, b, random.Random(14 + a).randrange(400)) for a, b, _ in pairs]
    assert log_p(strangers) > math.log(1e-4)
