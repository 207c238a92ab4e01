"""Which frames are looked at for a label, and what is told where nothing can be read."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from detectors.findings import NOT_EXAMINED
from detectors.video import foreign, sound, visible, watermark
from labeler.core.image.reading import NOTHING
from labeler.keys import DEFAULT_KEY
from labeler.video.playback import Shown
from labeler.video.sound import Track
from labeler.video.sums import Part, Sums


def film(monkeypatch, module, seconds):
    """Frames of a video that is never decoded: so many a second, key frames further apart."""

    def frames_of(_path, *, keys_only=False, start=0.0, end=None):
        step = 2.0 if keys_only else 0.2
        times = np.arange(0, seconds, step)
        last = seconds if end is None else end
        return iter([Shown(frame=None, seconds=float(t)) for t in times if start <= t < last])

    monkeypatch.setattr(module, "frames_of", frames_of)
    return SimpleNamespace(seconds=seconds, rate=5.0)


def test_a_film_of_minutes_is_looked_at_all_over(monkeypatch):
    facts = film(monkeypatch, visible, 60.0)
    seen = [round(shown.seconds, 1) for shown in visible._sampled(None, facts)]
    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert min(abs(at - 30.0) for at in seen) <= 1 / facts.rate
    assert seen[-1] >= 58
    assert 8 <= len(seen) <= 20
    assert max(np.diff(seen)) <= 12


def test_a_clip_of_a_moment_is_looked_at_to_its_last_frame(monkeypatch):
    facts = film(monkeypatch, visible, 1.5)
    assert [round(s.seconds, 1) for s in visible._sampled(None, facts)] == [0.0, 0.6, 1.0, 1.4]
    facts = film(monkeypatch, visible, 0.1)
    assert [s.seconds for s in visible._sampled(None, facts)] == [0.0]


def test_where_no_frame_follows_there_is_none_to_look_at(monkeypatch):
    film(monkeypatch, visible, 3.0)
    assert list(visible._one(None, 99.0)) == []
    assert [shown.seconds for shown in visible._one(None, 1.0)] == [1.0]


def test_labels_of_others_are_looked_for_on_few_frames_however_long_the_film(monkeypatch):
    facts = film(monkeypatch, foreign, 600.0)
    seen = [shown.seconds for shown in foreign._searched(None, facts)]
    assert seen[:2] == [0.0, 1.0]
    assert len(seen) == 2 + foreign._MOST
    assert seen[-1] > 500


def test_a_track_of_a_rate_without_marks_is_told_as_not_examined(monkeypatch):
    track = Track(samples=np.zeros((100, 1), np.float32), rate=4_000, stream=3)
    monkeypatch.setattr(sound, "tracks_of", lambda _: [track])
    (row,) = sound.read_tracks(None, keys=[DEFAULT_KEY])
    assert not row.found
    assert row.detail.startswith(NOT_EXAMINED)
    assert "4000" in row.detail


@pytest.mark.parametrize("parts", [{}, {0: Part(total=np.ones((8, 90), np.float32))}])
def test_hardly_any_pixels_are_no_picture_to_read(parts):
    facts = SimpleNamespace(display_size=(90, 8), seconds=1.0)
    gathered = Sums(length=2.0, parts=parts)
    answer = watermark._read(gathered, facts, [DEFAULT_KEY], "plain", by_parts=True)
    assert answer.finding is NOTHING


def test_borders_that_leave_hardly_anything_are_not_cut_off():
    busy = np.full(40, 9.0, np.float32)
    busy[12:] = 0
    gathered = Sums(length=2.0, profiles=[(busy, np.full(90, 9.0, np.float32))])
    total = np.ones((40, 90), np.float32)
    looks = list(watermark._looks(gathered, total, "fast", by_parts=False))
    assert [look.inner for look in looks] == [None, None]
    assert all(look.plane is total for look in looks)


def test_runs_of_marked_parts_are_told_as_seconds():
    gathered = Sums(length=2.5)
    facts = SimpleNamespace(seconds=19.0)
    assert list(watermark._spans([1, 2, 7], list(range(8)), gathered, facts)) == [
        "2 to 8",
        "17 to 19",
    ]
    endless = SimpleNamespace(seconds=0.0)
    assert list(watermark._spans([7], list(range(8)), gathered, endless)) == ["17 to 20"]


def test_a_bent_finding_says_nothing_about_seconds():
    gathered = Sums(length=2.0, parts={0: Part(total=np.ones((90, 90), np.float32))})
    answer = watermark._Answer(finding=NOTHING, key=DEFAULT_KEY)
    assert watermark._where(gathered, answer, SimpleNamespace(seconds=2.0)) == ""
