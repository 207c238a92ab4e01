"""Which seconds of a recording are marked, however it arrives."""

from __future__ import annotations

import math

import numpy as np
import pytest

from labeler.core.audio.embedding import embed
from labeler.core.audio.gains import plan_of
from labeler.core.audio.locating import Locator, _significant
from labeler.core.audio.pattern import pattern_of
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
    whole, cut = located(recording), located(recording, 23)
    assert [(t.start, t.end) for t in whole] == [(t.start, t.end) for t in cut]


def test_nothing_is_found_in_unmarked_sound_or_in_none():
    assert located(speech(12.0, RATE, 2)) == ()
    assert located(np.zeros(0, np.float32)) == ()


def test_what_so_many_windows_give_by_chance_is_dropped(recording):
    tracks = located(recording)
    most = math.log(AUDIO_V1.p_max)
    assert len(_significant(tracks, 1, most)) == 2
    assert _significant(tracks, 10**300, most) == []
