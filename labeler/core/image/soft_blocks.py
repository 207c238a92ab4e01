"""
Soft reading of dwtDct marks whose writer is not known (design foreign-marks, section 5.4).

The same format looks different by what its writer was handed: bytes or floats, blue first or red
first. Each is a hypothesis here, with a reading of its own. Three things make the reading surer
than the package's: a block votes by how near to the middle of a quantiser cell its entry lies; the
entry that was marked is looked for at both ends of the block, as quantising may have lowered it
below its neighbours; and what neighbouring blocks have in common, as no message has, is taken off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.image.block_marks import CELL, SIDE, cells_of


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


_ORDERS = (("BGR", cv2.COLOR_RGB2YUV), ("RGB", cv2.COLOR_BGR2YUV))
"""The order in which a writer took the channels, and what gives its U from RGB pixels."""

_ZERO = 256.0
"""Twice the zero of U in bytes: what the entries of a writer in floats lack (but for 0.5)."""

_STAND_OUT = 2.0
"""Least distance to the other entries of a block that means anything, of entries 0..510."""

_NEIGHBOURS = 11


def soft_readings(
    pixels: NDArray[np.uint8], step: float
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """
    Yield every hypothesis about the writer, by name, with the vote of each block (N,), -2..2.

    Positive votes are ones. ``pixels`` are RGB, (H, W, 3), at least one block.
    """
    rows, columns = pixels.shape[0] // SIDE, pixels.shape[1] // SIDE
    inside = pixels[: rows * SIDE, : columns * SIDE]
    size = (columns * CELL, rows * CELL)
    mean = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)
    for order, code in _ORDERS:
        plane = cv2.extractChannel(cv2.cvtColor(mean, code), 1)
        blocks = np.asarray(plane, np.float32).reshape(rows, CELL, columns, CELL)
        ends = _ends(cells_of(blocks).reshape(CELL * CELL, -1)[1:]) * np.float32(2)
        signed = soft_votes(_unsigned(ends - np.float32(_ZERO - 1)), step)
        yield f"float32 {order}", _levelled(signed, columns)
        yield f"uint8 {order}", _levelled(soft_votes(ends, step), columns)


def _levelled(votes: NDArray[np.float32], columns: int) -> NDArray[np.float32]:
    """Return votes less their mean over the blocks to the left and right of each."""
    rows = votes.reshape(-1, columns)
    mean = cv2.blur(rows, (_NEIGHBOURS, 1), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(rows - mean, np.float32).ravel()


def soft_votes(ends: NDArray[np.float32], step: float) -> NDArray[np.float32]:
    """
    Return the vote of each block (N,), -1..1, from its largest and least entries (4, N).

    ``ends`` are magnitudes: the largest, the next, the least but one, the least. The largest votes,
    and the least if it stands out below the others and lies in the same cell of the quantiser;
    each by how far it stands out.
    """
    most, second, next_least, least = ends
    unit = np.float32(step)
    above = most - second + np.float32(_STAND_OUT)
    below = np.maximum(next_least - least - np.float32(_STAND_OUT), 0)
    below *= np.floor(most / unit) == np.floor(least / unit)
    turn = np.float32(2 * np.pi) / unit
    votes = above * np.sin(most * turn) + below * np.sin(least * turn)
    return np.asarray(-votes / (above + below), np.float32)


def _ends(entries: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return largest, next, least but one and least (4, N) of entries (15, N)."""
    most, second = np.maximum(entries[0], entries[1]), np.minimum(entries[0], entries[1])
    least, next_least = second, most
    for row in entries[2:]:
        second = np.maximum(second, np.minimum(row, most))
        most = np.maximum(most, row)
        next_least = np.minimum(next_least, np.maximum(row, least))
        least = np.minimum(least, row)
    return np.stack([most, second, next_least, least])


def _unsigned(ends: NDArray[np.float32]) -> NDArray[np.float32]:
    """
    Return the ends of the magnitudes from those of signed entries, (4, N).

    Where a block has both signs its least magnitude is not known; it is not looked for there.
    """
    size = np.where(ends[0] + ends[3] < 0, -ends[::-1], ends)
    np.maximum(size[1], -size[3], out=size[1])
    size[2:] *= size[3] > 0
    return size


def message_sums(votes: NDArray[np.float32], length: int) -> NDArray[np.float64]:
    """Return the sum of the votes for every bit of a message of so many bits, (length,)."""
    rounds = -(-votes.size // length)
    padded = np.zeros(rounds * length, np.float32)
    padded[: votes.size] = votes
    return np.asarray(padded.reshape(rounds, length).sum(axis=0), np.float64)
