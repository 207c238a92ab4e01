"""Where the metadata label stands, and where the placement guide of its modality has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.conformity.case import (
    NOT_APPLICABLE,
    PASS,
    WARN,
    Case,
    Finding,
    over_copies,
    shown,
)
from detectors.metadata import GUIDE_PLACES
from detectors.video.metadata import GUIDE_PLACES as FILM_PLACES


if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.evidence import MetadataEvidence


CLAUSE_6 = "tc260-xmp"
"""Reader of the place the guide asks for in every picture format: the XMP property."""

ANNEX_B_EXIF = "exif-usercomment"
ANNEX_B_EXIF_FORMATS = frozenset({"jpeg", "webp"})
ANNEX_B_PNG = "PNG tEXt 'AIGC'"
"""The second form: EXIF UserComment in JPEG and WebP, a tEXt chunk with the keyword AIGC in PNG."""


def check_placement(case: Case) -> Finding:
    """R-33: the label stands where clause 6 or annex B of the guide has it."""
    format_name = case.format

    def check(copy: MetadataEvidence) -> Finding:
        place = copy.place or copy.scheme
        if copy.scheme == CLAUSE_6:
            return PASS, f"guide clause 6: {place}"
        if _is_annex_b(copy, format_name):
            return PASS, f"guide annex B: {place}"
        return WARN, f"the guide has no such place for a picture: {shown(place)}"

    return over_copies(case, check)


def check_sound_placement(case: Case) -> Finding:
    """R-35: the label stands where TC260-PG-202510A has it, or in XMP where it has no row."""
    return _in_guide(case, GUIDE_PLACES)


def check_film_placement(case: Case) -> Finding:
    """R-36, R-37: the label stands where TC260-PG-20257A has it, or in XMP where it has no row."""
    return _in_guide(case, FILM_PLACES)


def check_document_placement(case: Case) -> Finding:
    """R-38: the label stands where TC260-PG-20258A has it."""
    return _in_guide(case, GUIDE_PLACES)


def _in_guide(case: Case, places: Mapping[str, tuple[str, ...]]) -> Finding:
    name = case.format
    if name not in places:
        return NOT_APPLICABLE, f"the guide names no place for {name or 'this format'}"

    def check(copy: MetadataEvidence) -> Finding:
        place = copy.place or copy.scheme
        if copy.scheme in places[name]:
            return PASS, f"guide: {place}"
        return WARN, f"the guide has no such place in {name}: {shown(place)}"

    return over_copies(case, check)


def _is_annex_b(copy: MetadataEvidence, format_name: str) -> bool:
    """Go by the name of the place, which starts with the format, when the format is not known."""
    if copy.scheme == ANNEX_B_EXIF:
        name = format_name or copy.place.partition(" ")[0].casefold()
        return name in ANNEX_B_EXIF_FORMATS
    return copy.place.startswith(ANNEX_B_PNG)
