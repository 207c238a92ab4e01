"""Run every reader over one picture, from cheap to dear, and collect what each says."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import tee
from typing import TYPE_CHECKING, Any

from detectors.evidence import MetadataEvidence
from detectors.findings import Finding, finding_of, unread
from detectors.foreign import stable_diffusion
from detectors.foreign.reading import read_picture_marks
from detectors.image.visible import read_visible, with_foreign
from detectors.image.watermark import read_mark
from detectors.metadata import read_metadata
from labeler.containers.carriers import collect
from labeler.containers.pictures import PICTURES
from labeler.errors import MissingBackend
from labeler.image.picture import view_picture
from labeler.image.views import as_view
from labeler.media import open_header
from labeler.model import Modality
from labeler.schemes import IMAGE_V1


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.evidence import Evidence, VisibleEvidence
    from detectors.image.watermark import Depth
    from labeler.keys import Key

FRAMES_SEEN = 3
"""Frames of an animation that are looked at for the visible label: first, middle, last (R-13)."""


def read_picture_evidence(
    data: bytes,
    *,
    keys: Sequence[Key],
    depth: Depth = "standard",
    thorough: bool = False,
    fast: bool = False,
    ocr: bool = True,
) -> Finding:
    """
    Read a picture file: metadata, marks of others, then (unless ``fast``) the pixels.

    ``ocr`` also reads visible labels of others, where its extra is installed.

    Raises `LabelError` when the file is no picture, broken, or over a limit (R-50, R-51).
    """
    finding = read_picture_header(data)
    if fast:
        return finding
    rows = _read_pixels(data, finding.format, keys=keys, depth=depth, thorough=thorough, ocr=ocr)
    return replace(finding, evidence=(*finding.evidence, *rows))


def read_picture_header(data: bytes, *, size: int | None = None) -> Finding:
    """
    Read metadata and marks of others in the metadata of a picture file, and nothing else of it.

    ``size`` is that of the whole file, where ``data`` comes without its content. Raises as
    `read_picture_evidence`.
    """
    header = open_header(data, size=size)
    # Both read the same blocks; what breaks off at a late block is broken for the label alone.
    blocks, again = tee(PICTURES[header.format].blocks(data))
    found = None if header.format == "tiff" else collect(blocks)
    rows: list[Evidence] = list(read_metadata(data, header.format, found=found))
    rows += read_picture_marks(data, header.format, again)
    return finding_of(Modality.IMAGE, header, rows)


def _read_pixels(
    data: bytes, format_name: str, *, keys: Sequence[Key], depth: Depth, thorough: bool, ocr: bool
) -> list[Evidence]:
    try:
        views = view_picture(data, format_name, most=FRAMES_SEEN)
    except MissingBackend as error:
        why = str(error)
        rows = unread(why, mark=IMAGE_V1.name, visible="text")
        return [*rows, stable_diffusion.not_examined(why)]
    mark = read_mark(views[0], keys=keys, depth=depth)
    own = _on_every_view(views, thorough=thorough)
    visible = with_foreign(own, partial(_read_foreign, views[0]), wanted=ocr)
    return [mark, *visible, stable_diffusion.read(views[0])]


def _read_foreign(view: NDArray[Any]) -> VisibleEvidence:
    from detectors.image.ocr import read_foreign

    return read_foreign(view)


def _on_every_view(views: Sequence[NDArray[Any]], *, thorough: bool) -> VisibleEvidence:
    """Return the label of the first view; a later view without it is said in the detail (R-13)."""
    first = read_visible(views[0], thorough=thorough)
    if not first.found or len(views) == 1:
        return first
    missing = [i for i, view in enumerate(views[1:], 1) if not read_visible(view).found]
    if not missing:
        return first
    return replace(first, detail=f"not on every frame looked at; {first.detail}".rstrip("; "))


def read_pixel_evidence(
    pixels: NDArray[Any],
    *,
    keys: Sequence[Key],
    depth: Depth = "standard",
    thorough: bool = False,
    ocr: bool = True,
) -> Finding:
    """
    Read a picture held in memory, shape (H, W), (H, W, C) or a batch of one.

    There is no file, so there is no metadata to read; the row says so.
    """
    view = as_view(pixels)
    rows: list[Evidence] = [
        MetadataEvidence(
            scheme="tc260-xmp", found=False, detail="not examined: pixels in memory have no file"
        ),
        read_mark(view, keys=keys, depth=depth),
        *with_foreign(
            read_visible(view, thorough=thorough), partial(_read_foreign, view), wanted=ocr
        ),
        stable_diffusion.read(view),
    ]
    return Finding(modality=Modality.IMAGE, format="array", evidence=tuple(rows))
