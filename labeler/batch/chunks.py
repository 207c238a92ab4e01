"""One task of a batch, the same for every engine: a few numbered items, one after another."""

from __future__ import annotations

import faulthandler
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Numbered = tuple[int, Any]

CRASHED, TIMED_OUT, RAISED = "crashed", "timed out", "raised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """
    An item that gave no result: its process crashed or timed out, or the function raised.

    ``item`` is what was to be done; ``error`` one sentence for people.
    """

    item: Any
    reason: str
    error: str


def outcome_of(function: Callable[[Any], Any], item: Any) -> Any:
    """Return what ``function`` makes of one item; an exception is a `Failure`, not the end."""
    try:
        return function(item)
    except Exception as error:  # noqa: BLE001  a bug costs one file, not the run
        text = f"internal error: {type(error).__name__}: {error}"
        return Failure(item=item, reason=RAISED, error=text)


def run_chunk(
    function: Callable[[Any], Any], chunk: Sequence[Numbered], timeout: float
) -> list[Numbered]:
    """
    Return the numbered outcomes of a few items, in a process of a foreign engine.

    An item that takes longer than ``timeout`` seconds ends the process, as a crash does: the
    engine then reports a lost task, and its items are run again where they can be told apart.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    done = []
    try:
        for number, item in chunk:
            faulthandler.dump_traceback_later(timeout, exit=True, file=nowhere)
            done.append((number, outcome_of(function, item)))
    finally:
        faulthandler.cancel_dump_traceback_later()
        os.close(nowhere)
    return done
