"""What to do about labels that content carries already: keep, complete or refuse; never alter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.annex_e import FIELDS
from labeler.containers.registry import carriers_of
from labeler.containers.value import parse_value
from labeler.errors import InvalidLabel, LabelConflict, LayerFailed
from labeler.model import Label, Status


if TYPE_CHECKING:
    from collections.abc import Iterable

    from labeler.containers.model import Carrier
    from labeler.payload import Payload


def settle_label(label: Label, carriers: Iterable[Carrier]) -> Label:
    """
    Return the label that the content must carry afterwards.

    Without an upstream label that is ``label``. A label of the same producer is kept as it is
    when it is the same content, or when ``label`` brings only a fresh number: labelling twice
    changes nothing.

    Raises
    ------
    LabelConflict
        The content carries a label of another producer, of another content, of another status,
        one that cannot be understood, or several that differ (Measures art. 10, R-31). A
        platform adds its own fields with ``propagate``.
    """
    copies = [parse_value(carrier.text) for carrier in carriers if not carrier.fault]
    found = {tuple(sorted((k, v) for k, v in copy.fields.items() if v)) for copy in copies}
    if not copies:
        return label
    if len(found) > 1:
        raise LabelConflict(
            f"it carries {len(copies)} labels that differ; find out which one is right first"
        )
    fields = copies[0].fields
    if not fields.get("ContentProducer") or not fields.get("ProduceID"):
        raise LabelConflict(
            "it carries a label without producer or content number, which is kept as it is; "
            "a platform passes it on with propagate"
        )
    _require_ours(label, fields)
    return _adopted(fields)


def _require_ours(label: Label, fields: dict[str, str]) -> None:
    producer, content_id = fields["ContentProducer"], fields["ProduceID"]
    if producer != label.producer:
        raise LabelConflict(
            f"it is already labelled by producer {producer[:60]} (ProduceID {content_id[:60]}); "
            "labels of others are never changed, a platform adds its fields with propagate"
        )
    if content_id != label.content_id and not label.fresh_id:
        raise LabelConflict(
            f"it is already labelled with ProduceID {content_id[:60]}; "
            "keep that number, or label the unlabelled original"
        )
    if fields.get("Label") != label.status.value:
        raise LabelConflict(
            f"it is already labelled with Label {fields.get('Label')!r}; that is never changed here"
        )


def _adopted(fields: dict[str, str]) -> Label:
    try:
        return Label(
            producer=fields["ContentProducer"],
            content_id=fields["ProduceID"],
            status=Status(fields["Label"]),
            reserved_1=fields.get("ReservedCode1", ""),
            propagator=fields.get("ContentPropagator", ""),
            propagate_id=fields.get("PropagateID", ""),
            reserved_2=fields.get("ReservedCode2", ""),
            allow_name=True,
        )
    except InvalidLabel as error:
        raise LabelConflict(f"it carries a label that cannot be kept as it is: {error}") from error


def require_same_mark(seen: Payload, payload: Payload) -> None:
    """Raise `LabelConflict` when content is marked already with another payload (R-31)."""
    if not seen.agrees_with(payload):
        raise LabelConflict(
            f"it carries another mark already (mark id {seen.mark_hex}); a second one would "
            "destroy it: label the unmarked original, or verify it to see whose it is"
        )


def require_label(data: bytes, fields: dict[str, str], name: str = "") -> None:
    """Raise `LayerFailed` unless the file carries exactly one label, with these fields (R-30)."""
    copies = [
        parse_value(carrier.text).fields for carrier in carriers_of(data, name) if not carrier.fault
    ]
    expected = {name: fields.get(name, "") for name in FIELDS}
    if copies != [expected]:
        raise LayerFailed(
            f"the metadata label read back differs from what was written ({len(copies)} copies); "
            "the file was not kept"
        )
