"""
Truncate and flip bytes in every container: `python benchmarks/damage.py --each 200`.

Every damaged file must be read or refused with the one error type, within 1 s and 64 MB above what
an intact file of that kind takes (R-50). Damage acts on files made here.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from pathlib import Path

from detectors import verify
from labeler import Label, apply
from labeler.errors import LabelError


sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
PRODUCER = "001191440300708461136T1XGW3"


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Return the data cut somewhere, or with one to three bytes changed, heads more often."""
    if rng.random() < 0.3:
        return data[: rng.randrange(len(data))]
    out = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        end = len(out) if rng.random() < 0.5 else min(len(out), 600)
        out[rng.randrange(end)] ^= rng.randint(1, 255)
    return bytes(out)


def outcome_of(data: bytes, label: Label) -> str:
    """Return "read" or "refused"; anything else is raised."""
    report = verify(data)
    try:
        apply(data, label, layers="metadata")
    except LabelError:
        return "refused"
    return "refused" if report.error else "read"


def peak_megabytes() -> float:
    """Return the largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Print a row a container; return 1 when a limit was broken."""
    from makers import MAKERS, make

    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    label = Label(producer=PRODUCER, content_id="damage")
    for maker in MAKERS:
        outcome_of(apply(make(maker, side=256), label).content, label)
    baseline, bad = peak_megabytes(), 0
    for maker in MAKERS:
        intact = apply(make(maker, side=256), label).content
        counts, slowest = {"read": 0, "refused": 0}, 0.0
        for _ in range(asked.each):
            start = time.process_time()
            counts[outcome_of(damaged(intact, rng), label)] += 1
            slowest = max(slowest, time.process_time() - start)
        grown = peak_megabytes() - baseline
        bad += slowest > 1 or grown > 64
        print(f"{maker:18} {counts}  slowest {slowest:.2f} s  +{grown:.0f} MB so far", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
