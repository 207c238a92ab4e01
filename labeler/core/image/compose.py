"""
Laying a label over pixels: luminance, contrast, coverage masks and the over operator.

Values are sRGB levels, blended as browsers and players blend them: without linearising. Arrays
have the shape (..., H, W, C) with any number of leading axes. Nothing here knows about text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np


if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Box = tuple[int, int, int, int]

_WEIGHTS = (0.2126, 0.7152, 0.0722)
_KNEE = 0.04045
_FLARE = 0.05


@lru_cache(maxsize=2)
def _curve(maximum: int) -> Floats:
    """Return the linear light of every level of an 8-bit or 16-bit channel (IEC 61966-2-1)."""
    v = np.arange(maximum + 1, dtype=np.float64) / maximum
    linear = np.where(v <= _KNEE, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    table = linear.astype(np.float32)
    table.flags.writeable = False
    return table


def luminance(levels: NDArray[Any]) -> Floats:
    """
    Return the relative luminance of WCAG 2, 0 to 1.

    Parameters
    ----------
    levels
        uint8 or uint16, shape (..., H, W, C) with C = 1 (grey) or 3 (RGB).

    Returns
    -------
    NDArray
        float32, shape (..., H, W).

    """
    curve = _curve(np.iinfo(levels.dtype).max)
    if levels.shape[-1] == 1:
        return np.asarray(curve[levels[..., 0]], np.float32)
    red, green, blue = (np.float32(w) * curve[levels[..., i]] for i, w in enumerate(_WEIGHTS))
    return np.asarray(red + green + blue, np.float32)


def contrast_ratio(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float64]:
    """
    Return the contrast ratio of WCAG 2 between luminances, 1 to 21 (R-11).

    >>> float(contrast_ratio(np.array(1.0), np.array(0.0)))
    21.0
    """
    bright, dim = np.maximum(one, other), np.minimum(one, other)
    return np.asarray((bright + _FLARE) / (dim + _FLARE), np.float64)


def rounded_rectangle(width: int, height: int, radius: float) -> Floats:
    """
    Return the exact anti-aliased coverage of a rectangle with round corners.

    Shape (height, width), float32, 0 to 1, from the signed distance to the outline. A radius
    beyond half the shorter side gives a pill.
    """
    r = min(radius, height / 2, width / 2)
    x = np.abs(np.arange(width) + 0.5 - width / 2) - (width / 2 - r)
    y = (np.abs(np.arange(height) + 0.5 - height / 2) - (height / 2 - r))[:, None]
    outside = np.hypot(np.maximum(x, 0), np.maximum(y, 0))
    distance = outside + np.minimum(np.maximum(x, y), 0) - r
    return np.asarray(np.clip(0.5 - distance, 0, 1), np.float32)


def lay_over(light: Floats, alpha: Floats, value: float, cover: Floats) -> tuple[Floats, Floats]:
    """
    Lay an even colour over premultiplied pixels: Porter and Duff's *over*.

    Parameters
    ----------
    light
        Premultiplied levels, (..., H, W, C).
    alpha
        Opacity 0 to 1, (..., H, W, 1).
    value
        Level of the colour laid over.
    cover
        Coverage 0 to 1, (H, W).

    """
    c = cover[..., None]
    rest = np.float32(1) - c
    return light * rest + np.float32(value) * c, alpha * rest + c


def blur_under(levels: Floats, cover: Floats, sigma: float) -> Floats:
    """Return the levels, blurred where covered: frosted glass. Shapes (..., H, W, C) and (H, W)."""
    out = np.empty_like(levels)
    for at in np.ndindex(levels.shape[:-3]):
        soft = cv2.GaussianBlur(levels[at], (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        soft = soft.reshape(levels.shape[-3:])
        out[at] = levels[at] + (soft - levels[at]) * cover[..., None]
    return out


def text_contrast(light: Floats, ink: Floats, boxes: Iterable[Box], reach: int) -> float:
    """
    Return the smallest contrast of any glyph to the ground around it, as written.

    The ink is the median of the fully covered pixels of a glyph; the ground is the ring within
    ``reach`` pixels around it, of which the 5th, 50th and 95th percentile count.

    Parameters
    ----------
    light
        Luminance of the written pixels, (..., H, W).
    ink
        Coverage of the text, (H, W), 0 to 1.
    boxes
        (x0, y0, x1, y1) of every glyph.
    reach
        Width of the ring in pixels.

    """
    full = 0.9 * float(ink.max(initial=0))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    worst = float("inf")
    for x0, y0, x1, y1 in boxes:
        part = np.s_[max(y0 - reach, 0) : y1 + reach, max(x0 - reach, 0) : x1 + reach]
        any_ink = ink[part] > 0.02
        ring = (cv2.dilate(any_ink.astype(np.uint8), kernel) > 0) & ~any_ink
        core = ink[part] >= full
        if not core.any() or not ring.any():
            continue
        lum = light[(..., *part)]
        pen = np.median(lum[..., core], axis=-1)
        ground = np.percentile(lum[..., ring], (5, 50, 95), axis=-1)
        worst = min(worst, float(contrast_ratio(pen, ground).min()))
    return worst
