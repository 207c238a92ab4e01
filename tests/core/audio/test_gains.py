"""The closed loop that settles gains: groups, limits, and the response that it reaches."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.audio.feature import compressed, prominence, whitened
from labeler.core.audio.gains import MARGIN, plan_of, settle_gains
from labeler.core.audio.masking import bark, gain_weights, masking_of
from labeler.core.audio.pattern import deal_of, pattern_of, payload_targets
from labeler.schemes import AUDIO_V1


BITS = (1, 0) * 32
MODE = AUDIO_V1.mode_of(64)
PATTERN = pattern_of(AUDIO_V1, bytes(range(32)))
PERIOD, BANDS = AUDIO_V1.period, AUDIO_V1.bands
CODED = 6 * (64 + 12)


def plan(tau=0.36, **options):
    return plan_of(PATTERN, BITS, MODE, tau, **options)


@pytest.fixture(scope="module")
def block():
    shape = (2, PERIOD + 2 * MARGIN, BANDS)
    tiles = np.random.default_rng(3).gamma(4, 0.25, shape).astype(np.float32)
    return tiles, tiles.mean(axis=2)


def groups():
    """The coded bit of each tile; sync tiles go by sixteenths of the period."""
    bit = deal_of(PATTERN, MODE).bit
    sixteenth = np.repeat(np.arange(PERIOD) * 16 // PERIOD, BANDS).reshape(bit.shape)
    return np.where(bit < 0, CODED + sixteenth, bit)


def test_tiles_are_grouped_by_coded_bit_and_sync_tiles_by_time():
    made = plan()
    inner = groups().ravel()
    margin = MARGIN * BANDS
    assert np.array_equal(made.group[margin:-margin], inner)
    assert not made.group[:margin].any()
    assert not made.group[-margin:].any()
    assert np.array_equal(np.sort(made.order), np.arange(inner.size) + margin)
    assert (np.diff(made.group[made.order]) >= 0).all()
    assert np.array_equal(np.diff([*made.starts, inner.size]), np.bincount(inner))


def test_targets_are_those_of_the_payload_and_nothing_in_the_margins():
    targets = plan().targets
    assert np.array_equal(targets[MARGIN:-MARGIN], payload_targets(PATTERN, BITS, MODE))
    assert not targets[:MARGIN].any()
    assert not targets[-MARGIN:].any()


def responses(tiles, level, gains, targets):
    """What the reader will see of gains in dB: the feature times the target, (period, bands)."""
    raised = tiles.copy()
    raised[MARGIN:-MARGIN] *= 10 ** (gains / 10)
    feature = whitened(prominence(compressed(raised, level)))
    return (feature * targets)[MARGIN:-MARGIN]


@pytest.mark.parametrize("tau", [0.2, 0.36, 0.5])
def test_groups_reach_the_correlation_that_was_asked_for(block, tau):
    tiles, level = block
    gains = settle_gains(tiles, level, PERIOD, plan(tau))
    seen = responses(tiles[0], level[0], gains[0], plan(tau).targets)
    means = np.bincount(groups().ravel(), seen.ravel()) / np.bincount(groups().ravel())
    assert np.median(means) == pytest.approx(tau, abs=0.02)
    assert np.quantile(np.abs(means - tau), 0.9) < 0.1
    untouched = responses(tiles[0], level[0], np.zeros_like(gains[0]), plan(tau).targets)
    assert abs(untouched.mean()) < 0.02


@pytest.mark.parametrize("quiet", [12.0, 17.5, 25.0])
def test_the_change_of_a_block_stays_so_far_below_the_sound(block, quiet):
    tiles, level = block
    inner = tiles[:, MARGIN:-MARGIN].astype(np.float64)
    free = settle_gains(tiles, level, PERIOD, plan(0.5)).astype(np.float64)
    kept = settle_gains(tiles, level, PERIOD, plan(0.5, quiet=quiet)).astype(np.float64)
    for number in (0, 1):
        change = inner[number] * np.expm1(kept[number] * np.log(10) / 20) ** 2
        loud = inner[number] * np.expm1(free[number] * np.log(10) / 20) ** 2
        below = 10 * np.log10(inner[number].sum() / change.sum())
        asked = max(quiet, 10 * np.log10(inner[number].sum() / loud.sum()))
        assert asked - 0.01 <= below < asked + 0.6
        shares = kept[number][free[number] != 0] / free[number][free[number] != 0]
        assert np.ptp(shares) < 1e-4


def test_a_change_that_is_quiet_enough_stays_as_it_is(block):
    free = settle_gains(*block, PERIOD, plan())
    assert np.array_equal(settle_gains(*block, PERIOD, plan(quiet=3.0)), free)


def test_a_quiet_recording_gets_the_gains_of_a_loud_one(block):
    tiles, level = (part * np.float32(2**-20) for part in block)
    loud = settle_gains(*block, PERIOD, plan(quiet=17.5))
    assert np.allclose(settle_gains(tiles, level, PERIOD, plan(quiet=17.5)), loud, atol=1e-3)


def test_silence_takes_no_gain_however_it_is_asked():
    tiles = np.zeros((1, PERIOD + 2 * MARGIN, BANDS), np.float32)
    level = np.zeros(tiles.shape[:2], np.float32) + np.float32(1e-12)
    assert not settle_gains(tiles, level, PERIOD, plan(quiet=17.5)).any()


@pytest.mark.parametrize(("share", "raised"), [(2.4e-4, False), (3.1e-4, True)])
def test_tiles_far_below_the_level_take_no_gain(block, share, raised):
    tiles = block[0][:1].copy()
    level = np.ones(tiles.shape[:2], np.float32)
    tiles[:, :, 40:60] = share * (1 + 0.05 * tiles[:, :, 40:60])
    weak = settle_gains(tiles, level, PERIOD, plan())[:, :, 43:57]
    assert weak.any() == raised


def test_tiles_that_are_clipped_whatever_is_done_take_no_gain(block):
    tiles, level = block[0][:1].copy(), block[1][:1]
    tiles[0, 50, 7] = 50.0
    gains = settle_gains(tiles, level, PERIOD, plan())
    assert gains[0, 50 - MARGIN, 7] == 0
    assert np.count_nonzero(gains[0]) > 0.9 * gains[0].size


def test_a_tile_takes_the_root_of_what_masks_it_within_limits():
    tiles = np.random.default_rng(0).gamma(0.5, 2, (20, BANDS)).astype(np.float32)
    masking = masking_of(tiles, AUDIO_V1)
    expected = np.clip(np.sqrt(masking / (tiles + 0.001 * masking)), 0.2, 2)
    assert np.allclose(gain_weights(tiles, AUDIO_V1), expected, rtol=1e-4)
    lone = np.zeros((1, BANDS), np.float32)
    lone[0, 30] = 1
    weights = gain_weights(lone, AUDIO_V1)
    assert weights[0, 30] == np.float32(0.2)
    assert weights[0, 31] == 2


def test_a_critical_band_is_wider_where_it_is_higher():
    assert bark(np.array([0.0, 650.0])) == pytest.approx([0, 7 * np.arcsinh(1)])
