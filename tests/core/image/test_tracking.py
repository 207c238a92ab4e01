"""Tracking, part by part: blocks, their displacements, the field through them, its undoing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from labeler.core.image import fold, tracking
from labeler.core.image.alignment import align
from labeler.core.image.lattice import coefficients_of, lattice_of, tile_of
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


PAYLOAD = tuple(int(bit) for bit in f"{0xFEDCBA9876543210:064b}")
LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
TILE = tile_of(LATTICE, coefficients_of(LATTICE, PAYLOAD, IMAGE_V1.long_mode))


def plane_of(rows, columns, *, offset=(0, 0), noisy=1.0):
    """Tiles side by side, moved by (x, y)."""
    x, y = offset
    tiles = np.roll(np.tile(TILE, (rows, columns)), (y, x), (0, 1))
    return (tiles + np.random.default_rng(1).normal(0, noisy, tiles.shape)).astype(np.float32)


def blocks_of(shift, score, place):
    return tracking._Blocks(
        score=np.asarray(score, float), shift=np.asarray(shift, float), place=np.asarray(place)
    )


@pytest.mark.parametrize(
    ("length", "starts"),
    [
        (255, []),
        (256, [0]),
        (319, [0]),
        (320, [0, 64]),
        (384, [0, 64, 128]),
        (512, [0, 64, 128, 192, 256]),
        (1156, [0, 128, 257, 385, 514, 642, 771, 900]),
    ],
)
def test_blocks_of_two_tiles_begin_half_a_tile_apart_and_are_at_most_eight(length, starts):
    assert tracking._starts(length, 128) == starts


def test_corners_go_row_by_row():
    assert tracking._corners((320, 384), 128) == [
        (0, 0),
        (0, 64),
        (0, 128),
        (64, 0),
        (64, 64),
        (64, 128),
    ]


def test_a_window_falls_to_nothing_at_the_rim_of_a_block():
    window = tracking._window(64)
    line = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(128) / 127)
    assert np.allclose(window, np.outer(line, line), atol=1e-6)
    assert not window.flags.writeable
    assert tracking._window(64) is window


@pytest.mark.parametrize("corner", [(0, 0), (13, 40), (70, 129)])
def test_a_block_keeps_the_origin_of_its_plane(corner):
    plane = np.random.default_rng(2).normal(size=(200, 260)).astype(np.float32)
    top, left = corner
    wanted = np.zeros((64, 64))
    for y in range(128):
        for x in range(128):
            value = plane[top + y, left + x] * tracking._window(64)[y, x]
            wanted[(top + y) % 64, (left + x) % 64] += value
    assert np.allclose(tracking._block(plane, corner, 64), wanted, atol=1e-4)


def test_a_peak_is_told_in_deviations_at_x_and_y():
    plane = np.random.default_rng(3).normal(size=(40, 60)).astype(np.float32)
    plane[31, 7] = 9
    score, x, y = tracking._peak(plane)
    assert (x, y) == (7, 31)
    assert score == pytest.approx(9 / np.sqrt(np.mean(plane.astype(float) ** 2)))
    assert tracking._peak(np.zeros((4, 4), np.float32)) == (0, 0, 0)


@pytest.mark.parametrize("turned", [False, True])
def test_blocks_show_the_displacement_and_the_place_of_their_middles(turned):
    plane = plane_of(3, 4, offset=(9, 30))
    plane = np.ascontiguousarray(plane[::-1, ::-1]) if turned else plane
    corners = tracking._corners(plane.shape, 128)
    both = tracking._measured(plane, 128, LATTICE, corners=corners)
    assert set(both) == {0, 1}
    seen, other = both[int(turned)], both[int(not turned)]
    assert seen.score.min() > 10 > other.score.max()
    # After half a turn pixel x lies at -1 - x, and the pilots are compared with their conjugates.
    wanted = (9 + 1, 30 + 1) if turned else (9, 30)
    assert np.array_equal(seen.shift, np.broadcast_to(wanted, (len(corners), 2)))
    middles = [((left + 128) / 512 * 2 - 1, (top + 128) / 384 * 2 - 1) for top, left in corners]
    for blocks in (seen, other):
        assert np.allclose(blocks.place, middles)
    alone = tracking._measured(plane, 128, LATTICE, corners=corners, turns=(int(turned),))
    assert list(alone) == [int(turned)]
    assert np.allclose(alone[int(turned)].score, seen.score)


def test_no_corners_are_no_blocks():
    both = tracking._measured(plane_of(2, 2), 128, LATTICE, corners=[])
    for blocks in both.values():
        assert (blocks.score.shape, blocks.shift.shape) == ((0,), (0, 2))
        assert blocks.place.shape == (0, 2)


def test_strength_is_that_of_the_eight_clearest_blocks():
    score = np.arange(20.0)[np.random.default_rng(4).permutation(20)]
    blocks = blocks_of(np.zeros((20, 2)), score, np.zeros((20, 2)))
    assert tracking._strength(blocks) == sum(range(12, 20))


def test_the_basis_has_the_six_terms_of_a_quadratic_field():
    seen = tracking._basis(np.array([[[0.5, -2.0], [3.0, 0.25]]]))
    wanted = [[1, 0.5, -2, 0.25, -1, 4], [1, 3, 0.25, 9, 0.75, 0.0625]]
    assert seen == pytest.approx(np.array([wanted]))


FIELD = np.array([[20, 100], [5, -3], [-4, 6], [2.5, 1], [-1.5, 2], [3, -2]], float)
PLACES = np.stack(np.meshgrid(np.linspace(-0.8, 0.8, 6), np.linspace(-0.7, 0.7, 5)), -1).reshape(
    -1, 2
)


def test_a_quadratic_field_is_fitted_exactly_through_stray_and_unseen_blocks():
    shift = tracking._basis(PLACES) @ FIELD
    score = np.full(30, 9.0)
    shift[[3, 11]] += 50
    score[20], shift[20] = 4.9, (0, 0)
    score[7] = 12
    field, followed = tracking._fitted(blocks_of(shift % 128, score, PLACES), 128)
    near = tracking._basis(PLACES) @ field + shift[7]
    assert np.abs(((near - shift + 64) % 128 - 64)[[0, 5, 15, 29]]).max() < 0.05
    assert np.allclose(field[1:], FIELD[1:], atol=0.2)
    assert followed == 27


def test_few_blocks_are_fitted_by_a_linear_field():
    linear = np.concatenate([FIELD[:3], np.zeros((3, 2))])
    for count, terms in ((11, 3), (12, 6)):
        places = PLACES[:: len(PLACES) // count][:count]
        shift = tracking._basis(places) @ linear + 0.01 * places[:, :1] ** 2
        field, followed = tracking._fitted(blocks_of(shift, np.full(count, 9.0), places), 128)
        assert followed == count
        assert np.allclose(field[1:3], linear[1:3], atol=0.1)
        assert bool(field[3:].any()) == (terms == 6)


def test_displacements_are_counted_around_the_clearest_block():
    score = np.array([9.0, 20.0, *[9.0] * 28])
    constant = np.broadcast_to([1.0, 127.0], (30, 2)).copy()
    constant[5:] = (126.0, 2.0)
    field, followed = tracking._fitted(blocks_of(constant, score, PLACES), 128)
    assert followed == 30
    assert np.abs(tracking._basis(PLACES) @ field).max() < 8


@pytest.mark.parametrize(("away", "followed"), [(7.5, 40), (8.5, 30)])
def test_a_block_follows_within_eight_pixels(away, followed):
    places = np.concatenate([PLACES, PLACES[:10]])
    shift = np.zeros((40, 2))
    score = np.array([30.0] * 30 + [5.1] * 10)
    shift[30:] = (0, away)
    assert tracking._fitted(blocks_of(shift, score, places), 128)[1] == followed


@pytest.mark.parametrize("shape", [(70, 90), (300, 40)])
def test_a_straightened_plane_has_the_field_taken_out(shape):
    rng = np.random.default_rng(5)
    flat = ndimage.gaussian_filter(rng.normal(size=shape), 3).astype(np.float32)
    terms = FIELD / 10
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(float)
    place = np.stack([columns / shape[1] * 2 - 1, rows / shape[0] * 2 - 1], -1)
    across, down = np.moveaxis(tracking._basis(place) @ terms, -1, 0)
    at = [rows + down, columns + across]
    wanted = ndimage.map_coordinates(flat.astype(float), at, order=1, mode="grid-constant")
    seen = tracking._straightened(flat, terms)
    assert np.allclose(seen, wanted, atol=0.02 * flat.std())


def test_a_whole_quarter_without_a_mark_is_hopeless_and_few_blocks_are_never():
    noise = np.random.default_rng(6).normal(size=(576, 576)).astype(np.float32)
    assert len(tracking._corners(noise.shape, 128)) >= 25
    assert tracking._hopeless(noise * 0.1, 128, LATTICE)
    assert not tracking._hopeless(plane_of(5, 5), 128, LATTICE)
    assert not tracking._hopeless(np.ascontiguousarray(noise[:384]), 128, LATTICE)


@pytest.mark.parametrize(("rows", "columns", "asked"), [(512, 512, True), (512, 448, False)])
def test_a_quarter_is_asked_where_there_are_twenty_five_blocks(rows, columns, asked, monkeypatch):
    seen = []

    def measured(_plane, _side, _lattice, *, corners):
        seen.extend(corners)
        return {0: blocks_of(np.zeros((4, 2)), np.zeros(4), np.zeros((4, 2)))}

    monkeypatch.setattr(tracking, "_measured", measured)
    assert tracking._hopeless(np.zeros((rows, columns), np.float32), 128, LATTICE) == asked
    assert seen == ([(64, 64), (64, 192), (192, 64), (192, 192)] if asked else [])


@pytest.mark.parametrize("turned", [False, True])
def test_a_picture_that_is_not_bent_comes_out_as_it_is_folded(turned):
    plane = plane_of(4, 5, offset=(9, 30))
    plane = np.ascontiguousarray(plane[::-1, ::-1]) if turned else plane
    tracked = align(tracking.track(plane, np.eye(2), LATTICE), LATTICE)
    folded = align(fold.fold_picture(plane, np.eye(2), LATTICE), LATTICE)
    assert tracked.turned == folded.turned == turned
    assert tracked.score == pytest.approx(folded.score, rel=0.05)


def likeness(folded):
    """How like the tile that was laid down a folded one is, 0 to 1."""
    seen = align(folded, LATTICE).coefficients
    sent = coefficients_of(LATTICE, PAYLOAD, IMAGE_V1.long_mode)
    return np.vdot(sent, seen).real / np.linalg.norm(sent) / np.linalg.norm(seen)


def test_a_bent_picture_is_straightened():
    rows, columns = np.mgrid[0:512, 0:640].astype(float)
    at = [rows + 14 * (rows / 512) ** 2, columns + 12 * columns * rows / 512 / 640]
    plane = ndimage.map_coordinates(plane_of(6, 7, noisy=0.3), at, order=1).astype(np.float32)
    flat = likeness(fold.fold_picture(plane, np.eye(2), LATTICE))
    tracked = likeness(tracking.track(plane, np.eye(2), LATTICE))
    assert tracked > 0.95 > 1.1 * flat


@pytest.mark.parametrize(("room", "tracked"), [(0, True), (-1, False)])
def test_a_picture_of_too_many_pixels_is_not_followed(room, tracked, monkeypatch):
    plane = plane_of(4, 4)
    monkeypatch.setattr(tracking, "_MAX_PIXELS", plane.size + room)
    assert (tracking.track(plane, np.eye(2), LATTICE) is not None) == tracked


def test_the_field_is_that_of_reweighted_least_squares_with_a_shrinking_tolerance():
    rng = np.random.default_rng(7)
    shift = tracking._basis(PLACES) @ (FIELD * 0.2) + rng.normal(0, 4, (30, 2))
    score = rng.uniform(4, 12, 30)
    field, followed = tracking._fitted(blocks_of(shift % 128, score, PLACES), 128)
    moved = (shift - shift[score.argmax()] + 64) % 128 - 64
    trust = np.where(score > 5, score, 0) ** 2
    weight, basis = trust, tracking._basis(PLACES)
    for tolerance in 6 / np.arange(1, 9) + 1.5:
        root = np.sqrt(weight)[:, None]
        wanted = np.linalg.lstsq(basis * root, moved * root, rcond=None)[0]
        error = np.linalg.norm(basis @ wanted - moved, axis=1)
        weight = trust / (1 + (error / tolerance) ** 2) ** 2
    assert np.allclose(field, wanted, atol=1e-6)
    assert followed == ((error < 8) & (score > 5)).sum()


def stubbed(monkeypatch, counts, *, followed=99, turn=0):
    """Track a picture of which so many blocks are seen in each round; the sums of the fields."""
    rounds, asked, sums = iter(counts), [], []

    def measured(_plane, _side, _lattice, *, corners, turns):
        asked.append((corners, turns))
        score = np.array([9.0] * next(rounds) + [5.0] * 3)
        seen = blocks_of(np.zeros((len(score), 2)), score, np.zeros((len(score), 2)))
        weak = blocks_of(np.zeros((9, 2)), np.ones(9), np.zeros((9, 2)))
        return {one: seen if one == turn else weak for one in turns}

    def straightened(flat, terms):
        sums.append(float(terms[0, 0]))
        return flat.copy()

    monkeypatch.setattr(tracking, "_measured", measured)
    monkeypatch.setattr(tracking, "_fitted", lambda *_: (np.ones((6, 2)), followed))
    monkeypatch.setattr(tracking, "_straightened", straightened)
    folded = tracking.track(np.zeros((256, 256), np.float32), np.eye(2), LATTICE)
    assert asked[0] == ([(0, 0)], (0, 1))
    assert set(map(repr, asked[1:])) <= {repr(([(0, 0)], (turn,)))}
    return folded is not None, sums


@pytest.mark.parametrize(
    ("counts", "rounds"),
    [([20] * 9, 3), ([20, 21, 22, 23, 23], 4), (range(20, 40), 7), ([20, 19, 18, 19, 30], 3)],
)
def test_rounds_go_on_while_more_blocks_are_seen(counts, rounds, monkeypatch):
    assert stubbed(monkeypatch, counts) == (True, list(range(1, rounds + 1)))


def test_after_half_a_turn_displacements_are_taken_the_other_way(monkeypatch):
    assert stubbed(monkeypatch, [20] * 9, turn=1) == (True, [-1, -2, -3])


@pytest.mark.parametrize(("counts", "found", "rounds"), [([5], False, 0), ([6, 5], True, 1)])
def test_fewer_than_six_blocks_show_no_mark_at_first_and_end_it_later(
    counts, found, rounds, monkeypatch
):
    assert stubbed(monkeypatch, counts) == (found, list(range(1, rounds + 1)))


@pytest.mark.parametrize(
    ("count", "followed", "found"),
    [(30, 10, True), (30, 9, False), (6, 6, True), (6, 5, False), (12, 5, False)],
)
def test_a_third_of_the_blocks_and_six_at_least_must_follow(count, followed, found, monkeypatch):
    assert stubbed(monkeypatch, [count] * 9, followed=followed)[0] == found


def test_a_small_picture_without_a_mark_is_not_followed():
    noise = np.random.default_rng(8).normal(size=(384, 384)).astype(np.float32)
    assert tracking.track(noise, np.eye(2), LATTICE) is None
