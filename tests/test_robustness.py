"""
What the picture mark must survive, as a floor: the exact 64 bits, blind, p at most 1e-9.

The full lists are measured by benchmarks/run_pictures.py; this is the part that may never break.
"""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np
import pytest

from benchmarks import peers, quality
from benchmarks.attacks import EVERY
from benchmarks.synthesis import SMOOTH
from detectors.image.watermark import read_mark
from labeler.image.watermark import embed_mark
from labeler.payload import Payload, from_bits


PIXELS = 1_000_000
PICTURES = ("astronaut", "coffee", "waves")
ALWAYS = (
    "none",
    "jpeg90",
    "jpeg75",
    "jpeg50",
    "webp75",
    "resize0.75",
    "resize0.5",
    "resize1.5",
    "brightness1.4",
    "brightness0.6",
    "gamma0.6",
    "gamma1.6",
    "noise5",
    "noise10",
    "blur1",
)
"""Read from every picture of this test."""

PSNR_FLOOR = {"astronaut": 42.0, "coffee": 42.0, "waves": 44.0}
SSIM_FLOOR = 0.985
ENOUGH_Z = 13.57
"""z at which the bound is 1e-9 for the long payload."""


@cache
def original(name):
    """About one megapixel of a photograph or of a drawn picture."""
    if name in SMOOTH:
        pixels = SMOOTH[name]()
    else:
        from skimage import data

        pixels = getattr(data, name)()
    factor = math.sqrt(PIXELS / (pixels.shape[0] * pixels.shape[1]))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=how)


@cache
def marked(name):
    return embed_mark(original(name), payload(name))


def payload(name):
    return from_bits(peers.message_for(name))


def read(pixels):
    return read_mark(pixels, depth="plain")


@pytest.mark.parametrize("attack", ALWAYS)
@pytest.mark.parametrize("name", PICTURES)
def test_exact_message_is_read_after(name, attack):
    found = read(EVERY[attack](marked(name)[0]))
    assert found.found
    assert found.p_value <= 1e-9
    assert found.bits == 64
    whole = Payload(mark_id=int(found.mark_id, 16), status=found.status)
    assert whole == payload(name)


def test_strong_jpeg_leaves_most_pictures_readable():
    read_back = [read(EVERY["jpeg30"](marked(name)[0])).found for name in PICTURES]
    assert sum(read_back) >= 2


@pytest.mark.parametrize("name", PICTURES)
def test_quality_stays_above_its_floor(name):
    pixels, receipt = marked(name)
    assert quality.psnr(original(name), pixels) >= PSNR_FLOOR[name]
    assert quality.ssim(original(name), pixels) >= SSIM_FLOOR
    assert receipt.psnr_db == pytest.approx(quality.psnr(original(name), pixels), abs=0.3)


@pytest.mark.parametrize("attack", ["none", "jpeg50", "resize0.5", "noise10"])
@pytest.mark.parametrize("name", PICTURES)
def test_unmarked_pictures_are_not_found_marked(name, attack):
    found = read(EVERY[attack](original(name)))
    assert not found.found
    assert found.p_value > 1e-6


def test_the_self_check_leaves_a_margin():
    assert all(marked(name)[1].self_check > ENOUGH_Z for name in PICTURES)


def test_marking_is_deterministic():
    again, _ = embed_mark(original("coffee"), payload("coffee"))
    assert np.array_equal(again, marked("coffee")[0])
