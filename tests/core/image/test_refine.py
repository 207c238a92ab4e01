"""Refining: lattice points of known places are found again, to a hundredth of a bin."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from labeler.core.image import refine as module
from labeler.core.image.lattice import lattice_of
from labeler.core.image.refine import Proposal, Refined, best_of, proposal_at, refine
from labeler.core.image.spectrum import Spectrum
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
PILOTS, EVERY = module._weighted(LATTICE)
HEIGHT, WIDTH = 900, 1100


def spectrum_with(matrix, table=EVERY, noisy=0.0):
    """A spectrum with a bump at every point of a lattice, as high as its power."""
    points = np.random.default_rng(1).normal(0, 1, (HEIGHT, WIDTH // 2 + 1)) * noisy
    places = matrix @ table.frequencies
    places = places * np.where(places[0] < 0, -1, 1)
    y, x = np.mgrid[-3:4, -3:4]
    for (fx, fy), power in zip(places.T, table.power, strict=True):
        column, row = fx * WIDTH, fy * HEIGHT + HEIGHT // 2
        left, top = round(column), round(row)
        inside = 3 <= left < WIDTH // 2 - 2 and 3 <= top < HEIGHT - 3
        if inside:
            bump = np.exp(-((x + left - column) ** 2 + (y + top - row) ** 2) / 2)
            points[top - 3 : top + 4, left - 3 : left + 4] += 8 * power * bump
    points = points.astype(np.float32)
    return Spectrum(
        points=points,
        smooth=points,
        values=np.zeros((1, 1), np.complex64),
        height=HEIGHT,
        width=WIDTH,
        spread=float(points.std()),
        origin=(0, 0),
        middle=(0.0, 0.0),
    )


MATRIX = np.array([[1.31, 0.42], [-0.37, 1.18]])
SPECTRUM = spectrum_with(MATRIX)


def test_the_tables_hold_frequencies_and_the_power_relative_to_the_pilots():
    for table, chosen in ((PILOTS, LATTICE.pilots), (EVERY, slice(None))):
        assert np.allclose(table.frequencies, np.stack([LATTICE.u, LATTICE.v])[:, chosen] / 128)
        ratio = table.power / LATTICE.amplitude[chosen].astype(float) ** 2
        assert np.allclose(ratio, ratio[0])
        assert table.norm == pytest.approx(np.sqrt((table.power.astype(float) ** 2).sum()))
        assert not table.frequencies.flags.writeable
        assert not table.power.flags.writeable
    assert PILOTS.power.mean() == pytest.approx(1, abs=1e-6)


def test_scalings_of_both_axes_lie_around_an_axial_proposal():
    around = module._neighbours(axial=True)
    assert around.shape == (81, 2, 2)
    assert not around.flags.writeable
    assert np.all(around[:, [0, 1], [1, 0]] == 0)
    steps = np.linspace(-0.007, 0.007, 9)
    wanted = {(round(1 + x, 9), round(1 + y, 9)) for x in steps for y in steps}
    assert {(round(a, 9), round(b, 9)) for a, b in around[:, [0, 1], [0, 1]]} == wanted


def test_sizes_turns_and_stretches_lie_around_any_other_proposal():
    around = module._neighbours(axial=False)
    assert not around.flags.writeable
    (a, b), (c, d) = around.transpose(1, 2, 0)
    size, along, turn, across = (a + d) / 2 - 1, (a - d) / 2, (c - b) / 2, (c + b) / 2
    grids = [(size, 0.009, 7), (turn, 0.006, 5), (along, 0.015, 5), (across, 0.015, 5)]
    assert len(around) == np.prod([count for *_, count in grids])
    for values, reach, count in grids:
        assert np.unique(values.round(9)) == pytest.approx(np.linspace(-reach, reach, count))
    every = np.stack([values for values, *_ in grids], 1).round(9) + 0.0
    assert len(np.unique(every, axis=0)) == len(around)


def test_scores_weigh_the_spectrum_at_the_lattice_points():
    matrices = np.stack([MATRIX, np.diag([0.9, -1.2]), -MATRIX])
    wanted = []
    for matrix in matrices:
        places = matrix @ PILOTS.frequencies
        places = places * np.where(places[0] < 0, -1, 1)
        at = np.stack([places[1] * HEIGHT + HEIGHT // 2, places[0] * WIDTH])
        seen = ndimage.map_coordinates(SPECTRUM.smooth.astype(float), at, order=1)
        wanted.append(seen @ PILOTS.power)
    scores = module._scores(SPECTRUM, matrices, PILOTS)
    assert np.allclose(scores, wanted, rtol=0.02, atol=1)
    assert scores[0] == pytest.approx(scores[2], rel=1e-3)
    assert scores[0] > 5 * scores[1]


@pytest.mark.parametrize("reach", [1, 2])
@pytest.mark.parametrize("table", [PILOTS, EVERY])
def test_a_fit_is_the_least_squares_of_weighted_centroids(table, reach):
    matrix = MATRIX @ np.diag([1.002, 0.998])
    sides, seen, sent, weights = [], [], [], []
    for frequency, power in zip(table.frequencies.T, table.power, strict=True):
        place = matrix @ frequency
        side = -1 if place[0] < 0 else 1
        column, row = round(side * place[0] * WIDTH), round(side * place[1] * HEIGHT + HEIGHT // 2)
        if not (reach <= column < WIDTH // 2 + 1 - reach and reach <= row < HEIGHT - reach):
            continue
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        patch = np.maximum(SPECTRUM.points[row + y, column + x].astype(float), 0) ** 2
        mass = patch.sum() + 1e-9
        across, down = (patch * x).sum() / mass, (patch * y).sum() / mass
        seen.append([(column + across) / WIDTH, (row + down - HEIGHT // 2) / HEIGHT])
        sent.append(frequency)
        sides.append(side)
        weights.append(np.sqrt(mass) * power)
    root = np.sqrt(weights)[:, None]
    targets = np.array(seen) * np.array(sides)[:, None]
    wanted = np.linalg.lstsq(np.array(sent) * root, targets * root, rcond=None)[0].T
    assert np.allclose(module._fitted(SPECTRUM, matrix, table, reach), wanted, atol=1e-6)


@pytest.mark.parametrize("axial", [False, True])
def test_refining_finds_the_matrix_and_its_geometry(axial):
    true = np.diag([1.31, -0.84]) if axial else MATRIX
    spectrum = spectrum_with(true, noisy=0.2)
    rough = np.diag([1.004, 0.996]) @ true
    refined = refine(spectrum, Proposal(score=9, matrix=rough, axial=axial), LATTICE)
    assert np.abs(np.linalg.inv(refined.geometry).T - true).max() < 5e-4
    wanted = module._scores(spectrum, true[None], EVERY)[0] / (spectrum.spread * EVERY.norm)
    assert refined.score == pytest.approx(wanted, rel=0.05)


def test_a_proposal_at_a_refined_geometry_is_that_geometry():
    geometry = np.array([[0.8, 0.1], [-0.3, 1.2]])
    proposal = proposal_at(Refined(score=7.5, geometry=geometry))
    assert np.allclose(proposal.matrix.T @ geometry, np.eye(2))
    assert proposal.score == 7.5
    assert not proposal.axial


@pytest.mark.parametrize(
    ("size", "found"), [(0.21, False), (0.24, True), (4.4, True), (4.6, False)]
)
def test_geometries_of_extreme_sizes_are_not_sensible(size, found, monkeypatch):
    monkeypatch.setattr(module, "_fitted", lambda *_: np.eye(2) * size)
    proposal = Proposal(score=9, matrix=np.eye(2) * size)
    assert (refine(SPECTRUM, proposal, LATTICE) is not None) == found


@pytest.mark.parametrize("fits", [0, 1, 2])
def test_where_one_of_three_fits_fails_there_is_nothing(fits, monkeypatch):
    left = [MATRIX] * fits
    monkeypatch.setattr(module, "_fitted", lambda *_: left.pop() if left else None)
    assert refine(SPECTRUM, Proposal(score=9, matrix=MATRIX), LATTICE) is None


def fit_of(count, first=(20, 20), step=(7, 5), reach=1):
    """Fit so many points on a grid of known columns and rows."""
    places = np.array(
        [(first[0] + step[0] * (i % 8), first[1] + step[1] * (i // 8)) for i in range(count)]
    )
    frequencies = np.stack([places[:, 0] / WIDTH, (places[:, 1] - HEIGHT // 2) / HEIGHT])
    table = module._Weighted(frequencies=frequencies, power=np.ones(count, np.float32), norm=1.0)
    return module._fitted(SPECTRUM, np.eye(2), table, reach)


def test_thirty_points_within_the_spectrum_fix_a_geometry():
    assert fit_of(30) is not None
    assert fit_of(29) is None


@pytest.mark.parametrize("reach", [1, 2])
@pytest.mark.parametrize(
    ("place", "step"),
    [
        ((0, 50), (1, 1)),
        ((WIDTH // 2 - 7, 50), (1, 1)),
        ((50, 0), (1, 1)),
        ((50, HEIGHT - 5), (1, 1)),
    ],
)
def test_points_at_the_rim_are_left_out(place, step, reach):
    count = 40
    places = np.array([(place[0] + i % 8, place[1] + i // 8) for i in range(count)])
    inside = (places >= reach) & (places < np.array([WIDTH // 2 + 1, HEIGHT]) - reach)
    assert 0 < inside.all(axis=1).sum() < count
    fitted = fit_of(count, place, step, reach)
    assert (fitted is None) == (inside.all(axis=1).sum() < 30)


@pytest.mark.parametrize("fall", [1, 0, -1])
def test_points_on_a_slanted_line_fix_no_geometry(fall):
    count = np.arange(40)
    line = np.stack([(30 + 8 * count) / WIDTH, fall * (30 + 8 * count) / WIDTH])
    table = module._Weighted(frequencies=line, power=np.ones(40, np.float32), norm=1.0)
    assert module._fitted(SPECTRUM, np.eye(2), table, 1) is None


def test_a_score_of_exactly_the_least_is_kept():
    proposals = [Proposal(score=s, matrix=np.eye(2)) for s in (4.9, 5.0, 5.1)]
    assert [one.score for one in best_of(proposals, 5, 5.0)] == [5.1, 5.0]
