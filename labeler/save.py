"""
Atomic output: a temporary file in the target folder, read back and checked, then renamed.

Whatever happens, the target is afterwards the old file or the complete new one (R-41).
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from labeler.errors import (
    CorruptMedia,
    LayerFailed,
    MediaTooLarge,
    OutputFailed,
    UnsupportedMedia,
)


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


TEMPORARY_SUFFIX = ".aigc-label-tmp"
"""Left behind only by a killed process; safe to delete, never read."""


def read_file(path: Path, *, limit: int) -> bytes:
    """
    Return the bytes of a file of at most ``limit`` bytes.

    Raises `UnsupportedMedia` when it cannot be read, `MediaTooLarge`, and `CorruptMedia` when it is
    empty.
    """
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise MediaTooLarge(f"it has {size:,} bytes; the limit is {limit:,}")
        data = file.read()
    if not data:
        raise CorruptMedia("the file is empty (zero bytes)")
    return data


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """
    Yield a file open for reading, unbuffered.

    Raises `UnsupportedMedia`, in words, when it is a folder or no regular file, and for whatever
    goes wrong while it is read.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  asked for every file
            raise UnsupportedMedia(_no_file(path))
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  same
            yield cast("BinaryIO", file)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnsupportedMedia(f"cannot be read: {reason.lower()}") from error


def _no_file(path: Path) -> str:
    """Return why a name is no file; raise OSError for a folder that cannot be listed."""
    if not path.is_dir():
        return "it is no regular file"
    with os.scandir(path):
        return "it is a folder; name a file, or let the command walk it"


def check_target(path: Path, *, overwrite: bool) -> None:
    """Raise `OutputFailed` early when ``path`` could not be written in the end."""
    folder = path.parent
    if os.path.isdir(path):  # noqa: PTH112  never raises, however long the name
        raise OutputFailed(f"{path}: is a folder; name an output file")
    if os.path.exists(path) and not overwrite:  # noqa: PTH110  same
        raise OutputFailed(f"{path}: exists; choose another name or add --force")
    if not folder.is_dir():
        raise OutputFailed(f"{path}: the folder {folder} does not exist; make it first")
    if not os.access(folder, os.W_OK):
        raise OutputFailed(f"{path}: the folder {folder} cannot be written to")


def write_atomically(
    path: Path,
    data: bytes,
    *,
    overwrite: bool = False,
    check: Callable[[bytes], None] | None = None,
) -> None:
    """
    Write ``data`` to ``path`` so that nobody ever sees half of it.

    The temporary file is flushed to the disk, read back, compared and given to ``check`` (which
    raises a `LabelError` when the label is not there); only then is it renamed. An existing
    file keeps its permissions; a symbolic link keeps pointing to the file that is replaced.

    Raises
    ------
    OutputFailed
        The target exists (without ``overwrite``), or the disk is full, or the folder is read-only.
    LayerFailed
        The bytes read back are not those written.
    """
    with written_through(path, overwrite=overwrite) as temporary:
        _write_through(temporary, data)
        written = temporary.read_bytes()
        if written != data:
            raise LayerFailed("the file read back differs from what was written; check the disk")
        if check is not None:
            check(written)


@contextmanager
def written_through(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """
    Yield a temporary name beside ``path``; what was written there is renamed at the end.

    For files too large for the memory: the caller writes, reads back and checks. When it raises,
    nothing is left. An existing file keeps its permissions.

    Raises
    ------
    OutputFailed
        The target exists (without ``overwrite``), or the disk is full, or the folder is read-only.
    """
    path = Path(os.path.realpath(path))
    check_target(path, overwrite=overwrite)
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        _publish(temporary, path, overwrite=overwrite)
    except OSError as error:
        raise OutputFailed(f"{path}: cannot be written: {reason_of(error)}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def placed(target: Path | None, *, overwrite: bool = False, suffix: str = "") -> Iterator[Path]:
    """
    Yield where to write: `written_through` to ``target``, or a name that is gone afterwards.

    Without a target everything is done and nothing kept; ``suffix`` ends the passing name.
    """
    if target is not None:
        with written_through(target, overwrite=overwrite) as temporary:
            yield temporary
        return
    with tempfile.TemporaryDirectory(prefix="aigc-label-") as folder:
        yield Path(folder) / f"labelled{suffix}"


def _write_through(temporary: Path, data: bytes) -> None:
    with temporary.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _publish(temporary: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        temporary.replace(path)
    else:
        try:
            os.link(temporary, path)  # fails when the name was taken meanwhile; rename would not
        except FileExistsError as error:
            raise OutputFailed(f"{path}: exists; choose another name or add --force") from error
        except OSError:  # a file system without hard links
            if path.exists():
                raise OutputFailed(f"{path}: exists; choose another name or add --force") from None
            temporary.rename(path)
    if os.name == "posix":
        with suppress(OSError):
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def reason_of(error: OSError) -> str:
    """Return what went wrong with a file, in words and with advice."""
    if error.errno == errno.ENOSPC:
        return "the disk is full; free some space and run it again"
    return (error.strerror or type(error).__name__).lower()
