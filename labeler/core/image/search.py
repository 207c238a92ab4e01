"""
The geometric search: rough proposals, exact geometries, decoding, tracking; cheap before dear.

First the whole picture, then, at full depth, its middle: a screenshot's page lines make a false
lattice, and perspective is milder there. What is tried is decided by pilots and magnitudes alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.image.alignment import PILOT_GATE, align_likely, correlate_pilots
from labeler.core.image.full_search import search_axial, search_polar
from labeler.core.image.log_maps import log_maps_of
from labeler.core.image.reading import NOTHING, TRACKED, better, read_aligned
from labeler.core.image.refine import MIN_SCORE, proposal_at, refine
from labeler.core.image.spectrum import sampled, spectrum_of
from labeler.core.image.template_bank import search_sheared, search_similar, search_stretched
from labeler.core.image.tracking import track


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from labeler.core.image.fold import Folded
    from labeler.core.image.lattice import Lattice
    from labeler.core.image.log_maps import LogMaps
    from labeler.core.image.reading import Finding
    from labeler.core.image.refine import Proposal, Refined
    from labeler.core.image.spectrum import Spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """
    What to do with one view of a picture: which searches in which order, how many to track.

    ``margin`` is the share left out on every side, 0 for the whole picture.
    """

    searches: tuple[str, ...]
    tracks: int = 0
    margin: float = 0.0


_SEARCHES = {
    "similar": search_similar,
    "axial": search_axial,
    "polar": search_polar,
    "sheared": search_sheared,
    "stretched": search_stretched,
}
_SIMPLE = ("similar", "axial", "polar")

DEPTHS: dict[str, tuple[Look, ...]] = {
    "fast": (Look(searches=("similar", "axial")),),
    "standard": (Look(searches=(*_SIMPLE, "sheared", "stretched")),),
    "deep": (
        Look(searches=(*_SIMPLE, "sheared", "stretched"), tracks=2),
        Look(searches=(*_SIMPLE, "sheared"), tracks=1, margin=0.2),
    ),
}
"""Named depths; each finds what the one before finds."""

_TRACK_GATE = 6.0
_HOPELESS, _SURE = 6.0, 30.0
_TWICE = 2
_SAME = 2e-4
_LEAST_WINDOW = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """
    A whitened canonical picture, its spectrum, and the spectrum of the part that is searched.

    Whatever part a geometry is found in, the whole picture is read in it.
    """

    level: NDArray[np.float32]
    whole: Spectrum
    searched: Spectrum
    maps: LogMaps
    look: Look


def views_of(level: NDArray[np.float32], looks: tuple[Look, ...]) -> Iterator[View]:
    """Yield the views that a depth asks for; spectra are shared by all keys."""
    whole = spectrum_of(level)
    for look in looks:
        top, left = (int(side * look.margin) for side in level.shape)
        part = level[top : level.shape[0] - top, left : level.shape[1] - left]
        if look.margin and min(part.shape) < _LEAST_WINDOW:
            return
        searched = spectrum_of(part) if look.margin else whole
        maps = log_maps_of(searched)
        yield View(level=level, whole=whole, searched=searched, maps=maps, look=look)


def search(view: View, lattice: Lattice, *, attempts: int) -> Finding:
    """
    Return the best reading of a view under one key.

    At most 21 geometries and the tracked ones are decoded, each in both modes: two views and the
    plain reader stay below the attempts that the scheme counts.
    """
    best = NOTHING
    for folded, geometry, path in _candidates(view, lattice):
        seen = correlate_pilots(folded, lattice)
        aligned = align_likely(seen, lattice, least=PILOT_GATE)
        if aligned is None:
            continue
        finding = read_aligned(aligned, lattice, attempts=attempts, path=path, geometry=geometry)
        if finding.found:
            return finding
        best = better(best, finding)
    return best


def _candidates(view: View, lattice: Lattice) -> Iterator[tuple[Folded, NDArray[np.float64], str]]:
    """Yield folded pictures with their geometries, stage by stage, the most promising first."""
    seen: list[Refined] = []
    part = "the middle: " if view.look.margin else ""
    for name in view.look.searches:
        proposals = _SEARCHES[name](view.maps, lattice)
        fresh = _exact(proposals, view.searched, lattice, seen)
        seen += fresh
        for one in fresh:
            yield sampled(view.whole, one.geometry, lattice), one.geometry, part + name
    for one in _by_score(seen)[: view.look.tracks]:
        if one.score < _TRACK_GATE:
            return
        tracked = track(view.level, one.geometry, lattice)
        if tracked is not None:
            yield tracked, one.geometry, part + TRACKED


def _exact(
    proposals: list[Proposal], spectrum: Spectrum, lattice: Lattice, seen: list[Refined]
) -> list[Refined]:
    """Return the exact geometries of proposals that are worth decoding and new, best first."""
    rough = [refine(spectrum, proposal, lattice) for proposal in proposals]
    axial = any(proposal.axial for proposal in proposals)
    fresh: list[Refined] = []
    for rank, first in enumerate(_by_score([one for one in rough if one is not None])):
        refined: Refined | None = first
        if rank < _TWICE and not axial and _HOPELESS < first.score < _SURE:
            refined = refine(spectrum, proposal_at(first), lattice)
        if refined is None or refined.score < MIN_SCORE:
            continue
        if not any(_alike(refined, other) for other in seen + fresh):
            fresh.append(refined)
    return _by_score(fresh)


def _by_score(refined: list[Refined]) -> list[Refined]:
    return sorted(refined, key=lambda one: -one.score)


def _alike(one: Refined, other: Refined) -> bool:
    """Say whether two geometries are the same, or the same after half a turn."""
    gaps = (one.geometry - other.geometry, one.geometry + other.geometry)
    return min(float(np.abs(gap).max()) for gap in gaps) < _SAME
