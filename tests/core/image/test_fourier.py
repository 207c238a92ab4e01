"""Transforms on the packed layout, against numpy's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from labeler.core.image import fourier


@pytest.mark.parametrize("shape", [(64, 64), (128, 64), (90, 108)])
def test_coefficients_are_those_of_numpy(shape):
    plane = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    whole = np.fft.fft2(plane)
    u, v = np.array([1, -1, 5, -7, 20]), np.array([0, 3, 6, 2, 30])
    got = fourier.coefficients_at(fourier.transform(plane), u, v)
    assert np.allclose(got, whole[v % shape[0], u % shape[1]], atol=1e-2)


def test_a_plane_is_the_sum_of_its_waves():
    u, v = np.array([3, -4, 1]), np.array([2, 5, 0])
    c = np.array([1 + 2j, -0.5j, 0.25], np.complex64)
    y, x = np.mgrid[0:32, 0:32]
    turns = [(p * x + q * y) / 32 for p, q in zip(u, v, strict=True)]
    waves = [2 * (a * np.exp(2j * np.pi * t)).real for a, t in zip(c, turns, strict=True)]
    assert np.allclose(fourier.plane_of(c, u, v, 32), sum(waves), atol=1e-4)


def test_planes_of_several_sets_are_those_of_each():
    u, v = np.array([3, -4, 1]), np.array([2, 5, 0])
    real, imaginary = np.random.default_rng(2).normal(size=(2, 3, 3))
    sets = list((real + 1j * imaginary).astype(np.complex64))
    seen = [plane.copy() for plane in fourier.planes_of(sets, u, v, 32)]
    assert len(seen) == 3
    for plane, each in zip(seen, sets, strict=True):
        assert np.array_equal(plane, fourier.plane_of(each, u, v, 32))


def test_half_spectrum_is_that_of_numpy():
    plane = np.random.default_rng(3).normal(size=(60, 80)).astype(np.float32)
    half = fourier.half_spectrum(fourier.transform(plane))
    assert np.allclose(half, np.fft.rfft2(plane), atol=1e-3)


def test_correlations_find_a_shift_and_sum_over_pairs():
    rng = np.random.default_rng(4)
    template = rng.normal(size=(96, 96)).astype(np.float32)
    moved = np.roll(template, (11, 70), (0, 1))
    known = np.conj(fourier.spectrum_to_match(template, 96))
    seen = fourier.spectrum_to_match(moved, 96)
    other = fourier.spectrum_to_match(rng.normal(size=(96, 96)).astype(np.float32), 96)
    for plane in fourier.correlations([((seen, known),), ((other, known), (seen, known))]):
        assert divmod(int(plane.argmax()), 96) == (11, 70)


def test_correlations_leave_out_only_what_is_constant_along_rows():
    rng = np.random.default_rng(5)
    one, two = rng.normal(size=(2, 48, 48)).astype(np.float32)
    one -= one.mean(axis=1, keepdims=True)
    half = np.fft.rfft2(one) * np.conj(np.fft.rfft2(two))
    half[:, -1] = 0
    direct = np.fft.irfft2(half, (48, 48)) * one.size
    pair = fourier.spectrum_to_match(one, 48), np.conj(fourier.spectrum_to_match(two, 48))
    (plane,) = (plane.copy() for plane in fourier.correlations([(pair,)]))
    assert np.allclose(plane, direct, atol=0.5)


@pytest.mark.parametrize("side", [64, 32])
def test_low_frequencies_correlate_on_a_coarser_grid(side):
    rng = np.random.default_rng(7)
    rough = [rng.normal(size=(96, 96)).astype(np.float32) for _ in range(2)]
    one, two = (cv2.GaussianBlur(np.tile(p, (3, 3)), (0, 0), 4)[96:192, 96:192] for p in rough)
    whole, coarse = (
        next(
            fourier.correlations(
                [((fourier.spectrum_to_match(one, n), np.conj(fourier.spectrum_to_match(two, n))),)]
            )
        ).copy()
        for n in (96, side)
    )
    gap = whole[::3, ::3] - coarse[:: side // 32, :: side // 32]
    assert np.abs(gap).max() < 1e-3 * np.abs(whole).max()


def test_a_mirrored_spectrum_is_that_of_the_mirrored_plane():
    plane = np.random.default_rng(6).normal(size=(48, 48)).astype(np.float32)
    mirrored = np.roll(plane[:, ::-1], 1, axis=1).copy()
    got = fourier.mirrored(fourier.spectrum_to_match(plane, 48))
    assert np.allclose(got, fourier.spectrum_to_match(mirrored, 48), atol=1e-3)


def test_transform_and_inverse_undo_each_other():
    plane = np.random.default_rng(2).normal(size=(64, 96)).astype(np.float32)
    back = fourier.inverse(fourier.transform(plane)) / plane.size
    assert np.allclose(back, plane, atol=1e-5)


def test_half_the_memory_keeps_three_digits():
    plane = np.random.default_rng(8).normal(size=(64, 64)).astype(np.float32)
    spectrum = fourier.spectrum_to_match(plane, 64)
    kept = fourier.halved(spectrum)
    assert 2 * kept.nbytes == spectrum.nbytes
    assert np.allclose(
        fourier.unhalved(kept) * np.abs(spectrum).max(), spectrum, rtol=2e-3, atol=0.1
    )


def matched(plane: np.ndarray, side: int) -> np.ndarray:
    """Frequencies 1 to side / 2 - 1 across, -side / 2 to side / 2 - 1 down, in numpy's order."""
    whole = np.fft.fft2(plane)
    v = np.fft.fftfreq(side, 1 / side).astype(int)
    return whole[v][:, 1 : side // 2]


@pytest.mark.parametrize("side", [48, 32, 10])
def test_a_spectrum_to_match_holds_the_low_frequencies(side):
    plane = np.random.default_rng(9).normal(size=(48, 48)).astype(np.float32)
    seen = fourier.spectrum_to_match(plane, side)
    assert seen.dtype == np.complex64
    assert seen.shape == (side, side // 2 - 1)
    assert seen.flags.c_contiguous
    assert np.allclose(seen, matched(plane, side), atol=1e-3)
    wider = fourier.spectrum_to_match(plane, 48)
    assert np.array_equal(fourier.low_frequencies(wider, side), seen)


def test_a_pair_correlates_as_written_out():
    one, two, three, four = np.random.default_rng(10).normal(size=(4, 12, 12)).astype(np.float32)
    expected = np.zeros((12, 12))
    for seen, known in ((one, two), (three, four)):
        spectrum = np.fft.fft2(seen) * np.conj(np.fft.fft2(known))
        spectrum[:, [0, 6]] = 0
        expected += np.fft.ifft2(spectrum).real * 144
    pairs = tuple(
        (fourier.spectrum_to_match(seen, 12), np.conj(fourier.spectrum_to_match(known, 12)))
        for seen, known in ((one, two), (three, four))
    )
    assert np.allclose(next(fourier.correlations([pairs])), expected, atol=1e-2)


def test_correlations_of_other_sizes_follow_each_other():
    planes = [np.random.default_rng(n).normal(size=(n, n)).astype(np.float32) for n in (16, 32, 16)]
    spectra = [fourier.spectrum_to_match(plane, len(plane)) for plane in planes]
    sums = [((one, np.conj(one)),) for one in spectra]
    for plane, pairs in zip(fourier.correlations(sums), sums, strict=True):
        alone = next(fourier.correlations([pairs]))
        assert plane.shape == alone.shape
        assert np.array_equal(plane, alone)


def test_planes_one_after_the_other_lie_in_the_same_memory():
    u, v, c = np.array([1, -2]), np.array([1, 3]), np.ones(2, np.complex64)
    one, two = fourier.planes_of([c, 2 * c], u, v, 16)
    assert one is two
    spectrum = fourier.spectrum_to_match(two, 16)
    first, second = fourier.correlations([((spectrum, spectrum),)] * 2)
    assert first is second


def test_a_transform_is_packed_in_the_shape_of_its_plane():
    plane = np.random.default_rng(11).normal(size=(10, 14)).astype(np.float32)
    packed = fourier.transform(plane)
    assert packed.shape == plane.shape
    assert packed.dtype == np.float32
    assert packed[0, 0] == pytest.approx(plane.sum(), abs=1e-4)
    half = fourier.half_spectrum(packed)
    assert half.dtype == np.complex64
    assert np.allclose(half, np.fft.rfft2(plane), atol=1e-4)
    assert np.allclose(fourier.inverse(packed), 140 * plane, atol=1e-3)


@pytest.mark.parametrize("shape", [(4, 4), (2, 6), (6, 2)])
def test_the_smallest_planes_have_a_half_spectrum_too(shape):
    plane = np.random.default_rng(12).normal(size=shape).astype(np.float32)
    half = fourier.half_spectrum(fourier.transform(plane))
    assert np.allclose(half, np.fft.rfft2(plane), atol=1e-5)


def test_the_largest_value_kept_is_one_and_nothing_stays_nothing():
    spectrum = fourier.spectrum_to_match(np.eye(16, dtype=np.float32) * 7000, 16)
    kept = fourier.halved(spectrum[:, ::2])
    assert kept.dtype == np.float16
    back = fourier.unhalved(kept)
    assert back.shape == spectrum[:, ::2].shape
    assert back.dtype == np.complex64
    assert np.abs(back).max() == pytest.approx(1, abs=1e-3)
    assert not fourier.halved(np.zeros((4, 3), np.complex64)).any()
    assert fourier.halved(np.zeros((0, 3), np.complex64)).size == 0


@pytest.mark.parametrize("u", [1, 2, -1, -2, 7])
@pytest.mark.parametrize("v", [0, 1, -1, 3, 8])
def test_a_single_wave_goes_there_and_back(u, v):
    y, x = np.mgrid[0:16, 0:16]
    wave = 2 * ((3 - 4j) * np.exp(2j * np.pi * (u * x + v * y) / 16)).real
    places = np.array([u]), np.array([v])
    plane = fourier.plane_of(np.array([3 - 4j], np.complex64), *places, 16)
    assert np.allclose(plane, wave, atol=1e-4)
    seen = fourier.coefficients_at(fourier.transform(plane), *places)
    assert np.allclose(seen, (3 - 4j) * 256, atol=1e-2)


@pytest.mark.parametrize("size", [1e-6, 0.1, 1e6])
def test_a_spectrum_of_any_size_is_kept_with_its_largest_value_one(size):
    plane = np.random.default_rng(13).normal(size=(16, 16)).astype(np.float32) * np.float32(size)
    spectrum = fourier.spectrum_to_match(plane, 16)
    back = fourier.unhalved(fourier.halved(spectrum))
    assert np.allclose(back, spectrum / np.abs(spectrum).max(), atol=1e-3)
