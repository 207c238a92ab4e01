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
_WINDOW = (9, 9)


def visibility_mask(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """
    Return the local amplitude, in luma steps of 255, that stays unnoticed, same shape.

    The local deviation, eroded: the erosion protects flat areas beside edges (design image,
    section 4.4).
    """
    mean = np.asarray(cv2.blur(luma, _WINDOW), np.float32)
    power = np.asarray(cv2.sqrBoxFilter(luma, cv2.CV_32F, _WINDOW), np.float32)
    power -= np.multiply(mean, mean, out=mean)
    deviation = np.sqrt(np.maximum(power, 0, out=power), out=power)
    calm = np.asarray(cv2.erode(deviation, np.ones((7, 7), np.uint8)), np.float32)
    near = np.minimum(deviation, 3 * calm + 1)
    blend = np.asarray(cv2.addWeighted(calm, 0.65, near, 0.35, 0.0), np.float32)
    texture = np.asarray(cv2.blur(blend, _WINDOW), np.float32)
    np.minimum(texture, _TEXTURE_CAP, out=texture)
    texture *= np.float32(_TEXTURE_GAIN)
    texture += np.float32(_FLAT_GAIN)
    return texture
