"""
Reading the visible labels of others: any wording with both elements, any typeface (R-01, R-55).

Text is found at a canonical scale, read from the full resolution, nearest to the edges first. A
line that has a piece of a label is looked at again, wider, and searched for keywords. What is
found is measured by `detectors.image.ocr_height`. Needs the extra ``ocr``
(design: visible labels 4 and 5).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from detectors.evidence import VisibleEvidence
from detectors.image.ocr_engine import (
    TextBox,
    decode,
    find_text,
    open_engine,
    read_line,
)
from detectors.image.ocr_height import measure_label
from detectors.image.ocr_spotting import maker_score, spot
from detectors.image.ocr_words import brand_in, has_fragment, label_in
from detectors.image.visible import at_edge
from labeler.image.views import as_view


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from detectors.image.ocr_engine import Engine, Floats

    Picture = NDArray[np.uint8]
    Corners = tuple[float, float, float, float]

SCHEME = "text-ocr"
SCALES = (640, 400)
"""Short sides at which text is looked for; the smaller one finds large labels."""
LEAST_SPOTTED, LEAST_FOLLOWED = -1.0, -2.0
"""
Least score of a keyword that counts, anywhere and where a label was read before.

The best of 340 pictures without label was -2.9 (design: visible labels 4).
"""
LEAST_MAKER = -2.5
"""Least score of the letters that name the AI alone: ``HAND`` agrees with most of ``BY AI``."""

_LARGEST_ENLARGEMENT = 3.0
_THIN, _THICK = 0.02, 0.22  # height of a label's box over the short side
_MOST_LINES = 16  # lines read at each scale
_LONG = 4.0  # sides of a part of a very long picture
_SMALLEST = 24
_WIDENED = (1.5, 4.0)  # heights by which a line with a piece of a label is widened
_TALL = 1.5
_SAME = 0.75
_TWO_LINES = 24  # characters of a label in two lines; longer ones are paragraphs


class Reading(NamedTuple):
    """A label as it was read: its text, the corners of its box, how sure, and what was read."""

    text: str
    box: Corners
    score: float
    raw: str


def read_foreign(pixels: NDArray[Any]) -> VisibleEvidence:
    """
    Return the first visible label of any wording that a picture shows, or that none was read.

    ``pixels`` are as `labeler.image.views.as_view` takes them, in display orientation. A mark of a
    known service without a generation element is found as well; its text then lacks that element.

    Raises `MissingBackend` without the extra ``ocr``.
    """
    picture = _as_bgr(pixels)
    engine = open_engine()
    if min(picture.shape[:2]) < _SMALLEST:
        return VisibleEvidence(scheme=SCHEME, found=False, detail="not examined: too small to read")
    found = _search(engine, picture)
    if found is None:
        detail = f"no visible label of any wording was read ({engine.name}; Korean cannot be read)"
        return VisibleEvidence(scheme=SCHEME, found=False, detail=detail)
    return _evidence(engine, picture, found)


def read_at(pixels: NDArray[Any], box: tuple[int, int, int, int]) -> bool:
    """
    Say whether a label still stands in a box (x, y, width, height) where one was read before.

    A hundredth of the cost of `read_foreign`; for the next frames of a film.
    """
    engine, picture = open_engine(), _as_bgr(pixels)
    x, y, w, h = box
    known = TextBox(x, y, x + w, y + h, 1.0)
    for wider in (0.0, 0.3, _WIDENED[0]):
        posteriors = read_line(engine, _cut(picture, _widened(known, wider, picture)))
        if label_in(decode(posteriors, engine.alphabet)[0]):
            return True
        if spot(posteriors, engine.alphabet)[1] >= LEAST_FOLLOWED:
            return True
    return False


def _as_bgr(pixels: NDArray[Any]) -> Picture:
    view = as_view(pixels)
    code = cv2.COLOR_GRAY2BGR if view.ndim == 2 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(view, code), np.uint8)


def _evidence(engine: Engine, picture: Picture, found: Reading) -> VisibleEvidence:
    h, w = picture.shape[:2]
    x0, y0, x1, y1 = _inside(found.box, (h, w))
    measured = measure_label(picture, (x0, y0, x1, y1), found.text)
    return VisibleEvidence(
        scheme=SCHEME,
        found=True,
        text=found.text,
        box=(x0, y0, x1 - x0, y1 - y0),
        height_ratio=measured.ratio,
        contrast=measured.contrast,
        at_edge=at_edge((x0, y0, x1 - x0, y1 - y0), (h, w)),
        score=round(found.score, 3),
        detail=f"read as {found.raw!r} ({engine.name}); {measured.told}",
    )


def _inside(box: Corners, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return a box in whole pixels of the picture."""
    x0, y0 = (max(0, int(v)) for v in box[:2])
    x1, y1 = (min(size[1 - i], int(np.ceil(box[2 + i]))) for i in (0, 1))
    return x0, y0, x1, y1


def _search(engine: Engine, picture: Picture) -> Reading | None:
    """Return a label, from one scale to the next, else the mark of a service."""
    brand: Reading | None = None
    parts = [(left, top, part, list[TextBox]()) for left, top, part in _parts(picture)]
    for scale in SCALES:
        for left, top, part, seen in parts:
            found = _search_part(engine, part, scale, seen)
            if found is None:
                continue
            x0, y0, x1, y1 = found.box
            found = found._replace(box=(x0 + left, y0 + top, x1 + left, y1 + top))
            if label_in(found.text):
                return found
            brand = brand or found
    return brand


def _parts(picture: Picture) -> Iterator[tuple[int, int, Picture]]:
    """Yield the picture, of a very long one only both ends and the middle, with their corners."""
    h, w = picture.shape[:2]
    reach = int(_LONG * min(h, w))
    if max(h, w) <= reach:
        yield 0, 0, picture
        return
    for start in (0, (max(h, w) - reach) // 2, max(h, w) - reach):
        if w > h:
            yield start, 0, picture[:, start : start + reach]
        else:
            yield 0, start, picture[start : start + reach]


def _search_part(
    engine: Engine, picture: Picture, scale: int, seen: list[TextBox]
) -> Reading | None:
    """Look for text at one scale; lines ``seen`` at another one are not read again."""
    short = min(picture.shape[:2])
    factor = min(scale / short, _LARGEST_ENLARGEMENT)
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=way), np.uint8)
    boxes = [
        TextBox(x0 / factor, y0 / factor, x1 / factor, y1 / factor, score)
        for x0, y0, x1, y1, score in find_text(engine, small)
    ]
    lines = sorted(
        (
            box
            for box in boxes
            if _THIN * short <= box.thickness <= _THICK * short
            and not any(_same(box, other) for other in seen)
        ),
        key=lambda box: _edge_distance(box, picture),
    )[:_MOST_LINES]
    seen += lines
    return _read_lines(engine, picture, lines)


def _same(one: TextBox, other: TextBox) -> bool:
    """Say whether two boxes share most of their area."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    shared = max(0.0, across) * max(0.0, down)
    areas = ((b.x1 - b.x0) * (b.y1 - b.y0) for b in (one, other))
    return bool(shared > _SAME * max(areas))


def _edge_distance(box: TextBox, picture: Picture) -> float:
    h, w = picture.shape[:2]
    return float(min(box.y0, h - box.y1, box.x0, w - box.x1))


def _read_lines(engine: Engine, picture: Picture, boxes: list[TextBox]) -> Reading | None:
    """Read lines until one is a label; then pairs of them, as labels are broken in two lines."""
    brand: Reading | None = None
    read: list[tuple[TextBox, str]] = []
    for box in boxes:
        found, text = _read_box(engine, picture, box)
        if found is not None and label_in(found.text):
            return found
        brand = brand or found
        read.append((box, text))
    return _two_lines(read) or brand


def _read_box(engine: Engine, picture: Picture, box: TextBox) -> tuple[Reading | None, str]:
    """Read one line, again and wider where it has a piece of a label; return its text as well."""
    line = _cut(picture, box[:4])
    tall = line.shape[0] > _TALL * line.shape[1]
    if tall:
        line = np.ascontiguousarray(np.rot90(line, -1))
    first = ""
    brand: Reading | None = None
    for wider in (0.0, *_WIDENED):
        grown = _widened(box, wider, picture) if wider else box[:4]
        posteriors = read_line(engine, _cut(picture, grown) if wider else line)
        text, score = decode(posteriors, engine.alphabet)
        first = first or text
        if label := label_in(text):
            return Reading(label, box[:4], score, text), first
        if mark := brand_in(text):
            brand = brand or Reading(mark, box[:4], score, text)
        if tall or not has_fragment(first):
            break
        if found := _spotted(engine, posteriors, text, box):
            return found, first
    return brand, first


def _spotted(engine: Engine, posteriors: Floats, text: str, box: TextBox) -> Reading | None:
    keyword, score = spot(posteriors, engine.alphabet)
    if score < LEAST_SPOTTED or maker_score(posteriors, engine.alphabet, keyword) < LEAST_MAKER:
        return None
    return Reading(label_in(keyword), box[:4], float(np.exp(score)), text)


def _two_lines(read: list[tuple[TextBox, str]]) -> Reading | None:
    """Return a label that stands in two lines, one over the other, of about one height."""
    order = sorted(read, key=lambda item: item[0].y0)
    for (upper, first), (lower, second) in pairwise(order):
        near = lower.y0 - upper.y1 < 0.6 * upper.thickness
        level = 0.6 < lower.thickness / max(upper.thickness, 1e-6) < 1.6
        beside = min(upper.x1, lower.x1) > max(upper.x0, lower.x0)
        label = label_in(f"{first} {second}")
        if near and level and beside and label and len(label) <= _TWO_LINES:
            x0, x1 = min(upper.x0, lower.x0), max(upper.x1, lower.x1)
            box = (x0, upper.y0, x1, lower.y1)
            return Reading(label, box, min(upper.score, lower.score), f"{first} / {second}")
    return None


def _widened(box: TextBox, heights: float, picture: Picture) -> Corners:
    """Return a box with more on both sides: the detector may have cut letters off."""
    room, spare = heights * box.thickness, 0.06 * box.thickness
    return (
        max(0.0, box.x0 - room),
        max(0.0, box.y0 - spare),
        min(float(picture.shape[1]), box.x1 + room),
        min(float(picture.shape[0]), box.y1 + spare),
    )


def _cut(picture: Picture, box: tuple[float, ...]) -> Picture:
    x0, y0, x1, y1 = _inside((box[0], box[1], box[2], box[3]), (picture.shape[0], picture.shape[1]))
    return np.ascontiguousarray(picture[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)])
