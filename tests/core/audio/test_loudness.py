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


SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
PASS = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)


def filtered(samples, coefficients):
    """One stage of BS.1770 at 48 kHz, sample by sample, with the numbers that it prints."""
    b0, b1, b2, a1, a2 = coefficients
    one = two = 0.0
    out = []
    for value in samples.tolist():
        out.append(b0 * value + one)
        one, two = b1 * value - a1 * out[-1] + two, b2 * value - a2 * out[-1]
    return np.array(out)


def by_the_letter(samples, weights):
    """Blocks of 0.4 s every 0.1 s, the gate at -70 LUFS, the gate 10 below the mean of the rest."""
    weighted = [filtered(filtered(channel, SHELF), PASS) for channel in samples.T]
    starts = range(0, len(samples) - 19_200 + 1, 4_800)
    power = np.array(
        [
            sum(
                w * (c[at : at + 19_200] ** 2).mean()
                for w, c in zip(weights, weighted, strict=True)
            )
            for at in starts
        ]
    )
    loudness = -0.691 + 10 * np.log10(power)
    heard = loudness > -70
    gate = -0.691 + 10 * np.log10(power[heard].mean()) - 10
    return -0.691 + 10 * np.log10(power[heard & (loudness > gate)].mean())


def swelling(channels, seconds=1.2):
    rng = np.random.default_rng(8)
    noise = rng.standard_normal((round(seconds * 48_000), channels))
    swell = np.linspace(0.003, 0.2, len(noise))[:, None] ** np.linspace(1, 1.5, channels)
    return (noise * swell).astype(np.float32)


@pytest.mark.parametrize(
    "weights", [(1,), (1, 1), (1, 1, 0), (1, 1, 1, 1.41, 1.41), (1, 1, 1, 0, 1.41, 1.41)]
)
def test_loudness_is_that_of_the_recommendation_by_the_letter(weights):
    samples = swelling(len(weights))
    expected = by_the_letter(samples, weights)
    assert integrated_loudness(samples, 48_000) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("level", "counted"), [(-69.0, True), (-71.5, False)])
def test_what_lies_below_minus_seventy_is_silence(level, counted):
    tone = sine(48_000, level_db=level + 3.01, seconds=1)
    assert math.isfinite(integrated_loudness(tone, 48_000)) == counted
