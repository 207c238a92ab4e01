"""Logarithmic maps: against plain sampling, and what turns, sizes and stretches do to them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from labeler.core.image import fourier, log_maps
from labeler.core.image.log_maps import (
    AXIAL_SIDE,
    COARSE_SIDE,
    FINE_SIDE,
    TEMPLATE_SIDE,
    axial_maps,
    axial_step,
    lattice_points,
    log_maps_of,
    polar_lags,
    polar_map,
    polar_matrix,
    polar_step,
)
from labeler.core.image.spectrum import spectrum_of


HEIGHT, WIDTH = 300, 420
POWER = ndimage.gaussian_filter(
    np.random.default_rng(1).normal(size=(HEIGHT, WIDTH // 2 + 1)), 3
).astype(np.float32)
RANDOM = np.random.default_rng(2)
TURNS = RANDOM.uniform(0, np.pi, 40)
STARS = RANDOM.uniform(0.05, 0.16, 40) * np.stack([np.sin(TURNS), np.cos(TURNS)])


def looked_up(rows, columns):
    where = np.broadcast_arrays(rows, columns)
    plane = POWER.astype(float)
    return ndimage.map_coordinates(plane, where, order=1, mode="grid-constant")


def low(plane, width, side):
    """What a correlation needs of a plane less its blur, in double precision."""
    plane = plane - ndimage.gaussian_filter(plane, width, mode="mirror")
    whole = np.fft.fft2(plane)[:, 1 : side // 2]
    return np.concatenate([whole[: side // 2], whole[-(side // 2) :]])


def gap(seen, wanted):
    return np.linalg.norm(seen - wanted) / np.linalg.norm(wanted)


def stars(matrix):
    points = lattice_points(matrix @ STARS, 20.0)
    return ndimage.gaussian_filter(points, 1.2)


def moved(one, other):
    """Row and column of the shift that brings the plane of one spectrum to that of the other."""
    plane = next(fourier.correlations([((other, np.conj(one)),)]))
    return np.unravel_index(plane.argmax(), plane.shape)


def test_the_polar_map_samples_radii_and_half_a_turn_of_angles():
    radius = np.geomspace(0.0085, 0.5, 768)[:, None]
    angle = np.arange(768) / 768 * np.pi - np.pi / 2
    rows = radius * np.sin(angle) * HEIGHT + HEIGHT // 2
    plane = looked_up(rows, radius * np.cos(angle) * WIDTH) * radius
    assert gap(polar_map(POWER, HEIGHT, WIDTH), low(plane, 10, FINE_SIDE)) < 0.05


def test_the_axial_maps_sample_each_quadrant_on_logarithmic_axes():
    line = np.geomspace(0.006, 0.5, 512)
    weight = np.sqrt(line) * np.sqrt(line[:, None])
    for sign, seen in zip((1, -1), axial_maps(POWER, HEIGHT, WIDTH), strict=True):
        plane = looked_up(sign * line[:, None] * HEIGHT + HEIGHT // 2, line * WIDTH) * weight
        assert gap(seen, low(plane, 8, AXIAL_SIDE)) < 0.08


def test_a_background_is_a_wide_blur_that_a_constant_and_a_ramp_pass():
    rows, columns = np.mgrid[0:96, 0:160].astype(np.float32)
    ramp = 3 + 0.5 * rows - 0.25 * columns
    seen = log_maps._background(ramp, 4.0)
    assert seen.shape == ramp.shape
    assert np.allclose(seen[20:-20, 20:-20], ramp[20:-20, 20:-20], atol=1e-3)
    rough = ndimage.gaussian_filter(np.random.default_rng(3).normal(size=(96, 160)), 3)
    wanted = ndimage.gaussian_filter(rough, 8, mode="reflect")
    inside = np.s_[16:-16, 16:-16]
    seen = log_maps._background(rough.astype(np.float32), 8.0)
    assert gap(seen[inside], wanted[inside]) < 0.05


def test_the_maps_of_a_spectrum_are_polar_of_the_points_and_axial_of_the_blurred_ones():
    spectrum = spectrum_of(np.random.default_rng(4).normal(size=(90, 70)).astype(np.float32))
    maps = log_maps_of(spectrum)
    size = spectrum.height, spectrum.width
    assert np.array_equal(maps.polar, polar_map(spectrum.points, *size))
    rising, falling = axial_maps(spectrum.smooth, *size)
    assert np.array_equal(maps.rising, rising)
    assert np.array_equal(maps.falling, falling)
    assert maps.polar.shape == (FINE_SIDE, FINE_SIDE // 2 - 1)
    assert rising.shape == falling.shape == (AXIAL_SIDE, AXIAL_SIDE // 2 - 1)


@pytest.mark.parametrize(("size", "angle", "mirror"), [(1.3, 0.7, False), (0.7, 2.4, True)])
def test_a_turn_and_a_scaling_shift_the_polar_map(size, angle, mirror):
    matrix = polar_matrix(np.log(size), angle, mirror=mirror)
    before = polar_map(stars(np.eye(2)), TEMPLATE_SIDE, TEMPLATE_SIDE)
    after = polar_map(stars(matrix), TEMPLATE_SIDE, TEMPLATE_SIDE)
    row, column = moved(before, fourier.mirrored(after) if mirror else after)
    lag = (row + FINE_SIDE // 2) % FINE_SIDE - FINE_SIDE // 2
    assert lag * polar_step(FINE_SIDE) == pytest.approx(np.log(size), abs=polar_step(FINE_SIDE))
    turn = (column / FINE_SIDE * np.pi - angle + np.pi / 2) % np.pi - np.pi / 2
    assert abs(turn) < 1.5 * np.pi / FINE_SIDE


@pytest.mark.parametrize(("across", "down"), [(1.25, 0.8), (0.75, 1.3)])
def test_scalings_of_the_axes_shift_the_axial_maps(across, down):
    size = TEMPLATE_SIDE, TEMPLATE_SIDE
    before = axial_maps(stars(np.eye(2)), *size)
    after = axial_maps(stars(np.diag([across, down])), *size)
    for one, other in zip(before, after, strict=True):
        lags = [(at + AXIAL_SIDE // 2) % AXIAL_SIDE - AXIAL_SIDE // 2 for at in moved(one, other)]
        wanted = np.log([down, across])
        assert np.array(lags) * axial_step() == pytest.approx(wanted, abs=axial_step())


def test_a_matrix_of_a_shift_scales_turns_and_mirrors():
    assert polar_matrix(0.0, 0.0, mirror=False) == pytest.approx(np.eye(2))
    assert polar_matrix(np.log(2), np.pi / 2, mirror=False) @ [1, 0] == pytest.approx([0, 2])
    assert polar_matrix(np.log(2), np.pi / 2, mirror=True) @ [1, 0] == pytest.approx([0, -2])
    assert np.linalg.det(polar_matrix(0.3, 1.0, mirror=True)) == pytest.approx(-np.exp(0.6))


def test_a_step_of_a_correlation_is_the_spacing_of_its_rows():
    radius = np.log(np.geomspace(0.0085, 0.5, 768))
    assert polar_step(768) == pytest.approx(radius[1] - radius[0], rel=1e-12)
    assert polar_step(COARSE_SIDE) == pytest.approx(3 * polar_step(768), rel=1e-12)
    line = np.log(np.geomspace(0.006, 0.5, 512))
    assert axial_step() == pytest.approx(2 * (line[1] - line[0]), rel=1e-12)


@pytest.mark.parametrize("side", [COARSE_SIDE, FINE_SIDE])
def test_the_sizes_searched_reach_from_a_larger_original_to_a_smaller_one(side):
    first, last = polar_lags(side)
    step = polar_step(side)
    assert -side / 2 < first < 0 < last < side / 2
    assert first * step == pytest.approx(-np.log(log_maps._LARGEST), abs=step)
    assert last * step == pytest.approx(-np.log(log_maps._SMALLEST), abs=step)


def test_points_of_a_lattice_lie_in_the_right_half_plane_and_add_up():
    frequencies = np.array([[0.25, -0.125, 0.125, 0.0], [-0.5, 0.25, -0.25, 0.375]])
    points = lattice_points(frequencies, np.array([1, 2, 4, 8], np.float32))
    assert points.shape == (1024, 513)
    assert points.dtype == np.float32
    wanted = np.zeros_like(points)
    wanted[0, 256], wanted[256, 128], wanted[896, 0] = 1, 6, 8
    assert np.array_equal(points, wanted)


def test_the_polar_grid_is_kept_and_cannot_be_changed():
    grid = log_maps._polar_grid()
    assert log_maps._polar_grid() is grid
    for array in (grid.radius, grid.cosine, grid.sine):
        assert not array.flags.writeable
    assert np.allclose(grid.cosine**2 + grid.sine**2, 1, atol=1e-6)
