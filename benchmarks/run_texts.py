"""
Measure the text marks and the reader of labels: ``python benchmarks/run_texts.py [--quick]``.

Writes benchmarks-text.md and benchmarks-text.json into ``--out``; a quick run leaves docs alone.
Peers (glyphmark, transformers with torch, tokenizers, python-docx, markdown-it-py) are measured
where they are installed. Finished stages are kept under ``--work`` while the code is the same.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
STAGES = ("recovery", "speed", "unmarked", "sampling", "sampling_speed", "labels")
_MARK = ("labeler/core/text/[cpr]*.py", "*/text/watermark.py", "labeler/schemes.py")
_SAMPLING = ("labeler/core/text/s*.py", "*/text/sampling.py", "labeler/schemes.py")
_CODE = {
    "recovery": _MARK,
    "speed": _MARK,
    "unmarked": _MARK,
    "sampling": _SAMPLING,
    "sampling_speed": _SAMPLING,
    "labels": (
        "labeler/text/disclosures*.py",
        "labeler/text/phrases*.py",
        "labeler/text/grammar.py",
        "detectors/text/disclosing.py",
        "detectors/text/explicit.py",
        "labeler/texts.py",
    ),
}
"""What each stage depends on."""


def main(argv: list[str] | None = None) -> int:
    """Run the stages that were asked for and write the report."""
    asked = _asked(argv)
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"  # before numpy is loaded: one thread for everybody
    sys.path.insert(0, str(ROOT))  # so that the script runs without being installed
    from benchmarks import stages
    from benchmarks.tracing import digest

    for stage in asked.stages:
        print(f"{stage} ...", flush=True)
        stages.keep(asked.work, stage, _measure(asked, stage), digest(_CODE[stage]))
    return _report(asked)


def _asked(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a little of everything")
    parser.add_argument("--out", type=Path, help="where the report goes (default: docs)")
    parser.add_argument("--work", type=Path, help="finished work (default: under build)")
    parser.add_argument("--root", type=Path, default=Path("/"), help="where the packages are")
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=STAGES)
    asked = parser.parse_args(argv)
    asked.work = asked.work or ROOT / "build" / ("quick-text" if asked.quick else "text")
    asked.out = asked.out or (asked.work if asked.quick else ROOT / "docs")
    return asked


def _measure(asked: argparse.Namespace, stage: str) -> Any:
    from importlib.util import find_spec

    from benchmarks import label_figures, sampling_power, text_recovery, text_speed

    root = asked.root
    few = bool(asked.quick)

    def sampling() -> Any:
        if not find_spec("tokenizers"):
            return None
        return sampling_power.measure(root, count=4 if few else 60, trials=200 if few else 12_000)

    jobs: dict[str, Callable[[], Any]] = {
        "recovery": lambda: text_recovery.recover(
            root, count=40 if few else 400, documents=10 if few else 100
        ),
        "speed": lambda: text_speed.time_marks(
            root, characters=20_000 if few else 400_000, rounds=2 if few else 7
        ),
        "unmarked": lambda: text_recovery.read_unmarked(root, 1 if few else 1e9),
        "sampling": sampling,
        "sampling_speed": lambda: text_speed.time_sampling(rounds=3 if few else 32),
        "labels": lambda: label_figures.measure(root),
    }
    return jobs[stage]()


def _report(asked: argparse.Namespace) -> int:
    from benchmarks import stages, summary, text_report, texts
    from benchmarks.tracing import digest

    result: dict[str, Any] = {
        "schema": text_report.SCHEMA,
        "quick": asked.quick,
        "machine": summary.machine(),
        "texts": texts.PACKAGES,
        **{stage: stages.kept(asked.work, stage, digest(_CODE[stage])) for stage in STAGES},
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    (asked.out / "benchmarks-text.json").write_text(text, "utf-8")
    (asked.out / "benchmarks-text.md").write_text(text_report.page(result), "utf-8")
    for goal in text_report.goals(result):
        met = {True: "met", False: "NOT MET", None: "not measured"}[goal.met]
        print(f"{met:12} {goal.what}: {goal.figure} ({goal.bound})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
