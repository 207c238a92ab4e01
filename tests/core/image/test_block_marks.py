from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.image import block_marks, block_marks_exact, block_marks_fixed
from labeler.core.image.block_marks import (
    block_count,
    block_entries,
    cells_of,
    chroma_plane,
    largest_singular,
    literal_votes,
    message_votes,
    read_votes,
    take_blocks,
)
from labeler.core.image.block_marks_exact import embed_exactly
from labeler.core.image.block_marks_fixed import _entry_change, embed_fixed
from labeler.schemes import DWT_DCT, DWT_DCT_SVD


SCHEMES = (DWT_DCT, DWT_DCT_SVD)
SEEDS = st.integers(0, 2**32 - 1)


def plane_of(seed: int, height: int = 40, width: int = 56) -> np.ndarray:
    """A plane with flat, smooth and rough parts, so that every special case occurs."""
    rng = np.random.default_rng(seed)
    plane = rng.integers(0, 256, (height, width)).astype(np.uint8)
    plane[: height // 2, : width // 2] = rng.integers(0, 256)
    plane[height // 2 :, : width // 2] = np.linspace(0, 255, width // 2).astype(np.uint8)
    return plane


def one_by_one(plane: np.ndarray, bits: np.ndarray, scheme) -> np.ndarray:
    """The plane as the package writes it, every block by itself in its own operations."""
    plane = plane.copy()
    fast, block_marks_exact._quantise_singular = (
        block_marks_exact._quantise_singular,
        lambda cells, *_: np.ones(len(cells), bool),
    )
    try:
        embed_exactly(plane, bits, scheme)
    finally:
        block_marks_exact._quantise_singular = fast
    return plane


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_all_blocks_at_once_are_read_as_one_by_one(scheme, seed):
    plane = plane_of(seed)
    every = np.arange(block_count(*plane.shape))
    assert np.array_equal(
        read_votes(plane, scheme), literal_votes(take_blocks(plane, every), scheme)
    )


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_all_blocks_at_once_are_written_as_one_by_one(seed):
    plane = plane_of(seed)
    bits = np.random.default_rng(seed).integers(0, 2, block_count(*plane.shape)).astype(bool)
    expected = one_by_one(plane, bits, DWT_DCT_SVD)
    embed_exactly(plane, bits, DWT_DCT_SVD)
    assert np.array_equal(plane, expected)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
def test_strips_make_no_difference(scheme, monkeypatch):
    plane = plane_of(3, 100, 60)
    bits = np.arange(block_count(100, 60)) % 3 == 0
    small = plane.copy()
    embed_exactly(plane, bits, scheme)
    monkeypatch.setattr(block_marks_exact, "_STRIP", 8 * 60)
    embed_exactly(small, bits, scheme)
    assert np.array_equal(plane, small)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
def test_floats_are_marked_and_read_too(scheme):
    plane = plane_of(5).astype(np.float32) - 127.5
    bits = np.random.default_rng(5).integers(0, 2, block_count(*plane.shape)).astype(bool)
    embed_exactly(plane, bits, scheme)
    # Quantising may lower the largest entry below another one: such a block reads as it likes.
    assert (read_votes(plane, scheme) == bits).mean() > 0.6


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
def test_the_better_mark_leaves_red_and_what_is_outside_blocks_alone(scheme):
    pixels = np.random.default_rng(2).integers(0, 256, (61, 77, 3)).astype(np.uint8)
    marked = embed_fixed(pixels, np.array([True, False, True]), scheme)
    assert (marked != pixels).any()
    assert np.array_equal(marked[..., 0], pixels[..., 0])
    assert np.array_equal(marked[56:], pixels[56:])
    assert np.array_equal(marked[:, 72:], pixels[:, 72:])


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, length=st.integers(1, 40))
def test_the_better_mark_reads_back(scheme, seed, length):
    rng = np.random.default_rng(seed)
    smooth = rng.integers(60, 190, (5, 5, 3)).repeat(64, 0).repeat(64, 1)
    pixels = (smooth + rng.integers(-9, 10, smooth.shape)).astype(np.uint8)
    message = rng.integers(0, 2, length).astype(bool)
    votes = read_votes(chroma_plane(embed_fixed(pixels, message, scheme)), scheme)
    assert np.array_equal(message_votes(votes, length), message)


def test_dear_blocks_are_left_out_only_where_the_others_are_enough():
    rng = np.random.default_rng(4)
    smooth = rng.integers(60, 190, (8, 8, 3)).repeat(32, 0).repeat(32, 1)
    pixels = (smooth + rng.integers(-9, 10, smooth.shape)).astype(np.uint8)
    message = np.arange(32) % 2 == 0
    votes = read_votes(chroma_plane(embed_fixed(pixels, message, DWT_DCT)), DWT_DCT)
    right = (votes == np.resize(message, votes.size)).reshape(-1, 32).mean(0)
    assert right.min() > 0.75
    assert right.mean() < 0.99


def test_the_largest_singular_value_is_that_of_lapack():
    blocks = np.random.default_rng(0).uniform(100, 400, (4, 4, 50))
    value, left, right = largest_singular(blocks, 12)
    assert np.allclose(value, np.linalg.svd(blocks.transpose(2, 0, 1))[1][:, 0])
    assert np.allclose(np.einsum("ijn,jn->in", blocks, right), value * left)


def test_an_equal_vote_counts_as_one():
    assert message_votes(np.array([True, False, False, True]), 2).tolist() == [True, True]
    assert message_votes(np.array([False, False, False, True]), 2).tolist() == [False, True]


def test_pictures_of_uneven_sides_have_whole_blocks_only():
    assert block_count(303, 451) == 37 * 56
    assert block_marks.block_entries(np.zeros((303, 451), np.uint8)).shape == (37, 4, 56, 4)


def test_the_chroma_of_floats_is_that_of_bytes_but_for_its_zero():
    pixels = np.random.default_rng(6).integers(0, 256, (40, 24, 3)).astype(np.uint8)
    of_floats = chroma_plane(pixels.astype(np.float32)) - 0.5
    assert of_floats.dtype == np.float32
    assert np.allclose(of_floats, chroma_plane(pixels).astype(np.float32) - 128, atol=1.0)


def test_where_no_other_entry_comes_near_only_the_largest_is_changed():
    cells = np.zeros((4, 4, 3), np.float32)
    cells[1, 2] = 300.0
    change = _entry_change(cells, np.array([True, False, True]), np.float32(36))
    assert change[1, 2].any()
    change[1, 2] = 0
    assert not change.any()


def test_the_two_largest_entries_of_each_block_are_found_the_first_of_equals():
    entries = np.random.default_rng(3).integers(0, 30, (15, 500)).astype(np.float32) / 2
    place, most, runner_up = block_marks_fixed._largest(entries)
    assert np.array_equal(place, entries.argmax(0))
    assert np.array_equal(np.stack([runner_up, most]), np.sort(entries, 0)[-2:])


def test_entries_that_hide_the_marked_one_are_lowered_or_it_is_raised():
    rng = np.random.default_rng(4)
    cells = rng.integers(400, 440, (4, 4, 800)).astype(np.float32) / 2
    message = rng.random(8) < 0.5
    change = block_marks_fixed._entry_change(cells, message, np.float32(DWT_DCT.step))
    largest = (cells + change).reshape(16, -1)[1:].max(0)
    votes = largest % DWT_DCT.step > DWT_DCT.step / 2
    assert (votes == np.resize(message, votes.size)).mean() >= block_marks_fixed._SHARE


def unsettled(seed: int, height: int = 40, width: int = 56) -> np.ndarray:
    """A plane of blocks whose two largest singular values are nearly the same."""
    rng = np.random.default_rng(seed)
    cells = np.eye(4)[rng.permutation(4)] * 225
    whole = np.tile(cells, (height // 8, width // 8)).repeat(2, 0).repeat(2, 1)
    return (whole + rng.integers(0, 30, whole.shape)).astype(np.uint8)


def means_of(plane: np.ndarray) -> np.ndarray:
    """The mean part in blocks (N, 4, 4), by sums of four pixels."""
    rows, columns = plane.shape[0] // 8, plane.shape[1] // 8
    inside = plane[: 8 * rows, : 8 * columns].astype(float)
    half = inside.reshape(4 * rows, 2, 4 * columns, 2).sum(axis=(1, 3)) / 2
    return half.reshape(rows, 4, columns, 4).transpose(0, 2, 1, 3).reshape(-1, 4, 4)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_entries_are_half_the_sums_of_four_pixels(kind):
    plane = plane_of(11, 43, 61).astype(kind)
    entries = block_entries(plane)
    assert entries.dtype == (np.uint16 if kind is np.uint8 else np.float32)
    seen = entries.transpose(0, 2, 1, 3).reshape(-1, 4, 4) / (2 if kind is np.uint8 else 1)
    assert np.allclose(seen, means_of(plane), rtol=1e-5)
    assert np.array_equal(cells_of(entries)[1, 2], entries[:, 1, :, 2].ravel())


@pytest.mark.parametrize("shift", [0.0, -127.5])
def test_the_largest_magnitude_but_the_first_votes(shift):
    plane = np.random.default_rng(12).uniform(0, 255, (43, 61)).astype(np.float32) + shift
    largest = np.abs(means_of(plane).reshape(-1, 16)[:, 1:]).max(1)
    assert np.array_equal(read_votes(plane.astype(np.float32), DWT_DCT), largest % 36 > 18)
    whole = np.clip(plane, 0, 255).astype(np.uint8)
    largest = means_of(whole).reshape(-1, 16)[:, 1:].max(1)
    clear = largest % 18 > 0
    assert np.array_equal(read_votes(whole, DWT_DCT)[clear], (largest % 36 > 18)[clear])


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_the_largest_singular_value_votes_even_where_the_next_is_near(kind):
    for plane in (plane_of(13), unsettled(14)):
        largest = np.linalg.svd(means_of(plane))[1][:, 0]
        clear = np.abs(largest % 18 - 9) < 8.9
        votes = read_votes(plane.astype(kind), DWT_DCT_SVD)
        assert np.array_equal(votes[clear], (largest % 36 > 18)[clear])


@pytest.mark.parametrize("sums", [range(9, 1020, 18), range(0, 1020, 18)])
def test_what_lies_on_a_limit_is_decided_by_the_package(sums):
    quads = np.array([[[s // 4, (s + 1) // 4], [(s + 2) // 4, (s + 3) // 4]] for s in sums])
    plane = np.concatenate([np.tile(quad, (4, 4)) for quad in quads], axis=1).astype(np.uint8)
    every = np.arange(len(quads))
    for scheme in SCHEMES:
        literal = literal_votes(take_blocks(plane, every), scheme)
        assert np.array_equal(read_votes(plane, scheme), literal)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
def test_the_bits_of_blocks_are_those_of_their_definition(scheme):
    blocks = np.random.default_rng(15).integers(0, 256, (60, 8, 8)).astype(np.uint8)
    means = means_of(blocks.reshape(-1, 8))
    entries = np.abs(means.reshape(-1, 16)[:, 1:]).max(1)
    value = np.linalg.svd(means)[1][:, 0] if scheme.singular else entries
    clear = value % 18 > 0
    assert np.array_equal(literal_votes(blocks, scheme)[clear], (value % 36 > 18)[clear])


def test_blocks_are_taken_by_their_numbers_row_by_row():
    plane = plane_of(16, 43, 61)
    taken = take_blocks(plane, np.array([0, 8, 34]))
    for block, (top, left) in zip(taken, [(0, 0), (8, 8), (32, 48)], strict=True):
        assert np.array_equal(block, plane[top : top + 8, left : left + 8])


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_the_chroma_is_that_of_opencv_at_any_height(kind):
    pixels = np.random.default_rng(17).integers(0, 256, (150, 9, 3)).astype(kind)
    plane = chroma_plane(pixels)
    assert plane.dtype == kind
    if kind is np.uint8:
        assert np.array_equal(plane, cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV)[..., 1])
    bgr = np.ascontiguousarray(pixels[..., ::-1])
    assert np.abs(plane - cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV)[..., 1].astype(float)).max() <= (
        1 if kind is np.uint8 else 0
    )


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_the_power_iteration_begins_with_the_sum_of_the_rows(steps):
    blocks = np.random.default_rng(18).normal(0, 100, (4, 4, 30))
    value, left, right = largest_singular(blocks.copy(), steps)
    for number in range(30):
        block = blocks[:, :, number]
        known = block.sum(axis=0)
        for _ in range(steps):
            known = block.T @ block @ known
        known /= np.linalg.norm(known)
        assert value[number] == pytest.approx(np.linalg.norm(block @ known))
        assert right[:, number] == pytest.approx(known)
        assert left[:, number] == pytest.approx(block @ known / value[number])


def test_an_empty_block_has_no_largest_value():
    for part in largest_singular(np.zeros((4, 4, 2), np.float32)):
        assert not part.any()


def test_a_bit_needs_more_than_127_of_255_of_its_votes():
    votes = np.arange(255) < 127
    assert message_votes(votes, 1).tolist() == [False]
    assert message_votes(np.arange(255) < 128, 1).tolist() == [True]
    assert message_votes(np.array([True, False]), 3).tolist() == [True, False, False]
