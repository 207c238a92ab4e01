"""Reading a fresh mark back: which sizes, which recompression, what counts as read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from labeler.core.image import self_check
from labeler.core.image.canonical import whiten
from labeler.core.image.embedding import SMALL_PIXELS
from labeler.core.image.lattice import coefficients_of, lattice_of, tile_of
from labeler.core.image.probe import recompressed
from labeler.core.image.reading import NOTHING, read_plain
from labeler.core.image.self_check import check_mark
from labeler.core.significance import z_needed
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LONG = IMAGE_V1.long_mode
PAYLOAD = tuple(int(bit) for bit in f"{0xFEDCBA9876543210:064b}")
LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
TILE = tile_of(LATTICE, coefficients_of(LATTICE, PAYLOAD, LONG))
NEEDED = z_needed(IMAGE_V1.p_max, frame_bits=LONG.frame_bits, attempts=IMAGE_V1.attempts)


def marked(strength=3.0, side=512):
    tiles = np.tile(TILE, (side // 128, side // 128)) * strength
    grain = np.random.default_rng(1).normal(120, 3, tiles.shape)
    return np.clip(tiles + grain, 0, 255).astype(np.float32)


def check(luma, scale=1.0, payload=PAYLOAD):
    return check_mark(luma, scale, payload, mode=LONG, lattice=LATTICE)


@pytest.mark.parametrize(("scale", "fraction"), [(1.0, 1.0), (1.3, 0.65)])
def test_the_statistic_is_that_after_jpeg_75(scale, fraction):
    luma = marked(5.0)
    after, size = recompressed(np.rint(luma).astype(np.uint8), fraction, 75)
    finding = read_plain(whiten(after), [np.eye(2) * size], LATTICE, attempts=128)
    seen = check(luma, scale)
    assert seen.reads is seen.survives is True
    assert seen.z == pytest.approx(finding.reading.z)


@pytest.mark.parametrize(
    ("scale", "half"),
    [
        (1.0, False),
        (np.sqrt((SMALL_PIXELS - 1) / 512**2), False),
        (np.sqrt((SMALL_PIXELS + 1) / 512**2), True),
        (2, True),
    ],
)
def test_pictures_of_many_pixels_are_halved_before(scale, half, monkeypatch):
    asked = []

    def recompress(luma, fraction, quality):
        asked.append((fraction, quality))
        return luma.astype(np.float32), 1.0

    monkeypatch.setattr(self_check, "recompressed", recompress)
    check(marked(), scale)
    (fraction, quality) = asked[0]
    assert quality == 75
    assert (fraction < 1) == half


def test_sizes_are_those_of_the_picture_not_of_the_canonical_one(monkeypatch):
    asked = []
    monkeypatch.setattr(self_check, "_read", lambda *_: NOTHING)

    def recompress(luma, fraction, _quality):
        asked.append(fraction)
        return luma.astype(np.float32), 1.0

    monkeypatch.setattr(self_check, "recompressed", recompress)
    for side, scale in ((590, 1.0), (592, 1.0), (500, 1.18), (500, 1.19), (300, 1.97), (300, 1.98)):
        check(np.zeros((side, side), np.float32), scale)
    assert [fraction == 1 for fraction in asked] == [True, False, True, False, True, False]
    check(np.zeros((SMALL_PIXELS // 500, 500), np.float32), 1.0)
    assert asked[-1] < 1


def stubbed(monkeypatch, *, after, before, payload=PAYLOAD):
    """What a check says when the mark reads with these statistics after and before."""
    finding = read_plain(whiten(marked()), [np.eye(2)], LATTICE, attempts=128)

    def of(z):
        if z is None:
            return NOTHING
        return replace(finding, found=z > 0, reading=replace(finding.reading, z=abs(z)))

    reads = iter([of(after), of(before)])
    monkeypatch.setattr(self_check, "_read", lambda *_: next(reads))

    def of_size(scale):
        return check(marked(), scale, payload)

    return of_size


SMALL, LARGE = 1.0, 2.0


@pytest.mark.parametrize(
    ("scale", "above", "survives"),
    [(LARGE, 0.0, True), (LARGE, -0.01, False), (SMALL, 1.51, True), (SMALL, 1.49, False)],
)
def test_a_small_picture_must_read_with_more_to_spare(scale, above, survives, monkeypatch):
    seen = stubbed(monkeypatch, after=NEEDED + above, before=30.0)(scale)
    assert (seen.reads, seen.survives) == (True, survives)
    assert seen.z == (NEEDED + above if survives else 30.0)


@pytest.mark.parametrize(
    ("before", "reads", "z"),
    [
        (NEEDED, True, NEEDED),
        (NEEDED - 0.01, False, NEEDED - 0.01),
        (-30.0, False, 30.0),
        (None, False, 0.0),
    ],
)
def test_what_does_not_survive_may_still_read_untouched(before, reads, z, monkeypatch):
    seen = stubbed(monkeypatch, after=None, before=before)(SMALL)
    assert (seen.reads, seen.survives, seen.z) == (reads, False, z)
    assert isinstance(seen.reads, bool)


def test_another_payload_is_not_this_one(monkeypatch):
    other = (1 - PAYLOAD[0], *PAYLOAD[1:])
    seen = stubbed(monkeypatch, after=40.0, before=40.0, payload=other)(LARGE)
    assert (seen.reads, seen.survives) == (False, False)


def test_the_untouched_picture_is_read_in_its_own_size():
    luma = marked(0.22)
    finding = read_plain(whiten(luma), [np.eye(2)], LATTICE, attempts=128)
    seen = check(luma, 2.0)
    assert not seen.survives
    assert seen.reads
    assert seen.z == pytest.approx(finding.reading.z)


def test_a_picture_without_a_mark_reads_nothing():
    seen = check(marked(0.0))
    assert not seen.reads
    assert not seen.survives
    assert seen.z < NEEDED
