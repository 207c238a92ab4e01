"""What reaches a terminal: foreign text made safe, foreign libraries kept quiet."""

from __future__ import annotations

import os
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, TextIO


if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY, _LAST_SECONDS = 0.5, 0.2


@contextmanager
def quiet_libraries() -> Iterator[TextIO]:
    """
    Keep C libraries from writing to standard error meanwhile; yields what still reaches it.

    libtiff and OpenCV print a line for every broken strip; the error that is raised says it once.
    For the command line only: the file descriptor belongs to the whole process.
    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        with os.fdopen(kept, "w", encoding="utf-8", errors="replace", closefd=False) as terminal:
            yield terminal
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@dataclass(slots=True)
class ProgressLine:
    """One line on a terminal that says how far a video is: frames, speed, time left."""

    terminal: TextIO
    _began: float = field(default_factory=monotonic)
    _told: float = 0.0

    def __call__(self, frames: int, seconds: float, total: float) -> None:
        """Take frames done, seconds of the film done, and its length (0 where unknown)."""
        now = monotonic()
        done = total > 0 and seconds >= total - _LAST_SECONDS
        if now - self._told < _EVERY or now - self._began < _EVERY:
            if done and self._told:
                self._say("")
            return
        self._told = now
        spent = now - self._began
        left = f", {spent * (total - seconds) / seconds:.0f} s left" if total > seconds > 0 else ""
        self._say(f"{frames} frames, {frames / spent:.0f} a second{left}")

    def _say(self, text: str) -> None:
        self.terminal.write(f"\r\x1b[K{text}")
        self.terminal.flush()


def printable(text: str, most: int = 120) -> str:
    r"""
    Return foreign text as one line that cannot move a cursor or hide itself.

    >>> printable("a\x1b[31mb")
    'a�[31mb'
    """
    safe = "".join("�" if unicodedata.category(c)[0] in "CZ" and c != " " else c for c in text)
    return safe if len(safe) <= most else safe[: most - 1] + "…"


def pad(text: str, columns: int = 11) -> str:
    """Return text filled up to a width; Chinese signs count as two columns."""
    wide = sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
    return text + " " * max(0, columns - wide)
