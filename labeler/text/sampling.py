"""
The mark made while a language model samples: numpy logits in, any pipeline (R-43).

The text carries it in the choice of words, so copying cannot lose it; paraphrase, translation and
heavy editing do. It says that somebody with the key sampled this text, and carries no payload. The
reader is `detectors.text.sampling`, the mathematics `labeler.core.text.sampling`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.text.sampling import (
    best_candidates,
    coins,
    context_words,
    heads,
    play,
    softmax,
)
from labeler.errors import UnknownPolicy, UnsupportedMedia
from labeler.keys import DEFAULT_KEY, Key
from labeler.schemes import SAMPLING_V1


if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

MOST_CONTEXT = 8
"""Most tokens that may choose the coins of the next one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """
    What may come next in each row: ``tokens`` and their ``probabilities``, both (n, k).

    ``marked`` (n,) says which rows carry the mark in this step; the others are as the model has
    them.
    """

    tokens: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    marked: NDArray[np.bool_]


class WatermarkSampler:
    """
    Turns the logits of each step into marked probabilities, or samples from them.

    Parameters
    ----------
    context
        Tokens that choose the coins of the next one: 2 withstands more editing, 4 is harder to
        learn from many texts. The detector needs the same.
    layers
        Coins of a candidate; the detector needs the same.
    top_k
        Candidates kept; everything else gets no probability.
    nonce
        Bytes that make another key of the key, for a tenant or a model; the detector needs them.

    Apply temperature, top-p and penalties **before**; nothing may be applied after. Requests keep
    their own state: contexts that came before in the same request are left unmarked, which keeps
    the distribution of the whole text that of the model. Call `finish` when a text is finished.
    """

    __slots__ = ("_context", "_key", "_layers", "_seen", "_top_k")

    def __init__(
        self,
        key: Key = DEFAULT_KEY,
        *,
        context: int = SAMPLING_V1.context,
        layers: int = SAMPLING_V1.layers,
        top_k: int = 100,
        nonce: bytes | None = None,
    ) -> None:
        """Raise `UnknownPolicy` for numbers out of range."""
        self._key = sampling_key(key, context=context, layers=layers, nonce=nonce)
        if top_k < 2:
            raise UnknownPolicy(f"top_k {top_k} leaves nothing to choose from; use at least 2")
        self._context, self._layers, self._top_k = context, layers, top_k
        self._seen: dict[Hashable, set[int]] = {}

    def candidates(
        self,
        logits: ArrayLike | tuple[ArrayLike, ArrayLike],
        previous: ArrayLike,
        requests: Sequence[Hashable] | None = None,
    ) -> Candidates:
        """
        Return the marked distribution of the next token of each row.

        Parameters
        ----------
        logits
            (n, vocabulary), or a pair (tokens, logits) of (n, k) that is cut already.
        previous
            (n, t) the tokens before, prompt included; the last ``context`` are used. Rows with
            fewer, or with negative placeholders among them, stay unmarked.
        requests
            Which request each row belongs to, as rows may move between steps; row numbers if None.

        Raises
        ------
        UnsupportedMedia
            Shapes that do not fit, NaN, or a row without any candidate.
        """
        tokens, values = self._cut(logits)
        probabilities = softmax(values)
        history = np.atleast_2d(np.asarray(previous, np.int64))
        if len(history) != len(tokens):
            raise UnsupportedMedia(f"{len(tokens)} rows of logits but {len(history)} of tokens")
        contexts = history[:, -self._context :]
        if contexts.shape[1] < self._context:
            nowhere = np.zeros(len(tokens), bool)
            return Candidates(tokens=tokens, probabilities=probabilities, marked=nowhere)
        words = context_words(contexts, self._key)
        marked = self._fresh(words, requests) & (contexts >= 0).all(axis=1)
        if marked.all():
            played = play(probabilities, heads(coins(words, tokens), self._layers))
        else:
            played = probabilities.copy()
            if marked.any():
                shown = heads(coins(words[marked], tokens[marked]), self._layers)
                played[marked] = play(probabilities[marked], shown)
        return Candidates(tokens=tokens, probabilities=played, marked=marked)

    def sample(
        self,
        logits: ArrayLike | tuple[ArrayLike, ArrayLike],
        previous: ArrayLike,
        rng: np.random.Generator,
        requests: Sequence[Hashable] | None = None,
    ) -> NDArray[np.int64]:
        """Return the next token of each row, (n,). Parameters and errors as `candidates`."""
        found = self.candidates(logits, previous, requests)
        sums = np.cumsum(found.probabilities, axis=1)
        drawn = rng.random((len(sums), 1)) * sums[:, -1:]
        places = np.minimum((sums <= drawn).sum(axis=1), sums.shape[1] - 1)
        return np.asarray(found.tokens[np.arange(len(places)), places], np.int64)

    def finish(self, requests: Iterable[Hashable] | None = None) -> None:
        """Drop the state of requests that have ended, of all when None."""
        if requests is None:
            self._seen.clear()
            return
        for request in requests:
            self._seen.pop(request, None)

    def _cut(
        self, logits: ArrayLike | tuple[ArrayLike, ArrayLike]
    ) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
        """Return tokens and logits of the candidates, checked."""
        if isinstance(logits, tuple):
            tokens = np.atleast_2d(np.asarray(logits[0], np.int64))
            values = np.atleast_2d(_floats(logits[1]))
            if tokens.shape != values.shape:
                raise UnsupportedMedia(f"tokens {tokens.shape} do not fit logits {values.shape}")
            _check(values)
            return tokens, values
        whole = np.atleast_2d(_floats(logits))
        _check(whole)
        return best_candidates(whole, self._top_k)

    def _fresh(
        self, words: NDArray[np.uint64], requests: Sequence[Hashable] | None
    ) -> NDArray[np.bool_]:
        """Say which rows have a context that is new in their request, and remember it."""
        fresh = np.zeros(len(words), bool)
        names = range(len(words)) if requests is None else requests
        for row, (name, word) in enumerate(zip(names, words.tolist(), strict=True)):
            seen = self._seen.setdefault(name, set())
            fresh[row] = word not in seen
            seen.add(word)
        return fresh


def sampling_key(key: Key, *, context: int, layers: int, nonce: bytes | None) -> int:
    """
    Return the 64 bits that name the coins of a deployment.

    Raises `UnknownPolicy` for a context or a number of layers that is out of range.
    """
    if not 1 <= context <= MOST_CONTEXT:
        raise UnknownPolicy(f"a context of {context} tokens is outside 1..{MOST_CONTEXT}")
    if not 1 <= layers <= SAMPLING_V1.most_layers:
        raise UnknownPolicy(f"{layers} layers are outside 1..{SAMPLING_V1.most_layers}")
    purpose = f"{SAMPLING_V1.name}/{context}/{layers}/{(nonce or b'').hex()}"
    return int.from_bytes(key.subkey(purpose, 8), "big")


def _check(values: NDArray[np.floating]) -> None:
    """Refuse what has no distribution; the largest of a row with NaN is NaN."""
    if values.ndim != 2 or not values.size:
        raise UnsupportedMedia(f"logits of shape {values.shape}; use (rows, vocabulary)")
    if not np.isfinite(values.max(axis=1) if len(values) > 1 else values.max()).all():
        raise UnsupportedMedia("a row of logits holds NaN, +infinity, or no candidate at all")


def _floats(values: ArrayLike) -> NDArray[np.floating]:
    """Return an array of float32 or float64; half precision is widened, as sorting it is slow."""
    array = np.asarray(values)
    if array.dtype.char in "fd":
        return array
    return array.astype(np.float32)
