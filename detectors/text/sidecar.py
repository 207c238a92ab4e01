"""
Judging a sidecar: the label of a text that has no place for metadata (R-39).

It counts as the metadata of the file only when it names the file's own SHA-256. The sidecar of
other content is a trace: somebody labelled an earlier version, or put it there by mistake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.evidence import MetadataEvidence, ProvenanceEvidence
from detectors.findings import NOT_EXAMINED
from detectors.metadata_rows import row_of
from labeler.containers.sidecar import SCHEME, load_sidecar
from labeler.errors import LabelError


if TYPE_CHECKING:
    from detectors.evidence import Evidence


def read_sidecar(sidecar: bytes | None, digest: str) -> Evidence:
    """
    Return the row of a sidecar for the file with this SHA-256; nothing says that there is none.

    A sidecar that cannot be read leaves a row that starts with "not examined".
    """
    if not sidecar:
        return MetadataEvidence(scheme=SCHEME, found=False)
    try:
        told = load_sidecar(sidecar)
    except LabelError as error:
        return MetadataEvidence(scheme=SCHEME, found=False, detail=f"{NOT_EXAMINED}: {error}")
    if told.belongs_to(digest):
        return row_of(told.carrier())
    return ProvenanceEvidence(
        scheme=SCHEME,
        found=True,
        declares_ai=True,
        detail="the sidecar names another SHA-256: it is of an earlier version, or of another file",
    )
