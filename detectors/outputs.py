"""
The forms that results of `verify` can have, and how they reach a file or standard output.

Everything is written as it comes. A report file appears when it is complete, or not at all.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from detectors import sinks
from detectors.batch.summary import to_summary
from detectors.html_report import to_html
from detectors.junit import to_junit
from detectors.parquet import to_parquet
from labeler.containers.sniffing import sniff_file
from labeler.errors import OutputFailed
from labeler.machine import json_array
from labeler.save import reason_of, written_through


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from detectors.batch.rows import Row
    from detectors.batch.tally import Tally
    from detectors.evidence import Report

Piece = str | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What a form of output may need besides the rows."""

    tally: Tally
    language: str = "en"
    unlabelled_fails: bool = True


def _reports(rows: Iterable[Row]) -> Iterator[Report]:
    return (row.report for row in rows)


def _human(rows: Iterable[Row], manner: Manner) -> Iterator[Piece]:
    yield from sinks.to_text(_reports(rows), manner.language)
    if manner.tally.files > 1:
        yield "\n"
        yield from to_summary(manner.tally, manner.language)


def _summary(rows: Iterable[Row], manner: Manner) -> Iterator[Piece]:
    for _ in rows:
        pass
    yield from to_summary(manner.tally, manner.language)


OUTPUTS: Mapping[str, Callable[[Iterable[Row], Manner], Iterator[Piece]]] = MappingProxyType(
    {
        "human": _human,
        "summary": _summary,
        "json": lambda rows, _: json_array(rows),
        "jsonl": lambda rows, _: (row.line + "\n" for row in rows),
        "csv": lambda rows, _: sinks.to_csv(_reports(rows)),
        "html": lambda rows, manner: to_html(rows, manner.language),
        "junit": lambda rows, manner: to_junit(
            _reports(rows), unlabelled_fails=manner.unlabelled_fails
        ),
        "parquet": lambda rows, _: to_parquet(_reports(rows)),
    }
)
"""The forms by name: each turns rows into text or bytes, piece by piece."""


def check_report(report: str, sources: Sequence[str]) -> None:
    """
    Raise `OutputFailed` where a report would take the place of what is to be verified.

    An older report is replaced; a picture, a sound, a film or a package of that name is not, nor
    anything that stands among the sources.
    """
    place = Path(report)
    if os.path.realpath(place) in {os.path.realpath(source) for source in sources}:
        raise OutputFailed(f"{report}: is among the files to verify; name another report")
    with suppress(OSError, ValueError), place.open("rb") as file:
        kind = sniff_file(file)
        if kind not in {None, "html"}:
            raise OutputFailed(
                f"{report}: exists and is {str(kind).upper()}, no report; choose another name"
            )


def write_output(pieces: Iterable[Piece], report: str | None) -> None:
    """
    Write the pieces to a file, or to standard output; bytes of names that are no UTF-8 stay so.

    Raises
    ------
    OutputFailed
        The disk is full, or the file cannot be written; there is no half-written file then.
    BrokenPipeError
        Nobody reads standard output any more.
    """
    if report is None:
        _to_stdout(pieces)
        return
    try:
        with written_through(Path(report), overwrite=True) as place, place.open("xb") as file:
            file.writelines(map(_encoded, pieces))
    except OSError as error:
        raise OutputFailed(f"{report}: cannot be written: {reason_of(error)}") from error


def _to_stdout(pieces: Iterable[Piece]) -> None:
    out = sys.stdout
    for piece in pieces:
        try:
            if isinstance(piece, str) and out.isatty():
                out.write(piece)
            else:
                out.buffer.write(_encoded(piece))
            out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            reason = reason_of(error)
            raise OutputFailed(f"standard output: cannot be written: {reason}") from error


def _encoded(piece: Piece) -> bytes:
    return piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece
