"""
The quantised block marks of invisible-watermark: what its dwtDct and dwtDctSvd write and read.

One plane, U of YUV; the mean part of one Haar level; blocks of 4 x 4 of it, so of 8 x 8 pixels; in
each block one number, quantised with a step of 36 so that it carries one bit; the message again and
again over the blocks, row by row. ``dwtDct`` takes the entry of largest magnitude but the first
(there is no DCT in it), ``dwtDctSvd`` the largest singular value (design foreign-marks, 5.1).

`labeler.core.image.block_marks_exact` writes them as that package does, to the last digit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from labeler.core.image.haar import analyse, quads_of


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.schemes import BlockScheme


SIDE, CELL = 8, 4
"""Side of a block in pixels, and in entries of the mean part."""

STRIP = 8 * SIDE
"""Rows at a time, so that what is worked on stays in the cache."""

POWER_STEPS = 6
"""U lies around 128, so the largest singular value stands out and the iteration ends soon."""

_DOUBT = 0.01


def block_count(height: int, width: int) -> int:
    """Return how many blocks, so how many repeated bits, a picture has."""
    return (height // SIDE) * (width // SIDE)


def chroma_plane(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return U, (H, W), of RGB pixels (H, W, 3) uint8 or float32, as OpenCV computes it."""
    if pixels.dtype == np.uint8:
        plane = np.empty(pixels.shape[:2], np.uint8)
        for top in range(0, len(plane), STRIP):
            yuv = cv2.cvtColor(pixels[top : top + STRIP], cv2.COLOR_RGB2YUV)
            plane[top : top + STRIP] = cv2.extractChannel(yuv, 1)
        return plane
    # In floats OpenCV rounds RGB and BGR differently, and the format is defined on BGR.
    swapped = np.ascontiguousarray(pixels[..., ::-1])
    return np.asarray(cv2.extractChannel(cv2.cvtColor(swapped, cv2.COLOR_BGR2YUV), 1))


def block_entries(plane: NDArray[Any]) -> NDArray[Any]:
    """
    Return the mean part in blocks, (rows, 4, columns, 4): entry [1, 2] of a block is [:, 1, :, 2].

    Of a uint8 plane twice the entries, as uint16 and so exact; of a float one the entries.
    """
    rows, columns = plane.shape[0] // SIDE, plane.shape[1] // SIDE
    inside = plane[: rows * SIDE, : columns * SIDE]
    if plane.dtype != np.uint8:
        bands = analyse(quads_of(inside))
        return np.asarray(bands[0, 0].reshape(rows, CELL, columns, CELL))
    pairs = np.add(inside[0::2], inside[1::2], dtype=np.uint16)
    return np.asarray(pairs[:, 0::2] + pairs[:, 1::2]).reshape(rows, CELL, columns, CELL)


def read_votes(plane: NDArray[Any], scheme: BlockScheme) -> NDArray[np.bool_]:
    """
    Return the bit of every block of U, (N,), row by row, exactly as the package reads it.

    What rounding may decide is decided by the package's own order of operations.
    """
    entries = block_entries(plane)
    if scheme.singular:
        return _singular_votes(plane, entries, scheme)
    if plane.dtype != np.uint8:
        magnitudes = np.abs(cells_of(entries).reshape(CELL * CELL, -1)[1:]).max(0)
        return np.asarray(np.mod(magnitudes, magnitudes.dtype.type(scheme.step)) > scheme.step / 2)
    entries[:, 0, :, 0] = 0
    upper = np.maximum(entries[:, 0], entries[:, 1])
    most = np.maximum(upper, np.maximum(entries[:, 2], entries[:, 3]))
    half = np.maximum(most[..., 0], most[..., 1])
    phase = np.maximum(half, np.maximum(most[..., 2], most[..., 3])).ravel()
    phase %= np.uint16(2 * scheme.step)
    votes = np.asarray(phase > scheme.step)
    at = np.flatnonzero((phase == 0) | (phase == scheme.step))
    if at.size:
        votes[at] = literal_votes(take_blocks(plane, at), scheme)
    return votes


def cells_of(entries: NDArray[Any]) -> NDArray[Any]:
    """Return entries (rows, 4, columns, 4) as (4, 4, N), the blocks in their order."""
    return np.ascontiguousarray(entries.transpose(1, 3, 0, 2)).reshape(CELL, CELL, -1)


def _singular_votes(
    plane: NDArray[Any], entries: NDArray[Any], scheme: BlockScheme
) -> NDArray[np.bool_]:
    step = scheme.step
    cells = cells_of(entries).astype(np.float32)
    if plane.dtype == np.uint8:
        cells *= np.float32(0.5)
    value, left, right = largest_singular(cells)
    phase = np.mod(value, np.float32(step))
    votes = phase > step / 2
    settled = np.abs(np.einsum("ijn,in->jn", cells, left) - value * right).max(0) < _DOUBT
    near = np.minimum(np.abs(phase - step / 2), np.minimum(phase, step - phase)) < _DOUBT
    at = np.flatnonzero(near | ~settled)
    if at.size:
        votes[at] = literal_votes(take_blocks(plane, at), scheme)
    return np.asarray(votes)


def take_blocks(plane: NDArray[Any], at: NDArray[np.intp]) -> NDArray[Any]:
    """Return the blocks of a plane with these numbers, (M, 8, 8)."""
    rows, columns = plane.shape[0] // SIDE, plane.shape[1] // SIDE
    inside = plane[: rows * SIDE, : columns * SIDE].reshape(rows, SIDE, columns, SIDE)
    return np.asarray(inside[at // columns, :, at % columns])


def literal_votes(blocks: NDArray[Any], scheme: BlockScheme) -> NDArray[np.bool_]:
    """Return the bits of blocks (M, 8, 8), one by one with the package's own operations."""
    cells = analyse(quads_of(blocks))[0, 0]
    if scheme.singular:
        value = np.array([np.linalg.svd(cv2.dct(cell))[1][0] for cell in cells], cells.dtype)
    else:
        value = np.abs(cells.reshape(-1, CELL * CELL)[:, 1:]).max(1)
    step = value.dtype.type(scheme.step)
    return np.asarray(value % step > step / 2)


def message_votes(votes: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Return the message of so many bits that the blocks vote for; an equal vote counts as 1."""
    place = np.arange(votes.size) % length
    ones = np.bincount(place, weights=votes, minlength=length)
    return np.asarray(ones / np.maximum(np.bincount(place, minlength=length), 1) * 255 > 127)


def largest_singular(
    blocks: NDArray[Any], steps: int = POWER_STEPS
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """
    Return the largest singular value (N,) and its left and right vectors (4, N) of (4, 4, N).

    Power iteration from the row sums; what it has not settled, the caller can see from the vectors.
    """
    right = blocks.sum(0)
    for _ in range(steps):
        right /= np.sqrt((right * right).sum(0)) + blocks.dtype.type(1e-30)
        left = np.einsum("ijn,jn->in", blocks, right)
        right = np.einsum("ijn,in->jn", blocks, left)
    right /= np.sqrt((right * right).sum(0)) + blocks.dtype.type(1e-30)
    left = np.einsum("ijn,jn->in", blocks, right)
    value = np.sqrt((left * left).sum(0))
    return value, left / (value + blocks.dtype.type(1e-30)), right
