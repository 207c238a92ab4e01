"""Gains and readings of the sound mark, and the bound on false ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from labeler.core.audio.embedding import embed
from labeler.core.audio.folding import fold_sound, with_taps
from labeler.core.audio.gains import MARGIN, plan_of, settle_gains
from labeler.core.audio.masking import gain_weights, masking_of
from labeler.core.audio.pattern import pattern_of, payload_targets, targets_of
from labeler.core.audio.reading import (
    DRY,
    WET,
    attempts_of,
    best_places,
    convincing,
    place_at,
    read_fold,
    sync_scores,
)
from labeler.core.audio.search import CHANGES, HYPOTHESES, _around
from labeler.core.significance import log_p_bound
from labeler.schemes import AUDIO_V1
from synthetic_sounds import music, speech


RATE = 16_000
BITS = tuple(int(bit) for bit in f"{0x0123456789ABCDEF:064b}")
PATTERN = pattern_of(AUDIO_V1, bytes(range(32)))


def plan(bits: int = 64, tau: float = 0.36):
    return plan_of(PATTERN, BITS[:bits], AUDIO_V1.mode_of(bits), tau)


def marked(sound, bits: int = 64, tau: float = 0.36):
    return embed(sound[:, None], RATE, plan(bits, tau))[:, 0]


def test_masking_is_the_sum_over_all_other_bands():
    tiles = np.random.default_rng(0).random((3, 80)).astype(np.float32)
    bark = 7 * np.arcsinh((300 + 87.5 * (np.arange(80) + 0.5)) / 650)
    gap = bark[None, :] - bark[:, None]
    spread = 10 ** (np.where(gap < 0, 27 * gap, -12 * gap) / 10)
    np.fill_diagonal(spread, 0)
    assert np.allclose(masking_of(tiles, AUDIO_V1), tiles @ spread, rtol=1e-4)


def test_tiles_beside_louder_ones_take_more():
    tiles = np.ones((1, 80), np.float32)
    tiles[0, 40] = 100
    weights = gain_weights(tiles, AUDIO_V1)[0]
    assert weights[41] > weights[60] > weights[40]
    assert weights.min() >= 0.2
    assert weights.max() <= 2


@pytest.fixture(scope="module")
def block():
    shape = (2, AUDIO_V1.period + 2 * MARGIN, AUDIO_V1.bands)
    tiles = np.random.default_rng(3).gamma(2, 0.5, shape).astype(np.float32)
    return tiles, tiles.mean(axis=2)


def test_gains_point_where_the_pattern_says_and_stay_small(block):
    gains = settle_gains(*block, AUDIO_V1.period, plan())
    directions = payload_targets(PATTERN, BITS, AUDIO_V1.mode_of(64))
    assert (gains * directions >= 0).all()
    assert 0.3 < np.abs(gains).mean() < 3
    assert np.abs(gains).max() <= 9


def test_blocks_are_settled_by_themselves(block):
    tiles, level = block
    both = settle_gains(tiles, level, AUDIO_V1.period, plan())
    alone = settle_gains(tiles[1:], level[1:], AUDIO_V1.period, plan())
    assert np.array_equal(both[1:], alone)


def test_weak_tiles_and_what_follows_the_end_get_no_gain(block):
    tiles, level = block[0].copy(), block[1]
    tiles[0, 50, 7] = 1e-6
    gains = settle_gains(tiles, level, 70, plan())
    assert gains[0, 50 - MARGIN, 7] == 0
    assert not gains[:, 70:].any()
    assert not settle_gains(*block, 120, plan(tau=0.0)).any()


@pytest.mark.parametrize("bits", [64, 48, 32, 16])
def test_every_mode_reads_itself_and_no_other(bits):
    sound = marked(speech(6.0, RATE), bits)[777:]
    fold = fold_sound(sound, RATE, AUDIO_V1)
    reading = read_fold(fold, PATTERN, attempts=attempts_of(PATTERN))
    assert convincing(reading, PATTERN)
    assert (reading.mode.payload_bits, reading.payload) == (bits, BITS[:bits])


def test_the_offset_is_where_the_pattern_begins():
    sound = marked(speech(6.0, RATE))
    slot = round(AUDIO_V1.slot * RATE)
    for skip in (0, 30 * slot, 30 * slot + slot // 2):
        fold = fold_sound(sound[skip:], RATE, AUDIO_V1)
        reading = read_fold(fold, PATTERN, attempts=1)
        assert reading.offset == -2 * skip // slot % 240


def test_sync_scores_are_the_weighted_sums_at_every_row():
    fold = np.random.default_rng(5).standard_normal((240, 80)).astype(np.float32)
    scores = sync_scores(fold, PATTERN)
    for row in (0, 1, 7, 120, 239):
        plane = np.roll(fold[row % 2 :: 2], -(row // 2), axis=0)[PATTERN.is_sync]
        seen = (plane * PATTERN.signs[PATTERN.is_sync]).sum() / np.sqrt((plane**2).sum())
        assert scores[row] == pytest.approx(seen, abs=1e-4)


def test_what_stands_alone_in_the_sync_tiles_is_no_message():
    directions = payload_targets(PATTERN, BITS, AUDIO_V1.mode_of(64))
    rng = np.random.default_rng(4)
    fold = np.repeat(np.where(PATTERN.is_sync, directions, 0), 2, axis=0).astype(np.float32)
    fold += 0.3 * rng.standard_normal(fold.shape).astype(np.float32)
    assert sync_scores(fold, PATTERN).max() > 20
    reading = read_fold(fold, PATTERN, attempts=1)
    assert reading is None or not convincing(reading, PATTERN)


@pytest.mark.parametrize("taps", [DRY, WET])
def test_the_statistic_of_unmarked_sound_is_no_wider_than_its_bound(taps):
    sounds = (speech(8.0, RATE, 5), music(8.0, RATE, 5))
    folds = [with_taps(fold_sound(sound, RATE, AUDIO_V1), taps) for sound in sounds]
    scores = np.concatenate(
        [
            sync_scores(fold, pattern_of(AUDIO_V1, bytes([key]) * 32))
            for fold in folds
            for key in range(12)
        ]
    )
    assert np.std(scores) == pytest.approx(1, abs=0.05)
    for limit in (1.0, 2.0, 3.0):
        assert np.mean(scores > limit) < math.exp(-(limit**2) / 2)


def test_silence_is_not_worth_a_decoding():
    nothing = np.zeros((2 * AUDIO_V1.period, AUDIO_V1.bands), np.float32)
    assert read_fold(nothing, PATTERN, attempts=1) is None


def test_hypotheses_cover_every_change_that_is_tried():
    fine = [around for change in CHANGES for around in _around(change)]
    chosen = {(round(change.tempo, 6), round(change.pitch, 6)) for change in fine}
    steps = 3 * 3  # of each kind: no change at all, and a thousandth to either side
    assert len(chosen) + steps == HYPOTHESES
    assert attempts_of(PATTERN) == 960
    assert attempts_of(PATTERN, taps=3, hypotheses=10) == 28_800


def marked_fold(noise=1.0, *, spoiled=slice(0, 0), phases=2, seed=6):
    """The pattern itself in noise, with bands in which nothing of it is left."""
    directions = payload_targets(PATTERN, BITS, AUDIO_V1.mode_of(64)).copy()
    directions[:, spoiled] = 0
    fold = np.repeat(directions, phases, axis=0).astype(np.float32)
    rng = np.random.default_rng(seed)
    return fold + noise * rng.standard_normal(fold.shape).astype(np.float32)


@pytest.mark.parametrize(("offset", "phases"), [(0, 2), (7, 2), (100, 4), (319, 4)])
def test_a_place_is_turned_so_that_its_pattern_begins_at_slot_0(offset, phases):
    fold = marked_fold(phases=phases)
    place = place_at(fold, offset, PATTERN, sync_z=1.5, taps=DRY)
    plane = np.roll(fold, -offset, axis=0)[::phases] * PATTERN.signs
    sync, code = PATTERN.is_sync, ~PATTERN.is_sync
    assert np.allclose(place.signed[sync], plane[sync], atol=1e-6)
    assert np.allclose(place.square, place.signed**2)
    worth = place.signed[code] / plane[code]
    assert (worth > 0).all()
    assert (place.sync_z, place.offset, place.taps) == (1.5, offset, DRY)


def test_weights_keep_the_squared_sum_of_the_code_tiles_and_are_one_a_band():
    fold = marked_fold(noise=2.0, spoiled=slice(40, 80))
    place = place_at(fold, 0, PATTERN, sync_z=0.0, taps=DRY)
    plane, code = fold[::2] * PATTERN.signs, ~PATTERN.is_sync
    assert float(place.square[code].sum()) == pytest.approx(
        float((plane[code] ** 2).sum()), rel=1e-4
    )
    worth = np.where(code, place.signed / plane, np.nan)
    assert np.nanmax(np.nanmax(worth, axis=0) - np.nanmin(worth, axis=0)) < 1e-3
    bands = np.nanmean(worth, axis=0)
    assert bands[:30].min() > 2 * bands[50:].max()
    assert bands.max() / bands.min() < 3 / 0.15 + 0.1


def test_bands_that_tell_alike_are_worth_alike():
    place = place_at(marked_fold(noise=0.5), 0, PATTERN, sync_z=0.0, taps=DRY)
    code = ~PATTERN.is_sync
    worth = (place.signed / (marked_fold(noise=0.5)[::2] * PATTERN.signs))[code]
    assert np.abs(worth - 1).max() < 0.1


def test_the_best_places_of_the_two_best_phases_are_looked_at():
    fold = np.roll(marked_fold(noise=0.5, phases=4), 36, axis=0)
    places = best_places(fold, PATTERN, DRY)
    assert [place.offset // 4 for place in places] == [9, 9]
    scores = sync_scores(fold, PATTERN)
    assert [place.sync_z for place in places] == [scores[place.offset] for place in places]
    assert places[0].sync_z == scores.max()
    assert places[1].sync_z == sorted(scores[36:40])[-2]


@pytest.mark.parametrize("noise", [1.0, 3.0])
def test_the_statistic_of_a_reading_is_the_weighted_sum_over_all_tiles(noise):
    fold = marked_fold(noise=noise)
    reading = read_fold(fold, PATTERN, attempts=960)
    place = place_at(fold, reading.offset, PATTERN, sync_z=reading.sync_z, taps=reading.taps)
    coded = targets_of(PATTERN, reading.framed, reading.mode) * PATTERN.signs
    agreed, code = place.signed * coded, ~PATTERN.is_sync
    size, code_size = float(place.square.sum()), float(place.square[code].sum())
    assert reading.z == pytest.approx(agreed.sum() / math.sqrt(size), rel=1e-4)
    bits = reading.mode.payload_bits
    assert reading.valid
    assert reading.payload == BITS
    assert reading.log_p == pytest.approx(log_p_bound(reading.z, frame_bits=bits, attempts=960))
    code_z = agreed[code].sum() / math.sqrt(code_size)
    wrong = log_p_bound(code_z, frame_bits=bits, attempts=64)
    assert reading.log_wrong == pytest.approx(wrong, rel=1e-3)


def test_a_weak_mark_is_read_by_what_is_near_its_best_decoding(monkeypatch):
    folds = [marked_fold(noise=8.2, seed=seed) for seed in range(16)]

    def read():
        readings = [read_fold(fold, PATTERN, attempts=960) for fold in folds]
        return {at for at, r in enumerate(readings) if r and r.valid and r.payload == BITS}

    near = read()
    monkeypatch.setattr("labeler.core.audio.reading._nudged", lambda *_: [])
    assert read() < near
    assert len(near) >= 7
