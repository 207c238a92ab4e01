"""
Which files a batch means: names, folders, lists, manifests and object storage, one at a time.

Nothing is gathered: a list of ten million lines is read as the files are verified. A row that
cannot be understood becomes an item with a fault, so it is in the results like any other.
"""

from __future__ import annotations

import csv
import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from labeler.errors import UnsupportedMedia
from labeler.objects import is_url, list_objects
from labeler.sources import STDIN, walk_sources


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    One file to verify. ``declared`` is what its user declared (R-54), None when not asked.

    ``fault`` says why a row of a list names no file. ``known`` is where the record of an earlier
    run stands in the file of results, -1 when there is none.
    """

    path: str
    declared: bool | None = None
    fault: str = ""
    known: int = -1


_LINE_BYTES = 1 << 20
_PATH_NAMES = ("path", "file", "filename", "name")
_DECLARED_NAMES = ("declared", "declaration")
_DECLARED = {
    **dict.fromkeys(("yes", "true", "1", "y"), True),
    **dict.fromkeys(("no", "false", "0", "n"), False),
    **dict.fromkeys(("", "null", "none"), None),
}


def list_items(
    sources: Iterable[str],
    *,
    files_from: str | None = None,
    null: bool = False,
    declared: bool | None = None,
) -> Iterator[Item]:
    """
    Yield every file meant: ``sources`` first, then the rows of ``files_from``.

    Parameters
    ----------
    sources
        Files, folders (walked), ``s3://`` names and prefixes, or ``-``.
    files_from
        A list: of names, one a line; or a manifest ending in .csv, .jsonl or .ndjson with the
        columns ``path`` and (if wanted) ``declared``; ``-`` is a list on standard input.
    null
        Names in a plain list end with a NUL byte, not with the line: they may hold line feeds.
    declared
        What holds for rows that do not say it.

    Raises
    ------
    UnsupportedMedia
        The list cannot be read, or a CSV manifest has no column ``path``.
    """
    for source in sources:
        yield from _meant(source, declared=declared)
    if files_from is None:
        return
    with _opened(files_from) as lines:
        for row in _rows(lines, files_from, null=null):
            if row.fault:
                yield row
                continue
            said = declared if row.declared is None else row.declared
            yield from _meant(row.path, declared=said, listed=True)


def _meant(source: str, *, declared: bool | None, listed: bool = False) -> Iterator[Item]:
    """Yield the files behind one name."""
    if "\0" in source:
        yield Item(path=source, fault="the name holds a NUL byte: no file is called so")
    elif is_url(source):
        # Millions of listed objects are not asked for one by one; only prefixes are.
        alone = listed and not source.endswith("/")
        for url in [source] if alone else list_objects(source):
            yield Item(path=url, declared=declared)
    else:
        for path, _ in walk_sources([source]):
            yield Item(path=path, declared=declared)


@contextmanager
def _opened(name: str) -> Iterator[TextIO]:
    if name == STDIN:
        yield sys.stdin
        return
    try:
        with open(name, encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:  # noqa: PTH123  a name as given
            yield lines
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UnsupportedMedia(f"{name}: the list cannot be read: {reason}") from error


def _rows(lines: TextIO, name: str, *, null: bool) -> Iterator[Item]:
    """Yield the rows of a list of any form, faults included."""
    ending = name.lower().rpartition(".")[2]
    if ending == "csv":
        yield from _csv_rows(lines, name)
    elif ending in {"jsonl", "ndjson"}:
        yield from _json_rows(lines, name)
    else:
        for path in _split(lines, "\0" if null else "\n"):
            text = path if null else path.removesuffix("\r")
            if text:
                yield Item(path=text)


def _split(lines: TextIO, end: str) -> Iterator[str]:
    """Yield what stands between ends, without reading all of it at once."""
    rest = ""
    while block := lines.read(_LINE_BYTES):
        *whole, rest = (rest + block).split(end)
        yield from whole
    if rest:
        yield rest


def _csv_rows(lines: TextIO, name: str) -> Iterator[Item]:
    rows = csv.reader(lines)
    heads = [head.strip().casefold() for head in next(rows, [])]
    path_at = next((heads.index(x) for x in _PATH_NAMES if x in heads), None)
    declared_at = next((heads.index(x) for x in _DECLARED_NAMES if x in heads), None)
    if path_at is None:
        raise UnsupportedMedia(f"{name}: the first line names no column path; write: path,declared")
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield _faulty(name, rows.line_num, f"is no CSV: {error}")
            continue
        if row:
            path = row[path_at] if path_at < len(row) else ""
            said = row[declared_at] if declared_at is not None and declared_at < len(row) else ""
            yield _row(name, rows.line_num, path, said)


def _json_rows(lines: TextIO, name: str) -> Iterator[Item]:
    for number, line in enumerate(_split(lines, "\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            path = next((row[x] for x in _PATH_NAMES if x in row), "")
            said = next((row[x] for x in _DECLARED_NAMES if x in row), None)
            yield _row(name, number, path, said)
        else:
            yield _faulty(name, number, "is no JSON object")


def _row(name: str, number: int, path: Any, said: Any) -> Item:
    """Return the item of one row of a manifest (R-54)."""
    word = str(said).strip().casefold() if said is not None else ""
    if not isinstance(path, str) or not path:
        return _faulty(name, number, "names no path")
    if word not in _DECLARED:
        return _faulty(name, number, f"declared is {str(said)[:40]!r}; write yes, no or nothing")
    return Item(path=path, declared=_DECLARED[word])


def _faulty(name: str, number: int, fault: str) -> Item:
    """Return the item of a row that names no file."""
    return Item(path=f"{name}:{number}", fault=f"line {number} of the manifest {fault}")
