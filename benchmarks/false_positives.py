"""
Count false positives of the picture mark: ``python benchmarks/false_positives.py``.

Prints the distribution of the statistic on unmarked pictures next to its threshold, and what the
whole reader claims to find in pictures without a mark. ``--out`` keeps it as JSON for the report.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any


ROOT = Path(__file__).parents[1]


def main(argv: list[str] | None = None) -> int:
    """Run, print, return 1 when anything was found or went over its threshold."""
    asked = _asked(argv)
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(threads, "1")
    sys.path.insert(0, str(ROOT))  # so that the script runs without being installed
    from benchmarks import null_hypothesis, peers

    drawn = list(null_hypothesis.draws(asked.decodes, seed=asked.seed))
    result: dict[str, Any] = {
        "fingerprint": peers.fingerprint(),
        "modes": null_hypothesis.summarise(drawn),
    }
    for name, summary in result["modes"].items():
        print(_line(name, summary))
    if asked.reads:
        result["reads"] = null_hypothesis.read_unmarked(asked.reads, depth=asked.depth)
        print(json.dumps(result["reads"], indent=1))
    if asked.out:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    over = sum(summary["over_threshold"] for summary in result["modes"].values())
    return 1 if over or result.get("reads", {}).get("found") else 0


def _asked(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decodes", type=int, default=10_000, help="for each payload mode")
    parser.add_argument("--reads", type=int, default=500, help="whole reads of unmarked pictures")
    parser.add_argument("--depth", default="deep", help="of the whole reads")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, help="JSON file to write")
    return parser.parse_args(argv)


def _line(name: str, summary: dict[str, Any]) -> str:
    tails = ", ".join(
        f"{level}: {seen:.2e} (bound {bound:.2e})"
        for level, (seen, bound) in summary["single"]["tail"].items()
    )
    return (
        f"{name}: {summary['decodes']} decodes, z mean {summary['mean']:.2f}, "
        f"deviation {summary['deviation']:.2f}, 99.9 % {summary['p99.9']:.2f}, "
        f"max {summary['max']:.2f}, threshold {summary['threshold']:.2f}; "
        f"checksums that held {summary['valid_checksums']} "
        f"(by chance {summary['expected_checksums']:.2g}); "
        f"past the pilot gate {summary['pilot_gate_share']:.1%}\n"
        f"  single codewords: mean {summary['single']['mean']:.3f}, "
        f"deviation {summary['single']['deviation']:.3f}, tails {tails}"
    )


if __name__ == "__main__":
    sys.exit(main())
