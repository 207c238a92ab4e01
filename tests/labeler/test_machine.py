"""Records for machines: plain data, one JSON object or array."""

from __future__ import annotations

from dataclasses import dataclass

from labeler.machine import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    name: str
    level: float | None
    boxes: tuple[tuple[int, int], ...] = ()
    counts: dict[str, int] | None = None


def test_fields_come_in_their_order_with_tuples_as_lists_and_numbers_rounded():
    noun = Noun(name="a", level=1.23456, boxes=((1, 2), (3, 4)), counts={"x": 1})
    told = plain(noun, level=2)
    assert list(told.items()) == [
        ("name", "a"), ("level", 1.23), ("boxes", [[1, 2], [3, 4]]), ("counts", {"x": 1}),
    ]  # fmt: skip
    assert plain(noun)["level"] == 1.23456


def test_what_is_not_known_stays_unknown():
    assert plain(Noun(name="", level=None), level=2)["level"] is None
