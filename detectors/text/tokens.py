"""
From text to the tokens of the model that wrote it: what the generation-time mark is read from.

A tokenizer is anything that turns a text into ids; `load_tokenizer` makes one of a
``tokenizer.json`` with the optional package tokenizers. It must be that of the model.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from detectors.text.sampling import read_sampling
from labeler.errors import CorruptMedia, MissingBackend
from labeler.keys import DEFAULT_KEY, Key
from labeler.schemes import SAMPLING_V1


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from detectors.evidence import WatermarkEvidence

    Tokenizer = Callable[[str], Sequence[int]]


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


def load_tokenizer(path: Path) -> Tokenizer:
    """
    Return the tokenizer that a ``tokenizer.json`` describes.

    Raises `MissingBackend` without the package tokenizers, `CorruptMedia` for another file.
    """
    try:
        backend = import_module("tokenizers")
    except ImportError as error:
        raise MissingBackend(
            "reading the generation-time mark from text needs the package tokenizers: "
            "pip install tokenizers"
        ) from error
    try:
        loaded = backend.Tokenizer.from_file(str(path))
    except Exception as error:  # the package raises nothing more special
        raise CorruptMedia(f"{path}: is no tokenizer.json: {error}") from error

    def encode(text: str) -> Sequence[int]:
        ids: list[int] = loaded.encode(text, add_special_tokens=False).ids
        return ids

    return encode
