"""
Compressed sound through FFmpeg's libraries (PyAV): inspect and decode, packet by packet.

The demuxer is always named, never guessed, so that no playlist or image reader meets the bytes.
FFmpeg's messages go nowhere: PyAV discards them unless the caller turned its logging on.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from labeler.audio.storage import LAYOUTS, SoundFormat
from labeler.audio.wholeness import check_whole, id3_size
from labeler.errors import CorruptMedia, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Stored = NDArray[Any]

DEMUXERS: Mapping[str, str] = MappingProxyType(
    {"flac": "flac", "mp3": "mp3", "ogg": "ogg", "m4a": "mov", "wma": "asf"}
)
PACKED: Mapping[str, str] = MappingProxyType(
    {"s16": "s16", "s24": "s32", "s32": "s32", "f32": "flt"}
)
"""FFmpeg's interleaved sample format for each coding."""

WRITTEN = frozenset({"flac", "alac", "mp3", "aac", "opus", "vorbis", "wmav1", "wmav2"})
"""Codecs that can be encoded again (`labeler.audio.encoders`)."""

_LOSSLESS_CODECS = frozenset({"flac", "alac"})

_HE_FACTOR = 2
"""HE-AAC needs about half the bits of AAC-LC, which is what FFmpeg's own encoder makes."""

_TORN_PACKETS = 8
"""Packets of an MP3 that may be no frames: what editors and broken tags leave between frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What demuxing told: the format, about how many frames, and chapters to write again."""

    format: SoundFormat
    frames: int
    chapters: tuple[Any, ...] = ()


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn whatever FFmpeg and PyAV raise into `CorruptMedia`, one line."""
    import av

    try:
        yield
    except (
        av.error.FFmpegError, OSError, ValueError, TypeError, IndexError, OverflowError,
        AttributeError, RuntimeError, MemoryError, EOFError, ZeroDivisionError,
    ) as error:  # fmt: skip
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        reason = reason.splitlines()[0]
        raise CorruptMedia(f"{what} ({reason[:120]}); get an intact copy of the file") from error


def inspect(file: IO[bytes], container: str) -> Inspected:
    """
    Demux a compressed file to its end, without decoding, and return what it holds.

    Raises
    ------
    CorruptMedia
        Truncated or malformed.
    UnsupportedMedia
        No sound, several streams, a film, encryption, or a codec that is not written again.
    """
    notes = check_whole(file, container)
    with translated(f"the {container} file cannot be read"), _opened(file, container) as source:
        stream = _only_stream(source, container)
        size, ticks = 0, 0
        for packet in source.demux(stream):
            size += packet.size
            ticks += packet.duration or 0
        context = stream.codec_context
        base = stream.time_base or Fraction(1, context.sample_rate)
        seconds = float(ticks * base)
        if not size or not context.sample_rate:
            raise CorruptMedia("it holds no sound; get an intact copy of the file")
        declared = float(stream.duration * base) if stream.duration else seconds
        chapters = tuple(source.chapters()) if hasattr(source, "chapters") else ()
        rate = _average(size, seconds, stream)
        found = _format_of(file, stream, container=container, bit_rate=rate)
        found = replace(found, notes=notes + found.notes)
        frames = round(min(declared, seconds or declared) * found.rate)
        return Inspected(format=found, frames=frames, chapters=chapters)


def _average(size: int, seconds: float, stream: Any) -> int:
    if seconds > 0:
        return round(8 * size / seconds)
    return int(stream.bit_rate or 0)


@contextmanager
def _opened(file: IO[bytes], container: str) -> Iterator[Any]:
    import av

    file.seek(0)
    with av.open(file, "r", format=DEMUXERS[container]) as source:
        yield source


def _only_stream(source: Any, container: str) -> Any:
    """Return the one sound stream; cover pictures are no film."""
    sounds = list(source.streams.audio)
    if not sounds:
        raise UnsupportedMedia(f"the {container} file holds no sound")
    if len(sounds) > 1:
        raise UnsupportedMedia(f"it holds {len(sounds)} sound streams; one can be labelled")
    for stream in source.streams.video:
        if not _is_still(stream):
            raise UnsupportedMedia("it holds a film, not sound alone; label it as a video")
    return sounds[0]


def _is_still(stream: Any) -> bool:
    return stream.codec_context is not None and stream.codec_context.name in {"mjpeg", "png", "bmp"}


def _format_of(file: IO[bytes], stream: Any, *, container: str, bit_rate: int) -> SoundFormat:
    context = stream.codec_context
    codec = {"mp3float": "mp3", "libopus": "opus"}.get(context.name, context.name)
    if codec not in WRITTEN:
        raise UnsupportedMedia(
            f"{codec} sound can be decoded and not encoded again; convert it to one of "
            f"{', '.join(sorted(WRITTEN))} first"
        )
    channels = len(context.layout.channels)
    bits, notes = _depth(context, codec)
    known = [layout.name for layout in (context.layout,) if "channels" not in layout.name]
    usual = LAYOUTS[channels - 1] if 1 <= channels <= len(LAYOUTS) else ""
    if codec == "aac" and "HE" in str(context.profile):
        notes += (f"{context.profile} is written again as AAC-LC at twice the bit rate",)
        bit_rate *= _HE_FACTOR
    lossless = codec in _LOSSLESS_CODECS
    return SoundFormat(
        container=container,
        codec=codec,
        rate=context.sample_rate,
        channels=channels,
        coding=("s16" if bits <= 16 else "s24" if bits <= 24 else "s32") if lossless else "f32",
        bits=bits,
        bit_rate=0 if lossless else bit_rate,
        variable=container == "mp3" and _is_variable(file),
        layout=known[0] if known else usual,
        notes=notes,
    )


def _depth(context: Any, codec: str) -> tuple[int, tuple[str, ...]]:
    """Return the bits of a lossless codec, from its own header, and what will be different."""
    extra = bytes(context.extradata or b"")
    if codec == "flac" and len(extra) >= 18:
        bits = ((extra[12] & 1) << 4 | extra[13] >> 4) + 1
    elif codec == "alac" and len(extra) >= 24:
        bits = extra[-24 + 5] if extra[4:8] != b"alac" else extra[12 + 5]
    else:
        return 0, ()
    if codec == "alac" and bits > 24:
        raise UnsupportedMedia("ALAC of 32 bits is not written again; convert it to FLAC first")
    kept = {8: 16, 12: 16, 20: 24}.get(bits, bits)
    if kept != bits:
        return kept, (f"{bits} bits a sample are written again as {kept}, same values",)
    return bits, ()


def _is_variable(file: IO[bytes]) -> bool:
    """Say whether the first MP3 frame has the Xing header of streams with a variable bit rate."""
    file.seek(id3_size(file))
    head = file.read(4096)
    return b"Xing" in head or b"VBRI" in head


def decode(file: IO[bytes], inspected: Inspected) -> Iterator[Stored]:
    """
    Yield the sound in stored numbers (n, channels), packet by packet.

    Delay and padding that the container declares are left out; where FFmpeg leaves the padding of
    the last frame in (AAC in M4A), it is cut at the declared length.
    """
    found = inspected.format
    left = LIMITS.sound_seconds * found.rate
    trim = inspected.frames if found.container == "m4a" else None
    torn = 0 if found.codec == "mp3" else _TORN_PACKETS
    resampler = _packer(found)
    with (
        translated(f"the {found.codec} sound cannot be decoded"),
        _opened(file, found.container) as source,
    ):
        for packet in source.demux(_only_stream(source, found.container)):
            try:
                frames = packet.decode()
            except Exception:
                torn += 1
                if torn > _TORN_PACKETS:
                    raise
                continue
            for frame in frames:
                block = _numbers(_packed(frame, found, resampler), found)
                if trim is not None:
                    block = block[: max(trim, 0)]
                    trim -= len(block)
                left -= len(block)
                if left < 0:
                    raise CorruptMedia("the sound goes on for days; get an intact copy of the file")
                yield block


def _packer(found: SoundFormat) -> Any:
    """Return a converter to interleaved channels: PyAV reads past eight planes (av 18.1)."""
    import av

    return av.AudioResampler(format=PACKED[found.coding], layout=found.layout, rate=found.rate)


def _packed(frame: Any, found: SoundFormat, packer: Any) -> Any:
    if len(frame.layout.channels) != found.channels or frame.sample_rate != found.rate:
        raise CorruptMedia("its rate or channels change midway; split the file where they do")
    if not frame.format.is_planar:
        return frame
    (packed,) = packer.resample(frame)
    return packed


def _numbers(frame: Any, found: SoundFormat) -> Stored:
    block: Stored = frame.to_ndarray().reshape(-1, found.channels)
    if found.coding == "s24":
        return block >> 8 if block.dtype == np.int32 else block.astype(np.int32) << 8
    if found.coding == "f32" and block.dtype == np.int16:
        return block.astype(np.float32) / np.float32(32768)
    return np.ascontiguousarray(block)
