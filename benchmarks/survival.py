"""
How true the survival estimate of the receipt is: ``python -m benchmarks.survival``.

Marks the pictures for tuning at several fixed strengths, puts each through half size and JPEG 50,
reads it at the depth that `verify` uses, and prints predicted against real recovery.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2

from benchmarks import pictures
from benchmarks.attacks import ATTACKS
from benchmarks.peers import message_for
from detectors.image.watermark import read_mark
from labeler.errors import LabelError
from labeler.image.watermark import embed_mark
from labeler.payload import from_bits


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.pictures import Source

ATTACK = "resize0.5+jpeg50"
STRENGTHS = (0.3, 0.4, 0.45, 0.55, 0.6, 0.7, 0.75, 0.9, 1.1)
"""None of those on which the law of `labeler.core.image.survival` was fitted."""

EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)

_WHOLE = {"photo": 14, "flat": 10, "smooth": 5, "small": 6}
_SQUARES = {448: 6, 600: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One picture at one strength: what the receipt foretold and whether the message was read."""

    survival: float
    read: bool


def listed() -> list[Source]:
    """Return pictures for tuning of every kind and of sizes from 0.2 to 2 megapixels."""
    found = []
    for kind, most in _WHOLE.items():
        found += pictures.sources(split="tuning", kinds=[kind])[:most]
    for side, most in _SQUARES.items():
        found += pictures.squares(side, split="tuning")[:most]
    return found


def trials(sources: Iterable[Source]) -> Iterator[Trial]:
    """Yield a trial for each picture and strength that takes a mark."""
    for source in sources:
        pixels = pictures.load(source)
        payload = from_bits(message_for("survival " + source.name))
        for strength in STRENGTHS:
            try:
                marked, receipt = embed_mark(pixels, payload, strength=strength, self_check=False)
            except LabelError:
                continue
            seen = read_mark(ATTACKS[ATTACK](marked), depth="standard")
            read = seen.found and seen.mark_id == payload.head(receipt.bits).mark_hex
            yield Trial(survival=receipt.survival or 0.0, read=read)


def table(found: Iterable[Trial]) -> Iterator[str]:
    """Yield the lines of a table: predicted range, trials, mean prediction, share read."""
    bins: dict[int, list[Trial]] = defaultdict(list)
    for trial in found:
        bins[sum(trial.survival >= edge for edge in EDGES[1:-1])].append(trial)
    yield "| predicted | trials | mean of the predictions | read |"
    yield "|---|--:|--:|--:|"
    for index in sorted(bins):
        inside = bins[index]
        mean = math.fsum(trial.survival for trial in inside) / len(inside)
        read = sum(trial.read for trial in inside) / len(inside)
        span = f"{EDGES[index]:.2f} to {EDGES[index + 1]:.2f}"
        yield f"| {span} | {len(inside)} | {mean:.2f} | {read:.2f} |"


def main() -> None:
    """Print the table."""
    cv2.setNumThreads(1)
    print("\n".join(table(trials(listed()))))


if __name__ == "__main__":
    main()
