"""The sound attacks: each is a pure function on samples, and does what its name says."""

from __future__ import annotations

import numpy as np
import pytest
from sound_files import chirp, lag, tones

from benchmarks import rooms
from benchmarks.sound_attacks import ATTACKS, GEOMETRIC, GROUPS, resampled


STRETCHED = {"speed+1": 1.01, "speed-1": 0.99, "speed+5": 1.05, "speed-5": 0.95}
STRETCHED |= {"tempo+5": 1.05, "tempo-5": 0.95}
CODECS = [name for name in ATTACKS if name.startswith(("mp3", "aac", "opus"))]


@pytest.fixture(scope="module")
def stereo():
    return np.repeat(chirp(16_000, 1, 2), 2, axis=1)


def loudest(samples, rate):
    """The frequency in hertz where the first channel has most power."""
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def snr(before, after):
    return float(10 * np.log10((before**2).sum() / ((after - before) ** 2).sum()))


def test_groups_name_attacks_that_exist():
    for names in GROUPS.values():
        assert set(names) <= set(ATTACKS)
        assert len(set(names)) == len(names)
    assert not set(GROUPS["plain"]) & GEOMETRIC


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_gives_samples_and_leaves_its_input_alone(name, stereo):
    before = stereo.copy()
    after, rate = ATTACKS[name](stereo, 16_000)
    assert np.array_equal(before, stereo)
    assert after.dtype == np.float32
    assert after.ndim == 2
    assert np.isfinite(after).all()
    seconds = len(stereo) / 16_000 / STRETCHED.get(name, 1)
    assert len(after) / rate == pytest.approx(seconds, rel=0.03)
    again, _ = ATTACKS[name](stereo, 16_000)
    assert np.array_equal(after, again)


@pytest.mark.parametrize("name", CODECS)
def test_codecs_give_the_same_sound_in_its_place_and_not_the_same_samples(name, stereo):
    after, rate = ATTACKS[name](stereo, 16_000)
    back = resampled(after, rate, 16_000)
    count = min(len(back), len(stereo))
    assert abs(lag(stereo, back)) <= 8
    assert 3 < snr(stereo[:count, :1], back[:count, :1]) < 60 or name == "opus_16"


@pytest.mark.parametrize("name", ["mp3_32", "aac_32", "opus_16", "mono", "g726"])
def test_low_rates_are_mono(name, stereo):
    assert ATTACKS[name](stereo, 16_000)[0].shape[1] == 1


@pytest.mark.parametrize("name", ["8khz", "mulaw", "g726"])
def test_telephones_work_at_8_khz(name, stereo):
    assert ATTACKS[name](stereo, 16_000)[1] == 8_000


@pytest.mark.parametrize(("name", "db"), [("noise30", 30), ("noise20", 20), ("noise10", 10)])
def test_noise_has_the_level_its_name_says(name, db, stereo):
    assert snr(stereo, ATTACKS[name](stereo, 16_000)[0]) == pytest.approx(db, abs=0.3)


def test_music_is_mixed_in_as_loud_as_the_sound(stereo):
    after = ATTACKS["music0"](stereo, 16_000)[0] / 0.6
    assert snr(stereo, after) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("name", "factor"),
    [("speed+5", 1.05), ("speed-5", 0.95), ("tempo+5", 1), ("tempo-5", 1), ("pitch+2", 1.02)],
)
def test_speed_and_pitch_move_a_tone_and_tempo_does_not(name, factor):
    after, rate = ATTACKS[name](tones(16_000, 1, 3), 16_000)
    assert loudest(after, rate) == pytest.approx(300 * factor, rel=0.005)


@pytest.mark.parametrize("name", rooms.ROOMS)
def test_rooms_have_the_reverberation_time_of_their_name(name):
    echo = rooms.response(name)
    assert rooms.decay_time(echo) == pytest.approx(float(name), rel=0.05)
    assert (echo**2).sum() == pytest.approx(1)


def test_a_room_smears_a_click_over_its_reverberation_time():
    click = np.zeros((16_000, 1), np.float32)
    click[100] = 0.5
    after, _ = ATTACKS["room0.5"](click, 16_000)
    assert np.abs(after[:100]).max() < 0.05 * np.abs(after).max()
    late = (after[100 + 1600 :] ** 2).sum() / (after**2).sum()
    assert 0.02 < late < 0.7
