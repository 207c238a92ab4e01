"""Reading the mark of videos: after transcoding, in parts, in which seconds; none where none is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from detectors.image.watermark import read_mark as read_picture
from detectors.video.watermark import read_mark
from labeler.core.video.summing import inner_part, levelled_sum, profile_of
from labeler.errors import InvalidKey, LabelError
from labeler.keys import DEFAULT_KEY, Key
from labeler.payload import payload_of
from labeler.video.facts import read_facts
from labeler.video.planes import display_picture
from labeler.video.playback import frames_of
from labeler.video.watermark import FrameMarker, FrameShape
from moving_pictures import luma_frames, write_video


HARD = {"crf": "30", "preset": "veryfast"}


def marked(lumas, label, **options):
    rows, columns = lumas[0].shape
    marker = FrameMarker(FrameShape(rows=rows, columns=columns), payload_of(label), **options)
    out = [luma.copy() for luma in lumas]
    for luma in out:
        marker.mark(luma)
    return out


@pytest.fixture(scope="module")
def film():
    from labeler.model import Label

    label = Label(producer="001191440300708461136T1XGW3", content_id="demo-001")
    return marked(list(luma_frames(30)), label)


def agrees(evidence, label):
    return evidence.found and evidence.bits == 64 and evidence.mark_id == payload_of(label).mark_hex


def test_it_survives_a_hard_transcode(tmp_path, film, label):
    path = write_video(tmp_path / "hard.mp4", film, options=HARD)
    evidence = read_mark(path)
    assert agrees(evidence, label)
    assert evidence.p_value <= 1e-9
    assert evidence.key == "default"
    assert "frames summed" in evidence.detail


@pytest.mark.parametrize(
    "change",
    [
        lambda y: y[40:330, 60:600],
        lambda y: y[:, ::-1],
        lambda y: cv2.resize(y, (480, 270), interpolation=cv2.INTER_AREA),
        lambda y: np.pad(y, ((140, 140), (0, 0)), constant_values=16),
        lambda y: cv2.warpAffine(y, cv2.getRotationMatrix2D((320, 180), 3, 1), (640, 360)),
    ],
    ids=["cropped", "mirrored", "reduced", "letterboxed", "turned"],
)
def test_it_survives_changes_of_the_picture(tmp_path, film, label, change):
    frames = [np.ascontiguousarray(change(luma)) for luma in film]
    path = write_video(tmp_path / "changed.mp4", frames, options=HARD)
    assert agrees(read_mark(path), label)


def test_a_still_of_the_video_reads_as_a_picture(tmp_path, film, label):
    path = write_video(tmp_path / "film.mp4", film, options={"crf": "26", "preset": "veryfast"})
    facts = read_facts(path)
    stills = [display_picture(s.frame, facts) for s in frames_of(path)][::10]
    assert all(agrees(read_picture(still), label) for still in stills)


def test_the_seconds_that_carry_it_are_named(tmp_path, label):
    plain = list(luma_frames(36, seed=5))
    lumas = plain[:12] + marked(plain[12:24], label) + plain[24:]
    path = write_video(tmp_path / "part.mp4", lumas, rate=2, options={"crf": "20", "g": "6"})
    evidence = read_mark(path)
    assert agrees(evidence, label)
    assert "marked in seconds 6 to 12" in evidence.detail


def test_unmarked_films_give_nothing(tmp_path):
    for seed in (1, 2, 3):
        path = write_video(tmp_path / f"{seed}.mp4", list(luma_frames(12, seed=seed)))
        evidence = read_mark(path)
        assert not evidence.found
        assert evidence.p_value > 1e-9
        assert not evidence.mark_id


def test_another_key_reads_nothing_and_several_are_tried(tmp_path, film, label):
    path = write_video(tmp_path / "film.mp4", film)
    other = Key(name="other", secret=bytes(range(32)))
    assert not read_mark(path, keys=(other,), depth="plain").found
    assert agrees(read_mark(path, keys=(other, DEFAULT_KEY), depth="plain"), label)


def test_no_key_and_no_video_are_errors(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"no film")
    with pytest.raises(InvalidKey):
        read_mark(path, keys=())
    with pytest.raises(LabelError):
        read_mark(path)


def test_a_film_that_breaks_off_is_read_as_far_as_it_goes(tmp_path, film, label):
    path = write_video(tmp_path / "film.mkv", film, options={"crf": "20", "g": "5"})
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert agrees(read_mark(cut), label)


def test_borders_are_what_is_flat_in_all_frames():
    frames = [luma.astype(np.float32) for luma in luma_frames(3)]
    boxed = [np.pad(luma, ((50, 50), (30, 0)), constant_values=16) for luma in frames]
    black = np.full_like(boxed[0], 16)
    inner = inner_part([profile_of(luma) for luma in [black, *boxed]])
    assert (inner.top, inner.bottom, inner.left, inner.right) == (53, 407, 33, 670)
    assert inner_part([profile_of(luma) for luma in frames]) is None
    assert inner_part([profile_of(black)]) is None


def test_places_of_a_sum_weigh_alike():
    rng = np.random.default_rng(1)
    total = rng.normal(size=(200, 200)).astype(np.float32)
    total[:, 100:] *= 20
    level = levelled_sum(total)
    assert total[:, :90].std() / total[:, 110:].std() < 0.06
    assert level[:, :90].std() / level[:, 110:].std() > 0.25
    assert np.abs(level).max() <= 2.5
