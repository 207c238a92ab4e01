"""
Reading and measuring the toolkit's own visible labels (R-09..R-11, R-55).

`labeler.image.visible_search` finds them; the ruler measures them here, on the pixels as written.
Labels of other wordings and typefaces are not examined, and every row says so.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from detectors.evidence import VisibleEvidence
from detectors.image.ocr_models import MISSING, can_read
from labeler.core.image.ruler import InkMeasure, measure_ink
from labeler.image.views import as_view
from labeler.image.visible_scan import SEARCH
from labeler.image.visible_search import Hit, search_labels


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from labeler.core.image.compose import Box

SCHEME = "text"
NOT_EXAMINED = "foreign visible labels not examined"
"""What a reading of our own typeface cannot say; `detectors.image.ocr` reads the others."""
OWN_NOT_FOUND = "own label style not found"
EDGE_RATIO = 0.05
"""Distance from an edge up to which a label stands at it, over that side (R-09)."""


def read_visible(
    pixels: NDArray[Any],
    *,
    langs: Sequence[str] | None = None,
    thorough: bool = False,
    texts: Sequence[str] = (),
) -> VisibleEvidence:
    """
    Read the clearest visible label of a picture, or say that none of ours was found.

    Parameters
    ----------
    pixels
        uint8, (H, W) grey or (H, W, 3) RGB, in display orientation (R-13).
    langs
        Languages of `labeler.texts` whose wordings are looked for; None for all.
    thorough
        Look for more type sizes: for cropped or enlarged pictures, at several times the cost.
    texts
        Wordings of the caller's own, looked for as well.

    """
    found = find_labels(pixels, langs=langs, thorough=thorough, texts=texts)
    if found:
        return found[0]
    return VisibleEvidence(scheme=SCHEME, found=False, detail=f"{OWN_NOT_FOUND}; {NOT_EXAMINED}")


def find_labels(
    pixels: NDArray[Any],
    *,
    langs: Sequence[str] | None = None,
    thorough: bool = False,
    texts: Sequence[str] = (),
) -> tuple[VisibleEvidence, ...]:
    """
    Return every visible label of ours along top and bottom of a picture, the clearest first.

    Parameters are those of `read_visible`.
    """
    view = as_view(pixels)
    hits = search_labels(view, langs=langs, thorough=thorough, texts=texts)
    return tuple(_evidence(view, hit) for hit in hits)


def with_foreign(
    own: VisibleEvidence, read: Callable[[], VisibleEvidence], *, wanted: bool
) -> tuple[VisibleEvidence, ...]:
    """
    Return the row of the own label, and where that was not found the row of labels of others.

    ``read`` looks for those. Without the extra ``ocr``, or when not ``wanted``, it is not called,
    and the one row says that they were not examined.
    """
    if own.found:
        return (own,)
    if not wanted or not can_read():
        why = MISSING if wanted else "left out on request"
        detail = own.detail.replace(NOT_EXAMINED, f"{NOT_EXAMINED} ({why})")
        return (replace(own, detail=detail),)
    return replace(own, detail=own.detail.replace(f"; {NOT_EXAMINED}", "")), read()


def score_p_value(score: float) -> float:
    """
    Bound the chance that a picture without a label scores as high (exponential tail, fitted).

    >>> score_p_value(0.45)
    3e-05
    """
    return min(1.0, SEARCH.tail * math.exp(-SEARCH.decay * (score - SEARCH.threshold)))


def _evidence(view: NDArray[np.uint8], hit: Hit) -> VisibleEvidence:
    """Measure a label that was found and put the finding together."""
    pixels = view[..., None] if view.ndim == 2 else view
    measures = measure_ink(pixels, hit.glyphs, light_ink=hit.light_ink)
    return VisibleEvidence(
        scheme=SCHEME,
        found=True,
        text=hit.text,
        box=hit.box,
        height_ratio=_height_ratio(measures, min(pixels.shape[:2])),
        contrast=round(min(m.contrast for m in measures), 2) if measures else None,
        at_edge=at_edge(hit.box, pixels.shape[:2]),
        score=round(hit.score, 3),
        p_value=score_p_value(hit.score),
        detail=NOT_EXAMINED,
    )


def _height_ratio(measures: Sequence[InkMeasure], short: int) -> float | None:
    """Return the height of the lowest letter over the shortest side (R-10)."""
    if not measures:
        return None
    # Rows are exact on pixels as written, the crossing on scaled ones: each is low on the other
    return round(min(max(float(m.rows), m.height) for m in measures) / short, 4)


def at_edge(box: Box, size: tuple[int, ...]) -> bool:
    """Say whether a label stands at an edge or in a corner (GB 45438-2025 5.2 c, R-09)."""
    x, y, w, h = box
    height, width = size
    across = min(x, width - x - w) <= EDGE_RATIO * width
    return across or min(y, height - y - h) <= EDGE_RATIO * height
