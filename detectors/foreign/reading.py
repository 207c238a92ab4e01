"""Run the readers of foreign declarations over the metadata blocks of one file of any modality."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from detectors.foreign import c2pa, iptc, signals
from labeler.containers.model import Block
from labeler.containers.pictures import PICTURES
from labeler.errors import LabelError
from labeler.signing.applying import DOCUMENTS_SIGNED, document_store


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from detectors.evidence import ProvenanceEvidence


def read_foreign(blocks: Iterable[Block]) -> tuple[ProvenanceEvidence, ...]:
    """
    Return a row each for IPTC, C2PA and the marks of generators, found or not.

    Nothing is verified here: `detectors.signatures` checks what is signed.
    """
    held = list(_until_broken(blocks))
    return tuple(reader.read_blocks(held) for reader in (iptc, c2pa, signals))


def _until_broken(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks; a container that breaks off has said what it can."""
    try:
        yield from blocks
    except LabelError:
        return


def read_document_marks(data: bytes, format_name: str) -> tuple[ProvenanceEvidence, ...]:
    """Return the C2PA row of a PDF or package; other documents have no place for a manifest."""
    if format_name not in DOCUMENTS_SIGNED:
        return ()
    store = document_store(data, format_name)
    found = [] if store is None else [Block(kind="c2pa", place=format_name, content=store)]
    return (c2pa.read_blocks(found),)


def read_picture_marks(
    data: bytes, format_name: str, blocks: Iterable[Block] | None = None
) -> tuple[ProvenanceEvidence, ...]:
    """
    Return what `read_foreign` does of a picture; a TIFF is its own block of EXIF.

    ``blocks`` are those of the picture, for a caller who has them.
    """
    if blocks is None:
        blocks = PICTURES[format_name].blocks(data)
    own = (Block(kind="exif", place="TIFF", content=data),) if format_name == "tiff" else ()
    return read_foreign(chain(own, blocks))
