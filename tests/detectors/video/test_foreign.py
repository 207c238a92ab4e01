"""Visible labels of others in moving pictures: found on few frames, followed in their box."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import detectors
from detectors.image.ocr_models import model_files
from detectors.video.foreign import read_foreign_label
from labeler.image.fonts import __file__ as fonts
from makers import photo
from moving_pictures import write_video


pytestmark = [
    pytest.mark.ocr,
    pytest.mark.skipif(
        model_files() is None, reason="the extra ocr (rapidocr, onnxruntime) is not installed"
    ),
]


def film(path, *, first=0, last=10**6, frames=35, rate=10):
    """Write 640 x 400 pixels of brightness with a label of another look on some frames."""
    ground = cv2.resize(photo("coffee", 400), (640, 400))
    file = fonts.replace("__init__.py", "NotoSansCJKsc-Bold-labels.otf")
    labelled = Image.fromarray(ground)
    pen = ImageDraw.Draw(labelled)
    pen.rectangle((10, 350, 280, 392), fill=(0, 0, 0))
    pen.text((20, 350), "内容由AI生成", font=ImageFont.truetype(file, 34), fill=(255, 255, 0))
    levels = [np.asarray(Image.fromarray(np.asarray(p)).convert("L")) for p in (ground, labelled)]
    return write_video(path, [levels[first <= i < last] for i in range(frames)], rate=rate)


def test_a_label_is_found_with_its_place_and_its_time(tmp_path):
    row = read_foreign_label(film(tmp_path / "a.mp4", last=24))
    assert row.found
    assert row.text == "内容由AI生成"
    assert row.box[0] < 40 and row.box[1] > 330  # noqa: PT018  one corner
    start, end = row.seconds
    assert start == 0
    assert end == pytest.approx(2.3, abs=0.11)


def test_a_film_without_a_label_has_none(tmp_path):
    row = read_foreign_label(film(tmp_path / "a.mp4", first=10**6))
    assert not row.found
    assert "frames looked at" in row.detail


def test_verify_counts_it_and_judges_its_duration(tmp_path):
    report = detectors.verify(film(tmp_path / "a.mp4", last=10))
    assert report.verdict.value == "suspected"
    rows = {row.requirement: row.status.value for row in report.conformity}
    assert rows["R-19"] == "fail"  # one second is too short
    assert rows["R-01"] == "pass"


def test_without_ocr_the_row_says_so(tmp_path):
    report = detectors.verify(film(tmp_path / "a.mp4"), ocr=False)
    (row,) = [row for row in report.evidence if row.layer.value == "visible"]
    assert "foreign visible labels not examined" in row.detail
