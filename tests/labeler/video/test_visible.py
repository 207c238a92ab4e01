"""The visible label of videos: long enough, high enough, in any kind of frame."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from detectors.image.visible import read_visible
from labeler.errors import UnknownPolicy, UnsupportedMedia
from labeler.model import Status
from labeler.video.facts import read_facts
from labeler.video.planes import display_picture, plane_of
from labeler.video.playback import frames_of
from labeler.video.visible import (
    LEAST_SECONDS,
    Place,
    parse_position,
    plan_for,
    render,
    schedule_for,
)
from moving_pictures import luma_frames, write_video


def labelled_frames(schedule, times):
    before = [None, *times[:-1]]
    return [at for at, last in zip(times, before, strict=True) if schedule.shows(at, last)]


@pytest.mark.parametrize("rate", [15, 24, 25, 29.97, 30, 60, 120])
def test_at_the_start_it_lasts_two_seconds_and_the_frame_after(rate):
    schedule = schedule_for(("start",), 60, 1 / rate)
    times = [index / rate for index in range(math.ceil(rate * 4))]
    shown = labelled_frames(schedule, times)
    assert shown == times[: math.ceil(2 * rate - 1e-6) + 1]
    assert shown[-1] >= LEAST_SECONDS


def test_frames_of_varying_rate_count_by_their_times():
    schedule = schedule_for(("start",), 10, 0.04)
    assert labelled_frames(schedule, [0, 0.1, 1.9, 2.3, 2.4, 3]) == [0, 0.1, 1.9, 2.3]


def test_a_film_shorter_than_two_seconds_carries_it_throughout_and_says_so():
    schedule = schedule_for(("start",), 1.2, 0.04)
    assert "1.20 s" in schedule.note
    assert schedule.shows(1.19, 1.15)


def test_full_middle_and_end_are_where_they_say():
    times = [index / 25 for index in range(500)]
    assert len(labelled_frames(schedule_for(("full",), 20, 0.04), times)) == 500
    middle = labelled_frames(schedule_for(("middle",), 20, 0.04), times)
    assert middle[0] <= 9
    assert 11 <= middle[-1] < 11.1
    end = labelled_frames(schedule_for(("start", "end"), 20, 0.04), times)
    assert end[51] <= 18
    assert end[-1] == times[-1]


def test_the_end_of_a_film_of_unknown_length_is_refused():
    with pytest.raises(UnsupportedMedia, match="how long"):
        schedule_for(("end",), 0, 0.04)


def test_positions_name_a_corner_and_times():
    assert parse_position("bottom-right") == Place(corner="bottom-right", times=("start",))
    assert parse_position("top-left, full") == Place(corner="top-left", times=("full",))
    assert parse_position("end,start").times == ("start", "end")
    for wrong in ("left", "top-left,top-right", ""):
        with pytest.raises(UnknownPolicy, match="position"):
            parse_position(wrong)


@pytest.mark.parametrize(
    ("pixel_format", "turn", "aspect"),
    [
        ("yuv420p", 0, None),
        ("yuv422p", 0, None),
        ("yuv444p", 0, None),
        ("yuv420p10le", 0, None),
        ("yuv420p", 90, None),
        ("yuv420p", 180, None),
        ("yuv420p", 270, None),
        ("yuv420p", 0, Fraction(4, 3)),
        ("yuv420p", 90, Fraction(3, 4)),
    ],
)
def test_it_reads_on_frames_as_players_show_them(tmp_path, pixel_format, turn, aspect):
    lumas = list(luma_frames(2))
    path = write_video(
        tmp_path / "in.mp4", lumas, pixel_format=pixel_format, turn=turn, aspect=aspect
    )
    facts = read_facts(path)
    overlay = render(plan_for(facts, lang="zh", status=Status.IS), facts)
    shown = next(frames_of(path))
    shown.frame.make_writable()
    before = [plane_of(shown.frame, index, facts.bits).copy() for index in range(3)]
    overlay.blend(shown.frame)
    evidence = read_visible(display_picture(shown.frame, facts))
    assert evidence.found
    assert evidence.text == "AI生成"
    assert evidence.height_ratio >= 0.05
    assert evidence.contrast >= 4.5
    x, y, w, h = overlay.receipt.box
    assert abs(evidence.box[0] - x) <= 4
    assert abs(evidence.box[1] - y) <= 4
    changed = plane_of(shown.frame, 0, facts.bits) != before[0]
    assert 0 < changed.mean() < 2.5 * w * h / (facts.display_size[0] * facts.display_size[1])


def test_chroma_under_the_plate_goes_grey(tmp_path):
    path = write_video(tmp_path / "in.mp4", list(luma_frames(2)))
    facts = read_facts(path)
    overlay = render(plan_for(facts, lang="zh", status=Status.IS), facts)
    shown = next(frames_of(path))
    shown.frame.make_writable()
    before = plane_of(shown.frame, 1, 8).astype(int).copy()
    overlay.blend(shown.frame)
    x, y, w, h = (side // 2 for side in overlay.receipt.box)
    inside = np.s_[y + 3 : y + h - 3, x + 3 : x + w - 3]
    after = plane_of(shown.frame, 1, 8).astype(int)
    assert np.abs(after[inside] - 128).mean() < 0.6 * np.abs(before[inside] - 128).mean()
