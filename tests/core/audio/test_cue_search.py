"""What the search for rhythms measures: amplitudes, pieces of a minute, what is our own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from labeler.core.audio.cue import RHYTHM
from labeler.core.audio.cue_search import (
    SEARCH,
    Heard,
    each_piece,
    is_own,
    measure_envelopes,
    thin_out,
)


RATE = 8_000


def plain_amplitudes(sound, rate):
    """Hann windows of 40 ms every 10 ms, 0.7 s of silence assumed before and behind the sound."""
    length, margin = round(0.04 * rate), round(0.7 * rate)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1, length + 1) / (length + 1))
    padded = np.pad(sound.astype(np.float64), (margin, margin + length))
    frames = int((len(sound) + 2 * margin) / (0.01 * rate))
    starts = [round(frame * 0.01 * rate) for frame in range(frames)]
    return np.array(
        [
            2 / window.sum() * np.abs(np.fft.rfft(window * padded[start : start + length]))
            for start in starts
        ]
    )


def test_amplitudes_are_those_of_the_definition():
    sound = np.random.default_rng(0).standard_normal(2 * RATE).astype(np.float32)
    expected, hertz = plain_amplitudes(sound, RATE), np.arange(161) * RATE / 320
    found = measure_envelopes(sound, RATE, begin=3.0)
    inside = (hertz >= 280) & (hertz <= 3_500)
    assert np.allclose(found.tones, hertz[inside])
    assert np.allclose(found.bands, expected[:, inside], atol=1e-4)
    whole = np.sqrt((expected[:, hertz >= 120] ** 2).sum(axis=1))
    assert np.allclose(found.whole, whole, atol=1e-4)
    assert found.begin == pytest.approx(3.0 - 0.7 + 0.02)


def test_a_steady_tone_has_its_own_amplitude():
    tone = 0.3 * np.sin(2 * np.pi * 1_000 * np.arange(RATE) / RATE).astype(np.float32)
    found = measure_envelopes(tone, RATE)
    assert found.bands[100:130].max(axis=1) == pytest.approx(0.3, abs=1e-3)
    assert found.tones[found.bands[115].argmax()] == 1_000


@pytest.mark.parametrize(
    ("seconds", "begins"), [(0, [0]), (65.9, [0]), (66.1, [0, 60]), (127, [0, 60, 120])]
)
def test_pieces_of_a_minute_overlap_by_six_seconds(seconds, begins):
    pieces = list(each_piece(np.zeros(round(seconds * RATE), np.float32), RATE))
    assert [round(piece.begin + 0.68, 6) for piece in pieces] == begins
    lasts = [round(len(piece.whole) * 0.01 - 1.4, 6) for piece in pieces]
    assert lasts == pytest.approx([min(66, seconds - begin) for begin in begins], abs=0.011)


def test_what_lies_on_the_bounds_is_our_own_and_what_lies_beyond_is_not():
    slow = replace(RHYTHM, unit=SEARCH.own_unit[1], gap=SEARCH.own_gap[1], tone=SEARCH.own_tone[1])
    fast = replace(RHYTHM, unit=SEARCH.own_unit[0], gap=SEARCH.own_gap[0], tone=SEARCH.own_tone[0])
    assert is_own(slow)
    assert is_own(fast)
    for name in ("unit", "gap", "tone"):
        assert not is_own(replace(slow, **{name: 1.001 * getattr(slow, name)}))
        assert not is_own(replace(fast, **{name: 0.999 * getattr(fast, name)}))


def heard(begin, score, *, own=False):
    return Heard(begin=begin, rhythm=RHYTHM, band=score, level=1.0, own=own)


def test_of_rhythms_that_overlap_our_own_goes_first_and_then_the_better_one():
    foreign, own, later, worse = (
        heard(0, 0.99),
        heard(0.5, 0.8, own=True),
        heard(9, 0.9),
        heard(8, 0.86),
    )
    assert thin_out([later, worse, foreign, own]) == (own, later)
    beside = heard(0.5 + RHYTHM.duration + 0.01, 0.9)
    assert thin_out([beside, own]) == (own, beside)


def test_the_score_is_the_weaker_of_both_and_the_end_that_of_the_last_tone():
    assert replace(heard(2, 0.9), level=0.7).score == 0.7
    assert heard(2, 0.9).score == 0.9
    assert heard(2, 0.9).end == pytest.approx(2 + 11 * 0.12)
