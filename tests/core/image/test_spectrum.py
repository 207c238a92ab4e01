"""The spectrum against plain transforms in double precision."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from labeler.core.image import spectrum as module
from labeler.core.image.lattice import lattice_of
from labeler.core.image.spectrum import Spectrum, sampled, spectrum_of
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
LEVEL = np.random.default_rng(1).normal(size=(90, 130)).astype(np.float32)
LEVEL += np.cos(np.arange(130) * 0.7)[None] * np.cos(np.arange(90) * 0.4)[:, None]
SPECTRUM = spectrum_of(LEVEL)


def direct(level, frequencies):
    """The transform of a picture at any frequencies, in cycles per pixel."""
    down, across = (
        np.exp(-2j * np.pi * np.outer(frequencies[axis], np.arange(side)))
        for axis, side in ((1, level.shape[0]), (0, level.shape[1]))
    )
    return np.einsum("nx,nx->n", down @ level.astype(float), across)


def levelled(power, window):
    def mean(plane):
        return ndimage.uniform_filter(plane, window, mode="mirror")

    floor = mean(np.minimum(power, 4 * mean(power))) + 1e-6
    points = np.minimum(power / floor, module._CAP)
    return points - mean(points)


def test_the_values_are_those_of_the_padded_picture():
    assert (SPECTRUM.height, SPECTRUM.width) == (1024, 1024)
    whole = np.fft.rfft2(LEVEL.astype(float), (1024, 1024))
    assert SPECTRUM.values.shape == whole.shape
    assert np.allclose(SPECTRUM.values, whole, atol=1e-3)
    assert SPECTRUM.origin == (0, 0)
    assert SPECTRUM.middle == (64.5, 44.5)


def test_the_points_are_the_power_levelled_by_its_local_mean():
    power = np.abs(np.fft.rfft2(LEVEL.astype(float), (1024, 1024))) ** 2
    wanted = levelled(np.roll(power, 512, axis=0), (25, 25))
    assert np.allclose(SPECTRUM.points, wanted, atol=0.02)
    smooth = ndimage.gaussian_filter(wanted, 0.7, mode="mirror", radius=1)
    assert np.allclose(SPECTRUM.smooth, smooth, atol=0.02)
    assert SPECTRUM.spread == pytest.approx(smooth.std(), rel=0.05)


def test_a_wave_stands_at_the_place_of_its_frequency():
    for across, down in ((-0.2, 0.1), (0.3, 0.25)):
        y, x = np.mgrid[0:300, 0:400]
        wave = np.cos(2 * np.pi * (across * x + down * y)).astype(np.float32)
        spectrum = spectrum_of(wave + 0.01 * np.resize(LEVEL, wave.shape))
        columns, rows = spectrum.places(np.array([[across], [down]]))
        peak = np.unravel_index(np.abs(spectrum.values).argmax(), spectrum.values.shape)
        assert peak[1] == pytest.approx(columns[0], abs=1)
        assert (peak[0] + 512) % 1024 == pytest.approx(rows[0], abs=1)
        assert spectrum.points[round(rows[0]), round(columns[0])] > 4


def test_places_are_of_the_half_plane_to_the_right():
    spectrum = spectrum_of(np.zeros((1500, 60), np.float32))
    assert (spectrum.height, spectrum.width) == (1500, 1024)
    frequencies = np.array([[0.25, -0.25, 0.0], [0.1, 0.1, -0.5]])
    columns, rows = spectrum.places(frequencies)
    assert columns.tolist() == [256, 256, 0]
    assert rows == pytest.approx([900, 600, 0], abs=1e-3)


@pytest.mark.parametrize(
    ("side", "padded"), [(1024, 1024), (1025, 1080), (1081, 1152), (2000, 2000)]
)
def test_sides_are_padded_to_fast_even_ones(side, padded):
    assert module._fast_even(side) == padded


def test_the_window_of_the_levels_grows_with_the_padded_sides():
    power = np.random.default_rng(2).exponential(size=(200, 301)).astype(np.float32)
    power[90:93, 100] = 60
    wanted = levelled(power.astype(float), (5, 15))
    assert np.allclose(module._levelled(power, 600), wanted, atol=1e-4)


def middle_of(length):
    """The first pixel, the padded side and the sum of what is transformed of so long a ramp."""
    spectrum = spectrum_of(np.arange(length, dtype=np.float32)[None].repeat(2, 0))
    assert (spectrum.origin[1], spectrum.height, spectrum.middle[1]) == (0, 1024, 0.5)
    other = spectrum_of(np.arange(length, dtype=np.float32)[:, None].repeat(2, 1))
    assert (spectrum.width, spectrum.height) == (other.height, other.width)
    assert spectrum.origin == other.origin[::-1]
    assert spectrum.middle == other.middle[::-1]
    return spectrum.origin[0], spectrum.middle[0], float(spectrum.values[0, 0].real)


@pytest.mark.parametrize("length", [1200, 1203])
def test_of_a_very_long_picture_the_middle_is_taken(length, monkeypatch):
    monkeypatch.setattr(module, "_MOST_SIDE", 1200)
    begin = (length - 1200) // 2
    total = 2 * np.arange(begin, begin + 1200).sum()
    assert middle_of(length) == (begin, 599.5, pytest.approx(total, rel=1e-6))


def test_what_is_taken_of_a_very_long_picture_is_4096_pixels_long():
    spectrum = spectrum_of(np.zeros((2, 4101), np.float32))
    assert (spectrum.width, spectrum.origin) == (4096, (2, 0))


def test_a_flat_picture_has_no_points_and_no_division_by_nothing():
    spectrum = spectrum_of(np.zeros((40, 50), np.float32))
    assert not spectrum.points.any()
    assert 0 < spectrum.spread < 1e-20


@pytest.mark.parametrize(
    "geometry",
    [
        np.eye(2),
        np.array([[0.9, -0.4], [0.4, 0.9]]),
        np.array([[-1.1, 0.2], [0.1, 0.8]]),
        np.array([[0.1, 1.0], [-1.2, 0.1]]),
    ],
)
def test_sampled_coefficients_are_those_of_the_transform_between_its_bins(geometry):
    folded = sampled(SPECTRUM, geometry, LATTICE)
    assert folded.side == 128
    assert folded.coefficients.dtype == np.complex64
    wanted = np.linalg.inv(geometry).T @ np.stack([LATTICE.u, LATTICE.v]) / 128
    truth = direct(LEVEL, wanted)
    error = np.abs(folded.coefficients - truth)
    assert error.max() < 0.01 * np.sqrt(np.mean(np.abs(truth) ** 2))


def test_sampled_coefficients_of_the_middle_belong_to_the_whole_picture(monkeypatch):
    monkeypatch.setattr(module, "_MOST_SIDE", 100)
    level = np.resize(LEVEL, (180, 130))
    whole = np.zeros_like(level)
    whole[40:140, 15:115] = level[40:140, 15:115]
    spectrum = spectrum_of(level)
    assert spectrum.origin == (15, 40)
    geometry = np.array([[1.3, 0.1], [-0.1, 1.2]])
    wanted = np.linalg.inv(geometry).T @ np.stack([LATTICE.u, LATTICE.v]) / 128
    truth = direct(whole, wanted)
    error = np.abs(sampled(spectrum, geometry, LATTICE).coefficients - truth)
    assert error.max() < 0.01 * np.sqrt(np.mean(np.abs(truth) ** 2))


def test_frequencies_beyond_the_picture_come_out_as_nothing():
    folded = sampled(SPECTRUM, np.diag([0.3, 1.0]), LATTICE)
    beyond = np.abs(LATTICE.u / 128 / 0.3) >= 0.5 - 2 / 1024
    assert 0 < beyond.sum() < len(beyond)
    assert not folded.coefficients[beyond].any()
    assert folded.coefficients[~beyond].all()
    folded = sampled(SPECTRUM, np.diag([1.0, 0.3]), LATTICE)
    beyond = np.abs(LATTICE.v / 128 / 0.3) >= 0.5 - 2 / 1024
    assert np.array_equal(folded.coefficients == 0, beyond)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(("bins", "nothing"), [(3, False), (2, True), (1, True), (-1, True)])
def test_what_needs_bins_beyond_the_last_comes_out_as_nothing(bins, nothing, axis):
    along = np.abs((LATTICE.u, LATTICE.v)[axis])
    geometry = np.eye(2)
    geometry[axis, axis] = along.max() / 128 / (0.5 - bins / 1024 + 1e-9)
    coefficients = sampled(SPECTRUM, geometry, LATTICE).coefficients
    outermost = along == along.max()
    assert np.all((coefficients[outermost] == 0) == nothing)
    assert coefficients[~outermost].all()


def test_values_of_the_other_half_plane_are_conjugates():
    rng = np.random.default_rng(4)
    small = Spectrum(
        points=LEVEL,
        smooth=LEVEL,
        values=(rng.normal(size=(8, 7)) + 1j * rng.normal(size=(8, 7))).astype(np.complex64),
        height=8,
        width=12,
        spread=1.0,
        origin=(0, 0),
        middle=(0.0, 0.0),
    )

    def at(column, row):
        return module._at(small, np.array([column]), np.array([row]))[0]

    assert at(3, 2) == small.values[2, 3]
    assert at(3, -2) == small.values[6, 3]
    assert at(-3, 2) == np.conj(small.values[6, 3])
    assert at(-1, -9) == np.conj(small.values[1, 1])
    assert at(0, 5) == small.values[5, 0]
    assert at(6, 1) == at(7, 1) == small.values[1, 6]


def test_cubic_weights_reproduce_parabolas_and_meet_at_the_bins():
    share = np.linspace(0, 1, 11)
    weights = module._cubic(share)
    assert weights.shape == (4, 11)
    places = np.arange(-1, 3)[:, None]
    for power in range(3):
        assert (weights * places**power).sum(0) == pytest.approx(share**power, abs=1e-12)
    assert weights[:, 0] == pytest.approx([0, 1, 0, 0])
    assert weights[:, 5] == pytest.approx([-1 / 16, 9 / 16, 9 / 16, -1 / 16])
    assert np.allclose(weights, weights[::-1, ::-1])
