"""Loudness after BS.1770-4: its own test signals, FFmpeg as witness, the gates."""

from __future__ import annotations

import math
import re
import shutil
import subprocess

import numpy as np
import pytest

from labeler.core.audio.loudness import integrated_loudness


def sine(rate, hertz=997.0, level_db=-23.0, seconds=4.0):
    t = np.arange(round(seconds * rate)) / rate
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def bursts(rate, channels):
    rng = np.random.default_rng(5)
    n = rate * 6
    swell = np.abs(np.sin(np.arange(n) / rate))[:, None] ** 3 + 0.003
    return (rng.standard_normal((n, channels)) * 0.1 * swell).clip(-1, 1).astype(np.float32)


def by_ffmpeg(samples, rate):
    stored = np.rint(samples * 32767).astype("<i2")
    form = ["-f", "s16le", "-ar", str(rate), "-ac", str(stored.shape[1]), "-i", "-"]
    told = subprocess.run(
        ["ffmpeg", "-nostats", "-threads", "1", *form, "-af", "ebur128", "-f", "null", "-"],
        input=stored.tobytes(),
        capture_output=True,
        check=True,
    ).stderr.decode()
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1])


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 96_000])
def test_the_reference_tone_has_the_loudness_of_its_level_less_three(rate):
    assert integrated_loudness(sine(rate), rate) == pytest.approx(-26.0, abs=0.1)


def test_two_channels_are_three_units_louder_than_one():
    tone = sine(48_000)
    both = integrated_loudness(np.stack([tone, tone], axis=1), 48_000)
    assert both == pytest.approx(-23.0, abs=0.1)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
@pytest.mark.parametrize(
    ("rate", "channels"),
    [(8_000, 1), (11_025, 1), (22_050, 2), (44_100, 2), (48_000, 6), (48_000, 8), (96_000, 1)],
)
def test_ffmpeg_measures_the_same(rate, channels):
    samples = bursts(rate, channels)
    assert integrated_loudness(samples, rate) == pytest.approx(by_ffmpeg(samples, rate), abs=0.2)


def test_rest_does_not_count():
    tone = sine(48_000)
    rest = np.zeros(48_000 * 8, np.float32)
    alone = integrated_loudness(tone, 48_000)
    assert integrated_loudness(np.concatenate([tone, rest]), 48_000) == pytest.approx(
        alone, abs=0.2
    )


def test_what_is_far_quieter_than_the_rest_does_not_count():
    loud, soft = sine(48_000), sine(48_000, level_db=-50)
    both = integrated_loudness(np.concatenate([loud, soft]), 48_000)
    assert both == pytest.approx(integrated_loudness(loud, 48_000), abs=0.2)


def test_silence_and_nothing_have_no_loudness():
    assert integrated_loudness(np.zeros(48_000, np.float32), 48_000) == -math.inf
    assert integrated_loudness(np.zeros(0, np.float32), 48_000) == -math.inf


def test_a_fifth_of_a_second_is_measured_as_a_whole():
    assert integrated_loudness(sine(48_000, seconds=0.2), 48_000) == pytest.approx(-26, abs=0.5)


def test_what_is_left_of_a_last_step_does_not_count():
    tone = sine(48_000, seconds=2.0)
    longer = np.concatenate([tone, np.ones(2_400, np.float32)])
    assert integrated_loudness(longer, 48_000) == integrated_loudness(tone, 48_000)


def test_bass_counts_less_than_treble():
    bass, treble = sine(48_000, 40), sine(48_000, 4_000)
    assert integrated_loudness(bass, 48_000) < integrated_loudness(treble, 48_000) - 6
