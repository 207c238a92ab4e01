"""Labels of documents: GB 45438-2025 5.1, Measures art. 4(1), TC260-PG-20258A (R-03 to R-39)."""

from __future__ import annotations

import re

from detectors.conformity.case import (
    FAIL,
    NO_COPY,
    NO_LABEL,
    NOT_APPLICABLE,
    NOT_CHECKED,
    PASS,
    WARN,
    Case,
    Finding,
    shown,
)
from detectors.metadata import GUIDE_PLACES
from labeler.model import Layer
from labeler.texts import has_both_elements


RENDERED = frozenset({"markdown", "html", "docx", "xlsx", "pptx", "pdf", "epub"})
"""Formats that are shown by a program: the label has to be in what it shows (R-08)."""

_PLACE = re.compile(r"at the (start|end)|in the (header|footer|cue|comment|corner|message)")


def _places(case: Case) -> list[str]:
    matches = (_PLACE.search(label.detail) for label in case.visible)
    return sorted({match[1] or match[2] for match in matches if match})


def _nothing(case: Case) -> Finding:
    return (NOT_CHECKED, "no label line was seen") if case.labelled else (NOT_APPLICABLE, NO_LABEL)


def check_presence(case: Case) -> Finding:
    """R-03: the file itself contains an explicit label."""
    if case.visible:
        return PASS, f"an explicit label is in the text: {shown(case.visible[0].text)}"
    if not case.labelled:
        return NOT_APPLICABLE, NO_LABEL
    if not case.examined(Layer.VISIBLE):
        return NOT_CHECKED, "no reader looked for an explicit label"
    return FAIL, "no explicit label is at the start or the end; one is due unless art. 9 frees"


def check_position(case: Case) -> Finding:
    """R-05: the label stands at the start or the end of the text, or around it (5.1)."""
    places = _places(case)
    if places:
        return PASS, f"the label stands at: {', '.join(places)}"
    return _nothing(case)


def check_window(case: Case) -> Finding:
    """R-06: both elements stand in the first or last lines; blanks between them do not matter."""
    if not case.examined(Layer.VISIBLE):
        return NOT_CHECKED, "no reader looked for an explicit label"
    if not case.visible:
        return _nothing(case)
    window = "looked at: the first and last 3 lines that are not empty, headers, footers, cues"
    languages = ("zh", "zh-TW", "en", "ko", "ja", "de", "fr", "es")
    if any(has_both_elements(label.text, x) for label in case.visible for x in languages):
        return PASS, f"both elements are there; {window} (our own window: 5.1 has none)"
    return WARN, f"a label line without both elements; {window}"


def check_corner(case: Case) -> Finding:
    """R-07: a corner mark names both elements; a bare "AI" is not accepted."""
    corners = [label for label in case.visible if "in the corner" in label.detail]
    if not corners:
        return NOT_APPLICABLE, "there is no corner mark; it is one of several ways"
    if any(has_both_elements(label.text) for label in corners):
        return PASS, "the corner mark names both elements"
    return WARN, "the corner mark lacks an element"


def check_rendering(case: Case) -> Finding:
    """R-08: in formats that are rendered the label is text that people see, not only metadata."""
    name = case.format
    if name not in RENDERED:
        return NOT_APPLICABLE, "the file is shown as it is"
    if case.visible:
        return PASS, f"the label is in the text that {name} shows"
    if case.copies and case.examined(Layer.VISIBLE):
        return FAIL, "the label is only in the metadata"
    return _nothing(case)


def check_other_place(case: Case) -> Finding:
    """R-39: formats without a standard placement say so."""
    name = case.format
    if name in GUIDE_PLACES:
        return NOT_APPLICABLE, "the guide names a place for this format"
    if not case.copies:
        return NOT_APPLICABLE, f"{NO_COPY}; {name or 'this format'} has no standard placement"
    place = case.copies[0].place or case.copies[0].scheme
    return WARN, f"no standard placement for {name}: the label stands in {shown(place)}"
