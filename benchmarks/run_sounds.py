"""
Measure the sound mark: ``python benchmarks/run_sounds.py [--quick]``.

Recovery after every attack and at short lengths, quality, speed and false positives, ours and
audiowmark where it is built, on the test split of the recordings. Writes benchmarks-sound.md,
benchmarks-sound.json and a plot into ``--out`` (a quick run does not touch docs). Can be stopped
and started again: finished work is kept under ``--work`` and used as long as the code of the mark
stays the same.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from benchmarks.sound_recovery import Task
    from benchmarks.sounds import Source

ROOT = Path(__file__).parents[1]
STAGES = ("recovery", "lengths", "timing", "false-positives")

_LENGTHS = {64: ("2", "3", "4", "5", "8", "10"), 48: ("4", "5"), 32: ("3", "4", "5"), 16: ("2",)}
_TIMED_KINDS = ("music", "neural", "telephone")


def main(argv: list[str] | None = None) -> int:
    """Run the stages that were asked for and write the report."""
    asked = _asked(argv)
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"  # before numpy is loaded: one thread for everybody
    sys.path.insert(0, str(ROOT))  # so that the script runs without being installed
    from benchmarks import sound_measuring, sound_peers, speech, stages

    if not asked.quick and asked.stages:
        speech.speak()
    here, away = sound_peers.contestants()
    here = [name for name in asked.only or here if name not in away]
    for name, why in away.items():
        print(f"{name}: {why}")
    tasks = _recover(asked, here)
    if "timing" in asked.stages:
        kinds = [kind for kind in _TIMED_KINDS if kind in (asked.kinds or _TIMED_KINDS)]
        listed = [s for kind in kinds for s in _sources(asked, kind)[: asked.limit or 2]]
        stages.keep(
            asked.work,
            "timing",
            sound_measuring.time_sounds(listed, here),
            sound_peers.fingerprint(),
        )
    if "false-positives" in asked.stages:
        found = sound_measuring.read_unmarked(asked.hours, depth="standard")
        stages.keep(asked.work, "false_positives", found, sound_peers.fingerprint())
    return _report(asked, tasks, here, away)


def _asked(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one recording a kind, few attacks")
    parser.add_argument("--out", type=Path, help="where the report goes (default: docs)")
    parser.add_argument("--work", type=Path, help="finished work (default: under build)")
    parser.add_argument("--only", nargs="+", help="contestants, such as ours ours-quiet audiowmark")
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=STAGES)
    parser.add_argument("--kinds", nargs="+", help="kinds of recordings (default: all)")
    parser.add_argument("--split", choices=("test", "tuning"), default="test")
    parser.add_argument("--limit", type=int, help="recordings of each kind, the first by name")
    parser.add_argument("--peer-limit", type=int, default=2, help="the same, for the peers")
    parser.add_argument("--attacks", help="a named group (default: everything; quick: quick)")
    parser.add_argument("--seconds", nargs="+", default=["10", "5"], help="lengths of the clips")
    parser.add_argument("--hours", type=float, help="of unmarked sound (default: 5.5)")
    asked = parser.parse_args(argv)
    asked.work = asked.work or ROOT / "build" / ("quick-sound" if asked.quick else "sound")
    asked.out = asked.out or (asked.work if asked.quick else ROOT / "docs")
    asked.attacks = asked.attacks or ("quick" if asked.quick else "everything")
    asked.limit = asked.limit or (1 if asked.quick else None)
    asked.hours = asked.hours or (0.05 if asked.quick else 5.5)
    return asked


def _sources(asked: argparse.Namespace, kind: str) -> list[Source]:
    from benchmarks import sounds

    return sounds.sources(split=asked.split, kinds=[kind])


def _recover(asked: argparse.Namespace, here: list[str]) -> list[Task]:
    """Measure recovery as far as the journal lacks it, and return all tasks that were wanted."""
    from benchmarks import sound_peers, sound_recovery
    from benchmarks.sounds import KINDS

    ranked: list[tuple[int, Task]] = []
    for kind in asked.kinds or KINDS:
        for rank, source in enumerate(_sources(asked, kind)[: asked.limit]):
            for name in here:
                own = name.startswith(sound_peers.OURS)
                if own or rank < asked.peer_limit:
                    ranked += [(rank, task) for task in _tasks(asked, source, name, own=own)]
    ranked.sort(key=lambda pair: pair[0])  # an interrupted run has something of every kind
    tasks = [task for _, task in ranked]
    for done, count, row in sound_recovery.run(tasks, asked.work / "journal.jsonl"):
        read = [outcome for outcomes in row["recovered"].values() for outcome in outcomes]
        told = f"{row['contestant']} {row['bits']} bits, {row['sound']['name']}"
        print(f"{done}/{count} {told}: {sum(read)}/{len(read)}", flush=True)
    return tasks


def _tasks(asked: argparse.Namespace, source: Source, name: str, *, own: bool) -> list[Task]:
    from benchmarks.sound_attacks import GROUPS
    from benchmarks.sound_recovery import Task

    tasks = []
    if "recovery" in asked.stages:
        lengths = asked.seconds if own else asked.seconds[:1]
        trials = tuple(f"{a}@{each}" for each in lengths for a in GROUPS[asked.attacks])
        tasks.append(Task(source=source, contestant=name, trials=trials, judged=True))
    if "lengths" in asked.stages and own:
        for bits, lengths in _LENGTHS.items():
            trials = tuple(f"mp3_64@{each}" for each in lengths)
            tasks.append(Task(source=source, contestant=name, trials=trials, bits=bits))
    return tasks


def _report(
    asked: argparse.Namespace, tasks: list[Task], here: list[str], away: dict[str, str]
) -> int:
    from benchmarks import sound_peers, sound_recovery, sound_report, sounds, stages, summary

    journal = sound_recovery.read_journal(asked.work / "journal.jsonl")
    wanted = {sound_recovery.key_for(task) for task in tasks} if tasks else set(journal)
    result: dict[str, Any] = {
        "schema": sound_report.SCHEMA,
        "quick": asked.quick,
        "machine": summary.machine(),
        "packages": sounds.PACKAGES,
        "contestants": here,
        "missing_peers": away,
        "missing_sounds": sounds.missing(),
        **sound_report.summarise([row for key, row in journal.items() if key in wanted]),
        **{
            name: stages.kept(asked.work, name, sound_peers.fingerprint())
            for name in ("timing", "false_positives")
        },
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    plots = sound_report.draw(result, asked.out / "img")
    links = [str(path.relative_to(asked.out)) for path in plots]
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    (asked.out / "benchmarks-sound.json").write_text(text, "utf-8")
    (asked.out / "benchmarks-sound.md").write_text(sound_report.page(result, links), "utf-8")
    for goal in sound_report.goals(result):
        met = {True: "met", False: "NOT MET", None: "not measured"}[goal.met]
        print(f"{met:12} {goal.what}: {goal.figure} ({goal.bound})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
