"""
Recovery of sound marks: whether the exact message is read from clips, after each attack.

Every recording, contestant and payload gives one row, appended to a journal (JSON lines) as soon as
it is done; a later run reads the journal and computes only what is missing. A trial is called
``attack@seconds``; of each some clips are cut at places that no lattice knows, then attacked.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from benchmarks import sound_peers, sound_quality, sounds
from benchmarks.sound_attacks import ATTACKS
from labeler.errors import LabelError


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.sound_peers import Contestant
    from benchmarks.sounds import Source

    Row = dict[str, Any]
    Key = tuple[str, ...]

CLIPS = 3
"""Clips a trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One recording, one contestant with a payload, and the trials whose outcome is wanted."""

    source: Source
    contestant: str
    trials: tuple[str, ...]
    bits: int = 64
    judged: bool = False


def key_of(row: Row) -> Key:
    """Return what makes two rows the same measurement."""
    made = (row["contestant"], row["bits"], row["version"], row["suite"], row["sound"]["name"])
    return tuple(map(str, made))


def key_for(task: Task) -> Key:
    """Return the key of the row that a task makes with the code as it is now."""
    contestant = sound_peers.make(task.contestant, task.bits)
    suite = sound_peers.suite_fingerprint()
    made = (task.contestant, contestant.bits, contestant.version, suite, task.source.name)
    return tuple(map(str, made))


def read_journal(path: Path) -> dict[Key, Row]:
    """Return the rows of a journal by key, those of one key merged; a torn last line is dropped."""
    rows: dict[Key, Row] = {}
    for line in path.read_text("utf-8").splitlines() if path.is_file() else []:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        known = rows.get(key_of(row))
        if known is not None:
            row["recovered"] = known["recovered"] | row["recovered"]
            row = known | row
        rows[key_of(row)] = row
    return rows


def measure(task: Task) -> Row:
    """Embed, compare, cut, attack, read: the row of one task. A refusal is a row of its own."""
    cv2.setNumThreads(1)
    contestant = sound_peers.make(task.contestant, task.bits)
    samples, rate = sounds.load(task.source)
    message = sound_peers.message_for(task.source.name)
    row: Row = {
        "contestant": task.contestant,
        "bits": contestant.bits,
        "version": contestant.version,
        "suite": sound_peers.suite_fingerprint(),
        "sound": sounds.describe(task.source, samples, rate),
        "recovered": {},
    }
    try:
        marked = contestant.embed(samples, rate, message)
    except LabelError as error:
        failed = [False] * CLIPS
        return row | {"refused": str(error), "recovered": dict.fromkeys(task.trials, failed)}
    if task.judged:
        row["quality"] = sound_quality.compare(samples, marked, rate).to_dict()
    start = time.process_time()
    for trial in task.trials:
        row["recovered"][trial] = _outcomes(trial, marked, rate, message, contestant=contestant)
    row["seconds"] = round(time.process_time() - start, 1)
    return row


def _outcomes(
    trial: str,
    marked: NDArray[np.float32],
    rate: int,
    message: tuple[int, ...],
    *,
    contestant: Contestant,
) -> list[bool]:
    attack, _, seconds = trial.partition("@")
    outcomes = []
    for clip in clips(marked, rate, float(seconds), trial):
        heard, heard_rate = ATTACKS[attack](clip, rate)
        claimed = contestant.read(heard, heard_rate, attack)
        outcomes.append(sound_peers.is_message(claimed, message, contestant))
    return outcomes


def clips(
    samples: NDArray[np.float32], rate: int, seconds: float, seed: str
) -> Iterator[NDArray[np.float32]]:
    """Yield clips of a length, cut at places that the seed chooses; the same in every run."""
    size = min(round(seconds * rate), len(samples))
    chance = np.random.default_rng(int(2**32 * sounds.share(f"clip {seed} {len(samples)}")))
    for start in chance.integers(0, len(samples) - size + 1, CLIPS):
        yield np.ascontiguousarray(samples[start : start + size])


def run(tasks: list[Task], journal: Path) -> Iterator[tuple[int, int, Row]]:
    """Measure what the journal lacks, append each row to it, and yield (done, all, row)."""
    known = read_journal(journal)
    todo = [rest for task in tasks if (rest := _remaining(task, known)) is not None]
    journal.parent.mkdir(parents=True, exist_ok=True)
    for done, task in enumerate(todo, 1):
        row = measure(task)
        with journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
        yield done, len(todo), row


def _remaining(task: Task, known: dict[Key, Row]) -> Task | None:
    row = known.get(key_for(task))
    done = row["recovered"] if row else {}
    left = tuple(name for name in task.trials if name not in done)
    judged = task.judged and not (row and "quality" in row)
    if not left and not judged:
        return None
    return Task(
        source=task.source,
        contestant=task.contestant,
        trials=left,
        bits=task.bits,
        judged=judged,
    )
