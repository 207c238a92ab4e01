"""Watermarks, evidence, marks of others, and layers asked for abroad (R-43 to R-60)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.conformity.case import (
    FAIL,
    NO_LABEL,
    NOT_APPLICABLE,
    NOT_CHECKED,
    PASS,
    WARN,
    Case,
    Finding,
    worst,
)
from detectors.findings import governing_copy, mark_agreement, was_examined
from labeler.model import Layer


if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.evidence import WatermarkEvidence


WEAK_MARK = 1e-6
"""Chance of a false reading above which a mark is called weak; our own number (R-46)."""


def check_watermark(case: Case) -> Finding:
    """R-43: a watermark is permitted and encouraged; its absence is no fault."""
    if case.marks:
        read = ", ".join(f"{m.scheme}, {m.bits} bits, key {m.key or 'none'}" for m in case.marks)
        return PASS, f"found: {read}"
    if not case.examined(Layer.WATERMARK):
        return NOT_CHECKED, "no reader looked for a watermark"
    return NOT_APPLICABLE, "none found with the keys given; it is permitted, not required"


def check_agreement(case: Case) -> Finding:
    """R-44: the mark carries the mark id of the metadata label."""
    copy = governing_copy(case.evidence)

    def check(mark: WatermarkEvidence) -> Finding:
        agrees = mark.agrees_with_metadata
        if agrees is None and copy is not None:
            agrees = mark_agreement(mark, copy.fields)
        if agrees is None:
            return NOT_APPLICABLE, "there is no metadata to compare the mark with"
        if agrees:
            return PASS, f"the mark agrees with the metadata in all {mark.bits} bits it carries"
        return WARN, "the mark names another item than the metadata"

    return _over_marks(case, check)


def check_false_positives(case: Case) -> Finding:
    """R-46: every mark found says how likely it is found by chance."""

    def check(mark: WatermarkEvidence) -> Finding:
        if mark.p_value is None:
            return WARN, f"{mark.scheme} does not say how likely it is found by chance"
        bound = f"{mark.scheme}: found by chance with at most {mark.p_value:.0e}"
        return (PASS, bound) if mark.p_value <= WEAK_MARK else (WARN, f"{bound}, a weak mark")

    return _over_marks(case, check)


def check_basis(case: Case) -> Finding:
    """R-49: the techniques that the verdict rests on; nothing found never means human-made."""
    ran = ", ".join(dict.fromkeys(e.layer.value for e in case.evidence if was_examined(e)))
    if not ran:
        return NOT_CHECKED, "no reader ran"
    found = ", ".join(
        dict.fromkeys(f"{e.layer.value} ({e.scheme})" for e in case.evidence if e.found)
    )
    if found:
        return PASS, f"rests on: {found}; examined: {ran}"
    return PASS, f"nothing found in: {ran}; that does not mean that a human made it"


def check_explicit_evidence(case: Case) -> Finding:
    """R-55: visible labels were looked for, those of others too."""
    if case.visible:
        return PASS, f"found by {case.visible[0].scheme}"
    if not case.examined(Layer.VISIBLE):
        return NOT_CHECKED, "no reader looked for a visible label"
    if case.foreign_visible_examined:
        return PASS, "own and foreign visible labels were looked for"
    return NOT_CHECKED, "own label style not found; foreign visible labels were not examined"


def check_provenance(case: Case) -> Finding:
    """R-60: marks of others are there beside the label."""
    if not case.foreign:
        return NOT_APPLICABLE, "no marks of others were found"
    names = ", ".join(dict.fromkeys(e.scheme for e in case.foreign))
    if any(e.fields.get("validation") == "altered" for e in case.foreign):
        return WARN, f"present beside the label: {names}; the C2PA manifest no longer holds"
    return PASS, f"present beside the label: {names}"


def check_layers(case: Case) -> Finding:
    """R-59: the layers that the policy asks for in an exported picture."""
    if not case.labelled:
        return NOT_APPLICABLE, NO_LABEL
    findings = [_layer(case, layer) for layer in case.policy.required]
    status, detail = worst(findings)
    if status is PASS and case.policy.shortfall:
        return WARN, f"{_listed(case.policy.required)} found, but {case.policy.shortfall}"
    return (PASS, f"{_listed(case.policy.required)} found") if status is PASS else (status, detail)


def _layer(case: Case, layer: Layer) -> Finding:
    found = {
        Layer.VISIBLE: bool(case.visible),
        Layer.WATERMARK: bool(case.marks),
        Layer.METADATA: bool(case.copies),
    }
    if found[layer]:
        return PASS, f"{layer.value} found"
    if layer is Layer.VISIBLE and not case.foreign_visible_examined:
        return NOT_CHECKED, "visible labels of other styles were not examined"
    if not case.examined(layer):
        return NOT_CHECKED, f"no reader looked for the {layer.value} layer"
    return FAIL, f"the {layer.value} layer is asked for and was not found"


def _listed(layers: tuple[Layer, ...]) -> str:
    return " and ".join(layer.value for layer in layers)


def _over_marks(case: Case, check: Callable[[WatermarkEvidence], Finding]) -> Finding:
    """Return the worst finding over all marks found, or that there is none."""
    if not case.marks:
        return NOT_APPLICABLE, "no watermark was found"
    return worst([check(mark) for mark in case.marks])
