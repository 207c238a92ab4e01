"""
What a batch saves: ``python -m benchmarks.batches [--rounds 7]``.

Prints the wall time of `embed_batch` and of a loop of `embed_mark` over the same pictures, taking
turns in one run, once with one thread for everything and once with two, and their ratio.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks import pictures
from labeler.image.watermark import embed_batch, embed_mark
from labeler.payload import Payload


if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SHAPES = ((16, 512), (8, 1024))
"""Pictures of a batch, and the side of each."""

_PAYLOAD = Payload(mark_id=0x2F3ABCAA7ED0A5D)


def batch_of(count: int, side: int) -> NDArray[np.uint8]:
    """Return (count, side, side, 3): middle squares of the pictures for tuning, repeated."""
    found = pictures.squares(side, split="tuning")
    return np.stack([pictures.load(found[i % len(found)]) for i in range(count)])


def compare(batch: NDArray[np.uint8], threads: int, rounds: int) -> tuple[float, float]:
    """Return the median wall time in ms a picture of the loop and of the batch."""

    def loop() -> None:
        for pixels in batch:
            embed_mark(pixels, _PAYLOAD)

    def together() -> None:
        embed_batch(batch, _PAYLOAD, threads=threads)

    before = cv2.getNumThreads()
    cv2.setNumThreads(threads)
    jobs: tuple[Callable[[], None], ...] = (loop, together)
    times: list[list[float]] = [[], []]
    for job in jobs:
        job()  # tables are built outside the figures
    for _ in range(rounds):
        for job, taken in zip(jobs, times, strict=True):
            start = time.perf_counter()
            job()
            taken.append(1000 * (time.perf_counter() - start) / len(batch))
    cv2.setNumThreads(before)
    return statistics.median(times[0]), statistics.median(times[1])


def main() -> None:
    """Print a line for each shape and number of threads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    print("batch          threads  loop ms  batch ms  ratio")
    for count, side in SHAPES:
        batch = batch_of(count, side)
        for threads in (1, 2):
            alone, together = compare(batch, threads, asked.rounds)
            shape = f"{count} x {side} x {side}"
            ratio = alone / together
            print(f"{shape:14} {threads:7} {alone:8.1f} {together:9.1f} {ratio:6.2f}")


if __name__ == "__main__":
    main()
