"""The package's own way of writing, once more from its description in plain arithmetic."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from labeler.core.image.block_marks_exact import embed_exactly
from labeler.core.image.haar import analyse, put_quads, quads_of, synthesise
from labeler.schemes import DWT_DCT, DWT_DCT_SVD


SCHEMES = (DWT_DCT, DWT_DCT_SVD)
by_name = pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)


def quantised(block: np.ndarray, bit: int, scheme) -> None:
    """Write a bit into the mean part of a block, (4, 4), in place."""
    if scheme.singular:
        left, values, right = np.linalg.svd(block)
        values[0] = (values[0] // 36 + 0.25 + 0.5 * bit) * 36
        block[...] = left @ np.diag(values) @ right
        return
    place = np.abs(block.ravel()[1:]).argmax() + 1
    value = block.flat[place]
    carrying = (abs(value) // 36 + 0.25 + 0.5 * bit) * 36
    block.flat[place] = carrying if value >= 0 else -carrying


def written(plane: np.ndarray, bits: np.ndarray, scheme) -> np.ndarray:
    """The marked plane in float64, neither cut off nor wrapped."""
    out = plane.astype(float)
    height, width = (side // 4 * 4 for side in plane.shape)
    inside = out[:height, :width]
    a, b, c, d = (inside[y::2, x::2].copy() for y in (0, 1) for x in (0, 1))
    mean, both = (a + b + c + d) / 2, (a - b - c + d) / 2
    across, down = (a + b - c - d) / 2, (a - b + c - d) / 2  # exchanged, as the package does
    places = [(y, x) for y in range(0, height - 7, 8) for x in range(0, width - 7, 8)]
    for (y, x), bit in zip(places, bits, strict=True):
        quantised(mean[y // 2 : y // 2 + 4, x // 2 : x // 2 + 4], bit, scheme)
    inside[0::2, 0::2] = (mean + down + across + both) / 2
    inside[0::2, 1::2] = (mean + down - across - both) / 2
    inside[1::2, 0::2] = (mean - down + across - both) / 2
    inside[1::2, 1::2] = (mean - down - across + both) / 2
    return out


def bits_for(plane: np.ndarray) -> np.ndarray:
    count = (plane.shape[0] // 8) * (plane.shape[1] // 8)
    return np.random.default_rng(count).random(count) < 0.5


def rough(seed: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)


def diagonal(seed: int) -> np.ndarray:
    """Blocks whose two largest singular values are nearly the same."""
    rng = np.random.default_rng(seed)
    cells = np.eye(4)[rng.permutation(4)] * 225
    whole = np.tile(cells, (5, 7)).repeat(2, 0).repeat(2, 1)
    return (whole + rng.integers(0, 30, whole.shape)).astype(np.uint8)


def assert_same_bytes(plane: np.ndarray, scheme) -> None:
    bits = bits_for(plane)
    expected = written(plane, bits, scheme)
    marked = plane.copy()
    embed_exactly(marked, bits, scheme)
    clear = np.abs(expected - np.rint(expected)) > 1e-6
    cut = np.trunc(expected).astype(np.int64) % 256
    assert np.array_equal(marked[clear], cut[clear])
    assert (np.abs(marked[~clear] - np.rint(expected[~clear])) % 255 <= 1).all()


@by_name
@pytest.mark.parametrize("size", [(40, 56), (45, 63), (8, 8), (30, 20), (13, 24)])
def test_bytes_are_cut_off_and_wrap_around(scheme, size):
    assert_same_bytes(rough(1, *size), scheme)


def test_values_that_lie_near_each_other_are_told_apart():
    assert_same_bytes(diagonal(2), DWT_DCT_SVD)


@by_name
@pytest.mark.parametrize("size", [(40, 56), (45, 63), (8, 8), (30, 20), (13, 24)])
@pytest.mark.parametrize("lowest", [0, -127.5])
def test_floats_are_written_as_they_come_out(scheme, size, lowest):
    plane = np.random.default_rng(3).uniform(lowest, lowest + 255, size).astype(np.float32)
    bits = bits_for(plane)
    expected = written(plane, bits, scheme)
    embed_exactly(plane, bits, scheme)
    assert np.allclose(plane, expected, atol=1e-2)


@pytest.mark.parametrize("level", [0.0, 0.2, -0.2])
def test_a_small_entry_keeps_its_sign_and_none_counts_as_positive(level):
    for bit, carrying in ((False, 9.0), (True, 27.0)):
        plane = np.zeros((8, 8), np.float32)
        plane[2:4, 4:6] = level
        expected = np.zeros_like(plane)
        place = np.s_[2:4, 4:6] if level else np.s_[0:2, 2:4]
        expected[place] = np.copysign(carrying, level) / 2
        embed_exactly(plane, np.array([bit]), DWT_DCT)
        assert np.allclose(plane, expected, atol=1e-5)


def test_the_first_entry_of_a_block_is_never_taken():
    plane = np.zeros((8, 8), np.float32)
    plane[0:2, 0:2], plane[6:8, 6:8] = 200, 50
    embed_exactly(plane, np.array([True]), DWT_DCT)
    assert np.allclose(plane[0:2, 0:2], 200, atol=1e-4)
    assert np.allclose(plane[6:8, 6:8], (100 // 36 * 36 + 27) / 2, atol=1e-4)


@by_name
def test_wide_and_tall_planes_are_written_strip_by_strip(scheme):
    wide, tall = np.tile(rough(4, 40, 56), (1, 60)), np.tile(rough(4, 40, 56), (16, 4))
    for plane in (wide, tall):
        assert_same_bytes(plane, scheme)


@by_name
def test_a_plane_too_small_for_a_block_only_loses_its_details_places(scheme):
    plane = rough(5, 7, 6).astype(np.float32)
    expected = written(plane, np.zeros(0), scheme)
    embed_exactly(plane, np.zeros(0, bool), scheme)
    assert np.allclose(plane, expected, atol=1e-3)
    assert np.array_equal(plane[4:], rough(5, 7, 6)[4:])


def literally(plane: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """The marked plane by the package's own operations: their last digit decides what is cut."""
    bands = analyse(quads_of(plane))
    rows, columns = plane.shape[0] // 8, plane.shape[1] // 8
    for number, bit in zip(np.ndindex(rows, columns), bits, strict=True):
        y, x = 4 * number[0], 4 * number[1]
        cell = bands[0, 0, y : y + 4, x : x + 4]
        left, values, right = np.linalg.svd(cv2.dct(np.ascontiguousarray(cell)))
        values[0] = (values[0] // 36.0 + 0.25 + 0.5 * bit) * 36.0
        cell[...] = cv2.idct(np.dot(left, np.dot(np.diag(values), right)))
    quads = synthesise(bands.swapaxes(0, 1))
    out = np.empty_like(plane)
    put_quads(quads.astype(np.int32) if plane.dtype == np.uint8 else quads, out)
    return out


def whole(seed: int) -> np.ndarray:
    """Blocks whose marked values, or whose singular values by the step, are whole numbers."""
    rng = np.random.default_rng(seed)
    stripes = [rng.permutation([1, 4, 8, 12]) * rng.integers(1, 22) for _ in range(60)]
    stripes += [rng.permutation([1, 1, 7, 7]) * 9 * rng.integers(1, 5) for _ in range(60)]
    return np.kron(np.reshape(stripes, (10, 48)), np.ones((8, 2), int)).astype(np.uint8)


@pytest.mark.parametrize("seed", range(3))
def test_singular_values_are_written_to_the_last_digit(seed):
    for plane in (whole(seed), rough(seed, 40, 56), rough(seed, 40, 56) // 64 * 64, diagonal(seed)):
        bits = bits_for(plane)
        for each in (plane, np.ascontiguousarray(plane.T), (plane - 127.5).astype(np.float32)):
            expected = literally(each, bits)
            embed_exactly(each, bits, DWT_DCT_SVD)
            assert np.array_equal(each, expected)
