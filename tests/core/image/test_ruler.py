"""The ruler: known bars of ink measure what they are, sharp or blurred, light or dark."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy import ndimage

from labeler.core.image import ruler
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


@pytest.mark.parametrize(
    ("peak", "inner", "rows", "height"),
    [
        ([0, 0, 100, 100, 100, 0, 0], (0, 7), 3, 3.0),
        ([100, 100, 0], (0, 3), 2, 1.5),
        ([0, 100, 100], (0, 3), 2, 1.5),
        ([100, 100, 100], (1, 2), 3, 2.0),
        ([0, 20, 100, 90, 10, 0], (0, 6), 2, 1 + 50 / 80 + 40 / 80),
        ([49.9, 50.5, 50, 49], (0, 4), 2, 1 + 0.5 / 0.6 + 0.0),
        ([60, 0, 100, 0, 60], (1, 4), 1, 1.0),
        ([60, 60, 100, 60, 60], (2, 3), 5, 4.0),
        ([0, 100, 0, 100, 0], (0, 5), 3, 3.0),
        ([100, 0, 0, 0, 100], (1, 4), 0, 0.0),
        ([0, 0], (0, 2), 0, 0.0),
    ],
)
def test_the_extent_ends_where_the_level_is_crossed(peak, inner, rows, height):
    seen = ruler._extent(np.array(peak, np.float32), 50.0, inner)
    assert seen == (rows, pytest.approx(height, abs=1e-4))


def test_a_grown_box_is_cut_at_the_rim_of_the_picture():
    pixels = np.random.default_rng(1).integers(0, 256, (30, 40, 1)).astype(np.uint8)
    grey = pixels[..., 0].astype(np.float32)
    for box, part, row, column in (
        ((10, 8, 20, 18), grey[5:21, 7:23], 3, 3),
        ((0, 1, 6, 9), grey[:12, :9], 1, 0),
        ((2, 0, 6, 9), grey[:12, :9], 0, 2),
        ((30, 20, 40, 30), grey[17:, 27:], 3, 3),
    ):
        for light_ink, sign in ((True, 1), (False, -1)):
            seen = ruler._grown(pixels, box, 3, light_ink=light_ink)
            assert np.array_equal(seen[0], sign * part)
            assert seen[1:] == (row, column)
    assert ruler._grown(pixels, (50, 50, 60, 60), 3, light_ink=True)[0].shape == (0, 0)


def test_levels_are_the_luma_of_colours():
    pixels = np.random.default_rng(2).integers(0, 256, (5, 6, 3)).astype(np.uint8)
    assert np.abs(ruler._grey(pixels) - pixels @ [0.299, 0.587, 0.114]).max() <= 0.6
    assert ruler._grey(pixels).dtype == np.float32


def contrast_by_the_book(share, light, reach, *, light_ink):
    ink = share >= np.float32(0.8)
    near = ndimage.binary_dilation(ink, np.ones((2 * reach + 1, 2 * reach + 1)))
    blurred = ndimage.binary_dilation(share >= np.float32(0.35), np.ones((3, 3)))
    ring = near & ~blurred
    ground = np.percentile(light[ring], 90 if light_ink else 10)
    one, other = sorted((np.median(light[ink]), ground))
    return ring.sum(), (other + 0.05) / (one + 0.05)


@pytest.mark.parametrize("light_ink", [True, False])
@pytest.mark.parametrize("reach", [2, 3, 5])
def test_the_contrast_is_to_the_worse_tenth_of_the_ring(reach, light_ink):
    rng = np.random.default_rng(reach)
    share = np.zeros((40, 50), np.float32)
    share[15:24, 20:30] = 1
    share[12:15, 20:30] = 0.35
    share[24:26, 20:30] = 0.34
    share[30:36, 20:25] = 0.8
    light = rng.uniform(0, 1, share.shape).astype(np.float32)
    pixels, wanted = contrast_by_the_book(share, light, reach, light_ink=light_ink)
    assert pixels > 30
    seen = ruler._contrast(share, light, reach, light_ink=light_ink)
    assert seen == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize(("begin", "ground"), [(11, 0.2), (12, 0.6)])
def test_a_ring_of_fewer_than_four_pixels_gives_way_to_all_ground(begin, ground):
    share = np.full((1, 40), 0.5, np.float32)
    share[0, 10], share[0, begin:] = 1, 0
    light = np.full(share.shape, 0.6, np.float32)
    light[0, 10], light[0, 11:16] = 1, 0.2
    seen = ruler._contrast(share, light, 5, light_ink=True)
    assert seen == pytest.approx(1.05 / (ground + 0.05), rel=1e-4)


def test_where_all_ground_is_blurred_its_faintest_part_counts():
    share = np.linspace(0.4, 1, 20, dtype=np.float32)[None]
    light = np.where(share > 0.5, 0.9, 0.1).astype(np.float32)
    assert ruler._contrast(share, light, 2, light_ink=False) == pytest.approx(0.95 / 0.15, rel=1e-4)


def test_ink_is_followed_a_little_beyond_its_box_and_no_further():
    picture = np.full((120, 60, 3), 40, np.uint8)
    picture[:, 24:32] = 230
    (measure,) = measure_ink(picture, [(20, 40, 36, 80)], light_ink=True)
    assert measure.rows == 40 + 2 * round(ruler._SPARE * 40)


def test_the_contrast_of_an_outlined_glyph_is_that_to_its_outline():
    picture = np.full((120, 120, 3), 250, np.uint8)
    picture[30:90, 40:80] = 0
    picture[40:80, 50:70] = 255
    (measure,) = measure_ink(picture, [(50, 40, 70, 80)], light_ink=True)
    assert measure.rows == 40
    assert measure.height == pytest.approx(40, abs=0.05)
    assert measure.contrast == pytest.approx(21, abs=0.01)


def test_the_contrast_of_a_small_glyph_is_that_to_an_outline_of_two_pixels():
    picture = np.full((120, 120, 3), 250, np.uint8)
    picture[78:102, 48:62] = 0
    picture[80:100, 50:60] = 255
    (measure,) = measure_ink(picture, [(50, 80, 60, 100)], light_ink=True)
    assert measure.contrast == pytest.approx(21, abs=0.01)


@pytest.mark.parametrize("left", [0, 20])
def test_a_stroke_in_the_first_or_last_column_counts_for_the_height(left):
    for stroke in (left, left + 11):
        picture = np.full((120, 60, 3), 40, np.uint8)
        picture[60:80, left : left + 12] = 230
        picture[40:80, stroke] = 230
        (measure,) = measure_ink(picture, [(left, 40, left + 12, 80)], light_ink=True)
        assert measure.rows == 40


def test_a_neighbour_two_columns_away_does_not_count_for_the_height():
    picture = np.full((120, 60, 3), 40, np.uint8)
    picture[40:80, 20:32] = 230
    picture[:, [18, 33]] = 230
    (measure,) = measure_ink(picture, [(20, 40, 32, 80)], light_ink=True)
    assert measure.rows == 40
