"""The rhythm cue: its shape as sound, and finding it again whatever was done to it."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest

from labeler.core.audio.cue import RHYTHM, Rhythm, render_rhythm
from labeler.core.audio.cue_search import SEARCH, best_rhythm, find_rhythms


RATE = 16_000


def quiet(seconds, rate=RATE):
    return np.zeros(round(seconds * rate), np.float32)


def noise(seconds, level=0.02, rate=RATE):
    rng = np.random.default_rng(7)
    return (rng.standard_normal(round(seconds * rate)) * level).astype(np.float32)


def melody(seconds):
    """Decaying tones of many lengths, as music has them."""
    rng = np.random.default_rng(3)
    out = quiet(seconds + 1)
    at = 0.0
    while at < seconds:
        long = rng.choice([0.12, 0.18, 0.24, 0.36])
        t = np.arange(round(long * RATE)) / RATE
        tone = 880 * 2 ** (rng.integers(-12, 8) / 12)
        start = round(at * RATE)
        out[start : start + len(t)] += 0.2 * np.sin(2 * np.pi * tone * t) * np.exp(-3 * t)
        at += long * rng.choice([1, 1, 1, 2])
    return out


def placed(cue, before=1.0, behind=3.0):
    programme = melody(before + behind)
    cut = round(before * RATE)
    return np.concatenate([programme[:cut], quiet(0.3), cue, quiet(0.3), programme[cut:]])


def faster(samples, speed):
    at = np.arange(0, len(samples) - 1, speed)
    return np.interp(at, np.arange(len(samples)), samples).astype(np.float32)


def decode(samples, rate):
    """Read on and off times from the envelope, in units of 120 ms."""
    frame = round(0.01 * rate)
    peaks = np.abs(samples[: len(samples) // frame * frame]).reshape(-1, frame).max(axis=1)
    return [(on, round(len(list(run)) / 12)) for on, run in groupby(peaks > 0.3)]


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 48_000, 192_000])
def test_the_envelope_reads_as_morse_a_i_and_not_as_l(rate):
    cue = render_rhythm(rate)
    on, off = True, False
    assert decode(cue, rate) == [(on, 1), (off, 1), (on, 3), (off, 3), (on, 1), (off, 1), (on, 1)]
    assert len(cue) == round(1.32 * rate)
    assert 0.98 < np.abs(cue).max() <= 1


def test_tones_start_and_stop_without_a_click():
    cue = render_rhythm(48_000)
    steepest = 2 * np.pi * RHYTHM.tone / 48_000
    assert np.abs(np.diff(cue)).max() < 1.05 * steepest
    assert RHYTHM.ramp <= 0.010


def test_the_cue_is_a_tone_of_880_hertz_under_raised_cosines():
    seconds = np.arange(round(1.32 * 48_000)) / 48_000
    level = np.zeros(len(seconds))
    for start, end in ((0, 0.12), (0.24, 0.6), (0.96, 1.08), (1.2, 1.32)):
        inside = np.minimum(seconds - start, end - seconds)
        level += np.sin(np.pi / 2 * np.clip(inside / 0.008, 0, 1)) ** 2
    expected = level * np.sin(2 * np.pi * 880 * seconds)
    assert np.allclose(render_rhythm(48_000), expected, atol=1e-5)


def test_a_rate_that_cannot_hold_the_tone_is_refused():
    with pytest.raises(ValueError, match="cannot hold"):
        render_rhythm(1_000)
    assert len(render_rhythm(2_200, Rhythm(tone=1_000))) == 2_904


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_our_cue_is_found_at_its_time_with_its_gap(rate):
    sound = np.concatenate([noise(1, rate=rate), quiet(0.3, rate), 0.2 * render_rhythm(rate)])
    (heard,) = find_rhythms(np.concatenate([sound, quiet(0.3, rate), noise(2, rate=rate)]), rate)
    assert heard.own
    assert heard.score > 0.93
    assert heard.begin == pytest.approx(1.3, abs=0.02)
    assert heard.rhythm.unit == pytest.approx(0.12, rel=0.02)
    assert heard.rhythm.gap == pytest.approx(3, abs=0.2)
    assert heard.rhythm.tone == pytest.approx(880, abs=3)


@pytest.mark.parametrize("speed", [0.9, 0.95, 1.05, 1.1])
def test_our_cue_is_found_at_other_speeds(speed):
    (heard,) = find_rhythms(faster(placed(0.2 * render_rhythm(RATE)), speed), RATE)
    assert heard.own
    assert heard.rhythm.unit == pytest.approx(0.12 / speed, rel=0.03)


def test_our_cue_is_found_in_noise_as_loud_as_itself():
    sound = placed(0.2 * render_rhythm(RATE))
    (heard,) = find_rhythms(sound + noise(len(sound) / RATE, 0.1), RATE)
    assert heard.own


def test_a_cue_at_the_very_start_and_one_at_the_very_end_are_found():
    cue = 0.2 * render_rhythm(RATE)
    sound = np.concatenate([cue, quiet(0.3), melody(3), quiet(0.3), cue])
    first, last = find_rhythms(sound, RATE)
    assert first.begin == pytest.approx(0, abs=0.02)
    assert last.end == pytest.approx(len(sound) / RATE, abs=0.03)


@pytest.mark.parametrize("unit", [0.06, 0.1, 0.3])
@pytest.mark.parametrize("gap", [1.0, 2.0, 4.0])
def test_rhythms_of_others_are_found_with_the_gap_they_have(unit, gap):
    cue = 0.2 * render_rhythm(RATE, Rhythm(unit=unit, gap=gap, tone=1_500))
    (heard,) = find_rhythms(placed(cue), RATE)
    assert not heard.own
    assert heard.rhythm.unit == pytest.approx(unit, rel=0.05)
    assert heard.rhythm.gap == pytest.approx(gap, abs=0.35)
    assert heard.rhythm.tone == pytest.approx(1_500, abs=5)


@pytest.mark.parametrize(("unit", "gap"), [(0.09, 1.3), (0.131, 2.65), (0.283, 2.0)])
def test_what_lies_between_the_steps_of_the_search_is_measured(unit, gap):
    (heard,) = find_rhythms(placed(0.2 * render_rhythm(RATE, Rhythm(unit=unit, gap=gap))), RATE)
    assert heard.rhythm.unit == pytest.approx(unit, rel=0.015)
    assert heard.rhythm.gap == pytest.approx(gap, abs=0.1)
    assert heard.begin == pytest.approx(1.3, abs=0.012)


def test_our_cue_is_found_among_many_others_that_are_clearer():
    other = 0.2 * render_rhythm(RATE, Rhythm(unit=0.08, gap=2.0, tone=1_500))
    others = np.concatenate([np.concatenate([other, quiet(0.6)]) for _ in range(12)])
    ours = 0.2 * render_rhythm(RATE) + noise(1.32, 0.1)
    sound = np.concatenate([quiet(0.5), others, ours, quiet(0.5)])
    assert sum(heard.own for heard in find_rhythms(sound, RATE)) == 1


def test_a_cue_in_the_second_minute_is_found_once():
    sound = np.concatenate([noise(58.9), quiet(0.3), 0.2 * render_rhythm(RATE), quiet(0.3)])
    (heard,) = find_rhythms(np.concatenate([sound, noise(10)]), RATE)
    assert heard.begin == pytest.approx(59.2, abs=0.02)


def test_a_stereo_cue_is_found():
    sound = placed(0.2 * render_rhythm(RATE))
    (heard,) = find_rhythms(np.stack([sound, sound], axis=1), RATE)
    assert heard.own


@pytest.mark.parametrize(
    "sound",
    [quiet(5), noise(5), melody(20), 0.2 * np.ones(RATE, np.float32), quiet(0), noise(0.01)],
    ids=["silence", "noise", "melody", "constant", "empty", "ten milliseconds"],
)
def test_nothing_is_found_where_there_is_no_cue(sound):
    assert find_rhythms(sound, RATE) == ()


@pytest.mark.parametrize("unit", [0.08, 0.12, 0.2])
def test_a_row_of_short_tones_is_no_cue(unit):
    beep = 0.2 * render_rhythm(RATE, Rhythm(unit=unit))[: round(unit * RATE)]
    sound = np.concatenate([beep, quiet(unit)] * 8)
    best = best_rhythm(placed(sound), RATE)
    assert best is None or best.score < SEARCH.own_score - 0.1


def test_samples_that_are_no_numbers_do_no_harm():
    sound = placed(0.2 * render_rhythm(RATE))
    sound[100] = np.nan
    assert len(find_rhythms(sound, RATE)) == 1
