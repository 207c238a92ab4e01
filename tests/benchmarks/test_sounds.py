"""The recordings, their judges, the contestants, and the clips that are cut."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_speech import noisy_speech

from benchmarks import run_sounds, sound_peers, sound_quality, sound_recovery, sound_report, sounds
from labeler.audio.codec import encode_array


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "one.wav"
    path.write_bytes(encode_array(noisy_speech(16_000, 14), 16_000))
    return sounds.Source(name="made/one", kind="music", path=path)


def test_the_split_is_fixed_by_the_name_and_enough_are_for_testing():
    listed = sounds._listed()
    test = [source for source in listed if source.split == "test"]
    assert len({source.name for source in listed}) == len(listed)
    assert len(test) >= 12
    assert {source.kind for source in test} == set(sounds.KINDS)


def test_an_excerpt_is_the_same_each_time(recording):
    first, rate = sounds.load(recording, 5)
    assert (first.shape, rate) == ((80_000, 1), 16_000)
    assert np.array_equal(first, sounds.load(recording, 5)[0])
    assert sounds.describe(recording, first, rate)["seconds"] == 5


def test_clips_have_their_length_and_are_the_same_each_time():
    samples = np.arange(100_000, dtype=np.float32)[:, None]
    cut = list(sound_recovery.clips(samples, 10_000, 3, "mp3_64@3"))
    assert [len(clip) for clip in cut] == [30_000] * sound_recovery.CLIPS
    assert len({float(clip[0, 0]) for clip in cut}) > 1
    again = sound_recovery.clips(samples, 10_000, 3, "mp3_64@3")
    assert all(np.array_equal(a, b) for a, b in zip(cut, again, strict=True))


def test_louder_changes_are_judged_worse():
    before = noisy_speech(16_000, 6)[:, None]
    chance = np.random.default_rng(1).standard_normal(before.shape).astype(np.float32)
    figures = [
        sound_quality.compare(before, before + level * chance, 16_000) for level in (1e-4, 1e-2)
    ]
    assert figures[0].nmr < figures[1].nmr - 20
    assert figures[0].snr == pytest.approx(figures[1].snr + 40, abs=0.1)


def test_nothing_changed_is_judged_perfect():
    before = noisy_speech(16_000, 3)[:, None]
    assert sound_quality.nmr(before[:, 0], before[:, 0], 16_000) < -100


def test_audiowmark_that_is_not_built_is_named_with_the_reason(monkeypatch):
    monkeypatch.setenv("AUDIOWMARK", "")
    monkeypatch.setenv("PATH", "")
    here, away = sound_peers.contestants()
    assert here == [sound_peers.OURS]
    assert set(away) == set(sound_peers.PEERS)


def test_our_message_is_read_and_another_is_not(recording):
    contestant = sound_peers.make("ours")
    samples, rate = sounds.load(recording, 12)
    message = sound_peers.message_for("made/one")
    claimed = contestant.read(contestant.embed(samples, rate, message), rate, "none")
    assert sound_peers.is_message(claimed, message, contestant)
    assert not sound_peers.is_message(claimed, sound_peers.message_for("other"), contestant)
    assert contestant.read(samples, rate, "none") == ()


def test_a_run_is_resumed_from_its_journal_and_reported(recording, tmp_path):
    task = sound_recovery.Task(source=recording, contestant="ours", trials=("none@10", "mp3_64@10"))
    journal = tmp_path / "journal.jsonl"
    half = sound_recovery.Task(source=recording, contestant="ours", trials=("none@10",))
    assert len(list(sound_recovery.run([half], journal))) == 1
    (row,) = [row for _, _, row in sound_recovery.run([task], journal)]
    assert list(row["recovered"]) == ["mp3_64@10"]
    assert not list(sound_recovery.run([task], journal))
    journal.write_text(journal.read_text("utf-8") + '{"torn', "utf-8")
    (merged,) = sound_recovery.read_journal(journal).values()
    assert set(merged["recovered"]) == {"none@10", "mp3_64@10"}
    summary = sound_report.summarise([merged])
    assert summary["recovery"]["ours"]["64 bits"]["mp3_64@10"]["of"] == sound_recovery.CLIPS


def test_the_report_names_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(sounds, "sources", lambda **_: [])
    out = tmp_path / "out"
    arguments = ["--quick", "--stages", "--work", str(tmp_path / "work"), "--out", str(out)]
    assert run_sounds.main(arguments) == 0
    page = (out / "benchmarks-sound.md").read_text("utf-8")
    assert "not measured" in page
    assert json.loads((out / "benchmarks-sound.json").read_text("utf-8"))["quick"]
