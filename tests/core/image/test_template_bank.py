"""The bank: which changes its templates cover, and how a peak becomes a proposal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from labeler.core.image import fourier
from labeler.core.image import template_bank as bank
from labeler.core.image.lattice import lattice_of
from labeler.core.image.log_maps import (
    COARSE_SIDE,
    TEMPLATE_SIDE,
    LogMaps,
    lattice_points,
    polar_lags,
    polar_map,
    polar_matrix,
    polar_step,
)
from labeler.core.image.template_bank import search_sheared, search_similar, search_stretched
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
TEMPLATES = bank._templates(LATTICE)
PILOTS = np.stack([LATTICE.u, LATTICE.v])[:, LATTICE.pilots] / 128
SIDE = COARSE_SIDE
STEP = polar_step(SIDE)


def maps_of(matrix):
    """The maps of a spectrum that holds the pilots alone, changed by a matrix."""
    points = ndimage.gaussian_filter(lattice_points(matrix @ PILOTS, 20.0), 1.2)
    polar = polar_map(points, TEMPLATE_SIDE, TEMPLATE_SIDE)
    return LogMaps(polar=polar, rising=polar, falling=polar)


def hill(row, column, height=9.0):
    """A correlation with one peak, a parabola of its neighbours, over weak noise."""
    rows, columns = ((np.arange(SIDE) - at + SIDE / 2) % SIDE - SIDE / 2 for at in (row, column))
    bump = height - 2 * rows[:, None] ** 2 - columns**2
    grain = np.random.default_rng(1).normal(0, 1e-3, (SIDE, SIDE))
    return np.where(bump > 0, bump, grain).astype(np.float32)


def test_a_stretch_keeps_the_area_and_is_even_both_ways():
    for along, across in ((0.0, 0.0), (0.1, 0.0), (0.0, -0.06), (0.17, 0.09)):
        change = bank._stretch(along, across)
        assert np.linalg.det(change) == pytest.approx(1)
        undone = bank._stretch(-along, 0) @ bank._stretch(0, -across)
        assert undone @ change == pytest.approx(np.eye(2))
    assert bank._stretch(np.log(2), 0) == pytest.approx(np.diag([0.5, 2]))
    diagonal = bank._stretch(0, np.log(2)) @ [[1, 1], [1, -1]]
    assert diagonal == pytest.approx(np.array([[2, 0.5], [2, -0.5]]))


def test_the_templates_cover_stretches_of_both_signs():
    def of(name):
        return np.array([template.matrix for template in TEMPLATES[name]])

    near, far = (np.log(of(name)[:, 1, 1]) for name in ("similar", "stretched"))
    assert sorted(near) == pytest.approx(sorted(-near))
    assert sorted(far) == pytest.approx(sorted(-far))
    assert np.abs(near).min() < 1e-12
    assert np.abs(near).max() < 0.03 < np.abs(far).min()
    every = np.sort(np.concatenate([near, far]))
    assert np.ptp(np.diff(every)) < 1e-9
    assert np.exp(2 * every[-1]) == pytest.approx(1.4, abs=0.01)
    for name in ("similar", "stretched"):
        assert np.allclose(of(name)[:, [0, 1], [1, 0]], 0)
    slant = np.arctanh(of("sheared")[:, 0, 1] / of("sheared")[:, 0, 0])
    assert sorted(slant) == pytest.approx(sorted(-slant))
    assert np.degrees(2 * np.arctan(np.tanh(slant.max()))) == pytest.approx(10, abs=0.5)
    assert np.allclose(of("sheared"), of("sheared").transpose(0, 2, 1))


def test_a_template_is_the_conjugate_map_of_the_changed_pilots_and_kept():
    assert bank._templates(LATTICE) is bank._templates(LATTICE)
    template = TEMPLATES["stretched"][0]
    assert template.kept.dtype == np.float16
    assert not template.kept.flags.writeable
    wanted = np.conj(fourier.low_frequencies(maps_of(template.matrix).polar, SIDE))
    seen = fourier.unhalved(template.kept)
    cosine = np.vdot(seen, wanted).real / np.linalg.norm(seen) / np.linalg.norm(wanted)
    assert cosine > 0.98


SEARCHES = [
    (search_similar, "similar"),
    (search_stretched, "stretched"),
    (search_sheared, "sheared"),
]


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(("search", "name"), SEARCHES)
def test_a_search_finds_the_turn_and_size_of_its_own_templates(search, name, mirror):
    change = TEMPLATES[name][1].matrix
    matrix = polar_matrix(0.3, 0.8, mirror=mirror) @ change
    proposals = search(maps_of(matrix), LATTICE)
    assert 1 <= len(proposals) <= 5
    scores = [proposal.score for proposal in proposals]
    assert scores == sorted(scores, reverse=True)
    assert not any(proposal.axial for proposal in proposals)
    best = proposals[0].matrix
    assert min(np.abs(best - matrix).max(), np.abs(best + matrix).max()) < 0.02


@pytest.mark.parametrize("search", [search for search, _ in SEARCHES])
def test_nothing_is_proposed_where_there_is_nothing(search):
    polar = np.random.default_rng(2).normal(size=(512, 512)).astype(np.float32)
    spectrum = fourier.spectrum_to_match(polar, 512)
    assert search(LogMaps(polar=spectrum, rising=spectrum, falling=spectrum), LATTICE) == []


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(("row", "column"), [(0, 0), (30, 100.4), (59.7, 255.3), (-40.25, 7)])
def test_a_peak_is_a_size_and_a_turn_between_the_samples(row, column, mirror):
    change = bank._stretch(0.1, 0.05)
    plane = hill(row, column)
    proposal = bank._best_lag(plane, change, mirror=mirror)
    wanted = polar_matrix(row * STEP, column / SIDE * np.pi, mirror=mirror) @ change
    gap = min(np.abs(proposal.matrix - wanted).max(), np.abs(proposal.matrix + wanted).max())
    assert gap < 1e-3


def test_a_score_is_the_peak_in_deviations_of_the_sizes_searched():
    plane = np.random.default_rng(3).normal(size=(SIDE, SIDE)).astype(np.float32)
    plane[20, 30] = 11
    _, last = polar_lags(SIDE)
    spread = np.sqrt(np.mean(plane[: last + 1 : 2].astype(float) ** 2))
    assert bank._best_lag(plane, np.eye(2), mirror=False).score == pytest.approx(11 / spread)
    assert bank._best_lag(5 * plane, np.eye(2), mirror=False).score == pytest.approx(11 / spread)


def test_only_sizes_that_are_searched_are_proposed():
    first, last = polar_lags(SIDE)
    for row, inside in ((first, True), (first - 1, False), (last, True), (last + 1, False)):
        plane = np.zeros((SIDE, SIDE), np.float32)
        plane[row, 9], plane[3, 9] = 9, 5
        matrix = bank._best_lag(plane, np.eye(2), mirror=False).matrix
        lag = np.log(np.linalg.det(matrix)) / 2 / STEP
        assert lag == pytest.approx(row if inside else 3, abs=1e-3)


def test_an_empty_correlation_scores_nothing():
    plane = np.zeros((SIDE, SIDE), np.float32)
    assert bank._best_lag(plane, np.eye(2), mirror=False).score == 0


@pytest.mark.parametrize(("down", "right"), [(0, 0), (0.3, -0.2), (-0.45, 0.45)])
@pytest.mark.parametrize(("row", "column"), [(4, 5), (0, 0), (7, 9)])
def test_the_top_beside_a_sample_is_that_of_its_parabola(row, column, down, right):
    rows, columns = (
        (np.arange(n) - at + n / 2) % n - n / 2 for n, at in ((8, row + down), (10, column + right))
    )
    plane = (9 - 2 * rows[:, None] ** 2 - columns**2).astype(np.float32)
    assert bank._beside(plane, row, column) == pytest.approx((down, right), abs=1e-4)


def test_the_top_is_at_most_half_a_sample_away_and_flat_ground_has_none():
    steep = np.array([[0, 0, 0], [1, 5, 9], [0, 0, 0]], np.float32)
    assert bank._beside(steep, 1, 1) == (0, 0)
    rising = np.array([[0, 0, 0], [1, 8, 9], [0, 7, 0]], np.float32)
    down, right = bank._beside(rising, 1, 1)
    assert right == 0.5
    assert down == pytest.approx(7 / 18)
    falling = np.array([[0, 7, 0], [9, 8, 1], [0, 0, 0]], np.float32)
    assert bank._beside(falling, 1, 1) == pytest.approx((-7 / 18, -0.5))
    assert bank._beside(np.ones((3, 3), np.float32), 1, 1) == (0, 0)
