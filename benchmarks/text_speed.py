"""Speed of the text marks, interleaved with their peers in one process, one thread each."""

from __future__ import annotations

import statistics
import time
from importlib import import_module
from importlib.util import find_spec
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import texts
from benchmarks.text_recovery import PAYLOAD
from detectors.text.watermark import read_mark
from labeler.text.sampling import WatermarkSampler
from labeler.text.watermark import embed_mark


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Job = Callable[[], object]

OURS, PEER = "ours", "glyphmark"


def time_marks(root: Path, *, characters: int, rounds: int) -> list[dict[str, Any]]:
    """Return million visible characters a second of embedding and reading, by language and mark."""
    rows = []
    for language in texts.LANGUAGES:
        text = "\n\n".join(texts.prose(language, root))[:characters]
        jobs = {f"{OURS} {name}": job for name, job in _ours(text).items()}
        if find_spec(PEER):
            jobs |= {f"{PEER} {name}": job for name, job in _peer(text[: characters // 4]).items()}
        seconds = _interleaved(jobs, rounds)
        sizes = {name: len(text) // (1 if name.startswith(OURS) else 4) for name in jobs}
        rows.append({
            "language": language,
            "characters": len(text),
            "bytes": len(text.encode()),
            "rates": _rates(sizes, seconds),
            "growth": _growth(text),
        })  # fmt: skip
    return rows


def _rates(sizes: dict[str, int], seconds: dict[str, list[float]]) -> dict[str, float]:
    return {n: round(sizes[n] / statistics.median(s) / 1e6, 4) for n, s in seconds.items()}


def _ours(text: str) -> dict[str, Job]:
    marked = embed_mark(text, PAYLOAD, profile="excerpt")[0]
    return {
        "embed": lambda: embed_mark(text, PAYLOAD, profile="excerpt"),
        "embed light": lambda: embed_mark(text, PAYLOAD),
        "read marked": lambda: read_mark(marked),
        "read clean": lambda: read_mark(text),
    }


def _peer(text: str) -> dict[str, Job]:
    glyphmark = import_module("glyphmark")
    key = bytes(range(32))
    marked = glyphmark.embed(text, key=key).text
    return {
        "embed": lambda: glyphmark.embed(text, key=key),
        "read marked": lambda: glyphmark.detect(marked, key=key),
        "read clean": lambda: glyphmark.detect(text, key=key),
    }


def _growth(text: str) -> dict[str, float]:
    size = len(text.encode())
    return {
        "light": round(len(embed_mark(text, PAYLOAD)[0].encode()) / size, 3),
        "excerpt": round(len(embed_mark(text, PAYLOAD, profile="excerpt")[0].encode()) / size, 3),
    }


def _interleaved(jobs: dict[str, Job], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each job in each round; a round before them fills tables and caches."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(rounds):
        for name, job in jobs.items():
            begun = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - begun)
    return seconds


def time_sampling(*, rounds: int) -> list[dict[str, Any]]:
    """Return microseconds a step of our sampler and of transformers' SynthID processor, on CPU."""
    rows = []
    for vocabulary, batch in ((32_000, 1), (32_000, 16), (151_936, 1), (151_936, 16)):
        rng = np.random.default_rng(1)
        logits = rng.normal(0, 3, (batch, vocabulary)).astype(np.float32)
        sampler = WatermarkSampler()

        before = cycle(rng.integers(0, vocabulary, (1000, batch, 8)))

        def step(
            sampler: WatermarkSampler = sampler, logits: Any = logits, ids: Any = before
        ) -> None:
            sampler.candidates(logits, next(ids))

        jobs: dict[str, Job] = {"ours": step}
        if find_spec("transformers") and find_spec("torch") and vocabulary * batch < 1_000_000:
            jobs["transformers SynthID"] = _synthid(logits, rng)
        few = max(2, rounds // batch) if len(jobs) > 1 else rounds
        seconds = _interleaved({**jobs, **{f"ours {i}": step for i in range(4)}}, few)
        seconds["ours"] += [s for i in range(4) for s in seconds.pop(f"ours {i}")]
        rows.append({
            "vocabulary": vocabulary,
            "batch": batch,
            "microseconds": {n: round(statistics.median(s) * 1e6, 1) for n, s in seconds.items()},
        })  # fmt: skip
    return rows


def _synthid(logits: Any, rng: Any) -> Job:
    torch = import_module("torch")
    host = import_module("transformers.generation.logits_process")
    torch.set_num_threads(1)
    processor = host.SynthIDTextWatermarkLogitsProcessor(
        5, list(range(1, 31)), 65536, 0, 1024, torch.device("cpu")
    )
    scores = torch.tensor(logits)

    before = cycle(torch.tensor(rng.integers(0, logits.shape[1], (1000, len(logits), 64))))

    def step() -> None:
        processor(next(before), scores.clone())

    step()
    return step
