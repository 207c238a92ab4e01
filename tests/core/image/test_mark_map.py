"""Maps of where a mark is, and the gaps that are told of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from labeler.core.image.fold import MAX_SIDE
from labeler.core.image.lattice import coefficients_of, lattice_of, tile_of
from labeler.core.image.mark_map import (
    CELL,
    Presence,
    expected_strength,
    gaps_of,
    presence_of,
)
from labeler.core.image.reading import TRACKED, read_plain
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


PAYLOAD = tuple(int(bit) for bit in f"{0xFEDCBA9876543210:064b}")
LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
TILE = tile_of(LATTICE, coefficients_of(LATTICE, PAYLOAD, IMAGE_V1.long_mode))


@pytest.fixture(scope="module")
def level():
    grain = np.random.default_rng(1).normal(0, 2, (512, 640))
    return (np.tile(TILE, (4, 5)) / TILE.std() + grain).astype(np.float32)


@pytest.fixture(scope="module")
def finding(level):
    return read_plain(level, [np.eye(2)], LATTICE, attempts=128)


def map_of(*, rows=20, columns=20, reduced=False):
    ones = np.ones((rows, columns), np.float32)
    return Presence(amplitude=ones, deviation=0.1 * ones, window=128, reduced=reduced)


def grey(presence, level=128.0):
    rows, columns = presence.amplitude.shape
    return np.full((rows * CELL, columns * CELL), level, np.float32)


def test_calm_places_show_the_mark_more_clearly_than_busy_ones():
    luma = np.full((128, 256), 120, np.float32)
    luma[:, 128:] += np.random.default_rng(2).normal(0, 40, (128, 128)).astype(np.float32)
    strength = expected_strength(luma)
    assert strength.shape == luma.shape
    assert strength[:, :100].mean() > 2 * strength[:, 156:].mean() > 0


def test_bent_and_overlong_pictures_have_no_map(level, finding):
    even = np.ones_like(level)
    assert presence_of(level, even, finding, LATTICE) is not None
    assert presence_of(level, even, replace(finding, path=TRACKED), LATTICE) is None
    thin = np.zeros((16, MAX_SIDE + 16), np.float32)
    assert presence_of(thin, thin, finding, LATTICE) is None


def test_a_picture_smaller_than_a_cell_has_no_map(level, finding):
    small = np.ascontiguousarray(level[: CELL - 2])
    assert presence_of(small, np.ones_like(small), finding, LATTICE) is None


def test_a_mark_that_stands_nowhere_in_particular_has_no_map(level, finding):
    assert presence_of(-level, np.ones_like(level), finding, LATTICE) is None


def test_the_largest_gap_is_told_first_with_its_cells():
    presence = map_of()
    presence.amplitude[2:8, 3:13] = 0.0
    presence.amplitude[12:17, 1:9] = 0.1
    first, second = gaps_of(presence, grey(presence))
    assert (first.cells, second.cells) == ((2, 7, 3, 12), (12, 16, 1, 8))
    assert first.share == pytest.approx(60 / 400)
    assert second.share == pytest.approx(40 / 400)


def test_a_whole_picture_has_no_gap():
    assert gaps_of(map_of(), grey(map_of())) == ()


def test_small_thin_and_merely_weakened_places_are_no_gaps():
    presence = map_of()
    presence.amplitude[2:5, 2:5] = 0.0  # a fiftieth of the picture
    presence.amplitude[8:10, :] = 0.0  # no cell has missing ones all round it
    presence.amplitude[13:18, 5:13] = 0.4  # weakened, not gone
    assert presence.missing.sum() == 9 + 40 + 40
    assert gaps_of(presence, grey(presence)) == ()


@pytest.mark.parametrize("level", [3.0, 252.0])
def test_black_and_white_places_are_no_gaps(level):
    presence = map_of()
    presence.amplitude[2:8, 3:13] = 0.0
    luma = grey(presence)
    assert len(gaps_of(presence, luma)) == 1
    luma[2 * CELL : 8 * CELL, 3 * CELL : 13 * CELL] = level
    assert gaps_of(presence, luma) == ()


def test_no_gap_is_told_of_a_picture_that_was_much_reduced():
    presence = map_of(reduced=True)
    presence.amplitude[2:8, 3:13] = 0.0
    assert gaps_of(presence, grey(presence)) == ()
