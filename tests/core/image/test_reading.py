"""Reading in given geometries, and telling whether a known message stands in another picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from labeler.core.image.fold import MAX_SIDE
from labeler.core.image.lattice import coefficients_of, lattice_of, tile_of
from labeler.core.image.reading import (
    NOTHING,
    TRACKED,
    better,
    presence_z,
    read_plain,
    whole_picture_geometries,
)
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LONG = IMAGE_V1.long_mode
PAYLOAD = tuple(int(bit) for bit in f"{0xFEDCBA9876543210:064b}")
LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
TILE = tile_of(LATTICE, coefficients_of(LATTICE, PAYLOAD, LONG))


def level_of(tile, *, seed=1):
    level = np.tile(tile, (4, 5)) / tile.std()
    return (level + np.random.default_rng(seed).normal(0, 2, level.shape)).astype(np.float32)


def noise_like(level):
    return np.random.default_rng(3).normal(0, 2, level.shape).astype(np.float32)


def read(level):
    return read_plain(level, [np.eye(2)], LATTICE, attempts=128)


def test_a_picture_below_the_canonical_size_may_be_a_reduced_one():
    as_it_is, reduced = whole_picture_geometries((448, 448), 1, 896)
    assert np.array_equal(as_it_is, np.eye(2))
    assert np.array_equal(reduced, np.eye(2) / 2)


@pytest.mark.parametrize(("shape", "scale"), [((896, 896), 1), ((1792, 1792), 2)])
def test_a_picture_of_canonical_size_is_read_as_it_is_alone(shape, scale):
    assert len(whole_picture_geometries(shape, scale, 896)) == 1


def test_a_picture_too_long_to_fold_is_not_read():
    assert read(np.zeros((16, MAX_SIDE + 16), np.float32)) is NOTHING


def test_pilots_without_a_message_are_no_finding():
    bare = coefficients_of(LATTICE, PAYLOAD, LONG)
    bare[LATTICE.data] = 0
    assert not read(level_of(tile_of(LATTICE, bare))).found


def test_a_finding_is_better_than_a_trace_and_the_first_of_equals_is_kept():
    found = read(level_of(TILE))
    assert better(NOTHING, found) is found
    assert better(found, replace(found, found=False)) is found
    twin = replace(found)
    assert better(found, twin) is found


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_message_that_was_found_is_known_again_elsewhere(turned, sign):
    tile = sign * (TILE[::-1, ::-1] if turned else TILE)
    finding = read(level_of(tile))
    assert finding.found
    assert presence_z(level_of(tile, seed=2), finding, LATTICE) > 10
    assert abs(presence_z(noise_like(level_of(TILE)), finding, LATTICE)) < 5


def test_where_nothing_was_found_or_the_picture_is_bent_no_presence_is_told():
    level = level_of(TILE)
    finding = read(level)
    assert presence_z(level, NOTHING, LATTICE) is None
    assert presence_z(level, replace(finding, path=TRACKED), LATTICE) is None
    assert presence_z(np.zeros((16, MAX_SIDE + 16), np.float32), finding, LATTICE) is None
