"""Energies of bands: against their definition, computed plainly."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.audio.bands import BandStream, Grid, band_energies, hann, window_size


def noise(samples, seed=0):
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


def plain_energies(sound, grid):
    """The power of every frame, bin by bin, where bin k is k - 1/2 to k + 1/2 of its width."""
    size = grid.size
    window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(size) + 0.5) / size)
    padded = np.pad(sound.astype(np.float64), (size // 2, size + 1))
    bins, width, rows = np.arange(size // 2), grid.rate / size, []
    for frame in range(10 * len(sound)):
        centre = int(np.rint((grid.origin + frame * grid.hop) * grid.rate))
        if centre > len(sound):
            break
        power = np.abs(np.fft.rfft(padded[centre : centre + size] * window)) ** 2
        low = (grid.low_hz + np.arange(grid.bands) * grid.band_hz) / width
        high = low + grid.band_hz / width
        ends = np.minimum(bins + 0.5, high[:, None]), np.maximum(bins - 0.5, low[:, None])
        share = np.clip(ends[0] - ends[1], 0, None) * (high <= size // 2 - 0.5)[:, None]
        rows.append(share @ power[: size // 2] / (window**2).sum())
    return np.array(rows)


@pytest.mark.parametrize(
    ("rate", "samples", "low", "band"),
    [(8_000, 3_000, 300.0, 87.5), (16_000, 4_000, 100.0, 50.0), (11_025, 3_300, 287.1, 90.3)],
)
def test_energies_are_those_of_the_definition(rate, samples, low, band):
    grid = Grid(rate=rate, hop=0.01, origin=0.004, low_hz=low, band_hz=band, bands=60)
    sound = noise(samples)
    expected = plain_energies(sound, grid)
    found = band_energies(sound, grid)
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    assert np.allclose(found, expected, rtol=1e-3, atol=1e-3 * expected.mean())


def test_a_frame_centred_at_the_last_sample_still_counts():
    grid = Grid(rate=8_000, hop=0.01, origin=0.0, low_hz=300, band_hz=90, bands=4)
    assert len(band_energies(noise(800), grid)) == 11
    assert len(band_energies(noise(799), grid)) == 10


def test_frames_come_out_as_soon_as_their_half_window_is_there():
    grid = Grid(rate=8_000, hop=0.01, origin=0.0, low_hz=300, band_hz=90, bands=4)
    stream = BandStream(grid)
    sound = noise(2_000)
    assert len(stream.push(sound[: grid.size // 2 - 1])) == 0
    assert len(stream.push(sound[grid.size // 2 - 1 : grid.size // 2])) == 1
    assert len(stream.push(sound[grid.size // 2 : grid.size // 2 + 80])) == 1


def test_a_window_is_the_shortest_of_few_factors_that_is_long_enough():
    sizes = sorted(odd << power for odd in (1, 3, 5, 15) for power in range(16))
    for rate in (*range(4_000, 14_000, 20), *range(14_000, 200_000, 997)):
        assert window_size(rate) == next(size for size in sizes if size >= 0.04 * rate)


@pytest.mark.parametrize("size", [320, 640, 1_920])
def test_a_window_is_half_a_step_in_and_even(size):
    window = hann(size)
    assert np.allclose(window, np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2, atol=1e-6)
    assert not window.flags.writeable
