"""
From text to the tokens of the model that wrote it: what the generation-time mark is read from.

A tokenizer is anything that turns a text into ids; `load_tokenizer` makes one of a
``tokenizer.json`` with the optional package tokenizers. It must be that of the model.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.evidence import WatermarkEvidence
from detectors.text.sampling import read_sampling
from labeler.backends import backend
from labeler.errors import CorruptMedia
from labeler.keys import DEFAULT_KEY, Key
from labeler.schemes import SAMPLING_V1


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Tokenizer = Callable[[str], Sequence[int]]

MOST_TEXT = 4_000_000
"""Characters of a document whose tokens are scored; the rest of a longer one is left out."""

_LEAST_TEXT = 20


def read_sampled_text(
    text: str,
    tokenizer: Tokenizer,
    keys: Sequence[Key] = (DEFAULT_KEY,),
    *,
    context: int = SAMPLING_V1.context,
    layers: int = SAMPLING_V1.layers,
) -> WatermarkEvidence:
    """Return whether the text was sampled with one of the keys, as `read_sampling` says it."""
    return read_sampling(list(tokenizer(text)), keys, context=context, layers=layers)


def read_document_sampling(
    text: str, tokenizer: Tokenizer | str | Path, keys: Sequence[Key]
) -> WatermarkEvidence:
    """
    Return the row of the generation-time mark for the text of a document.

    ``tokenizer`` is that of the model, a callable or the path of its ``tokenizer.json``; of more
    than `MOST_TEXT` characters the first are scored, and the row says so.

    Raises
    ------
    MissingBackend, CorruptMedia
        As `load_tokenizer`.
    UnsupportedMedia
        The tokenizer gives something else than ids.
    """
    encode = tokenizer if callable(tokenizer) else _loaded(str(tokenizer))
    if len(text.strip()) < _LEAST_TEXT:
        return WatermarkEvidence(
            scheme=SAMPLING_V1.name, found=False, p_value=1.0, detail="hardly any text to score"
        )
    row = read_sampled_text(text[:MOST_TEXT], encode, keys)
    if len(text) <= MOST_TEXT:
        return row
    return replace(row, detail=f"{row.detail}; the first {MOST_TEXT:,} characters were scored")


@lru_cache(maxsize=2)
def _loaded(path: str) -> Tokenizer:
    return load_tokenizer(Path(path))


def load_tokenizer(path: Path) -> Tokenizer:
    """
    Return the tokenizer that a ``tokenizer.json`` describes.

    Raises `MissingBackend` without the package tokenizers, `CorruptMedia` for another file.
    """
    tokenizers = backend(
        "tokenizers", extra="sampling", purpose="reading the generation-time mark from text"
    )
    try:
        loaded = tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the package raises nothing more special
        raise CorruptMedia(f"{path}: is no tokenizer.json: {error}") from error

    def encode(text: str) -> Sequence[int]:
        ids: list[int] = loaded.encode(text, add_special_tokens=False).ids
        return ids

    return encode
