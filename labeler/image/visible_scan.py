"""
The coarse half of the search for visible labels: places along the edges where a text may stand.

Places are in pixels of the picture as given, type sizes in shares of its shortest side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from labeler.core.image.correlation import correlate, find_peaks, prepare
from labeler.image.visible_words import coarse_template, shape_of


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from labeler.core.image.compose import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """
    The scales and thresholds of the search; sizes are short sides in pixels.

    ``gate`` admits a coarse place to the fine look. A label is found where a wording reaches
    ``threshold`` as a whole and ``letter`` in every letter: other words in the same typeface
    share most letters, not all. At ``clear`` no other wording of as many letters is tried.
    Scores of pictures without labels fall off exponentially: ``tail`` of them pass the
    threshold and ``decay`` is the rate a unit; both were fitted and extrapolated, without
    counting on the letters.
    """

    coarse: int = 160
    fine: int = 400
    gate: float = 0.34
    threshold: float = 0.45
    letter: float = 0.36
    clear: float = 0.60
    tail: float = 3e-5
    decay: float = 35.0
    places: int = 8


SEARCH = Search()

STRICT_SIZES = (0.066, 0.0685, 0.0705, 0.0727, 0.0755, 0.079, 0.083)
LENIENT_SIZES = (0.051, 0.0535, 0.056, 0.0588, 0.062)
NOMINAL = STRICT_SIZES + LENIENT_SIZES
"""
Type sizes over the shortest side: where each height rule puts labels from 200 to 8192 pixels.
"""
SMALL = 200  # below, the type has a fixed least height: half of it, halved pictures may be, too
_SMALLEST_EM, _LARGEST_EM = 5.8, 13.5  # pixels; the type of small pictures, halved or as drawn
_STEP = 1.05
_WIDE = (0.030, 0.210)  # shares, for pictures that were cropped or enlarged
_DEPTH, _WINDOW = 2.7, 27.0  # em: how deep along the edge, how wide at its ends and middle
_COARSEST = 80  # smaller pictures are enlarged to this short side


class Place(NamedTuple):
    """A text that may stand at (x, y), its type size as a share, and the signed score."""

    score: float
    lines: str
    em: float
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A part of the picture that is searched: its corner and its levels at the coarse scale."""

    x: int
    y: int
    levels: Floats


def type_sizes(short: int, *, thorough: bool) -> tuple[float, ...]:
    """Return the type sizes to look for in a picture of a shortest side, as shares of it."""
    if thorough:
        return _geometric(*_WIDE)
    largest = _LARGEST_EM / short
    if 2 * short < SMALL:
        return _geometric(_SMALLEST_EM / short, min(largest, _WIDE[1]))
    above = STRICT_SIZES[-1] * _STEP
    return NOMINAL + (_geometric(above, largest) if largest > above else ())


def _geometric(low: float, high: float) -> tuple[float, ...]:
    """Return shares from low to high in even steps."""
    count = 1 + round(np.log(high / low) / np.log(_STEP))
    return tuple(float(em) for em in np.geomspace(low, high, count).round(4))


def search_strips(
    pixels: NDArray[np.uint8], texts: Sequence[str], *, thorough: bool
) -> list[Place]:
    """
    Return the places along top and bottom where a text may stand, the strongest first.

    Parameters
    ----------
    pixels
        uint8, (H, W, C) with C = 1 or 3.
    texts
        Texts with line breaks.
    thorough
        Look for every type size.

    """
    short = min(pixels.shape[:2])
    sizes = type_sizes(short, thorough=thorough)
    coarse = min(SEARCH.coarse, max(short, _COARSEST))
    scale = short / coarse
    tiles = _cut_tiles(pixels, scale, round(max(sizes) * short))
    scene = prepare(np.concatenate([tile.levels for tile in tiles]))
    places: list[Place] = []
    for text in texts:
        for em in sizes:
            template = coarse_template(text, em * coarse)
            scores = correlate(scene, template)
            apart = (template.shape.shape[1] // 2, template.shape.shape[0] // 2)
            for tile, part in _scores_by_tile(scores, tiles, template.shape.shape[0]):
                places += (
                    Place(score, text, em, tile.x + x * scale, tile.y + y * scale)
                    for score, x, y in find_peaks(part, 2, apart)
                    if abs(score) >= SEARCH.gate
                )
    return _spread_out(places, short)


def _scores_by_tile(
    scores: Floats, tiles: Sequence[Tile], height: int
) -> Iterable[tuple[Tile, Floats]]:
    """Yield every tile with the scores of the places that lie wholly inside it."""
    top = 0
    for tile in tiles:
        rows = tile.levels.shape[0]
        if scores.size and rows >= height:
            yield tile, scores[top : top + rows - height + 1]
        top += rows


def _cut_tiles(pixels: NDArray[np.uint8], scale: float, em: int) -> list[Tile]:
    """
    Cut the strips along top and bottom; of very broad pictures only both ends and the middle.

    ``scale`` is the number of pixels to one of a tile, ``em`` the largest type size in pixels.
    """
    h, w = pixels.shape[:2]
    depth, width = min(h, round(_DEPTH * em)), min(w, round(_WINDOW * em))
    tops, lefts = [h - depth, 0], [0, (w - width) // 2, w - width]
    if 2 * depth >= h:
        depth, tops = h, [0]
    if 3 * width >= w:
        width, lefts = w, [0]
    size = max(1, round(width / scale)), max(1, round(depth / scale))
    return [
        Tile(x=x, y=y, levels=levels_of(pixels[y : y + depth, x : x + width], size))
        for y in tops
        for x in lefts
    ]


def levels_of(part: NDArray[np.uint8], size: tuple[int, int]) -> Floats:
    """Return a part of the picture as grey levels around zero at another size."""
    if part.shape[-1] == 1:
        grey = part[..., 0]
    else:
        grey = np.asarray(cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY), np.uint8)
    way = cv2.INTER_AREA if size[0] < part.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, size, interpolation=way), np.float32) - np.float32(128)


def _spread_out(places: list[Place], short: int) -> list[Place]:
    """Return the strongest places, of each text none over a stronger one."""
    kept: list[Place] = []
    for place in sorted(places, key=lambda p: -abs(p.score)):
        if len(kept) == SEARCH.places:
            break
        same = (other for other in kept if other.lines == place.lines)
        if not any(overlap(place, other, short) for other in same):
            kept.append(place)
    return kept


def overlap(one: Place, other: Place, short: int) -> bool:
    """Say whether the texts of two places share a pixel."""
    (w1, h1), (w2, h2) = (shape_of(p.lines).size_at(p.em * short) for p in (one, other))
    across = one.x < other.x + w2 and other.x < one.x + w1
    return across and one.y < other.y + h2 and other.y < one.y + h1
