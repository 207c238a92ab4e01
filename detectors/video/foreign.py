"""
Visible labels of others in moving pictures: found by OCR on few frames, then followed in its box.

Reading a whole frame is dear, so the first frames and at most ten key frames are looked at until
one has a label; where it stands is then looked at on the frames that `detectors.video.visible`
samples, to learn from when to when it is shown (R-19; design: visible labels 6).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from detectors.evidence import VisibleEvidence
from detectors.image.ocr import SCHEME, read_at, read_foreign
from detectors.video.visible import follow_label, shown_between
from labeler.video.facts import read_facts
from labeler.video.planes import display_picture
from labeler.video.playback import frames_of


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from labeler.video.facts import VideoFacts
    from labeler.video.playback import Shown

_FIRST = (0.0, 1.0)
_EVERY = 10.0
_MOST = 10


def read_foreign_label(path: Path) -> VisibleEvidence:
    """
    Return the first visible label of any wording that a video shows, and from when to when.

    Raises `LabelError` when the file is no video, `MissingBackend` without the extra ``ocr``.
    """
    facts, count = read_facts(path), 0
    for count, shown in enumerate(_searched(path, facts), 1):  # noqa: B007  told at the end
        seen = read_foreign(display_picture(shown.frame, facts))
        if seen.found and seen.box is not None:
            return shown_between(seen, _span(path, facts, seen, shown.seconds), facts)
    detail = f"no visible label of any wording was read; {count} frames looked at"
    return VisibleEvidence(scheme=SCHEME, found=False, detail=detail)


def _span(
    path: Path, facts: VideoFacts, seen: VisibleEvidence, seconds: float
) -> tuple[float, float]:
    """Return from when to when a label stands in its box."""

    def look(picture: NDArray[Any]) -> VisibleEvidence:
        return seen if read_at(picture, seen.box or (0, 0, 0, 0)) else replace(seen, found=False)

    found = [at for at, row in follow_label(path, facts, look) if row.found]
    return (min(found), max(found)) if found else (seconds, seconds)


def _searched(path: Path, facts: VideoFacts) -> Iterator[Shown]:
    """Yield the frames that are read whole: the first, one second on, then key frames."""
    due = [*_FIRST]
    for shown in frames_of(path, end=_FIRST[-1] + 1):
        if due and shown.seconds >= due[0] - 1e-3:
            del due[0]
            yield shown
        if not due:
            break
    gap, taken = max(_EVERY, facts.seconds / _MOST), 0
    next_due = _FIRST[-1] + 1
    for shown in frames_of(path, keys_only=True, start=next_due):
        if shown.seconds >= next_due and taken < _MOST:
            next_due, taken = shown.seconds + gap, taken + 1
            yield shown
