"""Verify many files: every one exactly once, whatever one of them does to its process."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from detectors.batch.journal import Journal, record_places
from detectors.batch.listing import list_items
from detectors.batch.rows import row_of_failure, verify_item
from detectors.batch.seen import SeenPaths
from detectors.batch.tally import Tally
from detectors.verbs import Inquiry
from labeler.batch import Failure, in_order
from labeler.batch.chunks import outcome_of
from labeler.batch.engines import engine_named
from labeler.batch.pool import TIMEOUT
from labeler.policy import policy_named


if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from detectors.batch.listing import Item
    from detectors.batch.rows import Row
    from detectors.evidence import Report


Source = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """
    What to verify, and how the work is spread.

    Attributes
    ----------
    sources
        Files, folders, ``s3://bucket/prefix`` names; ``-`` is standard input.
    files_from, null
        A list or manifest, as `detectors.batch.listing.list_items` takes it.
    inquiry
        How to verify; its ``declared`` holds for rows of a manifest that do not say it.
    jobs
        Processes; by default one a core. One file alone is verified in this process.
    engine
        ``local``, ``ray`` or ``dask``.
    timeout
        Seconds for one file.
    resume
        File of results to take up again, or to begin.
    """

    sources: tuple[str, ...] = ()
    files_from: str | None = None
    null: bool = False
    inquiry: Inquiry = field(default_factory=Inquiry)
    jobs: int | None = None
    engine: str = "local"
    timeout: float = TIMEOUT
    resume: str | None = None

    @property
    def is_single(self) -> bool:
        """Whether it is one file, which needs no process of its own."""
        one = self.files_from is None and self.jobs is None and len(self.sources) == 1
        return one and self.engine == "local" and not os.path.isdir(self.sources[0])  # noqa: PTH112


def verify_many(
    sources: Source | Iterable[Source] = (),
    inquiry: Inquiry | None = None,
    *,
    files_from: str | None = None,
    jobs: int | None = None,
    engine: str = "local",
    timeout: float = TIMEOUT,
    resume: str | None = None,
    **options: Any,
) -> Iterator[Report]:
    """
    Yield a report on every file, each exactly once, as they are verified in several processes.

    Parameters
    ----------
    sources
        Files, folders (walked recursively) and ``s3://`` names, one or many. An iterator is read
        as its names are needed; a name that comes twice is verified once.
    inquiry
        How to verify; or its fields as keyword arguments, as for `detectors.verify`.
    files_from
        A list of names, or a CSV or JSONL manifest with the columns ``path`` and ``declared``.
    jobs, engine, timeout
        Processes (default: one a core); ``local``, ``ray`` or ``dask``; seconds for one file.
    resume
        File of results: what it holds is not done again, unless the file changed since.

    Yields
    ------
    Report
        In the order of ``sources``, as long as no file keeps more than a thousand others waiting.
        A file that crashed or stopped its process is ``undetermined`` and says so in ``error``.

    Raises
    ------
    LabelError
        Wrong options, a list that cannot be read, or a file of results that cannot be written.

    Examples
    --------
    >>> [report.verdict.value for report in verify_many(["no-such-file.png"])]
    ['undetermined']
    """
    held = [sources] if isinstance(sources, str | os.PathLike) else sources
    names = (os.fspath(source) for source in held)
    batch = Batch(
        sources=tuple(names) if isinstance(held, list | tuple) else (),
        files_from=files_from,
        inquiry=inquiry or Inquiry(**options),
        jobs=jobs,
        engine=engine,
        timeout=timeout,
        resume=resume,
    )
    for row in verify_rows(batch, Tally(), names=None if batch.sources else names):
        yield row.report


def verify_rows(
    batch: Batch, tally: Tally, *, names: Iterable[str] | None = None
) -> Generator[Row, None, None]:
    """
    Yield a row for every file of a batch, counting it in ``tally``.

    ``names`` replaces the sources of the batch where they are more than a tuple should hold.
    Raises as `verify_many`.
    """
    policy_named(batch.inquiry.policy)
    engine = engine_named(batch.engine)
    journal = Journal.open(batch.resume, batch.inquiry) if batch.resume else None
    seen = None
    try:
        seen = SeenPaths.open(record_places(batch.resume) if batch.resume else ())
        items = _once(batch, batch.sources if names is None else names, seen, tally)
        work = partial(verify_item, inquiry=batch.inquiry, records=batch.resume)
        if batch.is_single and names is None:
            done: Iterator[tuple[int, Any]] = enumerate(outcome_of(work, x) for x in items)
        else:
            done = engine(work, items, jobs=batch.jobs, timeout=batch.timeout)
        yield from _settled(done, journal, tally)
    finally:
        if seen is not None:
            seen.close()
        if journal is not None:
            journal.close()


def _settled(
    done: Iterable[tuple[int, Any]], journal: Journal | None, tally: Tally
) -> Iterator[Row]:
    """Record every outcome as it comes, then hand it on in its turn."""

    def recorded() -> Iterator[tuple[int, Row]]:
        for number, outcome in done:
            row = row_of_failure(outcome) if isinstance(outcome, Failure) else outcome
            if journal is not None and row.fresh:
                journal.add(row)
            tally.count(row)
            yield number, row

    for _, row in in_order(recorded()):
        yield row


def _once(batch: Batch, names: Iterable[str], seen: SeenPaths, tally: Tally) -> Iterator[Item]:
    """Yield every item the first time that its path comes."""
    inquiry = batch.inquiry
    listed = list_items(
        names, files_from=batch.files_from, null=batch.null, declared=inquiry.declared
    )
    for item in listed:
        first, place = seen.note(item.path)
        if not first:
            tally.duplicates += 1
            continue
        tally.listed += 1
        yield item if place < 0 else replace(item, known=place)
    tally.complete = True
