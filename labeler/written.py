"""What every writer of a metadata label must show: one copy, the right one, and media untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.errors import LabelConflict, LayerFailed


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.containers.model import Carrier


_BLOCK = 1 << 20


def require_one_copy(carriers: Iterable[Carrier], value: str) -> None:
    """
    Raise unless ``value`` is the one label among what was read back from a file (R-30, R-41).

    Raises
    ------
    LabelConflict
        Another copy stands where it could not be replaced (GB 45438-2025 6.1 c).
    LayerFailed
        The label is not there, or several times.
    """
    copies = [carrier for carrier in carriers if not carrier.fault]
    others = [carrier for carrier in copies if carrier.text != value]
    if others:
        raise LabelConflict(
            f"another copy of a label stands in {others[0].place}, among words of others, and "
            "cannot be replaced there; only one copy may be in a file (GB 45438-2025 6.1 c)"
        )
    if len(copies) != 1:
        raise LayerFailed(f"the metadata label was written and reads back {len(copies)} times")


def same_bytes(one: Iterator[bytes | memoryview], other: Iterator[bytes | memoryview]) -> bool:
    """Compare two sequences of bytes, however they are cut, without copying them as a whole."""
    first, second = _next(one), _next(other)
    while first and second:
        size = min(len(first), len(second), _BLOCK)
        # As bytes: views are compared item by item, a hundred times slower.
        if bytes(first[:size]) != bytes(second[:size]):
            return False
        first = first[size:] if len(first) > size else _next(one)
        second = second[size:] if len(second) > size else _next(other)
    return not first and not second


def _next(parts: Iterator[bytes | memoryview]) -> memoryview:
    """Return the next part that is not empty, an empty one at the end."""
    return memoryview(next((part for part in parts if len(part)), b""))
