"""Compressed sound: one stream of it, depths that are kept, values that stay the same."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from labeler.audio import compressed
from labeler.audio.storage import SoundFormat
from labeler.errors import CorruptMedia, UnsupportedMedia


FOUND = SoundFormat(container="flac", codec="flac", rate=16_000, channels=2, coding="f32")


def streams(sounds, videos=()):
    return SimpleNamespace(streams=SimpleNamespace(audio=list(sounds), video=list(videos)))


def flac_header(bits):
    packed = (bits - 1) << 4
    return bytes(12) + bytes([packed >> 8, packed & 0xFF]) + bytes(20)


def alac_cookie(bits):
    return bytes(5) + bytes([bits]) + bytes(18)


def test_of_two_sounds_neither_is_taken_and_of_none_there_is_none():
    assert compressed._only_stream(streams(["one"]), "ogg") == "one"
    with pytest.raises(UnsupportedMedia, match="2 sound streams"):
        compressed._only_stream(streams(["one", "two"]), "ogg")
    with pytest.raises(UnsupportedMedia, match="no sound"):
        compressed._only_stream(streams([]), "ogg")


def test_a_film_is_no_sound_file_and_a_cover_is_no_film(monkeypatch):
    monkeypatch.setattr(compressed, "_is_still", lambda stream: stream == "cover")
    assert compressed._only_stream(streams(["one"], ["cover"]), "m4a") == "one"
    with pytest.raises(UnsupportedMedia, match="label it as a video"):
        compressed._only_stream(streams(["one"], ["cover", "film"]), "m4a")


@pytest.mark.parametrize(("bits", "kept"), [(16, 16), (24, 24), (8, 16), (12, 16), (20, 24)])
def test_depths_without_a_coding_of_their_own_are_told(bits, kept):
    for codec, extra in (("flac", flac_header(bits)), ("alac", alac_cookie(bits))):
        found, notes = compressed._depth(SimpleNamespace(extradata=extra), codec)
        assert found == kept
        assert bool(notes) == (bits != kept)


def test_depths_that_are_not_known_or_not_written_again():
    assert compressed._depth(SimpleNamespace(extradata=None), "aac") == (0, ())
    with pytest.raises(UnsupportedMedia, match="32 bits"):
        compressed._depth(SimpleNamespace(extradata=alac_cookie(32)), "alac")


def test_whole_numbers_are_taken_at_full_scale_where_floats_are_due():
    rows = np.array([[-32768, 16384]], np.int16)
    frame = SimpleNamespace(to_ndarray=lambda: rows)
    assert compressed._numbers(frame, FOUND).tolist() == [[-1.0, 0.5]]


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (8_000, 2)])
def test_rates_and_channels_that_change_midway_are_refused(rate, channels):
    layout = SimpleNamespace(channels=[None] * channels)
    frame = SimpleNamespace(sample_rate=rate, layout=layout)
    with pytest.raises(CorruptMedia, match="midway"):
        compressed._packed(frame, FOUND, None)
