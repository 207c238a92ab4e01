"""
Reading the sound tracks of a video: the mark in them, and an audible label.

So a track that is used again is recognised too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from detectors.audio.audible import read_audible
from detectors.audio.watermark import read_mark
from detectors.evidence import WatermarkEvidence
from detectors.findings import NOT_EXAMINED
from labeler.audio.watermark import RATES
from labeler.schemes import AUDIO_V1
from labeler.video.sound import tracks_of


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from detectors.evidence import Evidence
    from detectors.image.watermark import Depth
    from labeler.keys import Key


def read_tracks(
    path: Path, *, keys: Sequence[Key], depth: Depth = "standard"
) -> Iterator[Evidence]:
    """
    Yield a row a sound track of a video, found or not, and one for each audible label found.

    No row where there is no sound. Parameters are those of `detectors.audio.watermark.read_mark`.
    Raises `LabelError` when the file cannot be opened.
    """
    low, high = RATES
    for track in tracks_of(path):
        if not low <= track.rate <= high:
            detail = f"{NOT_EXAMINED}: marks are read from {low} to {high} Hz, not {track.rate}"
            yield WatermarkEvidence(scheme=AUDIO_V1.name, found=False, detail=detail)
            continue
        found = read_mark(track.samples, track.rate, keys=keys, depth=depth)
        yield replace(found, detail=f"sound track {track.stream}: {found.detail}")
        heard = read_audible(track.samples, track.rate)
        if heard.found:
            yield replace(heard, detail=f"sound track {track.stream}: {heard.detail}")
