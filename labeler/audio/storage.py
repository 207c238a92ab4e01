"""How a sound file stores its samples: what encoding needs and the samples do not tell."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any

from labeler.containers.sniffing import sniff
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS, Limits


if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

LAYOUTS = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")
"""FFmpeg's name of the usual layout of 1 to 8 channels."""

LOSSLESS = frozenset({"flac", "alac", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be"})
"""Codecs that lose nothing, beside the integer and telephone-law PCM ones (``pcm_...``)."""

_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_KNOWN: Mapping[bytes, str] = MappingProxyType(
    {
        b"caff": "Apple CAF",
        b"#!AMR": "AMR",
        b"riff\x2e\x91\xcf\x11": "Wave64",
        b"RIFX": "big-endian WAV (RIFX)",
        b"\x1a\x45\xdf\xa3": "Matroska or WebM",
        b"MAC ": "Monkey's Audio",
        b"wvpk": "WavPack",
        b"DSD ": "DSD",
        b".snd": "Sun audio",
        b"MThd": "MIDI",
    }
)
_RIFF_KINDS = (b"RIFF", b"RF64", b"BW64")
_HEAD = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFormat:
    """
    How a file stores sound.

    ``container`` is one of wav, aiff, flac, mp3, ogg, m4a, wma; ``codec`` is FFmpeg's name, such as
    pcm_s24le, flac, mp3, vorbis, opus, aac, alac, wmav2. ``coding`` is how numbers are stored
    (`labeler.audio.pcm`), of lossy codecs f32: what their decoder gives. ``bits`` is the depth, 0
    for lossy codecs; ``bit_rate`` is in bits per second, 0 where nothing is lost. ``variable``
    says that a lossy stream has no constant bit rate. ``layout`` is FFmpeg's name of the channel
    layout. ``notes`` name what re-encoding will not keep.
    """

    container: str
    codec: str
    rate: int
    channels: int
    coding: str = "f32"
    bits: int = 0
    bit_rate: int = 0
    variable: bool = False
    layout: str = ""
    notes: tuple[str, ...] = ()

    @property
    def lossless(self) -> bool:
        """Say whether unchanged samples survive encoding bit for bit."""
        return self.codec in LOSSLESS or self.codec.startswith("pcm_")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sound:
    """
    A decoded recording: ``samples`` (n, channels) float32, full scale 1.0, at ``rate`` hertz.

    Of 32-bit integers, 64-bit floats and telephone laws float32 cannot tell all numbers apart:
    there ``stored`` holds them as they were, and encoding puts them back wherever a sample did not
    change. ``data`` is the file, whose tags and pictures encoding carries over.
    """

    samples: NDArray[np.float32]
    rate: int
    source: SoundFormat
    stored: NDArray[Any] | None = field(default=None, repr=False)
    data: bytes = field(default=b"", repr=False)


def container_of_sound(file: IO[bytes]) -> str:
    """
    Return the container a file is, by its content; the position is left at the start.

    Raises
    ------
    CorruptMedia
        It is empty, or cut right at its start.
    UnsupportedMedia
        It is something else; the message says what.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise CorruptMedia("it is empty (zero bytes)")
    found = _by_signature(head)
    if found is None and head.startswith(b"ID3"):
        head = _after_id3(file, head)
        found = "flac" if head.startswith(b"fLaC") else "mp3" if _is_mpeg(head) else None
        if found is None and not head:
            raise CorruptMedia("it holds tags and no sound; get an intact copy of the file")
    file.seek(0)
    if found is None:
        raise UnsupportedMedia(_what_else(head))
    return found


def _by_signature(head: bytes) -> str | None:
    if head[:4] in _RIFF_KINDS and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return "aiff"
    for signature, name in ((b"fLaC", "flac"), (b"OggS", "ogg"), (_ASF, "wma")):
        if head.startswith(signature):
            return name
    if head[4:8] == b"ftyp" and sniff(head) not in {"avif", "heic", "mov"}:
        return "m4a"
    return "mp3" if _is_mpeg(head) else None


def _is_mpeg(head: bytes) -> bool:
    """Say whether an MPEG layer III frame header stands here (ISO 11172-3 2.4.1.3)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    layer, version = head[1] >> 1 & 3, head[1] >> 3 & 3
    return layer == 1 and version != 1 and head[2] >> 4 != 15 and head[2] >> 2 & 3 != 3


def _after_id3(file: IO[bytes], head: bytes) -> bytes:
    """Return what follows the ID3v2 tags at the start, however many there are."""
    at = 0
    while head.startswith(b"ID3") and len(head) >= 10:
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        at += 10 + size + (10 if head[5] & 0x10 else 0)
        file.seek(at)
        head = file.read(_HEAD)
    skipped = head.lstrip(b"\0")  # padding some writers leave uncounted
    return skipped if _is_mpeg(skipped) else head


def _what_else(head: bytes) -> str:
    can = "sound is read from WAV, AIFF, FLAC, MP3, Ogg, M4A and WMA files"
    for signature, name in _KNOWN.items():
        if head.startswith(signature):
            return f"this is {name}; {can}; convert it first"
    if head[:2] in {b"\xff\xf1", b"\xff\xf9"}:
        return "this is a raw AAC stream, which has no place for tags; put it into M4A first"
    known = sniff(head)
    return f"this is a {known} file, no sound; {can}" if known else f"this is no sound file; {can}"


def check_format(found: SoundFormat, limits: Limits = LIMITS) -> SoundFormat:
    """Return the format, or raise `UnsupportedMedia` for rates and channels out of range."""
    if not limits.sound_rate_low <= found.rate <= limits.sound_rate_high:
        raise UnsupportedMedia(
            f"a sample rate of {found.rate:,} Hz; from {limits.sound_rate_low:,} to "
            f"{limits.sound_rate_high:,} Hz can be labelled: resample it first"
        )
    if not 1 <= found.channels <= limits.sound_channels:
        raise UnsupportedMedia(
            f"{found.channels} channels; 1 to {limits.sound_channels} can be labelled: mix it down"
        )
    return found


def check_length(frames: int, found: SoundFormat, limits: Limits = LIMITS) -> None:
    """Raise `MediaTooLarge` when so many frames are more than is held in memory at once."""
    if frames * found.channels > limits.sound_values:
        most = math.floor(limits.sound_values / found.channels / found.rate / 60)
        raise MediaTooLarge(
            f"the sound is longer than {most:,} minutes, the most that is decoded into memory at "
            f"{found.rate:,} Hz and {found.channels} channels; process it in blocks from its path"
        )
