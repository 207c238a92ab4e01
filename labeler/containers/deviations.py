"""Strict judgement of label fields after lenient reading: what departs from which clause."""

from __future__ import annotations

from labeler.annex_e import FIELDS, outside_characters, provider_code_fault


LABEL_VALUES = ("1", "2", "3")
_ELEMENTS = ("Label", "ContentProducer", "ProduceID", "ContentPropagator", "PropagateID")
_CLAUSE = dict(zip(FIELDS, "cdefghi", strict=True))


def deviations_of(fields: dict[str, str]) -> tuple[str, ...]:
    """
    Return one sentence for everything in ``fields`` that departs from GB 45438-2025.

    A missing element is a finding of 6.1 a, a missing reserved key one of annex E b (R-29); the
    characters of annex E j are a warning, never a failure (R-26).

    >>> deviations_of({"Label": "AIGC", "ContentProducer": "x", "ProduceID": "1"})[0]
    "annex E c: Label is 'AIGC', not 1, 2 or 3"
    """
    return (*_values(fields), *_missing(fields), *_characters(fields), *_codes(fields))


def _values(fields: dict[str, str]) -> list[str]:
    """Judge the values that the clauses fix."""
    said = []
    if "Label" in fields and fields["Label"] not in LABEL_VALUES:
        said.append(f"annex E c: Label is {fields['Label'][:40]!a}, not 1, 2 or 3")
    said += [
        f"annex E {_CLAUSE[name]}: {name} is empty"
        for name in ("ContentProducer", "ProduceID")
        if fields.get(name) == "" and fields.get("Label", "1") == "1"
    ]
    return said


def _missing(fields: dict[str, str]) -> list[str]:
    """Name the keys that are not there."""
    return [
        f"GB 45438-2025 6.1 a: {name} is missing"
        if name in _ELEMENTS
        else f"annex E b: {name} is missing"
        for name in FIELDS
        if name not in fields
    ]


def _characters(fields: dict[str, str]) -> list[str]:
    """Warn about characters that annex E j does not list."""
    return [
        f"annex E j (warning): {name} has characters outside the list: {outside[:20]!a}"
        for name, value in fields.items()
        if (outside := outside_characters(name, value[:4096]))
    ]


def _codes(fields: dict[str, str]) -> list[str]:
    """Check provider codes against the coding rule."""
    return [
        f"TC260-PG-20252A: {name} is no valid provider code: {fault}"
        for name in ("ContentProducer", "ContentPropagator")
        if (fault := provider_code_fault(fields.get(name, "")))
    ]
