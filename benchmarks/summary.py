"""From journal rows to the figures that are published. Pure functions on plain data."""

from __future__ import annotations

import platform
import statistics
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.attacks import GROUPS
from benchmarks.peers import OURS
from benchmarks.pictures import KINDS


if TYPE_CHECKING:
    from collections.abc import Iterable

    Row = dict[str, Any]

SCHEMA = 1
FIGURES = ("psnr", "ssim", "ssimulacra2", "worst_tile")
FLAT_KINDS = ("flat", "smooth")

_PACKAGES = (
    "numpy",
    "opencv-python-headless",
    "pillow",
    "invisible-watermark",
    "onnxruntime",
    "torch",
    "blind-watermark",
    "ssimulacra2",
    "scikit-image",
    "scikit-learn",
)


def machine() -> dict[str, Any]:
    """Return what the figures were taken on: processor, system, Python and package versions."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": versions,
    }


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor()


def summarise(rows: Iterable[Row]) -> dict[str, Any]:
    """Return recovery and quality of every contestant and kind, and the pictures measured."""
    rows = list(rows)
    names = sorted({row["contestant"] for row in rows}, key=lambda name: (name != OURS, name))
    result: dict[str, Any] = {"contestants": {}, "pictures": _pictures(rows)}
    for name in names:
        own = [row for row in rows if row["contestant"] == name]
        present = {_kind(row) for row in own}
        kinds = [kind for kind in KINDS if kind in present] + sorted(present - set(KINDS))
        result["contestants"][name] = {
            "version": own[0]["version"],
            "depth": own[0]["depth"],
            "kinds": {kind: _of_kind([r for r in own if _kind(r) == kind]) for kind in kinds},
        }
    return result


def _kind(row: Row) -> str:
    return str(row["picture"]["kind"])


def _pictures(rows: list[Row]) -> list[Row]:
    found = {row["picture"]["name"]: row["picture"] for row in rows}
    return [found[name] for name in sorted(found)]


def _of_kind(rows: list[Row]) -> dict[str, Any]:
    attacks = list(dict.fromkeys(name for row in rows for name in row["recovered"]))
    return {
        "pictures": len(rows),
        "refused": {row["picture"]["name"]: row["refused"] for row in rows if "refused" in row},
        "quality": _quality([row["quality"] for row in rows if "quality" in row]),
        "recovery": {name: _tally(rows, name) for name in attacks},
        "groups": {name: share for name in GROUPS if (share := group_mean(rows, name)) is not None},
    }


def _tally(rows: list[Row], attack: str) -> dict[str, Any]:
    outcomes = {
        r["picture"]["name"]: r["recovered"][attack] for r in rows if attack in r["recovered"]
    }
    return {
        "read": sum(outcomes.values()),
        "of": len(outcomes),
        "missed": sorted(name for name, ok in outcomes.items() if not ok),
    }


def _quality(found: list[Row]) -> dict[str, Any]:
    result = {}
    for figure in FIGURES:
        values = [row[figure] for row in found if row[figure] is not None]
        if values:
            mean, least = statistics.fmean(values), min(values)
            result[figure] = {"mean": mean, "min": least, "pictures": len(values)}
    return result


def group_mean(rows: list[Row], group: str) -> float | None:
    """Return the share read over a group of attacks; None unless every row has all of them."""
    outcomes = [row["recovered"].get(name) for row in rows for name in GROUPS[group]]
    if not outcomes or None in outcomes:
        return None
    return outcomes.count(True) / len(outcomes)


def joined(result: dict[str, Any], kinds: Iterable[str], contestant: str = OURS) -> dict[str, Any]:
    """Return quality and recovery of one contestant over several kinds together."""
    parts = [
        part
        for kind, part in result["contestants"].get(contestant, {}).get("kinds", {}).items()
        if kind in set(kinds)
    ]
    quality = {}
    for figure in FIGURES:
        own = [part["quality"][figure] for part in parts if figure in part["quality"]]
        if own:
            count = sum(part["pictures"] for part in own)
            mean = sum(part["mean"] * part["pictures"] for part in own) / count
            quality[figure] = {"mean": mean, "min": min(part["min"] for part in own)}
    attacks = dict.fromkeys(name for part in parts for name in part["recovery"])
    recovery = {}
    for name in attacks:
        tallies = [part["recovery"][name] for part in parts if name in part["recovery"]]
        recovery[name] = {key: sum(t[key] for t in tallies) for key in ("read", "of")}
    return {
        "pictures": sum(part["pictures"] for part in parts),
        "quality": quality,
        "recovery": recovery,
    }


def share(recovery: dict[str, Any], attacks: Iterable[str]) -> float | None:
    """Return the share read over some attacks, None when any was not measured."""
    tallies = [recovery.get(name) for name in attacks]
    measured = [tally for tally in tallies if tally is not None and tally["of"]]
    if not measured or len(measured) != len(tallies):
        return None
    return float(sum(t["read"] for t in measured) / sum(t["of"] for t in measured))


def at_usual_size(timing: list[Row]) -> list[Row]:
    """Return the rows of pictures of 1-2 MP: all but the one of 4K."""
    return [row for row in timing if row["picture"] != "4K"]


def speed(timing: list[Row]) -> dict[str, dict[str, float]]:
    """Return for each timed job the median ms per megapixel at 1-2 MP, and at 4K."""
    rows = {"1-2 MP": at_usual_size(timing)}
    rows["4K"] = [r for r in timing if r["picture"] == "4K"]
    result: dict[str, dict[str, float]] = {}
    for size, own in rows.items():
        for job in dict.fromkeys(name for row in own for name in row["ms"]):
            each = [row["ms"][job] / row["megapixels"] for row in own if job in row["ms"]]
            result.setdefault(job, {})[size] = statistics.median(each)
    return result


def ratios(timing: list[Row], job: str, against: str) -> list[float]:
    """Return how many times longer ``job`` took than ``against``, for every picture timed."""
    return [
        row["ms"][job] / row["ms"][against]
        for row in timing
        if job in row["ms"] and against in row["ms"]
    ]
