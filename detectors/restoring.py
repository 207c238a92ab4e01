"""
The registry asked about one item: a label that was lost comes back from its mark (R-44, R-45).

A record counts when every bit of the mark that was read fits it and no other record, and a foreign
mark would hardly fit by chance. The bytes of a registered file count as well. What only looks or
sounds alike is a hint for a person, never more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detectors.evidence import MetadataEvidence, ProvenanceEvidence, WatermarkEvidence
from detectors.findings import NOT_EXAMINED
from labeler.errors import LabelError
from labeler.payload import MARK_ID_BITS, PAYLOAD_BITS


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detectors.evidence import Evidence
    from labeler.registry.records import Likeness, Match, Registry

SCHEME = "registry"
LIKENESS_SCHEME = "registry-likeness"

BELIEVED_CHANCE = 1e-3
"""Most probable chance hit of a foreign mark at which a record is still taken for the right one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """
    What a registry says of one item.

    ``label`` are the seven fields, empty when nothing is restored; ``exact`` says that the bytes of
    the file are registered; ``rows`` is the evidence.
    """

    rows: tuple[ProvenanceEvidence, ...]
    label: dict[str, str] = field(default_factory=dict)
    exact: bool = False


def look_up(
    registry: Registry,
    evidence: Sequence[Evidence],
    *,
    digest: str = "",
    likeness: Callable[[], Likeness | None] | None = None,
) -> Restored:
    """
    Look one item up: by its bytes, by its mark, and by its likeness when neither is known.

    Parameters
    ----------
    registry
        Where to look. One that fails is a row that says so: the item is judged without it.
    evidence
        What the readers found.
    digest
        SHA-256 of the file; empty for content in memory.
    likeness
        Gives the fingerprint; called only when there is neither metadata nor mark.
    """
    try:
        if digest and (matches := registry.with_digest(digest)):
            return _by_bytes(matches, digest)
        marks = [e for e in evidence if isinstance(e, WatermarkEvidence) and _read_bits(e) > 0]
        marks.sort(key=_read_bits, reverse=True)
        found = [_by_mark(registry, mark) for mark in marks]
        best = next((x for x in found if x.label), next(iter(found), None))
        if best is None or not (best.label or best.rows[0].found):
            rows = best.rows if best else (_row(detail="no mark to look up"),)
            bare = not any(isinstance(e, MetadataEvidence) and e.found for e in evidence)
            hint = _by_likeness(registry, likeness) if bare and likeness is not None else ()
            return Restored(rows=(*rows, *hint))
    except LabelError as error:
        return Restored(rows=(_row(detail=f"{NOT_EXAMINED}: {error}"),))
    return best


def _row(**facts: object) -> ProvenanceEvidence:
    return ProvenanceEvidence(scheme=SCHEME, **{"found": False, **facts})  # type: ignore[arg-type]


def _read_bits(mark: WatermarkEvidence) -> int:
    """Return how many bits of the mark id a reading holds."""
    return min(MARK_ID_BITS, mark.bits - (PAYLOAD_BITS - MARK_ID_BITS)) if mark.found else 0


def _by_bytes(matches: Sequence[Match], digest: str) -> Restored:
    matches = [m for m in matches if m.record.sha256 == digest] or matches
    if (count := len({_pair(m) for m in matches})) > 1:
        detail = f"these very bytes, before labelling, under {count} content numbers: none is taken"
        return Restored(rows=(_row(found=True, declares_ai=True, detail=detail),))
    newest = matches[0]
    when = "after" if newest.record.sha256 == digest else "before"
    detail = f"entry {newest.number}: these very bytes, {when} labelling, {_told(newest)}"
    row = _row(found=True, declares_ai=True, fields=newest.record.label, detail=detail)
    return Restored(rows=(row,), label=newest.record.label, exact=True)


def _by_mark(registry: Registry, mark: WatermarkEvidence) -> Restored:
    bits = _read_bits(mark)
    matches = registry.with_mark(int(mark.mark_id, 16), bits)
    if not matches:
        return Restored(rows=(_row(detail=f"no entry has the mark of {mark.scheme}"),))
    labels = {_pair(m) for m in matches}
    if len(labels) > 1:
        detail = f"{len(labels)} labels fit the {bits} bits of {mark.scheme}; none is taken"
        return Restored(rows=(_row(detail=detail),))
    newest, chance = matches[0], len(registry) / 2.0**bits
    told = f"entry {newest.number}: the mark of {mark.scheme}, {bits} of {MARK_ID_BITS} bits"
    if chance > BELIEVED_CHANCE:
        detail = f"{told}, which a foreign mark fits by chance with {chance:.1g}: not taken"
        return Restored(rows=(_row(detail=detail),))
    detail = f"{told}, {_told(newest)}; by chance at most {chance:.0e}"
    row = _row(found=True, declares_ai=True, fields=newest.record.label, detail=detail)
    return Restored(rows=(row,), label=newest.record.label)


def _pair(match: Match) -> tuple[str, str]:
    return match.record.label["ContentProducer"], match.record.label["ProduceID"]


def _told(match: Match) -> str:
    record = match.record
    given = " and given out without a visible label (art. 9)" if record.recipient else ""
    return f"recorded {record.time[:10]}{given}"


def _by_likeness(
    registry: Registry, likeness: Callable[[], Likeness | None]
) -> tuple[ProvenanceEvidence, ...]:
    print_ = likeness()
    if print_ is None or not len(print_.prints):
        return ()
    near = registry.alike(print_, most=3)
    if not near:
        return (ProvenanceEvidence(scheme=LIKENESS_SCHEME, found=False, detail="nothing alike"),)
    told = ", ".join(f"entry {m.number} ({m.distance} of 256 bits differ)" for m in near)
    detail = f"looks or sounds like {told}; a hint, not a proof"
    fields = near[0].record.label
    return (ProvenanceEvidence(scheme=LIKENESS_SCHEME, found=True, fields=fields, detail=detail),)
