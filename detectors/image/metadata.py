"""Read metadata labels of pictures: one row a copy, one row for every place without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.metadata_rows import rows_of
from labeler.containers import CONTAINERS
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from detectors.evidence import MetadataEvidence


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
    return rows_of(CONTAINERS[format_name].find(data), _READERS[format_name], _reader_of)


def _reader_of(scheme: str) -> str:
    """Return the reader that a scheme belongs to."""
    if scheme.startswith("xmp-"):
        return _XMP
    return _EXIF if scheme.startswith("exif-") else scheme
