"""Map a function over many files, in order, in this process or in several."""

from __future__ import annotations

import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from labeler.errors import LayerFailed


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

WINDOW = 4
"""Calls in flight per process: enough to keep it busy, few enough to keep memory flat."""


def map_calls(
    function: Callable[[Any], Any], calls: Iterable[Any], *, jobs: int = 1
) -> Iterator[Any]:
    """
    Yield ``function(call)`` for every call, in order.

    With ``jobs`` above one the calls run in that many fresh processes, each with one thread for
    its maths; ``function`` and the calls must be picklable. Calls are taken from the iterator as
    they are needed. Raises `LayerFailed` when a process dies: what was written stays complete.
    """
    if jobs == 1:
        yield from map(function, calls)
        return
    source = iter(calls)
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_settle) as pool:
        flying: deque[Future[Any]] = deque()
        try:
            flying.extend(pool.submit(function, call) for call in islice(source, jobs * WINDOW))
            while flying:
                yield flying.popleft().result()
                flying.extend(pool.submit(function, call) for call in islice(source, 1))
        except BrokenProcessPool as error:
            raise LayerFailed(
                "a worker process died; run the remaining files with --jobs 1 to see which"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _settle() -> None:
    """Let Ctrl-C reach the parent only, and keep each process to one thread."""
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
