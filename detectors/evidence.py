"""The nouns of verification: evidence, verdict, conformity rows and the report. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from labeler.model import Layer, Modality


class Verdict(StrEnum):
    """The outcome of Measures art. 6; ``none`` never means that a human made it (R-49)."""

    CONFIRMED = "confirmed"
    POSSIBLE = "possible"
    SUSPECTED = "suspected"
    NONE = "none"
    UNDETERMINED = "undetermined"


class Integrity(StrEnum):
    """State of a signature in the reserved fields (R-52)."""

    ABSENT = "absent"
    VERIFIED_PINNED = "verified-pinned"
    VERIFIED_EMBEDDED_KEY = "verified-embedded-key"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"


class RowStatus(StrEnum):
    """The result of one conformity check."""

    PASS = "pass"  # noqa: S105  a result, no password
    FAIL = "fail"
    WARN = "warn"
    NOT_APPLICABLE = "not-applicable"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataEvidence:
    """
    One metadata copy of a label, or the statement that none was found.

    ``fields`` holds the values as read, aliases resolved, nothing repaired; ``deviations`` are
    sentences about what departs from annex E or the guides; ``place`` names where it stood.
    """

    scheme: str
    found: bool
    fields: dict[str, str] = field(default_factory=dict)
    place: str = ""
    deviations: tuple[str, ...] = ()
    detail: str = ""
    layer: Layer = Layer.METADATA

    def to_dict(self) -> dict[str, Any]:
        """Return the row as it stands in the machine output."""
        return {
            "layer": self.layer.value,
            "scheme": self.scheme,
            "found": self.found,
            "fields": self.fields,
            "place": self.place,
            "deviations": list(self.deviations),
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermarkEvidence:
    """One reading of a mark. ``p_value`` bounds the chance of such a reading without a mark."""

    scheme: str
    found: bool
    p_value: float | None = None
    bits: int = 0
    mark_id: str = ""
    status: int | None = None
    key: str = ""
    agrees_with_metadata: bool | None = None
    detail: str = ""
    layer: Layer = Layer.WATERMARK

    def to_dict(self) -> dict[str, Any]:
        """Return the row as it stands in the machine output."""
        return {
            "layer": self.layer.value,
            "scheme": self.scheme,
            "found": self.found,
            "p_value": self.p_value,
            "bits": self.bits,
            "mark_id": self.mark_id,
            "status": self.status,
            "key": self.key,
            "agrees_with_metadata": self.agrees_with_metadata,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleEvidence:
    """
    One visible label. ``box`` is (x, y, width, height) in display pixels.

    ``height_ratio`` is the smallest measured glyph ink height over the shortest side (R-10),
    ``contrast`` the measured contrast of ink to ground (R-11), None when not measurable.
    ``seconds`` is from when to when a video shows it (R-19), None for content without time.
    """

    scheme: str
    found: bool
    text: str = ""
    box: tuple[int, int, int, int] | None = None
    height_ratio: float | None = None
    contrast: float | None = None
    at_edge: bool | None = None
    score: float | None = None
    p_value: float | None = None
    detail: str = ""
    seconds: tuple[float, float] | None = None
    layer: Layer = Layer.VISIBLE

    def to_dict(self) -> dict[str, Any]:
        """Return the row as it stands in the machine output."""
        return {
            "layer": self.layer.value,
            "scheme": self.scheme,
            "found": self.found,
            "text": self.text,
            "box": list(self.box) if self.box else None,
            "height_ratio": self.height_ratio,
            "contrast": self.contrast,
            "at_edge": self.at_edge,
            "score": self.score,
            "p_value": self.p_value,
            "detail": self.detail,
            **({"seconds": list(self.seconds)} if self.seconds else {}),
        }


SECURITY_DATA = "security-data"
"""Scheme of the row about a signature in the reserved fields; it is no mark of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceEvidence:
    """
    A mark of others. ``declares_ai`` says whether it states that the content is generated.

    ``p_value`` bounds the chance of such a reading without a mark, where that can be said.
    """

    scheme: str
    found: bool
    declares_ai: bool | None = None
    fields: dict[str, str] = field(default_factory=dict)
    p_value: float | None = None
    detail: str = ""
    layer: Layer = Layer.PROVENANCE

    def to_dict(self) -> dict[str, Any]:
        """Return the row as it stands in the machine output."""
        return {
            "layer": self.layer.value,
            "scheme": self.scheme,
            "found": self.found,
            "declares_ai": self.declares_ai,
            "fields": self.fields,
            "detail": self.detail,
            **({} if self.p_value is None else {"p_value": self.p_value}),
        }


Evidence = MetadataEvidence | WatermarkEvidence | VisibleEvidence | ProvenanceEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ConformityRow:
    """One clause checked: requirement number of the table in docs, clause, result, why."""

    requirement: str
    clause: str
    status: RowStatus
    detail: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the row as it stands in the machine output."""
        return {
            "requirement": self.requirement,
            "clause": self.clause,
            "status": self.status.value,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    Everything `detectors.verify` says about one item.

    ``basis`` names every technique the verdict rests on (R-49); ``patch`` what a platform writes.
    """

    path: str
    modality: Modality
    format: str
    sha256: str
    verdict: Verdict
    notice: str = ""
    label: dict[str, str] | None = None
    integrity: Integrity = Integrity.ABSENT
    evidence: tuple[Evidence, ...] = ()
    conformity: tuple[ConformityRow, ...] = ()
    patch: dict[str, str] = field(default_factory=dict)
    basis: tuple[str, ...] = ()
    error: str = ""
    schema: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the report as the machine output of ``verify`` has it."""
        return {
            "schema": self.schema,
            "path": self.path,
            "modality": self.modality.value,
            "format": self.format,
            "sha256": self.sha256,
            "verdict": self.verdict.value,
            "notice": self.notice,
            "label": self.label,
            "integrity": self.integrity.value,
            "evidence": [e.to_dict() for e in self.evidence],
            "conformity": [c.to_dict() for c in self.conformity],
            "patch": self.patch,
            "basis": list(self.basis),
            "error": self.error,
        }
