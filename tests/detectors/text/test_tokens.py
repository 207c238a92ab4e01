"""From text to tokens: any tokenizer, and one from a file."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from detectors.text.tokens import load_tokenizer, read_sampled_text
from labeler.errors import CorruptMedia, MissingBackend
from labeler.integrations.loop import generate


def test_marked_text_is_read_through_its_tokenizer():
    table = np.random.default_rng(15).normal(0, 2, (400, 400)).astype(np.float32)
    tokens = generate(lambda before: table[before[-1]], [1, 2], most=200, seed=1)
    text = "".join(chr(0x4E00 + token) for token in tokens)
    assert read_sampled_text(text, lambda text: [ord(c) - 0x4E00 for c in text]).found
    assert not read_sampled_text(text, lambda text: [ord(c) for c in text[::-1]]).found


def test_a_tokenizer_comes_from_its_file(monkeypatch, tmp_path):
    class Tokenizer:
        @classmethod
        def from_file(cls, path):
            if not path.endswith("good.json"):
                raise ValueError("expected value at line 1")
            return cls()

        def encode(self, text, *, add_special_tokens):
            assert not add_special_tokens
            return types.SimpleNamespace(ids=[ord(c) for c in text])

    host = types.ModuleType("tokenizers")
    host.Tokenizer = Tokenizer
    monkeypatch.setitem(sys.modules, "tokenizers", host)
    assert load_tokenizer(tmp_path / "good.json")("ab") == [97, 98]
    with pytest.raises(CorruptMedia, match="no tokenizer"):
        load_tokenizer(tmp_path / "bad.json")


def test_without_the_package_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingBackend, match="pip install tokenizers"):
        load_tokenizer(tmp_path / "any.json")
