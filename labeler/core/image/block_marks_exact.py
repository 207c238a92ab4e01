"""
The block marks of invisible-watermark, written to the last digit as that package writes them.

Its output is truncated, not rounded, wraps around at 0 and 255, and has the horizontal and the
vertical detail of U exchanged (design foreign-marks, 5.2). Whoever needs the very same bytes gets
them here; everybody else wants `labeler.core.image.block_marks_fixed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from labeler.core.image.block_marks import CELL, SIDE, largest_singular, take_blocks
from labeler.core.image.haar import analyse, put_quads, quads_of, synthesise


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.schemes import BlockScheme


_STRIP = 1 << 15
"""Pixels at a time, so that what is worked on stays in the cache."""

_STEPS = 8
_DOUBT = 1e-6


def embed_exactly(plane: NDArray[Any], bits: NDArray[np.bool_], scheme: BlockScheme) -> None:
    """
    Write one bit into every block of U, (H, W) uint8 or float32, in place.

    ``bits`` (N,) are those of the blocks, row by row.
    """
    height, width = (side // 4 * 4 for side in plane.shape)
    across = width // SIDE
    deep = max(1, _STRIP // max(1, width) // SIDE) * SIDE
    for top in range(0, height, deep):
        strip = plane[top : min(top + deep, height), :width]
        first = top // SIDE * across
        _embed_strip(strip, bits[first : first + strip.shape[0] // SIDE * across], scheme)


def _embed_strip(plane: NDArray[Any], bits: NDArray[np.bool_], scheme: BlockScheme) -> None:
    rows, columns = plane.shape[0] // SIDE, plane.shape[1] // SIDE
    bands = analyse(quads_of(plane))
    inside = bands[0, 0, : rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL)
    cells = np.ascontiguousarray(inside.transpose(0, 2, 1, 3)).reshape(-1, CELL, CELL)
    doubtful = None
    if not scheme.singular:
        _quantise_entries(cells, bits, scheme.step)
    elif plane.dtype == np.uint8:
        doubtful = _quantise_singular(cells, bits, scheme.step)
    else:
        _quantise_literally(cells, bits, scheme.step)
    inside[...] = cells.reshape(rows, columns, CELL, CELL).transpose(0, 2, 1, 3)
    quads = synthesise(bands.swapaxes(0, 1))  # what the package does: the details exchanged
    if doubtful is not None:
        _settle(quads, plane, bits=bits, doubtful=doubtful, step=scheme.step)
    # Stored into bytes, values are cut off and wrap around.
    put_quads(quads.astype(np.int32) if plane.dtype == np.uint8 else quads, plane)


def _quantise_entries(cells: NDArray[Any], bits: NDArray[np.bool_], step: float) -> None:
    """Quantise the largest entry but the first of blocks (N, 4, 4), in place."""
    flat = cells.reshape(-1, CELL * CELL)
    every = np.arange(len(flat))
    place = np.abs(flat[:, 1:]).argmax(1) + 1
    value = flat[every, place]
    unit = flat.dtype.type(step)
    quantised = (np.abs(value) // unit + (0.25 + 0.5 * bits).astype(flat.dtype)) * unit
    flat[every, place] = np.where(value >= 0, quantised, -quantised)


def _quantise_literally(cells: NDArray[Any], bits: NDArray[np.bool_], step: float) -> None:
    """Quantise the largest singular value of blocks (N, 4, 4), one by one, in place."""
    for cell, bit in zip(cells, bits, strict=True):
        left, values, right = np.linalg.svd(cv2.dct(cell))
        values[0] = (values[0] // step + 0.25 + 0.5 * bit) * step
        cell[...] = cv2.idct(np.dot(left, np.dot(np.diag(values), right)))


def _quantise_singular(
    cells: NDArray[Any], bits: NDArray[np.bool_], step: float
) -> NDArray[np.bool_]:
    """Quantise all blocks (N, 4, 4) at once, in place; return which of them are doubtful (N,)."""
    blocks = np.ascontiguousarray(cells.transpose(1, 2, 0))
    value, left, right = largest_singular(blocks, _STEPS)
    phase = value / step
    change = (np.floor(phase) + 0.25 + 0.5 * bits) * step - value
    cells += ((left * change)[:, None] * right[None]).transpose(2, 0, 1)
    unsettled = np.abs(np.einsum("ijn,in->jn", blocks, left) - value * right).max(0) > _DOUBT
    return np.asarray(unsettled | (np.abs(phase - np.rint(phase)) < _DOUBT))


def _settle(
    quads: NDArray[Any],
    plane: NDArray[Any],
    *,
    bits: NDArray[np.bool_],
    doubtful: NDArray[np.bool_],
    step: float,
) -> None:
    """
    Do again, as the package does them, blocks that may come out otherwise there.

    Decompositions differ in their last digits, and that shows where a value is nearly whole, as
    the result is cut off.
    """
    rows, columns = plane.shape[0] // SIDE, plane.shape[1] // SIDE
    inside = quads[:, :, : rows * CELL, : columns * CELL]
    blocks = inside.reshape(2, 2, rows, CELL, columns, CELL)
    whole = (np.abs(blocks - np.rint(blocks)) < _DOUBT).any(axis=(0, 1, 3, 5))
    at = np.flatnonzero(doubtful | whole.ravel())
    if not at.size:
        return
    # Flat areas hold the same block many times.
    keys = np.column_stack([take_blocks(plane, at).reshape(at.size, -1), bits[at]])
    each, where = np.unique(keys, axis=0, return_inverse=True)
    bands = analyse(quads_of(each[:, :-1].reshape(-1, SIDE, SIDE)))
    cells = np.ascontiguousarray(bands[0, 0])
    _quantise_literally(cells, each[:, -1], step)
    bands[0, 0] = cells
    done = synthesise(bands.swapaxes(0, 1))
    blocks[:, :, at // columns, :, at % columns] = done[:, :, where.ravel()].transpose(
        2, 0, 1, 3, 4
    )
