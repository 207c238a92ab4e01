"""Run every reader over one video, from cheap to dear, and collect what each says."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from detectors.findings import Finding, finding_of, unread
from detectors.foreign.reading import read_foreign
from detectors.image.visible import with_foreign
from detectors.video.metadata import read_metadata
from detectors.video.sound import read_tracks
from detectors.video.visible import read_visible
from detectors.video.watermark import read_mark
from labeler.containers.videos import VIDEOS
from labeler.errors import UnsupportedMedia
from labeler.model import Modality
from labeler.schemes import IMAGE_V1
from labeler.video.metadata import open_video_header


if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from detectors.evidence import Evidence, VisibleEvidence
    from detectors.image.watermark import Depth
    from labeler.keys import Key


def read_video_evidence(
    path: Path,
    *,
    keys: Sequence[Key],
    depth: Depth = "standard",
    thorough: bool = False,
    fast: bool = False,
    ocr: bool = True,
) -> Finding:
    """
    Read a video file: metadata, then (unless ``fast``) the frames and the sound.

    ``ocr`` also reads visible labels of others, where its extra is installed. The file stays on
    the disk, whatever its size. Raises `LabelError` when it is no video, broken,
    or over a limit (R-50, R-51); encrypted or transparent video keeps its metadata rows.
    """
    with path.open("rb") as file:
        header = open_video_header(file)
        rows: list[Evidence] = list(read_metadata(file, header.format))
        rows += read_foreign(VIDEOS[header.format].blocks(file))
    if not fast and header.encrypted:
        rows += _unread("the video is encrypted")
    elif not fast:
        try:
            rows += [
                read_mark(path, keys=keys, depth=depth),
                *with_foreign(
                    read_visible(path, thorough=thorough),
                    partial(_read_foreign_label, path),
                    wanted=ocr,
                ),
                *read_tracks(path, keys=keys, depth=depth),
            ]
        except UnsupportedMedia as error:
            rows += _unread(str(error))
    return finding_of(Modality.VIDEO, header, rows)


def _read_foreign_label(path: Path) -> VisibleEvidence:
    from detectors.video.foreign import read_foreign_label

    return read_foreign_label(path)


def _unread(why: str) -> tuple[Evidence, ...]:
    return unread(why, mark=IMAGE_V1.name, visible="text")
