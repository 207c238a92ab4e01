"""Reading in given geometries, and telling whether a known message stands in another picture."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from labeler.core.image import alignment, chips, reading
from labeler.core.image.alignment import Alignment, align
from labeler.core.image.fold import MAX_SIDE, fold_picture
from labeler.core.image.lattice import codeword_chips, coefficients_of, lattice_of, tile_of
from labeler.core.image.reading import (
    NOTHING,
    TRACKED,
    better,
    presence_z,
    read_aligned,
    read_plain,
    whole_picture_geometries,
)
from labeler.core.image.spectrum import sampled, spectrum_of
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LONG = IMAGE_V1.long_mode
PAYLOAD = tuple(int(bit) for bit in f"{0xFEDCBA9876543210:064b}")
LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
TILE = tile_of(LATTICE, coefficients_of(LATTICE, PAYLOAD, LONG))


def level_of(tile, *, seed=1):
    level = np.tile(tile, (4, 5)) / tile.std()
    return (level + np.random.default_rng(seed).normal(0, 2, level.shape)).astype(np.float32)


def noise_like(level):
    return np.random.default_rng(3).normal(0, 2, level.shape).astype(np.float32)


def read(level):
    return read_plain(level, [np.eye(2)], LATTICE, attempts=128)


def test_a_picture_below_the_canonical_size_may_be_a_reduced_one():
    as_it_is, reduced = whole_picture_geometries((448, 448), 1, 896)
    assert np.array_equal(as_it_is, np.eye(2))
    assert np.array_equal(reduced, np.eye(2) / 2)


@pytest.mark.parametrize(("shape", "scale"), [((896, 896), 1), ((1792, 1792), 2)])
def test_a_picture_of_canonical_size_is_read_as_it_is_alone(shape, scale):
    assert len(whole_picture_geometries(shape, scale, 896)) == 1


def test_a_picture_too_long_to_fold_is_not_read():
    assert read(np.zeros((16, MAX_SIDE + 16), np.float32)) is NOTHING


def test_pilots_without_a_message_are_no_finding():
    bare = coefficients_of(LATTICE, PAYLOAD, LONG)
    bare[LATTICE.data] = 0
    assert not read(level_of(tile_of(LATTICE, bare))).found


def test_a_finding_is_better_than_a_trace_and_the_first_of_equals_is_kept():
    found = read(level_of(TILE))
    assert better(NOTHING, found) is found
    assert better(found, replace(found, found=False)) is found
    twin = replace(found)
    assert better(found, twin) is found


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_message_that_was_found_is_known_again_elsewhere(turned, sign):
    tile = sign * (TILE[::-1, ::-1] if turned else TILE)
    finding = read(level_of(tile))
    assert finding.found
    assert presence_z(level_of(tile, seed=2), finding, LATTICE) > 10
    assert abs(presence_z(noise_like(level_of(TILE)), finding, LATTICE)) < 5


def test_where_nothing_was_found_or_the_picture_is_bent_no_presence_is_told():
    level = level_of(TILE)
    finding = read(level)
    assert presence_z(level, NOTHING, LATTICE) is None
    assert presence_z(level, replace(finding, path=TRACKED), LATTICE) is None
    assert presence_z(np.zeros((16, MAX_SIDE + 16), np.float32), finding, LATTICE) is None


@pytest.mark.parametrize(
    ("shape", "side"), [((890, 900), 895), ((600, 1200), 849), ((8, 200), 40), ((1000, 1000), 1000)]
)
def test_the_reduced_copy_has_the_geometry_of_its_area(shape, side):
    geometries = whole_picture_geometries(shape, 1, 896)
    near = abs(np.sqrt(shape[0] * shape[1]) / 896 - 1) < 0.002
    assert len(geometries) == (1 if near else 2)
    if not near:
        assert np.allclose(geometries[1], np.eye(2) * np.sqrt(shape[0] * shape[1]) / 896)
        assert round(896 * geometries[1][0, 0]) == side


def test_a_picture_larger_than_the_canonical_one_is_no_reduced_copy():
    assert len(whole_picture_geometries((2000, 3000), 2.7, 896)) == 1


def test_the_evidence_decides_between_two_traces():
    found = read(level_of(TILE))
    trace = replace(found, found=False)
    fainter = replace(trace, reading=replace(trace.reading, log_p=-1.0))
    assert better(fainter, trace) is trace
    assert better(trace, fainter) is trace
    assert better(NOTHING, fainter) is fainter
    none = replace(trace, reading=replace(trace.reading, log_p=0.0))
    assert better(NOTHING, none) is NOTHING
    assert better(none, NOTHING) is none


@pytest.mark.parametrize("mode", IMAGE_V1.modes)
def test_both_modes_are_read(mode):
    payload = PAYLOAD[: mode.payload_bits]
    finding = read(level_of(tile_of(LATTICE, coefficients_of(LATTICE, payload, mode))))
    assert finding.found
    assert finding.path == "plain"
    assert finding.reading.mode == mode
    assert tuple(finding.reading.framed[: mode.payload_bits]) == payload


def decided(monkeypatch, *, valid, beyond):
    """A reading whose bound lies beyond the limit by so much."""

    def decode(_soft, lattice, mode, **_more):
        log_p = math.log(lattice.scheme.p_max) + beyond
        framed = np.zeros(mode.frame_bits, np.uint8)
        return chips.Reading(mode=mode, framed=framed, valid=valid, z=1.0, log_p=log_p)

    monkeypatch.setattr(chips, "decode", decode)
    aligned = align(fold_picture(level_of(TILE), np.eye(2), LATTICE), LATTICE)
    return read_aligned(aligned, LATTICE, attempts=128, path="here", geometry=np.eye(2))


@pytest.mark.parametrize("valid", [True, False])
def test_a_finding_needs_its_checksum(valid, monkeypatch):
    assert decided(monkeypatch, valid=valid, beyond=-1.0).found == valid


@pytest.mark.parametrize(("beyond", "found"), [(-1e-6, True), (0.0, True), (1e-6, False)])
def test_a_finding_needs_its_bound_at_most_the_limit(beyond, found, monkeypatch):
    assert decided(monkeypatch, valid=True, beyond=beyond).found == found


def test_what_was_read_keeps_its_alignment_geometry_and_path():
    aligned = align(fold_picture(level_of(TILE), np.eye(2), LATTICE), LATTICE)
    geometry = np.eye(2)
    finding = read_aligned(aligned, LATTICE, attempts=128, path="here", geometry=geometry)
    assert finding.found
    assert (finding.alignment, finding.geometry, finding.path) == (aligned, geometry, "here")
    more = read_aligned(aligned, LATTICE, attempts=1280, path="here", geometry=geometry)
    assert more.reading.log_p - finding.reading.log_p == pytest.approx(math.log(10))


def gated(monkeypatch, *, plain, near):
    """The paths on which decoding is tried when pilots score as given, with no message read."""
    tried = []

    def align_likely(_seen, _lattice, *, least, near=False):
        score = scores[near]
        return (
            Alignment(
                score=score,
                coefficients=np.ones(len(LATTICE.u), np.complex64),
                offset=(0.0, 0.0),
                side=128,
                turned=False,
                negative=False,
            )
            if score >= least
            else None
        )

    def read_it(_aligned, _lattice, *, path, **_more):
        tried.append(path)
        return NOTHING

    scores = {False: plain, True: near}
    monkeypatch.setattr(alignment, "align_likely", align_likely)
    monkeypatch.setattr(reading, "read_aligned", read_it)
    read_plain(level_of(TILE), [np.eye(2)], LATTICE, attempts=128)
    return tried


@pytest.mark.parametrize(
    ("plain", "near", "tried"),
    [(9, 9, ["plain", "near"]), (0, 9, ["near"]), (0, 3, ["near"]), (3, 0, []), (9, 0, ["plain"])],
)
def test_weak_pilots_are_enough_near_offset_zero_alone(plain, near, tried, monkeypatch):
    assert gated(monkeypatch, plain=plain, near=near) == tried


def test_the_geometries_are_tried_one_after_another():
    finding = read_plain(level_of(TILE), [np.eye(2) * 0.6, np.eye(2)], LATTICE, attempts=128)
    assert finding.found
    assert np.array_equal(finding.geometry, np.eye(2))
    thin = np.zeros((16, MAX_SIDE + 16), np.float32)
    assert read_plain(thin, [np.eye(2), np.eye(2)], LATTICE, attempts=128) is NOTHING


def test_a_message_found_in_a_sampled_spectrum_is_known_again_in_a_folded_picture():
    geometry = np.eye(2) / 2
    x, y = 37, 91
    tile = np.roll(TILE, (y, x), (0, 1))

    def halved(seed):
        return cv2.resize(
            level_of(tile, seed=seed), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA
        )

    aligned = align(sampled(spectrum_of(halved(1)), geometry, LATTICE), LATTICE)
    finding = read_aligned(aligned, LATTICE, attempts=128, path="similar", geometry=geometry)
    assert finding.found
    assert aligned.side == 128
    folded = fold_picture(halved(2), geometry, LATTICE)
    assert folded.side == 64
    best = chips.statistic(
        chips.soft_chips(align(folded, LATTICE).coefficients, LATTICE),
        codeword_chips(LATTICE, finding.reading.framed, LONG),
    )
    assert presence_z(halved(2), finding, LATTICE) == pytest.approx(best, rel=0.03)


@pytest.mark.parametrize("missing", ["reading", "alignment", "geometry"])
def test_a_finding_of_which_anything_is_missing_tells_no_presence(missing):
    level = level_of(TILE)
    assert presence_z(level, replace(read(level), **{missing: None}), LATTICE) is None
