"""The sound formats that can be labelled, by content; the twin of the table of pictures."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.containers.audio import aiff, asf, flac, m4a, mp3, ogg, riff
from labeler.containers.sniffing import sniff
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.containers.audio.model import SoundContainer


SOUNDS: Mapping[str, SoundContainer] = MappingProxyType(
    {
        "wav": riff,
        "mp3": mp3,
        "flac": flac,
        "ogg": ogg,
        "m4a": m4a,
        "aiff": aiff,
        "wma": asf,
    }
)
"""The sound formats, by the names that `sniff` gives them."""

ADVICE: Mapping[str, str] = MappingProxyType(
    {"aac": "a raw AAC (ADTS) stream has no place for a label; put it into an M4A first"}
)
"""What to do with sound that has no place for a label."""


def sound_container_of(data: bytes) -> SoundContainer:
    """Return the container of the format that ``data`` is; raise `UnsupportedMedia` for others."""
    name = sniff(data) or ""
    if name in SOUNDS:
        return SOUNDS[name]
    if name in ADVICE:
        raise UnsupportedMedia(ADVICE[name])
    what = f"a {name} file" if name else "a file of unknown format"
    raise UnsupportedMedia(f"this is {what}, no sound; labels are put into {', '.join(SOUNDS)}")
