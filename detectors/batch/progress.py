"""How far a batch is, while it runs: one line on a terminal for people, JSON lines for machines."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Protocol, TextIO

from detectors.batch.summary import clock
from detectors.sinks import words
from labeler.errors import OutputFailed
from labeler.save import reason_of
from labeler.sources import STDIN


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from detectors.batch.rows import Row
    from detectors.batch.tally import Tally

_LINE_SECONDS, _LOG_SECONDS = 0.2, 10.0
_QUICK_SECONDS = 1.0
_BAR = 20


class _Note(Protocol):
    def __call__(self, event: str, tally: Tally, **more: str) -> None:
        """Write one event."""


@dataclass(slots=True, kw_only=True)
class ProgressBar:
    """One line on a terminal: files, rate, time left, verdicts."""

    terminal: TextIO
    tally: Tally
    language: str = "en"
    told: float = 0.0
    standing: bool = False

    def tell(self) -> None:
        """Write the line, a few times a second at most; nothing for what is done at once."""
        now = monotonic()
        if now - self.told < _LINE_SECONDS or self.tally.seconds < _QUICK_SECONDS:
            return
        self.told = now
        self._write(self.line())
        self.standing = True

    def clear(self) -> None:
        """Take the line away."""
        if self.standing:
            self._write("")
            self.standing = False

    @contextmanager
    def out_of_the_way(self) -> Iterator[None]:
        """Take the line away for what is written to the same terminal, then put it back."""
        stood = self.standing
        self.clear()
        yield
        if stood:
            self._write(self.line())
            self.standing = True

    def _write(self, line: str) -> None:
        self.terminal.write(f"\r\x1b[K{line}")
        self.terminal.flush()

    def line(self) -> str:
        """Return the line: bar and time left once all files are listed, counts before."""
        tally, word = self.tally, words(self.language)
        verdicts = " ".join(f"{word[v]} {n:,}" for v, n in sorted(tally.by_verdict().items()))
        head = f"{tally.files:,}"
        left = ""
        if tally.complete and tally.listed:
            share = tally.files / tally.listed
            full = int(share * _BAR)
            head = f"[{'#' * full}{'-' * (_BAR - full)}] {tally.files:,}/{tally.listed:,}"
            left = f", {clock((tally.listed - tally.files) / max(tally.rate, 1e-6))}"
        return f"{head}  {tally.rate:.1f}/s{left}  {verdicts}"[:200]


@contextmanager
def watched(
    rows: Iterable[Row], tally: Tally, *, language: str, log: str | None
) -> Iterator[Iterator[Row]]:
    """
    Yield the rows, telling how far they are: on standard error if that is a terminal, in a log.

    ``log`` is a file to append JSON lines to, ``-`` for standard error. Raises `OutputFailed` when
    it cannot be written.
    """
    bar = ProgressBar(terminal=sys.stderr, tally=tally, language=language)
    shown = sys.stderr.isatty()
    shared = shown and sys.stdout.isatty()
    with _log(log) as note:

        def following() -> Iterator[Row]:
            noted = monotonic()
            for row in rows:
                if shown:
                    bar.tell()
                if monotonic() - noted > _LOG_SECONDS:
                    noted = monotonic()
                    note("progress", tally)
                if row.stamp is None and row.error:
                    note("failed", tally, path=row.path, error=row.error)
                with bar.out_of_the_way() if shared else nullcontext():
                    yield row

        note("begin", tally)
        try:
            yield following()
        except BaseException as error:
            note("stopped", tally, error=type(error).__name__)
            raise
        else:
            note("end", tally)
        finally:
            if shown:
                bar.clear()


@contextmanager
def _log(name: str | None) -> Iterator[_Note]:
    if name is None:
        yield lambda *_, **__: None
        return
    try:
        file = sys.stderr if name == STDIN else Path(name).open("a", encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        raise OutputFailed(f"{name}: cannot be written: {reason_of(error)}") from error

    def note(event: str, tally: Tally, **more: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, **tally.to_dict(), **more})
        try:
            file.write(line + "\n")
            file.flush()
        except OSError as error:
            raise OutputFailed(f"{name}: cannot be written: {reason_of(error)}") from error

    try:
        yield note
    finally:
        if file is not sys.stderr:
            file.close()
