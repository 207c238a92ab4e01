"""Bands, feature and folds: the analysis that embedder and reader of the sound mark share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.audio.bands import BandStream, band_energies, window_size
from labeler.core.audio.feature import feature, prominence, whitened
from labeler.core.audio.folding import (
    FoldStream,
    PlaneStream,
    fine_fold,
    fold_rows,
    fold_sound,
    mark_grid,
    with_taps,
)
from labeler.schemes import AUDIO_V1
from synthetic_sounds import speech


RATE = 16_000


@pytest.mark.parametrize("rate", [8_000, 11_025, 24_000, 44_100, 48_000, 192_000])
def test_windows_are_even_and_forty_milliseconds_long(rate):
    assert window_size(rate) % 2 == 0
    assert 0.040 <= window_size(rate) / rate < 0.044


@pytest.mark.parametrize("rate", [16_000, 44_100])
@pytest.mark.parametrize("band", [0, 1, 40, 79])
def test_a_tone_falls_into_its_band_at_every_rate(rate, band):
    hertz = 300 + 87.5 * (band + 0.5)
    tone = np.sin(2 * np.pi * hertz * np.arange(rate) / rate).astype(np.float32)
    energies = band_energies(tone, mark_grid(rate, AUDIO_V1))[10:-10].mean(axis=0)
    assert int(energies.argmax()) == band
    assert energies[band] > 0.6 * energies.sum()


def test_bands_that_a_rate_cannot_carry_are_empty():
    noise = np.random.default_rng(0).standard_normal(8_000).astype(np.float32)
    energies = band_energies(noise, mark_grid(8_000, AUDIO_V1))
    assert not energies[:, 43:].any()
    assert energies[5:-5, :42].all()


def test_frames_lie_a_quarter_and_three_quarters_into_each_slot():
    click = np.zeros(RATE, np.float32)
    click[round(0.32 * RATE) + RATE * 8 // 1000] = 1
    energies = band_energies(click, mark_grid(RATE, AUDIO_V1)).sum(axis=1)
    assert int(energies.argmax()) == 20
    assert len(energies) == 63


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, RATE * 4), max_size=10))
def test_energies_do_not_depend_on_how_the_sound_is_cut(cuts):
    sound, grid = speech(4.0, RATE), mark_grid(RATE, AUDIO_V1)
    stream = BandStream(grid)
    parts = [stream.push(part) for part in np.split(sound, sorted(cuts))]
    assert np.array_equal(np.concatenate([*parts, stream.finish()]), band_energies(sound, grid))


def test_long_planes_do_not_depend_on_how_the_sound_is_cut():
    sound = np.tile(speech(4.0, 8_000), 24)
    grid = mark_grid(8_000, AUDIO_V1)
    whole = PlaneStream(grid)
    rows = np.concatenate([whole.push(sound), whole.finish()])
    cut = PlaneStream(grid)
    parts = [cut.push(part) for part in np.array_split(sound, 11)]
    assert sum(len(part) > 0 for part in parts) > 1
    assert np.array_equal(np.concatenate([*parts, cut.finish()]), rows)


def test_the_feature_is_what_the_format_says():
    tiles = np.random.default_rng(3).random((150, 80)) ** 4 + 1e-6
    held = np.pad(tiles.mean(axis=1), 31, mode="edge")
    level = np.array([held[at : at + 63].mean() for at in range(150)])
    u = np.pad((tiles / level[:, None]) ** 0.2, ((2, 2), (0, 0)), mode="reflect")
    rough = u[1:-1] - (u[:-2] + u[2:]) / 2
    aside = np.zeros_like(rough)
    aside[:, 1:-1] = (rough[:, :-2] + rough[:, 2:]) / 4
    q = np.clip(3.125 * (rough - aside), -1, 1)
    square = np.pad(q * q, ((0, 0), (2, 2)), mode="edge")
    mean = sum(square[t : t + 150, b : b + 80] for t in range(3) for b in range(5)) / 15
    assert np.allclose(feature(tiles.astype(np.float32)), q[1:-1] / np.sqrt(mean + 0.05), atol=1e-5)


@pytest.mark.parametrize(("step", "bands"), [(1, 1), (4, 3)])
def test_prominence_and_size_look_whole_slots_and_bands_away(step, bands):
    tiles = np.random.default_rng(4).random((60, 40)).astype(np.float32)
    rough = tiles[step:-step] - (tiles[: -2 * step] + tiles[2 * step :]) / 2
    rough[:, bands:-bands] -= (rough[:, : -2 * bands] + rough[:, 2 * bands :]) / 4
    rises = prominence(tiles, step, bands)
    assert np.allclose(rises[step:-step], np.clip(3.125 * rough, -1, 1), atol=1e-5)
    wide = np.pad(rises**2, ((0, 0), (2 * bands, 2 * bands)), mode="edge")
    rows = [wide[at * step : at * step + 60 - 2 * step] for at in range(3)]
    size = sum(row[:, at * bands : at * bands + 40] for row in rows for at in range(5)) / 15
    expected = rises[step:-step] / np.sqrt(size + 0.05)
    assert np.allclose(whitened(rises, step, bands)[step:-step], expected, atol=1e-5)


def test_the_feature_does_not_see_the_gain():
    tiles = np.random.default_rng(1).random((200, 80)).astype(np.float32)
    assert np.allclose(feature(tiles), feature(tiles * np.float32(1e-3)), atol=1e-3)
    assert feature(tiles).shape == tiles.shape
    assert not feature(np.zeros_like(tiles)).any()


def test_the_feature_follows_a_raised_tile():
    tiles = np.ones((50, 80), np.float32)
    tiles[20, 30] = 1.2
    values = feature(tiles)
    assert values[20, 30] == values.max() > 0.1
    assert min(values[19, 30], values[20, 29]) < 0


def test_a_fold_is_the_sum_of_its_turns():
    rows = np.random.default_rng(2).standard_normal((700, 4)).astype(np.float32)
    expected = np.zeros((240, 4), np.float32)
    for index, row in enumerate(rows):
        expected[(index + 17) % 240] += row
    assert np.allclose(fold_rows(rows, 17, 240), expected, atol=1e-5)


def test_taps_collect_what_follows():
    fold = np.zeros((240, 80), np.float32)
    fold[5, 3] = 1
    wet = with_taps(fold, (1.0, 0.5))
    assert (wet[5, 3], wet[4, 3], wet[6, 3]) == (1, 0.5, 0)
    assert with_taps(fold, (1.0,)) is fold


def test_a_fine_fold_has_the_quarters_between_the_halves():
    sound = speech(4.0, RATE)
    fold = fold_sound(sound, RATE, AUDIO_V1)
    fine = fine_fold(fold, sound, RATE, AUDIO_V1)
    assert np.array_equal(fine[::2], fold)
    assert np.array_equal(fine[1::2], fold_sound(sound, RATE, AUDIO_V1, late=0.25))
    assert not np.array_equal(fine[1::2], fold)


@pytest.mark.parametrize(("tempo", "pitch", "late"), [(1.25, 1, 0), (1, 0.8, 0), (1.25, 0.8, 0.25)])
def test_the_grid_of_changed_sound_is_changed_with_it(tempo, pitch, late):
    grid = mark_grid(RATE, AUDIO_V1, tempo=tempo, pitch=pitch, late=late)
    plain = mark_grid(RATE, AUDIO_V1)
    assert (plain.hop, plain.origin) == (AUDIO_V1.slot / 2, AUDIO_V1.slot / 4)
    assert grid.hop == pytest.approx(plain.hop / tempo)
    assert grid.origin == pytest.approx((plain.origin + late * AUDIO_V1.slot) / tempo)
    assert (grid.low_hz, grid.band_hz) == (plain.low_hz * pitch, plain.band_hz * pitch)


@pytest.mark.parametrize(("rows", "first", "turn"), [(0, 5, 8), (8, 0, 8), (9, 7, 8), (30, 13, 8)])
def test_rows_are_folded_by_their_number(rows, first, turn):
    values = np.arange(1.0, 1 + 2 * rows, dtype=np.float32).reshape(rows, 2)
    expected = np.zeros((turn, 2))
    np.add.at(expected, (first + np.arange(rows)) % turn, values)
    assert np.array_equal(fold_rows(values, first, turn), expected)


@pytest.mark.parametrize("samples", [0, 1, 500, 2_000])
def test_sounds_too_short_for_any_feature_fold_to_nothing(samples):
    assert not fold_sound(np.ones(samples, np.float32), RATE, AUDIO_V1).any()


def test_a_fold_stream_gives_the_fold_of_the_whole():
    sound = speech(4.0, RATE)
    stream = FoldStream(mark_grid(RATE, AUDIO_V1), AUDIO_V1.period)
    for part in np.array_split(sound, 7):
        stream.push(part)
    assert np.allclose(stream.finish(), fold_sound(sound, RATE, AUDIO_V1), atol=1e-5)
