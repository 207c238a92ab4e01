"""The order of a search: what is tried, refined, followed and returned; the maths are stubs."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.image import search as module
from labeler.core.image.reading import NOTHING, TRACKED, Finding
from labeler.core.image.refine import MIN_SCORE, Proposal, Refined
from labeler.core.image.search import DEPTHS, Look, View, views_of
from labeler.core.image.spectrum import spectrum_of


LEVEL = np.random.default_rng(1).normal(size=(110, 150)).astype(np.float32)


def geometry(number):
    return Refined(score=float(number), geometry=np.eye(2) * (1 + number))


def view_of(*names, tracks=0, margin=0.0):
    look = Look(searches=names, tracks=tracks, margin=margin)
    return View(level=LEVEL, whole="whole", searched="searched", maps="maps", look=look)


def stubbed(monkeypatch, found, bent=lambda *_: "bent"):
    """Let searches propose and refining return what ``found`` says, by name."""
    monkeypatch.setattr(module, "_SEARCHES", {name: lambda *_, n=name: n for name in found})
    monkeypatch.setattr(module, "_exact", lambda name, *_: found[name])
    monkeypatch.setattr(module, "sampled", lambda spectrum, *_: spectrum)
    monkeypatch.setattr(module, "track", bent)


def tried(view):
    return [
        (folded, float(at[0, 0]) - 1, path) for folded, at, path in module._candidates(view, None)
    ]


def test_a_look_takes_the_whole_picture_and_follows_nothing_unless_told():
    look = Look(searches=("similar",))
    assert (look.tracks, look.margin) == (0, 0.0)


def test_each_depth_searches_at_least_what_the_one_before_does():
    fast, standard, deep = (set(DEPTHS[name][0].searches) for name in ("fast", "standard", "deep"))
    assert fast < standard <= deep <= set(module._SEARCHES)
    assert [sum(look.tracks for look in looks) for looks in DEPTHS.values()] == [0, 0, 3]
    assert [[look.margin > 0 for look in looks] for looks in DEPTHS.values()] == [
        [False],
        [False],
        [False, True],
    ]


def test_the_middle_has_a_spectrum_of_its_own_and_the_whole_is_shared():
    looks = (Look(searches=("similar",)), Look(searches=("axial",), margin=0.2))
    whole, middle = views_of(LEVEL, looks)
    assert whole.searched is whole.whole is middle.whole
    assert whole.level is middle.level is LEVEL
    assert (whole.look, middle.look) == looks
    wanted = spectrum_of(LEVEL[22:88, 30:120])
    assert np.array_equal(middle.searched.points, wanted.points)
    assert middle.searched.middle == wanted.middle
    assert not np.array_equal(middle.maps.polar, whole.maps.polar)


@pytest.mark.parametrize(("shape", "views"), [((106, 150), 2), ((105, 150), 1), ((150, 105), 1)])
def test_a_middle_below_sixty_four_pixels_is_not_looked_at(shape, views):
    level = np.resize(LEVEL, shape)
    assert len(list(views_of(level, DEPTHS["deep"]))) == views


def test_searches_are_tried_one_after_another_and_then_the_best_are_followed(monkeypatch):
    found = {"a": [geometry(9), geometry(7)], "b": [geometry(12)], "c": []}
    stubbed(monkeypatch, found)
    assert tried(view_of("b", "c", "a", tracks=2)) == [
        ("whole", 12, "b"),
        ("whole", 9, "a"),
        ("whole", 7, "a"),
        ("bent", 12, TRACKED),
        ("bent", 9, TRACKED),
    ]


def test_the_path_says_what_was_found_in_the_middle(monkeypatch):
    stubbed(monkeypatch, {"a": [geometry(9)]})
    paths = [path for *_, path in tried(view_of("a", tracks=1, margin=0.2))]
    assert paths == ["the middle: a", "the middle: " + TRACKED]


@pytest.mark.parametrize(("below", "followed"), [(0.1, 0), (0.0, 1)])
def test_only_a_clear_geometry_is_followed(below, followed, monkeypatch):
    clear = module._TRACK_GATE
    stubbed(monkeypatch, {"a": [geometry(clear - below), geometry(clear - 0.5)]})
    paths = [path for *_, path in tried(view_of("a", tracks=2))]
    assert paths.count(TRACKED) == followed


def test_what_cannot_be_followed_is_passed_over(monkeypatch):
    def track(_level, at, _lattice):
        return None if at[0, 0] > 9.5 else "bent"

    stubbed(monkeypatch, {"a": [geometry(9), geometry(8)]}, track)
    assert tried(view_of("a", tracks=2))[2:] == [("bent", 8, TRACKED)]


def test_a_search_knows_what_earlier_ones_found(monkeypatch):
    known = []

    def exact(name, spectrum, _lattice, seen):
        known.append((name, spectrum, [one.score for one in seen]))
        return [geometry(len(known))]

    stubbed(monkeypatch, {"a": [], "b": [], "c": []})
    monkeypatch.setattr(module, "_exact", exact)
    tried(view_of("a", "b", "c"))
    assert known == [("a", "searched", []), ("b", "searched", [1]), ("c", "searched", [1, 2])]


def exact(monkeypatch, scores, *, axial=False, seen=(), again=0.5):
    """The scores that are kept of proposals, and those that were refined once more."""
    twice = []

    def refine(_spectrum, proposal, _lattice):
        if proposal.score < 0:
            return None
        return Refined(score=proposal.score, geometry=proposal.matrix)

    def proposal_at(refined):
        twice.append(refined.score)
        return Proposal(score=refined.score + again, matrix=refined.geometry)

    monkeypatch.setattr(module, "refine", refine)
    monkeypatch.setattr(module, "proposal_at", proposal_at)
    proposals = [
        Proposal(score=score, matrix=np.eye(2) * (1 + place), axial=axial)
        for place, score in enumerate(scores)
    ]
    fresh = module._exact(proposals, None, None, list(seen))
    return [one.score for one in fresh], twice


def test_the_best_two_are_refined_once_more_where_that_may_help(monkeypatch):
    assert exact(monkeypatch, [7.0, 20.0, 9.0]) == ([20.5, 9.5, 7.0], [20.0, 9.0])
    assert exact(monkeypatch, [7.0, 6.5], axial=True) == ([7.0, 6.5], [])


@pytest.mark.parametrize(
    ("score", "once_more"),
    [
        (module._HOPELESS, False),
        (module._HOPELESS + 0.1, True),
        (module._SURE - 0.1, True),
        (module._SURE, False),
    ],
)
def test_neither_a_sure_nor_a_hopeless_one_is_refined_again(score, once_more, monkeypatch):
    kept, twice = exact(monkeypatch, [score])
    assert bool(twice) == once_more
    assert kept == [score + 0.5 * once_more]


def test_what_scores_too_low_after_refining_is_dropped(monkeypatch):
    least = MIN_SCORE
    assert exact(monkeypatch, [least, least - 0.1, -1.0, 5.5])[0] == [5.5, least]
    assert exact(monkeypatch, [9.0, 8.0, 7.0], again=-4.5)[0] == [7.0]
    assert exact(monkeypatch, [9.0], again=-20.0)[0] == []
    assert exact(monkeypatch, [-1.0, -2.0]) == ([], [])


def test_the_best_come_first_after_all_refining(monkeypatch):
    assert exact(monkeypatch, [9.0, 8.0, 7.5], again=-1.0)[0] == [8.0, 7.5, 7.0]


def test_a_geometry_is_tried_once(monkeypatch):
    twin = Refined(score=40.0, geometry=np.eye(2) * 2.0001)
    assert exact(monkeypatch, [50.0, 40.0], seen=[twin])[0] == [50.0]
    monkeypatch.setattr(module, "_alike", lambda *_: True)
    assert exact(monkeypatch, [50.0, 40.0])[0] == [50.0]


@pytest.mark.parametrize(("gap", "alike"), [(0.0, True), (1.9e-4, True), (2.1e-4, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_geometries_are_alike_up_to_half_a_turn(sign, gap, alike):
    base = np.array([[0.8, 0.3], [-0.3, 0.9]])
    for row, column in np.ndindex(2, 2):
        other = base.copy()
        other[row, column] -= gap
        one, two = Refined(score=1, geometry=base), Refined(score=2, geometry=sign * other)
        assert module._alike(one, two) == module._alike(two, one) == alike


def searched(monkeypatch, findings):
    """What a search returns when its candidates give these findings, and how many were read."""
    read = []
    monkeypatch.setattr(
        module, "_candidates", lambda *_: ((one, np.eye(2), "path") for one in findings)
    )
    monkeypatch.setattr(module, "correlate_pilots", lambda folded, _: folded)
    monkeypatch.setattr(module, "align_likely", lambda seen, _, **__: seen)

    def read_aligned(aligned, _lattice, *, attempts, path, **_more):
        read.append((attempts, path))
        return aligned

    monkeypatch.setattr(module, "read_aligned", read_aligned)
    return module.search(view_of(), None, attempts=77), read


def finding(*, found, z=1.0):
    reading = type("Reading", (), {"log_p": -z})
    return Finding(found=found, reading=reading, geometry=None, alignment=None, path="path")


def test_a_search_ends_with_the_first_finding(monkeypatch):
    trace, hit, later = finding(found=False), finding(found=True), finding(found=True)
    best, read = searched(monkeypatch, [None, trace, hit, later])
    assert best is hit
    assert read == [(77, "path")] * 2


def test_a_search_without_a_finding_returns_the_best_trace(monkeypatch):
    traces = [finding(found=False, z=z) for z in (1.0, 3.0, 2.0)]
    best, read = searched(monkeypatch, [*traces, None])
    assert best is traces[1]
    assert len(read) == 3
    assert searched(monkeypatch, [None])[0] is NOTHING


def test_a_candidate_of_weak_pilots_is_not_decoded(monkeypatch):
    asked = []
    searched(monkeypatch, [])
    monkeypatch.setattr(module, "_candidates", lambda *_: iter([("folded", np.eye(2), "path")]))

    def align_likely(_seen, _lattice, *, least, near=False):
        asked.append((least, near))

    monkeypatch.setattr(module, "align_likely", align_likely)
    assert module.search(view_of(), None, attempts=77) is NOTHING
    assert asked == [(module.PILOT_GATE, False)]
