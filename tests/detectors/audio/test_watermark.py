"""Reading the mark of sound: clips, changes, other keys, recordings, and sound without any."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from detectors.audio.watermark import locate_marks, read_mark
from labeler.audio.watermark import embed_mark
from labeler.errors import InvalidKey, UnknownPolicy, UnsupportedMedia
from labeler.keys import DEFAULT_KEY, Key
from labeler.payload import Payload
from synthetic_sounds import music, played, speech


PAYLOAD = Payload(mark_id=0x2F3ABCAA7ED0A5D, status=2)
OTHER = Payload(mark_id=0x111111111111111, status=1)
SECRET = Key("ours", bytes(range(32)))
RATE = 24_000


@pytest.fixture(scope="module")
def marked():
    return embed_mark(speech(16.0), RATE, PAYLOAD)[0]


@pytest.fixture(scope="module")
def song():
    return embed_mark(music(16.0), 44_100, PAYLOAD)[0]


@pytest.mark.parametrize("start", [0, 1, 9_999, 77_777, 123_457])
def test_an_unaligned_clip_reads_all_64_bits(marked, start):
    evidence = read_mark(marked[start : start + 6 * RATE], RATE, depth="plain")
    assert (evidence.found, evidence.bits, evidence.mark_id) == (True, 64, PAYLOAD.mark_hex)
    assert evidence.p_value < 1e-20
    assert evidence.key == "default"


def test_gain_resampling_and_eight_bits_do_not_matter(marked):
    clip = marked[50_000 : 50_000 + 8 * RATE]
    other = played(clip, RATE / 16_000)
    coarse = (np.round(clip * 100) / 100).astype(np.float32)
    for sound, rate in ((clip * 0.05, RATE), (-clip, RATE), (other, 16_000), (coarse, RATE)):
        evidence = read_mark(np.asarray(sound, np.float32), rate, depth="plain")
        assert evidence.mark_id == PAYLOAD.mark_hex


def test_noise_at_20_db_does_not_matter(marked):
    noise = np.random.default_rng(5).standard_normal(len(marked)) * np.sqrt(np.mean(marked**2))
    evidence = read_mark((marked + 0.1 * noise).astype(np.float32)[: 10 * RATE], RATE, depth="fast")
    assert evidence.mark_id == PAYLOAD.mark_hex


@pytest.mark.parametrize("speed", [0.95, 0.9774, 1.01, 1.05])
def test_other_speeds_are_found(song, speed):
    sound = played(song, speed)[70_000 : 70_000 + 8 * 44_100]
    assert not read_mark(sound, 44_100, depth="fast").found
    evidence = read_mark(sound, 44_100, depth="standard")
    assert evidence.mark_id == PAYLOAD.mark_hex
    told = float(evidence.detail.split("played ")[1].split()[0])
    assert told == pytest.approx(speed, abs=0.003)


def test_a_closer_look_hears_through_a_room(marked):
    rng = np.random.default_rng(2)
    tail = 0.05 * rng.standard_normal(RATE // 2) * np.exp(-np.arange(RATE // 2) / RATE * 13.8)
    tail[0] = 0.3
    size = 1 << 20
    spectrum = np.fft.rfft(marked, size) * np.fft.rfft(tail, size)
    wet = np.fft.irfft(spectrum, size)[: 8 * RATE].astype(np.float32)
    assert not read_mark(wet, RATE, depth="plain").found
    assert read_mark(wet, RATE, depth="fast").mark_id == PAYLOAD.mark_hex


@pytest.mark.parametrize("depth", ["plain", "fast", "standard", "deep"])
@pytest.mark.parametrize("seed", range(4))
def test_unmarked_sound_reads_nothing(depth, seed):
    sound = (speech(10.0, RATE, seed + 10), music(10.0, RATE, seed + 10))[seed % 2]
    evidence = read_mark(sound, RATE, depth=depth)
    assert not evidence.found
    assert (evidence.bits, evidence.mark_id) == (0, "")
    assert evidence.p_value > 1e-6
    assert "never means" in evidence.detail


def test_another_key_reads_nothing(marked):
    evidence = read_mark(marked, RATE, keys=(SECRET,), depth="standard")
    assert (evidence.found, evidence.p_value) == (False, 1.0)


def test_the_right_one_of_several_keys_is_named():
    sound, _ = embed_mark(speech(), RATE, PAYLOAD, key=SECRET)
    evidence = read_mark(sound, RATE, keys=(DEFAULT_KEY, SECRET), depth="plain")
    assert (evidence.found, evidence.key) == (True, "ours")
    assert evidence.p_value > read_mark(sound, RATE, keys=(SECRET,), depth="plain").p_value


def test_channels_that_cancel_each_other_still_read(marked):
    sound = np.stack([marked, -marked], axis=1)
    assert read_mark(sound, RATE, depth="plain").mark_id == PAYLOAD.mark_hex


@pytest.mark.parametrize("length", [0, 1, 100, 5_000, 20_000])
def test_short_and_silent_sounds_read_nothing(length):
    for sound in (np.zeros(length, np.float32), np.full(length, np.nan, np.float32)):
        for depth in ("fast", "deep"):
            assert not read_mark(sound, RATE, depth=depth).found


def test_numbers_that_are_none_count_as_silence(marked):
    broken = marked.copy()
    broken[10_000:10_050] = np.nan
    broken[90_000] = np.inf
    assert read_mark(broken, RATE, depth="plain").mark_id == PAYLOAD.mark_hex


@pytest.fixture(scope="module")
def recording(marked):
    bed = np.concatenate([music(25.0, RATE, 5), speech(25.0, RATE, 6)]).copy()
    bed[12 * RATE + 345 : 22 * RATE + 345] = marked[30_000 : 30_000 + 10 * RATE]
    other, _ = embed_mark(music(9.0, RATE, 9), RATE, OTHER)
    bed[36 * RATE : 45 * RATE] = other
    return bed


def test_marked_stretches_are_found_with_their_times_and_ids(recording):
    first, second = locate_marks(recording, RATE)
    assert (first.mark_id, second.mark_id) == (PAYLOAD.mark_hex, OTHER.mark_hex)
    assert first.start == pytest.approx(12.01, abs=0.5)
    assert first.end == pytest.approx(22.01, abs=0.5)
    assert second.start == pytest.approx(36, abs=0.5)
    assert second.end == pytest.approx(45, abs=0.5)
    assert max(first.p_value, second.p_value) < 1e-20


def test_stretches_do_not_depend_on_how_the_recording_is_cut(recording):
    chunks = np.array_split(recording, 97)
    assert locate_marks(iter(chunks), RATE) == locate_marks(recording, RATE)


def test_deep_reading_names_the_stretches(recording):
    evidence = read_mark(recording, RATE, depth="deep")
    assert evidence.found
    assert PAYLOAD.mark_hex in evidence.detail
    assert OTHER.mark_hex in evidence.detail
    assert "marked from 12." in evidence.detail


def test_two_marks_that_follow_each_other_are_two_stretches(marked):
    other, _ = embed_mark(music(12.0, RATE, 3), RATE, OTHER)
    first, second = locate_marks(np.concatenate([marked, other]), RATE)
    assert (first.mark_id, second.mark_id) == (PAYLOAD.mark_hex, OTHER.mark_hex)
    assert first.end == pytest.approx(16, abs=0.7)
    assert second.start == pytest.approx(16, abs=0.7)


def test_an_unmarked_recording_has_no_stretches():
    assert locate_marks(np.concatenate([music(20.0, RATE, 7), speech(20.0, RATE, 8)]), RATE) == ()


def test_eight_threads_read_the_same(marked):
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(read_mark, marked, RATE, depth="standard") for _ in range(8)]
        results = {str(job.result()) for job in jobs}
    assert len(results) == 1


def test_wrong_calls_are_refused(marked):
    with pytest.raises(UnknownPolicy, match="depth"):
        read_mark(marked, RATE, depth="abyss")
    with pytest.raises(InvalidKey, match="no key"):
        read_mark(marked, RATE, keys=())
    with pytest.raises(UnsupportedMedia, match="float32"):
        read_mark(marked.astype(np.float64), RATE)
    with pytest.raises(UnsupportedMedia, match="sample rate"):
        read_mark(marked, 4_000)
    with pytest.raises(UnsupportedMedia, match="float32"):
        locate_marks([np.zeros((5, 9), np.float32)], RATE)
