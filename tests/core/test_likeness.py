"""Perceptual prints: alike for copies, unlike for others, none where nothing is to be seen."""

from __future__ import annotations

import cv2
import numpy as np

from labeler.core.likeness import HOP_SECONDS, PRINT_BYTES, WINDOW, picture_print, sound_prints
from makers import photo
from synthetic_sounds import music, speech


RATE = 16_000


def luma(name):
    return cv2.cvtColor(photo(name, 400), cv2.COLOR_RGB2GRAY)


def differing(one, other):
    return int(np.bitwise_count(one ^ other).sum())


def test_a_copy_that_was_scaled_and_coded_has_nearly_the_same_print():
    picture = luma("astronaut")
    _, data = cv2.imencode(".jpg", cv2.resize(picture, (170, 150)), [cv2.IMWRITE_JPEG_QUALITY, 40])
    copy = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    assert differing(picture_print(picture), picture_print(copy)) < 20
    assert 80 < differing(picture_print(picture), picture_print(luma("coffee"))) < 176


def test_a_flat_picture_has_no_print():
    assert picture_print(np.full((90, 120), 200, np.uint8)).shape == (0, PRINT_BYTES)


def test_a_sound_has_one_print_each_step_and_at_most_so_many():
    sound = speech(12.0, RATE)
    columns = int((len(sound) / RATE - 0.128) / HOP_SECONDS) + 1
    prints = sound_prints(sound, RATE, step=16, most=99)
    assert prints.shape == ((columns - WINDOW) // 16 + 1, PRINT_BYTES)
    assert np.array_equal(sound_prints(sound, RATE, step=16, most=2), prints[:2])


def test_louder_copies_at_another_rate_sound_alike_and_others_do_not():
    one = speech(6.0, RATE)
    copy = 0.3 * np.interp(np.arange(0, len(one), 2), np.arange(len(one)), one).astype(np.float32)
    mine, same = (
        sound_prints(samples, rate, step=99, most=1)
        for samples, rate in ((one, RATE), (copy, 8_000))
    )
    other = sound_prints(music(6.0, RATE), RATE, step=99, most=1)
    assert differing(mine, same) < 50
    assert differing(mine, other) > 80


def test_silence_a_hum_and_too_short_a_sound_have_no_print():
    hum = np.sin(2 * np.pi * 440 * np.arange(6 * RATE) / RATE).astype(np.float32)
    for sound in (np.zeros(6 * RATE, np.float32), hum, hum[:500], speech(1.0, RATE)):
        assert sound_prints(sound, RATE, step=8, most=9).shape == (0, PRINT_BYTES)
