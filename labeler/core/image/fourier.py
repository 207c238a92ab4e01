"""
Real two-dimensional Fourier transforms in float32, on OpenCV's packed layout.

`cv2.dft` of a real plane needs a third of the time of other float32 transforms at hand and returns
real and imaginary parts side by side in one plane of the input's size; this module is the only
place that knows that layout. Sides must be even. Frequencies are (u to the right, v down).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray


def transform(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the packed spectrum, same shape, of a real plane (H, W): sum f exp(-2 pi j ...)."""
    return np.asarray(cv2.dft(plane), np.float32)


def inverse(packed: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the plane of a packed spectrum, without the factor 1 / (H W)."""
    return np.asarray(cv2.idft(packed), np.float32)


def coefficients_at(
    packed: NDArray[np.float32], u: NDArray[np.intp], v: NDArray[np.intp]
) -> NDArray[np.complex64]:
    """Return the coefficients at integer frequencies with u other than 0 and +-W / 2."""
    height = packed.shape[0]
    row, column = np.where(u > 0, v, -v) % height, 2 * np.abs(u)
    values = np.empty(len(u), np.complex64)
    values.real = packed[row, column - 1]
    values.imag = np.sign(u) * packed[row, column]
    return values


def plane_of(
    coefficients: NDArray[np.complex64], u: NDArray[np.intp], v: NDArray[np.intp], side: int
) -> NDArray[np.float32]:
    """
    Return the sum over frequencies of 2 Re(c exp(2 pi j (u x + v y) / side)), (side, side).

    Each frequency is given once (not its mirror image), u other than 0 and +-side / 2.
    """
    return next(planes_of([coefficients], u, v, side))


def planes_of(
    sets: Iterable[NDArray[np.complex64]], u: NDArray[np.intp], v: NDArray[np.intp], side: int
) -> Iterator[NDArray[np.float32]]:
    """Yield `plane_of` each set of coefficients, in the same memory."""
    packed = np.zeros((side, side), np.float32)
    plane = np.empty_like(packed)
    row, column = np.where(u > 0, v, -v) % side, 2 * np.abs(u)
    sign = np.sign(u)
    for coefficients in sets:
        packed[row, column - 1] = coefficients.real
        packed[row, column] = sign * coefficients.imag
        cv2.idft(packed, dst=plane)
        yield plane


def half_spectrum(packed: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Return the coefficients of u = 0..W/2 (columns) and v = 0..H-1 (rows), (H, W / 2 + 1)."""
    height, width = packed.shape
    half = np.empty((height, width // 2 + 1), np.complex64)
    half[:, 1:-1] = _inner(packed)
    for column, edge in ((0, packed[:, 0]), (-1, packed[:, -1])):
        rising = edge[1:-1:2] + 1j * edge[2::2]
        half[0, column], half[height // 2, column] = edge[0], edge[-1]
        half[1 : height // 2, column] = rising
        half[height // 2 + 1 :, column] = np.conj(rising[::-1])
    return half


def _inner(packed: NDArray[np.float32]) -> NDArray[np.complex64]:
    """View the columns of u = 1..W/2-1 as complex numbers, (H, W / 2 - 1)."""
    return packed[:, 1:-1].view(np.complex64)


def spectrum_to_match(plane: NDArray[np.float32], side: int) -> NDArray[np.complex64]:
    """
    Return the low frequencies of a plane for `correlations`, (side, side / 2 - 1).

    What does not change along the rows (u = 0) is left out: patterns are told apart without it.
    """
    return low_frequencies(_inner(transform(plane)), side)


def low_frequencies(spectrum: NDArray[np.complex64], side: int) -> NDArray[np.complex64]:
    """
    Return the lowest frequencies of `spectrum_to_match`: those of a plane reduced to ``side``.

    A correlation of them is the exact one without its fine detail, on a grid as coarse.
    """
    half = side // 2
    if len(spectrum) == side:
        return np.ascontiguousarray(spectrum[:, : half - 1])
    return np.concatenate([spectrum[:half, : half - 1], spectrum[-half:, : half - 1]])


def halved(spectrum: NDArray[np.complex64]) -> NDArray[np.float16]:
    """Return a spectrum to be kept, its largest value 1, in half the memory."""
    largest = np.abs(spectrum).max(initial=1e-30)
    kept = (np.ascontiguousarray(spectrum) / largest).astype(np.complex64).view(np.float32)
    return np.asarray(kept, np.float16)


def unhalved(kept: NDArray[np.float16]) -> NDArray[np.complex64]:
    """Return the spectrum that was kept, to three digits; 0.1 ms for a side of 256."""
    return kept.astype(np.float32).view(np.complex64)


def correlations(
    sums: Iterable[tuple[tuple[NDArray[np.complex64], NDArray[np.complex64]], ...]],
) -> Iterator[NDArray[np.float32]]:
    """
    Yield circular correlations (H, W), each summed over pairs of spectrum and template.

    Both come from `spectrum_to_match`, the template conjugated. Element (y, x) belongs to the plane
    that is the template moved down by y and right by x. Every plane lies in the same memory and is
    lost when the next is asked for: fresh memory would cost as much as the arithmetic.
    """
    packed = plane = np.empty((0, 0), np.float32)
    for pairs in sums:
        height, inner = pairs[0][0].shape
        if len(packed) != height:
            packed = np.zeros((height, 2 * inner + 2), np.float32)
            plane = np.empty_like(packed)
        product = _inner(packed)
        np.multiply(*pairs[0], out=product)
        for spectrum, template in pairs[1:]:
            product += spectrum * template
        cv2.idft(packed, dst=plane)
        yield plane


def mirrored(spectrum: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Return the spectrum of the plane turned right to left (x to -x)."""
    return np.conj(np.roll(spectrum[::-1], 1, axis=0))
