"""The better block marks, block by block from what they promise."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from labeler.core.image import block_marks_fixed as fixed
from labeler.core.image.block_marks import chroma_plane
from labeler.core.image.block_marks_fixed import embed_fixed
from labeler.schemes import DWT_DCT, DWT_DCT_SVD


STEP = np.float32(36)
MARGIN = 1.5
SCHEMES = (DWT_DCT, DWT_DCT_SVD)


def message_of(length: int) -> np.ndarray:
    return np.random.default_rng(length).random(length) < 0.5


def carrying(bit: bool, least: float = 0.0) -> np.ndarray:  # noqa: FBT001
    values = 36 * np.arange(200) + (27 if bit else 9)
    return values[values >= least]


def nearest(value: float, bit: bool, least: float = 0.0) -> float:  # noqa: FBT001
    values = carrying(bit, least)
    return float(values[np.abs(values - value).argmin()])


def lowered_or_raised(entries: np.ndarray, bit: bool) -> tuple[np.ndarray, float]:  # noqa: FBT001
    """What to add to the entries but the first of a block, and what that costs if any hides it."""
    place = int(entries.argmax())
    most, others = entries[place], np.delete(entries, place)
    target = nearest(most, bit)
    added = np.zeros(15)
    added[place] = target - most
    if target >= others.max() + MARGIN:
        return added, 0.0
    raised = carrying(bit, others.max() + MARGIN)[0]
    change = np.minimum(entries, target - MARGIN) - entries
    change[place] = target - most
    if (raised - most) ** 2 < (change**2).sum():
        change = np.zeros(15)
        change[place] = raised - most
    return change, float((change**2).sum())


def entry_change(blocks: np.ndarray, message: np.ndarray) -> np.ndarray:
    """What to add to blocks (N, 4, 4): of every bit the dearest fifth of its blocks stays."""
    bits = np.resize(message, len(blocks))
    both = [lowered_or_raised(b.ravel()[1:], t) for b, t in zip(blocks, bits, strict=True)]
    for first in range(message.size):
        own = np.arange(first, len(blocks), message.size)
        dear = sorted((n for n in own if both[n][1]), key=lambda n: -both[n][1])
        for n in dear[: int(0.2 * (len(blocks) // message.size) + 1e-9)]:
            both[n] = (np.zeros(15), 0.0)
    return np.array([[0, *change] for change, _ in both]).reshape(-1, 4, 4)


def singular_change(blocks: np.ndarray, message: np.ndarray) -> np.ndarray:
    change = np.zeros(blocks.shape)
    for n, bit in enumerate(np.resize(message, len(blocks))):
        left, values, right = np.linalg.svd(blocks[n])
        near = nearest(values[0], bit)
        rest = np.sqrt((values[1:] ** 2).sum()) + MARGIN
        target = near if near >= rest else carrying(bit, rest)[0]
        change[n] = (target - values[0]) * np.outer(left[:, 0], right[0])
    return change


def in_cells(blocks: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(blocks.transpose(1, 2, 0)).astype(np.float32)


def blocks_near(level: int, spread: int, count: int, seed: int) -> np.ndarray:
    """Blocks of half sums of four bytes whose largest entries lie near each other."""
    rng = np.random.default_rng(seed)
    return rng.integers(level - spread, level + spread, (count, 4, 4)) / 2


@pytest.mark.parametrize(("level", "spread"), [(512, 8), (512, 40), (520, 4), (60, 60), (5, 5)])
@pytest.mark.parametrize("length", [1, 7, 32])
def test_the_largest_entry_is_brought_to_the_nearest_value_at_the_least_cost(level, spread, length):
    blocks, message = (
        blocks_near(level, spread, 14 * length + length // 2, length),
        message_of(length),
    )
    change = fixed._entry_change(in_cells(blocks), message, STEP)
    assert np.allclose(change.transpose(2, 0, 1), entry_change(blocks, message), atol=1e-4)


def test_where_raising_and_lowering_cost_the_same_only_one_is_done():
    blocks = np.zeros((1, 4, 4))
    blocks[0, 1] = (44, 31.5, 31.5, 3)
    change = fixed._entry_change(in_cells(blocks), np.array([True]), STEP).transpose(2, 0, 1)
    assert (blocks + change).max() % 36 == 27
    assert (change**2).sum() == 19**2


@pytest.mark.parametrize(("level", "spread"), [(512, 40), (90, 30), (40, 8)])
def test_the_largest_singular_value_is_brought_to_the_nearest_above_the_others(level, spread):
    blocks, message = blocks_near(level, spread, 90, level), message_of(7)
    change = fixed._singular_change(in_cells(blocks), message, STEP)
    assert np.allclose(change.transpose(2, 0, 1), singular_change(blocks, message), atol=0.02)


@pytest.mark.parametrize(
    ("values", "found"), [((60, 30, 20, 10), (45, 63)), ((47, 35, 25, 10), (81, 63))]
)
def test_a_singular_value_that_the_rest_may_exceed_is_raised(values, found):
    left, _, right = np.linalg.svd(np.random.default_rng(3).normal(size=(4, 4)))
    blocks = np.repeat(((left * values) @ right)[None], 2, axis=0)
    value, first, last = fixed.largest_singular(in_cells(blocks), 60)
    message = np.array([False, True])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixed, "largest_singular", lambda _: (value, first, last))
        change = fixed._singular_change(in_cells(blocks), message, STEP)
    largest = np.linalg.svd(blocks + change.transpose(2, 0, 1))[1][:, 0]
    assert largest == pytest.approx(found, abs=0.1)


@pytest.mark.parametrize(
    ("value", "zero", "one"), [(0, 9, 27), (18, 9, 27), (28, 45, 27), (98, 81, 99)]
)
def test_the_nearest_value_is_positive_and_carries(value, zero, one):
    values = np.full(2, value, np.float32)
    assert fixed._nearest(values, np.array([False, True]), STEP).tolist() == [zero, one]


@pytest.mark.parametrize(("least", "raised"), [(-50, 9), (9, 9), (9.5, 45), (45, 45), (99, 117)])
def test_a_value_is_raised_by_whole_steps(least, raised):
    values = np.array([9], np.float32)
    assert fixed._raised(values, np.array([least], np.float32), STEP).tolist() == [raised]


def test_of_each_bit_the_dearest_fifth_is_left_out():
    blocks = np.array([0, 2, 3, 4, 6, 7, 8, 10])
    cost = np.array([5, 9, 1, 7, 2, 8, 9.5, 1], np.float32)
    assert fixed._dearest(blocks, cost, 2, 22).tolist() == [6, 1, 5, 2]
    assert fixed._dearest(blocks, cost, 2, 12).tolist() == [6, 5]
    assert fixed._dearest(blocks, cost, 2, 8).size == 0


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
def test_pixels_get_what_their_block_needs_in_green_and_blue(scheme):
    rng = np.random.default_rng(8)
    smooth = rng.integers(30, 226, (20, 11, 3)).repeat(8, 0).repeat(8, 1)
    pixels = np.zeros((163, 90, 3), np.uint8)
    pixels[:160, :88] = smooth + rng.integers(-6, 7, smooth.shape)
    message = message_of(9)
    half = chroma_plane(pixels)[:160, :88].reshape(80, 2, 44, 2).sum(axis=(1, 3)) / 2
    blocks = half.reshape(20, 4, 11, 4).transpose(0, 2, 1, 3).reshape(-1, 4, 4)
    change = (singular_change if scheme.singular else entry_change)(blocks, message)
    plane = change.reshape(20, 11, 4, 4).transpose(0, 2, 1, 3).reshape(80, 44)
    added = np.zeros((163, 90))
    added[:160, :88] = plane.repeat(2, 0).repeat(2, 1) / 2
    marked = embed_fixed(pixels, message, scheme)
    exact = pixels + added[..., None] * (0, -0.394642, 2.032062)
    assert np.abs(marked - np.clip(exact, 0, 255)).max() < 0.51


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
def test_luma_and_the_other_chroma_stay_as_they_are(scheme):
    rng = np.random.default_rng(9)
    pixels = (128 + rng.integers(-9, 10, (96, 96, 3))).astype(np.uint8)
    marked = embed_fixed(pixels, message_of(9), scheme)
    before, after = (cv2.cvtColor(p, cv2.COLOR_RGB2YUV).astype(int) for p in (pixels, marked))
    change = np.abs(after - before)
    assert change[..., 1].max() > 1
    assert change[..., 0].max() <= 1
    assert change[..., 2].max() <= 1
