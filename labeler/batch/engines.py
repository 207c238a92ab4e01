"""
Where chunks run: in the pool in the box, on Ray, or on Dask; the same function everywhere.

Ray and Dask lose a whole task when one of its files crashes its process, and their retries would
crash again. So retries are off, and the items of a lost task run in the pool, which tells the
guilty one from the others.
"""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from labeler.backends import backend
from labeler.batch.chunks import run_chunk
from labeler.batch.pool import TIMEOUT, sturdy_map
from labeler.cores import cores
from labeler.errors import UnknownPolicy


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from labeler.batch.chunks import Numbered

    Chunk = list[Numbered]

CHUNK = 16
"""Items of one task: enough that the scheduler does not count, few enough to run again."""

_WINDOW = 4
"""Tasks in flight per process."""


class Engine(Protocol):
    """What runs a function over many items in other processes."""

    def __call__(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any],
        *,
        jobs: int | None = None,
        timeout: float = TIMEOUT,
    ) -> Iterator[Numbered]:
        """Yield ``(number, outcome)`` once for every item, as `sturdy_map` does."""


def engine_named(name: str) -> Engine:
    """Return an engine; raise `UnknownPolicy` when there is none of that name."""
    if name not in _ENGINES:
        raise UnknownPolicy(f"engine {name!r}; known are {', '.join(_ENGINES)}")
    return _ENGINES[name]


def map_on_ray(
    function: Callable[[Any], Any],
    items: Iterable[Any],
    *,
    jobs: int | None = None,
    timeout: float = TIMEOUT,
) -> Iterator[Numbered]:
    """
    Run chunks as tasks of Ray: on the cluster that Ray is set up for, else on this machine.

    Raises `MissingBackend` without the extra ``ray``.
    """
    ray = backend("ray", extra="ray", purpose="this engine")
    ours = not ray.is_initialized()
    if ours:
        _begin_ray(ray, jobs or cores())
    try:
        task = ray.remote(run_chunk).options(max_retries=0, num_cpus=1)
        shared = ray.put(function)
        tasks = _Tasks(
            submit=lambda chunk: task.remote(shared, chunk, timeout),
            wait=lambda flying: ray.wait(flying, num_returns=1)[0],
            take=ray.get,
            lost=(ray.exceptions.RayError,),
            room=int(ray.cluster_resources().get("CPU", 1)) * _WINDOW,
        )
        yield from _spread(tasks, function, items, timeout=timeout)
    finally:
        if ours:
            ray.shutdown()


def _begin_ray(ray: Any, jobs: int) -> None:
    """Start Ray quietly; RAY_ADDRESS, if set, names the cluster instead."""
    quiet = {"include_dashboard": False, "log_to_driver": False, "logging_level": logging.ERROR}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ray.init(num_cpus=jobs, **quiet)
        except ValueError:  # a cluster knows its processors itself
            ray.init(**quiet)


def map_on_dask(
    function: Callable[[Any], Any],
    items: Iterable[Any],
    *,
    jobs: int | None = None,
    timeout: float = TIMEOUT,
) -> Iterator[Numbered]:
    """
    Run chunks as tasks of Dask: on the scheduler that Dask is set up for, else on this machine.

    Raises `MissingBackend` without the extra ``dask``.
    """
    distributed = backend("distributed", extra="dask", purpose="this engine")
    with _dask_client(distributed, jobs or cores()) as client:
        shared = client.scatter(function, broadcast=True, hash=False)
        tasks = _Tasks(
            submit=lambda chunk: client.submit(
                run_chunk, shared, chunk, timeout, pure=False, retries=0
            ),
            wait=lambda flying: _finished(distributed, flying),
            take=lambda future: future.result(),
            # Whatever a task ends with but its result, the pool will tell what it was.
            lost=(Exception, distributed.client.FutureCancelledError),
            room=max(1, sum(client.nthreads().values())) * _WINDOW,
        )
        yield from _spread(tasks, function, items, timeout=timeout)


def _finished(distributed: Any, flying: list[Any]) -> list[Any]:
    """Return the tasks that came to an end; a process that was lost cancels those it had."""
    try:
        return list(distributed.wait(flying, return_when="FIRST_COMPLETED").done)
    except distributed.client.FuturesCancelledError:
        return [task for task in flying if task.done()]


@contextmanager
def _dask_client(distributed: Any, jobs: int) -> Iterator[Any]:
    dask = import_module("dask")
    settings = {"distributed.scheduler.allowed-failures": 0, "distributed.admin.log-length": 0}
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with dask.config.set(settings):
        if dask.config.get("scheduler-address", None):
            with distributed.Client() as client:
                yield client
            return
        with (
            distributed.LocalCluster(
                n_workers=jobs, threads_per_worker=1, dashboard_address=None, silence_logs=50
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tasks:
    """How an engine takes a chunk, waits for some of its tasks, and gives the outcomes of one."""

    submit: Callable[[Chunk], Any]
    wait: Callable[[list[Any]], list[Any]]
    take: Callable[[Any], Chunk]
    lost: tuple[type[BaseException], ...]
    room: int


def _spread(
    tasks: _Tasks, function: Callable[[Any], Any], items: Iterable[Any], *, timeout: float
) -> Iterator[Numbered]:
    """Keep ``room`` tasks in flight; run the items of lost tasks again, apart from each other."""
    source = enumerate(items)
    flying: dict[Any, Chunk] = {}
    while True:
        while len(flying) < tasks.room and (chunk := list(islice(source, CHUNK))):
            flying[tasks.submit(chunk)] = chunk
        if not flying:
            return
        for task in tasks.wait(list(flying)):
            chunk = flying.pop(task)
            try:
                outcomes = tasks.take(task)
            except tasks.lost:
                outcomes = list(_apart(function, chunk, timeout))
            yield from outcomes


def _apart(function: Callable[[Any], Any], chunk: Chunk, timeout: float) -> Iterator[Numbered]:
    """Run the items of a lost task in the pool, one process at a time."""
    numbers = [number for number, _ in chunk]
    alone = sturdy_map(function, (item for _, item in chunk), jobs=1, timeout=timeout)
    for place, outcome in alone:
        yield numbers[place], outcome


_ENGINES: Mapping[str, Engine] = MappingProxyType(
    {"local": sturdy_map, "ray": map_on_ray, "dask": map_on_dask}
)
