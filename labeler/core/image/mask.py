"""How much of the mark each place hides, and what a mark of that shape costs the eye."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray


_FLAT_GAIN = np.float32(0.24)
_TEXTURE_GAIN = np.float32(0.40)
_CALM = np.ones((3, 3), np.uint8)
_WINDOW = (5, 5)

# Fitted to SSIMULACRA2 of 67 marked pictures of 0.35 to 6 megapixels, standard deviation 0.9
# (docs/watermark.md): what is seen is mark energy over local energy, and more of it when enlarged.
_BUSY = np.float32(36.0)
_LOSS_OF_COST, _LOSS_BASE = 636.0, 4.36
_LOSS_PER_SCALE = 0.83
_LOSS_POWER = 1.18


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visibility:
    """
    The local amplitude (rows, columns), float32 in luma steps of 255, and its perceptual cost.

    ``amplitude`` follows what hides a mark; ``cost`` is the mean of its energy over the picture's
    local energy, a number of about 0.002 (flat) to 0.02.
    """

    amplitude: NDArray[np.float32]
    cost: float

    def loss(self, alpha: float, scale: float) -> float:
        """
        Return the SSIMULACRA2 points that ``alpha`` times the mask is expected to cost.

        ``scale`` is the canonical scale g: an enlarged mark is seen earlier.
        """
        return float(alpha**_LOSS_POWER * self._unit_loss(scale))

    def alpha_for(self, loss: float, scale: float) -> float:
        """Return the multiple of the mask that is expected to cost ``loss`` points."""
        return float((loss / self._unit_loss(scale)) ** (1 / _LOSS_POWER))

    def _unit_loss(self, scale: float) -> float:
        enlarged = 1 + _LOSS_PER_SCALE * math.log(scale)
        return (_LOSS_OF_COST * self.cost + _LOSS_BASE) * enlarged


def visibility_of(luma: NDArray[np.float32]) -> Visibility:
    """
    Return the mask and its cost for a canonical luma (rows, columns), float32 0..255.

    The root of the local deviation, eroded: the erosion protects flat areas beside edges (design
    image, section 4.4), the root spares strong texture, and flat areas get little, because a coder
    drops there what stays unseen. Squares are averaged before anything is reduced, so the finest
    texture counts, but windows run at half the resolution, at a quarter of the time.
    """
    height, width = luma.shape
    size = (max(1, width // 2), max(1, height // 2))
    whole = luma[: 2 * size[1], : 2 * size[0]]
    small = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)
    square = cv2.resize(np.square(whole), size, interpolation=cv2.INTER_AREA)
    mean = np.asarray(cv2.blur(small, _WINDOW), np.float32)
    np.square(mean, out=mean)
    amplitude = _texture(np.asarray(cv2.blur(square, _WINDOW), np.float32) - mean)
    amplitude *= _TEXTURE_GAIN
    amplitude += _FLAT_GAIN
    energy = np.asarray(cv2.sqrBoxFilter(small, cv2.CV_32F, _WINDOW), np.float32) - mean
    np.maximum(energy, 0, out=energy)
    cost = float(np.mean(np.square(amplitude) / (energy + _BUSY)))
    return Visibility(
        amplitude=np.asarray(cv2.resize(amplitude, (width, height)), np.float32), cost=cost
    )


def texture_of(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """
    Return the root of the local deviation, eroded, of a luma that was halved already, same shape.

    For frames of moving pictures: what is finer than a reduced pixel does not count, which spares
    the squares of the whole frame.
    """
    mean = np.asarray(cv2.blur(small, _WINDOW), np.float32)
    square = np.asarray(cv2.sqrBoxFilter(small, cv2.CV_32F, _WINDOW), np.float32)
    return _texture(square - np.square(mean))


def _texture(variance: NDArray[np.float32]) -> NDArray[np.float32]:
    deviation = _root(variance)
    calm = np.asarray(cv2.erode(deviation, _CALM), np.float32)
    near = np.minimum(deviation, 3 * calm + 1)
    texture = np.asarray(cv2.addWeighted(calm, 0.65, near, 0.35, 0.0), np.float32)
    return np.sqrt(np.asarray(cv2.blur(texture, _WINDOW), np.float32))


def _root(variance: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.sqrt(np.maximum(variance, 0, out=variance), out=variance)
