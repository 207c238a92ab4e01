"""Which seconds of a recording are marked, however it arrives."""

from __future__ import annotations

import math

import numpy as np
import pytest

from labeler.core.audio.embedding import embed
from labeler.core.audio.gains import plan_of
from labeler.core.audio.locating import Locator, _significant
from labeler.core.audio.pattern import pattern_of
from labeler.core.audio.reading import attempts_of
from labeler.core.significance import log_p_bound
from labeler.schemes import AUDIO_V1
from synthetic_sounds import speech


RATE = 16_000
ONE, OTHER = (
    tuple(int(bit) for bit in f"{number:064b}")
    for number in (0x0123456789ABCDEF, 0xFEDCBA9876543210)
)
PATTERN = pattern_of(AUDIO_V1, bytes(range(32)))


def marked(sound, bits):
    return embed(sound[:, None], RATE, plan_of(PATTERN, bits, AUDIO_V1.mode_of(64), 0.36))[:, 0]


def located(sound, pieces=1):
    locator = Locator(RATE, PATTERN)
    for piece in np.array_split(sound, pieces):
        locator.push(piece)
    return locator.finish()


@pytest.fixture(scope="module")
def recording():
    """12 s marked, 18 s not, 12 s marked with another message."""
    parts = [speech(12.0, RATE, 1), speech(18.0, RATE, 2), speech(12.0, RATE, 3)]
    return np.concatenate([marked(parts[0], ONE), parts[1], marked(parts[2], OTHER)])


def test_each_stretch_has_its_own_ends_and_message(recording):
    first, second = located(recording)
    assert (first.reading.payload, second.reading.payload) == (ONE, OTHER)
    ends = [at * AUDIO_V1.slot for at in (first.start, first.end, second.start, second.end)]
    assert ends == pytest.approx([0, 12, 30, 42], abs=1.0)


def test_chunks_of_any_size_give_the_same(recording):
    def facts(tracks):
        return [(t.start, t.end, t.reading.z, t.reading.log_p) for t in tracks]

    whole = facts(located(recording))
    assert facts(located(recording, 5)) == facts(located(recording, 23)) == whole


def test_nothing_is_found_in_unmarked_sound_or_in_none():
    assert located(speech(12.0, RATE, 2)) == ()
    assert located(np.zeros(0, np.float32)) == ()


def test_what_so_many_windows_give_by_chance_is_dropped(recording):
    tracks = located(recording)
    most = math.log(AUDIO_V1.p_max)
    assert len(_significant(tracks, 1, most)) == 2
    assert _significant(tracks, 10**300, most) == []


def test_a_pause_of_one_piece_does_not_end_a_stretch():
    sound = marked(speech(24.0, RATE, 4), ONE)
    sound[round(9.6 * RATE) : round(14.4 * RATE)] = 0
    (track,) = located(sound)
    assert (track.start * AUDIO_V1.slot, track.end * AUDIO_V1.slot) == pytest.approx((0, 24), abs=1)


def test_another_message_that_follows_at_once_is_another_stretch():
    sound = [marked(speech(14.4, RATE, 5), ONE), marked(speech(19.2, RATE, 15), OTHER)]
    first, second = located(np.concatenate(sound))
    assert (first.reading.payload, second.reading.payload) == (ONE, OTHER)
    assert first.end * AUDIO_V1.slot == pytest.approx(14.4, abs=1.5)
    assert second.start * AUDIO_V1.slot == pytest.approx(14.4, abs=1.5)


def test_the_bound_of_a_stretch_counts_every_window_that_was_looked_into():
    def windows(sound):
        (track,) = located(sound)
        reading, once = track.reading, attempts_of(PATTERN, taps=2)
        bound = log_p_bound(reading.z, frame_bits=64, attempts=once)
        return math.exp(reading.log_p - bound)

    sound = marked(speech(12.0, RATE, 4), ONE)
    assert windows(sound) == pytest.approx(1)
    later = windows(np.concatenate([speech(14.4, RATE, 2), sound]))
    assert round(later) in {4, 5}
    assert later == pytest.approx(round(later))
