"""
What kind of character stands on either side of a boundary, and how good a place that makes.

Two frozen lookup tables: one class for every code point, one rank for every pair of classes.
A packet never splits a word that is written with letters, never touches a symbol, so that no
markup, number or command changes its meaning, and never touches emoji (design text, B1).
"""

from __future__ import annotations

import unicodedata
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray


class Kind(IntEnum):
    """Classes of characters, as far as placement is concerned."""

    SYMBOL = 0
    SPACE = 1
    NEWLINE = 2
    STOP = 3
    CJK_STOP = 4
    JOINING_STOP = 5
    IDEOGRAPH = 6
    LETTER = 7
    INNER = 8
    OPENING = 9
    JOINING = 10
    HIDDEN = 11


KINDS = len(Kind)

_STOPS = ".!?;,:)"
_CJK_STOPS = "。！？；，、：…”』」）》】"
_JOINING_STOPS = "،؛؟۔।॥។၊။"
_INNER = "'’\u00ad"
_OPENING = '("“‘「『（《【[¿¡'
_JOINING_RANGES = (
    (0x0600, 0x08FF), (0x0900, 0x0DFF), (0x0E00, 0x0EFF), (0x0F00, 0x109F), (0x1780, 0x18AF),
    (0x1900, 0x1CFF), (0xA800, 0xA82F), (0xA840, 0xA8FF), (0xA900, 0xAAFF), (0xABC0, 0xABFF),
    (0xFB50, 0xFDFF), (0xFE70, 0xFEFE),
)  # fmt: skip
_IDEOGRAPH_RANGES = (
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x30FC, 0x30FE),
    (0x20000, 0x323AF),
)  # fmt: skip
_HIDDEN_RANGES = (
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xE0000, 0xE0FFF),
)  # fmt: skip

_RANKS = {
    (Kind.STOP, Kind.SPACE): 3,
    (Kind.STOP, Kind.NEWLINE): 3,
    (Kind.CJK_STOP, Kind.SPACE): 3,
    (Kind.CJK_STOP, Kind.NEWLINE): 3,
    (Kind.CJK_STOP, Kind.IDEOGRAPH): 3,
    (Kind.CJK_STOP, Kind.LETTER): 3,
    (Kind.JOINING_STOP, Kind.SPACE): 3,
    (Kind.JOINING_STOP, Kind.NEWLINE): 3,
    (Kind.IDEOGRAPH, Kind.NEWLINE): 2,
    (Kind.IDEOGRAPH, Kind.SPACE): 2,
    (Kind.LETTER, Kind.SPACE): 2,
    (Kind.LETTER, Kind.NEWLINE): 2,
    (Kind.IDEOGRAPH, Kind.IDEOGRAPH): 1,
    (Kind.IDEOGRAPH, Kind.LETTER): 1,
    (Kind.LETTER, Kind.IDEOGRAPH): 1,
}
BEST_RANK = 3
"""Rank of a boundary after punctuation; 2 is after a word, 1 between ideographs, 0 forbidden."""


@lru_cache(maxsize=1)
def kind_table() -> NDArray[np.uint8]:
    """Return the class of every code point, (0x110000,) uint8, read-only."""
    table = np.full(0x110000, Kind.SYMBOL, np.uint8)
    for code in range(0x10000):
        category = unicodedata.category(chr(code))
        if category[0] == "L":
            table[code] = Kind.LETTER
        elif category == "Zs":
            table[code] = Kind.SPACE
        elif category in {"Mn", "Mc"}:
            table[code] = Kind.INNER
    for start, end in _JOINING_RANGES:
        table[start : end + 1] = Kind.JOINING
    for start, end in _IDEOGRAPH_RANGES:
        table[start : end + 1] = Kind.IDEOGRAPH
    for start, end in _HIDDEN_RANGES:
        table[start : end + 1] = Kind.HIDDEN
    for kind, characters in (
        (Kind.STOP, _STOPS),
        (Kind.CJK_STOP, _CJK_STOPS),
        (Kind.JOINING_STOP, _JOINING_STOPS),
        (Kind.INNER, _INNER),
        (Kind.OPENING, _OPENING),
        (Kind.NEWLINE, "\n\r\u2028\u2029"),
    ):
        for character in characters:
            table[ord(character)] = kind
    table[0xA0] = table[0x202F] = Kind.SYMBOL  # these hold words together
    table.setflags(write=False)
    return table


@lru_cache(maxsize=1)
def latin_kinds() -> bytes:
    """Return the classes of the first 256 code points, as a table for `bytes.translate`."""
    return kind_table()[:256].tobytes()


@lru_cache(maxsize=1)
def rank_table() -> bytes:
    """Return the rank of (before, after) at ``before * KINDS + after``, for `bytes.translate`."""
    table = bytearray(256)
    for (before, after), rank in _RANKS.items():
        table[before * KINDS + after] = rank
    return bytes(table)


@lru_cache(maxsize=1)
def token_table() -> bytes:
    """
    Return by class: 0 goes on with a word, 1 ends the token before it, 2 makes a token no word.

    A word with a digit, an underscore or a dot in it is an identifier, a number or a command: no
    packet goes behind it. For `bytes.translate`.
    """
    table = bytearray([2] * 256)
    for kind in (Kind.LETTER, Kind.INNER):
        table[kind] = 0
    for kind in (Kind.SPACE, Kind.NEWLINE, Kind.IDEOGRAPH, Kind.CJK_STOP, Kind.OPENING):
        table[kind] = 1
    return bytes(table)
