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

from labeler.core.image.canonical import STRIP


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

    Centre-aligned like every usual reduction, so a reduced picture gets its residual back. A strip
    is overwritten by the next one.
    """
    rows, columns = residual.shape
    if (rows, columns) == (height, width):
        for top in range(0, height, STRIP):
            yield slice(top, top + STRIP), residual[top : top + STRIP]
        return
    bands, steps = (np.empty((STRIP, columns), np.float32) for _ in range(2))
    strips = np.empty((STRIP, width), np.float32)
    for top in range(0, height, STRIP):
        count = min(STRIP, height - top)
        band, step, strip = bands[:count], steps[:count], strips[:count]
        at = (np.arange(top, top + count) + 0.5) * (rows / height) - 0.5
        above = np.clip(at.astype(np.intp), 0, max(rows - 2, 0))
        np.take(residual, above, axis=0, out=band, mode="clip")
        np.take(residual, above + 1, axis=0, out=step, mode="clip")
        step -= band
        step *= np.clip(at - above, 0, 1).astype(np.float32)[:, None]
        band += step
        cv2.resize(band, (width, count), dst=strip, interpolation=cv2.INTER_LINEAR)
        yield slice(top, top + count), strip


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
    marked = np.empty(pixels.shape, pixels.dtype)  # in C order, as OpenCV writes it
    error = 0.0
    for rows, strip in enlarged_strips(residual, height, width):
        _add(pixels[rows], strip, peak, marked[rows])
        error += float(cv2.norm(pixels[rows], marked[rows], cv2.NORM_L2SQR))
    samples = height * width * _colour_channels(pixels)
    return marked, 10 * math.log10(peak**2 * samples / error) if error else math.inf


def _colour_channels(pixels: NDArray[Any]) -> int:
    channels = int(pixels[0, 0].size)
    return channels if channels % 2 else channels - 1


def _add(
    pixels: NDArray[Any], strip: NDArray[np.float32], peak: float, marked: NDArray[Any]
) -> None:
    """Write pixels + strip, rounded and saturated in the dtype of both, into ``marked``."""
    if pixels[0, 0].size % 2 == 0:
        strip = np.where(pixels[..., -1] == 0, np.float32(0), strip)
    if pixels.dtype == np.uint8:
        # What is added and what is taken away, as bytes: a third of the time of wider integers.
        up, down = (
            np.asarray(cv2.addWeighted(strip, sign, strip, 0, 0, dtype=cv2.CV_8U), np.uint8)
            for sign in (1, -1)
        )
        cv2.add(pixels, _spread(up, pixels), dst=marked)
        cv2.subtract(marked, _spread(down, pixels), dst=marked)
        return
    steps = _spread(_rounded(strip, peak), pixels)
    cv2.add(pixels, steps, dst=marked, dtype=_CV_DEPTH[pixels.dtype.name])
    if pixels.dtype == np.float32:
        np.clip(marked, 0, peak, out=marked)


def _spread(step: NDArray[Any], pixels: NDArray[Any]) -> NDArray[Any]:
    """Return one step plane for every colour channel, nothing for alpha, in the pixels' shape."""
    planes = [step] * _colour_channels(pixels)
    if pixels[0, 0].size % 2 == 0:
        planes.append(np.zeros_like(step))
    steps = step if len(planes) == 1 else np.asarray(cv2.merge(planes))
    return np.reshape(steps, pixels.shape)


def _rounded(strip: NDArray[np.float32], peak: float) -> NDArray[Any]:
    """Return the strip in whole steps of 16 bits (fractions for a scale of 0..1)."""
    if peak == 1:
        return np.asarray(strip / np.float32(255), np.float32)
    return np.asarray(np.rint(strip * np.float32(peak / 255)), np.int32)
