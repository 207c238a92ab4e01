"""
Read the explicit labels of a document where people see them: body, headers, footers, cues (R-06).

The words are judged by `detectors.text.explicit`; here it is only said what stands where.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from detectors.evidence import VisibleEvidence
from detectors.text.explicit import match_line, read_explicit
from labeler.text.visible import candidate_lines


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.text.model import DocumentContainer, Surface


MAX_ROWS = 12
"""Most labels of one document that get a row each."""

SCHEME = "text"


def read_visible(data: bytes, container: DocumentContainer) -> tuple[VisibleEvidence, ...]:
    """
    Return a row for every explicit label of a document, or one that says that none was seen.

    ``detail`` names the place: a line at the start or the end of a body, or the header, footer, cue
    or comment it stands in. Raises `LabelError` when the document cannot be read.
    """
    found: list[VisibleEvidence] = []
    asides: list[str] = []
    for surface in container.surfaces(data):
        for row in _rows(surface):
            if row.found:
                found.append(row)
            elif row.detail:
                asides.append(row.detail)
    if found:
        more = len(found) - MAX_ROWS
        if more > 0:
            last = found[MAX_ROWS - 1]
            told = f"{last.detail}; {more} more labels like this"
            found[MAX_ROWS - 1] = replace(last, detail=told)
        return tuple(found[:MAX_ROWS])
    detail = "; ".join(dict.fromkeys(asides)) or "no label line was seen"
    return (VisibleEvidence(scheme=SCHEME, found=False, detail=detail[:1000]),)


def _rows(surface: Surface) -> Iterator[VisibleEvidence]:
    where = f" of {surface.where}" if surface.where else ""
    if surface.place == "body":
        for row in read_explicit(surface.text):
            yield replace(row, detail=f"{row.detail}{where}" if row.found else row.detail)
        return
    for line in candidate_lines(surface):
        matched = match_line(line)
        if matched and not matched[1]:
            detail = f"in the {surface.place}{where}, {matched[0]}"
            yield VisibleEvidence(scheme=SCHEME, found=True, text=line.strip(), detail=detail)
