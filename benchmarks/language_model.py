"""
A small language model for the generation-time mark: interpolated 4-grams over BPE tokens.

It is trained in seconds on the prose of `benchmarks.texts`; its last part is kept for null texts.
Needs the package tokenizers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import texts


if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Row = NDArray[Any]

_VOCABULARY = 8000
_TRAINED = 0.85
_CHARACTERS = 4_000_000
_ALONE, _WEIGHTS = 0.05, {2: 0.4, 3: 0.3, 4: 0.25}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """Token counts by context; ``held_out`` are the tokens it was not trained on."""

    single: Row
    tables: dict[int, dict[tuple[int, ...], tuple[Row, Row]]]
    held_out: Row

    def probabilities(self, tokens: list[int]) -> Row:
        """Return the distribution after some tokens, (v,)."""
        out = self.single * _ALONE
        for order, table in self.tables.items():
            known = table.get(tuple(tokens[1 - order :]))
            if known is not None:
                out[known[0]] += _WEIGHTS[order] * known[1]
        return np.asarray(out / out.sum())


def train(language: str, root: Path) -> Model:
    """Return the model of a language."""
    kit = import_module("tokenizers")
    text = "\n\n".join(texts.prose(language, root))[:_CHARACTERS]
    tokenizer = kit.Tokenizer(kit.models.BPE())
    tokenizer.pre_tokenizer = kit.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = kit.trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        show_progress=False,
        initial_alphabet=kit.pre_tokenizers.ByteLevel.alphabet(),
    )
    parts = [text[at : at + 100_000] for at in range(0, len(text), 100_000)]
    tokenizer.train_from_iterator(parts, trainer)
    ids = np.array([i for part in text.split("\n\n") for i in tokenizer.encode(part).ids])
    cut = int(_TRAINED * len(ids))
    size = tokenizer.get_vocab_size()
    single = np.bincount(ids[:cut], minlength=size) + 0.1
    return Model(
        single=single / single.sum(),
        tables={order: _table(ids[:cut].tolist(), order) for order in _WEIGHTS},
        held_out=ids[cut:],
    )


def _table(ids: list[int], order: int) -> dict[tuple[int, ...], tuple[Row, Row]]:
    counts: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for at in range(order - 1, len(ids)):
        counts[tuple(ids[at - order + 1 : at])][ids[at]] += 1
    return {
        context: (
            np.fromiter(seen.keys(), np.int64, len(seen)),
            np.fromiter(seen.values(), float, len(seen)) / seen.total(),
        )
        for context, seen in counts.items()
    }
