"""
Reading the visible label of moving pictures (R-19..R-21, R-55): where it is, and from when to when.

A few frames are looked at: around the first two seconds at the half seconds, further on one every
ten seconds. The ink is measured again on the first frame that carries the label.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from detectors.evidence import VisibleEvidence
from detectors.image.visible import NOT_EXAMINED, OWN_NOT_FOUND, SCHEME
from detectors.image.visible import read_visible as read_picture
from labeler.video.facts import read_facts
from labeler.video.planes import display_picture
from labeler.video.playback import frames_of


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from labeler.video.facts import VideoFacts
    from labeler.video.playback import Shown

    Look = Callable[[NDArray[Any]], VisibleEvidence]

_LEGAL = 2.0
_FIRST = (0.0, 0.5, 1.0, 1.5)
_EVERY = 10.0
_MOST_LATER = 30
_END_SECONDS = 1.0
_STEPS = 8
_HDR = frozenset({16, 18})
_SLACK = 1e-3


def read_visible(
    path: Path, *, thorough: bool = False, texts: Sequence[str] = ()
) -> VisibleEvidence:
    """
    Return the visible label of a video, the first that is shown, or that none of ours was found.

    Parameters
    ----------
    thorough
        Look for more type sizes: for cropped or enlarged films, at several times the cost.
    texts
        Wordings of the caller's own, looked for as well.

    Returns
    -------
    VisibleEvidence
        ``seconds`` is from when to when the label is shown, as far as frames were looked at;
        ``box`` and ``height_ratio`` are those of the display size (R-20).

    Raises `LabelError` when the file is no video (see `labeler.video.facts.read_facts`).
    """
    facts = read_facts(path)
    looked = follow_label(path, facts, partial(read_picture, thorough=thorough, texts=texts))
    found = [(at, seen) for at, seen in looked if seen.found]
    if not found:
        detail = f"{OWN_NOT_FOUND}; {NOT_EXAMINED}; {len(looked)} frames looked at"
        return VisibleEvidence(scheme=SCHEME, found=False, detail=detail)
    return shown_between(found[0][1], (found[0][0], found[-1][0]), facts)


def follow_label(path: Path, facts: VideoFacts, look: Look) -> list[tuple[float, VisibleEvidence]]:
    """Return what a look at each sampled frame saw, from the first to the one that ends a label."""
    looked: list[tuple[float, VisibleEvidence]] = []
    for shown in _sampled(path, facts):
        seen = look(display_picture(shown.frame, facts))
        if looked and looked[-1][1].found and not seen.found:
            last = _last_shown(path, facts, look, (looked[-1][0], shown.seconds))
            looked.append((last, looked[-1][1]))
            break
        looked.append((shown.seconds, seen))
    return looked


def shown_between(
    seen: VisibleEvidence, seconds: tuple[float, float], facts: VideoFacts
) -> VisibleEvidence:
    """Return the row of a label that is shown from one second to another."""
    start, end = seconds
    contrast = None if facts.transfer in _HDR else seen.contrast  # HDR levels are no light by WCAG
    detail = f"shown from second {start:.2f} to {end:.2f}; {seen.detail}"
    span = (round(start, 3), round(end, 3))
    return replace(seen, seconds=span, contrast=contrast, detail=detail)


def _sampled(path: Path, facts: VideoFacts) -> Iterator[Shown]:
    """Yield the frames to look at, in order of time."""
    due = [*_FIRST]
    before: Shown | None = None
    for shown in frames_of(path, end=_LEGAL + 1):
        if shown.seconds >= _LEGAL - _SLACK:
            if before is not None:
                yield before
            yield shown
            break
        if due and shown.seconds >= due[0] - _SLACK:
            del due[0]
            yield shown
            before = None
        else:
            before = shown
    else:
        if before is not None:
            yield before
        return
    yield from _later(path, facts)


def _later(path: Path, facts: VideoFacts) -> Iterator[Shown]:
    """Yield key frames about ten seconds apart, the middle, and a frame of the last second."""
    gap = max(_EVERY, facts.seconds / _MOST_LATER)
    due, middle = _LEGAL + _SLACK, facts.seconds / 2
    for shown in frames_of(path, keys_only=True, start=_LEGAL + _SLACK):
        if middle and shown.seconds > middle:
            yield from _one(path, middle)
            middle = 0.0
        if shown.seconds >= due:
            yield shown
            due = shown.seconds + gap
    if middle > _LEGAL:
        yield from _one(path, middle)
    if facts.seconds > _LEGAL + _END_SECONDS:
        yield from _one(path, facts.seconds - _END_SECONDS)


def _one(path: Path, seconds: float) -> Iterator[Shown]:
    shown = next(frames_of(path, start=seconds), None)
    if shown is not None:
        yield shown


def _last_shown(path: Path, facts: VideoFacts, look: Look, between: tuple[float, float]) -> float:
    """Return when a label ends that is there at one second and gone at a later one."""
    there, gone = between
    while gone - there > 2 / float(facts.rate):
        step = (gone - there) / _STEPS
        due, moved = there + step, False
        for shown in frames_of(path, start=there + _SLACK, end=gone):
            if shown.seconds < due - _SLACK:
                continue
            if not look(display_picture(shown.frame, facts)).found:
                gone, moved = shown.seconds, True
                break
            moved = moved or shown.seconds > there
            there, due = shown.seconds, shown.seconds + step
        if not moved:
            break
    return there
