"""Which files a command means: names, folders walked, lists; and where their results go."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from labeler.errors import OutputFailed, UnsupportedMedia
from labeler.save import TEMPORARY_SUFFIX
from labeler.sidecar import is_sidecar


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STDIN = "-"


SORTED_ENTRIES = 100_000
"""Entries of one folder that are sorted together; more come in portions of so many."""


def walk_sources(sources: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """
    Yield every file meant, with the path that its output keeps below the output folder.

    Folders are walked recursively in sorted order; hidden files, our own temporary files, sidecars
    of files beside them and symbolic links inside folders are passed over, so there are no loops. A
    name that does not exist, and a folder that cannot be listed, is yielded as it is: opening it
    says what is wrong.
    """
    for source in sources:
        if source == STDIN or not os.path.isdir(source):  # noqa: PTH112  never raises
            yield source, Path(Path(source).name)
        else:
            for file, below in _walk(source, ""):
                yield file, Path(below)


def _walk(folder: str, below: str) -> Iterator[tuple[str, str]]:
    """Yield the files in a folder, and its own name where it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            while portion := sorted(islice(entries, SORTED_ENTRIES), key=lambda e: e.name):
                for entry in portion:
                    yield from _entry(entry, below)
    except OSError:
        yield folder, below


def _entry(entry: os.DirEntry[str], below: str) -> Iterator[tuple[str, str]]:
    name = entry.name
    if name.startswith(".") or name.endswith(TEMPORARY_SUFFIX) or entry.is_symlink():
        return
    place = f"{below}/{name}" if below else name
    try:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, place)
        elif entry.is_file(follow_symlinks=False) and not is_sidecar(Path(entry.path)):
            yield entry.path, place
    except OSError:  # it went away, or cannot be looked at: reading it says so
        yield entry.path, place


def plan_outputs(
    sources: Iterable[str], output: str | None, *, in_place: bool, make_folders: bool = True
) -> list[tuple[str, Path | None]]:
    """
    Pair every source file with its output file; None stands for standard output.

    One file goes to ``output`` itself unless that is a folder; several files, or a folder, go
    below ``output``, which is made unless ``make_folders`` is off. Raises `OutputFailed` when two
    results would have one name and `UnsupportedMedia` when nothing is to be done.
    """
    given = list(sources)
    walked = list(walk_sources(given))
    if not walked:
        raise UnsupportedMedia(f"no files in {', '.join(given)}")
    if in_place:
        if any(source == STDIN for source, _ in walked):
            raise OutputFailed("standard input cannot be changed in place; use -o")
        return [(source, Path(source)) for source, _ in walked]
    if output is None:
        raise OutputFailed("say where the result goes: -o OUT, or --in-place")
    if output == STDIN:
        if len(walked) > 1:
            raise OutputFailed("standard output takes one file; use -o FOLDER")
        return [(walked[0][0], None)]
    target = Path(output)
    many = len(walked) > 1 or (given[0] != STDIN and Path(given[0]).is_dir())
    if not many and not target.is_dir() and not output.endswith("/"):
        return [(walked[0][0], target)]
    if any(source == STDIN for source, _ in walked):
        raise OutputFailed("standard input has no name; give -o a file, not a folder")
    return _below(walked, target, make_folders=make_folders)


def _below(
    walked: list[tuple[str, Path]], folder: Path, *, make_folders: bool
) -> list[tuple[str, Path | None]]:
    if folder.exists() and not folder.is_dir():
        raise OutputFailed(f"{folder}: is a file; several results need a folder")
    taken: dict[Path, str] = {}
    for source, below in walked:
        target = folder / below
        if target in taken:
            raise OutputFailed(
                f"{source} and {taken[target]} would both become {target}; label them apart"
            )
        taken[target] = source
    if make_folders:
        for target in taken:
            target.parent.mkdir(parents=True, exist_ok=True)
    return [(source, target) for target, source in taken.items()]
