"""Putting the mark into sound of every kind."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.audio.watermark import read_mark
from labeler.audio.watermark import (
    LATENCY,
    PRESETS,
    StreamMarker,
    embed_mark,
    embed_stream,
    mode_for,
)
from labeler.errors import LayerFailed, MediaTooSmall, UnknownPolicy, UnsupportedMedia
from labeler.payload import Payload
from synthetic_sounds import music, played, speech


PAYLOAD = Payload(mark_id=0x2F3ABCAA7ED0A5D, status=2)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000, 96_000, 192_000])
def test_every_rate_takes_the_mark_and_keeps_the_length(rate):
    sound = played(speech(6.0), 24_000 / rate) if rate > 24_000 else speech(6.0, rate)
    before = sound.copy()
    marked, receipt = embed_mark(sound, rate, PAYLOAD)
    assert np.array_equal(sound, before)
    assert (marked.shape, marked.dtype) == (sound.shape, np.float32)
    assert receipt.bits == 64
    assert receipt.snr_db > 14
    evidence = read_mark(marked, rate, depth="plain")
    assert (evidence.found, evidence.mark_id, evidence.status) == (True, PAYLOAD.mark_hex, 2)


@pytest.mark.parametrize("extra", [0, 1, 7, 479, 480, 481, 959])
def test_any_number_of_samples_comes_back_as_many(extra):
    sound = speech(8.0, 24_000)[: 24_000 * 5 + extra]
    assert embed_mark(sound, 24_000, PAYLOAD)[0].shape == sound.shape


def test_stereo_keeps_its_channels_apart():
    left, right = music(6.0, 44_100, 1), music(6.0, 44_100, 2)
    silent = np.zeros_like(left)
    sound = np.stack([left, right, silent], axis=1)
    marked, _ = embed_mark(sound, 44_100, PAYLOAD)
    assert marked.shape == sound.shape
    assert not marked[:, 2].any()
    for channel in (0, 1):
        change = marked[:, channel] - sound[:, channel]
        other = abs(np.corrcoef(change, sound[:, 1 - channel])[0, 1])
        assert other < 0.05
        assert read_mark(marked[:, channel], 44_100, depth="plain").mark_id == PAYLOAD.mark_hex


def test_digital_silence_inside_a_sound_stays_as_it_is():
    sound = speech(12.0, 16_000).copy()
    sound[16_000 * 5 : 16_000 * 8] = 0
    marked, _ = embed_mark(sound, 16_000, PAYLOAD)
    assert not marked[16_000 * 5 + 1_000 : 16_000 * 8 - 1_000].any()
    assert marked[: 16_000 * 5].tobytes() != sound[: 16_000 * 5].tobytes()


def test_what_lies_far_outside_the_band_is_hardly_changed():
    rate, sound = 44_100, music(6.0, 44_100)
    change = embed_mark(sound, rate, PAYLOAD)[0] - sound
    power = np.abs(np.fft.rfft(change)) ** 2
    hertz = np.fft.rfftfreq(len(change), 1 / rate)
    outside = power[(hertz < 150) | (hertz > 8_000)].sum()
    assert outside < 1e-3 * power.sum()


def test_strength_zero_is_lossless():
    marked, receipt = embed_mark(speech(), 24_000, PAYLOAD, strength=0)
    assert np.array_equal(marked, speech())
    assert (receipt.snr_db, receipt.self_check) == (None, None)


def test_more_strength_reads_better_and_changes_more():
    receipts = [embed_mark(speech(), 24_000, PAYLOAD, strength=s)[1] for s in (0.3, 0.45, 0.55)]
    assert sorted(receipts, key=lambda r: r.self_check) == receipts
    assert sorted(receipts, key=lambda r: -r.snr_db) == receipts
    named = embed_mark(speech(), 24_000, PAYLOAD, strength="robust")[1]
    assert named.self_check == receipts[2].self_check
    assert PRESETS["default"] == 0.45


@pytest.mark.parametrize(("seconds", "bits"), [(2.0, 16), (3.0, 32), (4.0, 48), (5.0, 64)])
def test_short_sounds_carry_the_head_of_the_payload(seconds, bits):
    sound = speech()[: int(seconds * 24_000)]
    marked, receipt = embed_mark(sound, 24_000, PAYLOAD)
    assert (receipt.bits, mode_for(seconds).payload_bits) == (bits, bits)
    evidence = read_mark(marked, 24_000, depth="plain")
    assert (evidence.bits, evidence.mark_id) == (bits, PAYLOAD.head(bits).mark_hex)


def test_a_sound_that_keeps_within_full_scale_is_kept_within_it():
    sound = np.clip(8 * music(6.0), -1, 1)
    marked, receipt = embed_mark(sound, 44_100, PAYLOAD)
    assert np.abs(marked).max() <= 1
    assert receipt.self_check > 20
    louder = 1.5 * music(6.0)
    assert np.abs(embed_mark(louder, 44_100, PAYLOAD)[0]).max() > 1


def test_the_receipt_is_json_and_says_what_was_done():
    receipt = embed_mark(speech(), 24_000, PAYLOAD)[1].to_dict()
    assert json.loads(json.dumps(receipt)) == receipt
    assert (receipt["scheme"], receipt["mode"], receipt["key"]) == ("audio-v1", "64", "default")
    assert receipt["margin_db"] > 5
    assert 5 < receipt["usable_seconds"] <= 10
    assert receipt["note"] == ""


def test_a_weak_mark_is_called_fragile():
    sound = speech()[: 24_000 * 5].copy()
    sound[21_600:] = 0
    receipt = embed_mark(sound, 24_000, PAYLOAD)[1]
    assert receipt.margin_db < 2
    assert "fragile" in receipt.note


def test_the_payload_gets_shorter_where_the_sound_does_not_hold_all_of_it():
    sound = speech()[: 24_000 * 6].copy()
    sound[12_000:] = 0
    marked, receipt = embed_mark(sound, 24_000, PAYLOAD, strength="robust")
    assert receipt.bits < 64
    evidence = read_mark(marked, 24_000, depth="plain")
    assert evidence.mark_id == PAYLOAD.head(receipt.bits).mark_hex


@pytest.mark.parametrize(
    ("sound", "error", "words"),
    [
        (speech()[:4_800], MediaTooSmall, "0.20 s"),
        (np.zeros(0, np.float32), MediaTooSmall, "no samples"),
        (np.zeros(72_000, np.float32), LayerFailed, "silent"),
        (np.sin(np.arange(150_000) * 0.1).astype(np.float32), LayerFailed, "single tones"),
        (np.full(72_000, np.nan, np.float32), UnsupportedMedia, "NaN"),
        (np.full(72_000, np.inf, np.float32), UnsupportedMedia, "NaN"),
        (np.full(72_000, 32767, np.float32), UnsupportedMedia, "full scale"),
        (np.zeros(72_000, np.int16), UnsupportedMedia, "float32"),
        (np.zeros((72_000, 9), np.float32), UnsupportedMedia, "9 channels"),
        (np.zeros((72_000, 2, 2), np.float32), UnsupportedMedia, "shape"),
    ],
)
def test_bad_sound_gets_a_clear_error(sound, error, words):
    with pytest.raises(error, match=words) as caught:
        embed_mark(sound, 24_000, PAYLOAD)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rate", [0, 7_999, 192_001])
def test_rates_that_cannot_be_marked_are_refused(rate):
    with pytest.raises(UnsupportedMedia, match="sample rate"):
        embed_mark(speech(), rate, PAYLOAD)


@pytest.mark.parametrize("strength", ["loud", -0.1, 0.61, float("nan")])
def test_unknown_strengths_are_refused(strength):
    with pytest.raises(UnknownPolicy, match="strength"):
        embed_mark(speech(), 24_000, PAYLOAD, strength=strength)


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, 10 * 24_000), max_size=12), channels=st.sampled_from([1, 2]))
def test_a_stream_gives_the_same_samples_however_it_is_cut(cuts, channels):
    sound = np.stack([speech()] * channels, axis=1)
    whole, _ = embed_mark(sound, 24_000, PAYLOAD)
    chunks = np.split(sound, sorted(cuts))
    parts = list(embed_stream(chunks, 24_000, PAYLOAD, channels=channels))
    assert np.array_equal(np.concatenate(parts), whole)


def test_a_stream_lags_by_no_more_than_it_says():
    marker = StreamMarker(24_000, 1, PAYLOAD)
    taken = given_back = 0
    for chunk in np.array_split(speech(20.0), 200):
        taken += len(chunk)
        given_back += len(marker.push(chunk))
        assert taken - given_back <= LATENCY * 24_000
    assert taken == given_back + len(marker.finish())
    assert marker.receipt().self_check > 30


def test_a_stream_holds_no_more_than_its_lag():
    marker = StreamMarker(8_000, 1, PAYLOAD)
    held = []
    for _ in range(12):
        marker.push(speech(8.0, 8_000))
        held.append(sum(len(part) for part in marker._late))
    assert max(held) <= (LATENCY + 8) * 8_000
    assert len(marker._embedder._tiles.rows) < 600
    assert len(marker._embedder._renderer._held) <= (LATENCY + 8) * 8_000


def test_chunks_of_another_form_are_refused():
    marker = StreamMarker(24_000, 2, PAYLOAD)
    with pytest.raises(UnsupportedMedia, match="2 channels"):
        marker.push(speech())
    with pytest.raises(UnknownPolicy, match="bits"):
        StreamMarker(24_000, 2, PAYLOAD, bits=20)


def test_eight_threads_give_the_same_samples():
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(embed_mark, speech(6.0), 24_000, PAYLOAD) for _ in range(8)]
        results = [job.result()[0] for job in jobs]
    assert all(np.array_equal(results[0], other) for other in results)
