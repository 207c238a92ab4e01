"""Known clips: changing their rate, what of them is spoken, and finding them in a sound."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.audio.clip import (
    FRAMES,
    correlate_shape,
    measure_shape,
    resample_clip,
    shapes_of,
    spoken_span,
)
from labeler.core.audio.cue_search import HOP, measure_envelopes
from synthetic_sounds import music, played, speech


RATE = 16_000
CLIP = speech(1.5, RATE, 7)


def tone(rate, hertz=1_000.0, seconds=0.5):
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def energies_of(sound):
    return measure_shape(measure_envelopes(sound, RATE))


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 48_000])
def test_a_clip_at_another_rate_is_the_same_tone(rate):
    there = resample_clip(tone(RATE), RATE, rate)
    assert len(there) == round(0.5 * rate)
    inner = slice(len(there) // 8, -len(there) // 8)
    assert np.allclose(there[inner], tone(rate)[inner], atol=0.02)


def test_at_the_same_rate_or_without_samples_nothing_changes():
    assert np.array_equal(resample_clip(CLIP, RATE, RATE), CLIP)
    assert resample_clip(np.zeros(0, np.float32), RATE, 8_000).size == 0


def test_more_than_a_minute_is_no_clip():
    with pytest.raises(ValueError, match="at most a minute"):
        resample_clip(np.zeros(61 * 8_000, np.float32), 8_000, 16_000)


def test_the_spoken_span_is_what_is_not_silent():
    padded = np.concatenate([np.zeros(RATE // 2), tone(RATE), np.zeros(RATE)]).astype(np.float32)
    assert spoken_span(padded, RATE) == pytest.approx((0.5, 1.0), abs=0.011)
    assert spoken_span(np.zeros(RATE, np.float32), RATE) == (0.0, 0.0)


def test_a_clip_of_just_a_minute_is_one():
    assert len(resample_clip(np.zeros(60 * 400, np.float32), 400, 800)) == 60 * 800


@pytest.mark.parametrize(("level", "spoken"), [(-44.5, (0.25, 1.0)), (-45.5, (0.5, 0.75))])
def test_spoken_is_what_is_within_45_db_of_the_loudest(level, spoken):
    clip = np.zeros(1_000, np.float32)
    clip[250:1_000] = 0.5 * 10 ** (level / 20)
    clip[500:750] = 0.5
    assert spoken_span(clip, 1_000) == spoken


def test_shapes_come_at_speeds_up_to_a_tenth_off_and_last_as_long_as_they_play():
    shapes = shapes_of(CLIP, RATE)
    assert [shape.speed for shape in shapes] == [
        0.9,
        0.925,
        0.95,
        0.975,
        1,
        1.025,
        1.05,
        1.075,
        1.1,
    ]
    begin, end = spoken_span(CLIP, RATE)
    for shape in shapes:
        assert shape.begin == pytest.approx(begin / shape.speed)
        assert shape.seconds == pytest.approx((end - begin) / shape.speed, rel=1e-3)
        assert len(shape.energies) == round(shape.seconds / HOP / FRAMES)
        assert np.abs(shape.energies.mean(axis=0)).max() < 1e-4


def test_the_shortest_clip_has_a_shape_of_one_frame():
    assert [len(shape.energies) for shape in shapes_of(tone(RATE, seconds=0.01), RATE, (1.0,))] == [
        1
    ]


def test_a_clip_is_found_where_it_begins():
    bed = 0.02 * music(6.0, RATE, 2)
    bed[2 * RATE : 2 * RATE + len(CLIP)] += CLIP
    shapes = shapes_of(CLIP, RATE, speeds=(1.0,))
    envelopes = measure_envelopes(bed, RATE)
    found = correlate_shape(measure_shape(envelopes), shapes)[0]
    seconds = envelopes.begin + float(found.argmax()) * FRAMES * HOP
    assert seconds == pytest.approx(2.0 + shapes[0].begin, abs=0.03)
    assert found.max() > 0.85
    assert np.delete(found, np.arange(found.argmax() - 5, found.argmax() + 6)).max() < 0.6


@pytest.mark.parametrize("speed", [0.95, 1.05])
def test_the_shape_at_the_right_speed_fits_best(speed):
    shapes = shapes_of(CLIP, RATE, speeds=(0.95, 1.0, 1.05))
    found = correlate_shape(energies_of(played(CLIP, speed)), shapes)
    best = shapes[int(found.max(axis=1).argmax())]
    assert best.speed == speed
    assert best.seconds == pytest.approx(len(CLIP) / RATE / speed, abs=0.05)


def test_a_sound_shorter_than_the_clip_resembles_nothing():
    shapes = shapes_of(CLIP, RATE, speeds=(1.0,))
    short = energies_of(CLIP)[: len(shapes[0].energies) // 2]
    assert correlate_shape(short, shapes).shape == (1, len(short))
    assert not correlate_shape(short, shapes).any()


def test_what_is_steady_resembles_nothing():
    shapes = shapes_of(CLIP, RATE, speeds=(1.0,))
    hiss = 0.1 * np.random.default_rng(1).standard_normal(4 * RATE).astype(np.float32)
    assert correlate_shape(energies_of(hiss), shapes).max() < 0.5
    silence = correlate_shape(energies_of(np.zeros(4 * RATE, np.float32)), shapes)
    assert np.abs(silence).max() < 0.01
