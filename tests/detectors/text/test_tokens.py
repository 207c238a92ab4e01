"""From text to tokens: any tokenizer, and one from a file."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import detectors
import labeler
from cli import aigc_label
from detectors.text.tokens import load_tokenizer, read_document_sampling, read_sampled_text
from labeler.errors import CorruptMedia, MissingBackend
from labeler.integrations.loop import generate
from labeler.keys import DEFAULT_KEY
from labeler.model import Label
from makers import PRODUCER


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
    with pytest.raises(
        MissingBackend, match=r"needs tokenizers: pip install .aigc-label\[sampling\]"
    ):
        load_tokenizer(tmp_path / "any.json")


@pytest.fixture(scope="module")
def sampled():
    """A text sampled with the default key; every character is one token."""
    table = np.random.default_rng(15).normal(0, 2, (400, 400)).astype(np.float32)
    tokens = generate(lambda before: table[before[-1]], [1, 2], most=200, seed=1)
    return "".join(chr(0x4E00 + token) for token in tokens)


def encode(text):
    return [ord(character) for character in text if character >= "\u4e00"]


def shifted(text):
    return [code - 0x4E00 for code in encode(text)]


def row_of(report):
    return next(e for e in report.evidence if e.scheme == "sampling-v1")


def test_verify_scores_a_document_when_it_is_given_a_tokenizer(sampled):
    report = detectors.verify(f"{sampled}\n".encode(), name="a.txt", tokenizer=shifted)
    row = row_of(report)
    assert (row.found, row.key, row.layer.value) == (True, "default", "watermark")
    assert 0 < row.p_value < 1e-6
    assert report.verdict.value == "suspected"
    assert any("sampling-v1 found, by chance at most" in line for line in report.basis)


def test_without_a_tokenizer_there_is_no_such_row(sampled):
    report = detectors.verify(sampled.encode(), name="a.txt")
    assert all(e.scheme != "sampling-v1" for e in report.evidence)
    assert report.verdict.value == "none"


def test_text_that_was_not_sampled_leaves_a_row_with_its_p_value(sampled):
    report = detectors.verify(sampled[::-1].encode(), name="a.md", tokenizer=shifted)
    row = row_of(report)
    assert not row.found
    assert 1e-6 < row.p_value <= 1
    assert report.verdict.value == "none"
    short = detectors.verify(b"Hi.", name="a.txt", tokenizer=shifted)
    assert row_of(short).detail == "hardly any text to score"


def test_the_hidden_mark_does_not_disturb_the_tokens(sampled):
    label = Label(producer=PRODUCER, content_id="demo-001")
    marked = labeler.apply(sampled.encode(), label, name="a.txt", layers="watermark").content
    assert len(marked) > len(sampled.encode())

    def every(text):
        return [ord(character) - 0x4E00 if character >= "\u4e00" else 0 for character in text]

    assert row_of(detectors.verify(marked, name="a.txt", tokenizer=every)).found


def test_the_rest_of_a_long_text_is_left_out_and_the_row_says_so(sampled, monkeypatch):
    monkeypatch.setattr("detectors.text.tokens.MOST_TEXT", 150)
    row = read_document_sampling(sampled, shifted, (DEFAULT_KEY,))
    assert row.found
    assert int(row.detail.split()[0]) <= 148
    assert row.detail.endswith("the first 150 characters were scored")


def test_the_command_takes_a_tokenizer_and_says_what_is_wrong_with_it(
    sampled, monkeypatch, tmp_path, capsys
):
    host = types.ModuleType("tokenizers")

    class Tokenizer:
        @classmethod
        def from_file(cls, path):
            json.loads(Path(path).read_text("utf-8"))
            return cls()

        def encode(self, text, *, add_special_tokens):
            assert not add_special_tokens
            return types.SimpleNamespace(ids=shifted(text))

    host.Tokenizer = Tokenizer
    monkeypatch.setitem(sys.modules, "tokenizers", host)
    (tmp_path / "tokenizer.json").write_text("{}", "utf-8")
    (tmp_path / "a.txt").write_text(sampled, "utf-8")
    command = ["verify", str(tmp_path / "a.txt"), "--format", "jsonl", "--tokenizer"]
    assert aigc_label([*command, str(tmp_path / "tokenizer.json")]) == 1
    rows = json.loads(capsys.readouterr().out)["evidence"]
    assert next(row for row in rows if row["scheme"] == "sampling-v1")["p_value"] < 1e-6
    (tmp_path / "tokenizer.json").write_text("no json", "utf-8")
    assert aigc_label([*command, str(tmp_path / "tokenizer.json")]) == 2
    assert "is no tokenizer.json" in capsys.readouterr().err


def test_a_real_tokenizer_file_is_used(sampled, tmp_path):
    kit = pytest.importorskip("tokenizers", reason="the package tokenizers is not installed")
    vocabulary = {chr(0x4E00 + token): token for token in range(400)}
    tokenizer = kit.Tokenizer(kit.models.WordLevel({**vocabulary, "?": 400}, unk_token="?"))  # noqa: S106  no password
    tokenizer.pre_tokenizer = kit.pre_tokenizers.Split("", "isolated")
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    report = detectors.verify(sampled.encode(), name="a.txt", tokenizer=tmp_path / "tokenizer.json")
    assert row_of(report).found
