"""
Kill `apply --in-place` at random moments: `python benchmarks/kill_runs.py`.

After every kill the file must be the original or the complete labelled one (R-41).
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from detectors import verify


SAMPLES = Path(__file__).parents[1] / "samples" / "images"
PRODUCER = "001191440300708461136T1XGW3"


def label_in_place(path: Path) -> subprocess.Popen[bytes]:
    """Start labelling a file in place."""
    command = [sys.executable, "-m", "labeler", "apply", str(path), "--in-place"]
    return subprocess.Popen([*command, "--producer", PRODUCER], stdout=subprocess.DEVNULL)


def duration_of(path: Path) -> float:
    """Return the seconds of one undisturbed run."""
    start = time.monotonic()
    label_in_place(path).wait()
    return time.monotonic() - start


def main() -> int:
    """Run, print the counts, return 0 when no file was damaged."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    sources = sorted(SAMPLES.iterdir())
    counts = {"original": 0, "complete": 0, "damaged": 0}
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "trial.jpg"
        trial.write_bytes((SAMPLES / "astronaut.jpg").read_bytes())
        longest = 1.3 * duration_of(trial)
        for run in range(asked.runs):
            source = sources[run % len(sources)]
            before = source.read_bytes()
            path = Path(folder) / f"{run}{source.suffix}"
            path.write_bytes(before)
            process = label_in_place(path)
            time.sleep(rng.uniform(0, longest))
            process.kill()
            process.wait()
            after = path.read_bytes()
            if after == before:
                counts["original"] += 1
            elif verify(path).verdict.value == "confirmed":
                counts["complete"] += 1
            else:
                counts["damaged"] += 1
    print(f"{asked.runs} runs killed within {longest:.2f} s: {counts}")
    return int(counts["damaged"] > 0)


if __name__ == "__main__":
    sys.exit(main())
