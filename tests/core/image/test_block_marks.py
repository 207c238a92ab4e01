from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.image import block_marks, block_marks_exact, block_marks_fixed
from labeler.core.image.block_marks import (
    block_count,
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
