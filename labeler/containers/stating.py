"""
Where a file states its IPTC source type: the formats with XMP that can be written here.

The word goes in together with the label, by the same writer; MP4 and its kin get a box behind all
others, so that nothing moves.
"""

from __future__ import annotations

from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, Protocol

from labeler.containers.audio import aiff, asf, m4a, mp3, riff
from labeler.containers.boxes import XMP_UUID, box
from labeler.containers.film_boxes import read_film_boxes
from labeler.containers.pictures import PICTURES
from labeler.containers.pieces import read_at
from labeler.containers.tags import xmp
from labeler.containers.video import mp4, wmv
from labeler.errors import UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Mapping


class StatingContainer(Protocol):
    """A format whose writer of labels can state a source type as well."""

    def write(self, data: bytes, value: str, source_type: str = "") -> bytes:
        """Return the file with the label, and XMP that states the source type."""


_WRITERS: Mapping[str, StatingContainer] = MappingProxyType(
    {
        **PICTURES,
        "aiff": aiff,
        "wma": asf,
        "mp3": mp3,
        "wav": riff,
    }
)
_BOXED = frozenset({"mp4", "mov", "m4a"})

STATING = frozenset({*_WRITERS, *_BOXED, "wmv"})
"""The formats in which a source type can be written."""


def require_stating(format_name: str) -> None:
    """Raise `UnsupportedMedia` for a format without a place for a source type (R-42)."""
    if format_name not in STATING:
        raise UnsupportedMedia(
            f"{format_name or 'this'} files have no place for the IPTC DigitalSourceType; it is "
            f"written into the XMP of {', '.join(sorted(STATING))}"
        )


def write_stating(data: bytes, format_name: str, value: str, source_type: str) -> bytes:
    """
    Return a picture or sound with the label, and XMP that states the source type.

    Raises
    ------
    LabelConflict
        Its XMP states another source type already.
    UnsupportedMedia
        The format has no place for one.
    """
    require_stating(format_name)
    if format_name not in _BOXED:
        return _WRITERS[format_name].write(data, value, source_type)
    file = BytesIO(m4a.write(data, value))
    _state_in_boxes(file, source_type)
    return file.getvalue()


def write_film_stating(
    source: BinaryIO, target: BinaryIO, *, format_name: str, value: str, source_type: str
) -> None:
    """Do what `write_stating` does with a video file, from file to file."""
    require_stating(format_name)
    if format_name == "wmv":
        wmv.write(source, target, value, source_type)
        return
    mp4.write(source, target, value)
    _state_in_boxes(target, source_type)


def _state_in_boxes(file: BinaryIO, source_type: str) -> None:
    """Put XMP that states the source type behind the last box; an older packet gives way."""
    old, start, last = b"", -1, b""
    for part in read_film_boxes(file):
        head = read_at(file, part.start, 24)
        last = b"" if head[:4] == bytes(4) else part.type
        if part.type == b"uuid" and head[8:] == XMP_UUID:
            if part.end - part.start > LIMITS.xmp_bytes:
                raise UnsupportedMedia("its XMP is too long for a source type to be added")
            old, start = read_at(file, part.body + 16, part.end - part.body - 16), part.start
    packet = xmp.state(old, source_type)
    if packet == old:
        return
    if last in {b"", b"mfra"}:
        raise UnsupportedMedia(
            "the file ends in an index or an open box, behind which no XMP can be put; save it as "
            "a plain MP4 first"
        )
    if start >= 0:
        file.seek(start + 4)
        file.write(b"free")
    file.seek(0, 2)
    file.write(box(b"uuid", XMP_UUID + packet))
