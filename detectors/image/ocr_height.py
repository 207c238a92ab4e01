"""
The ink height of a label of another typeface, from the box that OCR gave (R-10).

Such a box is half as high again as its ink. So a word that every label has is matched inside it
over type sizes, in our own typeface: the size that fits best is the ruler, and that of
`labeler.core.image.ruler` then takes the contrast where the word stands (design: visible labels 5).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from labeler.core.image.ruler import measure_ink
from labeler.image.visible_type import line_ink, missing_characters
from labeler.image.visible_words import MASTER_EM, shape_of


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Picture = NDArray[np.uint8]
    Box = tuple[int, int, int, int]

WORDS = (
    *("生成", "合成", "GENERATED", "Generated", "generated", "CREATED", "Created", "created"),
    *("MADE BY", "Made with", "Made by", "GENERIERT", "generiert", "GENERADO", "Generado"),
    *("GÉNÉRÉ", "Généré", "CREADO", "Creado", "ERZEUGT", "ERSTELLT"),
)
LEAST_FIT, LEAST_LATIN_FIT = 0.5, 0.62
"""Least correlation at which a height is believed; Latin letters differ more between typefaces."""
ERROR = 0.08
"""Relative error of a believed height, 5 % to 95 % of labels."""
_BIAS, _LATIN_BIAS = 0.968, 0.93  # of a word matched in our bold type: medians over labels
_LINE = 48
_SIZES = np.geomspace(18, 50, 43)
_LEGAL = 0.05
_IDEOGRAPH = re.compile("[\u3400-\u9fff]")
_FLAT = 36.0  # grey levels squared: flat ground fits nothing


class Measure(NamedTuple):
    """Ink height over the shortest side and contrast, None where not measurable, and words."""

    ratio: float | None
    contrast: float | None
    told: str


class _Fit(NamedTuple):
    score: float
    height: float
    box: tuple[float, float, float, float]
    light: bool
    word: str


def measure_label(picture: Picture, box: Box, text: str) -> Measure:
    """
    Measure a label by the generation word in it.

    Parameters
    ----------
    picture
        uint8, (H, W, 3) BGR.
    box
        Corners of the label's line, as OCR gave it.
    text
        What it says.

    """
    fit = _fit(picture, box, text)
    latin = fit is not None and not _IDEOGRAPH.search(fit.word)
    if fit is None or fit.score < (LEAST_LATIN_FIT if latin else LEAST_FIT):
        return Measure(None, None, "its ink height is not measurable")
    line = fit.height * _line_share(text, fit.word) / (_LATIN_BIAS if latin else _BIAS)
    ratio = line / min(picture.shape[:2])
    place = "below" if ratio < _LEGAL * (1 - ERROR) else "above"
    if abs(ratio / _LEGAL - 1) <= ERROR:
        place = "about"
    told = f"ink height {ratio:.1%} of the shortest side, {place} 5 % (within {ERROR:.0%})"
    return Measure(round(ratio, 4), _contrast(picture, fit), told)


def _line_share(text: str, word: str) -> float:
    """Return the ink of the whole line over that of a word: a "y" hangs below "Generated"."""
    known = set(text) - set(missing_characters(text))
    return line_ink("".join(c for c in text if c in known), MASTER_EM) / line_ink(word, MASTER_EM)


def _fit(picture: Picture, box: Box, text: str) -> _Fit | None:
    """Return where and at which size a word of the text fits best; None when it has none."""
    word = next((word for word in WORDS if word in text), None)
    x0, y0, x1, y1 = box
    height = y1 - y0
    if word is None or height < 4:
        return None
    spare = height // 5
    left, top = max(0, x0 - spare), max(0, y0 - spare)
    grey = cv2.cvtColor(picture[top : y1 + spare, left : x1 + spare], cv2.COLOR_BGR2GRAY)
    factor = _LINE / height
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    levels = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=way).astype(np.float32)
    best = max(_at_sizes(levels - levels.mean(), word), key=lambda fit: fit.score, default=None)
    if best is None:
        return None
    a, b, c, d = (v / factor for v in best.box)
    placed = (a + left, b + top, c + left, d + top)
    return best._replace(height=best.height / factor, box=placed)


def _at_sizes(levels: Floats, word: str) -> Iterator[_Fit]:
    """Yield the best place of a word at each type size, in pixels of the levels."""
    shape = shape_of(word)
    x0, y0 = shape.glyphs[:, :2].min(0)
    x1, y1 = shape.glyphs[:, 2:].max(0)
    square = levels * levels
    for em in _SIZES:
        width, height = shape.size_at(float(em))
        if height > levels.shape[0] or width > levels.shape[1]:
            continue
        ink = cv2.resize(shape.ink, (width, height), interpolation=cv2.INTER_AREA)
        template = ink - ink.mean()
        template /= np.float32(np.linalg.norm(template))
        flat = np.ones_like(template)
        sums = cv2.matchTemplate(levels, flat, cv2.TM_CCORR)
        squares = cv2.matchTemplate(square, flat, cv2.TM_CCORR)
        spread = np.maximum(squares - sums * sums / ink.size, 0) + np.float32(ink.size * _FLAT)
        scores = cv2.matchTemplate(levels, template, cv2.TM_CCORR) / np.sqrt(spread)
        row, column = np.unravel_index(int(np.abs(scores).argmax()), scores.shape)
        score, unit = float(scores[row, column]), float(em) / MASTER_EM
        corner = (int(column), int(row)) * 2
        box = tuple(float(v) * unit + at for v, at in zip((x0, y0, x1, y1), corner, strict=True))
        yield _Fit(
            abs(score), float(y1 - y0) * unit, (box[0], box[1], box[2], box[3]), score > 0, word
        )


def _contrast(picture: Picture, fit: _Fit) -> float | None:
    """Return the contrast of the word's ink to its ground, None when the ruler finds no ink."""
    x0, y0, x1, y1 = (round(v) for v in fit.box)
    rgb = np.ascontiguousarray(picture[..., ::-1])
    measures = measure_ink(rgb, ((max(0, x0), max(0, y0), x1, y1),), light_ink=fit.light)
    return round(min(m.contrast for m in measures), 2) if measures else None
