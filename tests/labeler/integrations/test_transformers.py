"""The adapter for transformers, against torch where it is installed, else against a stand-in."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from detectors.text.sampling import read_sampling
from labeler.errors import MissingBackend
from labeler.integrations.transformers import WatermarkLogitsProcessor
from labeler.keys import Key
from labeler.text.sampling import WatermarkSampler
from small_model import small_model


MINE = Key("mine", bytes(range(32)))


class StandIn(np.ndarray):
    """As much of a tensor as the adapter touches."""

    device = "cpu"

    def detach(self):
        return self

    cpu = float = detach

    def numpy(self):
        return np.asarray(self)

    def to(self, _):
        return self

    def scatter_(self, axis, places, values):
        np.put_along_axis(self, places, values, axis)
        return self


def as_stand_in(array):
    return np.asarray(array).view(StandIn)


def test_a_stand_in_for_tensors_gets_its_scores(monkeypatch):
    host = types.ModuleType("torch")
    host.full_like = lambda like, value: as_stand_in(np.full(like.shape, value))
    host.from_numpy = as_stand_in
    monkeypatch.setitem(sys.modules, "torch", host)
    scores = np.random.default_rng(12).normal(0, 3, (2, 500)).astype(np.float32)
    ids = np.array([[1, 2, 3], [4, 5, 6]])
    adapter = WatermarkLogitsProcessor(WatermarkSampler(MINE, top_k=20), temperature=0.7)
    out = adapter(as_stand_in(ids), as_stand_in(scores))
    expected = WatermarkSampler(MINE, top_k=20).candidates(scores / np.float32(0.7), ids)
    assert np.isfinite(out).sum() <= 40
    got = np.take_along_axis(np.exp(np.asarray(out)), expected.tokens, 1)
    np.testing.assert_allclose(got, expected.probabilities, atol=1e-9)


def test_without_torch_the_error_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingBackend, match="torch"):
        WatermarkLogitsProcessor()(as_stand_in([[1]]), as_stand_in([[1.0]]))


def test_scores_become_logarithms_of_marked_probabilities():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    rng = np.random.default_rng(11)
    scores = torch.tensor(rng.normal(0, 3, (2, 500)), dtype=torch.float32)
    ids = torch.tensor([[1, 2, 3], [4, 5, 6]])
    out = WatermarkLogitsProcessor(WatermarkSampler(MINE, top_k=20), temperature=0.7)(ids, scores)
    expected = WatermarkSampler(MINE, top_k=20).candidates(
        scores.numpy() / np.float32(0.7), ids.numpy()
    )
    assert out.shape == scores.shape
    assert int(torch.isfinite(out).sum()) <= 40
    for row in range(2):
        got = torch.softmax(out[row], 0).numpy()[expected.tokens[row]]
        np.testing.assert_allclose(got, expected.probabilities[row], atol=1e-6)


@pytest.mark.slow
def test_a_real_model_writes_marked_text():
    network, tokenizer = small_model()
    import torch

    prompt = tokenizer("The history of the sea is", return_tensors="pt").input_ids
    torch.manual_seed(1)
    text = network.generate(
        prompt,
        do_sample=True,
        temperature=1.0,
        top_k=0,
        top_p=1.0,
        max_new_tokens=200,
        min_new_tokens=200,
        logits_processor=[WatermarkLogitsProcessor(WatermarkSampler(MINE))],
    )[0][prompt.shape[1] :].tolist()
    assert read_sampling(text, (MINE,)).found
    assert not read_sampling(text).found
