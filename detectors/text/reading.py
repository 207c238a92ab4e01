"""Run every reader over one document, from cheap to dear, and collect what each says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.evidence import ProvenanceEvidence
from detectors.findings import Finding, finding_of, unread
from detectors.foreign.reading import read_document_marks
from detectors.metadata import read_metadata
from detectors.text.hidden import report_hidden
from detectors.text.sidecar import read_sidecar
from detectors.text.tokens import read_document_sampling
from detectors.text.visible import SCHEME, read_visible
from detectors.text.watermark import read_mark
from labeler.containers.documents import document_container_of
from labeler.containers.sidecar import digest_of
from labeler.containers.text.model import NOWHERE
from labeler.errors import LabelError
from labeler.media import open_document_header
from labeler.model import Modality
from labeler.schemes import TEXT_V1
from labeler.text.marking import text_of


if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from detectors.evidence import Evidence
    from detectors.image.watermark import Depth
    from detectors.text.hidden import HiddenReport
    from detectors.text.tokens import Tokenizer
    from labeler.containers.text.model import DocumentContainer
    from labeler.keys import Key


HIDDEN_SCHEME = "hidden-characters"
"""Row that tells of hidden characters by class; it never says anything about AI."""


def read_document_evidence(
    data: bytes,
    *,
    keys: Sequence[Key],
    depth: Depth = "standard",
    thorough: bool = False,
    fast: bool = False,
    name: str = "",
    tokenizer: Tokenizer | str | Path | None = None,
    sidecar: bytes | None = None,
) -> Finding:
    """
    Read a document: metadata, then (unless ``fast``) visible labels, mark, hidden characters.

    ``name`` is the file name, which tells text formats apart. With the ``tokenizer`` of a model the
    text is scored for the generation-time mark as well; ``sidecar`` is what lies beside a file that
    has no place for metadata. ``depth`` and ``thorough`` are for
    pictures and sound. Raises `LabelError` when the file is no document, broken, or over a limit
    (R-50, R-51); of an encrypted one the rows say that nothing could be examined.
    """
    del depth, thorough
    header = open_document_header(data, name)
    container = document_container_of(data, name)
    rows: list[Evidence] = list(read_metadata(data, header.format, container))
    rows += read_document_marks(data, header.format)
    if header.placement == NOWHERE:
        rows.append(read_sidecar(sidecar, digest_of(data)))
    if header.protected:
        rows += _unread("the document is encrypted")
    elif not fast:
        rows += _in_text(data, container, keys, tokenizer)
    return finding_of(Modality.TEXT, header, rows)


def _in_text(
    data: bytes,
    container: DocumentContainer,
    keys: Sequence[Key],
    tokenizer: Tokenizer | str | Path | None,
) -> tuple[Evidence, ...]:
    try:
        text = text_of(data, container)
        seen = read_visible(data, container)
    except LabelError as error:
        return _unread(str(error))
    marks = read_mark(text, keys)
    if any(mark.found for mark in marks):
        own = {code: None for carrier in TEXT_V1.carriers for code in carrier.alphabet}
        text = text.translate(own)
    sampled = () if tokenizer is None else (read_document_sampling(text, tokenizer, keys),)
    return (*seen, *marks, *sampled, hidden_row(report_hidden(text)))


def hidden_row(report: HiddenReport) -> ProvenanceEvidence:
    """Tell of hidden characters; only what looks like data counts as something found."""
    return ProvenanceEvidence(
        scheme=HIDDEN_SCHEME, found=bool(report.schemes), detail=report.sentence()
    )


def _unread(why: str) -> tuple[Evidence, ...]:
    mark, visible = unread(why, mark=TEXT_V1.name, visible=SCHEME)
    return visible, mark
