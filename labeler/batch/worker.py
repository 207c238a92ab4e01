"""
One worker process and its desk, where it notes which item it is at and since when.

So when a process dies or hangs, the guilty item is known at once, and nobody else is disturbed.
"""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from time import monotonic
from typing import TYPE_CHECKING, Any

from labeler.batch.chunks import outcome_of


if TYPE_CHECKING:
    from collections.abc import Callable
    from ctypes import Array, c_double
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from labeler.batch.chunks import Numbered

_CONTEXT = get_context("spawn")  # a forked copy of OpenCV's threads would hang
_NOBODY = -1.0
_SEND_EVERY = 0.05  # seconds
_AHEAD_BYTES = 4096
"""A chunk that fits every system's pipe can be sent ahead without ever blocking the sender."""


@dataclass(slots=True, eq=False)
class Worker:
    """A process that runs one function over the chunks that it is sent."""

    process: SpawnProcess
    pipe: Connection
    desk: Array[c_double]
    owed: dict[int, Any] = field(default_factory=dict)
    ahead: frozenset[int] = frozenset()
    served: int = 0
    pace: float = 0.0

    @classmethod
    def hire(cls, function: Callable[[Any], Any]) -> Worker:
        """Start a process."""
        pipe, theirs = _CONTEXT.Pipe()
        desk = _CONTEXT.RawArray("d", [_NOBODY, 0.0])
        process = _CONTEXT.Process(target=_serve, args=(theirs, desk, function), daemon=True)
        process.start()
        theirs.close()
        return cls(process=process, pipe=pipe, desk=desk)

    @property
    def at(self) -> int | None:
        """The number of the item that it is at, None between items."""
        number = int(self.desk[0])
        return number if number in self.owed else None

    def is_late(self, timeout: float) -> bool:
        """Say whether it has been at one item for more than ``timeout`` seconds."""
        return self.at is not None and monotonic() - self.desk[1] > timeout

    @property
    def has_room(self) -> bool:
        """Whether it can be sent a chunk: the next one, or one ahead of the one it is at."""
        return not self.ahead or self.owed.keys() <= self.ahead

    def send(self, chunk: list[Numbered]) -> bool:
        """
        Hand over a chunk; return False, and send nothing, where that could block.

        An idle worker is reading, so it takes any size. Raises OSError when it is dead.
        """
        message = ForkingPickler.dumps(chunk)
        if self.owed and len(message) > _AHEAD_BYTES:
            return False
        self.ahead = frozenset(number for number, _ in chunk) if self.owed else frozenset()
        self.owed.update(chunk)
        self.pipe.send_bytes(message)
        return True

    def receive(self) -> list[Numbered]:
        """Return the outcomes that lie in the pipe, none when the process is dead or silent."""
        outcomes: list[Numbered] = []
        try:
            while self.pipe.poll():
                done, seconds = self.pipe.recv()
                outcomes += done
                self.pace = seconds / len(done)
        except (EOFError, OSError):
            pass
        for number, _ in outcomes:
            del self.owed[number]
            self.served += 1
        return outcomes

    def dismiss(self, patience: float = 0.0) -> str:
        """End the process, after ``patience`` seconds by force; say how it ended."""
        self.pipe.close()
        if patience:
            self.process.join(patience)
        self.process.kill()
        self.process.join()
        code = self.process.exitcode or 0
        self.process.close()
        return _ending(code)


def _ending(code: int) -> str:
    """Return how a process ended, in words."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _serve(pipe: Connection, desk: Array[c_double], function: Callable[[Any], Any]) -> None:
    """Run chunks until the other end of the pipe is closed."""
    _settle()
    while True:
        try:
            chunk = pipe.recv()
            _run(pipe, desk, function, chunk)
        except (EOFError, OSError):  # nobody wants the results any more
            return


def _run(
    pipe: Connection,
    desk: Array[c_double],
    function: Callable[[Any], Any],
    chunk: list[Numbered],
) -> None:
    """Run one chunk; outcomes are sent as a few have gathered, so that a crash loses little."""
    done: list[Numbered] = []
    sent = monotonic()
    for number, item in chunk:
        desk[1] = now = monotonic()
        desk[0] = number
        if done and now - sent > _SEND_EVERY:
            pipe.send((done, now - sent))
            done, sent = [], now
        done.append((number, outcome_of(function, item)))
    desk[0] = _NOBODY
    pipe.send((done, monotonic() - sent))


def _settle() -> None:
    """Let Ctrl-C reach the parent only, keep to one thread, say nothing, and outlive nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)  # libtiff and OpenCV print a line for every broken strip
    os.close(nowhere)
    import cv2

    cv2.setNumThreads(1)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """End this process when the one that started it is killed."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
