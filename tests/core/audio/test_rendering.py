"""From gains of tiles to sound: against the definition, computed plainly."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.audio.bands import window_size
from labeler.core.audio.rendering import Renderer
from labeler.schemes import AUDIO_V1


BANDS = AUDIO_V1.bands


def noise(samples, channels=1, seed=0):
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((samples, channels))).astype(np.float32)


def some_gains(slots, seed=1):
    return np.random.default_rng(seed).uniform(-3, 3, (slots, BANDS)).astype(np.float32)


def rendered(sound, rate, gains, pieces=1):
    renderer = Renderer(rate, sound.shape[1], AUDIO_V1)
    renderer.push(sound)
    step = -(-len(gains) // pieces)
    firsts = range(0, len(gains), step)
    parts = [
        renderer.render(gains[first : first + step], first, last=first == firsts[-1])
        for first in firsts
    ]
    assert all(map(len, parts))
    return np.concatenate(parts)


def plain_rendering(sound, rate, gains):
    """Windowed frames half a window apart; each bin by its gain, which leads over between bands."""
    size = window_size(rate)
    hop = size // 2
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    band = (np.arange(hop + 1) * rate / size - AUDIO_V1.low_hz) / AUDIO_V1.band_hz - 0.5
    inside = (band > -1) & (band < BANDS) & (np.arange(hop + 1) > 0) & (np.arange(hop + 1) < hop)
    place = np.floor(band) + np.clip(2 * (band - np.floor(band)) - 0.5, 0, 1)
    count = -(-len(sound) // hop) + 1
    padded = np.pad(sound.astype(np.float64), (hop, 2 * size))
    out = padded.copy()
    for frame in range(count):
        slot = min(int(frame * hop / rate / AUDIO_V1.slot), len(gains) - 1)
        bands = np.pad(gains[slot], 1)
        gain = np.interp(place, np.arange(-1, BANDS + 1), bands)
        factor = np.where(inside, 10 ** (gain / 20) - 1, 0)
        here = slice(frame * hop, frame * hop + size)
        out[here] += window * np.fft.irfft(factor * np.fft.rfft(window * padded[here]), size)
    return out[hop : hop + len(sound)]


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050])
def test_the_change_is_that_of_the_definition(rate):
    sound, gains = noise(round(0.5 * rate)), some_gains(16)
    expected = plain_rendering(sound[:, 0], rate, gains)
    found = rendered(sound, rate, gains)[:, 0]
    assert np.abs(expected - sound[:, 0]).max() > 0.01
    assert np.allclose(found, expected, atol=2e-5)


def test_the_last_gains_hold_to_the_end():
    sound, gains = noise(8_000), some_gains(6)
    held = np.concatenate([gains, np.repeat(gains[-1:], 10, axis=0)])
    assert np.array_equal(rendered(sound, 16_000, gains), rendered(sound, 16_000, held))


def test_channels_are_rendered_by_themselves():
    sound, gains = noise(8_000, channels=2), some_gains(16)
    both = rendered(sound, 16_000, gains)
    for channel in (0, 1):
        alone = rendered(np.ascontiguousarray(sound[:, channel : channel + 1]), 16_000, gains)
        assert np.array_equal(both[:, channel], alone[:, 0])


@pytest.mark.parametrize("pieces", [2, 4])
def test_gains_that_come_in_pieces_give_the_same(pieces):
    sound, gains = noise(8_192), some_gains(16)
    assert np.array_equal(rendered(sound, 16_000, gains, pieces), rendered(sound, 16_000, gains))


def test_many_frames_are_rendered_like_few():
    sound, gains = noise(40_000), some_gains(160)
    expected = plain_rendering(sound[:, 0], 8_000, gains)
    assert np.allclose(rendered(sound, 8_000, gains)[:, 0], expected, atol=2e-5)


def test_without_a_gain_nothing_changes():
    sound = noise(5_000)
    assert np.array_equal(rendered(sound, 16_000, np.zeros((10, BANDS), np.float32)), sound)
