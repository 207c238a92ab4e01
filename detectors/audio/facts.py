"""
What was measured on an audible label, and how it stands in a row of evidence.

A row of evidence has fields for pictures (box, height, contrast); what belongs to sound stands in
its detail, in one fixed wording that is written and read here and nowhere else. The conformity
checks of GB 45438-2025 5.3 rest on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from detectors.evidence import VisibleEvidence

RHYTHM, VOICE = "rhythm", "voice"
"""Schemes of the two kinds of audible label (GB 45438-2025 5.3 a)."""

PROBABLE = "probable"
"""How the detail starts of a rhythm that is not our own cue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudibleFacts:
    """
    One audible label: where it stands and how it plays.

    ``begin`` and ``end`` are in seconds, ``position`` is start, middle or end, ``level`` the
    loudness of the label relative to the rest in LU, None when the rest is silent. A rhythm has
    ``unit`` (s), ``gap`` (units between the letters) and ``tone`` (Hz); a voice has ``pace`` in
    characters a minute. ``own`` says that it is the cue or a clip of this toolkit.
    """

    kind: str
    begin: float
    end: float
    position: str
    level: float | None = None
    unit: float | None = None
    gap: float | None = None
    tone: float | None = None
    pace: float | None = None
    own: bool = True


_PATTERN = re.compile(
    r"(?P<kind>rhythm|voice) at (?P<position>start|middle|end), "
    r"(?P<begin>\d+\.\d+) to (?P<end>\d+\.\d+) s"
)


def describe(facts: AudibleFacts) -> str:
    """
    Return the facts as one clause, to be read back by `facts_of`.

    >>> describe(
    ...     AudibleFacts(
    ...         kind="rhythm", begin=0.3, end=1.62, position="start", unit=0.12, gap=3.0, tone=880
    ...     )
    ... )
    'rhythm at start, 0.30 to 1.62 s, unit 120 ms, letter gap 3.0 units, tone 880 Hz'
    """
    parts = [f"{facts.kind} at {facts.position}, {facts.begin:.2f} to {facts.end:.2f} s"]
    if facts.unit is not None:
        parts.append(f"unit {facts.unit * 1000:.0f} ms")
    if facts.gap is not None:
        parts.append(f"letter gap {facts.gap:.1f} units")
    if facts.tone is not None:
        parts.append(f"tone {facts.tone:.0f} Hz")
    if facts.pace is not None:
        parts.append(f"pace {facts.pace:.0f} characters a minute")
    if facts.level is not None:
        parts.append(f"level {facts.level:+.1f} LU")
    return ("" if facts.own else f"{PROBABLE} ") + ", ".join(parts)


def facts_of(evidence: VisibleEvidence) -> AudibleFacts | None:
    """Return the facts of a row of evidence, None when it holds none."""
    match = _PATTERN.search(evidence.detail)
    if not match:
        return None
    rest = evidence.detail[match.end() :].split(";")[0]
    unit = _value(rest, "unit", "ms")
    return AudibleFacts(
        kind=match["kind"],
        begin=float(match["begin"]),
        end=float(match["end"]),
        position=match["position"],
        level=_value(rest, "level", "LU"),
        unit=None if unit is None else unit / 1000,
        gap=_value(rest, "letter gap", "units"),
        tone=_value(rest, "tone", "Hz"),
        pace=_value(rest, "pace", "characters"),
        own=not evidence.detail.startswith(PROBABLE),
    )


def _value(text: str, name: str, unit: str) -> float | None:
    """Return a number that stands between its name and its unit."""
    match = re.search(rf", {name} ([+-]?\d+(?:\.\d+)?) {unit}", text)
    return float(match[1]) if match else None
