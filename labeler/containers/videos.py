"""The video formats that can be labelled, by content; the twin of the table of sounds."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO

from labeler.containers.sniffing import sniff_file
from labeler.containers.video import avi, flv, matroska, mp4, wmv
from labeler.errors import CorruptMedia, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.containers.video.model import VideoContainer


VIDEOS: Mapping[str, VideoContainer] = MappingProxyType(
    {
        "mp4": mp4,
        "mov": mp4,
        "mkv": matroska,
        "webm": matroska,
        "flv": flv,
        "avi": avi,
        "wmv": wmv,
    }
)
"""The video formats, by the names that `sniff` gives them."""

_INTO = "has no place for a label; put it into an MP4 or MKV first, which needs no new encoding"
ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "mpegts": f"an MPEG transport stream {_INTO}",
        "mpegps": f"an MPEG program stream {_INTO}",
        "mpegvideo": f"a raw MPEG video stream {_INTO}",
        "annexb": f"a raw H.264 or HEVC stream {_INTO}",
        "ivf": f"an IVF stream {_INTO}",
        "y4m": "raw frames (Y4M) have no place for a label; encode them into an MP4 or MKV first",
        "ogv": "Ogg video is not written here; put it into an MKV first (no new encoding needed)",
    }
)
"""What to do with video that has no place for a label."""


def video_container_of(file: BinaryIO) -> VideoContainer:
    """
    Return the container of the format that a file is, whatever it is called (R-51).

    Raises `UnsupportedMedia` for other formats, `CorruptMedia` for an empty file.
    """
    name = sniff_file(file) or ""
    if name in VIDEOS:
        return VIDEOS[name]
    if name in ADVICE:
        raise UnsupportedMedia(ADVICE[name])
    if not name and not file.seek(0, 2):
        raise CorruptMedia("it is empty (zero bytes)")
    what = f"a {name} file" if name else "a file of unknown format"
    raise UnsupportedMedia(f"this is {what}, no video; labels are put into {', '.join(VIDEOS)}")
