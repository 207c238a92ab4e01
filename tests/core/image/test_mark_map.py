"""Maps of where a mark is, and the gaps that are told of them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from labeler.core.image import chips, mark_map
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
    assert presence_of(0 * level, np.ones_like(level), finding, LATTICE) is None


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


def test_missing_begins_just_below_half_and_three_deviations_below_full():
    def at(amplitude, deviation):
        one = Presence(
            amplitude=np.full((1, 1), amplitude, np.float32),
            deviation=np.full((1, 1), deviation, np.float32),
            window=128,
            reduced=False,
        )
        return bool(one.missing[0, 0])

    assert [at(0.5, 0.0), at(0.49, 0.0)] == [False, True]
    assert [at(0.25, 0.25), at(0.24, 0.25), at(0.24, 0.5)] == [False, True, False]


def sampled_tile(tile, x, y):
    """The tile, repeated without end, between its pixels."""
    side = len(tile)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, down = x - left, y - top

    def row(at):
        first, second = tile[at % side, left % side], tile[at % side, (left + 1) % side]
        return first * (1 - right) + second * right

    return row(top) * (1 - down) + row(top + 1) * down


def window_means(plane, window, cell):
    """Means over windows of an odd side, about the middle pixel of every cell."""
    reach = window // 2
    wide = np.pad(plane.astype(float), reach, mode="symmetric")
    rows, columns = (range(cell // 2, side, cell) for side in plane.shape)
    return np.array([[wide[y : y + window, x : x + window].mean() for x in columns] for y in rows])


@pytest.mark.parametrize("step", [1, 2])
def test_means_stand_for_windows_around_the_middle_of_each_cell(step):
    plane = np.random.default_rng(5).normal(size=(96, 144)).astype(np.float32)
    window = 9 * step
    seen = mark_map._window_means(plane, window, step=step)
    assert np.allclose(seen, window_means(plane, 9, CELL // step), atol=1e-5)


@pytest.mark.parametrize("step", [1, 2])
def test_sums_are_of_picture_times_tile(step):
    rng = np.random.default_rng(6)
    plane = rng.normal(size=(64, 96)).astype(np.float32)
    tile = rng.normal(size=(16, 16)).astype(np.float32)
    places = tuple(rng.uniform(-40, 40, plane.shape).astype(np.float32) for _ in "xy")
    product = plane * sampled_tile(tile.astype(float), *places)
    seen = mark_map._window_sums(plane, tile, places, 7 * step, step=step)
    assert np.allclose(seen, window_means(product, 7, CELL // step), atol=0.02)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("step", [1, 2])
def test_a_place_in_the_tile_is_that_of_the_pixels_middle(turned, step, finding):
    geometry = np.array([[0.9, -0.3], [0.2, 1.1]])
    aligned = replace(finding.alignment, turned=turned, offset=(5.0, 11.0), side=64)
    x, y = mark_map._tile_places((20, 30), geometry, aligned, 128, step=step)
    rows, columns = np.mgrid[0:20, 0:30] * step + (step - 1) / 2
    back = np.linalg.inv(geometry) * (-1 if turned else 1)
    wanted = np.einsum("ab,byx->ayx", back, np.stack([columns, rows])) - [[[10.0]], [[22.0]]]
    assert np.allclose(np.stack(np.broadcast_arrays(x, y)), wanted, atol=1e-4)


@pytest.mark.parametrize("marked", [True, False])
def test_the_matched_tile_weighs_each_frequency_by_its_gain_over_its_noise(marked, finding):
    reading, aligned = finding.reading, finding.alignment
    if not marked:
        parts = np.random.default_rng(8).normal(size=(2, len(LATTICE.u))) * 0.01
        aligned = replace(aligned, coefficients=(parts[0] + 1j * parts[1]).astype(np.complex64))
    sent = coefficients_of(LATTICE, PAYLOAD, IMAGE_V1.long_mode).astype(complex)
    agreed = (aligned.coefficients * sent.conj()).real
    noise = chips.local_power(aligned.coefficients, LATTICE)
    ring = np.floor(np.hypot(LATTICE.u, LATTICE.v)).astype(int)
    gain = {r: agreed[ring == r].sum() / (np.abs(sent[ring == r]) ** 2).sum() for r in set(ring)}
    assert (min(gain.values()) > 0) == marked
    weight = np.array([max(gain[r], 0) for r in ring]) / noise
    wanted = tile_of(LATTICE, (sent * weight).astype(np.complex64))
    seen = mark_map._matched_tile(reading, aligned, LATTICE)
    assert np.allclose(seen, wanted, rtol=0, atol=1e-4 * np.abs(wanted).max())


def test_a_map_does_not_depend_on_the_scale_of_what_is_expected(level, finding):
    expected = np.tile(np.linspace(0.5, 2, level.shape[1], dtype=np.float32), (len(level), 1))
    one, other = (presence_of(level, by * expected, finding, LATTICE) for by in (1, 40))
    assert np.allclose(one.amplitude, other.amplitude, rtol=1e-4)
    assert np.allclose(one.deviation, other.deviation, rtol=1e-4)


def test_an_even_mark_has_an_even_map(level, finding):
    even = presence_of(level, np.ones_like(level), finding, LATTICE)
    assert np.percentile(even.amplitude, 75) == pytest.approx(1, abs=1e-3)
    assert np.ptp(even.deviation) < 1e-5


@pytest.mark.parametrize("axis", [0, 1])
def test_the_map_follows_a_mark_that_grows_as_expected(axis, level, finding):
    line = np.linspace(0.5, 2, level.shape[axis], dtype=np.float32)
    ramp = np.broadcast_to(np.expand_dims(line, 1 - axis), level.shape).copy()
    rising = presence_of(level * ramp, ramp, finding, LATTICE)
    assert rising.amplitude.std() < 0.1
    weak, strong = (rising.deviation.take(at, axis).mean() for at in (2, -3))
    assert weak > 2 * strong


def test_where_nothing_is_expected_the_error_is_large(level, finding):
    expected = np.ones_like(level)
    expected[:, :250] = 0
    presence = presence_of(level, expected, finding, LATTICE)
    assert presence.deviation[:, 0].min() > 20
    assert presence.amplitude[:, 0].mean() > 1
    assert not presence.missing[:, 0].any()


def test_the_deviation_is_that_of_places_without_the_mark(level, finding):
    bare = level.copy()
    bare[:, 320:] = np.random.default_rng(7).normal(0, level.std(), bare[:, 320:].shape)
    presence = presence_of(bare, np.ones_like(level), finding, LATTICE)
    without = presence.amplitude[:, 12:]
    assert np.abs(without).mean() < 3 * presence.deviation.mean()
    assert presence.missing[:, 12:].all()
    assert not presence.missing[:, :8].any()
    assert presence.deviation.max() < 0.15


@pytest.mark.parametrize(("z", "window"), [(1e3, 128), (1e-3, 384), (13.4164, 256)])
def test_a_weaker_mark_needs_larger_windows_from_one_tile_to_three(z, window, level, finding):
    weak = replace(finding, reading=replace(finding.reading, z=z))
    presence = presence_of(level, np.ones_like(level), weak, LATTICE)
    assert presence.window == pytest.approx(window, abs=1)
    assert not presence.reduced


@pytest.mark.parametrize(
    ("scale", "reduced", "shape"),
    [(0.7, True, (11, 14)), (0.77, False, (12, 15)), (1.1, False, (18, 22))],
)
def test_windows_follow_the_geometry_and_small_ones_count_as_reduced(scale, reduced, shape, level):
    scaled = cv2.resize(level, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    finding = read_plain(scaled, [np.eye(2) * scale], LATTICE, attempts=128)
    strong = replace(finding, reading=replace(finding.reading, z=1e3))
    presence = presence_of(scaled, np.ones_like(scaled), strong, LATTICE)
    assert presence.window == int(128 * scale)
    assert presence.reduced == reduced
    assert presence.amplitude.shape == presence.deviation.shape == shape
    assert presence.amplitude.std() < 0.25


def test_a_gap_of_a_twentieth_is_told_and_a_smaller_one_is_not():
    presence = map_of()
    presence.amplitude[2:6, 3:8] = 0.0
    assert [gap.share for gap in gaps_of(presence, grey(presence))] == [0.05]
    presence.amplitude[2, 3] = 1.0
    assert gaps_of(presence, grey(presence)) == ()


@pytest.mark.parametrize(("rows", "columns"), [(3, 7), (7, 3)])
def test_a_gap_may_be_three_cells_thin(rows, columns):
    presence = map_of()
    presence.amplitude[5 : 5 + rows, 4 : 4 + columns] = 0.0
    (gap,) = gaps_of(presence, grey(presence))
    assert gap.cells == (5, 4 + rows, 4, 3 + columns)


def test_a_gap_at_the_rim_of_the_picture_is_told():
    presence = map_of()
    presence.amplitude[:2, :] = 0.0
    (gap,) = gaps_of(presence, grey(presence))
    assert gap.cells == (0, 1, 0, 19)


def test_areas_that_touch_at_a_corner_are_two_gaps():
    presence = map_of()
    presence.amplitude[2:8, 2:8] = 0.0
    presence.amplitude[8:14, 8:14] = 0.0
    assert len(gaps_of(presence, grey(presence))) == 2


@pytest.mark.parametrize(("left", "count"), [(0.25, 1), (0.29, 0)])
def test_a_gap_has_hardly_anything_of_the_mark_inside(left, count):
    presence = map_of()
    presence.amplitude[2:8, 3:13] = left
    assert len(gaps_of(presence, grey(presence))) == count


@pytest.mark.parametrize(("columns", "count"), [(2, 1), (3, 0)])
def test_a_gap_may_be_black_up_to_a_third_of_its_inside(columns, count):
    presence = map_of()
    presence.amplitude[2:8, 3:13] = 0.0
    luma = grey(presence)
    luma[:, 4 * CELL : (4 + columns) * CELL] = 0
    assert len(gaps_of(presence, luma)) == count
