"""The ruler: known bars of ink measure what they are, sharp or blurred, light or dark."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from labeler.core.image.ruler import measure_ink


def bars(heights, *, ground=40, pen=230, width=12):
    picture = np.full((80, 20 + 24 * len(heights), 3), ground, np.uint8)
    boxes = []
    for i, height in enumerate(heights):
        x, y = 16 + 24 * i, 60 - height
        picture[y:60, x : x + width] = pen
        boxes.append((x, y, x + width, 60))
    return picture, boxes


@pytest.mark.parametrize(("ground", "pen"), [(40, 230), (230, 40)])
def test_sharp_bars_measure_their_rows(ground, pen):
    picture, boxes = bars([10, 21, 33], ground=ground, pen=pen)
    measures = measure_ink(picture, boxes, light_ink=pen > ground)
    assert [m.rows for m in measures] == [10, 21, 33]
    assert [m.height for m in measures] == pytest.approx([10, 21, 33], abs=0.05)


def test_contrast_is_that_of_the_levels():
    picture, boxes = bars([20], ground=0, pen=255)
    assert measure_ink(picture, boxes, light_ink=True)[0].contrast == pytest.approx(21, abs=0.01)
    picture, boxes = bars([20], ground=118, pen=255)
    assert measure_ink(picture, boxes, light_ink=True)[0].contrast == pytest.approx(4.54, abs=0.01)


def test_a_blurred_bar_keeps_its_height_to_a_row():
    picture, boxes = bars([24])
    soft = cv2.GaussianBlur(picture, (0, 0), 1.2)
    measure = measure_ink(soft, boxes, light_ink=True)[0]
    assert measure.height == pytest.approx(24, abs=1.05)


def test_a_box_that_is_a_little_off_does_not_cut_the_ink():
    picture, [(x0, y0, x1, y1)] = bars([40])
    for shift in (-2, 2):
        box = (x0, y0 + shift, x1, y1 + shift)
        assert measure_ink(picture, [box], light_ink=True)[0].rows == 40


def test_bright_ground_past_an_outline_is_no_ink():
    picture, [(x0, y0, x1, y1)] = bars([40], ground=250)
    cv2.rectangle(picture, (x0 - 3, y0 - 3), (x1 + 2, y1 + 2), (0, 0, 0), 3)
    picture[y0:y1, x0:x1] = 255
    assert measure_ink(picture, [(x0, y0, x1, y1)], light_ink=True)[0].rows == 40


def test_flat_boxes_are_left_out():
    flat = np.full((50, 50, 1), 90, np.uint8)
    assert measure_ink(flat, [(10, 10, 20, 30), (60, 60, 70, 70)], light_ink=True) == ()


def test_a_line_that_only_touches_the_box_is_no_glyph():
    picture = np.full((80, 60, 3), 40, np.uint8)
    picture[18:20, 10:40] = 230
    assert measure_ink(picture, [(12, 20, 38, 60)], light_ink=True) == ()


def test_ink_at_the_rim_of_the_picture_is_measured_up_to_it():
    picture = np.full((80, 60, 3), 40, np.uint8)
    picture[:30, 20:32] = 230
    measure = measure_ink(picture, [(20, 0, 32, 30)], light_ink=True)[0]
    assert measure.rows == 30
    assert measure.height == pytest.approx(29.5, abs=0.1)
