"""The audible label in the sound tracks of a video: laid over, never inserted, and heard again."""

from __future__ import annotations

import av
import numpy as np
import pytest

import detectors
import labeler
from labeler.errors import LayerFailed, MediaTooSmall, UnknownPolicy
from labeler.video.cue import LEVEL, CueOrder, plan_cue
from labeler.video.sound import tracks_of
from moving_pictures import luma_frames, write_video


RATE = 48_000


def programme(seconds=8.0, rate=RATE, seed=3):
    noise = np.random.default_rng(seed).normal(size=(round(seconds * rate), 2)).astype(np.float32)
    return noise * np.float32(0.05)


def order(*times, kind="rhythm"):
    return CueOrder(kind=kind, lang="zh", times=times or ("start",))


def packets(path, kind):
    with av.open(str(path)) as file:
        stream = next(s for s in file.streams if s.type == kind)
        return [(p.pts, bytes(p)) for p in file.demux(stream) if p.size]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("cue") / "in.mp4"
    return write_video(path, list(luma_frames(8, 160, 160)), rate=1, sounds=1, noise=True)


@pytest.fixture(scope="module")
def done(film):
    label = labeler.Label(producer="001191440300708461136T1XGW3", content_id="demo-001")
    target = film.with_name("out.mp4")
    receipt = labeler.apply(film, label, output=target, layers="metadata,audible").receipt
    return target, receipt


def test_the_programme_steps_back_and_keeps_its_length_and_its_times():
    samples = programme()
    cue = plan_cue(samples, RATE, 8.0, order("start", "end"))
    whole = cue.lay(samples, 0)
    assert whole.shape == samples.shape
    for start in cue.starts:
        span = slice(start, start + len(cue.clip))
        left = whole[span] - cue.clip[:, None]
        assert np.allclose(left, samples[span] * cue.keep[:, None], atol=1e-6)
    between = slice(cue.starts[0] + len(cue.clip), cue.starts[1])
    assert np.array_equal(whole[between], samples[between])
    assert cue.keep.min() == pytest.approx(LEVEL)
    assert cue.keep[0] == cue.keep[-1] == 1


@pytest.mark.parametrize("block", [1_024, 4_800, 99_991])
def test_blocks_of_any_length_make_the_same_sound(block):
    samples = programme()
    cue = plan_cue(samples, RATE, 8.0, order("middle"))
    parts = [cue.lay(samples[at : at + block], at) for at in range(0, len(samples), block)]
    assert np.array_equal(np.concatenate(parts), cue.lay(samples, 0))


def test_a_track_shorter_than_the_label_is_refused():
    with pytest.raises(MediaTooSmall, match="shorter than the audible label"):
        plan_cue(programme(0.5), RATE, 0.5, order())


def test_the_label_is_heard_in_the_encoded_track_and_the_pictures_are_copied(done, film):
    target, receipt = done
    (track,) = receipt.layers["visible"]["tracks"]
    assert track["kind"] == "rhythm"
    assert track["positions"] == [0.3]
    assert packets(target, "video") == packets(film, "video")
    (before,), (after,) = list(tracks_of(film)), list(tracks_of(target))
    assert abs(len(before.samples) - len(after.samples)) <= 2_048


def test_verify_hears_it_and_says_in_which_track(done):
    target, _ = done
    report = detectors.verify(target, depth="plain")
    (heard,) = [e for e in report.evidence if e.scheme == "rhythm"]
    assert heard.found
    assert heard.detail.startswith("sound track 1")
    assert report.verdict.value == "confirmed"


def test_a_track_that_carries_it_is_left_alone(done, label):
    target, _ = done
    again = target.with_name("again.mp4")
    receipt = labeler.apply(target, label, output=again, layers="metadata,audible").receipt
    (track,) = receipt.layers["visible"]["tracks"]
    assert track["already"]
    assert packets(again, "audio") == packets(target, "audio")


def test_a_film_without_sound_fails_when_sound_is_named(tmp_path, label):
    source = write_video(tmp_path / "in.mp4", list(luma_frames(4, 160, 160)), rate=2)
    for layers in ("metadata,sound", "audible"):
        with pytest.raises(LayerFailed, match="no sound track"):
            labeler.apply(source, label, output=tmp_path / "out.mp4", layers=layers)
    assert not (tmp_path / "out.mp4").exists()


def test_a_spoken_label_goes_where_it_is_asked_for(film, label):
    target = film.with_name("spoken.mp4")
    receipt = labeler.apply(
        film, label, output=target, layers="audible", audible="voice", position="end"
    ).receipt
    (track,) = receipt.layers["visible"]["tracks"]
    assert track["kind"] == "voice"
    assert track["text"]
    (after,) = tracks_of(target)
    (before,) = tracks_of(film)
    least = round((track["positions"][0] - 1) * after.rate)
    assert np.abs(after.samples[:least] - before.samples[:least]).mean() < 0.02


def test_an_unknown_name_among_the_layers_is_refused(film, label):
    with pytest.raises(UnknownPolicy, match="sound, audible, subtitles"):
        labeler.apply(film, label, output=film.with_name("no.mp4"), layers="metadata,noise")
