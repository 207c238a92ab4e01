"""Read metadata labels of pictures: one row a copy, one row for every place without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.evidence import Integrity, MetadataEvidence
from detectors.findings import NOT_EXAMINED
from labeler.containers import CONTAINERS
from labeler.containers.deviations import deviations_of
from labeler.containers.value import parse_value
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.containers import Carrier


_RESERVED = ("ReservedCode1", "ReservedCode2")
_XMP, _EXIF = "tc260-xmp", "exif"
_READERS = {
    "jpeg": (_XMP, _EXIF, "jpeg-segment"),
    "png": (_XMP, _EXIF, "png-text"),
    "webp": (_XMP, _EXIF, "riff-chunk"),
    "gif": (_XMP, "gif-comment"),
    "tiff": (_XMP, _EXIF),
    "avif": (_XMP, _EXIF, "isobmff-item"),
    "heic": (_XMP, _EXIF, "isobmff-item"),
}
"""The readers that run over a format; each leaves a row, found or not."""


def read_metadata(data: bytes, format_name: str) -> tuple[MetadataEvidence, ...]:
    """
    Return one row for every copy of a label in a picture, in file order, then the empty readers.

    Parameters
    ----------
    data
        The file.
    format_name
        Its format, as `labeler.containers.sniff` names it.

    Returns
    -------
    tuple of MetadataEvidence
        ``fields`` are the values as read, aliases resolved; ``deviations`` say what departs from
        annex E and the guides (R-24..R-29, R-61, R-62). Metadata that could not be read (a
        compressed bomb, a DTD) leaves a row that starts with "not examined".

    Raises
    ------
    UnsupportedMedia
        The format is none that has readers.
    CorruptMedia, MediaTooLarge
        The container itself cannot be read.
    """
    if format_name not in CONTAINERS:
        raise UnsupportedMedia(f"there is no reader for the metadata of {format_name} files")
    carriers = CONTAINERS[format_name].find(data)
    rows = [_row(carrier) for carrier in carriers]
    spoken = {_reader_of(row.scheme) for row in rows}
    silent = [reader for reader in _READERS[format_name] if reader not in spoken]
    return (*rows, *(MetadataEvidence(scheme=reader, found=False) for reader in silent))


def integrity_of(fields: Mapping[str, str]) -> Integrity:
    """
    Say what is known of a signature in the reserved fields (R-52).

    A value that is there is not checked yet, so it is "unsupported": neither good nor forged.
    """
    present = any(fields.get(name, "").strip() for name in _RESERVED)
    return Integrity.UNSUPPORTED if present else Integrity.ABSENT


def _row(carrier: Carrier) -> MetadataEvidence:
    """Return the row of one copy, or of metadata that could not be read."""
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


def _reader_of(scheme: str) -> str:
    """Return the reader that a scheme belongs to."""
    if scheme.startswith("xmp-"):
        return _XMP
    return _EXIF if scheme.startswith("exif-") else scheme
