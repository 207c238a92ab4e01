"""
The canonical picture: luma reduced to a size at which the mark's tile is always 128 pixels wide.

Pictures of up to about 0.8 megapixel are their own canonical picture; larger ones are reduced, so
that the mark scales with them and costs hardly more (docs/formats/image-v1.md, section 2).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray


STRIP = 64
"""Rows handled at a time: small enough for the cache, and it bounds the memory."""

_GREY_CHANNELS = 2
_SMOOTH_ABOVE = 1.4
_WHITE = {"uint8": 1.0, "uint16": 255.0 / 65535.0, "float32": 255.0}


def canonical_scale(height: int, width: int, canonical: int) -> float:
    """
    Return g >= 1, the picture's pixels per canonical pixel.

    >>> canonical_scale(600, 800, 896), canonical_scale(1792, 1792, 896)
    (1.0, 2.0)
    """
    return max(1.0, math.sqrt(height * width) / canonical)


def canonical_shape(height: int, width: int, canonical: int) -> tuple[int, int]:
    """Return (rows, columns) of the canonical picture; rounded half to even, at least 1."""
    scale = canonical_scale(height, width, canonical)
    return max(1, round(height / scale)), max(1, round(width / scale))


def canonical_luma(pixels: NDArray[Any], canonical: int) -> NDArray[np.float32]:
    """
    Return the canonical luma, float32 on a scale of 0..255, of a picture (H, W) or (H, W, C).

    Reduced in two steps: by a whole factor over areas, then bilinearly. Runs over strips: extra
    memory does not grow with the picture beyond four canonical pictures.

    Parameters
    ----------
    pixels
        uint8, uint16 or float32 in [0, 1]; one, two (grey, alpha), three (RGB) or four channels.
        Alpha is not looked at.
    canonical
        The side of the canonical square, in pixels.
    """
    height, width = pixels.shape[:2]
    rows, columns = canonical_shape(height, width, canonical)
    factor = int(min(height / rows, width / columns) + 1e-6)
    luma = luma_of(pixels) if factor < 2 else _area_reduced(pixels, factor)
    return _as_float(reduced(luma, rows, columns))


def reduced(luma: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    """
    Return a luma reduced bilinearly to (rows, columns), by less than about 2.

    Above 1.4 it is smoothed before, against aliases. An area reduction reads no better and costs
    five times as much.
    """
    if luma.shape == (rows, columns):
        return luma
    if luma.shape[0] > _SMOOTH_ABOVE * rows:
        luma = np.asarray(cv2.blur(luma, (3, 3)))
    return np.asarray(cv2.resize(luma, (columns, rows), interpolation=cv2.INTER_LINEAR))


def luma_of(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the luma (Rec. 601 weights) of a picture, same dtype and scale, shape (H, W)."""
    if pixels.ndim == 2:
        return pixels
    channels = pixels.shape[2]
    if channels <= _GREY_CHANNELS:
        return np.ascontiguousarray(pixels[..., 0])
    code = cv2.COLOR_RGB2GRAY if channels == 3 else cv2.COLOR_RGBA2GRAY
    return np.asarray(cv2.cvtColor(pixels, code))


def _area_reduced(pixels: NDArray[Any], factor: int) -> NDArray[Any]:
    """
    Average over squares of ``factor`` pixels, leaving out what does not fill a square.

    That bends the geometry by less than one canonical pixel over the whole picture, which no
    reader notices.
    """
    height, width = pixels.shape[0] // factor, pixels.shape[1] // factor
    reduced = np.empty((height, width), pixels.dtype)
    for top in range(0, height, STRIP):
        bottom = min(top + STRIP, height)
        strip = luma_of(pixels[top * factor : bottom * factor])[:, : width * factor]
        size = (width, bottom - top)
        cv2.resize(strip, size, dst=reduced[top:bottom], interpolation=cv2.INTER_AREA)
    return reduced


def _as_float(luma: NDArray[Any]) -> NDArray[np.float32]:
    scale = np.float32(_WHITE[luma.dtype.name])
    return luma.astype(np.float32) * scale if scale != 1 else luma.astype(np.float32)


def whiten(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """
    Return the luma with its own structure levelled, so that the mark stands out: the front end.

    High-pass, divided by its local deviation, clipped. The optimum is flat in every constant
    (design image-v1, section 2).
    """
    detail, spread = _detail(luma)
    detail /= spread
    return np.clip(detail, -2.5, 2.5, out=detail)


def spread_of(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what `whiten` divides by at every place, same shape, in luma steps of 255."""
    return _detail(luma)[1]


def _detail(luma: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    detail = luma - np.asarray(cv2.GaussianBlur(luma, (0, 0), 2.5), np.float32)
    spread = np.asarray(cv2.sqrBoxFilter(detail, cv2.CV_32F, (9, 9)), np.float32)
    np.maximum(spread, 0, out=spread)  # the box filter may return -1e-12
    np.sqrt(spread, out=spread)
    spread += np.float32(1.5)
    return detail, spread
