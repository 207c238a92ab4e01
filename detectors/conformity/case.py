"""One item under examination, and the shape of one check."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from detectors.evidence import (
    SECURITY_DATA,
    Integrity,
    ProvenanceEvidence,
    RowStatus,
    VisibleEvidence,
    WatermarkEvidence,
)
from detectors.findings import found_copies, found_traces, was_examined
from labeler.model import Modality


if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.evidence import Evidence, MetadataEvidence
    from labeler.containers.model import Header
    from labeler.model import Layer
    from labeler.policy import Policy


Finding = tuple[RowStatus, str]
"""The result of one check and why."""

PASS, FAIL, WARN = RowStatus.PASS, RowStatus.FAIL, RowStatus.WARN
NOT_APPLICABLE, NOT_CHECKED = RowStatus.NOT_APPLICABLE, RowStatus.NOT_CHECKED

NO_LABEL = "no label was found, so there is nothing to check"
NO_COPY = "there is no metadata label"

_SHOWN = 40
_SEVERITY = (NOT_APPLICABLE, PASS, NOT_CHECKED, WARN, FAIL)


@dataclass(frozen=True, kw_only=True)
class Case:
    """
    All evidence of one item, the rules it is held against, and what its header says.

    It has no slots, so that what forty checks ask for is looked up once.
    """

    evidence: tuple[Evidence, ...]
    policy: Policy
    header: Header | None = None
    integrity: Integrity = Integrity.ABSENT

    @property
    def format(self) -> str:
        """The format of the file, empty when it is not known."""
        return self.header.format if self.header else ""

    @cached_property
    def copies(self) -> tuple[MetadataEvidence, ...]:
        """The metadata copies found."""
        return found_copies(self.evidence)

    @cached_property
    def visible(self) -> tuple[VisibleEvidence, ...]:
        """The visible labels found."""
        return tuple(e for e in self.evidence if isinstance(e, VisibleEvidence) and e.found)

    @cached_property
    def marks(self) -> tuple[WatermarkEvidence, ...]:
        """The watermarks found."""
        return tuple(e for e in self.evidence if isinstance(e, WatermarkEvidence) and e.found)

    @cached_property
    def foreign(self) -> tuple[ProvenanceEvidence, ...]:
        """The marks of others found."""
        rows = [e for e in self.evidence if isinstance(e, ProvenanceEvidence) and e.found]
        return tuple(e for e in rows if e.scheme != SECURITY_DATA)

    @cached_property
    def labelled(self) -> bool:
        """Whether any layer says something about generation."""
        return bool(self.copies or found_traces(self.evidence))

    @cached_property
    def layers_examined(self) -> frozenset[Layer]:
        """The layers of which any reader looked."""
        return frozenset(e.layer for e in self.evidence if was_examined(e))

    def examined(self, layer: Layer) -> bool:
        """Say whether any reader of this layer looked."""
        return layer in self.layers_examined

    @cached_property
    def foreign_visible_examined(self) -> bool:
        """Whether a reader of any wording and font (OCR) looked, not only that of our own style."""
        rows = (e for e in self.evidence if isinstance(e, VisibleEvidence) and was_examined(e))
        return any("ocr" in e.scheme for e in rows)


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement: its number, its clause, what it is asked of, and the function that asks."""

    requirement: str
    clause: str
    run: Callable[[Case], Finding]
    modalities: frozenset[Modality] = frozenset({Modality.IMAGE})


def over_copies(case: Case, check: Callable[[MetadataEvidence], Finding]) -> Finding:
    """Return the worst finding over all metadata copies, or that there is none."""
    if not case.copies:
        return NOT_APPLICABLE, NO_COPY
    return worst([check(copy) for copy in case.copies])


def worst(findings: list[Finding]) -> Finding:
    """Return the most severe finding, the first of equals."""
    return max(findings, key=lambda finding: _SEVERITY.index(finding[0]))


def shown(text: str) -> str:
    """Return text of a file short, quoted and printable, for use inside a sentence."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
