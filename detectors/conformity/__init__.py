"""
Clause by clause: does the labelling meet the standard (R-48, docs/conformity.md).

Kept apart from the verdict: content can be confirmed and its label nonconforming, and the other way
round. One row a requirement, in the order of the requirement list, each number once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from detectors.conformity import film, metadata, other, sound, text, visible
from detectors.conformity.case import Case, Check
from detectors.conformity.placement import (
    check_document_placement,
    check_film_placement,
    check_placement,
    check_sound_placement,
)
from detectors.evidence import ConformityRow, Integrity
from labeler.model import Modality
from labeler.policy import policy_named


if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.evidence import Evidence
    from labeler.containers.model import Header
    from labeler.policy import Policy


_GB = "GB 45438-2025"
_ANY = frozenset(Modality)
_SOUND = frozenset({Modality.AUDIO})
_TEXT = frozenset({Modality.TEXT})
_FILM = frozenset({Modality.VIDEO})

CHECKS = (
    Check("R-01", f"{_GB} 5.2 b", visible.check_elements),
    Check("R-01", f"{_GB} 5.3 b", sound.check_elements, _SOUND),
    Check("R-01", f"{_GB} 5.1 b", visible.check_elements, _TEXT),
    Check("R-01", f"{_GB} 5.4 b", visible.check_elements, _FILM),
    Check("R-03", "Measures art. 4 last ¶", visible.check_presence),
    Check("R-03", "Measures art. 4(4)", visible.check_presence, _FILM),
    Check("R-03", "Measures art. 4(2)", sound.check_presence, _SOUND),
    Check("R-03", "Measures art. 4(1)", text.check_presence, _TEXT),
    Check("R-05", f"{_GB} 5.1, Measures art. 4(1)", text.check_position, _TEXT),
    Check("R-06", f"{_GB} 5.1", text.check_window, _TEXT),
    Check("R-07", f"{_GB} 5.1", text.check_corner, _TEXT),
    Check("R-08", "Measures art. 4(1)", text.check_rendering, _TEXT),
    Check("R-09", f"{_GB} 5.2 c", visible.check_place),
    Check("R-10", f"{_GB} 5.2 e", visible.check_height),
    Check("R-11", f"{_GB} 5.2 d", visible.check_contrast),
    Check("R-11", f"{_GB} 5.4 e", visible.check_contrast, _FILM),
    Check("R-13", "Measures art. 4(3)", visible.check_frames),
    Check("R-14", f"{_GB} 5.3 c, note 1", sound.check_rhythm, _SOUND),
    Check("R-15", f"{_GB} 5.3 d", sound.check_position, _SOUND),
    Check("R-16", f"{_GB} 5.3 e, note 4", sound.check_pace, _SOUND),
    Check("R-17", f"{_GB} 5.3 f", sound.check_level, _SOUND),
    Check("R-18", "Measures art. 6 ¶1(3)", sound.check_search, _SOUND),
    Check("R-19", f"{_GB} 5.4 g", film.check_duration, _FILM),
    Check("R-20", f"{_GB} 5.4 f", visible.check_height, _FILM),
    Check("R-24", f"{_GB} 6.1 a, annex E b", metadata.check_shape, _ANY),
    Check("R-25", f"{_GB} annex E c", metadata.check_label, _ANY),
    Check("R-26", f"{_GB} annex E j", metadata.check_characters, _ANY),
    Check("R-27", f"{_GB} annex E d, TC260-PG-20252A", metadata.check_producer, _ANY),
    Check("R-28", f"{_GB} annex E e", metadata.check_content_number, _ANY),
    Check("R-29", f"{_GB} annex E note 1", metadata.check_propagator, _ANY),
    Check("R-30", f"{_GB} 6.1 c", metadata.check_one_copy, _ANY),
    Check("R-33", "TC260-PG-20259A clause 6, annex B", check_placement),
    Check("R-35", "TC260-PG-202510A", check_sound_placement, _SOUND),
    Check("R-36", "TC260-PG-20257A", check_film_placement, _FILM),
    Check("R-38", "TC260-PG-20258A", check_document_placement, _TEXT),
    Check("R-39", "TC260-PG-20258A", text.check_other_place, _TEXT),
    Check("R-43", f"{_GB} 6.2", other.check_watermark, _ANY),
    Check("R-44", f"{_GB} 6.2", other.check_agreement, _ANY),
    Check("R-46", f"{_GB} 6.2", other.check_false_positives, _ANY),
    Check("R-49", "Measures art. 6 ¶1", other.check_basis, _ANY),
    Check("R-52", "TC260-PG-202511A", metadata.check_signature, _ANY),
    Check("R-55", "Measures art. 6 ¶1(3)", other.check_explicit_evidence, _ANY),
    Check("R-59", "", other.check_layers, _ANY),
    Check("R-60", "EU Code of Practice 1.2", other.check_provenance, _ANY),
    Check("R-62", f"{_GB} annex E b, annex F", metadata.check_names, _ANY),
)
"""Every check in the order of the report. An empty clause stands for that of the policy."""


def check_conformity(
    evidence: Sequence[Evidence],
    *,
    modality: Modality = Modality.IMAGE,
    policy: Policy | None = None,
    header: Header | None = None,
    integrity: Integrity = Integrity.ABSENT,
) -> tuple[ConformityRow, ...]:
    """
    Hold the evidence of one item against every requirement that applies to it.

    Parameters
    ----------
    evidence
        Every row of every reader that ran, found or not: a row that is absent means that nobody
        looked, and the check says so.
    modality
        What kind of content it is; requirements on pictures are asked of pictures only.
    policy
        Which requirements are asked; default ``cn``.
    header
        Size, orientation and number of frames, for the place and the height of the label.
    integrity
        State of the signature, as the verdict has it.
    """
    rules = policy or policy_named()
    case = Case(evidence=tuple(evidence), policy=rules, header=header, integrity=integrity)
    return tuple(_row(check, case) for check in _asked(rules.checks, modality))


@lru_cache(maxsize=64)
def _asked(requirements: frozenset[str], modality: Modality) -> tuple[Check, ...]:
    """Return the checks of some requirements that are asked of a modality."""
    return tuple(c for c in CHECKS if c.requirement in requirements and modality in c.modalities)


def _row(check: Check, case: Case) -> ConformityRow:
    status, detail = check.run(case)
    clause = check.clause or case.policy.clause
    return ConformityRow(requirement=check.requirement, clause=clause, status=status, detail=detail)
