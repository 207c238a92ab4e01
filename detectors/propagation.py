"""
What a platform writes when it passes content on (Measures art. 6 ¶2; R-31, R-32).

Only the propagator's own three fields, and ``Label`` where the decision table says so. What the
producer wrote is carried through as it was read, faults included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.evidence import Verdict
from detectors.findings import label_status
from labeler.annex_e import FIELDS, check_field
from labeler.errors import InvalidLabel, LabelConflict


if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.judge import Judgement


_OWN = ("ContentPropagator", "PropagateID", "ReservedCode2")


def propagated_fields(
    fields_read: Mapping[str, str],
    judgement: Judgement,
    propagator: str,
    propagate_id: str,
    *,
    reserved_2: str = "",
    producer_unknown: str = "",
    allow_name: bool = False,
) -> dict[str, str]:
    """
    Return the seven fields after the platform's write; empty when there is nothing to write.

    Parameters
    ----------
    fields_read
        The label as read; empty when none was found.
    judgement
        The verdict over the same item.
    propagator, propagate_id
        The platform's own code or name, and its number of the content.
    reserved_2
        The platform's own signature; that of an earlier platform does not outlive its pair.
    producer_unknown
        What to write as producer when nobody named one and no upstream label is valid; by
        default nothing.
    allow_name
        Let a name with characters that annex E j does not list through (R-26).

    Raises
    ------
    LabelConflict
        Copies contradict each other (row 11), the item could not be read (row 14), or the result
        would say "is generated" without naming a producer.
    InvalidLabel
        One of the platform's own values may not be written.
    """
    _require_decided(judgement)
    if judgement.verdict is Verdict.NONE:
        return {}
    own = dict(zip(_OWN, (propagator, propagate_id, reserved_2), strict=True))
    _check_own(own, allow_name=allow_name)
    fields = {name: fields_read.get(name, "") for name in FIELDS}
    fields |= judgement.patch
    if producer_unknown and not fields["ContentProducer"] and label_status(fields_read) is None:
        check_field("ContentProducer", producer_unknown, allow_name=allow_name)
        fields["ContentProducer"] = producer_unknown
    fields |= own
    if fields["Label"] == "1" and not fields["ContentProducer"]:
        raise LabelConflict(
            "the label would say 'is generated' without a producer; pass producer_unknown"
        )
    return fields


def _require_decided(judgement: Judgement) -> None:
    if judgement.verdict is Verdict.UNDETERMINED:
        raise LabelConflict("the item could not be read, so nothing is written to it")
    if judgement.conflict:
        raise LabelConflict(
            "the copies of the label contradict each other; decide which one holds and keep "
            "only that one (GB 45438-2025 6.1 c)"
        )


def _check_own(own: Mapping[str, str], *, allow_name: bool) -> None:
    """Check the platform's own values as strictly as a producer's (R-26, R-27)."""
    for name in _OWN[:2]:
        if not own[name]:
            raise InvalidLabel(f"{name} is empty; a platform writes its own (Measures art. 6)")
    for name, value in own.items():
        check_field(name, value, allow_name=allow_name)
