"""Read metadata labels of video: one row a copy, one row for every place without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from detectors.metadata_rows import rows_of
from labeler.containers.videos import VIDEOS
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.evidence import MetadataEvidence


_XMP = "tc260-xmp"
_MP4 = ("tc260-mp4", "mp4-freeform", "mp4-ilst", _XMP, "isobmff-box")
_MATROSKA = ("tc260-mkv", "mkv-tag")
_READERS = {
    "mp4": _MP4,
    "mov": _MP4,
    "mkv": _MATROSKA,
    "webm": _MATROSKA,
    "flv": ("tc260-flv", "flv-script", _XMP),
    "avi": ("tc260-riff", "riff-info", _XMP, "riff-chunk"),
    "wmv": (_XMP, "asf-attribute", "asf-object"),
}
"""The readers that run over a format; each leaves a row, found or not."""

GUIDE_PLACES: Mapping[str, tuple[str, ...]] = {
    "mp4": ("tc260-mp4",),
    "mov": ("tc260-mp4",),
    "mkv": ("tc260-mkv",),
    "webm": ("tc260-mkv",),
    "flv": ("tc260-flv",),
    "avi": ("tc260-riff",),
    "wmv": (_XMP,),
}
"""Schemes of the place that TC260-PG-20257A gives a format; XMP for WMV, which has no row there."""


def read_metadata(file: BinaryIO, format_name: str) -> tuple[MetadataEvidence, ...]:
    """
    Return one row for every copy of a label in a video file, in file order, then empty readers.

    Parameters
    ----------
    file
        The file, open for reading, seekable; little of it is held in memory at once.
    format_name
        Its format, as `labeler.containers.sniffing.sniff_file` names it.

    Returns
    -------
    tuple of MetadataEvidence
        As `detectors.metadata.read_metadata` has it.

    Raises
    ------
    UnsupportedMedia
        The format is none that has readers.
    CorruptMedia, MediaTooLarge
        The container itself cannot be read.
    """
    if format_name not in VIDEOS:
        raise UnsupportedMedia(f"there is no reader for the metadata of {format_name} files")
    return rows_of(VIDEOS[format_name].find(file), _READERS[format_name], _reader_of)


def _reader_of(scheme: str) -> str:
    """Return the reader that a scheme belongs to."""
    return _XMP if scheme.startswith("xmp-") else scheme
