"""
The block marks of invisible-watermark, written better: its own reader reads them as well or better.

The same format without that package's faults: no detail is exchanged, nothing is cut off or wraps
around, luma and the other chroma stay as they are, and of the values that carry a bit the nearest
is taken, provided that the reader will look at the same entry again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.image.block_marks import (
    CELL,
    SIDE,
    block_entries,
    cells_of,
    chroma_plane,
    largest_singular,
)


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.schemes import BlockScheme


_GREEN, _BLUE = -0.394642, 2.032062
"""What one unit of U is in green and in blue, with luma and V kept (ITU-R BT.601)."""

_STRIP = 32
"""Rows of the mean part at a time, so that what is worked on stays in the cache."""

_MOST = np.float32(240)
"""No entry is changed by more, so that a change of its pixels fits a byte."""

_MARGIN = np.float32(1.5)
"""By how much the marked entry of a block has to exceed the others, as pixels are rounded."""

_SHARE = 0.8
"""Share of the blocks of a message bit that have to vote for it; dear blocks are left out."""


def embed_fixed(
    pixels: NDArray[np.uint8], message: NDArray[np.bool_], scheme: BlockScheme
) -> NDArray[np.uint8]:
    """Return RGB pixels (H, W, 3) that carry a message (n,) of fewer bits than blocks."""
    rows, columns = pixels.shape[0] // SIDE, pixels.shape[1] // SIDE
    cells = cells_of(block_entries(chroma_plane(pixels))).astype(np.float32)
    cells *= np.float32(0.5)
    change = _singular_change if scheme.singular else _entry_change
    added = np.clip(change(cells, message, np.float32(scheme.step)), -_MOST, _MOST)
    plane = added.reshape(CELL, CELL, rows, columns).transpose(2, 0, 3, 1)
    return _shifted(pixels, plane.reshape(rows * CELL, columns * CELL))


def _shifted(pixels: NDArray[np.uint8], change: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return pixels after a change of the mean part of their U."""
    marked = pixels.copy()
    width = 2 * change.shape[1]
    for top in range(0, change.shape[0], _STRIP):
        part = change[top : top + _STRIP]
        _shift(marked[2 * top : 2 * (top + part.shape[0]), :width], part)
    return marked


def _shift(pixels: NDArray[np.uint8], change: NDArray[np.float32]) -> None:
    """Change the mean part of the U of pixels (2 h, 2 w, 3) by (h, w), in place."""
    # Half of a change of the mean part is what each of its four pixels gets.
    shift = cv2.merge(
        [np.zeros_like(change), change * np.float32(_GREEN / 2), change * np.float32(_BLUE / 2)]
    )
    whole = np.rint(shift, out=shift).astype(np.int16)
    size = (pixels.shape[1], pixels.shape[0])
    each = cv2.resize(whole, size, interpolation=cv2.INTER_NEAREST)
    cv2.add(pixels, each, dst=pixels, dtype=cv2.CV_8U)  # saturates


def _nearest(
    value: NDArray[np.float32], bits: NDArray[np.bool_], step: np.float32
) -> NDArray[np.float32]:
    """Return the nearest positive value that carries the bit."""
    offset = np.where(bits, np.float32(0.75), np.float32(0.25)) * step
    return np.asarray(np.maximum(np.rint((value - offset) / step), 0) * step + offset, np.float32)


def _raised(
    value: NDArray[np.float32], least: NDArray[np.float32], step: np.float32
) -> NDArray[np.float32]:
    """Return a carrying value raised by whole steps to at least ``least``."""
    return np.asarray(value + np.maximum(np.ceil((least - value) / step), 0) * step, np.float32)


def _singular_change(
    cells: NDArray[np.float32], message: NDArray[np.bool_], step: np.float32
) -> NDArray[np.float32]:
    """Return what to add to blocks (4, 4, N) so that the largest singular value carries."""
    value, left, right = largest_singular(cells)
    # The second value is at most what the first leaves of the energy of the block.
    rest = np.sqrt(np.maximum(np.einsum("ijn,ijn->n", cells, cells) - value * value, 0))
    near = _nearest(value, np.resize(message, value.size), step)
    target = _raised(near, rest + _MARGIN, step)
    return np.asarray((left * (target - value))[:, None] * right[None], np.float32)


def _entry_change(
    cells: NDArray[np.float32], message: NDArray[np.bool_], step: np.float32
) -> NDArray[np.float32]:
    """Return what to add to blocks (4, 4, N) so that the largest entry but the first carries."""
    flat = cells.reshape(CELL * CELL, -1)[1:]
    place, most, runner_up = _largest(flat)
    target = _nearest(most, np.resize(message, most.size), step)
    added = np.zeros((CELL * CELL, flat.shape[1]), np.float32)
    hidden = np.flatnonzero(target < runner_up + _MARGIN)
    if hidden.size:
        others = flat[:, hidden]
        others[place[hidden], np.arange(hidden.size)] = 0
        raised = _raised(target[hidden], runner_up[hidden] + _MARGIN, step)
        lowered = np.minimum(others, target[hidden] - _MARGIN)
        up = (raised - most[hidden]) ** 2
        down = ((others - lowered) ** 2).sum(0) + (target[hidden] - most[hidden]) ** 2
        leave = _dearest(hidden, np.minimum(up, down), message.size, most.size)
        target[hidden] = np.where(up < down, raised, target[hidden])
        target[hidden[leave]] = most[hidden[leave]]
        kept = up < down
        kept[leave] = True
        added[1:, hidden] = np.where(kept, 0, lowered - others)
    added[place + 1, np.arange(most.size)] = target - most
    return added.reshape(cells.shape)


def _largest(
    entries: NDArray[np.float32],
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """
    Return where the largest entry of each block (15, N) is, the first of equals, it and the next.

    Entries are sums of bytes, so twice one is whole, and its place fits behind it into one number.
    """
    largest = second = np.zeros(entries.shape[1], np.float32)
    for number, row in enumerate(entries):
        key = row * np.float32(32) + np.float32(CELL * CELL - 1 - number)
        second = np.maximum(second, np.minimum(largest, key))
        largest = np.maximum(largest, key)
    whole, next_ = largest.astype(np.int32), second.astype(np.int32)
    place = CELL * CELL - 1 - (whole & 15)
    half = np.float32(0.5)
    return place.astype(np.intp), (whole >> 4) * half, (next_ >> 4) * half


def _dearest(
    blocks: NDArray[np.intp], cost: NDArray[np.float32], length: int, count: int
) -> NDArray[np.intp]:
    """
    Return which of some blocks are not worth their cost: their message bit has enough others.

    Of every bit of a message the dearest are left out, at most a share of 1 - `_SHARE`.
    """
    bit = blocks % length
    order = np.lexsort((-cost, bit))
    group = bit[order]
    rank = np.arange(order.size) - np.searchsorted(group, group)
    return np.asarray(order[rank < int((1 - _SHARE) * (count // length))])
