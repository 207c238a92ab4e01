"""The page of the benchmarks of videos: goals first, then every figure behind them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from benchmarks.goals import at_least, at_most


if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.goals import Goal

    Row = dict[str, Any]


_FLAT_SHARE = 1.1
_LARGE = 2160


def goals(result: dict[str, Any]) -> list[Goal]:
    """Return every goal with its figure, in the order of the requirements."""
    return [*_of_mark(result), *_of_cost(result)]


def _of_mark(result: dict[str, Any]) -> Iterator[Goal]:
    recovery, unmarked = result["recovery"], result["unmarked"]
    psnr = [row["psnr_db"] for row in _once(recovery)]
    least = [row["psnr_least_db"] for row in _once(recovery)]
    yield at_least("clips", len(psnr) or None, 8)
    yield at_least("PSNR-Y, mean", sum(psnr) / len(psnr) if psnr else None, 43, " dB")
    yield at_least("PSNR-Y, worst group of frames", min(least, default=None), 42, " dB")
    yield at_least("attacked clips, 64 bits exact", _share(recovery), 97, " %")
    stills = [r["read"] / r["stills"] for r in result["stills"]]
    read = 100 * sum(stills) / len(stills) if stills else None
    yield at_least("stills of the CRF 28 file", read, 90, " %")
    yield at_least("unmarked windows", len(unmarked) or None, 200)
    found = sum(row["found"] for row in unmarked) if unmarked else None
    yield at_most("detections in them", found, 0)


def _of_cost(result: dict[str, Any]) -> Iterator[Goal]:
    for large, name, bound in ((False, "1080p", 1.15), (True, "4K", 1.25)):
        ratios = [r["ratio"] for r in result["cost"] if (r["size"][1] >= _LARGE) == large]
        worst = max(ratios, default=None)
        yield at_most(f"CPU of a transcode, {name}, worst clip", worst, bound, "x")
    peaks = [row["peak_mb"] for row in result["memory"]]
    growth = peaks[-1] / peaks[0] if len(peaks) > 1 else None
    yield at_most("memory, longest film against shortest", growth, _FLAT_SHARE, "x")


def _once(rows: list[Row]) -> list[Row]:
    """Return the first row of every clip."""
    return list({row["clip"]: row for row in reversed(rows)}.values())[::-1]


def _share(rows: list[Row]) -> float | None:
    return 100 * sum(row["read"] for row in rows) / len(rows) if rows else None


def page(result: dict[str, Any]) -> str:
    """Return the whole page in Markdown."""
    how = (
        "Written by `python benchmarks/run_videos.py --clips FOLDER`, nothing by hand. Clips of "
        "4 s, marked at x264 CRF 18 (veryfast), then attacked with ffmpeg; a message counts when "
        "it is exactly the 64 bits embedded and p <= 1e-9. "
        f"{_machine(result['machine'])}. Code {result['code']}."
    )
    lines = [
        "# Benchmarks of the mark of videos",
        "",
        how,
        "",
        "## Goals",
        "",
        "| goal | bound | figure | met |",
        "| --- | --: | --: | --: |",
        *(_goal_line(goal) for goal in goals(result)),
        "",
        "## Clips",
        "",
        *(f"* {name}: {source}" for name, source in result["clips"].items()),
    ]
    for part in (_recovery, _stills, _unmarked, _cost, _memory):
        lines += part(result)
    return "\n".join(lines) + "\n"


def _machine(machine: dict[str, Any]) -> str:
    return f"{machine['processor']}, {machine['system']}, Python {machine['python']}"


def _goal_line(goal: Goal) -> str:
    met = {True: "met", False: "**not met**", None: "not measured"}[goal.met]
    figure = "" if goal.figure is None else f"{goal.figure:.2f}"
    return f"| {goal.what} | {goal.bound} | {figure} | {met} |"


def _recovery(result: dict[str, Any]) -> list[str]:
    rows: list[Row] = result["recovery"]
    if not rows:
        return []
    clips = [row["clip"] for row in _once(rows)]
    by = {(row["clip"], row["attack"]): row for row in rows}
    lines = ["", "## Recovery", ""]
    lines += ["| attack | " + " | ".join(clips) + " |", "|---|" + "---|" * len(clips)]
    for name in dict.fromkeys(row["attack"] for row in rows):
        seen = (by.get((clip, name)) for clip in clips)
        cells = ("" if row is None else "yes" if row["read"] else "**no**" for row in seen)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    for title, field in (("mean PSNR-Y, dB", "psnr_db"), ("worst group, dB", "psnr_least_db")):
        values = (f"{row[field]:.1f}" for row in _once(rows))
        lines.append(f"| {title} | " + " | ".join(values) + " |")
    read = sum(row["read"] for row in rows)
    return [*lines, "", f"Read in all: {read} of {len(rows)}."]


def _stills(result: dict[str, Any]) -> list[str]:
    lines = ["", "## Stills of the CRF 28 file, by the reader of pictures", ""]
    each = (f"{row['clip']} {row['read']}/{row['stills']}" for row in result["stills"])
    return [*lines, ", ".join(each) + "."] if result["stills"] else []


def _unmarked(result: dict[str, Any]) -> list[str]:
    rows: list[Row] = result["unmarked"]
    if not rows:
        return []
    found = sum(row["found"] for row in rows)
    least = min((row["p_value"] or 1.0 for row in rows), default=1.0)
    power = math.log10(least)
    lines = ["", "## Unmarked windows of 2 s", ""]
    return [*lines, f"{len(rows)} read, {found} found; smallest bound 10^{power:.1f}."]


def _cost(result: dict[str, Any]) -> list[str]:
    if not result["cost"]:
        return []
    lines = ["", "## Cost on top of an x264 veryfast transcode at CRF 23", ""]
    lines += ["CPU time of whole passes in turns, five of each.", ""]
    lines += ["| clip | size | CPU, median (range) | file |", "|---|---|--:|--:|"]
    for row in result["cost"]:
        spread = f"{row['ratio']:.2f} ({row['least']:.2f} to {row['most']:.2f})"
        size = f"{row['size'][0]} x {row['size'][1]}"
        lines.append(f"| {row['clip']} | {size} | {spread} | {row['growth']:+.1%} |")
    return lines


def _memory(result: dict[str, Any]) -> list[str]:
    if not result["memory"]:
        return []
    each = (f"{row['seconds']} s: {row['peak_mb']:.0f} MB" for row in result["memory"])
    title = f"## Memory of `apply`, all layers, {result['memory'][0]['clip']} repeated"
    return ["", title, "", "; ".join(each) + "."]
