"""
Bringing a canonical residual to the picture's size and adding it, strip by strip.

The same luma residual goes into red, green and blue, with saturation; alpha stays as it is, and
pixels that are wholly transparent stay untouched. Strips keep the extra memory constant.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from labeler.core.canonical import STRIP


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


_PEAK = {"uint8": 255.0, "uint16": 65_535.0, "float32": 1.0}
_CV_DEPTH = {"uint8": cv2.CV_8U, "uint16": cv2.CV_16U, "float32": cv2.CV_32F}


def enlarged_strips(
    residual: NDArray[np.float32], height: int, width: int
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """
    Yield (rows, strip) of a residual enlarged bilinearly to (height, width).

    Centre-aligned like every usual reduction, so a reduced picture gets its residual back.
    """
    rows, columns = residual.shape
    same = (rows, columns) == (height, width)
    for top in range(0, height, STRIP):
        bottom = min(top + STRIP, height)
        if same:
            yield slice(top, bottom), residual[top:bottom]
            continue
        at = np.clip((np.arange(top, bottom) + 0.5) * (rows / height) - 0.5, 0, rows - 1)
        above = np.minimum(at.astype(np.intp), max(rows - 2, 0))
        below = np.minimum(above + 1, rows - 1)
        share = (at - above).astype(np.float32)[:, None]
        band = residual[above] * (1 - share) + residual[below] * share
        strip = cv2.resize(band, (width, bottom - top), interpolation=cv2.INTER_LINEAR)
        yield slice(top, bottom), np.asarray(strip, np.float32)


def add_residual(pixels: NDArray[Any], residual: NDArray[np.float32]) -> tuple[NDArray[Any], float]:
    """
    Return the marked picture and its PSNR in dB (infinite when nothing changed).

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C) with C of 1 to 4; uint8, uint16 or float32 in [0, 1].
    residual
        The canonical residual, in luma steps of 255.
    """
    height, width = pixels.shape[:2]
    peak = _PEAK[pixels.dtype.name]
    marked = np.empty_like(pixels)
    error = 0.0
    for rows, strip in enlarged_strips(residual, height, width):
        marked[rows] = _added(pixels[rows], strip, peak)
        error += float(cv2.norm(pixels[rows], marked[rows], cv2.NORM_L2SQR))
    samples = height * width * _colour_channels(pixels)
    return marked, 10 * math.log10(peak**2 * samples / error) if error else math.inf


def _colour_channels(pixels: NDArray[Any]) -> int:
    channels = int(pixels[0, 0].size)
    return channels if channels % 2 else channels - 1


def _added(pixels: NDArray[Any], strip: NDArray[np.float32], peak: float) -> NDArray[Any]:
    """Return pixels + strip for one strip, rounded and saturated in the pixels' own dtype."""
    step = _rounded(strip, peak)
    planes = [step] * _colour_channels(pixels)
    if pixels[0, 0].size % 2 == 0:
        step[pixels[..., -1] == 0] = 0
        planes.append(np.zeros_like(step))
    steps = step if len(planes) == 1 else np.asarray(cv2.merge(planes))
    depth = _CV_DEPTH[pixels.dtype.name]
    total: NDArray[Any] = np.asarray(cv2.add(pixels, steps.reshape(pixels.shape), dtype=depth))
    if pixels.dtype == np.float32:
        np.clip(total, 0, peak, out=total)
    return np.asarray(np.reshape(total, pixels.shape))


def _rounded(strip: NDArray[np.float32], peak: float) -> NDArray[Any]:
    """Return the strip in whole steps of the pixels' scale (fractions for a scale of 0..1)."""
    if peak == 1:
        return np.asarray(strip / np.float32(255), np.float32)
    if peak == 255:
        return np.asarray(np.rint(strip), np.int16)
    return np.asarray(np.rint(strip * np.float32(peak / 255)), np.int32)
