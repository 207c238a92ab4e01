"""The embedder as a stream: channels, short sounds, and samples that come one by one."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.audio.embedding import LATENCY, Embedder, embed, mean_of
from labeler.core.audio.gains import plan_of
from labeler.core.audio.pattern import pattern_of
from labeler.core.audio.rendering import Renderer
from labeler.schemes import AUDIO_V1
from synthetic_sounds import speech


RATE = 16_000
PATTERN = pattern_of(AUDIO_V1, bytes(range(32)))
PLAN = plan_of(PATTERN, (1, 0) * 32, AUDIO_V1.mode_of(64), 0.36)


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
def test_the_mean_of_channels_is_their_mean(channels):
    samples = np.random.default_rng(channels).standard_normal((50, channels)).astype(np.float32)
    assert np.allclose(mean_of(samples), samples.mean(axis=1), atol=1e-6)


def test_all_channels_get_the_same_gains():
    sound = speech(5.0, RATE)
    both = embed(np.stack([sound, 0.5 * sound], axis=1), RATE, PLAN)
    assert np.allclose(both[:, 0], 2 * both[:, 1], atol=1e-5)
    assert np.abs(both[:, 0] - sound).max() > 1e-3


@pytest.mark.parametrize("samples", [0, 1, 900, 2_000])
def test_sound_too_short_for_a_tile_comes_back_as_it_was(samples):
    sound = speech(1.0, RATE)[:samples, None]
    assert np.array_equal(embed(sound, RATE, PLAN), sound)


def test_samples_that_come_in_crumbs_are_marked_like_the_whole():
    sound = speech(5.0, RATE)[:, None]
    embedder = Embedder(RATE, 1, PLAN)
    crumbs = [embedder.push(sound[at : at + 50]) for at in range(0, 2_000, 50)]
    assert sum(map(len, crumbs)) == 0
    parts = [embedder.push(sound[2_000:]), embedder.finish()]
    assert np.array_equal(np.concatenate(parts), embed(sound, RATE, PLAN))
    assert embedder.used > 0


def test_a_renderer_that_knows_no_whole_frame_gives_nothing_yet():
    renderer = Renderer(RATE, 1, AUDIO_V1)
    renderer.push(np.ones((10, 1), np.float32))
    assert renderer.render(np.zeros((40, AUDIO_V1.bands), np.float32), 0).shape == (0, 1)
    rest = renderer.render(np.zeros((40, AUDIO_V1.bands), np.float32), 0, last=True)
    assert rest.shape == (10, 1)
    assert np.allclose(rest, 1, atol=1e-6)


def test_marked_samples_lag_behind_by_the_latency_at_most():
    sound, step = speech(12.0, RATE)[:, None], RATE // 50
    embedder, given, lags = Embedder(RATE, 1, PLAN), 0, []
    for at in range(0, len(sound), step):
        lags.append((at - given) / RATE)
        given += len(embedder.push(sound[at : at + step]))
    assert LATENCY - 0.1 < max(lags) <= LATENCY


@pytest.mark.parametrize("seconds", [2.0, 4.5, 9.0])
def test_used_counts_the_tiles_that_were_changed(seconds):
    embedder, tiles = Embedder(RATE, 1, PLAN), int(seconds / AUDIO_V1.slot) * AUDIO_V1.bands
    assert embedder.used == 0
    rng = np.random.default_rng(6)
    embedder.push((0.1 * rng.standard_normal((round(seconds * RATE), 1))).astype(np.float32))
    embedder.finish()
    assert 0.8 * tiles < embedder.used <= tiles


def test_silence_is_left_as_it_is():
    embedder = Embedder(RATE, 1, PLAN)
    silence = np.zeros((5 * RATE, 1), np.float32)
    assert not np.concatenate([embedder.push(silence), embedder.finish()]).any()
    assert embedder.used == 0
