"""Reports read back from their machine output: the reverse of `Report.to_dict`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from detectors.evidence import (
    ConformityRow,
    Integrity,
    MetadataEvidence,
    ProvenanceEvidence,
    Report,
    RowStatus,
    Verdict,
    VisibleEvidence,
    WatermarkEvidence,
)
from labeler.model import Layer, Modality


if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.evidence import Evidence

_KINDS: Mapping[Layer, type[Any]] = MappingProxyType(
    {
        Layer.METADATA: MetadataEvidence,
        Layer.WATERMARK: WatermarkEvidence,
        Layer.VISIBLE: VisibleEvidence,
        Layer.PROVENANCE: ProvenanceEvidence,
    }
)
_TUPLES = ("deviations", "box", "seconds")


def report_of(plain: Mapping[str, Any]) -> Report:
    """Return the report whose `Report.to_dict` this is."""
    return Report(
        path=plain["path"],
        modality=Modality(plain["modality"]),
        format=plain["format"],
        sha256=plain["sha256"],
        verdict=Verdict(plain["verdict"]),
        notice=plain["notice"],
        label=plain["label"],
        integrity=Integrity(plain["integrity"]),
        evidence=tuple(_evidence_of(row) for row in plain["evidence"]),
        conformity=tuple(_conformity_of(row) for row in plain["conformity"]),
        patch=plain["patch"],
        basis=tuple(plain["basis"]),
        error=plain["error"],
        schema=plain["schema"],
    )


def _evidence_of(row: Mapping[str, Any]) -> Evidence:
    facts = dict(row)
    layer = Layer(facts.pop("layer"))
    facts.update((name, tuple(facts[name])) for name in _TUPLES if facts.get(name) is not None)
    evidence: Evidence = _KINDS[layer](**facts)
    return evidence


def _conformity_of(row: Mapping[str, str]) -> ConformityRow:
    return ConformityRow(
        requirement=row["requirement"],
        clause=row["clause"],
        status=RowStatus(row["status"]),
        detail=row["detail"],
    )
