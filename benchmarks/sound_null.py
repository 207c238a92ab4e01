"""
Does the bound of the sound mark hold: ``python -m benchmarks.sound_null [--statistics 1000000]``.

Statistics of unmarked sound under random keys, at every offset: those of the sync tiles, and those
of a fixed message over all tiles, weighted band by band as the reader weights them. Under the bound
each exceeds z with a chance of at most exp(-z^2 / 2), whatever the sound.
"""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks import sounds
from labeler.core.audio.embedding import mean_of
from labeler.core.audio.folding import fine_fold, fold_sound, with_taps
from labeler.core.audio.pattern import pattern_of, payload_targets
from labeler.core.audio.reading import DRY, NEAR, ROOM, WET, place_at, sync_scores
from labeler.schemes import AUDIO_V1


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LIMITS = (1.0, 2.0, 3.0, 4.0, 5.0)
_CLIPS, _SECONDS = 24, 10.0
_PLACES = 24


def folds() -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the folds of clips of recordings for tuning, through every set of taps."""
    listed = sounds.sources(split="tuning")
    for source in listed[:: max(1, len(listed) // _CLIPS)]:
        samples, rate = sounds.load(source, _SECONDS)
        mono = mean_of(samples)
        fold = fold_sound(mono, rate, AUDIO_V1)
        fine = fine_fold(fold, mono, rate, AUDIO_V1)
        for name, taps, seen in (
            ("dry", DRY, fold), ("wet", WET, fold), ("near", NEAR, fine), ("room", ROOM, fine),
        ):  # fmt: skip
            yield name, with_taps(seen, taps)


def statistics(count: int) -> dict[str, NDArray[np.float32]]:
    """Return at least ``count`` statistics of the sync tiles, and as many of messages."""
    found: dict[str, list[NDArray[np.float32]]] = {"sync": [], "message": []}
    ready = list(folds())
    mode, chance = AUDIO_V1.modes[0], np.random.default_rng(1)
    key = 0
    while sum(map(len, found["sync"])) < count or sum(map(len, found["message"])) < count:
        pattern = pattern_of(AUDIO_V1, key.to_bytes(32, "big"))
        bits = tuple(chance.integers(0, 2, mode.payload_bits).tolist())
        targets = payload_targets(pattern, bits, mode) * pattern.signs
        for _, fold in ready:
            if sum(map(len, found["sync"])) < count:
                found["sync"].append(sync_scores(fold, pattern))
            rows = chance.choice(len(fold), _PLACES, replace=False).tolist()
            places = [place_at(fold, row, pattern, sync_z=0.0, taps=DRY) for row in rows]
            seen = [float((p.signed * targets).sum()) for p in places]
            size = [math.sqrt(float(p.square.sum()) + 1e-12) for p in places]
            values = [one / other for one, other in zip(seen, size, strict=True)]
            found["message"].append(np.array(values, np.float32))
        key += 1
    return {name: np.concatenate(parts) for name, parts in found.items()}


def row(name: str, values: NDArray[np.float32]) -> str:
    """Return one line of the table."""
    wide = values.astype(np.float64)
    spread = float(wide.std())
    kurtosis = float(np.mean(((wide - wide.mean()) / spread) ** 4)) - 3
    over = [f"{np.mean(wide > z):.2e}" for z in LIMITS]
    cells = [name, f"{len(wide):,}", f"{spread:.4f}", f"{kurtosis:+.3f}", *over]
    return "| " + " | ".join([*cells, f"{wide.max():.2f}"]) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statistics", type=int, default=1_000_000)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    head = ["statistic", "n", "sd", "excess kurtosis", *(f"P(z > {z:g})" for z in LIMITS), "most"]
    print("| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    bounds = " | ".join(f"{math.exp(-z * z / 2):.2e}" for z in LIMITS)
    for name, values in statistics(asked.statistics).items():
        print(row(name, values))
    print(f"| bound | | 1 | | {bounds} | |")


if __name__ == "__main__":
    main()
