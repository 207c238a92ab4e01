"""Which files a command means: names, folders walked, lists; and where their results go."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from labeler.errors import OutputFailed, UnsupportedMedia
from labeler.save import TEMPORARY_SUFFIX


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STDIN = "-"


def walk_sources(sources: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """
    Yield every file meant, with the path that its output keeps below the output folder.

    Folders are walked recursively in sorted order; hidden files, our own temporary files and
    symbolic links inside folders are passed over. A name that does not exist is yielded as it
    is: opening it then says what is wrong.
    """
    for source in sources:
        path = Path(source)
        if source == STDIN or not os.path.isdir(source):  # noqa: PTH112  never raises
            yield source, Path(path.name)
            continue
        for file in sorted(path.rglob("*")):
            below = file.relative_to(path)
            hidden = any(part.startswith(".") for part in below.parts)
            ours = file.name.endswith(TEMPORARY_SUFFIX)
            if file.is_file() and not (hidden or ours or file.is_symlink()):
                yield str(file), below


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
    many = len(walked) > 1 or (given[0] != STDIN and os.path.isdir(given[0]))  # noqa: PTH112
    if not many and not os.path.isdir(target) and not output.endswith("/"):  # noqa: PTH112
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
