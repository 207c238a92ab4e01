"""
Facts drawn from evidence that both the verdict and the conformity report need.

Nothing is judged here: what a metadata label clearly states, which copy states the most, whether a
mark agrees with the metadata, and what counts as a trace.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from detectors.evidence import (
    Integrity,
    MetadataEvidence,
    ProvenanceEvidence,
    VisibleEvidence,
    WatermarkEvidence,
)
from labeler.containers.value import MALFORMED
from labeler.model import Modality, Status
from labeler.payload import MARK_ID_BITS, PAYLOAD_BITS, mark_id
from labeler.texts import WORDINGS, has_both_elements


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detectors.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What all readers said of one item. ``header`` is the file's, None for content in memory."""

    modality: Modality
    format: str
    evidence: tuple[Evidence, ...]
    header: Any = None
    integrity: Integrity = Integrity.ABSENT


_RESERVED = ("ReservedCode1", "ReservedCode2")
_STATUSES: Mapping[str, Status] = MappingProxyType({status.value: status for status in Status})

NOT_EXAMINED = "not examined"
"""How the detail of a row starts whose reader could not look."""


def was_examined(evidence: Evidence) -> bool:
    """Say whether the reader of this row looked: only then does "not found" mean anything."""
    return evidence.found or not evidence.detail.startswith(NOT_EXAMINED)


def unread(why: str, *, mark: str, visible: str) -> tuple[WatermarkEvidence, VisibleEvidence]:
    """Return the rows of content that could not be looked at, by the schemes that would have."""
    detail = f"{NOT_EXAMINED}: {why}"
    return (
        WatermarkEvidence(scheme=mark, found=False, detail=detail),
        VisibleEvidence(scheme=visible, found=False, detail=detail),
    )


def label_status(fields: Mapping[str, str]) -> Status | None:
    """
    Return what a metadata label clearly states, or None when it is malformed (rows 8, 9).

    "Is generated" needs a producer as well (R-27). "May be" and "suspected" are valid without:
    a platform that labels content of unknown origin leaves the producer pair empty.
    """
    status = _STATUSES.get(fields.get("Label", ""))
    if status is Status.IS and not fields.get("ContentProducer"):
        return None
    return status


def copy_status(copy: MetadataEvidence) -> Status | None:
    """Return what a copy clearly states; a value that is no JSON object states nothing (row 8)."""
    if any(sentence.startswith(MALFORMED) for sentence in copy.deviations):
        return None
    return label_status(copy.fields)


def found_copies(evidence: Iterable[Evidence]) -> tuple[MetadataEvidence, ...]:
    """Return every metadata copy of a label that was found."""
    return tuple(e for e in evidence if isinstance(e, MetadataEvidence) and e.found)


def governing_copy(evidence: Iterable[Evidence]) -> MetadataEvidence | None:
    """Return the metadata copy that states the most, the first of equals, or None (row 11)."""
    copies = found_copies(evidence)
    if len(copies) == 1:
        return copies[0]
    return min(copies, key=lambda copy: copy_status(copy) or "9", default=None)


def integrity_of(evidence: Iterable[Evidence]) -> Integrity:
    """
    Say what is known of a signature in the reserved fields of the governing copy (R-52).

    A value that is there is not checked yet, so it is "unsupported": neither good nor forged.
    """
    governing = governing_copy(evidence)
    fields = governing.fields if governing else {}
    present = any(fields.get(name, "").strip() for name in _RESERVED)
    return Integrity.UNSUPPORTED if present else Integrity.ABSENT


def finding_of(modality: Modality, header: Any, rows: Iterable[Evidence]) -> Finding:
    """Return the finding of a file from its ``header`` and what its readers said."""
    evidence = tuple(rows)
    return Finding(
        modality=modality,
        format=header.format,
        evidence=evidence,
        header=header,
        integrity=integrity_of(evidence),
    )


def mark_agreement(mark: WatermarkEvidence, fields: Mapping[str, str]) -> bool | None:
    """
    Say whether a mark carries the mark id of these fields, in all the bits it carries (R-44).

    None when there is nothing to compare. The status bits are left out: a platform may raise the
    label of content that is already marked.
    """
    shared = min(MARK_ID_BITS, mark.bits - (PAYLOAD_BITS - MARK_ID_BITS))
    if not mark.found or not mark.mark_id or shared <= 0 or not fields.get("ContentProducer"):
        return None
    expected = mark_id(fields["ContentProducer"], fields.get("ProduceID", ""))
    unread = MARK_ID_BITS - shared
    return int(mark.mark_id, 16) >> unread == expected >> unread


def with_agreement(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence with ``agrees_with_metadata`` filled in on every mark found."""
    governing = governing_copy(evidence)
    fields = governing.fields if governing else {}
    return tuple(
        replace(e, agrees_with_metadata=mark_agreement(e, fields))
        if isinstance(e, WatermarkEvidence)
        else e
        for e in evidence
    )


def found_traces(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """
    Name the explicit labels and other traces found outside the metadata (art. 6(1)(3), R-45).

    A visible text without both elements is no explicit label (R-01) but still a trace; a foreign
    mark counts when it declares AI.
    """
    return tuple(name for e in evidence if e.found and (name := _trace(e)))


def _trace(evidence: Evidence) -> str:
    match evidence:
        case WatermarkEvidence():
            return f"watermark ({evidence.scheme})"
        case VisibleEvidence(scheme="rhythm" | "voice" as scheme):
            return f"audible label ({scheme})"
        case VisibleEvidence(text=text):
            full = any(has_both_elements(text, lang) for lang in WORDINGS)
            return f"visible {'label' if full else 'mark'} ({evidence.scheme})"
        case ProvenanceEvidence(declares_ai=True):
            return f"provenance ({evidence.scheme})"
        case _:
            return ""
