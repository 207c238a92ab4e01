"""The sound tracks of a video: marked when asked for, read again, in step with the picture."""

from __future__ import annotations

import av
import numpy as np
import pytest

from detectors.audio.watermark import read_mark
from labeler.errors import LabelConflict, LayerFailed, UnsupportedMedia
from labeler.keys import DEFAULT_KEY
from labeler.model import Label
from labeler.payload import payload_of
from labeler.video.encoders import Encoding
from labeler.video.facts import read_facts
from labeler.video.sound import SoundOrder, tracks_of
from labeler.video.streams import muxer_for, rewrite
from moving_pictures import luma_frames, write_video


def order(label, seconds=12.0):
    return SoundOrder(
        payload=payload_of(label), key=DEFAULT_KEY, strength="default", seconds=seconds
    )


def passed(source, label):
    target = source.with_name(f"out{source.suffix}")
    facts = read_facts(source)
    written = rewrite(
        source, target, facts, lambda *_: None, container=muxer_for(target),
        encoding=Encoding(preset="ultrafast"), sound=order(label, facts.seconds),
    )  # fmt: skip
    return target, written


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "in.mp4"
    return write_video(path, list(luma_frames(8, 160, 160)), rate=1, sounds=1, noise=True)


@pytest.fixture(scope="module")
def done(film):
    return passed(film, Label(producer="001191440300708461136T1XGW3", content_id="demo-001"))


def test_a_track_is_marked_and_reads_again(done, film, label):
    target, written = done
    (track,) = tracks_of(target)
    evidence = read_mark(track.samples, track.rate, depth="plain")
    assert evidence.found
    assert written.tracks[0]["bits"] == evidence.bits
    assert payload_of(label).mark_hex[:8] == evidence.mark_id[:8]
    (before,) = tracks_of(film)
    assert not read_mark(before.samples, before.rate, depth="plain").found


def test_sound_stays_in_step_with_the_picture(done, film):
    target, _ = done
    before, after = (next(tracks_of(path)).samples[:100_000, 0] for path in (film, target))
    both = np.fft.irfft(np.fft.rfft(after, 1 << 18) * np.conj(np.fft.rfft(before, 1 << 18)))
    assert int(both.argmax()) in {0, 1, len(both) - 1}
    starts, names = [], []
    for path in (film, target):
        with av.open(str(path)) as file:
            (track,) = file.streams.audio
            starts.append(float(track.start_time * track.time_base))
            names.append((track.language, track.codec_context.name))
    assert starts[0] == pytest.approx(starts[1], abs=0.03)
    assert names[0] == names[1]


def test_a_marked_track_is_copied_and_another_mark_is_never_laid_over(done, label):
    target, _ = done
    again = target.with_name("again.mp4")
    facts = read_facts(target)
    common = {"container": "mp4", "encoding": Encoding(preset="ultrafast")}
    written = rewrite(target, again, facts, None, sound=order(label, facts.seconds), **common)
    assert written.tracks[0]["already"]
    assert written.encoder == "copy"
    for kind in ("audio", "video"):
        both = []
        for path in (target, again):
            with av.open(str(path)) as file:
                stream = next(s for s in file.streams if s.type == kind)
                both.append([bytes(p) for p in file.demux(stream) if p.size])
        assert both[0] == both[1]
    other = Label(producer="001191440300708461136T1XGW3", content_id="another")
    with pytest.raises(LabelConflict):
        rewrite(target, again, facts, None, sound=order(other, facts.seconds), **common)


def test_a_track_that_cannot_be_encoded_again_is_refused(film, label, monkeypatch):
    from labeler.video import sound

    monkeypatch.setattr(sound, "ENCODERS", {})
    with pytest.raises(UnsupportedMedia, match="cannot be marked or labelled"):
        passed(film, label)


def test_silence_holds_no_mark(tmp_path, label):
    source = write_video(tmp_path / "in.mp4", list(luma_frames(8, 160, 160)), rate=1, sounds=1)
    with pytest.raises(LayerFailed, match="sound track"):
        passed(source, label)  # a pure tone has hardly a tile to mark
