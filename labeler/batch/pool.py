"""
The engine in the box: a few processes, each told what to do next, each replaced when it dies.

A crash or a hang costs the one item that caused it. Items are taken from the iterator as they are
needed, so memory does not grow with their number.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import wait
from time import monotonic
from typing import TYPE_CHECKING, Any

from labeler.batch.chunks import CRASHED, TIMED_OUT, Failure
from labeler.batch.worker import Worker
from labeler.cores import cores
from labeler.errors import LayerFailed


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from labeler.batch.chunks import Numbered

TIMEOUT = 600.0
"""Seconds for one item: long films are read in minutes."""

_MOST = 64
_CHUNK_SECONDS = 0.1
_LOOK = 0.5  # seconds between two looks at who is late
_LIFETIME = 20_000
"""Items after which a process is replaced, for what libraries leak."""

_FALSE_STARTS = 3


def sturdy_map(
    function: Callable[[Any], Any],
    items: Iterable[Any],
    *,
    jobs: int | None = None,
    timeout: float = TIMEOUT,
    most: int = _MOST,
    again: bool = True,
    patience: float = 0.0,
) -> Iterator[Numbered]:
    """
    Yield ``(number, function(item))`` for every item exactly once, as they are ready.

    Parameters
    ----------
    function, items
        Picklable; ``function`` runs in fresh processes, one thread each. What it raises, and an
        item whose process crashes or takes more than ``timeout`` seconds, is a `Failure`.
    jobs
        Processes; by default one a core.
    most
        Items of one task at most; how many are sent goes by the time they take.
    again
        Run an item whose process crashed once more, alone, before it is blamed. Items that were
        behind it, or done and not yet reported, are run again in any case unless ``most`` is 1.
    patience
        Seconds that a running item is left to finish when the caller stops early.

    Raises
    ------
    LayerFailed
        Processes die before they begin anything.
    """
    crew = _Crew(
        function=function,
        source=enumerate(items),
        jobs=jobs or cores(),
        timeout=timeout,
        most=most,
        again=again,
    )
    try:
        yield from crew.work()
    finally:
        crew.close(patience)


@dataclass(slots=True, kw_only=True)
class _Crew:
    """The processes of one run, and what is still to be done."""

    function: Callable[[Any], Any]
    source: Iterator[Numbered]
    jobs: int
    timeout: float
    most: int
    again: bool
    workers: list[Worker] = field(default_factory=list)
    returned: deque[Numbered] = field(default_factory=deque)
    suspects: deque[Numbered] = field(default_factory=deque)
    blamed_once: set[int] = field(default_factory=set)
    false_starts: int = 0

    def work(self) -> Iterator[Numbered]:
        """Yield outcomes until nothing is left."""
        while True:
            self._hand_out()
            if not self.workers:
                return
            handles = [x for w in self.workers for x in (w.pipe, w.process.sentinel)]
            wait(handles, timeout=min(_LOOK, self.timeout))
            for worker in list(self.workers):
                dead = not worker.process.is_alive()  # asked first: its last words are in the pipe
                outcomes = worker.receive()
                yield from outcomes
                if dead or (not outcomes and worker.is_late(self.timeout)):
                    yield from self._replace(worker)
                elif not worker.owed and worker.served >= _LIFETIME:
                    self._let_go(worker)

    def close(self, patience: float) -> None:
        """End all processes."""
        for worker in self.workers:
            worker.pipe.close()
        deadline = monotonic() + patience
        for worker in self.workers:
            worker.dismiss(max(0.0, deadline - monotonic()))
        self.workers.clear()

    def _hand_out(self) -> None:
        """Give every worker a task, and one ahead; hire and dismiss as there is work."""
        for worker in list(self.workers):
            while not worker.owed or (self.most > 1 and worker.has_room):
                if not self._feed(worker):
                    break
            if not worker.owed:
                self._let_go(worker)
        while len(self.workers) < self.jobs and (chunk := self._next_chunk(0.0, alone=True)):
            worker = Worker.hire(self.function)
            self.workers.append(worker)
            self._send(worker, chunk)

    def _feed(self, worker: Worker) -> bool:
        """Give a worker a chunk; say whether it took one."""
        chunk = self._next_chunk(worker.pace, alone=not worker.owed)
        return bool(chunk) and self._send(worker, chunk)

    def _send(self, worker: Worker, chunk: list[Numbered]) -> bool:
        try:
            if worker.send(chunk):
                return True
        except OSError:
            return False  # it is dead; what it owes is given to others when that is noticed
        self.returned.extendleft(reversed(chunk))
        return False

    def _next_chunk(self, pace: float, *, alone: bool) -> list[Numbered]:
        """Return the next items; a suspect goes alone, and only to a worker without others."""
        if alone and self.suspects:
            return [self.suspects.popleft()]
        size = max(1, min(self.most, int(_CHUNK_SECONDS / pace))) if pace else 1
        if self.returned:
            return [self.returned.popleft() for _ in range(min(size, len(self.returned)))]
        return list(islice(self.source, size))

    def _let_go(self, worker: Worker) -> None:
        self.workers.remove(worker)
        worker.dismiss()

    def _replace(self, worker: Worker) -> Iterator[Numbered]:
        """Blame the item that a dead or late worker was at, and give back the others."""
        at, late = worker.at, worker.process.is_alive()
        self.workers.remove(worker)
        ending = worker.dismiss()
        self._check_start(worker, at)
        if at is not None:
            item = worker.owed.pop(at)
            if late:
                error = f"it took more than {self.timeout:g} s; raise --timeout to wait longer"
                yield at, Failure(item=item, reason=TIMED_OUT, error=error)
            elif self.again and at not in self.blamed_once:
                self.blamed_once.add(at)
                self.suspects.append((at, item))
            else:
                error = f"its process crashed ({ending})"
                yield at, Failure(item=item, reason=CRASHED, error=error)
        self.returned.extendleft(reversed(worker.owed.items()))

    def _check_start(self, worker: Worker, at: int | None) -> None:
        """Raise when processes keep dying before they begin an item."""
        self.false_starts = self.false_starts + 1 if at is None and not worker.served else 0
        if self.false_starts >= _FALSE_STARTS:
            raise LayerFailed(
                "worker processes die at their start; is there memory left? Scripts must call "
                'this below: if __name__ == "__main__":'
            )
