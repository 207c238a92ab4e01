"""The generation-time mark in a loop of one's own: logits in, token ids out, one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labeler.text.sampling import WatermarkSampler


if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from numpy.typing import ArrayLike


def generate(
    next_logits: Callable[[Sequence[int]], ArrayLike],
    prompt: Sequence[int],
    *,
    most: int,
    sampler: WatermarkSampler | None = None,
    temperature: float = 1.0,
    stop: Collection[int] = (),
    seed: int | None = None,
) -> Iterator[int]:
    """
    Yield up to ``most`` marked tokens after a prompt; the one in ``stop`` that ends it comes last.

    ``next_logits`` gets all tokens so far and returns the logits of the vocabulary, (v,).
    """
    sampler = sampler or WatermarkSampler()
    request = object()
    rng = np.random.default_rng(seed)
    tokens = list(prompt)
    try:
        for _ in range(most):
            logits = np.asarray(next_logits(tokens), np.float32)[None] / np.float32(temperature)
            token = int(sampler.sample(logits, [tokens], rng, [request])[0])
            tokens.append(token)
            yield token
            if token in stop:
                return
    finally:
        sampler.finish([request])
