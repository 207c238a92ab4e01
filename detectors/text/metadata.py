"""Read metadata labels of documents: one row a copy, one row for every place without one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from detectors.metadata_rows import rows_of
from labeler.containers.documents import DOCUMENTS
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.evidence import MetadataEvidence
    from labeler.containers.document_model import DocumentContainer


_READERS = {
    "text": ("text-line", "markdown-block"),
    "markdown": ("tc260-markdown", "markdown-block", "html-comment"),
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
    "pdf": ("tc260-pdf", "pdf-info", "tc260-xmp"),
    "epub": ("epub-meta", "html-meta"),
}
"""The readers that run over a format; each leaves a row, found or not."""

GUIDE_PLACES: Mapping[str, str] = MappingProxyType(
    {
        "markdown": "tc260-markdown",
        "docx": "tc260-ooxml",
        "xlsx": "tc260-ooxml",
        "pptx": "tc260-ooxml",
        "pdf": "tc260-pdf",
    }
)
"""Scheme of the place that TC260-PG-20258A gives a format; others have none (R-38, R-39)."""


def read_metadata(
    data: bytes, format_name: str, container: DocumentContainer | None = None
) -> tuple[MetadataEvidence, ...]:
    """
    Return one row for every copy of a label in a document, in file order, then empty readers.

    Parameters
    ----------
    data
        The file.
    format_name
        Its format, as `labeler.containers.documents.sniff_document` names it.
    container
        Its container; of source code it goes by the file name.

    Returns
    -------
    tuple of MetadataEvidence
        As `detectors.image.metadata.read_metadata` has it.

    Raises
    ------
    UnsupportedMedia
        The format is none that has readers.
    CorruptMedia, MediaTooLarge, MissingBackend
        The container itself cannot be read.
    """
    if format_name not in DOCUMENTS:
        raise UnsupportedMedia(f"there is no reader for the metadata of {format_name} files")
    found = (container or DOCUMENTS[format_name]).find(data)
    return rows_of(found, _READERS[format_name], _reader_of)


def _reader_of(scheme: str) -> str:
    """Return the reader that a scheme belongs to."""
    return "tc260-xmp" if scheme.startswith("xmp-") else scheme
