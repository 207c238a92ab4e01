"""
Sidecars on the disk: where they lie, and how they are written together with their file (R-39).

Only texts that have no place for metadata have one (TXT, SRT, data). The label does not travel with
the file by itself: whoever passes the file on has to pass the sidecar on with it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from labeler.containers.sidecar import ENDING, MOST_BYTES, SCHEME, digest_of, dump_sidecar
from labeler.errors import LabelError
from labeler.metadata import format_value
from labeler.model import Layer
from labeler.save import check_target, read_file, write_atomically


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any


def sidecar_path(path: Path) -> Path:
    """
    Return where the sidecar of a file lies.

    >>> sidecar_path(Path("a/notes.txt")).as_posix()
    'a/notes.txt.aigc.json'
    """
    return path.with_name(path.name + ENDING)


def is_sidecar(path: Path) -> bool:
    """Say whether a file is the sidecar of another file that lies beside it."""
    name = path.name
    return name.endswith(ENDING) and path.with_name(name.removesuffix(ENDING)).is_file()


def read_beside(path: Path) -> bytes | None:
    """
    Return the sidecar of a file, None when there is none that can be read.

    One that is too long is returned as far as it may be long: the reader then says what is wrong.
    """
    beside = f"{path}{ENDING}"
    if not os.path.isfile(beside):  # noqa: PTH113  asked for every file of a batch
        return None
    try:
        with open(beside, "rb") as file:  # noqa: PTH123  same
            return file.read(MOST_BYTES + 1)
    except OSError:
        return None


def make_sidecar(data: bytes, fields: Mapping[str, str], name: str = "") -> bytes:
    """Return the sidecar for a labelled file and the seven fields of its label."""
    return dump_sidecar(format_value(fields), digest_of(data), Path(name).name)


def in_sidecar(layers: Mapping[str, Mapping[str, Any]]) -> bool:
    """Say whether a receipt's metadata layer is to be written as a sidecar."""
    return layers.get(Layer.METADATA.value, {}).get("scheme") == SCHEME


def save_with_sidecar(
    path: Path, sidecar: bytes, save: Callable[[], None], *, overwrite: bool
) -> None:
    """
    Write the sidecar of a file, then the file with ``save``: both, or neither.

    When ``save`` raises, an older sidecar comes back and a new one goes. Raises `OutputFailed` when
    a sidecar is there (without ``overwrite``), or one of both cannot be written.
    """
    with sidecar_kept(path, overwrite=overwrite) as beside:
        write_atomically(beside, sidecar, overwrite=overwrite)
        save()


@contextmanager
def sidecar_kept(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """
    Yield where the sidecar of a file goes; what was there comes back when the caller fails.

    Raises `OutputFailed` when a sidecar is there (without ``overwrite``) or none can be written.
    """
    beside = sidecar_path(path)
    check_target(beside, overwrite=overwrite)
    before = read_file(beside, limit=MOST_BYTES) if beside.is_file() else None
    try:
        yield beside
    except (LabelError, OSError):
        with suppress(LabelError, OSError):
            if before is None:
                beside.unlink(missing_ok=True)
            else:
                write_atomically(beside, before, overwrite=True)
        raise
