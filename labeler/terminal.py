"""What reaches a terminal: foreign text made safe, foreign libraries kept quiet."""

from __future__ import annotations

import os
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """
    Keep C libraries from writing to standard error meanwhile.

    libtiff and OpenCV print a line for every broken strip; the error that is raised says it once.
    For the command line only: the file descriptor belongs to the whole process.
    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def printable(text: str, most: int = 120) -> str:
    r"""
    Return foreign text as one line that cannot move a cursor or hide itself.

    >>> printable("a\x1b[31mb")
    'a�[31mb'
    """
    safe = "".join("�" if unicodedata.category(c)[0] in "CZ" and c != " " else c for c in text)
    return safe if len(safe) <= most else safe[: most - 1] + "…"
