"""
Map a function over many files, whatever one of them does to the process that reads it.

`sturdy_map` in `labeler.batch.pool` is the engine in the box; `labeler.batch.engines` names the
others. `map_calls` is how commands that write files use it.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from labeler.batch.chunks import Failure
from labeler.batch.ordering import in_order
from labeler.batch.pool import sturdy_map


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PATIENCE = 60.0
"""Seconds that a call which writes a file is left to finish it after an interrupt."""

__all__ = ["Failure", "in_order", "map_calls", "sturdy_map"]


def map_calls(
    function: Callable[[Any], Any], calls: Iterable[Any], *, jobs: int = 1
) -> Iterator[Any]:
    """
    Yield ``function(call)`` for every call, in order; one call a task, and none is run twice.

    With ``jobs`` above one the calls run in that many fresh processes, each with one thread for
    its maths; ``function`` and the calls must be picklable. Calls are taken from the iterator as
    they are needed. A call whose process died yields a `Failure` that says so.
    """
    if jobs == 1:
        yield from map(function, calls)
        return
    done = sturdy_map(
        function, calls, jobs=jobs, most=1, again=False, patience=PATIENCE, timeout=inf
    )
    for _, outcome in in_order(done):
        yield outcome
