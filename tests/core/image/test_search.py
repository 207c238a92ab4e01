"""Finding the geometry of a lattice that was scaled, turned, mirrored, stretched and bent."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from geometries import turned

from labeler.core.checksum import frame
from labeler.core.image import chips, search, tracking
from labeler.core.image.alignment import align
from labeler.core.image.canonical import whiten
from labeler.core.image.fold import fold_picture
from labeler.core.image.full_search import search_axial, search_polar
from labeler.core.image.lattice import codeword_chips, coefficients_of, lattice_of, tile_of
from labeler.core.image.log_maps import log_maps_of
from labeler.core.image.mark_map import CELL, presence_of
from labeler.core.image.reading import NOTHING, TRACKED
from labeler.core.image.refine import Proposal, _fitted, _Weighted, best_of, refine
from labeler.core.image.search import DEPTHS, views_of
from labeler.core.image.spectrum import sampled, spectrum_of
from labeler.core.image.template_bank import search_sheared, search_similar, search_stretched
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1
from makers import noise


LONG = IMAGE_V1.long_mode
PAYLOAD = tuple(int(bit) for bit in f"{0xFEDCBA9876543210:064b}")
LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))


def geometry_of(scale: float, angle: float, *, mirror: bool = False, stretch: float = 1.0):
    return turned(scale, angle) @ np.diag([stretch * (-1 if mirror else 1), 1 / stretch])


@cache
def wide() -> np.ndarray:
    """A plane of tiles, finely sampled: one tile is 256 pixels."""
    tile = tile_of(LATTICE, coefficients_of(LATTICE, PAYLOAD, LONG))
    return cv2.resize(np.tile(tile, (10, 10)), (2560, 2560), interpolation=cv2.INTER_CUBIC)


def laid(geometry: np.ndarray, shape: tuple[int, int], bend: float = 0.0) -> np.ndarray:
    """The mark alone, seen in a geometry: tile pixels to picture pixels."""
    back = np.linalg.inv(geometry)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    x, y = x + bend * np.sin(y / shape[0] * 3), y + bend * np.sin(x / shape[1] * 2)
    at = [(2 * (back[k, 0] * x + back[k, 1] * y) + 77).astype(np.float32) for k in (0, 1)]
    return cv2.remap(wide(), at[0], at[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


def picture(geometry: np.ndarray, shape=(600, 720), *, noisy=2.0, bend=0.0) -> np.ndarray:
    """A whitened picture that carries the mark in a geometry."""
    rough = noise(*shape, seed=4)[..., 0].astype(np.float32)
    host = cv2.GaussianBlur(rough, (0, 0), 10) + 0.1 * rough
    grain = np.random.default_rng(1).normal(0, noisy, shape)
    return whiten((host + grain + 2 * laid(geometry, shape, bend)).astype(np.float32))


def z_of(coefficients: np.ndarray) -> float:
    signed = codeword_chips(LATTICE, frame(PAYLOAD, LONG), LONG)
    return chips.statistic(chips.soft_chips(coefficients, LATTICE), signed)


def closest(proposals: list[Proposal], geometry: np.ndarray) -> float:
    wanted = np.linalg.inv(geometry).T
    gaps = [np.abs(p.matrix - s * wanted).max() for p in proposals for s in (1, -1)]
    return float(min(gaps))


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(("scale", "angle"), [(1.0, 0), (0.6, 20), (1.5, -71), (0.9, 90)])
def test_turns_sizes_and_mirrors_are_proposed(scale, angle, mirror):
    geometry = geometry_of(scale, angle, mirror=mirror)
    spectrum = spectrum_of(picture(geometry))
    assert closest(search_similar(log_maps_of(spectrum), LATTICE), geometry) < 0.02
    assert closest(search_polar(log_maps_of(spectrum), LATTICE), geometry) < 0.02


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(("stretch", "angle"), [(1.1, 25), (0.9, -40), (1.15, 160)])
def test_stretched_and_turned_lattices_are_proposed(stretch, angle, mirror):
    geometry = geometry_of(0.9, angle, mirror=mirror, stretch=stretch)
    spectrum = spectrum_of(picture(geometry))
    assert closest(search_stretched(log_maps_of(spectrum), LATTICE), geometry) < 0.03


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(("shear", "angle"), [(0.06, 5), (-0.085, -50), (0.03, 130)])
def test_slanted_lattices_are_proposed(shear, angle, mirror):
    slant = np.array([[1.0, shear], [shear, 1.0]])
    geometry = geometry_of(0.95, angle, mirror=mirror) @ slant
    spectrum = spectrum_of(picture(geometry))
    assert closest(search_sheared(log_maps_of(spectrum), LATTICE), geometry) < 0.03


@pytest.mark.parametrize("quarter", [False, True])
@pytest.mark.parametrize(("across", "down"), [(1.0, 1.0), (0.6, 1.0), (-1.3, 0.8), (0.7, -1.4)])
def test_scalings_of_the_axes_are_proposed(across, down, quarter):
    geometry = np.diag([across, down])
    if quarter:
        geometry = np.array([[0.0, -1.0], [1.0, 0.0]]) @ geometry
    spectrum = spectrum_of(picture(geometry))
    assert closest(search_axial(log_maps_of(spectrum), LATTICE), geometry) < 0.03


@pytest.mark.parametrize("axial", [False, True])
def test_refining_finds_the_exact_geometry(axial):
    geometry = geometry_of(0.93, 0 if axial else 33)
    rough = np.linalg.inv(geometry @ np.diag([1.004, 0.997])).T
    proposal = Proposal(score=9, matrix=rough, axial=axial)
    refined = refine(spectrum_of(picture(geometry)), proposal, LATTICE)
    assert refined.score > 10
    assert np.abs(refined.geometry - geometry).max() < 1e-3


def test_refining_noise_scores_low():
    level = np.random.default_rng(2).normal(size=(600, 700)).astype(np.float32)
    spectrum = spectrum_of(level)
    for angle in (0, 20, 70):
        proposal = Proposal(score=9, matrix=geometry_of(1, angle))
        refined = refine(spectrum, proposal, LATTICE)
        assert refined is None or refined.score < 5


def test_refining_outside_the_spectrum_gives_nothing():
    spectrum = spectrum_of(np.random.default_rng(2).normal(size=(64, 64)).astype(np.float32))
    assert refine(spectrum, Proposal(score=9, matrix=np.eye(2) * 50), LATTICE) is None


def test_a_lattice_folded_to_a_line_is_no_geometry():
    squeezed = Proposal(score=9, matrix=np.diag([1.0, 0.02]))
    assert refine(spectrum_of(picture(geometry_of(1.0, 0))), squeezed, LATTICE) is None


def test_points_on_one_line_fix_no_geometry():
    spectrum = spectrum_of(picture(geometry_of(1.0, 0)))
    line = np.stack([np.arange(1, 51) / 128, np.zeros(50)])
    table = _Weighted(frequencies=line, power=np.ones(50, np.float32), norm=1.0)
    assert _fitted(spectrum, np.eye(2), table, 1) is None


def test_only_good_proposals_are_kept():
    proposals = [Proposal(score=s, matrix=np.eye(2)) for s in (1.0, 9.0, 6.0, 7.0)]
    assert [p.score for p in best_of(proposals, 2, 6.5)] == [9.0, 7.0]


@pytest.mark.parametrize(
    ("scale", "angle"), [(1.0, 0), (1.0, 45), (0.55, 7), (1.8, 100), (0.35, 0)]
)
def test_sampling_the_spectrum_is_as_good_as_folding(scale, angle):
    geometry = geometry_of(scale, angle)
    level = picture(geometry, (500, 777))
    by_fold = z_of(align(fold_picture(level, geometry, LATTICE), LATTICE).coefficients)
    by_spectrum = z_of(align(sampled(spectrum_of(level), geometry, LATTICE), LATTICE).coefficients)
    assert by_spectrum > 0.96 * by_fold
    assert by_fold > 14


def test_a_very_long_picture_is_sampled_from_its_middle():
    geometry = geometry_of(1.0, 2)
    level = picture(geometry, (150, 5000))
    spectrum = spectrum_of(level)
    assert spectrum.width <= 4096
    aligned = align(sampled(spectrum, geometry, LATTICE), LATTICE)
    whole = align(fold_picture(level, geometry, LATTICE), LATTICE)
    assert z_of(aligned.coefficients) > 20
    gap = np.abs(np.array(aligned.offset) - whole.offset)
    assert np.minimum(gap, 128 - gap).max() < 1


def test_tracking_straightens_a_bent_picture():
    geometry = geometry_of(1.0, 3)
    level = picture(geometry, (800, 900), noisy=0.5, bend=12.0)
    flat = z_of(align(fold_picture(level, geometry, LATTICE), LATTICE).coefficients)
    tracked = z_of(align(tracking.track(level, geometry, LATTICE), LATTICE).coefficients)
    assert tracked > 25
    assert flat < 0.8 * tracked


@pytest.mark.parametrize("angle", [0, 180])
def test_tracking_follows_half_a_turn(angle):
    geometry = geometry_of(1.0, angle)
    level = picture(geometry, (800, 900), noisy=0.5, bend=6.0)
    upright = tracking.track(level, geometry_of(1.0, 0), LATTICE)
    assert z_of(align(upright, LATTICE).coefficients) > 25


def test_tracking_gives_up_on_blocks_that_do_not_follow_a_field():
    rng = np.random.default_rng(3)
    place = rng.uniform(-1, 1, (64, 2))
    stray = tracking._Blocks(
        score=np.full(64, 9.0), shift=rng.uniform(0, 128, (64, 2)), place=place
    )
    assert tracking._fitted(stray, 128)[1] < 12
    even = tracking._Blocks(score=np.full(64, 9.0), shift=10 + 20 * place, place=place)
    assert tracking._fitted(even, 128)[1] == 64


def test_tracking_gives_up_on_a_picture_pasted_from_many_places():
    rng = np.random.default_rng(8)
    level = picture(geometry_of(1.0, 0), (1024, 1024), noisy=0.5)
    for top in range(0, 1024, 256):
        for left in range(0, 1024, 256):
            moved = np.roll(level[:256, :256], rng.integers(0, 128, 2), (0, 1))
            level[top : top + 256, left : left + 256] = moved
    assert tracking.track(level, geometry_of(1.0, 0), LATTICE) is None


def test_tracking_ends_after_its_last_round(monkeypatch):
    geometry = geometry_of(1.0, 3)
    level = picture(geometry, (800, 900), noisy=0.5, bend=12.0)
    longer = z_of(align(tracking.track(level, geometry, LATTICE), LATTICE).coefficients)
    monkeypatch.setattr(tracking, "_MOST_ROUNDS", 2)
    shorter = z_of(align(tracking.track(level, geometry, LATTICE), LATTICE).coefficients)
    assert 15 < shorter < longer + 2


def test_a_picture_smaller_than_a_block_has_nothing_to_track():
    assert tracking.track(picture(geometry_of(1.0, 0), (100, 100)), np.eye(2), LATTICE) is None


def test_a_deep_search_follows_what_is_bent(monkeypatch):
    level = picture(geometry_of(1.0, 3), (800, 900), noisy=0.5, bend=12.0)
    view = next(views_of(level, DEPTHS["deep"]))
    paths = [path for *_, path in search._candidates(view, LATTICE)]
    assert paths[-1] == TRACKED
    assert paths.count(TRACKED) <= view.look.tracks
    monkeypatch.setattr(search, "_TRACK_GATE", 1e9)
    assert TRACKED not in [path for *_, path in search._candidates(view, LATTICE)]


def test_tracking_gives_up_without_a_mark():
    level = np.random.default_rng(5).normal(size=(700, 800)).astype(np.float32)
    assert tracking.track(level, np.eye(2), LATTICE) is None
    assert tracking.track(level[:200, :200], np.eye(2), LATTICE) is None
    assert tracking.track(level, np.eye(2) * 0.1, LATTICE) is None


@pytest.mark.parametrize("depth", ["fast", "standard", "deep"])
def test_every_depth_finds_a_turned_mark(depth):
    level = picture(geometry_of(0.8, 13, mirror=True))
    view = next(views_of(level, DEPTHS[depth]))
    finding = search.search(view, LATTICE, attempts=128)
    assert finding.found
    assert tuple(finding.reading.framed[:64]) == PAYLOAD


@pytest.mark.parametrize("seed", [1, 2])
def test_no_search_makes_more_attempts_than_the_bound_counts(monkeypatch, seed):
    """Pictures with a lattice of another key give the most candidates."""
    made = 0
    decode = chips.decode

    def counted(*args: object, **more: object):
        nonlocal made
        made += 1
        return decode(*args, **more)

    monkeypatch.setattr(chips, "decode", counted)
    monkeypatch.setattr(search, "PILOT_GATE", 0.0)
    other = lattice_of(IMAGE_V1, bytes([seed]) * 32)
    for view in views_of(picture(geometry_of(0.9, 10)), DEPTHS["deep"]):
        assert not search.search(view, other, attempts=128).found
    plain = 2 * 2 * 2  # geometries, near or not, modes
    assert made + plain <= IMAGE_V1.attempts


@pytest.mark.parametrize(("noisy", "found"), [(4.0, True), (40.0, True), (400.0, False)])
def test_a_mark_under_noise_is_found_or_not_but_never_misread(noisy, found):
    level = picture(geometry_of(0.9, 10), noisy=noisy)
    view = next(views_of(level, DEPTHS["standard"]))
    finding = search.search(view, LATTICE, attempts=128)
    assert finding.found == found
    assert not found or tuple(finding.reading.framed[:64]) == PAYLOAD
    other = lattice_of(IMAGE_V1, bytes([7]) * 32)
    assert not search.search(view, other, attempts=128).found


def test_a_view_too_small_has_no_middle():
    level = np.random.default_rng(1).normal(size=(90, 400)).astype(np.float32)
    assert len(list(views_of(level, DEPTHS["deep"]))) == 1
    assert len(list(views_of(picture(np.eye(2)), DEPTHS["deep"]))) == 2


def found_in(level: np.ndarray):
    return search.search(next(views_of(level, DEPTHS["fast"])), LATTICE, attempts=128)


@pytest.mark.parametrize("angle", [0, 30, 180])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_map_shows_what_was_pasted(angle, sign):
    geometry = geometry_of(1.0, angle)
    level = picture(geometry, (800, 900)) * sign
    other = whiten(np.random.default_rng(9).normal(128, 3, (320, 320)).astype(np.float32))
    level[300:620, 400:720] = other
    presence = presence_of(level, np.ones_like(level), found_in(level), LATTICE)
    pasted = np.zeros(level.shape, bool)
    pasted[300:620, 400:720] = True
    pasted = pasted[CELL // 2 :: CELL, CELL // 2 :: CELL]
    assert presence.amplitude.shape == pasted.shape
    assert (presence.missing == pasted).mean() > 0.93
    assert presence.missing[pasted].mean() > 0.7


def test_the_map_of_a_whole_picture_misses_nothing():
    level = picture(geometry_of(1.0, 0), (800, 900))
    presence = presence_of(level, np.ones_like(level), found_in(level), LATTICE)
    assert presence.missing.mean() < 0.02
    assert presence.deviation.max() < 0.3


def test_nothing_found_has_no_map():
    assert presence_of(picture(np.eye(2)), picture(np.eye(2)), NOTHING, LATTICE) is None
