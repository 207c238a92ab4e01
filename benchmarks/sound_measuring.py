"""
Speed of the sound marks, and how often they see a mark where none is.

Speed is times real time by processor time of one thread, the contestants in turns, so that a busy
machine slows them alike; programs count with the time of their process.
"""

from __future__ import annotations

import math
import os
import resource
import statistics
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from benchmarks import sound_peers, sounds
from detectors.audio.watermark import read_mark


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from detectors.audio.watermark import Depth

    Samples = NDArray[np.float32]
    Job = Callable[[], object]

ROUNDS = 3
_SECONDS = 60


def _spent() -> float:
    """Return the processor time of this process and its children."""
    spent = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        spent += usage.ru_utime + usage.ru_stime
    return spent


def interleaved(jobs: dict[str, Job], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median processor time of each job in seconds, the jobs taking turns."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()  # tables are built once, outside the figures
    for _ in range(rounds):
        for name, job in jobs.items():
            start = _spent()
            job()
            times[name].append(_spent() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def time_sounds(listed: list[sounds.Source], contestants: Iterable[str]) -> list[dict[str, Any]]:
    """Return the speed of each contestant on a minute of mono of each recording."""
    return [_timed(source, list(contestants)) for source in listed]


def _timed(source: sounds.Source, contestants: list[str]) -> dict[str, Any]:
    cv2.setNumThreads(1)
    samples, rate = sounds.load(source, _SECONDS)
    mono = np.resize(samples.mean(axis=1), (_SECONDS * rate, 1))  # shorter ones again and again
    message = sound_peers.message_for(source.name)
    jobs: dict[str, Job] = {}
    for name in contestants:
        contestant = sound_peers.make(name, depth="plain")
        marked = contestant.embed(mono, rate, message)
        jobs[f"embed {name}"] = _job(contestant.embed, mono, rate, message)
        jobs[f"read {name}"] = _job(contestant.read, marked, rate, "none")
        jobs[f"reject {name}"] = _job(contestant.read, mono, rate, "none")
        if name == sound_peers.OURS:
            for depth in sound_peers.DEPTHS[1:]:
                reader = sound_peers.make(name, depth=depth).read
                jobs[f"reject {depth}"] = _job(reader, mono, rate, "none")
    seconds = len(mono) / rate
    spent = interleaved(jobs)
    return {
        "sound": source.name,
        "rate": rate,
        "seconds": round(seconds, 1),
        "load": round(os.getloadavg()[0], 1),
        "times_real": {name: round(seconds / max(took, 1e-4), 1) for name, took in spent.items()},
    }


def _job(action: Callable[..., object], *arguments: object) -> Job:
    return lambda: action(*arguments)


def read_unmarked(hours: float, depth: Depth = "standard") -> dict[str, Any]:
    """
    Read recordings that carry no mark, in minutes, and count what is found.

    ``least_log10_p`` is the smallest bound that any minute gave.
    """
    seconds, minutes, found, least = 0.0, 0, [], 0.0
    for name, rate, samples in sounds.unmarked(hours):
        evidence = read_mark(samples, rate, depth=depth)
        seconds += len(samples) / rate
        minutes += 1
        if evidence.p_value is not None:
            least = min(least, math.log10(max(evidence.p_value, 1e-300)))
        if evidence.found:
            found.append(name)
    return {
        "hours": round(seconds / 3600, 2),
        "reads": minutes,
        "found": found,
        "least_log10_p": round(least, 2),
        "depth": depth,
    }
