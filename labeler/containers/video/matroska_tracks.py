"""What the header of a Matroska or WebM file says of its tracks: codecs, size, turning, time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.containers.video import ebml
from labeler.containers.video.model import VideoHeader
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from labeler.containers.video.ebml import Element


INFO, TRACKS = 0x1549A966, 0x1654AE6B
TITLE = 0x7BA9
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_ENTRY, _TYPE, _CODEC, _VIDEO = 0xAE, 0x83, 0x86, 0xE0
_WIDTH, _HEIGHT = 0xB0, 0xBA
_SHOWN_WIDTH, _SHOWN_HEIGHT, _UNIT = 0x54B0, 0x54BA, 0x54B2
_PROJECTION, _ROLL = 0x7670, 0x7675
_ENCODINGS, _ENCODING, _ENCRYPTION = 0x6D80, 0x6240, 0x5035
_PIXELS, _RATIO = 0, 3
_PICTURES, _SOUND = 1, 2
_CODECS = {
    "V_MPEG4/ISO/AVC": "h264",
    "V_MPEGH/ISO/HEVC": "hevc",
    "V_MPEG4/ISO/ASP": "mpeg4",
    "V_MS/VFW/FOURCC": "vfw",
    "A_MPEG/L3": "mp3",
    "A_MPEG/L2": "mp2",
}


def read_header(info: bytes, tracks: bytes, format_name: str) -> VideoHeader:
    """
    Return the facts of a film from the contents of ``Info`` and ``Tracks``.

    Raises `UnsupportedMedia` when it has no track of pictures, `CorruptMedia` when it is malformed.
    """
    entries = [one for one in ebml.children(tracks) if one.id == _ENTRY]
    facts = [_facts(tracks, entry) for entry in entries]
    kinds = [ebml.uint(told.get(_TYPE, b"")) for told in facts]
    if _PICTURES not in kinds:
        raise UnsupportedMedia("the file holds no moving pictures: it has no video track")
    pictures = facts[kinds.index(_PICTURES)]
    video = _facts_of(pictures.get(_VIDEO, b""))
    width, height = ebml.uint(video.get(_WIDTH, b"")), ebml.uint(video.get(_HEIGHT, b""))
    return VideoHeader(
        format=format_name,
        codec=_codec(pictures),
        width=width,
        height=height,
        shown=_shown(video, width, height),
        rotation=_rotation(video),
        seconds=_seconds(info),
        sounds=tuple(
            _codec(told) for told, kind in zip(facts, kinds, strict=True) if kind == _SOUND
        ),
        encrypted=any(_is_locked(told) for told in facts),
    )


def _facts(data: bytes, parent: Element) -> dict[int, bytes]:
    """Return the contents inside an element by their ids, the first of each."""
    return _facts_of(parent.content(data))


def _facts_of(content: bytes) -> dict[int, bytes]:
    """Return the contents of elements by their ids, the first of each."""
    found: dict[int, bytes] = {}
    for one in ebml.children(content):
        found.setdefault(one.id, one.content(content))
    return found


def _codec(told: dict[int, bytes]) -> str:
    """Return the name of the codec of a track."""
    name = ebml.text(told.get(_CODEC, b""))
    return _CODECS.get(name, name.partition("_")[2].partition("/")[0].lower() or name)


def _is_locked(told: dict[int, bytes]) -> bool:
    """Say whether the frames of a track are encrypted."""
    content = told.get(_ENCODINGS, b"")
    encodings = [one for one in ebml.children(content) if one.id == _ENCODING]
    return any(_ENCRYPTION in _facts(content, one) for one in encodings)


def _shown(video: dict[int, bytes], width: int, height: int) -> tuple[int, int]:
    """Return the size to show the pictures at."""
    wide, high = (ebml.uint(video.get(one, b"")) for one in (_SHOWN_WIDTH, _SHOWN_HEIGHT))
    unit = ebml.uint(video.get(_UNIT, b""))
    if unit == _PIXELS and wide and high:
        return wide, high
    if unit == _RATIO and wide and high:
        return round(height * wide / high), height
    return width, height


def _rotation(video: dict[int, bytes]) -> int:
    """Return by how many degrees clockwise the pictures are to be turned."""
    roll = ebml.number(_facts_of(video.get(_PROJECTION, b"")).get(_ROLL, b""))
    # The roll turns anticlockwise, as FFmpeg reads and writes it.
    return round(-roll / 90) * 90 % 360 if roll and abs(roll) <= 360 else 0


def _seconds(info: bytes) -> float | None:
    """Return the playing time that the file states."""
    told = _facts_of(info)
    length = ebml.number(told.get(_DURATION, b""))
    scale = ebml.uint(told.get(_SCALE, b"")) or 1_000_000
    seconds = length * scale / 1e9 if length else 0.0
    return seconds if 0 < seconds < 1e9 else None
