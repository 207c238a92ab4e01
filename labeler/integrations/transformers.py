"""
The generation-time mark in transformers: a processor for ``generate(logits_processor=...)``.

transformers runs passed processors before its own temperature and top-k, which would change the
marked distribution again (huggingface/transformers#34630). So this one does both itself; call
``generate(..., do_sample=True, temperature=1.0, top_k=0, top_p=1.0)``. Make a new one for each
call: it remembers the contexts of its rows. Beam search moves rows and is not supported.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from labeler.errors import MissingBackend
from labeler.text.sampling import WatermarkSampler


class WatermarkLogitsProcessor:
    """
    Replaces the scores of each step by the logarithms of the marked probabilities.

    ``sampler`` carries key and numbers; ``temperature`` is applied before it. Raises
    `MissingBackend` without torch.
    """

    def __init__(
        self, sampler: WatermarkSampler | None = None, *, temperature: float = 1.0
    ) -> None:
        """Begin a call of ``generate``."""
        self._sampler = sampler or WatermarkSampler()
        self._sampler.finish()
        self._temperature = temperature

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return scores of the same shape, type and device; minus infinity off the candidates."""
        try:
            torch = import_module("torch")
        except ImportError as error:
            raise MissingBackend("this adapter needs torch, as transformers does") from error
        logits = scores.detach().float().cpu().numpy() / np.float32(self._temperature)
        found = self._sampler.candidates(logits, input_ids.cpu().numpy())
        with np.errstate(divide="ignore"):
            values = np.log(found.probabilities)
        out = torch.full_like(scores, float("-inf"))
        tokens = torch.from_numpy(found.tokens).to(scores.device)
        return out.scatter_(1, tokens, torch.from_numpy(values).to(scores))
