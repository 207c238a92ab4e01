"""
Measuring type on written pixels: the ink height of every glyph and its contrast (R-10, R-11).

The ruler needs boxes, not the way the label was drawn. Boxes are corners (x0, y0, x1, y1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.image.compose import contrast_ratio, luminance


if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from labeler.core.image.compose import Box, Floats

_GROW = 0.05  # of the glyph height; more would leave the ring of an outlined label
_SPARE = 0.08  # how far ink is followed beyond a box that was predicted
_PEN, _GROUND = 97, 15  # percentiles that stand for ink and ground within a glyph's box
_FULL, _FAINT = 0.8, 0.35  # shares of the swing: surely ink, surely not ground
_RING = 0.06
_FEW = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class InkMeasure:
    """
    What one glyph measures: full rows of ink, height to a fraction of a row, contrast ratio.

    Rows count as a ruler on the screen does: those whose strongest pixel passes half of the
    swing from ground to ink.
    """

    rows: int
    height: float
    contrast: float


def measure_ink(
    pixels: NDArray[np.uint8], boxes: Iterable[Box], *, light_ink: bool
) -> tuple[InkMeasure, ...]:
    """
    Measure every glyph of a label on written pixels.

    Parameters
    ----------
    pixels
        uint8, (H, W, C) with C = 1 or 3.
    boxes
        Where the glyphs are expected, within a twentieth of their height.
    light_ink
        Whether the type is lighter than its ground.

    Returns
    -------
    tuple
        One `InkMeasure` a glyph; glyphs that do not stand out are left out.

    """
    measures = (_measure_glyph(pixels, box, light_ink=light_ink) for box in boxes)
    return tuple(m for m in measures if m is not None)


def _grey(pixels: NDArray[np.uint8]) -> Floats:
    """Return the levels as one channel, float32."""
    if pixels.shape[-1] == 1:
        return pixels[..., 0].astype(np.float32)
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, np.float32)


def _measure_glyph(pixels: NDArray[np.uint8], box: Box, *, light_ink: bool) -> InkMeasure | None:
    """Measure one glyph; None when its box holds no ink."""
    x0, y0, x1, y1 = box
    levels, _, _ = _grown(pixels, box, max(1, int(_GROW * (y1 - y0))), light_ink=light_ink)
    if levels.size == 0:
        return None
    pen, ground = (float(v) for v in np.percentile(levels, (_PEN, _GROUND)))
    if pen - ground < 1:
        return None
    spare = max(2, round(_SPARE * (y1 - y0)))
    tall, row, column = _grown(pixels, box, spare, light_ink=light_ink)
    peak = tall[:, max(0, column - 1) : column + x1 - x0 + 1].max(1)
    rows, height = _extent(peak, ground + 0.5 * (pen - ground), (row, row + y1 - y0))
    if not rows:
        return None
    reach = max(2, round(_RING * (y1 - y0)))
    wide, _, _ = _grown(pixels, box, reach + 2, light_ink=light_ink)
    share = (wide - ground) / np.float32(pen - ground)
    light = luminance(_cut(pixels, box, reach + 2))
    return InkMeasure(
        rows=rows, height=height, contrast=_contrast(share, light, reach, light_ink=light_ink)
    )


def _cut(pixels: NDArray[np.uint8], box: Box, grow: int) -> NDArray[np.uint8]:
    """Return the pixels of a box grown on every side."""
    x0, y0, x1, y1 = box
    return pixels[max(0, y0 - grow) : y1 + grow, max(0, x0 - grow) : x1 + grow]


def _grown(
    pixels: NDArray[np.uint8], box: Box, grow: int, *, light_ink: bool
) -> tuple[Floats, int, int]:
    """Return a grown box as grey levels, ink high, and the row and column of the box in it."""
    part = _cut(pixels, box, grow)
    levels = _grey(part) if part.size else np.zeros(part.shape[:2], np.float32)
    return levels if light_ink else -levels, min(grow, box[1]), min(grow, box[0])


def _extent(peak: Floats, level: float, inner: tuple[int, int]) -> tuple[int, float]:
    """
    Return the rows over a level and their height, the ends by linear crossing.

    Beyond the inner rows only those count that touch: past an outline the ground may be bright.
    """
    strong = peak >= level
    rows = np.flatnonzero(strong[inner[0] : inner[1]]) + inner[0]
    if not rows.size:
        return 0, 0.0
    first, last = int(rows[0]), int(rows[-1])
    while first > 0 and strong[first - 1]:
        first -= 1
    while last + 1 < peak.size and strong[last + 1]:
        last += 1
    height = float(last - first)
    for row, beyond in ((first, first - 1), (last, last + 1)):
        if 0 <= beyond < peak.size:
            fall = max(float(peak[row] - peak[beyond]), 1e-6)
            height += min(float(peak[row] - level) / fall, 1.0)
    return last - first + 1, height


def _contrast(share: Floats, light: Floats, reach: int, *, light_ink: bool) -> float:
    """Return the contrast of full ink to the worse tenth of the ground around it."""
    ink = share >= _FULL
    around = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    near = cv2.dilate(ink.astype(np.uint8), around) > 0
    blurred = cv2.dilate((share >= _FAINT).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ring = near & ~blurred
    if ring.sum() < _FEW:
        ring = ~blurred if (~blurred).any() else share <= np.percentile(share, _GROUND)
    ground = np.percentile(light[ring], 90 if light_ink else 10)
    return float(contrast_ratio(np.asarray(np.median(light[ink])), np.asarray(ground)))
