"""
Measure the picture mark: ``python benchmarks/run_pictures.py [--quick]``.

Recovery after every attack, quality, speed, memory and false positives, ours and every peer that is
installed, on the test split of the picture list. Writes benchmarks.md, benchmarks.json and plots
into ``--out`` (a quick run does not touch docs). Can be stopped and started again: finished work is
kept under ``--work`` and used as long as the code of the mark stays the same.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from benchmarks.pictures import Source
    from benchmarks.recovery import Task

ROOT = Path(__file__).parents[1]
STAGES = ("recovery", "squares", "timing", "memory", "false-positives")
SIDES = (192, 256, 320)
SQUARE_ATTACKS = ("none", "jpeg75", "jpeg50", "webp75", "crop50")

_QUICK_PICTURES, _TIMED_PICTURES = 1, 4
_TIMED_KINDS = ("photo", "flat", "smooth")


def main(argv: list[str] | None = None) -> int:
    """Run the stages that were asked for and write the report."""
    asked = _asked(argv)
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"  # before numpy is loaded: one thread for everybody
    sys.path.insert(0, str(ROOT))  # so that the script runs without being installed
    from benchmarks import peers, stages

    here, away = _contestants(asked.only)
    for name, why in away.items():
        print(f"{name}: {why}")
    tasks = _recover(asked, here)
    for stage, measure in (("timing", _time), ("memory", _remember)):
        if stage in asked.stages:
            stages.keep(asked.work, stage, measure(asked, here), peers.fingerprint())
    if "false-positives" in asked.stages:
        stages.keep(asked.work, "false_positives", _false_positives(asked), peers.fingerprint())
    return _report(asked, tasks, here, away)


def _asked(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one picture a kind, few attacks")
    parser.add_argument("--out", type=Path, help="where the report goes (default: docs)")
    parser.add_argument("--work", type=Path, help="finished work (default: under build)")
    parser.add_argument("--only", nargs="+", help="contestants, such as ours ours-robust dwtDct")
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=STAGES)
    parser.add_argument("--kinds", nargs="+", help="kinds of pictures (default: all)")
    parser.add_argument("--split", choices=("test", "tuning"), default="test")
    parser.add_argument("--limit", type=int, help="pictures of each kind, the first by name")
    parser.add_argument("--peer-limit", type=int, default=8, help="the same, for the peers")
    parser.add_argument("--attacks", help="a named group (default: everything; quick: quick)")
    parser.add_argument("--depth", default="deep", help="of our reader")
    parser.add_argument("--jobs", type=int, default=1, help="processes for recovery")
    asked = parser.parse_args(argv)
    asked.work = asked.work or ROOT / "build" / ("quick" if asked.quick else "benchmarks")
    asked.out = asked.out or (asked.work if asked.quick else ROOT / "docs")
    asked.attacks = asked.attacks or ("quick" if asked.quick else "everything")
    asked.limit = asked.limit or (_QUICK_PICTURES if asked.quick else None)
    return asked


def _contestants(only: list[str] | None) -> tuple[list[str], dict[str, str]]:
    from benchmarks import peers

    if only is None:
        return peers.contestants()
    here, away = [], {}
    for name in only:
        try:
            peers.make(name)
        except ImportError as error:
            away[name] = f"not installed ({error})"
        else:
            here.append(name)
    return here, away


def _sources(asked: argparse.Namespace, most: int | None = None) -> list[Source]:
    """Return the pictures that were asked for, at most so many of each kind."""
    from benchmarks import pictures

    found = []
    for kind in asked.kinds or pictures.KINDS:
        found += pictures.sources(split=asked.split, kinds=[kind])[: asked.limit][:most]
    return found


def _recover(asked: argparse.Namespace, here: list[str]) -> list[Task]:
    """Measure recovery as far as the journal lacks it, and return all tasks that were wanted."""
    from benchmarks import peers, pictures, recovery
    from benchmarks.attacks import GROUPS

    tasks: list[Task] = []
    if "recovery" in asked.stages:
        attacks = GROUPS[asked.attacks]
        own = [name for name in here if name.startswith(peers.OURS)]
        others = [name for name in here if name not in own]
        tasks += recovery.plan(own, _sources(asked), attacks, depth=asked.depth)
        fewer = _sources(asked, asked.peer_limit)
        tasks += recovery.plan(others, fewer, attacks, depth=asked.depth)
    if "squares" in asked.stages:
        own = [name for name in here if name.startswith(peers.OURS)]
        for side in SIDES:
            listed = pictures.squares(side, split=asked.split)[: asked.limit]
            tasks += recovery.plan(own, listed, SQUARE_ATTACKS, depth=asked.depth)
    for done, count, row in recovery.run(tasks, asked.work / "journal.jsonl", jobs=asked.jobs):
        read = sum(row["recovered"].values())
        name = row["picture"]["name"]
        print(f"{done}/{count} {row['contestant']} {name}: {read}/{len(row['recovered'])}")
    return tasks


def _time(asked: argparse.Namespace, here: list[str]) -> list[dict[str, Any]]:
    from benchmarks import measuring, pictures

    each = asked.limit or _TIMED_PICTURES
    listed = []
    for kind in _TIMED_KINDS:
        listed += pictures.sources(split=asked.split, kinds=[kind])[:each]
    return measuring.time_pictures(listed, here)


def _remember(asked: argparse.Namespace, here: list[str]) -> list[dict[str, Any]]:
    """Measure memory at 4K; contestants that take too long there at 1024 pixels square."""
    from benchmarks import measuring, peers

    rows = []
    for name in here:
        size = (1024, 1024) if name in peers.HEAVY or asked.quick else (3840, 2160)
        rows += [measuring.peak_memory(name, action, *size) for action in ("embed", "read")]
    return rows


def _false_positives(asked: argparse.Namespace) -> dict[str, Any]:
    from benchmarks import null_hypothesis

    decodes, reads = (200, 10) if asked.quick else (10_000, 500)
    return {
        "modes": null_hypothesis.summarise(list(null_hypothesis.draws(decodes))),
        "reads": null_hypothesis.read_unmarked(reads, depth=asked.depth),
    }


def _report(
    asked: argparse.Namespace, tasks: list[Task], here: list[str], away: dict[str, str]
) -> int:
    from benchmarks import goals, peers, pictures, plots, recovery, report, stages, summary

    journal = recovery.read_journal(asked.work / "journal.jsonl")
    wanted = {recovery.key_for(task) for task in tasks} if tasks else set(journal)
    result: dict[str, Any] = {
        "schema": summary.SCHEMA,
        "quick": asked.quick,
        "machine": summary.machine(),
        "packages": pictures.PACKAGES,
        "peers": [name for name in here if not name.startswith(peers.OURS)],
        "missing_peers": away,
        "missing_pictures": pictures.missing(),
        **summary.summarise(row for key, row in journal.items() if key in wanted),
        **{
            name: stages.kept(asked.work, name, peers.fingerprint())
            for name in ("timing", "memory", "false_positives")
        },
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    drawn = plots.draw(result, asked.out / "img")
    links = [str(path.relative_to(asked.out)) for path in drawn]
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    (asked.out / "benchmarks.json").write_text(text, "utf-8")
    (asked.out / "benchmarks.md").write_text(report.page(result, links), "utf-8")
    for goal in goals.goals(result):
        met = {True: "met", False: "NOT MET", None: "not measured"}[goal.met]
        print(f"{met:12} {goal.what}: {goal.figure} ({goal.bound})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
