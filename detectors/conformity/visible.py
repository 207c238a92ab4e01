"""The visible label of a picture: GB 45438-2025 5.2, Measures art. 4 (R-01, R-03, R-09 to R-13)."""

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
    shown,
)
from labeler.model import Layer
from labeler.texts import has_both_elements


if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.evidence import VisibleEvidence


LEAST_HEIGHT = 0.05
"""Least glyph height over the shortest side (5.2 e)."""

LEAST_CONTRAST = 4.5
"""Our own number for "legible" (R-11); the standard has none."""

EDGE_BAND = 0.05
"""Widest gap between label and nearest edge, over that side (R-09; the width is ours)."""

NOT_ON_EVERY_FRAME = "not on every frame"
"""How the reader's detail starts when a later frame of an animation lacks the label."""

FIRST_TURNED = 5
"""EXIF orientations from here to 8 swap the sides."""

_FOREIGN_ERROR = 0.08
_OWN_ERROR = 0.002
"""Relative error of measuring foreign labels, absolute error for own ones of unknown picture."""

_NOT_SEEN = "no visible label of a known style and wording was found to measure"


def check_elements(case: Case) -> Finding:
    """R-01: the text names the AI element and the generation element."""

    def check(label: VisibleEvidence) -> Finding:
        if not label.text:
            return NOT_CHECKED, "the text of the visible label was not read"
        if any(has_both_elements(label.text, lang) for lang in ("zh", "zh-TW")):
            return PASS, f"{shown(label.text)} names both elements"
        why = "lacks 人工智能 or AI, or 生成 or 合成"
        return FAIL, f"{shown(label.text)} {why}"

    return _best_label(case, check)


def check_presence(case: Case) -> Finding:
    """R-03: the file itself contains an explicit label."""
    if case.visible:
        return PASS, f"a visible label is in the picture ({case.visible[0].scheme})"
    if not case.labelled:
        return NOT_APPLICABLE, NO_LABEL
    if not case.examined(Layer.VISIBLE):
        return NOT_CHECKED, "no reader looked for a visible label"
    if case.foreign_visible_examined:
        return FAIL, "no visible label was found; one is due unless art. 9 frees from it"
    return WARN, (
        "no visible label of a known style and wording was found; one is due unless art. 9 frees "
        "from it; other styles were not examined"
    )


def check_place(case: Case) -> Finding:
    """R-09: the label stands on an edge or in a corner."""

    def check(label: VisibleEvidence) -> Finding:
        at_edge = label.at_edge if label.at_edge is not None else _is_at_edge(label, case)
        if at_edge is None:
            return NOT_CHECKED, "the place of the visible label is not known"
        if at_edge:
            return PASS, "the label stands on an edge or in a corner"
        return FAIL, f"the label is more than {EDGE_BAND:.0%} of the side away from every edge"

    return _best_label(case, check)


def check_height(case: Case) -> Finding:
    """R-10: every glyph is at least 5 % of the shortest side high, within what can be measured."""

    def check(label: VisibleEvidence) -> Finding:
        if label.height_ratio is None:
            return NOT_CHECKED, "the height of the visible label is not measurable"
        measured = f"the smallest glyph is {label.height_ratio:.2%} of the shortest side"
        if label.height_ratio >= LEAST_HEIGHT - 1e-9:
            return PASS, measured
        if label.height_ratio >= LEAST_HEIGHT - _height_error(label, case):
            return WARN, f"{measured}, under 5 % by less than the error of measuring"
        return FAIL, f"{measured}, under 5 %"

    return _best_label(case, check)


def check_contrast(case: Case) -> Finding:
    """R-11: the label is legible; our own number, so that it is never a failure."""

    def check(label: VisibleEvidence) -> Finding:
        if label.contrast is None:
            return NOT_CHECKED, "the contrast of the visible label is not measurable"
        measured = f"contrast {label.contrast:.1f}:1"
        if label.contrast >= LEAST_CONTRAST:
            return PASS, measured
        return WARN, f"{measured}, under {LEAST_CONTRAST}:1 (own number; 5.2 d has none)"

    return _best_label(case, check)


def check_frames(case: Case) -> Finding:
    """R-13: the label stands upright as displayed, and on every frame of an animation."""

    def check(label: VisibleEvidence) -> Finding:
        if label.detail.startswith(NOT_ON_EVERY_FRAME):
            return WARN, "the label is not on every frame that was looked at"
        return PASS, "the label stands upright as displayed, on every frame that was looked at"

    return _best_label(case, check)


def _best_label(case: Case, check: Callable[[VisibleEvidence], Finding]) -> Finding:
    """
    Return the finding for the visible label that fares best: one good label suffices.

    A second text, such as a brand beside the label, does not make a good label bad.
    """
    if not case.visible:
        return (NOT_CHECKED, _NOT_SEEN) if case.labelled else (NOT_APPLICABLE, NO_LABEL)
    order = (PASS, WARN, FAIL, NOT_CHECKED)
    return min(map(check, case.visible), key=lambda finding: order.index(finding[0]))


def _height_error(label: VisibleEvidence, case: Case) -> float:
    """One pixel row for labels of known font (design: visible labels 2), 8 % for others (5)."""
    if "ocr" in label.scheme:
        return LEAST_HEIGHT * _FOREIGN_ERROR
    if case.header is None:
        return _OWN_ERROR
    return 1 / max(1, min(case.header.width, case.header.height))


def _is_at_edge(label: VisibleEvidence, case: Case) -> bool | None:
    """Measure the gaps between the box and the four edges, in display orientation."""
    if label.box is None or case.header is None:
        return None
    sides = (case.header.width, case.header.height)
    turned = case.header.orientation >= FIRST_TURNED
    width, height = sides[::-1] if turned else sides
    x, y, w, h = label.box
    across, down = min(x, width - x - w), min(y, height - y - h)
    inside = across >= 0 and down >= 0
    return inside and (across <= EDGE_BAND * width or down <= EDGE_BAND * height)
