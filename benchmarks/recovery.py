"""
Recovery: whether the exact message is read back, blind, after each attack, and at what quality.

Every picture and contestant gives one row, appended to a journal (JSON lines) as soon as it is
done; a later run reads the journal and computes only what is missing.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import cv2

from benchmarks import peers, pictures, quality
from benchmarks.attacks import EVERY
from labeler.errors import LabelError


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.peers import Contestant
    from benchmarks.pictures import Source
    from detectors.image.watermark import Depth

    Row = dict[str, Any]
    Key = tuple[str, ...]

SLOW_ATTACKS = ("none", "jpeg75", "jpeg50", "resize0.5", "crop50", "rotate5", "social")
"""What contestants that take many seconds a picture are put through."""

SLOW_PICTURES = 4
"""Photographs, the first by name, that those get."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One picture, one contestant, and the attacks whose outcome is wanted."""

    source: Source
    contestant: str
    attacks: tuple[str, ...]
    depth: Depth = "deep"


def key_of(row: Row) -> Key:
    """Return what makes two rows the same measurement."""
    made = (row["contestant"], row["version"], row["suite"], row["depth"], row["picture"]["name"])
    return tuple(map(str, made))


def key_for(task: Task) -> Key:
    """Return the key of the row that a task makes with the code as it is now."""
    version = peers.make(task.contestant, task.depth).version
    return task.contestant, version, peers.suite_fingerprint(), task.depth, task.source.name


def read_journal(path: Path) -> dict[Key, Row]:
    """Return the rows of a journal by key, those of one key merged; a torn last line is dropped."""
    rows: dict[Key, Row] = {}
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        known = rows.get(key_of(row))
        if known is not None:
            row["recovered"] = known["recovered"] | row["recovered"]
            row["read_ms"] = known["read_ms"] | row["read_ms"]
        rows[key_of(row)] = row
    return rows


def measure(task: Task) -> Row:
    """Embed, compare, attack, read: the row of one task. A refusal to embed is a row of its own."""
    cv2.setNumThreads(1)
    contestant = peers.make(task.contestant, task.depth)
    pixels = pictures.load(task.source)
    message = peers.message_for(task.source.name)
    row: Row = {
        "contestant": task.contestant,
        "version": contestant.version,
        "suite": peers.suite_fingerprint(),
        "depth": task.depth,
        "picture": pictures.describe(task.source, pixels),
        "recovered": {},
        "read_ms": {},
    }
    try:
        marked, bits = contestant.embed(pixels, message)
    except LabelError as error:
        return row | {"refused": str(error), "recovered": dict.fromkeys(task.attacks, False)}
    row |= {"bits": bits, "quality": quality.compare(pixels, marked).to_dict()}
    for name in task.attacks:
        start = time.process_time()
        attacked = EVERY[name](marked)
        between = time.process_time()
        row["recovered"][name] = _reads(contestant, attacked, message[:bits])
        row["read_ms"][name] = round(1000 * (time.process_time() - between), 1)
        row["attack_ms"] = round(row.get("attack_ms", 0) + 1000 * (between - start), 1)
    return row


def _reads(contestant: Contestant, attacked: NDArray[Any], message: tuple[int, ...]) -> bool:
    """Say whether exactly the message is read; peers that fall over did not read it."""
    try:
        return contestant.read(attacked) == message
    except Exception:
        if contestant.name.startswith(peers.OURS):
            raise
        return False


def plan(
    names: Iterable[str],
    listed: Iterable[Source],
    attacks: tuple[str, ...],
    *,
    depth: Depth,
) -> list[Task]:
    """Return the tasks, picture by picture, so that an interrupted run is balanced."""
    listed = list(listed)
    spared = [s.name for s in listed if s.kind == "photo"][:SLOW_PICTURES]
    tasks = []
    for source in listed:
        for name in names:
            slow = name in peers.SLOW
            if slow and source.name not in spared:
                continue
            wanted = tuple(a for a in SLOW_ATTACKS if a in attacks) if slow else attacks
            own = depth if name.startswith(peers.OURS) else "plain"
            tasks.append(Task(source=source, contestant=name, attacks=wanted, depth=own))
    return tasks


def run(tasks: list[Task], journal: Path, *, jobs: int = 1) -> Iterator[tuple[int, int, Row]]:
    """
    Measure what the journal lacks, append each row to it, and yield (done, all, row).

    One picture a process; more jobs disturb no figure but the read times.
    """
    known = read_journal(journal)
    todo = [rest for task in tasks if (rest := _remaining(task, known)) is not None]
    journal.parent.mkdir(parents=True, exist_ok=True)
    for done, row in enumerate(_measured(todo, jobs), 1):
        with journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
        yield done, len(todo), row


def _remaining(task: Task, known: dict[Key, Row]) -> Task | None:
    row = known.get(key_for(task))
    done = row["recovered"] if row else {}
    left = tuple(name for name in task.attacks if name not in done)
    if not left:
        return None
    return Task(source=task.source, contestant=task.contestant, attacks=left, depth=task.depth)


def _measured(tasks: list[Task], jobs: int) -> Iterator[Row]:
    if jobs <= 1:
        yield from map(measure, tasks)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(measure, task) for task in tasks]):
            yield future.result()
