"""Read metadata labels of sound: one row a copy, one row for every place without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.metadata_rows import rows_of
from labeler.containers.sounds import SOUNDS
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.evidence import MetadataEvidence


_XMP, _ID3 = "tc260-xmp", "id3-text"
_READERS = {
    "wav": ("tc260-riff", _ID3, "riff-info", _XMP, "riff-chunk"),
    "mp3": ("tc260-id3", _ID3, _XMP, "mp3-tail"),
    "flac": ("tc260-vorbis", _ID3, "flac-block"),
    "ogg": ("tc260-vorbis",),
    "m4a": ("tc260-mp4", "mp4-freeform", "mp4-ilst", _XMP, "isobmff-box"),
    "aiff": (_XMP, _ID3, "aiff-chunk"),
    "wma": (_XMP, "asf-attribute", "asf-object"),
}
"""The readers that run over a format; each leaves a row, found or not."""

_KINDRED = {"id3-txxx": _ID3, "vorbis-text": "tc260-vorbis"}
"""Schemes that one reader tells apart."""

GUIDE_PLACES: Mapping[str, tuple[str, ...]] = {
    "wav": ("tc260-riff",),
    "mp3": ("tc260-id3",),
    "flac": ("tc260-vorbis",),
    "ogg": ("tc260-vorbis",),
    "m4a": ("tc260-mp4",),
    "aiff": (_XMP,),
    "wma": (_XMP,),
}
"""Schemes of the place that TC260-PG-202510A gives a format; XMP for those without a row (R-35)."""


def read_metadata(data: bytes, format_name: str) -> tuple[MetadataEvidence, ...]:
    """
    Return one row for every copy of a label in a sound file, in file order, then empty readers.

    Parameters
    ----------
    data
        The file.
    format_name
        Its format, as `labeler.containers.sniff` names it.

    Returns
    -------
    tuple of MetadataEvidence
        As `detectors.image.metadata.read_metadata` has it.

    Raises
    ------
    UnsupportedMedia
        The format is none that has readers.
    CorruptMedia, MediaTooLarge
        The container itself cannot be read.
    """
    if format_name not in SOUNDS:
        raise UnsupportedMedia(f"there is no reader for the metadata of {format_name} files")
    return rows_of(SOUNDS[format_name].find(data), _READERS[format_name], _reader_of)


def _reader_of(scheme: str) -> str:
    """Return the reader that a scheme belongs to."""
    return _XMP if scheme.startswith("xmp-") else _KINDRED.get(scheme, scheme)
