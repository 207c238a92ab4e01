"""
Reading the mark of moving pictures (R-45): frames are summed into one picture, and that is read.

Key frames first, because they carry the mark best and cost a fraction; then frames all over; then
parts of the recording by themselves, so that a marked part of it is found and its seconds are
named. Everything after the sum is the reader of pictures, under its bound, counted over all sums.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detectors.image.watermark import evidence_of, findings_in
from labeler.core.image.canonical import canonical_scale
from labeler.core.image.lattice import lattice_of
from labeler.core.image.reading import (
    MIN_SIDE,
    NOTHING,
    better,
    presence_z,
    whole_picture_geometries,
)
from labeler.core.video.summing import inner_part, levelled_sum
from labeler.errors import InvalidKey
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1
from labeler.video.facts import read_facts
from labeler.video.sums import (
    PART_COUNT,
    WHOLE_COUNT,
    frames_all_over,
    key_frames,
    sum_frames,
)


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from detectors.evidence import WatermarkEvidence
    from detectors.image.watermark import Depth
    from labeler.core.image.reading import Finding
    from labeler.core.video.summing import Inner
    from labeler.keys import Key
    from labeler.video.facts import VideoFacts
    from labeler.video.sums import Sums

    Level = NDArray[np.float32]


_FIRST_SECONDS = 30.0
_PRESENT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Answer:
    """What was found under which key, in which part of the frames."""

    finding: Finding
    key: Key
    inner: Inner | None = None


def read_mark(
    path: Path, *, keys: Sequence[Key] = (DEFAULT_KEY,), depth: Depth = "standard"
) -> WatermarkEvidence:
    """
    Return what mark stands in the frames of a video file, or that none was found.

    Parameters
    ----------
    keys
        Tried in order; each counts in the bound.
    depth
        ``plain`` sums key frames, and a minute of frames where those say nothing, of whole frames;
        ``fast`` also searches cropped, turned, mirrored and stretched frames; ``standard`` from
        weaker marks, all over the recording; ``deep`` also in every part by itself.

    Returns
    -------
    WatermarkEvidence
        ``p_value`` is the bound of `detectors.image.watermark.read_mark`, counted over all
        sums that may be tried; ``detail`` says in which seconds the mark stands.

    Raises
    ------
    InvalidKey
        No key at all.
    LabelError
        The file is no video, broken, or over a limit (see `labeler.video.facts.read_facts`).
    """
    if not keys:
        raise InvalidKey("no key to read with; pass at least labeler.keys.DEFAULT_KEY")
    facts = read_facts(path)
    gathered = sum_frames(key_frames(path, facts), facts)
    answer = _read(gathered, facts, keys, "plain", by_parts=False)
    if not answer.finding.found:
        most = {"plain": _FIRST_SECONDS, "deep": math.inf}.get(depth)
        gathered = sum_frames(frames_all_over(path, facts, most=most), facts)
        answer = _better(answer, _read(gathered, facts, keys, depth, by_parts=depth != "plain"))
    evidence = evidence_of(answer.finding, answer.key)
    if not evidence.found:
        return evidence
    where, summed = _where(gathered, answer, facts), gathered.frames
    if where:  # key frames may lie far apart
        gathered = sum_frames(frames_all_over(path, facts), facts)
        where = _where(gathered, answer, facts) or where
    return replace(evidence, detail=f"{evidence.detail}; {summed} frames summed{where}")


def _read(
    gathered: Sums, facts: VideoFacts, keys: Sequence[Key], depth: Depth, *, by_parts: bool
) -> _Answer:
    """Return the best reading of the sums: whole first, plainly, then searched, then parts."""
    answer = _Answer(finding=NOTHING, key=keys[0])
    if not gathered.parts:
        return answer
    total = gathered.whole()
    if min(total.shape) < MIN_SIDE:
        return answer
    for look in _looks(gathered, total, depth, by_parts=by_parts):
        answer = _better(answer, _read_one(look, facts, keys))
        if answer.finding.found:
            break
    return answer


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    """A sum to read, without its borders if ``inner`` says where they are; what it counts for."""

    plane: Level
    inner: Inner | None
    depth: Depth
    count: int


def _looks(gathered: Sums, total: Level, depth: Depth, *, by_parts: bool) -> Iterator[_Look]:
    """Yield the sums to read: the whole plainly, without borders, searched, then the parts."""
    inner = inner_part(gathered.profiles)
    if inner is not None and min(inner.of(total).shape) < MIN_SIDE:
        inner = None
    yield _Look(plane=total, inner=None, depth="plain", count=WHOLE_COUNT)
    within = total if inner is None else inner.of(total)
    if inner is not None or depth != "plain":
        yield _Look(plane=within, inner=inner, depth=depth, count=WHOLE_COUNT)
    if by_parts and len(gathered.parts) > 1:
        each: Depth = "fast" if depth == "deep" else "plain"
        for part in gathered.parts.values():
            yield _Look(plane=part.total, inner=None, depth=each, count=PART_COUNT)


def _read_one(look: _Look, facts: VideoFacts, keys: Sequence[Key]) -> _Answer:
    level = levelled_sum(look.plane)
    width, height = facts.display_size
    scale, shape = canonical_scale(height, width, IMAGE_V1.canonical), (height, width)
    if look.inner is not None:  # what is left has no size of its own but this
        scale, shape = 1.0, (level.shape[0], level.shape[1])
    geometries = whole_picture_geometries(shape, scale, IMAGE_V1.canonical)
    answer = _Answer(finding=NOTHING, key=keys[0], inner=look.inner)
    for key, finding in findings_in(level, geometries, keys, look.depth, pictures=look.count):
        answer = _better(answer, _Answer(finding=finding, key=key, inner=look.inner))
        if finding.found:
            break
    return answer


def _better(one: _Answer, other: _Answer) -> _Answer:
    return other if better(one.finding, other.finding) is other.finding else one


def _where(gathered: Sums, answer: _Answer, facts: VideoFacts) -> str:
    """Say which seconds carry the mark, where not all of them do; empty if all."""
    lattice = lattice_of(IMAGE_V1, answer.key.subkey(IMAGE_V1.name))
    marked: list[int] = []
    for at, part in sorted(gathered.parts.items()):
        plane = part.total if answer.inner is None else answer.inner.of(part.total)
        z = presence_z(levelled_sum(plane), answer.finding, lattice)
        if z is None:
            return ""
        if z >= _PRESENT:
            marked.append(at)
    if not marked or len(marked) == len(gathered.parts):
        return ""
    spans = _spans(marked, sorted(gathered.parts), gathered, facts)
    return "; marked in seconds " + ", ".join(spans)


def _spans(marked: list[int], seen: list[int], gathered: Sums, facts: VideoFacts) -> Iterator[str]:
    """Yield "from to" for every run of marked parts; parts nobody looked at part no run."""
    run: list[int] = []
    for at in [*seen, -1]:
        if at in marked:
            run.append(at)
        elif run:
            start, end = run[0] * gathered.length, (run[-1] + 1) * gathered.length
            if facts.seconds:
                end = min(end, facts.seconds)
            yield f"{math.floor(start)} to {math.ceil(end)}"
            run = []
