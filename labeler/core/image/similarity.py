"""
How alike a picture and its marked copy look: SSIM of the luma, at a bounded price.

Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
similarity", IEEE Transactions on Image Processing 13 (2004) 600, with the uniform window and the
sample covariances that scikit-image takes by default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from labeler.core.image.canonical import luma_of


if TYPE_CHECKING:
    from numpy.typing import NDArray


WINDOW = 7
"""Side of the uniform window in pixels."""

EXACT_PIXELS = 70_000
"""Up to this many pixels every window counts; larger pictures are sampled in blocks."""

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_EDGE = WINDOW // 2
_BLOCK_ROWS, _BLOCK_COLUMNS, _BLOCKS = 38, 70, 24
_WHITE = {"uint8": 1.0, "uint16": 255 / 65_535, "float32": 255.0}


def ssim(before: NDArray[Any], after: NDArray[Any]) -> float:
    """
    Return the mean SSIM of the luma of two pictures, at most 1.

    Window 7 x 7, K1 0.01, K2 0.03, range 255; windows lie wholly inside. Of pictures over
    `EXACT_PIXELS` about 24 blocks on an even grid are compared, so that the price does not grow
    with the picture.

    Parameters
    ----------
    before, after
        (H, W) or (H, W, C) of one shape and dtype: uint8, uint16 or float32 in [0, 1]. Alpha is
        not looked at. Sides below `WINDOW` hold no window and give 1.
    """
    height, width = before.shape[:2]
    if min(height, width) < WINDOW:
        return 1.0
    rows, columns, places = _blocks(height, width)
    one, two = (_stacked(pixels, rows, columns, places) for pixels in (before, after))
    mean_one, mean_two = _means(one), _means(two)
    product = mean_one * mean_two
    squares = mean_one * mean_one + mean_two * mean_two
    sample = np.float32(WINDOW**2 / (WINDOW**2 - 1))
    shared = (_means(one * two) - product) * sample
    spread = (_means(one * one + two * two) - squares) * sample
    index = (2 * product + np.float32(_C1)) * (2 * shared + np.float32(_C2))
    index /= (squares + np.float32(_C1)) * (spread + np.float32(_C2))
    whole = index.reshape(len(places), rows, columns)[:, _EDGE:-_EDGE, _EDGE:-_EDGE]
    return float(np.mean(whole, dtype=np.float64))


def _blocks(height: int, width: int) -> tuple[int, int, list[tuple[int, int]]]:
    """Return rows and columns of the blocks that are compared, and where each begins."""
    if height * width <= EXACT_PIXELS:
        return height, width, [(0, 0)]
    rows, columns = min(_BLOCK_ROWS, height), min(_BLOCK_COLUMNS, width)
    down = round((_BLOCKS * height * columns / (width * rows)) ** 0.5)
    down = min(max(down, 1), _BLOCKS, height - rows + 1)
    across = min(max(_BLOCKS // down, 1), width - columns + 1)
    tops = np.linspace(0, height - rows, down).astype(int).tolist()
    lefts = np.linspace(0, width - columns, across).astype(int).tolist()
    return rows, columns, [(top, left) for top in tops for left in lefts]


def _stacked(
    pixels: NDArray[Any], rows: int, columns: int, places: list[tuple[int, int]]
) -> NDArray[np.float32]:
    """Return the luma, 0..255, of the blocks, one below the other."""
    luma = [luma_of(pixels[y : y + rows, x : x + columns]) for y, x in places]
    levels = np.concatenate(luma).astype(np.float32)
    scale = np.float32(_WHITE[pixels.dtype.name])
    return levels if scale == 1 else np.multiply(levels, scale, out=levels)


def _means(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of the window around every pixel."""
    return np.asarray(cv2.blur(plane, (WINDOW, WINDOW)), np.float32)
