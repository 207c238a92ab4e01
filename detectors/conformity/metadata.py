"""The metadata label: GB 45438-2025 6.1 and annex E (R-24 to R-30, R-52, R-62)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.conformity.case import (
    FAIL,
    NO_COPY,
    NOT_APPLICABLE,
    NOT_CHECKED,
    PASS,
    WARN,
    Case,
    Finding,
    over_copies,
    shown,
)
from detectors.evidence import Integrity
from labeler.annex_e import FIELDS, outside_characters, provider_code_fault
from labeler.containers.deviations import deviations_of
from labeler.containers.value import MALFORMED
from labeler.model import Layer


if TYPE_CHECKING:
    from detectors.evidence import MetadataEvidence


_ELEMENTS = ("Label", "ContentProducer", "ProduceID", "ContentPropagator", "PropagateID")
_PROPAGATOR = ("ContentPropagator", "PropagateID")
_PRODUCER = ("ContentProducer", "ProduceID")
_ALIAS = ("spelling of annex F", "is no key of annex E b", "is spelled", "Tencent Cloud service")
_ORDER = "(information)"
_NO_STRING = "annex E b asks for strings"


def check_shape(case: Case) -> Finding:
    """R-24: an object of exactly the seven keys, all strings; 6.1 a asks for five of them."""
    if not case.copies and case.labelled and case.policy.binds_gb:
        if not case.examined(Layer.METADATA):
            return NOT_CHECKED, "no reader looked for a metadata label"
        return FAIL, "there is no metadata label, although other layers have one (Measures art. 5)"
    return over_copies(case, _shape_of)


def _shape_of(copy: MetadataEvidence) -> Finding:
    missing = [name for name in FIELDS if name not in copy.fields]
    if due := [name for name in missing if name in _ELEMENTS]:
        return FAIL, f"missing: {', '.join(due)} (6.1 a)"
    said = _shape_deviations(copy)
    grave = [s for s in said if s.startswith(MALFORMED) or _NO_STRING in s]
    if grave:
        return FAIL, "; ".join(grave)
    if missing:
        return WARN, f"missing: {', '.join(missing)} (annex E b)"
    if light := [s for s in said if _ORDER not in s]:
        return WARN, "; ".join(light)
    return PASS, "; ".join(said) or "the seven keys, all strings"


def _shape_deviations(copy: MetadataEvidence) -> list[str]:
    """Return what the reader said about the form, not what other rows compute or report."""
    computed = set(deviations_of(copy.fields))
    return [s for s in copy.deviations if s not in computed and not any(a in s for a in _ALIAS)]


def check_label(case: Case) -> Finding:
    """R-25: ``Label`` is 1, 2 or 3."""

    def check(copy: MetadataEvidence) -> Finding:
        value = copy.fields.get("Label", "")
        if value in {"1", "2", "3"}:
            return PASS, f"Label is {value}"
        return FAIL, f"Label is {shown(value)}, not 1, 2 or 3"

    return over_copies(case, check)


def check_characters(case: Case) -> Finding:
    """R-26: the characters annex E j lists; "mainly", so that others are a warning, no failure."""

    def check(copy: MetadataEvidence) -> Finding:
        outside = [name for name in FIELDS if outside_characters(name, copy.fields.get(name, ""))]
        if outside:
            return WARN, f"characters that annex E j does not list in: {', '.join(outside)}"
        return PASS, "only characters that annex E j lists"

    return over_copies(case, check)


def check_producer(case: Case) -> Finding:
    """R-27: a producer for Label 1; a code of 27 characters has a right check digit."""

    def check(copy: MetadataEvidence) -> Finding:
        producer = copy.fields.get("ContentProducer", "")
        for name in ("ContentProducer", "ContentPropagator"):
            if fault := provider_code_fault(copy.fields.get(name, "")):
                return FAIL, f"{name} is no valid provider code: {fault}"
        if producer:
            return PASS, f"producer {shown(producer)}"
        if copy.fields.get("Label") == "1":
            return FAIL, "ContentProducer is empty, and Label is 1"
        return PASS, "no producer is named; the label does not claim to know it"

    return over_copies(case, check)


def check_content_number(case: Case) -> Finding:
    """R-28: the producer's number of the content; its uniqueness does not show in one file."""

    def check(copy: MetadataEvidence) -> Finding:
        number = copy.fields.get("ProduceID", "")
        if not number:
            empty = "ProduceID is empty"
            return (FAIL, empty) if copy.fields.get("Label") == "1" else (PASS, empty)
        if not number.strip("0-"):
            return WARN, f"ProduceID {shown(number)} is all zeros and can hardly be unique"
        return PASS, "ProduceID is there; one file cannot show that it is unique"

    return over_copies(case, check)


def check_propagator(case: Case) -> Finding:
    """R-29: on first write the propagator pair equals the producer pair; a note, so it informs."""

    def check(copy: MetadataEvidence) -> Finding:
        if any(name not in copy.fields for name in _PROPAGATOR):
            return FAIL, "a key of the propagator pair is missing (6.1 a)"
        pair = [copy.fields[name] for name in _PROPAGATOR]
        if pair == [copy.fields.get(name, "") for name in _PRODUCER]:
            return PASS, "the propagator pair equals the producer pair, as on first write"
        if not any(pair):
            return PASS, "the propagator pair is empty (information)"
        return PASS, f"passed on by {shown(pair[0])} (information)"

    return over_copies(case, check)


def check_one_copy(case: Case) -> Finding:
    """R-30: exactly one metadata label in the file."""
    if not case.copies:
        return NOT_APPLICABLE, NO_COPY
    if len(case.copies) == 1:
        return PASS, "one copy"
    places = ", ".join(copy.place or copy.scheme for copy in case.copies[:8])
    return FAIL, f"{len(case.copies)} copies: {places}"


def check_names(case: Case) -> Finding:
    """R-62: the keys are spelled as annex E b has them."""

    def check(copy: MetadataEvidence) -> Finding:
        if said := [s for s in copy.deviations if any(alias in s for alias in _ALIAS)]:
            return WARN, "; ".join(said)
        return PASS, "the keys are spelled as annex E b has them"

    return over_copies(case, check)


def check_signature(case: Case) -> Finding:
    """R-52: the state of a signature in the reserved fields."""
    if not case.copies:
        return NOT_APPLICABLE, NO_COPY
    return {
        Integrity.ABSENT: (NOT_APPLICABLE, "the reserved fields hold no signature"),
        Integrity.VERIFIED_PINNED: (PASS, "the signature verifies with a pinned key"),
        Integrity.VERIFIED_EMBEDDED_KEY: (
            PASS,
            "the signature verifies with the key in the file: integrity, not origin",
        ),
        Integrity.FAILED: (FAIL, "the signature fails; the label may be forged (Measures art. 10)"),
        Integrity.UNSUPPORTED: (NOT_CHECKED, "the reserved fields hold something not checkable"),
    }[case.integrity]
