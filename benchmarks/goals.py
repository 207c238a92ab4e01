"""The goals that the picture mark was built to, each with the figure that was measured."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.attacks import ATTACKS, HARD17
from benchmarks.peers import OURS
from benchmarks.summary import FLAT_KINDS, at_usual_size, joined, ratios, share


if TYPE_CHECKING:
    from collections.abc import Iterator

CERTAIN = (
    "jpeg50",
    "resize0.35",
    "resize0.5",
    "resize0.75",
    "resize1.5",
    "resize2",
    "crop25",
    "rotate1",
    "rotate5",
    "rotate17",
    "rotate45",
    "rotate90",
    "flip",
    "social",
    "screenshot",
)
"""Attacks after which every photograph shall be read."""

_MEMORY_MB = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal: what, its bound in words, the figure if measured, and whether it is met."""

    what: str
    bound: str
    figure: float | None
    met: bool | None


def at_least(what: str, figure: float | None, bound: float, unit: str = "") -> Goal:
    """Return a goal that is met from a bound upwards."""
    met = None if figure is None else figure >= bound
    return Goal(what=what, bound=f"at least {bound:g}{unit}", figure=figure, met=met)


def at_most(what: str, figure: float | None, bound: float, unit: str = "") -> Goal:
    """Return a goal that is met up to a bound."""
    met = None if figure is None else figure <= bound
    return Goal(what=what, bound=f"at most {bound:g}{unit}", figure=figure, met=met)


def goals(result: dict[str, Any]) -> list[Goal]:
    """Return every goal with its figure, in the order of the requirements."""
    photo = joined(result, ["photo"])
    flat = joined(result, FLAT_KINDS)
    return [
        *_counts(photo, flat),
        *_photographs(photo),
        *_flat(flat),
        *_squares(joined(result, ["square256"])),
        *_speed(at_usual_size(result.get("timing") or [])),
        *_memory(result.get("memory") or []),
        *_false_positives(result.get("false_positives") or {}),
    ]


def _counts(photo: dict[str, Any], flat: dict[str, Any]) -> Iterator[Goal]:
    yield at_least("photographs of 1-2 MP in the test split", photo["pictures"], 24)
    yield at_least("flat and smooth pictures in the test split", flat["pictures"], 16)


def _figure(part: dict[str, Any], figure: str, of: str) -> float | None:
    value = part["quality"].get(figure, {}).get(of)
    return None if value is None else float(value)


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _photographs(part: dict[str, Any]) -> Iterator[Goal]:
    yield at_least("photographs: PSNR mean", _figure(part, "psnr", "mean"), 45, " dB")
    yield at_least("photographs: PSNR of the worst", _figure(part, "psnr", "min"), 42, " dB")
    yield at_least("photographs: SSIM mean", _figure(part, "ssim", "mean"), 0.990)
    yield at_least("photographs: SSIMULACRA2 mean", _figure(part, "ssimulacra2", "mean"), 83)
    recovery = part["recovery"]
    yield at_least("photographs: the 56 attacks", _percent(share(recovery, ATTACKS)), 99, " %")
    yield at_least(
        "photographs: JPEG 50, resize 0.35-2, crop 25 %, rotations, flip, social, screenshot",
        _percent(share(recovery, CERTAIN)),
        100,
        " %",
    )
    half = _percent(share(recovery, ["resize0.5+jpeg50"]))
    yield at_least("photographs: half size and JPEG 50", half, 95, " %")
    yield at_least("photographs: WebP 50", _percent(share(recovery, ["webp50"])), 97, " %")


def _flat(part: dict[str, Any]) -> Iterator[Goal]:
    yield at_least("flat and smooth: PSNR mean", _figure(part, "psnr", "mean"), 46, " dB")
    yield at_least("flat and smooth: SSIMULACRA2 mean", _figure(part, "ssimulacra2", "mean"), 80)
    worst = _figure(part, "ssimulacra2", "min")
    yield at_least("flat and smooth: SSIMULACRA2 of the worst", worst, 72)
    recovery = part["recovery"]
    yield at_least("flat and smooth: 17 hard attacks", _percent(share(recovery, HARD17)), 95, " %")
    yield at_least("flat and smooth: JPEG 50", _percent(share(recovery, ["jpeg50"])), 97, " %")
    yield at_least("flat and smooth: social", _percent(share(recovery, ["social"])), 100, " %")


def _squares(part: dict[str, Any]) -> Iterator[Goal]:
    read = _percent(share(part["recovery"], ["jpeg75"]))
    yield at_least("squares of 256 pixels: JPEG 75", read, 90, " %")
    yield at_least("squares of 256 pixels: PSNR mean", _figure(part, "psnr", "mean"), 42, " dB")


def _median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def _speed(timing: list[dict[str, Any]]) -> Iterator[Goal]:
    for action, bound in (("embed", 5), ("read", 4)):
        faster = ratios(timing, f"{action} dwtDct", f"{action} {OURS}")
        yield at_least(f"{action}: times faster than dwtDct", _median(faster), bound)
    turned = _median(ratios(timing, "turned deep", f"read {OURS}"))
    yield at_most("read after a rotation: times the plain read", turned, 10)
    rejected = [row["ms"]["reject deep"] for row in timing if "reject deep" in row["ms"]]
    yield at_most("full reject: median", _median(rejected), 200, " ms")
    yield at_most("full reject: worst", max(rejected, default=None), 400, " ms")


def _memory(memory: list[dict[str, Any]]) -> Iterator[Goal]:
    for row in memory:
        if row["contestant"] == OURS and row["width"] == 3840:
            yield at_most(f"peak memory at 4K: {row['action']}", row["mb"], _MEMORY_MB, " MB")


def _false_positives(found: dict[str, Any]) -> Iterator[Goal]:
    modes = found.get("modes", {})
    least = min((mode["decodes"] for mode in modes.values()), default=None)
    yield at_least("decodes of unmarked pictures for each payload mode", least, 10_000)
    over = sum(m["over_threshold"] for m in modes.values()) if modes else None
    yield at_most("of them over the threshold", over, 0)
    reads = found.get("reads", {})
    yield at_least("unmarked pictures read to the end", reads.get("pictures"), 500)
    detections = len(reads["found"]) if "found" in reads else None
    yield at_most("of them found marked", detections, 0)
