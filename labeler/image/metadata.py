"""Put the metadata label into a picture file: lossless, one copy, read back (R-30, R-40, R-41)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labeler.annex_e import FIELDS, dump_fields
from labeler.containers import find, write
from labeler.containers.value import WRAPPER
from labeler.errors import InvalidLabel, LabelConflict, LayerFailed, UnknownPolicy


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.model import Label


_NOT_IN_XML = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\uD800-\uDFFF\uFFFE\uFFFF]")

VALUE_FORMS = ("guide", "wrapped")
"""``guide`` writes the bare object that 20259A prints for XMP, ``wrapped`` that of annex E b."""


def write_label(data: bytes, label: Label, *, value_form: str = "guide") -> bytes:
    """
    Return the picture with the label as its one metadata copy, at the guide's place for its format.

    Parameters
    ----------
    data
        A JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC file; its pixels are not touched (R-40).
    label
        The facts.
    value_form
        ``guide`` or ``wrapped`` (R-61).

    Raises
    ------
    UnsupportedMedia
        Another format, or a file with no place for a label (R-42).
    CorruptMedia, MediaTooLarge
        The file is malformed, or the label does not fit.
    LabelConflict
        An older copy stands where it cannot be replaced (R-30).
    LayerFailed
        The label did not read back (R-41).
    """
    return write_fields(data, label.fields(), value_form=value_form)


def write_fields(data: bytes, fields: Mapping[str, str], *, value_form: str = "guide") -> bytes:
    """
    Do what `write_label` does with fields that need not make a whole label (Measures art. 6 ¶2).

    Fields that are not given are written empty: the object has all seven keys (R-24).
    """
    value = format_value(fields, value_form=value_form)
    written = write(data, value)
    copies = [carrier for carrier in find(written) if not carrier.fault]
    others = [carrier for carrier in copies if carrier.text != value]
    if others:
        raise LabelConflict(
            f"another copy of a label stands in {others[0].place}, among words of others, and "
            "cannot be replaced there; only one copy may be in a file (GB 45438-2025 6.1 c)"
        )
    if len(copies) != 1:
        raise LayerFailed(f"the metadata label was written and reads back {len(copies)} times")
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
