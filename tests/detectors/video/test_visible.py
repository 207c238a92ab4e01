"""The visible label of videos is found, with its seconds and its measured height."""

from __future__ import annotations

import pytest

from detectors.video.visible import read_visible
from labeler.model import Status
from labeler.video.encoders import Encoding
from labeler.video.facts import read_facts
from labeler.video.streams import rewrite
from labeler.video.visible import plan_for, render
from moving_pictures import luma_frames, write_video


def labelled(tmp_path, spans, *, seconds=4, rate=10):
    source = write_video(tmp_path / "in.mp4", list(luma_frames(seconds * rate)), rate=rate)
    facts = read_facts(source)
    overlay = render(plan_for(facts, lang="zh", status=Status.IS), facts)

    def edit(frame, at):
        if any(start <= at <= end for start, end in spans):
            overlay.blend(frame)

    target = tmp_path / "out.mp4"
    encoding = Encoding(preset="ultrafast", crf=26)
    rewrite(source, target, facts, edit, container="mp4", encoding=encoding)
    return target, overlay.receipt


def test_a_label_at_the_start_is_found_with_its_end(tmp_path):
    path, receipt = labelled(tmp_path, [(0, 2.0)])
    evidence = read_visible(path)
    assert evidence.found
    assert evidence.text == "AI生成"
    assert evidence.seconds == (0.0, 2.0)
    assert evidence.height_ratio >= 0.05
    assert abs(evidence.box[0] - receipt.box[0]) <= 3


@pytest.mark.parametrize("end", [1.2, 2.7])
def test_the_end_is_found_to_a_frame_or_two(tmp_path, end):
    evidence = read_visible(labelled(tmp_path, [(0, end)])[0])
    assert evidence.seconds[1] == pytest.approx(end, abs=0.21)


def test_a_label_shown_throughout_lasts_to_the_end(tmp_path):
    evidence = read_visible(labelled(tmp_path, [(0, 99)])[0])
    assert evidence.seconds[1] >= 3


def test_a_label_in_the_middle_is_found(tmp_path):
    evidence = read_visible(labelled(tmp_path, [(3.0, 5.2)], seconds=8)[0])
    assert evidence.found
    assert evidence.seconds[0] >= 3


def test_a_film_without_says_how_many_frames_were_looked_at(tmp_path):
    evidence = read_visible(labelled(tmp_path, [])[0])
    assert not evidence.found
    assert "frames looked at" in evidence.detail
    assert evidence.seconds is None
