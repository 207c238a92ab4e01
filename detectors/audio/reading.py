"""Run every reader over one sound, from cheap to dear, and collect what each says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from detectors.audio.audible import read_audible
from detectors.audio.watermark import read_long_mark, read_mark
from detectors.evidence import MetadataEvidence, WatermarkEvidence
from detectors.findings import NOT_EXAMINED, Finding, finding_of, unread
from detectors.foreign.reading import read_foreign
from detectors.metadata import read_metadata
from labeler.audio.codec import decode_blocks, decode_sound, read_format
from labeler.audio.hollow import hollow_of, seconds_of
from labeler.audio.long import as_path
from labeler.audio.watermark import RATES
from labeler.containers.sounds import SOUNDS
from labeler.errors import MediaTooLarge, MissingBackend, UnsupportedMedia
from labeler.media import open_sound_header
from labeler.model import Modality
from labeler.schemes import AUDIO_V1


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from detectors.evidence import Evidence
    from detectors.image.watermark import Depth
    from labeler.keys import Key

    Samples = NDArray[np.float32]

END_SECONDS = 300
"""How much of either end of a recording of hours is heard for an audible label."""


def read_sound_evidence(
    data: bytes,
    *,
    keys: Sequence[Key],
    depth: Depth = "standard",
    thorough: bool = False,
    fast: bool = False,
) -> Finding:
    """
    Read a sound file: metadata, then (unless ``fast``) the mark and the audible label.

    ``thorough`` is for pictures. Raises `LabelError` when the file is no sound, broken, or over a
    limit (R-50, R-51); protected sound keeps its metadata rows.
    """
    del thorough
    header = open_sound_header(data)
    rows: list[Evidence] = list(read_metadata(data, header.format))
    rows += read_foreign(SOUNDS[header.format].blocks(data))
    if not fast:
        rows += _read_samples(data, keys=keys, depth=depth, protected=header.protected)
    return finding_of(Modality.AUDIO, header, rows)


def read_recording_evidence(path: Path, *, keys: Sequence[Key], fast: bool = False) -> Finding:
    """
    Do what `read_sound_evidence` does for a PCM file of any length, in constant memory.

    Changes of speed are not looked for. Raises as `read_sound_evidence`.
    """
    hollow = hollow_of(path)
    header = replace(open_sound_header(hollow), seconds=seconds_of(path))
    rows: list[Evidence] = list(read_metadata(hollow, header.format))
    rows += read_foreign(SOUNDS[header.format].blocks(hollow))
    if not fast:
        rows += _read_blocks(path, keys=keys)
    return finding_of(Modality.AUDIO, header, rows)


def _read_samples(
    data: bytes, *, keys: Sequence[Key], depth: Depth, protected: bool
) -> tuple[Evidence, ...]:
    if protected:
        return _unread("the sound is encrypted")
    try:
        sound = decode_sound(data)
    except (MissingBackend, UnsupportedMedia) as error:
        return _unread(str(error))
    except MediaTooLarge:  # to be held as samples: in blocks, then
        with as_path(data) as path:
            return _read_blocks(path, keys=keys)
    return _both(sound.samples, sound.rate, keys=keys, depth=depth)


def _both(
    samples: Samples, rate: int, *, keys: Sequence[Key], depth: Depth
) -> tuple[Evidence, ...]:
    low, high = RATES
    if low <= rate <= high:
        mark = read_mark(samples, rate, keys=keys, depth=depth)
    else:
        detail = f"{NOT_EXAMINED}: marks are read from {low} to {high} Hz, this has {rate}"
        mark = WatermarkEvidence(scheme=AUDIO_V1.name, found=False, detail=detail)
    return mark, read_audible(samples, rate)


def _read_blocks(path: Path, *, keys: Sequence[Key]) -> tuple[Evidence, ...]:
    """Read a recording of hours: the mark anywhere, the audible label near both ends."""
    rate = read_format(path).rate
    ends = _Ends(room=END_SECONDS * rate)
    mark = read_long_mark(ends.watch(decode_blocks(path)), rate, keys=keys)
    heard = [read_audible(np.concatenate(part), rate) for part in (ends.first, ends.last) if part]
    found = next((row for row in heard if row.found), None)
    note = f"only the first and last {END_SECONDS // 60} minutes of this long recording"
    return mark, found or replace(heard[0], detail=f"{heard[0].detail}; {note} were heard")


@dataclass(slots=True)
class _Ends:
    """Keeps the first and the last ``room`` samples, or a block more, of blocks going by."""

    room: int
    first: list[Samples] = field(default_factory=list)
    last: list[Samples] = field(default_factory=list)

    def watch(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """Yield the blocks."""
        for block in blocks:
            if sum(map(len, self.first)) < self.room:
                self.first.append(block)
            else:
                self.last.append(block)
                while sum(map(len, self.last[1:])) >= self.room:
                    self.last.pop(0)
            yield block


def _unread(why: str) -> tuple[Evidence, ...]:
    return unread(why, mark=AUDIO_V1.name, visible="rhythm")


def read_sample_evidence(
    samples: Samples, rate: int, *, keys: Sequence[Key], depth: Depth = "standard"
) -> Finding:
    """
    Read sound held in memory, (n,) or (n, channels) float32 with full scale 1.0.

    There is no file, so there is no metadata to read; the row says so.
    """
    metadata = MetadataEvidence(
        scheme="tc260-id3", found=False, detail=f"{NOT_EXAMINED}: samples in memory have no file"
    )
    rows = (metadata, *_both(samples, rate, keys=keys, depth=depth))
    return Finding(modality=Modality.AUDIO, format="array", evidence=rows)
