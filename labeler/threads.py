"""
Threads inside one call: how many to use, and OpenCV held to one while they run.

OpenCV keeps one thread count for the whole process. Where pictures are handled side by side its
own threads would only get in the way, so it is held to one as long as anybody here needs that.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import cv2

from labeler.cores import cores


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


_Item = TypeVar("_Item")
_Done = TypeVar("_Done")

MOST_THREADS = 4
"""Threads of one call at most: each needs the memory of one picture's mark."""


def map_threads(
    function: Callable[[_Item], _Done], items: Sequence[_Item], *, threads: int | None = None
) -> tuple[_Done, ...]:
    """
    Return ``function`` of every item, in order, `threads_for` of them at a time, one thread each.

    NumPy and OpenCV work side by side because they let other threads run meanwhile. The first item
    in order that raises, raises here; items that have not begun are left out then.
    """
    workers = threads_for(len(items), threads)
    with one_opencv_thread():
        if workers == 1:
            return tuple(map(function, items))
        with ThreadPoolExecutor(workers) as pool:
            return tuple(pool.map(function, items))


def threads_for(items: int, asked: int | None = None) -> int:
    """
    Return how many threads to use for so many items: one a core, at most `MOST_THREADS`.

    ``asked`` overrules the number of cores, not the other two limits.
    """
    most = cores() if asked is None else asked
    return max(1, min(most, items, MOST_THREADS))


@dataclass(slots=True)
class _Hold:
    """Who holds OpenCV to one thread, and what it was before the first of them."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    holders: int = 0
    before: int = 1


# The one thing here that is not a constant, because the setting it guards is the process's own.
_HOLD = _Hold()


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Hold OpenCV to one thread; the last to leave puts back what was set before the first."""
    with _HOLD.lock:
        if _HOLD.holders == 0:
            _HOLD.before = cv2.getNumThreads()
            cv2.setNumThreads(1)
        _HOLD.holders += 1
    try:
        yield
    finally:
        with _HOLD.lock:
            _HOLD.holders -= 1
            if _HOLD.holders == 0:
                cv2.setNumThreads(_HOLD.before)
