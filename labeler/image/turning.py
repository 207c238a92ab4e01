"""Between stored and display orientation (EXIF tag 274)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray


def orient(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """
    Turn stored pixels (H, W, ...) into display orientation (EXIF tag 274, 1 to 8).

    >>> orient(np.array([[1, 2]]), 6).tolist()
    [[1], [2]]
    """
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def disorient(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Undo `orient`: 6 and 8 are each other's inverse, all others their own."""
    return orient(pixels, {6: 8, 8: 6}.get(orientation, orientation))
