"""
Reading the mark made while sampling: the twin of `labeler.text.sampling`. Token ids in.

The same tokenizer as in generation is needed, and the prompt must not be among the tokens. The
p-value is exact up to the quality of the hash: distinct (context, token) pairs of a text made
without the key have fair, independent coins (docs/formats/sampling-v1.md, section 6).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.evidence import WatermarkEvidence
from labeler.core.text.sampling import coins, context_words
from labeler.core.text.scores import fisher_tail, mean_tail, token_scores, token_surprises
from labeler.errors import InvalidKey, LayerFailed, UnsupportedMedia
from labeler.keys import DEFAULT_KEY, Key
from labeler.schemes import SAMPLING_V1
from labeler.text.sampling import WatermarkSampler, sampling_key


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

ENOUGH = 50
"""Usable tokens below which the reader speaks of insufficient evidence."""

WINDOW = 200
"""Pairs in a window that is judged by itself, for texts of which only a part was generated."""

_TOY_VOCABULARY, _TOY_TOKENS = 5000, 200
_SMALLEST_P = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingScore:
    """
    The coins of one text or window under one key.

    ``usable`` distinct pairs; ``log_fisher`` and ``log_mean`` are natural logarithms of the
    p-values of both statistics, each exact by itself.
    """

    usable: int
    log_fisher: float
    log_mean: float

    @property
    def log_p(self) -> float:
        """The smaller of both, doubled."""
        return min(0.0, min(self.log_fisher, self.log_mean) + math.log(2))


def read_sampling(
    tokens: ArrayLike,
    keys: Sequence[Key] = (DEFAULT_KEY,),
    *,
    context: int = SAMPLING_V1.context,
    layers: int = SAMPLING_V1.layers,
    nonce: bytes | None = None,
) -> WatermarkEvidence:
    """
    Return whether the tokens were sampled with one of the keys; the best key is named.

    Parameters
    ----------
    tokens
        (n,) ids of the generated text, without its prompt.
    context, layers, nonce
        As in `labeler.text.sampling.WatermarkSampler`.

    Returns
    -------
    WatermarkEvidence
        ``p_value`` counts both statistics, all windows and all keys. ``found`` from 1e-6 down.

    Raises
    ------
    InvalidKey
        No key at all.
    UnsupportedMedia
        Tokens that are no row of ids.
    UnknownPolicy
        A context or number of layers out of range.
    """
    if not keys:
        raise InvalidKey("reading a mark needs at least one key")
    pairs = distinct_pairs(tokens, context)
    best: tuple[float, Key, str] = (0.0, keys[0], "")
    for key in keys:
        word = sampling_key(key, context=context, layers=layers, nonce=nonce)
        log_p, where = _judge(pairs, word, layers)
        best = min(best, (log_p + math.log(len(keys)), key, where), key=lambda each: each[0])
    p_value = max(math.exp(min(best[0], 0.0)), _SMALLEST_P)
    found = p_value <= SAMPLING_V1.p_max
    return WatermarkEvidence(
        scheme=SAMPLING_V1.name,
        found=found,
        p_value=p_value,
        key=best[1].name if found else "",
        detail=_detail(len(pairs), best[2], found=found),
    )


def score_tokens(
    tokens: ArrayLike,
    key: Key = DEFAULT_KEY,
    *,
    context: int = SAMPLING_V1.context,
    layers: int = SAMPLING_V1.layers,
    nonce: bytes | None = None,
) -> SamplingScore:
    """Return both statistics of the whole text; parameters and errors as `read_sampling`."""
    word = sampling_key(key, context=context, layers=layers, nonce=nonce)
    return _score(_coins(distinct_pairs(tokens, context), word), layers)


def distinct_pairs(tokens: ArrayLike, context: int) -> NDArray[np.int64]:
    """Return every distinct (context, token) once, in order of appearance, (n, context + 1)."""
    row = np.asarray(tokens)
    if row.ndim != 1 or (row.size and row.dtype.kind not in "iu"):
        raise UnsupportedMedia(f"tokens of shape {row.shape}, {row.dtype}; use a row of whole ids")
    if len(row) <= context:
        return np.zeros((0, context + 1), np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(row.astype(np.int64), context + 1)
    _, first = np.unique(windows, axis=0, return_index=True)
    return windows[np.sort(first)]


def self_check(key: Key = DEFAULT_KEY) -> float:
    """
    Sample 200 tokens from made-up logits, read them, and return the p-value.

    Raises `LayerFailed` when it is not below 1e-6: then this build neither marks nor reads.
    """
    rng = np.random.default_rng(1)
    sampler = WatermarkSampler(key)
    tokens = [1, 2]
    for _ in range(_TOY_TOKENS):
        logits = rng.normal(0, 3, (1, _TOY_VOCABULARY)).astype(np.float32)
        tokens.append(int(sampler.sample(logits, [tokens], rng)[0]))
    p_value = read_sampling(tokens, (key,)).p_value or 0.0
    if p_value > SAMPLING_V1.p_max:
        raise LayerFailed(f"the sampling mark does not read back: p = {p_value:.1e}")
    return p_value


def _judge(pairs: NDArray[np.int64], word: int, layers: int) -> tuple[float, str]:
    """Return the logarithm of the p-value over the whole and all windows, and where it is from."""
    thrown = _coins(pairs, word)
    count = len(thrown)
    starts = range(0, count - WINDOW // 2, WINDOW // 2) if count > WINDOW else ()
    spans = [(0, count), *((at, min(at + WINDOW, count)) for at in starts)]
    found = [(_score(thrown[at:end], layers).log_p, at, end) for at, end in spans]
    log_p, at, end = min(found)
    where = "" if end - at == count else f"strongest in usable tokens {at + 1} to {end}"
    return log_p + math.log(len(spans)), where


def _coins(pairs: NDArray[np.int64], word: int) -> NDArray[np.uint64]:
    return coins(context_words(pairs[:, :-1], word), pairs[:, -1:])[:, 0]


def _score(thrown: NDArray[np.uint64], layers: int) -> SamplingScore:
    if not len(thrown):
        return SamplingScore(usable=0, log_fisher=0.0, log_mean=0.0)
    steepness = SAMPLING_V1.steepness
    count = len(thrown)
    surprise = float(token_surprises(thrown, layers, steepness).sum())
    total = int(token_scores(thrown, layers, steepness).sum())
    return SamplingScore(
        usable=count,
        log_fisher=fisher_tail(surprise, count),
        log_mean=mean_tail(total, count, layers, steepness),
    )


def _detail(usable: int, where: str, *, found: bool) -> str:
    told = f"{usable} usable tokens"
    if found:
        return f"{told}; {where}" if where else told
    if usable < ENOUGH:
        return f"{told}: insufficient evidence"
    return f"{told}; no mark of these keys was seen; that never means a human made it"
