"""The full searches on maps of bare lattices: turns, sizes, mirrors, scalings, and their peaks."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from geometries import turned

from labeler.core.image import full_search
from labeler.core.image.full_search import _evenly_scaled, _peaks, search_axial, search_polar
from labeler.core.image.lattice import lattice_of
from labeler.core.image.log_maps import (
    FINE_SIDE,
    TEMPLATE_SIDE,
    LogMaps,
    axial_maps,
    axial_step,
    lattice_points,
    polar_lags,
    polar_map,
    polar_matrix,
    polar_step,
)
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
SIZE = (TEMPLATE_SIDE, TEMPLATE_SIDE)


@cache
def maps_of(xx: float, xy: float, yx: float, yy: float) -> LogMaps:
    """The maps of a spectrum that shows nothing but the lattice, its frequencies changed."""
    frequencies = np.array([[xx, xy], [yx, yy]]) @ np.stack([LATTICE.u, LATTICE.v]) / 128
    kept = (np.abs(frequencies) < 0.49).all(axis=0)
    points = lattice_points(frequencies[:, kept], LATTICE.amplitude[kept] ** 2 * 1000)
    points = cv2.GaussianBlur(points, (5, 5), 0.8)
    rising, falling = axial_maps(points, *SIZE)
    return LogMaps(polar=polar_map(points, *SIZE), rising=rising, falling=falling)


def changed(matrix: np.ndarray) -> LogMaps:
    return maps_of(*(float(entry) for entry in matrix.ravel()))


def gap(one: np.ndarray, other: np.ndarray) -> float:
    return float(min(np.abs(one - other).max(), np.abs(one + other).max()))


def planted(*places: tuple[int, int, float], shape: tuple[int, int] = (64, 48)) -> np.ndarray:
    plane = np.zeros(shape, np.float32)
    for row, column, value in places:
        plane[row, column] = value
    return plane


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(("scale", "degrees"), [(0.32, 75), (0.7, -30), (3.0, 110)])
def test_the_best_polar_proposal_is_the_turn_and_size_within_a_step(scale, degrees, mirror):
    matrix = np.diag([1.0, -1.0 if mirror else 1.0]) @ turned(scale, degrees)
    best = search_polar(changed(matrix), LATTICE)[0]
    assert gap(best.matrix, matrix) < scale * max(polar_step(FINE_SIDE), np.pi / FINE_SIDE)
    assert not best.axial


@pytest.mark.parametrize("scale", [0.2, 5.0])
def test_sizes_beyond_the_search_are_not_proposed(scale):
    for proposal in search_polar(changed(np.eye(2) * scale), LATTICE):
        assert 1 / 3.7 < np.sqrt(abs(np.linalg.det(proposal.matrix))) < 1 / 0.29


def test_the_score_is_the_peak_in_deviations_of_what_was_searched():
    proposals = search_polar(changed(np.eye(2)), LATTICE)
    assert len(proposals) <= 3
    scores = [proposal.score for proposal in proposals]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 15
    louder = changed(np.eye(2))
    louder = LogMaps(polar=louder.polar * 7, rising=louder.rising, falling=louder.falling)
    assert [p.score for p in search_polar(louder, LATTICE)] == pytest.approx(scores, rel=1e-3)


QUARTERS = {
    "upright": np.eye(2),
    "mirrored": np.diag([-1.0, 1.0]),
    "quarter": np.array([[0.0, -1.0], [1.0, 0.0]]),
    "exchanged": np.array([[0.0, 1.0], [1.0, 0.0]]),
}


@pytest.mark.parametrize("quarter", QUARTERS)
@pytest.mark.parametrize(("across", "down"), [(0.55, 1.1), (1.6, 0.8), (0.31, 2.6)])
def test_the_best_axial_proposal_is_the_scaling_within_a_step(across, down, quarter):
    matrix = np.diag([across, down]) @ QUARTERS[quarter]
    proposals = search_axial(changed(matrix), LATTICE)
    best = max(proposals, key=lambda proposal: proposal.score)
    assert best.axial
    assert gap(best.matrix, matrix) < axial_step() * max(across, down)
    assert len(proposals) <= 5


def test_scalings_beyond_the_search_are_not_proposed():
    for across, down in ((4.0, 1.0), (1.0, 0.25)):
        for proposal in search_axial(changed(np.diag([across, down])), LATTICE):
            scales = np.abs(proposal.matrix).max(axis=1)
            assert 1 / 3.5 < scales.min() <= scales.max() < 3.5


@pytest.mark.parametrize("scale", [1.0, 0.6, 1.8])
def test_an_even_scaling_is_proposed_beside_the_others(scale):
    proposals = search_axial(changed(np.eye(2) * scale), LATTICE)
    even = [p for p in proposals if np.ptp(np.diag(p.matrix)) == 0 and not p.matrix[0, 1]]
    assert len(even) >= 2
    assert min(gap(p.matrix, np.eye(2) * scale) for p in even) < axial_step() * scale


def test_peaks_come_in_order_in_deviations_of_every_fourth_row():
    plane = planted((10, 20, 5), (30, 40, 9), (50, 5, 7), (8, 8, 2))
    spread = np.sqrt(2**2 / plane[::4].size)
    found = list(_peaks(plane.copy(), reach=2))
    assert [(row, column) for _, row, column in found] == [(30, 40), (50, 5), (10, 20)]
    assert [score * spread for score, *_ in found] == pytest.approx([9, 7, 5])


@pytest.mark.parametrize("reach", [2, 3])
def test_what_is_within_reach_of_a_peak_is_no_other_across_the_edges_of_angles(reach):
    near = [(0, 47, 20.0), (reach, 47, 19.0), (0, reach - 1, 18.0), (0, 47 - reach, 17.0)]
    far = [(reach + 1, 47, 6.0), (0, reach, 5.0), (63, 47, 4.0)]
    found = [(row, column) for _, row, column in _peaks(planted(*near, *far), reach=reach)]
    assert found[0] == (0, 47)
    assert found[1:] == [(reach + 1, 47), (0, reach)]
    again = planted(*near, (63, 47, 4.0), (0, 46 - reach, 3.0))
    found = [(row, column) for _, row, column in _peaks(again, reach=reach)]
    assert found == [(0, 47), (63, 47), (0, 46 - reach)]


def test_peaks_below_another_are_cleared_above_and_below():
    plane = planted((30, 20, 9), (28, 20, 8), (32, 22, 8), (28, 18, 8), (27, 20, 3), (33, 20, 2))
    assert [row for _, row, _ in _peaks(plane, reach=2)] == [30, 27, 33]


def test_even_scalings_come_from_the_diagonal_and_its_neighbours():
    reach = 20
    near = planted((25, 26, 6), (13, 13, 5), (8, 0, 2), (30, 33, 99), (37, 34, 99), shape=(41, 41))
    spread = np.sqrt(2**2 / near[::4].size)
    first, second = _evenly_scaled(near, reach)
    assert first.score * spread == pytest.approx(6)
    assert second.score * spread == pytest.approx(5)
    for proposal, steps in ((first, (5, 6)), (second, (-8, -7, -6))):
        scales = np.diag(proposal.matrix)
        assert proposal.axial
        assert scales[0] == scales[1]
        assert not proposal.matrix[0, 1]
        assert min(abs(np.log(scales[0]) / axial_step() - step) for step in steps) < 1e-9


@pytest.mark.parametrize(
    ("place", "other", "step"), [(20, 22, 2), (20, 18, 14), (20, 17, -4), (0, 1, 14)]
)
def test_the_second_even_scaling_is_no_flank_of_the_first(place, other, step):
    line = planted((place, place, 9), (other, other, 8), (35, 35, 1), shape=(41, 41))
    _, second = _evenly_scaled(line, 20)
    assert np.log(second.matrix[0, 0]) / axial_step() == pytest.approx(step)


def test_templates_cannot_be_changed_and_are_those_of_the_lattice():
    known = full_search._templates(LATTICE)
    arrays = [known.polar, known.rising, known.falling, known.rising_turned, known.falling_turned]
    assert not any(array.flags.writeable for array in arrays)
    upright, quarter = changed(np.eye(2)), changed(QUARTERS["exchanged"])
    for array, other in zip(
        arrays,
        (upright.polar, upright.rising, upright.falling, quarter.rising, quarter.falling),
        strict=True,
    ):
        one, two = array.ravel(), np.conj(other).ravel()
        alike = np.abs(np.vdot(one, two)) / np.linalg.norm(one) / np.linalg.norm(two)
        assert np.vdot(one, two).real > 0
        assert alike > 0.999


def test_the_polar_search_covers_every_size_between_its_limits(monkeypatch):
    first, last = polar_lags(FINE_SIDE)
    inside, outside = [(first, 7, 9), (last, 500, 8)], [(last + 1, 30, 99), (first - 1, 60, 98)]
    plane = planted(*inside, *outside, shape=(FINE_SIDE, FINE_SIDE))
    monkeypatch.setattr(
        full_search.fourier, "correlations", lambda _: iter([np.zeros_like(plane), plane])
    )
    found = search_polar(changed(np.eye(2)), LATTICE)
    assert len(found) == 2
    for proposal, (lag, column, _) in zip(found, inside, strict=True):
        angle = column * np.pi / FINE_SIDE
        wanted = polar_matrix(lag * polar_step(FINE_SIDE), angle, mirror=True)
        assert np.allclose(proposal.matrix, wanted)


def test_the_axial_search_covers_every_scaling_between_its_limits(monkeypatch):
    reach = int(np.log(full_search._AXIAL_RANGE) / axial_step())
    inside = [(reach, -reach, 9), (-reach, reach, 8), (0, reach, 7)]
    outside = [(reach + 1, 0, 99), (0, -reach - 1, 98), (-reach - 1, 3, 97), (5, reach + 1, 96)]
    plane = planted(*inside, *outside, shape=(256, 256))
    base = QUARTERS["quarter"]
    monkeypatch.setattr(full_search, "_axial_correlations", lambda *_: [(plane, base)])
    found = search_axial(changed(np.eye(2)), LATTICE)
    assert len(found) == 3
    for proposal, (row, column, _) in zip(found, inside, strict=True):
        scales = np.exp(np.array([column, row]) * axial_step())
        assert np.allclose(proposal.matrix, np.diag(scales) @ base)
        assert proposal.axial
