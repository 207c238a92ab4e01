"""Soft votes of block marks: who wrote them is not known, what they say is."""

from __future__ import annotations

import numpy as np
import pytest

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
