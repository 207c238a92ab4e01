"""Finding the mark in sound that was played at another speed, tempo or pitch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labeler.core.audio.embedding import embed
from labeler.core.audio.gains import plan_of
from labeler.core.audio.pattern import pattern_of
from labeler.core.audio.reading import attempts_of, convincing
from labeler.core.audio.search import CHANGES, HYPOTHESES, likely_changes, search
from labeler.schemes import AUDIO_V1
from synthetic_sounds import played, speech


RATE = 16_000
BITS = tuple(int(bit) for bit in f"{0x0123456789ABCDEF:064b}")
PATTERN = pattern_of(AUDIO_V1, bytes(range(32)))
ATTEMPTS = attempts_of(PATTERN, hypotheses=HYPOTHESES)


@pytest.fixture(scope="module")
def marked():
    plan = plan_of(PATTERN, BITS, AUDIO_V1.mode_of(64), 0.36)
    return embed(speech(12.0, RATE)[:, None], RATE, plan)[:, 0]


@pytest.mark.parametrize("speed", [0.97, 1.032])
def test_sound_played_at_another_speed_reads_and_the_speed_is_told(marked, speed):
    found = search(played(marked, speed), RATE, PATTERN, attempts=ATTEMPTS)
    assert found is not None
    reading, change = found
    assert convincing(reading, PATTERN)
    assert reading.payload == BITS
    assert (change.tempo, change.pitch) == pytest.approx((speed, speed), abs=0.0015)


@pytest.mark.parametrize("number", [9, 10, 11])
def test_another_key_gives_its_best_reading_which_does_not_convince(marked, number):
    other = pattern_of(AUDIO_V1, bytes([number]) * 32)
    found = search(played(marked, 1.032), RATE, other, attempts=ATTEMPTS)
    assert found is not None
    assert not convincing(found[0], other)


def test_sound_too_short_for_a_search_has_no_likely_change(marked):
    assert likely_changes(marked[:RATE], RATE, PATTERN) == []
    assert search(marked[:RATE], RATE, PATTERN, attempts=ATTEMPTS) is None


@pytest.mark.parametrize(
    ("tempo", "pitch"),
    [(1.021, 1.0), (0.953, 1.0), (1.0, 1.033), (1.0, 0.961), (1.047, 1.047), (0.969, 0.969)],
)
def test_tempo_and_pitch_are_told_apart(tempo, pitch):
    changed = replace(
        AUDIO_V1,
        slot=AUDIO_V1.slot / tempo,
        low_hz=AUDIO_V1.low_hz * pitch,
        band_hz=AUDIO_V1.band_hz * pitch,
    )
    plan = plan_of(pattern_of(changed, PATTERN.seed), BITS, changed.mode_of(64), 0.36)
    sound = embed(speech(10.0, RATE)[:, None], RATE, plan)[:, 0]
    found = search(sound, RATE, PATTERN, attempts=ATTEMPTS)
    assert found is not None
    assert convincing(found[0], PATTERN)
    assert found[0].payload == BITS
    assert (found[1].tempo, found[1].pitch) == pytest.approx((tempo, pitch), abs=0.0011)


def test_likely_changes_come_in_fine_steps_about_the_best(marked):
    changes = likely_changes(played(marked, 1.032), RATE, PATTERN)
    assert len(changes) == 3
    factors = {round(1000 * value) for change in changes for value in (change.tempo, change.pitch)}
    assert factors <= set(range(940 - 2, 1060 + 3))
    assert (changes[0].tempo, changes[0].pitch) == pytest.approx((1.032, 1.032), abs=0.0011)


def test_every_change_within_six_per_cent_is_tried_once():
    both = [c for c in CHANGES if c.tempo == c.pitch]
    tempo = [c for c in CHANGES if c.pitch == 1]
    pitch = [c for c in CHANGES if c.tempo == 1]
    assert len({(c.tempo, c.pitch) for c in CHANGES}) == len(CHANGES) == 3 * 30
    for factors in ([c.tempo for c in both], [c.tempo for c in tempo], [c.pitch for c in pitch]):
        expected = [1 + 0.004 * k for k in range(-15, 16) if k]
        assert factors == pytest.approx(expected)
