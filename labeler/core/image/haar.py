"""
One level of the Haar transform, digit for digit as PyWavelets computes it.

A plane is held as its quads, shape (2, 2, ...): the upper left values of all squares of 2 x 2, the
upper right ones, and so on. The order of the operations is part of what is computed: a format that
truncates the result depends on the last digit (design foreign-marks, section 5.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray


ROOT_HALF = 0.7071067811865476


def quads_of(plane: NDArray[Any]) -> NDArray[Any]:
    """
    Return the quads (2, 2, ..., H / 2, W / 2) of a plane (..., H, W) with even sides.

    They are float32 if the plane is, else float64.

    >>> quads_of(np.array([[9, 7], [3, 1]])).ravel().tolist()
    [9.0, 7.0, 3.0, 1.0]
    """
    kind = np.float32 if plane.dtype == np.float32 else np.float64
    *batch, height, width = plane.shape
    quads = np.empty((2, 2, *batch, height // 2, width // 2), kind)
    for row in (0, 1):
        for column in (0, 1):
            quads[row, column] = plane[..., row::2, column::2]
    return quads


def put_quads(quads: NDArray[Any], plane: NDArray[Any]) -> None:
    """Write quads back into a plane of any type, cast as NumPy casts."""
    for row in (0, 1):
        for column in (0, 1):
            plane[..., row::2, column::2] = quads[row, column]


def analyse(quads: NDArray[Any]) -> NDArray[Any]:
    """
    Return the bands (2, 2, ...): indexed by detail down, detail across; [0, 0] is the mean part.

    ``quads`` is used as scratch. What PyWavelets calls cH is [1, 0], its cV is [0, 1].

    >>> analyse(np.array([[9.0, 7.0], [3.0, 1.0]])).round(9).tolist()
    [[10.0, 2.0], [6.0, 0.0]]
    """
    half = quads.dtype.type(ROOT_HALF)
    quads *= half
    rows = _both(quads[0], quads[1], np.empty_like(quads))
    rows *= half
    np.add(rows[:, 0], rows[:, 1], out=quads[:, 0])
    np.subtract(rows[:, 0], rows[:, 1], out=quads[:, 1])
    return quads


def synthesise(bands: NDArray[Any]) -> NDArray[Any]:
    """
    Return the quads that `analyse` gives these bands for, up to rounding; ``bands`` is scratch.

    >>> synthesise(analyse(np.array([[9.0, 7.0], [3.0, 1.0]]))).round(9).tolist()
    [[9.0, 7.0], [3.0, 1.0]]
    """
    half = bands.dtype.type(ROOT_HALF)
    bands *= half
    columns = np.empty(bands.shape, bands.dtype)
    _both(bands[:, 0], bands[:, 1], columns.swapaxes(0, 1))
    columns *= half
    return _both(columns[0], columns[1], bands)


def _both(one: NDArray[Any], other: NDArray[Any], out: NDArray[Any]) -> NDArray[Any]:
    """Write sum and difference into the two halves of ``out``, and return it."""
    np.add(one, other, out=out[0])
    np.subtract(one, other, out=out[1])
    return out
