"""
Where packets go: in every bucket of characters the best boundary.

Works on blocks of characters, so that memory stays bounded and the tables in the cache
(docs/formats/text-v1.md, section 6).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.text.classes import (
    BEST_RANK,
    KINDS,
    Kind,
    kind_table,
    latin_kinds,
    rank_table,
    token_table,
)


if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Span = tuple[int, int]

_WORD_RANK = 2
_NEAR = 2
"""Characters on either side of a place in which joining letters forbid the zero-width family."""


def kinds_of(text: str) -> NDArray[np.uint8]:
    """Return the class of each character of a text, (n,) uint8, read-only."""
    try:
        kinds = text.encode("latin-1").translate(latin_kinds())
    except UnicodeEncodeError:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
        return kind_table().take(codes, mode="clip")
    return np.frombuffer(kinds, np.uint8)


def ranks_of(kinds: NDArray[np.uint8], forbidden: Iterable[Span]) -> NDArray[np.uint8]:
    """
    Return how good a place is behind each character but the last, (n - 1,) uint8.

    ``kinds`` (n,) are classes; ``forbidden`` are spans of characters behind which nothing goes.
    """
    pairs = kinds[:-1] * np.uint8(KINDS)
    pairs += kinds[1:]
    ranks = np.frombuffer(bytearray(pairs.tobytes().translate(rank_table())), np.uint8)
    for start, end in forbidden:
        ranks[start:end] = 0
    return ranks


def choose_sites(
    kinds: NDArray[np.uint8], ranks: NDArray[np.uint8], bucket: int
) -> NDArray[np.intp]:
    """
    Return the characters behind which packets go: at most one in each ``bucket`` characters.

    The highest rank wins, then the place nearest to the middle, which keeps the gaps even; a word
    that is no plain word is passed over.
    """
    rows = _in_rows(ranks, bucket)
    wishes = (rows == BEST_RANK) * _middle_first(bucket)
    chosen = wishes.argmax(axis=1)
    filled = wishes[np.arange(len(rows)), chosen] > 0
    empty = np.flatnonzero(~filled)
    rest = rows[empty]
    behind_letters = (_in_rows(kinds[:-1], bucket)[empty] == Kind.LETTER) & (rest > 0)
    row, place = np.nonzero(behind_letters)
    odd = ~_behind_plain_word(kinds, empty[row] * bucket + place)
    rest[row[odd], place[odd]] = 0
    wishes = (rest > 0) * _middle_first(bucket) + (rest == _WORD_RANK) * np.uint16(bucket)
    chosen[empty] = wishes.argmax(axis=1)
    filled[empty] = wishes.any(axis=1)
    return np.asarray(np.flatnonzero(filled) * bucket + chosen[filled], np.intp)


def _in_rows(values: NDArray[np.uint8], bucket: int) -> NDArray[np.uint8]:
    """Return values (n,) as one row for each bucket, zeros behind the end."""
    rows = np.zeros((-(-len(values) // bucket), bucket), np.uint8)
    rows.ravel()[: len(values)] = values
    return rows


@lru_cache(maxsize=4)
def _middle_first(bucket: int) -> NDArray[np.uint8]:
    """Return a weight for each place of a bucket, highest in its middle, (bucket,) uint8."""
    place = np.arange(bucket)
    weights = 1 + np.minimum(place, bucket - 1 - place).astype(np.uint8)
    weights.setflags(write=False)
    return weights


def near_joining(kinds: NDArray[np.uint8], sites: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say for each place whether a letter of a joining script is near: V only there."""
    if not ((kinds == Kind.JOINING) | (kinds == Kind.JOINING_STOP)).any():
        return np.zeros(len(sites), bool)
    around = sites[:, None] + np.arange(1 - _NEAR, _NEAR + 1)
    found = kinds[np.clip(around, 0, len(kinds) - 1)]
    return np.asarray(((found == Kind.JOINING) | (found == Kind.JOINING_STOP)).any(axis=1))


def interleave(text: str, sites: Iterable[int], packets: Iterable[str]) -> str:
    """Return the text with one packet behind each site, in ascending order."""
    parts: list[str] = []
    done = 0
    for site, packet in zip(sites, packets, strict=True):
        parts += (text[done : site + 1], packet)
        done = site + 1
    return "".join([*parts, text[done:]])


def _behind_plain_word(kinds: NDArray[np.uint8], places: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say for each place whether the token before it is a word of letters alone."""
    if not len(places):
        return np.zeros(0, bool)
    told = np.frombuffer(kinds.tobytes().translate(token_table()), np.uint8)
    marks = np.flatnonzero(told)  # at least what makes a place of each: a space or an ideograph
    last = np.searchsorted(marks, places, side="right") - 1
    return np.asarray((last < 0) | (told[marks[np.maximum(last, 0)]] == 1))
