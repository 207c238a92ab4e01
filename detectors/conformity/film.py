"""Checks of the visible label of video: how long it is shown, and from where (R-19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.conformity.case import FAIL, NO_LABEL, NOT_APPLICABLE, NOT_CHECKED, PASS


if TYPE_CHECKING:
    from detectors.conformity.case import Case, Finding


LEAST_SECONDS = 2.0
"""How long the label is shown at normal speed (GB 45438-2025 5.4 g)."""

_FRAME = 0.05
"""Seconds that a frame may last: the last one carries the label to the end of its own time."""


def check_duration(case: Case) -> Finding:
    """R-19: the label is on the first picture and stays for two seconds, or for all of the film."""
    if not case.visible:
        return (NOT_CHECKED, NO_LABEL) if case.labelled else (NOT_APPLICABLE, NO_LABEL)
    spans = [label.seconds for label in case.visible if label.seconds is not None]
    if not spans:
        return NOT_CHECKED, "when the visible label is shown was not measured"
    start, end = min(spans)
    told = f"shown from second {start:.2f} to {end:.2f}"
    if start > _FRAME:
        return FAIL, f"{told}; the first picture does not carry it"
    length = getattr(case.header, "seconds", None)
    needed = min(LEAST_SECONDS, length) if length else LEAST_SECONDS
    if end < needed - 2 * _FRAME:
        return FAIL, f"{told}, which is less than {LEAST_SECONDS:g} s"
    return PASS, told
