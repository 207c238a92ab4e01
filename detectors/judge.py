"""
From evidence to verdict: the decision table of Measures art. 6 (R-47, docs/verdict.md).

Pure functions on evidence. The verdict says what a platform has to announce and to write; whether
the labelling meets the standard is another question, answered in `detectors.conformity` (R-48).
Row numbers in comments and in `Judgement.row` are those of docs/verdict.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detectors.evidence import (
    Integrity,
    MetadataEvidence,
    ProvenanceEvidence,
    Verdict,
    WatermarkEvidence,
)
from detectors.findings import (
    copy_status,
    found_copies,
    found_traces,
    governing_copy,
    label_status,
    mark_agreement,
    was_examined,
)
from labeler.annex_e import FIELDS
from labeler.model import Status
from labeler.policy import policy_named
from labeler.texts import notice_for


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.evidence import Evidence
    from labeler.policy import Policy


RANK = {
    Verdict.UNDETERMINED: 0,
    Verdict.NONE: 1,
    Verdict.SUSPECTED: 2,
    Verdict.POSSIBLE: 3,
    Verdict.CONFIRMED: 4,
}
"""Order of strength: confirmed > possible > suspected > none (law.md section 6)."""

REGISTRY_BITS = 48
"""Fewest bits of a mark that a registry entry is believed on; shorter heads collide."""

_VERDICTS = {
    Status.IS: Verdict.CONFIRMED,
    Status.MAY_BE: Verdict.POSSIBLE,
    Status.SUSPECTED: Verdict.SUSPECTED,
}
_STATUS = {verdict: status.value for status, verdict in _VERDICTS.items()}
_UNMISTAKABLE = frozenset(
    {"1", "aigc", "ai", "true", "yes", "是", "属于", "ai生成", "人工智能生成"}
)
_METADATA_PROVENANCE = ("c2pa", "iptc")
_BROKEN = frozenset({"altered", "damaged"})
"""States of a manifest that states nothing any more; what it said remains a trace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """
    The outcome over all evidence of one item.

    ``label`` holds the seven fields as read, a missing one as ``""``, or None when no metadata
    label was found. ``patch`` are the fields a platform has to write under Measures art. 6; its
    own code and number stand as ``""`` where they were not given. ``reasons`` name every technique
    the verdict rests on (R-49); ``row`` is the row of the table; ``conflict`` says that copies of
    the label contradict each other and that a person has to decide.
    """

    verdict: Verdict
    row: int
    notice: str = ""
    label: dict[str, str] | None = None
    integrity: Integrity = Integrity.ABSENT
    patch: dict[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    conflict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ruling:
    """One row of the table applied: the verdict and the fields that change beside the pair."""

    verdict: Verdict
    row: int
    why: str
    writes: Mapping[str, str] = field(default_factory=dict)


def judge(
    evidence: Sequence[Evidence],
    *,
    declared: bool | None = None,
    policy: Policy | None = None,
    lang: str | None = None,
    lenient: bool = False,
    trace_confirms: bool = False,
    registry_label: Mapping[str, str] | None = None,
    registry_exact: bool = False,
    integrity: Integrity | None = None,
    propagator: str = "",
    propagate_id: str = "",
) -> Judgement:
    """
    Judge one item by Measures art. 6: what it is, what to announce, what to write.

    Parameters
    ----------
    evidence
        Every row of every reader that ran, found or not.
    declared
        Whether the user declares the content as generated; None when not asked.
    policy
        Names the language of the notice; default ``cn``. ``lang`` overrides it.
    lenient
        Take a malformed label whose intent is unmistakable as "is generated" (row 8).
    trace_confirms
        Take an AI declaration in C2PA or IPTC metadata as confirmed, not as a trace (row 13).
    registry_label
        The seven fields a registry holds for the mark that was found. They are believed when the
        mark agrees with them in at least `REGISTRY_BITS` bits (R-45). A mark that agrees in fewer
        bits restores the label and leaves the verdict as it is.
    registry_exact
        The registry knows the very bytes of the file; then no mark is needed.
    integrity
        State of the signature in the reserved fields, from a reader that can check it.
    propagator, propagate_id
        Code and number of the platform that asks, for the patch.

    Raises
    ------
    UnknownPolicy
        There is no notice in that language.
    """
    copies = found_copies(evidence)
    rulings = [_rule_on_copy(copy, declared=declared, lenient=lenient) for copy in copies]
    ruling = (
        max(rulings, key=_strength, default=None)
        or _rule_on_registry(evidence, registry_label, exact=registry_exact)
        or _rule_on_traces(evidence, declared=declared, trace_confirms=trace_confirms)
    )
    conflict = len({_values(copy.fields) for copy in copies}) > 1
    state = integrity if integrity is not None else _unchecked_integrity(copies)
    patch = {} if conflict else _patch(ruling, propagator, propagate_id)
    language = lang or (policy or policy_named()).language
    return Judgement(
        verdict=ruling.verdict,
        row=ruling.row,
        notice=notice_for(ruling.verdict.value, language),
        label=_label(governing_copy(evidence))
        or _restored(evidence, registry_label, exact=registry_exact),
        integrity=state,
        patch=patch,
        reasons=(
            ruling.why,
            *_remarks(len(copies), conflict=conflict, state=state),
            *_basis(evidence, declared=declared),
        ),
        conflict=conflict,
    )


def undetermined(why: str) -> Judgement:
    """Return row 14: the item could not be read, nothing is announced and nothing written."""
    return Judgement(verdict=Verdict.UNDETERMINED, row=14, reasons=(why,))


def _rule_on_copy(copy: MetadataEvidence, *, declared: bool | None, lenient: bool) -> _Ruling:
    """Apply rows 1 and 5 to 9 to one copy of the label."""
    match copy_status(copy):
        case Status.IS:
            why = "metadata: the label states that the content is generated"
            return _Ruling(verdict=Verdict.CONFIRMED, row=1, why=why)
        case Status.MAY_BE:
            why = "metadata: the label states that the content may be generated"
            return _Ruling(verdict=Verdict.POSSIBLE, row=5, why=why)
        case Status.SUSPECTED if declared:
            why = "metadata: the label says suspected, and the user declares it"
            return _write(Verdict.POSSIBLE, 6, why)
        case Status.SUSPECTED:
            why = "metadata: the label states that the content is suspected to be generated"
            return _Ruling(verdict=Verdict.SUSPECTED, row=7, why=why)
        case None:
            return _rule_on_malformed(copy.fields, declared=declared, lenient=lenient)


def _rule_on_malformed(
    fields: Mapping[str, str], *, declared: bool | None, lenient: bool
) -> _Ruling:
    """Apply rows 8 and 9: a label is there but does not clearly state anything."""
    if lenient and fields.get("Label", "").strip().casefold() in _UNMISTAKABLE:
        why = "metadata: the label is malformed, its intent unmistakable (lenient reading)"
        return _write(Verdict.CONFIRMED, 8, why)
    if declared:
        why = "metadata: a label that states nothing clearly, and the user declares the content"
        return _write(Verdict.POSSIBLE, 9, why)
    why = "metadata: a label is present but malformed, so it counts as a trace"
    return _write(Verdict.SUSPECTED, 8, why)


def _rule_on_registry(
    evidence: Sequence[Evidence], registry_label: Mapping[str, str] | None, *, exact: bool
) -> _Ruling | None:
    """Take the label that a registry holds, if a mark found agrees, or the bytes (R-45)."""
    if not registry_label or (status := label_status(registry_label)) is None:
        return None
    if exact:
        why = "registry: it knows these very bytes"
    elif marks := _agreeing(evidence, registry_label, bits=REGISTRY_BITS):
        why = f"watermark: the registry knows the mark ({marks[0].scheme})"
    else:
        return None
    writes = {name: registry_label.get(name, "") for name in FIELDS[:4]}
    return _Ruling(verdict=_VERDICTS[status], row=3, why=why, writes=writes)


def _agreeing(
    evidence: Sequence[Evidence], fields: Mapping[str, str], *, bits: int
) -> list[WatermarkEvidence]:
    """Return the marks of at least ``bits`` bits that carry the mark id of these fields."""
    marks = (e for e in evidence if isinstance(e, WatermarkEvidence) and e.bits >= bits)
    return [mark for mark in marks if mark_agreement(mark, fields)]


def _restored(
    evidence: Sequence[Evidence], registry_label: Mapping[str, str] | None, *, exact: bool
) -> dict[str, str] | None:
    """Return the label that a registry gives back, if anything found agrees with it (R-44)."""
    if registry_label and (exact or _agreeing(evidence, registry_label, bits=1)):
        return {name: registry_label.get(name, "") for name in FIELDS}
    return None


def _rule_on_traces(
    evidence: Sequence[Evidence], *, declared: bool | None, trace_confirms: bool
) -> _Ruling:
    """Apply rows 2, 3, 4 and 13: there is no metadata label."""
    declares = [e for e in evidence if isinstance(e, ProvenanceEvidence) and e.found]
    foreign = [e for e in declares if e.declares_ai]
    stated = [e for e in foreign if e.fields.get("validation") not in _BROKEN]
    if trace_confirms and any(e.scheme.startswith(_METADATA_PROVENANCE) for e in stated):
        why = "provenance: foreign metadata declares AI, which this call takes as a statement"
        return _write(Verdict.CONFIRMED, 13, why)
    if declared:
        return _write(Verdict.POSSIBLE, 2, "declaration: no metadata label, the user declares it")
    if traces := found_traces(evidence):
        row = 13 if all(trace.startswith("provenance") for trace in traces) else 3
        why = f"no metadata label and no declaration, but traces: {', '.join(traces)}"
        return _write(Verdict.SUSPECTED, row, why)
    why = "no label and no trace was found; that does not mean that a human made it"
    return _Ruling(verdict=Verdict.NONE, row=4, why=why)


def _write(verdict: Verdict, row: int, why: str) -> _Ruling:
    """Return a ruling after which the platform sets ``Label`` itself."""
    return _Ruling(verdict=verdict, row=row, why=why, writes={"Label": _STATUS[verdict]})


def _patch(ruling: _Ruling, propagator: str, propagate_id: str) -> dict[str, str]:
    """Return the fields to write; ReservedCode2 protects the pair, so it goes with it (R-32)."""
    if ruling.verdict is Verdict.NONE:
        return {}
    pair = {"ContentPropagator": propagator, "PropagateID": propagate_id, "ReservedCode2": ""}
    values = {**ruling.writes, **pair}
    return {name: values[name] for name in FIELDS if name in values}


def _label(copy: MetadataEvidence | None) -> dict[str, str] | None:
    if copy is None or not any(name in copy.fields for name in FIELDS):
        return None
    return {name: copy.fields.get(name, "") for name in FIELDS}


def _values(fields: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Return what a copy says, so that a missing field equals an empty one (rows 10, 11)."""
    return frozenset((name, value) for name, value in fields.items() if value)


def _strength(ruling: _Ruling) -> int:
    return RANK[ruling.verdict]


def _unchecked_integrity(copies: Sequence[MetadataEvidence]) -> Integrity:
    """Reserved fields that nobody checked are "unsupported", never "absent" nor "failed"."""
    reserved = ("ReservedCode1", "ReservedCode2")
    used = any(copy.fields.get(name) for copy in copies for name in reserved)
    return Integrity.UNSUPPORTED if used else Integrity.ABSENT


def _remarks(copies: int, *, conflict: bool, state: Integrity) -> tuple[str, ...]:
    """State rows 10, 11 and 12, which leave the verdict as it is."""
    remarks = []
    if conflict:
        remarks.append(f"metadata: {copies} copies contradict each other; a person has to decide")
    elif copies > 1:
        remarks.append(f"metadata: {copies} equal copies; one is to be kept (GB 45438-2025 6.1 c)")
    if state is Integrity.FAILED:
        remarks.append("metadata: its signature fails; the label may be forged (Measures art. 10)")
    return tuple(remarks)


def _basis(evidence: Sequence[Evidence], *, declared: bool | None) -> tuple[str, ...]:
    """List what was found and how surely (R-46), what was not examined, and the declaration."""
    lines = [f"{e.layer.value}: {e.scheme} found{_doubt(e)}" for e in evidence if e.found]
    lines += [f"{e.layer.value}: {e.scheme} not examined" for e in evidence if not was_examined(e)]
    if declared is not None:
        lines.append(f"declaration: the user says {'yes' if declared else 'no'}")
    return tuple(lines)


def _doubt(evidence: Evidence) -> str:
    doubt = ""
    if not isinstance(evidence, MetadataEvidence) and evidence.p_value is not None:
        doubt = f", by chance at most {evidence.p_value:.0e}"
    if isinstance(evidence, WatermarkEvidence) and evidence.key == "default":
        doubt += ", with the published key that anybody may use"
    return doubt
