"""Soft votes of block marks: who wrote them is not known, what they say is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy import ndimage

from labeler.core.image import soft_blocks
from labeler.core.image.block_marks import block_count
from labeler.core.image.block_marks_fixed import embed_fixed
from labeler.core.image.soft_blocks import message_sums, soft_readings, soft_votes
from labeler.schemes import DWT_DCT


MESSAGE = np.random.default_rng(3).integers(0, 2, 32).astype(bool)


@pytest.fixture(scope="module")
def marked():
    rng = np.random.default_rng(4)
    smooth = rng.integers(60, 190, (8, 8, 3)).repeat(32, 0).repeat(32, 1)
    pixels = (smooth + rng.integers(-9, 10, smooth.shape)).astype(np.uint8)
    return embed_fixed(pixels, MESSAGE, DWT_DCT)


def agreement(votes):
    return float((np.sign(message_sums(votes, MESSAGE.size)) == np.where(MESSAGE, 1, -1)).mean())


@pytest.mark.parametrize(("turn", "writer"), [(1, "uint8 BGR"), (-1, "uint8 RGB")])
def test_the_right_hypothesis_reads_every_bit(marked, turn, writer):
    pixels = np.ascontiguousarray(marked[..., ::turn])
    seen = {name: agreement(votes) for name, votes in soft_readings(pixels, 36.0)}
    assert set(seen) == {
        f"{kind} {order}" for kind in ("float32", "uint8") for order in ("BGR", "RGB")
    }
    assert seen[writer] == 1.0
    other = {name for name in seen if name[-3:] != writer[-3:]}
    assert max(seen[name] for name in other) < 0.9


def test_every_block_has_one_vote_within_its_limits(marked):
    for _, votes in soft_readings(marked[:251, :250], 36.0):
        assert votes.shape == (block_count(251, 250),)
        assert np.abs(votes).max() <= 2


def test_an_entry_in_the_middle_of_a_cell_votes_most():
    middle_of_one, middle_of_zero, edge = 36 * 5 + 27.0, 36 * 5 + 9.0, 36 * 5.0
    ends = np.array(
        [[m, m - 30, 60, 50] for m in (middle_of_one, middle_of_zero, edge)], np.float32
    )
    assert soft_votes(ends.T, 36.0) == pytest.approx([1, -1, 0], abs=0.25)


def test_sums_add_up_the_repeats_of_each_bit():
    assert message_sums(np.array([1, 2, 3, 4, 5], np.float32), 2).tolist() == [9, 6]


def voted(ends, step):
    """The vote of one block, in double precision, from the docstring."""
    most, second, next_least, least = ends
    above = most - second + 2
    below = max(next_least - least - 2, 0) if most // step == least // step else 0
    turned = [np.sin(2 * np.pi * end / step) for end in (most, least)]
    return -(above * turned[0] + below * turned[1]) / (above + below)


@pytest.mark.parametrize("step", [36.0, 60.0, 200.0])
def test_votes_are_weighed_by_how_far_each_end_stands_out(step):
    entries = np.random.default_rng(5).uniform(0, 510, (4, 300))
    entries[:, ::3] = 180 + entries[:, ::3] / 20
    ends = -np.sort(-entries, axis=0)
    seen = soft_votes(ends.astype(np.float32), step)
    assert seen.dtype == np.float32
    assert np.allclose(seen, [voted(column, step) for column in ends.T], atol=2e-4)
    assert np.abs(seen).max() <= 1


def test_the_least_entry_votes_if_it_stands_out_within_the_same_cell():
    alike = np.array([[40.0, 39.0, 38.0, 10.0]], np.float32).T
    apart = np.array([[40.0, 39.0, 38.0, -1.0]], np.float32).T
    # Cells are 50 wide: 40 is in the half of ones, 10 in that of zeros.
    assert soft_votes(alike, 50.0)[0] < -0.5
    assert soft_votes(apart, 50.0)[0] == pytest.approx(-np.sin(2 * np.pi * 40 / 50), abs=1e-5)


def test_the_ends_are_the_two_largest_and_the_two_least():
    entries = np.random.default_rng(6).normal(size=(15, 200)).astype(np.float32)
    entries[:, :20] = np.round(entries[:, :20])
    ordered = np.sort(entries, axis=0)
    assert np.array_equal(soft_blocks._ends(entries), ordered[[-1, -2, 1, 0]])


@pytest.mark.parametrize(
    ("signed", "magnitudes"),
    [
        ((9, 7, 4, 2), (9, 7, 4, 2)),
        ((-2, -4, -7, -9), (9, 7, 4, 2)),
        ((9, 7, 4, -2), (9, 7, 0, 0)),
        ((9, 3, -1, -5), (9, 5, 0, 0)),
        ((5, 1, -3, -9), (9, 5, 0, 0)),
        ((5, 4, -3, -9), (9, 5, 0, 0)),
        ((2, -3, -7, -9), (9, 7, 0, 0)),
        ((9, 7, 4, 0.5), (9, 7, 4, 0.5)),
        ((9, 7, 4, 0), (9, 7, 0, 0)),
        ((9, 7, -4, -9), (9, 9, 0, 0)),
    ],
)
def test_magnitudes_are_told_from_signed_ends(signed, magnitudes):
    ends = np.array([signed], np.float32).T
    seen = soft_blocks._unsigned(ends.copy())[:, 0]
    assert seen[:2].tolist() == list(magnitudes[:2])
    assert np.abs(seen[2:]).tolist() == list(magnitudes[2:])


def test_votes_lose_what_their_neighbours_in_the_row_have_in_common():
    votes = np.random.default_rng(7).uniform(-1, 1, (6, 40)).astype(np.float32)
    mean = ndimage.uniform_filter1d(votes.astype(float), 11, axis=1, mode="nearest")
    assert np.allclose(soft_blocks._levelled(votes.ravel(), 40), (votes - mean).ravel(), atol=1e-5)


def readings_by_the_book(pixels, step):
    """Every reading from pixels, block by block, in double precision."""
    rows, columns = pixels.shape[0] // 8, pixels.shape[1] // 8
    inside = pixels[: rows * 8, : columns * 8]
    mean = np.floor(inside.reshape(rows * 4, 2, columns * 4, 2, 3).mean(axis=(1, 3)) + 0.5)
    for order, turn in (("BGR", 1), ("RGB", -1)):
        turned = np.ascontiguousarray(mean[..., ::turn].astype(np.uint8))
        u = cv2.cvtColor(turned, cv2.COLOR_RGB2YUV)[..., 1].astype(float)
        votes = {"float32": [], "uint8": []}
        for y, x in np.ndindex(rows, columns):
            entries = 2 * u[4 * y : 4 * y + 4, 4 * x : 4 * x + 4].ravel()[1:]
            votes["uint8"].append(voted(np.sort(entries)[[-1, -2, 1, 0]], step))
            magnitudes = np.sort(np.abs(entries - 255))[[-1, -2, 1, 0]]
            if entries.min() < 255 < entries.max():
                magnitudes[2:] = 0
            votes["float32"].append(voted(magnitudes, step))
        for kind, values in votes.items():
            table = np.array(values).reshape(rows, columns)
            mean_vote = ndimage.uniform_filter1d(table, 11, axis=1, mode="nearest")
            yield f"{kind} {order}", (table - mean_vote).ravel()


@pytest.mark.parametrize("shape", [(64, 96), (71, 103), (8, 8)])
def test_the_readings_are_those_of_the_means_of_four_pixels(shape):
    rng = np.random.default_rng(8)
    smooth = ndimage.zoom(rng.uniform(40, 210, (5, 5, 3)), (shape[0] / 5, shape[1] / 5, 1), order=1)
    pixels = np.clip(smooth + rng.integers(-6, 7, smooth.shape), 0, 255).astype(np.uint8)
    assert pixels.shape[:2] == shape
    wanted = dict(readings_by_the_book(pixels, 36.0))
    for name, votes in soft_readings(pixels, 36.0):
        assert votes.shape == wanted[name].shape
        assert np.allclose(votes, wanted[name], atol=2e-4)


@pytest.mark.parametrize(
    ("votes", "length", "sums"),
    [([1, 2, 3, 4], 2, [4, 6]), ([1, 2], 4, [1, 2, 0, 0]), ([1, 2, 3], 1, [6])],
)
def test_sums_are_as_many_as_the_message_has_bits(votes, length, sums):
    seen = message_sums(np.array(votes, np.float32), length)
    assert seen.tolist() == sums
    assert seen.dtype == np.float64
