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


PICTURE_PRINT = "802bcae3fee213f120205fcdebb4afda8614170290f510bf4c21fe88dcfd8430"
SOUND_PRINTS = (
    "63d72ace2b7fa04eca10fd7a6ae1626b878d6e4c9db3528860d6b6700d21bd85"
    "5c303962ac58619f9f0852305730da6479a4960b7399a9844b8bc3d283c092e2"
)
"""As registries keep them since the first release: what is stored has to be found again."""


def waves_of_a_picture():
    chance = np.random.default_rng(6)
    y, x = np.mgrid[:240, :320] / np.array([240, 320])[:, None, None]
    plane = np.zeros((240, 320))
    for _ in range(60):
        down, across = chance.uniform(0, 12, 2)
        height = chance.normal() / (1 + down + across)
        plane += height * np.cos(np.pi * (down * y + across * x) + chance.uniform(0, 6))
    plane -= plane.min()
    return np.uint8(255 * plane / plane.max())


def short_tones():
    chance = np.random.default_rng(7)
    time = np.arange(6 * RATE) / RATE
    out = np.zeros(time.size)
    for _ in range(40):
        at, pitch = chance.uniform(0, 6), chance.uniform(160, 3300)
        out += np.exp(-(((time - at) * 8) ** 2)) * np.sin(2 * np.pi * pitch * time)
    return out.astype(np.float32)


def stored(digits):
    return np.frombuffer(bytes.fromhex(digits), np.uint8).reshape(-1, PRINT_BYTES)


def test_prints_are_those_that_registries_have_stored():
    assert differing(picture_print(waves_of_a_picture()), stored(PICTURE_PRINT)) <= 1
    prints = sound_prints(short_tones(), RATE, step=16, most=2)
    assert differing(prints, stored(SOUND_PRINTS)) <= 1


def test_the_faintest_picture_that_shows_something_has_a_print():
    ramp = np.linspace(-1, 1, 64)[None] + np.linspace(-1, 1, 64)[:, None]
    ramp /= ramp.std()
    assert len(picture_print(np.float32(128 + 1.51 * ramp))) == 1
    assert len(picture_print(np.float32(128 + 1.49 * ramp))) == 0


def test_a_sound_of_exactly_one_window_has_a_print():
    columns = np.float32(RATE * (HOP_SECONDS * (WINDOW - 1) + 0.128))
    assert len(sound_prints(short_tones()[: int(columns)], RATE, step=1, most=9)) == 1
    assert len(sound_prints(short_tones()[: int(columns) - 1], RATE, step=1, most=9)) == 0


def test_a_faint_copy_sounds_the_same():
    loud, faint = (
        sound_prints(np.float32(gain * short_tones()), RATE, step=16, most=2) for gain in (1, 1e-5)
    )
    assert differing(loud, faint) <= 2


def test_a_long_sound_is_printed_to_its_end():
    sound = np.concatenate([short_tones()[::-1], short_tones(), speech(10.0, RATE), short_tones()])
    columns, hop = 22 * RATE // 1024, round(HOP_SECONDS * RATE)
    whole = sound_prints(sound, RATE, step=1, most=999)
    part = sound_prints(sound[columns * hop :], RATE, step=1, most=999)
    assert columns > 256
    assert differing(whole[-len(part) :], part) <= 4 * len(part)
