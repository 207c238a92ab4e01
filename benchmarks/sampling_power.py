"""Power and honesty of the generation-time mark, on the model of `benchmarks.language_model`."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import language_model, texts
from detectors.text.sampling import read_sampling, score_tokens
from labeler.keys import Key
from labeler.text.sampling import WatermarkSampler


if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.language_model import Model

    Row = NDArray[Any]

LENGTH = 200
KEY = Key("benchmark", bytes(range(32)))
CHANGES = ("none", "10 % replaced", "20 % replaced", "30 % replaced", "first 100", "first 50")


def measure(root: Path, *, count: int, trials: int) -> dict[str, Any]:
    """Return detection by language, temperature and change, and the null of real text."""
    found: dict[str, Any] = {"power": {}, "null": {}}
    for language in texts.LANGUAGES:
        model = language_model.train(language, root)
        for temperature in (1.0, 0.6):
            name = f"{language}, temperature {temperature:g}"
            found["power"][name] = _power(model, temperature, count)
        found["null"][language] = _null(model.held_out, trials)
    return found


def _power(model: Model, temperature: float, count: int) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    made = [_generate(model, temperature, rng) for _ in range(count)]
    cells = {}
    for change in CHANGES:
        rows = [read_sampling(_changed(t, change, len(model.single), rng), (KEY,)) for t, _ in made]
        values = [row.p_value or 1.0 for row in rows]
        cells[change] = {
            "found": sum(row.found for row in rows),
            "of": count,
            "log10_p": round(float(np.median(np.log10(values))), 1),
        }
    return {"nats": round(statistics.fmean(nats for _, nats in made), 2), "cells": cells}


def _generate(model: Model, temperature: float, rng: np.random.Generator) -> tuple[Row, float]:
    """Return 200 marked tokens behind a real beginning, and the mean entropy in nats."""
    at = int(rng.integers(0, len(model.held_out) - 10))
    tokens = model.held_out[at : at + 4].tolist()
    sampler = WatermarkSampler(KEY)
    nats = []
    for _ in range(LENGTH):
        logits = np.log(model.probabilities(tokens)) / temperature
        chances = np.exp(logits - logits.max())
        chances /= chances.sum()
        nats.append(float(-(chances * np.log(chances)).sum()))
        tokens.append(int(sampler.sample(logits[None], [tokens], rng)[0]))
    return np.array(tokens[4:]), statistics.fmean(nats)


def _changed(tokens: Row, change: str, vocabulary: int, rng: np.random.Generator) -> Row:
    if change.startswith("first"):
        return tokens[: int(change.split()[1])]
    if change.endswith("replaced"):
        hit = rng.random(len(tokens)) < int(change.split(maxsplit=1)[0]) / 100
        return np.where(hit, rng.integers(0, vocabulary, len(tokens)), tokens)
    return tokens


def _null(held_out: Row, trials: int) -> dict[str, Any]:
    """Score windows of real text under a new key each time, and compare with the uniform law."""
    rng = np.random.default_rng(2)
    logs = []
    for _ in range(trials):
        at = int(rng.integers(0, len(held_out) - LENGTH - 2))
        score = score_tokens(held_out[at : at + LENGTH + 2], Key("null", rng.bytes(32)))
        logs.append((score.log_fisher, score.log_mean, score.log_p))
    values = np.sort(np.exp(np.array(logs)), axis=0)
    steps = np.arange(1, trials + 1) / trials
    return {
        name: {
            "trials": trials,
            "distance": round(float(np.abs(column - steps).max()), 4),
            "limit": round(1.63 / trials**0.5, 4),
            "below_0.01": round(float((column < 0.01).mean()), 4),
            "below_0.001": round(float((column < 0.001).mean()), 5),
            "smallest": float(f"{column[0]:.1e}"),
        }
        for name, column in zip(("Fisher", "mean", "both"), values.T, strict=True)
    }
