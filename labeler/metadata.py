"""
Put the metadata label into a file: lossless, one copy, read back (R-30, R-40, R-41).

The same for every modality; what differs is the container.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labeler.annex_e import FIELDS, dump_fields
from labeler.containers.registry import file_container_of, format_of
from labeler.containers.stating import write_stating
from labeler.containers.value import WRAPPER
from labeler.errors import InvalidLabel, LayerFailed, UnknownPolicy
from labeler.written import require_one_copy, same_bytes


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.model import Label


_NOT_IN_XML = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\uD800-\uDFFF\uFFFE\uFFFF]")

VALUE_FORMS = ("guide", "wrapped")
"""``guide`` writes the bare object that 20259A prints for XMP, ``wrapped`` that of annex E b."""


def write_label(data: bytes, label: Label, *, value_form: str = "guide", name: str = "") -> bytes:
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
    name
        The file name, which tells text formats apart.

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
    return write_fields(data, label.fields(), value_form=value_form, name=name)


def write_fields(
    data: bytes,
    fields: Mapping[str, str],
    *,
    value_form: str = "guide",
    name: str = "",
    source_type: str | None = None,
) -> bytes:
    """
    Do what `write_label` does with fields that need not make a whole label (Measures art. 6 ¶2).

    Fields that are not given are written empty: the object has all seven keys (R-24). With
    ``source_type`` the XMP of the file states that word of the IPTC NewsCodes as well; another
    one that is there already is a `LabelConflict`.
    """
    value = format_value(fields, value_form=value_form)
    container = file_container_of(data, name)
    if source_type:
        written = write_stating(data, format_of(data, name), value, source_type)
    else:
        written = container.write(data, value)
    require_one_copy(container.find(written), value)
    if not same_bytes(container.payload_bytes(data), container.payload_bytes(written)):
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
