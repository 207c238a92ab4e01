"""Numbered results that come as they are ready, handed on in order as far as memory allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Result = TypeVar("_Result")

HELD_BACK = 1_000
"""Results that wait for an earlier one at most; then they go on, and the late one comes later."""


def in_order(
    numbered: Iterable[tuple[int, _Result]], *, held_back: int = HELD_BACK
) -> Iterator[tuple[int, _Result]]:
    """
    Yield numbered results, numbers from 0 without gaps, in order unless one is very late.

    Never more than ``held_back`` results are kept, so a file that takes an hour neither stops the
    others nor fills the memory; up to so many results the order is always exact.

    >>> [n for n, _ in in_order([(1, "b"), (0, "a"), (2, "c")])]
    [0, 1, 2]
    """
    waiting: dict[int, _Result] = {}
    following = 0
    for number, result in numbered:
        waiting[number] = result
        if len(waiting) > held_back:
            following = min(waiting)
        while following in waiting:
            yield following, waiting.pop(following)
            following += 1
        if number < following and number in waiting:  # it came after its turn
            yield number, waiting.pop(number)
    yield from sorted(waiting.items(), key=lambda pair: pair[0])
