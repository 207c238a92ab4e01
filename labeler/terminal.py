"""Foreign text made safe for a terminal."""

from __future__ import annotations

import unicodedata


def printable(text: str, most: int = 120) -> str:
    r"""
    Return foreign text as one line that cannot move a cursor or hide itself.

    >>> printable("a\x1b[31mb")
    'a�[31mb'
    """
    safe = "".join("�" if unicodedata.category(c)[0] in "CZ" and c != " " else c for c in text)
    return safe if len(safe) <= most else safe[: most - 1] + "…"
