"""From copies of a label to rows of evidence, the same for every modality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.evidence import MetadataEvidence
from detectors.findings import NOT_EXAMINED
from labeler.containers.deviations import deviations_of
from labeler.containers.value import parse_value


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from labeler.containers.model import Carrier


def rows_of(
    carriers: Iterable[Carrier], readers: Iterable[str], reader_of: Callable[[str], str]
) -> tuple[MetadataEvidence, ...]:
    """Return a row for every copy, in file order, then one for every reader that found nothing."""
    rows = [row_of(carrier) for carrier in carriers]
    spoken = {reader_of(row.scheme) for row in rows}
    silent = [reader for reader in readers if reader not in spoken]
    return (*rows, *(MetadataEvidence(scheme=reader, found=False) for reader in silent))


def row_of(carrier: Carrier) -> MetadataEvidence:
    """
    Return the row of one copy, or of metadata that could not be read.

    ``deviations`` say what departs from annex E and the guides (R-24..R-29, R-61, R-62).
    """
    if carrier.fault:
        return MetadataEvidence(
            scheme=carrier.scheme,
            found=False,
            place=carrier.place,
            detail=f"{NOT_EXAMINED}: {carrier.fault}",
        )
    value = parse_value(carrier.text)
    form = "wrapped, as annex E b prints it" if value.wrapped else "bare, as the guides print it"
    return MetadataEvidence(
        scheme=carrier.scheme,
        found=True,
        fields=value.fields,
        place=carrier.place,
        deviations=(*carrier.notes, *value.deviations, *deviations_of(value.fields)),
        detail="" if value.malformed else f"value form: {form} (both conform)",
    )
