"""Records on their way to machines: one JSON array, or one JSON object a line."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Protocol


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed import DataclassInstance


class Record(Protocol):
    """What can be written: a receipt, a report."""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""


def plain(noun: DataclassInstance, **digits: int) -> dict[str, Any]:
    """
    Return the fields of a dataclass in their order, tuples as lists.

    Numbers whose ``digits`` are named are rounded to so many; None stays None.
    """
    told = {field.name: _listed(getattr(noun, field.name)) for field in fields(noun)}
    for name, places in digits.items():
        if told[name] is not None:
            told[name] = round(told[name], places)
    return told


def _listed(value: Any) -> Any:
    return [_listed(one) for one in value] if isinstance(value, tuple) else value


def json_array(records: Iterable[Record]) -> Iterator[str]:
    """Yield the pieces of one JSON array, so that a long run can be written as it goes."""
    opening = "["
    for record in records:
        yield opening + "\n" + dump(record.to_dict(), indent=1)
        opening = ","
    yield "\n]\n" if opening == "," else "[]\n"


def json_lines(records: Iterable[Record]) -> Iterator[str]:
    """Yield one JSON object a line."""
    for record in records:
        yield dump(record.to_dict()) + "\n"


def dump(record: dict[str, Any], *, indent: int | None = None) -> str:
    r"""
    Return a record as JSON; bytes of a file name that are no UTF-8 are escaped, so they come back.

    >>> dump({"path": "\udcff"})
    '{"path": "\\udcff"}'
    """
    text = json.dumps(record, ensure_ascii=False, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(record, indent=indent)
    return text
