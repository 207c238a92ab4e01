"""Subtitle files beside a video get their label when asked; the notice for the player's page."""

from __future__ import annotations

import pytest

import labeler
from labeler.errors import LayerFailed, OutputFailed
from labeler.texts import interface_notice
from moving_pictures import luma_frames, write_video


SRT = "1\n00:00:00,000 --> 00:00:02,000\nA street at night.\n"
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nUne rue la nuit.\n"


@pytest.fixture
def film(tmp_path):
    return write_video(tmp_path / "in.mp4", list(luma_frames(4, 160, 160)), rate=2)


def test_subtitles_of_every_language_are_labelled_under_the_new_name(film, label):
    film.with_name("in.srt").write_text(SRT, encoding="utf-8")
    film.with_name("in.fr.vtt").write_text(VTT, encoding="utf-8")
    film.with_name("inner.srt").write_text(SRT, encoding="utf-8")
    target = film.with_name("out.mp4")
    receipt = labeler.apply(film, label, output=target, layers="metadata,subtitles").receipt
    names = [film.with_name("out.fr.vtt"), film.with_name("out.srt")]
    assert receipt.layers["visible"]["subtitles"] == [str(name) for name in names]
    for name in names:
        text = name.read_text(encoding="utf-8")
        assert "AI生成" in text
        assert "night" in text or "nuit" in text
    assert not film.with_name("outner.srt").exists()
    assert film.with_name("in.srt").read_text(encoding="utf-8") == SRT


def test_nothing_is_written_when_there_are_none_or_one_would_be_lost(film, label):
    target = film.with_name("out.mp4")
    with pytest.raises(LayerFailed, match="no subtitles stand beside"):
        labeler.apply(film, label, output=target, layers="metadata,subtitles")
    film.with_name("in.srt").write_text(SRT, encoding="utf-8")
    film.with_name("out.srt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputFailed, match="exists"):
        labeler.apply(film, label, output=target, layers="metadata,subtitles")
    assert not target.exists()
    assert film.with_name("out.srt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(("status", "word"), [("1", "人工智能生成"), ("2", "可能"), ("3", "疑似")])
def test_the_notice_for_the_surroundings_of_a_player_says_the_status(film, status, word):
    label = labeler.Label(
        producer="001191440300708461136T1XGW3", content_id="demo-001", status=status
    )
    receipt = labeler.apply(film, label, output=film.with_name("o.mp4"), layers="metadata").receipt
    assert word in receipt.interface_notice
    assert receipt.to_dict()["interface_notice"] == interface_notice(status)
