"""
A file answered from its metadata alone: nothing is decoded, and no more is read than that takes.

Files on the disk and objects in storage are read the same way, in parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from detectors.findings import Finding, finding_of
from detectors.foreign.reading import read_foreign
from detectors.image.reading import read_picture_header
from detectors.reading import read_file_evidence
from labeler.containers.pictures import PICTURES
from labeler.containers.pieces import read_at, size_of
from labeler.containers.skimming import HEAD, skim
from labeler.containers.sniffing import sniff, sniff_file
from labeler.containers.tags.id3 import tag_size
from labeler.containers.videos import VIDEOS
from labeler.errors import CorruptMedia, MediaTooLarge
from labeler.limits import LIMITS
from labeler.model import Modality
from labeler.video.files import is_video_format


if TYPE_CHECKING:
    from detectors.evidence import Evidence

_TOLD_LATE = frozenset({"mp4", "wmv", "wma", ""})
"""What the first bytes may say of a file that is something else further on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A file that is open for reading: its size, its first bytes, and what they say it is."""

    file: BinaryIO
    size: int
    head: bytes
    kind: str

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture of a format that can be labelled."""
        return self.kind in PICTURES


def begin(file: BinaryIO) -> Beginning:
    """Look at how a file begins; raise `CorruptMedia` for an empty one."""
    size = size_of(file)
    if not size:
        raise CorruptMedia("the file is empty (zero bytes)")
    head = read_at(file, 0, HEAD)
    kind = sniff(head) or ""
    if len(head) < size and _may_change(head, kind):
        kind = sniff_file(file) or ""
    return Beginning(file=file, size=size, head=head, kind=kind)


def read_header_evidence(
    beginning: Beginning, name: str = "", *, sidecar: bytes | None = None
) -> Finding:
    """
    Return the metadata rows of a file, as the whole file would give them.

    ``name`` is the file name, which tells text formats apart; ``sidecar`` the file beside a
    text. Raises `LabelError` when the file is of no known format, broken, or over a limit
    (R-50, R-51).
    """
    file, size, head, kind = beginning.file, beginning.size, beginning.head, beginning.kind
    if is_video_format(kind):
        return _read_film(file)
    if size > LIMITS.file_bytes:
        raise MediaTooLarge(f"it has {size:,} bytes; the limit is {LIMITS.file_bytes:,}")
    data = head if len(head) == size else skim(file, kind, head)
    if beginning.is_picture:
        return read_picture_header(data, size=size)
    return read_file_evidence(data, keys=(), fast=True, name=name, sidecar=sidecar)


def _may_change(head: bytes, kind: str) -> bool:
    """Say whether a file may be something else than its first bytes tell."""
    return kind in _TOLD_LATE or (kind == "mp3" and tag_size(head, 0) > len(head) // 2)


def _read_film(file: BinaryIO) -> Finding:
    from detectors.video.metadata import read_metadata
    from labeler.video.metadata import open_video_header

    header = open_video_header(file)
    rows: list[Evidence] = list(read_metadata(file, header.format))
    rows += read_foreign(VIDEOS[header.format].blocks(file))
    return finding_of(Modality.VIDEO, header, rows)
