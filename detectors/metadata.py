"""
Read metadata labels of a file: one row a copy, one row for every place without one.

The mirror of `labeler.metadata`: the same for every modality; what differs is the container.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from detectors.metadata_rows import rows_of
from labeler.containers.registry import FAMILIES
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.evidence import MetadataEvidence
    from labeler.containers.model import Carrier
    from labeler.containers.registry import FileContainer


_XMP, _EXIF, _ID3 = "tc260-xmp", "exif", "id3-text"
_READERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "jpeg": (_XMP, _EXIF, "jpeg-segment"),
        "png": (_XMP, _EXIF, "png-text"),
        "webp": (_XMP, _EXIF, "riff-chunk"),
        "gif": (_XMP, "gif-comment"),
        "tiff": (_XMP, _EXIF),
        "avif": (_XMP, _EXIF, "isobmff-item"),
        "heic": (_XMP, _EXIF, "isobmff-item"),
        "wav": ("tc260-riff", _ID3, "riff-info", _XMP, "riff-chunk"),
        "mp3": ("tc260-id3", _ID3, _XMP, "mp3-tail"),
        "flac": ("tc260-vorbis", _ID3, "flac-block"),
        "ogg": ("tc260-vorbis",),
        "m4a": ("tc260-mp4", "mp4-freeform", "mp4-ilst", _XMP, "isobmff-box"),
        "aiff": (_XMP, _ID3, "aiff-chunk"),
        "wma": (_XMP, "asf-attribute", "asf-object"),
        "text": ("text-line", "markdown-block"),
        "markdown": ("tc260-markdown", "toml-front-matter", "markdown-block", "html-comment"),
        "html": ("html-meta", "html-comment", "html-script"),
        "json": ("json-member",),
        "jsonl": ("json-member",),
        "srt": ("srt-cue",),
        "vtt": ("vtt-note",),
        "source": ("source-comment",),
        "data": (),
        "docx": ("tc260-ooxml", "ooxml-part"),
        "xlsx": ("tc260-ooxml", "ooxml-part"),
        "pptx": ("tc260-ooxml", "ooxml-part"),
        "pdf": ("tc260-pdf", "pdf-info", _XMP),
        "epub": ("epub-meta", "html-meta"),
    }
)
"""The readers that run over a format; each leaves a row, found or not."""

_KINDRED = {"id3-txxx": _ID3, "vorbis-text": "tc260-vorbis"}
"""Schemes that one reader tells apart."""

GUIDE_PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "wav": ("tc260-riff",),
        "mp3": ("tc260-id3",),
        "flac": ("tc260-vorbis",),
        "ogg": ("tc260-vorbis",),
        "m4a": ("tc260-mp4",),
        "aiff": (_XMP,),
        "wma": (_XMP,),
        "markdown": ("tc260-markdown",),
        "docx": ("tc260-ooxml",),
        "xlsx": ("tc260-ooxml",),
        "pptx": ("tc260-ooxml",),
        "pdf": ("tc260-pdf",),
    }
)
"""
Schemes of the place that the guides give a format: TC260-PG-202510A for sound, XMP for those
without a row there (R-35), TC260-PG-20258A for documents, of which others have none (R-38, R-39).
"""


def read_metadata(
    data: bytes,
    format_name: str,
    container: FileContainer | None = None,
    *,
    found: Sequence[Carrier] | None = None,
) -> tuple[MetadataEvidence, ...]:
    """
    Return one row for every copy of a label in a file, in file order, then the empty readers.

    Parameters
    ----------
    data
        The file.
    format_name
        Its format, as `labeler.containers.registry.format_of` names it.
    container
        Its container, where it goes by more than the format: source code by the file name.
    found
        Copies that were found already, of a file too long to be held: ``data`` is not looked at.

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
    family = next((formats for formats in FAMILIES.values() if format_name in formats), None)
    if family is None:
        raise UnsupportedMedia(f"there is no reader for the metadata of {format_name} files")
    if found is None:
        found = (container or family[format_name]).find(data)
    return rows_of(found, _READERS[format_name], _reader_of)


def _reader_of(scheme: str) -> str:
    """Return the reader that a scheme belongs to."""
    if scheme.startswith("xmp-"):
        return _XMP
    return _EXIF if scheme.startswith("exif-") else _KINDRED.get(scheme, scheme)
