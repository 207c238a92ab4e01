"""How much of the mark each place hides: a just-noticeable-difference mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray


_FLAT_GAIN = 0.62
_TEXTURE_GAIN = 0.115
_TEXTURE_CAP = 30.0
_CALM = (5, 5)
_WINDOW = (5, 5)


def visibility_mask(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """
    Return the local amplitude, in luma steps of 255, that stays unnoticed, same shape.

    The local deviation, eroded: the erosion protects flat areas beside edges (design image,
    section 4.4). Squares are averaged before anything is reduced, so the finest texture counts, but
    windows run at half the resolution, at a quarter of the cost.
    """
    height, width = luma.shape
    size = (max(1, width // 2), max(1, height // 2))
    whole = luma[: 2 * size[1], : 2 * size[0]]
    mean = cv2.blur(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), _WINDOW)
    square = cv2.resize(np.square(whole), size, interpolation=cv2.INTER_AREA)
    variance = np.asarray(cv2.blur(square, _WINDOW), np.float32)
    variance -= np.square(np.asarray(mean, np.float32))
    deviation = np.sqrt(np.maximum(variance, 0, out=variance), out=variance)
    calm = np.asarray(cv2.erode(deviation, np.ones(_CALM, np.uint8)), np.float32)
    near = np.minimum(deviation, 3 * calm + 1)
    blend = np.asarray(cv2.addWeighted(calm, 0.65, near, 0.35, 0.0), np.float32)
    texture = np.asarray(cv2.blur(blend, _WINDOW), np.float32)
    np.minimum(texture, _TEXTURE_CAP, out=texture)
    texture *= np.float32(_TEXTURE_GAIN)
    texture += np.float32(_FLAT_GAIN)
    return np.asarray(cv2.resize(texture, (width, height)), np.float32)
