"""
Time and memory of the marks.

Time is processor time of one thread, all contestants in turns, so that a busy machine slows them
alike; memory is what a fresh process needs beyond its input and output.

``python -m benchmarks.measuring CONTESTANT embed|read WIDTH HEIGHT`` prints one memory figure.
"""

from __future__ import annotations

import gc
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from benchmarks import peers, pictures
from benchmarks.attacks import EVERY


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from benchmarks.pictures import Source

    Picture = NDArray[np.uint8]
    Job = Callable[[], object]

ROOT = Path(__file__).parents[1]
ROUNDS = 5
FIXED = "ours-1.0"
"""Ours with a fixed strength: the closed loop off."""

GEOMETRIC = "rotate5"
"""The attack after which a geometric read is timed."""

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_MEMORY_LIMIT_S = 600

_RETURN_FREED = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""glibc keeps freed memory for later; what is measured must not hide in what was freed before."""


def interleaved(jobs: dict[str, Job], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median processor time of each job in ms, the jobs taking turns."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()  # tables and models are built once, outside the figures
    for _ in range(rounds):
        for name, job in jobs.items():
            start = time.process_time()
            job()
            times[name].append(1000 * (time.process_time() - start))
    return {name: statistics.median(values) for name, values in times.items()}


def time_picture(pixels: Picture, name: str, contestants: Iterable[str]) -> dict[str, Any]:
    """
    Return the times of one picture in ms: embed and read of each contestant.

    Contestants that take seconds are timed once. Of ours also the closed loop off, every depth on
    the marked picture, on the marked picture turned by 5 degrees, and on the unmarked one.
    """
    cv2.setNumThreads(1)
    jobs: dict[str, Job] = {}
    slow: dict[str, Job] = {}
    message = peers.message_for(name)
    wanted = list(contestants)
    for each in [*wanted, *([FIXED] if peers.OURS in wanted else [])]:
        contestant = peers.make(each, "plain")
        marked, _ = contestant.embed(pixels, message)
        into = slow if each in peers.HEAVY else jobs
        into[f"embed {each}"] = lambda c=contestant: c.embed(pixels, message)  # type: ignore[misc]
        into[f"read {each}"] = lambda c=contestant, m=marked: c.read(m)  # type: ignore[misc]
        if each == peers.OURS:
            jobs |= _depth_jobs(pixels, marked)
    return {
        "picture": name,
        "load": round(os.getloadavg()[0], 1),
        "megapixels": pixels.shape[0] * pixels.shape[1] / 1e6,
        "ms": interleaved(jobs) | (interleaved(slow, rounds=1) if slow else {}),
    }


def _depth_jobs(pixels: Picture, marked: Picture) -> dict[str, Job]:
    turned = EVERY[GEOMETRIC](marked)
    jobs: dict[str, Job] = {}
    for depth in peers.DEPTHS:
        reader = peers.ours(depth=depth).read
        jobs[f"turned {depth}"] = lambda r=reader: r(turned)  # type: ignore[misc]
        jobs[f"reject {depth}"] = lambda r=reader: r(pixels)  # type: ignore[misc]
    return jobs


def time_pictures(listed: list[Source], contestants: list[str]) -> list[dict[str, Any]]:
    """Return `time_picture` of each source, and of one 4K picture without the heavy contestants."""
    rows = [time_picture(pictures.load(s), s.name, contestants) for s in listed]
    quick = [c for c in contestants if c not in peers.HEAVY]
    return [*rows, time_picture(pictures.load_4k(), "4K", quick)]


def peak_memory(contestant: str, action: str, width: int, height: int) -> dict[str, Any]:
    """
    Return the peak of a fresh process in MB, beyond its input and output and what it imports.

    Reading is that of an unmarked picture at full depth: the most a reader ever needs.
    """
    command = [sys.executable, "-m", "benchmarks.measuring", contestant, action]
    done = subprocess.run(
        [*command, str(width), str(height)],
        cwd=ROOT,
        env=os.environ | _RETURN_FREED,
        capture_output=True,
        text=True,
        timeout=_MEMORY_LIMIT_S,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _resident(field: str) -> int:
    """Return a figure of this process in bytes: VmRSS now, or VmHWM at its highest."""
    if _STATUS.is_file():
        found = re.search(rf"{field}:\s+(\d+) kB", _STATUS.read_text("ascii"))
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _measure_memory(name: str, action: str, width: int, height: int) -> dict[str, Any]:
    cv2.setNumThreads(1)
    contestant = peers.make(name, "deep")
    pixels = np.asarray(cv2.resize(pictures.load_4k(), (width, height)), np.uint8)
    message = peers.message_for("memory")
    gc.collect()
    if _CLEAR.exists():
        _CLEAR.write_text("5", "ascii")
    before = _resident("VmRSS")
    output = contestant.embed(pixels, message)[0].nbytes if action == "embed" else 0
    if action == "read":
        contestant.read(pixels)
    peak = _resident("VmHWM") - before - output
    return {
        "contestant": name,
        "action": action,
        "width": width,
        "height": height,
        "mb": round(peak / 1e6, 1),
    }


def main() -> None:
    """Print one memory figure as JSON."""
    name, action, width, height = sys.argv[1:5]
    print(json.dumps(_measure_memory(name, action, int(width), int(height))))


if __name__ == "__main__":
    main()
