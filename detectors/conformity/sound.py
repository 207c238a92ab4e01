"""The audible label: GB 45438-2025 5.3, Measures art. 4(2) (R-01, R-03, R-14 to R-18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.audio.facts import RHYTHM, VOICE, AudibleFacts, facts_of
from detectors.conformity.case import (
    FAIL,
    NO_LABEL,
    NOT_APPLICABLE,
    NOT_CHECKED,
    PASS,
    WARN,
    Case,
    Finding,
    shown,
)
from labeler.audio.pace import PACE, PACE_MARGIN, is_normal_pace
from labeler.model import Layer
from labeler.texts import has_both_elements


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from detectors.evidence import VisibleEvidence


UNITS = (0.08, 0.2)
"""Lengths of the short tone in seconds that are usual for Morse code by ear; our own numbers."""

LETTER_GAP = 2.0
"""Units of pause between the letters below which A I is heard as the letter L; our own number."""

LEVELS = (-7.0, 1.0)
"""Loudness of the label relative to the rest in LU: asked for -6 to 0, 1 LU for measuring."""

_NOT_HEARD = "no rhythm and no shipped voice prompt was found to measure"


def check_elements(case: Case) -> Finding:
    """R-01: a spoken label names the AI element and the generation element (5.3 b)."""

    def check(label: VisibleEvidence, _facts: AudibleFacts) -> Finding:
        if not label.text:
            return NOT_CHECKED, "what is spoken was not read"
        if any(has_both_elements(label.text, lang) for lang in ("zh", "zh-TW", "en")):
            return PASS, f"{shown(label.text)} names both elements"
        return FAIL, f"{shown(label.text)} does not name both elements"

    return _best(case, VOICE, check)


def check_presence(case: Case) -> Finding:
    """R-03: the sound itself contains an audible label."""
    heard = [facts for _, facts in _labels(case)]
    if any(facts.own for facts in heard):
        return PASS, f"an audible label is in the sound ({heard[0].kind})"
    if heard:
        return WARN, "a rhythm that is probably the audible label is in the sound"
    if not case.labelled:
        return NOT_APPLICABLE, NO_LABEL
    if not case.examined(Layer.VISIBLE):
        return NOT_CHECKED, "no reader looked for an audible label"
    return WARN, (
        "no rhythm and no shipped voice prompt was found; one is due unless art. 9 frees from it; "
        "other voices were not examined"
    )


def check_rhythm(case: Case) -> Finding:
    """R-14: the rhythm is 短长 短短, with a pause that parts the letters (5.3 c, note 1)."""

    def check(_label: VisibleEvidence, facts: AudibleFacts) -> Finding:
        if facts.gap is None or facts.unit is None:
            return NOT_CHECKED, "the timing of the rhythm was not measured"
        told = f"unit {facts.unit * 1000:.0f} ms, letter gap {facts.gap:.1f} units"
        if facts.gap < LETTER_GAP:
            return WARN, f"{told}: without the longer pause it is the Morse letter L, not A I"
        if not UNITS[0] * 0.95 <= facts.unit <= UNITS[1] * 1.05:
            low, high = (round(unit * 1000) for unit in UNITS)
            return WARN, f"{told}, outside {low} to {high} ms (own numbers; 5.3 c has none)"
        return PASS, told

    return _best(case, RHYTHM, check)


def check_position(case: Case) -> Finding:
    """R-15: the label stands at the start, the end or in the middle (5.3 d)."""
    places = sorted({facts.position for _, facts in _labels(case)})
    if places:
        return PASS, f"the label stands at: {', '.join(places)}"
    return _nothing(case)


def check_pace(case: Case) -> Finding:
    """R-16: the voice speaks at a normal pace (5.3 e, note 4: about 120 to 160 a minute)."""

    def check(_label: VisibleEvidence, facts: AudibleFacts) -> Finding:
        if facts.pace is None:
            return NOT_CHECKED, "the pace of the voice was not measured"
        told = f"{facts.pace:.0f} characters a minute"
        if is_normal_pace(facts.pace):
            return PASS, told
        return WARN, f"{told}, not about {PACE[0]} to {PACE[1]} ({PACE_MARGIN:.0%} of margin)"

    return _best(case, VOICE, check)


def check_level(case: Case) -> Finding:
    """R-17: the label can be heard clearly; 5.3 f has no number, so that it is never a failure."""

    def check(_label: VisibleEvidence, facts: AudibleFacts) -> Finding:
        if facts.level is None:
            return NOT_CHECKED, "there is no other sound to compare the label with"
        told = f"the label is {facts.level:+.1f} LU against the rest"
        if facts.level < LEVELS[0]:
            return WARN, f"{told}: under -6 LU (own number)"
        if facts.level > LEVELS[1]:
            return PASS, f"{told}, louder than the rest"
        return PASS, told

    return _best(case, None, check)


def check_search(case: Case) -> Finding:
    """R-18: rhythms of our own and of others were looked for."""
    if not case.examined(Layer.VISIBLE):
        return NOT_CHECKED, "no reader looked for an audible label"
    return PASS, (
        "looked for: our rhythm at 90 to 110 % of its speed, rhythms of others with units of 60 to "
        "300 ms and letter gaps of 1 to 4 units, the shipped voice prompts"
    )


def _labels(case: Case) -> Iterator[tuple[VisibleEvidence, AudibleFacts]]:
    """Yield the audible labels found, each with its facts."""
    for label in case.visible:
        facts = facts_of(label)
        if facts is not None:
            yield label, facts


def _best(
    case: Case, kind: str | None, check: Callable[[VisibleEvidence, AudibleFacts], Finding]
) -> Finding:
    """Return the finding for the label of a kind that fares best: one good label suffices."""
    labels = list(_labels(case))
    asked = [(label, facts) for label, facts in labels if kind in (None, facts.kind)]
    if asked:
        order = (PASS, WARN, FAIL, NOT_CHECKED)
        return min((check(*pair) for pair in asked), key=lambda finding: order.index(finding[0]))
    if labels:
        return NOT_APPLICABLE, f"the label found is no {kind}"
    return _nothing(case)


def _nothing(case: Case) -> Finding:
    """Say that no audible label was found."""
    return (NOT_CHECKED, _NOT_HEARD) if case.labelled else (NOT_APPLICABLE, NO_LABEL)
