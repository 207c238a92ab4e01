"""Finding the mark in sound that was played at another speed, tempo or pitch."""

from __future__ import annotations

import pytest

from labeler.core.audio.embedding import embed
from labeler.core.audio.gains import plan_of
from labeler.core.audio.pattern import pattern_of
from labeler.core.audio.reading import attempts_of, convincing
from labeler.core.audio.search import HYPOTHESES, likely_changes, search
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


def test_another_key_finds_nothing_that_convinces(marked):
    other = pattern_of(AUDIO_V1, bytes([9]) * 32)
    found = search(played(marked, 1.032), RATE, other, attempts=ATTEMPTS)
    assert found is None or not convincing(found[0], other)


def test_sound_too_short_for_a_search_has_no_likely_change(marked):
    assert likely_changes(marked[:RATE], RATE, PATTERN) == []
    assert search(marked[:RATE], RATE, PATTERN, attempts=ATTEMPTS) is None


def test_tempo_and_pitch_are_told_apart(marked):
    kinds = {
        (change.tempo == 1, change.pitch == 1)
        for sound in (marked, played(marked, 1.032))
        for change in likely_changes(sound, RATE, PATTERN)
    }
    assert (False, False) in kinds
    assert (True, True) not in kinds or len(kinds) > 1
