"""
Finding the toolkit's own visible labels without OCR (R-55).

Known wordings in the known typeface are looked for along the top and the bottom by masked,
regularised correlation: coarsely at a short side of 160 pixels (`labeler.image.visible_scan`),
then finely at 400 where something was found. It stands beside the drawing because ``apply`` looks
for labels that it must not cover; `detectors.image.visible` measures what is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from labeler.core.image.correlation import correlate_patch, find_peaks, similarity
from labeler.image.views import as_view
from labeler.image.visible_plan import STYLES
from labeler.image.visible_scan import SEARCH, SMALL, Place, levels_of, overlap, search_strips
from labeler.image.visible_words import (
    MASTER_EM,
    label_template,
    searched_texts,
    shape_of,
    wordings_of,
)
from labeler.texts import WORDINGS


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from labeler.core.image.compose import Box, Floats

_SMALLEST = 32
_COARSE_STEPS = (0.925, 0.95, 0.975, 1.0, 1.025, 1.05, 1.075)
_FINE_STEPS = ((0.988, 1.0, 1.012), (0.994, 1.0, 1.006), (0.997, 1.0, 1.003))
_INSIDE = 0.5
_PADDING = 2.5  # em: the most that padding and margins take from the width of a picture
_FRAME = 0.35  # em around a place that the fine look takes in


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """
    A label that was found: what it says, where, and how surely.

    ``box`` is (x, y, width, height) of letters and plate in the pixels given, ``glyphs`` the
    corners (x0, y0, x1, y1) of every letter, good to a pixel or a twentieth of their height;
    ``score`` is the correlation, 0 to 1.
    """

    text: str
    box: Box
    glyphs: tuple[Box, ...]
    light_ink: bool
    score: float


def search_labels(
    pixels: NDArray[Any],
    *,
    langs: Sequence[str] | None = None,
    thorough: bool = False,
    texts: Sequence[str] = (),
) -> tuple[Hit, ...]:
    """
    Find every label of ours along the top and bottom of a picture, the clearest first.

    Parameters
    ----------
    pixels
        A picture as `labeler.image.views.as_view` takes it, in display orientation (R-13).
    langs
        Languages of `labeler.texts` whose wordings are looked for; None for all.
    thorough
        Look for more type sizes: for cropped or enlarged pictures, at several times the cost.
    texts
        Wordings of the caller's own, looked for as well.

    """
    view = as_view(pixels)
    view = view[..., None] if view.ndim == 2 else view
    short, width = min(view.shape[:2]), view.shape[1]
    if short < _SMALLEST:
        return ()
    languages = tuple(langs) if langs is not None else tuple(WORDINGS)
    searched = searched_texts(languages, texts, small=thorough or short < SMALL)
    wordings = wordings_of(languages, tuple(texts))
    hits = []
    for match in _look_closely(view, search_strips(view, searched, thorough=thorough)):
        fitting = _fitting(wordings, match.place.em * short, width)
        read = _read_wording(view, match, fitting)
        if _rank(read)[0]:
            place = read.place
            text = wordings.get(place.lines, place.lines.replace("\n", " "))
            hits.append(_hit(place, text, view.shape[:2]))
    return tuple(sorted(hits, key=lambda hit: -hit.score))


def _hit(place: Place, text: str, size: tuple[int, ...]) -> Hit:
    """Return a place as a finding in picture pixels."""
    em = place.em * min(size)
    corners = shape_of(place.lines).glyphs * (em / MASTER_EM)
    corners = np.rint(corners + np.array([place.x, place.y] * 2)).clip(0)
    boxes = tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in corners)
    return Hit(
        text=text,
        box=_label_box(corners, em, size),
        glyphs=boxes,
        light_ink=place.score > 0,
        score=abs(place.score),
    )


def _label_box(corners: NDArray[Any], em: float, size: tuple[int, ...]) -> Box:
    """Return the box (x, y, width, height) of the letters and their plate, inside the picture."""
    plate = STYLES["plate"]
    grow = np.array([plate.pad_x, plate.pad_y]) * em
    left, top = np.rint(corners[:, :2].min(0) - grow).clip(0).astype(int)
    right, bottom = np.rint(corners[:, 2:].max(0) + grow).clip(0, size[1::-1]).astype(int)
    return int(left), int(top), int(right - left), int(bottom - top)


def _fitting(wordings: Mapping[str, str], em: float, width: int) -> Iterator[str]:
    """Yield the wordings as they may be set at a type size: broken where one line is too long."""
    for lines, text in wordings.items():
        room = shape_of(text).ink.shape[1] * em / MASTER_EM
        whole = lines == text
        if (whole and room <= width) or (not whole and room + _PADDING * em >= width):
            yield lines


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """A place at the fine scale, the levels under its text there, half a pixel in its pixels."""

    place: Place
    spot: Floats
    aside: int


def _look_closely(pixels: NDArray[np.uint8], places: Iterable[Place]) -> list[_Match]:
    """Return the places as the fine scale has them, the best first and none over a better one."""
    short = min(pixels.shape[:2])
    looks = (_best_size(pixels, place, place.lines, _COARSE_STEPS) for place in places)
    kept: list[_Match] = []
    for match in sorted(
        (m for m in looks if m and abs(m.place.score) >= SEARCH.gate),
        key=lambda m: -abs(m.place.score),
    ):
        if not any(overlap(match.place, other.place, short) for other in kept):
            kept.append(match)
    return [_settle(pixels, match) for match in kept]


def _read_wording(pixels: NDArray[np.uint8], match: _Match, wordings: Iterable[str]) -> _Match:
    """
    Return which wording a place found by one text says.

    Where every letter of the text is clear, it may still be part of a longer wording; where one
    is not, it may be any wording that shares two characters in a row with it. Of the wordings
    whose every letter stands in the picture the one with the most letters is right.
    """
    place = match.place
    best, best_rank = match, _rank(match)
    part = place.lines if min(_letter_scores(match)) >= SEARCH.clear else ""
    for lines in wordings:
        if lines == place.lines or part not in lines or not _related(lines, place.lines):
            continue
        other = _match(pixels, place, lines, place.em)
        if other is None or abs(other.place.score) < SEARCH.gate:
            continue
        other = _settle(pixels, other)
        if (rank := _rank(other)) > best_rank:
            best, best_rank = other, rank
    return best


def _settle(pixels: NDArray[np.uint8], match: _Match) -> _Match:
    """Return a match at its best type size: the ends of a long text tell small steps apart."""
    for steps in _FINE_STEPS:
        place = match.place
        match = _best_size(pixels, place, place.lines, steps) or match
    return match


def _best_size(
    pixels: NDArray[np.uint8], place: Place, lines: str, steps: Sequence[float]
) -> _Match | None:
    """Return the best match of a wording near a place over steps of its type size."""
    matches = (_match(pixels, place, lines, place.em * step) for step in steps)
    return max((m for m in matches if m), key=lambda m: abs(m.place.score), default=None)


def _match(pixels: NDArray[np.uint8], place: Place, lines: str, em: float) -> _Match | None:
    """Find a wording near a place at a type size; None where the picture has no room for it."""
    h, w = pixels.shape[:2]
    short = min(h, w)
    scale = SEARCH.fine / short
    size, room = (shape_of(text).size_at(em * short) for text in (place.lines, lines))
    frame = _FRAME * em * short
    dx, dy = (max(0, room[i] - size[i]) + frame for i in (0, 1))
    x0, y0 = max(0, int(place.x - dx)), max(0, int(place.y - dy))
    x1 = min(w, int(place.x + size[0] + dx) + 1)
    y1 = min(h, int(place.y + size[1] + dy) + 1)
    if x1 - x0 < room[0] // 2 or y1 - y0 < room[1] // 2:
        return None
    patch = levels_of(pixels[y0:y1, x0:x1], (round((x1 - x0) * scale), round((y1 - y0) * scale)))
    template = label_template(lines, em * SEARCH.fine)
    scores = correlate_patch(patch, template)
    if not scores.size:
        return None
    score, x, y = find_peaks(scores, 1, (0, 0))[0] if scores.any() else (0.0, 0, 0)
    th, tw = template.shape.shape
    found = Place(score, lines, em, x0 + x / scale, y0 + y / scale)
    return _Match(place=found, spot=patch[y : y + th, x : x + tw], aside=int(0.5 * scale))


def _rank(match: _Match) -> tuple[int, float]:
    """Return how many letters surely stand in the picture, all of them or none, and how well."""
    place = match.place
    letters = _letter_scores(match)
    weakest = min(letters)
    whole = min(abs(place.score), float(np.mean(letters)))
    sure = weakest >= SEARCH.letter and abs(place.score) >= SEARCH.threshold
    return (len(letters) if sure else 0), 0.5 * whole + 0.5 * weakest


def _letter_scores(match: _Match) -> list[float]:
    """
    Return the correlation of every letter of a match on its own.

    Letters were set at whole pixels, so in an enlarged look each may stand half a pixel aside.
    """
    place = match.place
    shape = shape_of(place.lines)
    h, w = match.spot.shape
    ink = np.asarray(cv2.resize(shape.ink, (w, h), interpolation=cv2.INTER_AREA), np.float32)
    valid = cv2.resize(shape.valid, (w, h), interpolation=cv2.INTER_AREA) > _INSIDE
    spot = match.spot * np.float32(np.sign(place.score))
    ratio = np.array([w / shape.ink.shape[1], h / shape.ink.shape[0]] * 2)
    parts = [
        np.s_[max(0, int(y0) - 2) : int(y1) + 3, max(0, int(x0) - 2) : int(x1) + 3]
        for x0, y0, x1, y1 in shape.glyphs * ratio
    ]
    steps = (-match.aside, 0, match.aside) if match.aside else (0,)
    views = [np.roll(spot, (dy, dx), (0, 1)) for dy in steps for dx in steps]
    return [max(similarity(view[part], ink[part], valid[part]) for view in views) for part in parts]


def _related(one: str, other: str) -> bool:
    """Say whether two wordings share two characters in a row."""
    pairs = {one[i : i + 2] for i in range(len(one) - 1)}
    return any(other[i : i + 2] in pairs for i in range(len(other) - 1))
