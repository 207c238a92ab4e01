"""Reading audible labels back: ours, those of others, and nothing where there is nothing."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest

from detectors.audio.audible import find_labels, read_audible, score_p_value
from detectors.audio.facts import AudibleFacts, describe, facts_of
from detectors.evidence import VisibleEvidence
from detectors.findings import was_examined
from labeler.audio.audible import insert_label, plan_label
from labeler.core.audio.cue import Rhythm, render_rhythm


RATE = 16_000


def programme(seconds=5.0, rate=RATE):
    rng = np.random.default_rng(2)
    n = round(seconds * rate)
    swell = 0.05 + np.abs(np.sin(3 * np.arange(n) / rate)) ** 2
    return (rng.standard_normal(n) * swell * 0.1).astype(np.float32)


def labelled(rate=RATE, **options):
    samples = programme(rate=rate)
    return insert_label(samples, rate, plan_label(samples, rate, **options))[0]


def coded(samples, *arguments, form):
    common = ["ffmpeg", "-v", "error", "-threads", "1"]
    raw = ["-f", "f32le", "-ar", str(RATE), "-ac", "1"]
    file = subprocess.run(
        [*common, *raw, "-i", "-", *arguments, "-f", form, "-"],
        input=samples.astype("<f4").tobytes(),
        capture_output=True,
        check=True,
    ).stdout
    decoded = subprocess.run(
        [*common, "-i", "-", *raw, "-"], input=file, capture_output=True, check=True
    ).stdout
    return np.frombuffer(decoded, "<f4")


@pytest.mark.parametrize("position", ["start", "middle", "end"])
@pytest.mark.parametrize(("kind", "lang"), [("rhythm", "zh"), ("voice", "zh"), ("voice", "en")])
def test_our_labels_are_found_where_they_were_put(kind, lang, position):
    found = read_audible(labelled(kind=kind, lang=lang, positions=(position,)), RATE)
    assert found.found
    assert found.scheme == kind
    assert found.p_value < 1e-6
    facts = facts_of(found)
    assert facts.own
    assert facts.position == position
    assert facts.level == pytest.approx(0, abs=1)
    if kind == "voice":
        assert 120 <= facts.pace <= 160
    else:
        assert facts.gap == pytest.approx(3, abs=0.2)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
@pytest.mark.parametrize("kind", ["rhythm", "voice"])
@pytest.mark.parametrize(
    ("arguments", "form"),
    [
        (["-c:a", "libmp3lame", "-b:a", "64k"], "mp3"),
        (["-c:a", "libopus", "-b:a", "16k"], "ogg"),
        (["-ar", "44100"], "wav"),
        (["-c:a", "pcm_mulaw", "-ar", "8000"], "wav"),
    ],
    ids=["MP3 64k", "Opus 16k", "44.1 kHz", "8 kHz mu-law"],
)
def test_our_labels_survive_codecs_and_rates(kind, arguments, form):
    found = read_audible(coded(labelled(kind=kind), *arguments, form=form), RATE)
    assert found.scheme == kind
    assert facts_of(found).own


@pytest.mark.parametrize("speed", [0.9, 1.1])
@pytest.mark.parametrize("kind", ["rhythm", "voice"])
def test_our_labels_are_found_at_other_speeds(kind, speed):
    sound = labelled(kind=kind)
    at = np.arange(0, len(sound) - 1, speed)
    found = read_audible(np.interp(at, np.arange(len(sound)), sound).astype(np.float32), RATE)
    assert found.scheme == kind
    assert facts_of(found).own


def test_every_copy_is_reported():
    found = find_labels(labelled(positions=("start", "middle", "end")), RATE)
    assert [facts_of(one).position for one in found].count("middle") == 1
    assert len(found) == 3


def test_a_rhythm_of_others_is_probable_and_says_its_letter_gap():
    cue = 0.2 * render_rhythm(RATE, Rhythm(unit=0.12, gap=1.0, tone=1_000))
    rest = np.zeros(round(0.3 * RATE), np.float32)
    found = read_audible(np.concatenate([programme(), rest, cue, rest]), RATE)
    assert found.found
    assert found.detail.startswith("probable rhythm at end")
    assert facts_of(found).gap == pytest.approx(1.0, abs=0.2)
    assert not facts_of(found).own


def test_nothing_is_found_in_sound_without_a_label_and_the_row_says_what_was_not_looked_for():
    found = read_audible(programme(8), RATE)
    assert not found.found
    assert was_examined(found)
    assert "no speech recognition" in found.detail


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros((100, 2), np.float32)])
def test_empty_and_silent_sound_holds_nothing(samples):
    assert not read_audible(samples, RATE).found


def test_a_rate_too_low_to_look_at_is_said_to_be_unexamined():
    assert not was_examined(read_audible(programme(rate=6_000), 6_000))


def test_stereo_is_read():
    sound = labelled()
    assert read_audible(np.stack([sound, sound], axis=1), RATE).scheme == "rhythm"


def test_longer_sound_makes_the_same_score_less_certain():
    assert score_p_value(0.8, "own", 10) > score_p_value(0.8, "own", 0.1)
    assert score_p_value(0.5, "own", 1000) == 1


def test_facts_are_read_back_as_they_were_written():
    for facts in (
        AudibleFacts(
            kind="rhythm",
            begin=0.3,
            end=1.62,
            position="start",
            level=-1.5,
            unit=0.12,
            gap=2.9,
            tone=880,
        ),
        AudibleFacts(kind="voice", begin=7.25, end=11.5, position="middle", pace=140),
        AudibleFacts(kind="rhythm", begin=1, end=2, position="end", gap=1.0, own=False),
    ):
        row = VisibleEvidence(scheme=facts.kind, found=True, detail=f"{describe(facts)}; more")
        assert facts_of(row) == facts


def test_rows_of_pictures_hold_no_facts_of_sound():
    assert facts_of(VisibleEvidence(scheme="text", found=True, detail="at the edge")) is None
