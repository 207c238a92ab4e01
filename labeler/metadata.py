"""
Put the metadata label into a file: lossless, one copy, read back (R-30, R-40, R-41).

The same for every modality; what differs is the container.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labeler.annex_e import FIELDS, dump_fields
from labeler.containers.registry import file_container_of
from labeler.containers.value import WRAPPER
from labeler.errors import InvalidLabel, LabelConflict, LayerFailed, UnknownPolicy


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from labeler.model import Label


_NOT_IN_XML = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\uD800-\uDFFF\uFFFE\uFFFF]")

_BLOCK = 1 << 20

VALUE_FORMS = ("guide", "wrapped")
"""``guide`` writes the bare object that 20259A prints for XMP, ``wrapped`` that of annex E b."""


def write_label(data: bytes, label: Label, *, value_form: str = "guide") -> bytes:
    """
    Return the file with the label as its one metadata copy, at the guide's place for its format.

    Parameters
    ----------
    data
        A file of any format of `labeler.containers.registry`; its coded pixels or samples are not
        touched (R-40), nor is metadata of others.
    label
        The facts.
    value_form
        ``guide`` or ``wrapped`` (R-61).

    Raises
    ------
    UnsupportedMedia
        Another format, protected content, or a file with no place for a label (R-42).
    CorruptMedia, MediaTooLarge
        The file is malformed, or the label does not fit.
    LabelConflict
        An older copy stands where it cannot be replaced (R-30).
    LayerFailed
        The label did not read back, or the content changed (R-41).
    """
    return write_fields(data, label.fields(), value_form=value_form)


def write_fields(data: bytes, fields: Mapping[str, str], *, value_form: str = "guide") -> bytes:
    """
    Do what `write_label` does with fields that need not make a whole label (Measures art. 6 ¶2).

    Fields that are not given are written empty: the object has all seven keys (R-24).
    """
    value = format_value(fields, value_form=value_form)
    container = file_container_of(data)
    written = container.write(data, value)
    copies = [carrier for carrier in container.find(written) if not carrier.fault]
    others = [carrier for carrier in copies if carrier.text != value]
    if others:
        raise LabelConflict(
            f"another copy of a label stands in {others[0].place}, among words of others, and "
            "cannot be replaced there; only one copy may be in a file (GB 45438-2025 6.1 c)"
        )
    if len(copies) != 1:
        raise LayerFailed(f"the metadata label was written and reads back {len(copies)} times")
    if not _same(container.payload_bytes(data), container.payload_bytes(written)):
        raise LayerFailed("the coded content changed while the label was written; nothing was kept")
    return written


def format_value(fields: Mapping[str, str], *, value_form: str = "guide") -> str:
    """
    Return the text of the extension field for these fields.

    >>> format_value({"Label": "1"}, value_form="wrapped")[:21]
    '{"AIGC":{"Label":"1",'
    """
    if value_form not in VALUE_FORMS:
        raise UnknownPolicy(f"value form {value_form!r}; known are {', '.join(VALUE_FORMS)}")
    if unknown := set(fields) - set(FIELDS):
        raise InvalidLabel(f"{min(unknown)} is no field of annex E")
    value = dump_fields({name: fields.get(name, "") for name in FIELDS})
    if _NOT_IN_XML.search(value):
        raise InvalidLabel("a field holds a character that XML, and so XMP, cannot carry")
    return f'{{"{WRAPPER}":{value}}}' if value_form == "wrapped" else value


def _same(one: Iterator[memoryview], other: Iterator[memoryview]) -> bool:
    """Compare two sequences of bytes, however they are cut, without copying them as a whole."""
    first, second = next(one, None), next(other, None)
    while first is not None and second is not None:
        size = min(len(first), len(second), _BLOCK)
        # As bytes: views are compared item by item, a hundred times slower.
        if bytes(first[:size]) != bytes(second[:size]):
            return False
        first = first[size:] if len(first) > size else next(one, None)
        second = second[size:] if len(second) > size else next(other, None)
    return first is None and second is None
