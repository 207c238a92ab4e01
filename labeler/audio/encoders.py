"""
Encoders of compressed sound, block by block: FFmpeg's through PyAV, libsndfile's for Ogg Vorbis.

The ``av`` wheel bundles x264 and x265 (GPL) and LAME (LGPL) beside FFmpeg; nothing here calls the
first two. It has no encoder for Ogg Vorbis (FFmpeg's own is experimental, for stereo only, and far
below libvorbis): that one is libsndfile's, an extra package.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from labeler.audio.compressed import PACKED, translated
from labeler.backends import backend


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.audio.storage import SoundFormat

    Stored = NDArray[Any]

_MUXERS = {"flac": "flac", "mp3": "mp3", "ogg": "ogg", "m4a": "ipod", "wma": "asf"}
_ENCODERS = {"flac": "flac", "mp3": "libmp3lame", "opus": "libopus", "aac": "aac", "alac": "alac"}
_ENCODERS |= {"wmav1": "wmav1", "wmav2": "wmav2"}
_SAMPLE_FORMATS = {
    ("flac", "s16"): "s16", ("flac", "s24"): "s32", ("flac", "s32"): "s32",
    ("alac", "s16"): "s16p", ("alac", "s24"): "s32p", ("opus", "f32"): "flt",
}  # fmt: skip

_OPUS_ORDERS = {5: [0, 1, 4, 2, 3], 7: [0, 1, 4, 3, 5, 2, 6]}
"""FFmpeg's libopus wrapper turns 5 and 7 channels round; this turns them back."""

_MP3_RATES: dict[int, tuple[int, ...]] = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s of MPEG-1 (32 kHz and more) and of MPEG-2 and 2.5 layer III."""

_VORBIS_RATES = (64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 500)
"""Nominal kbit/s of Vorbis quality 0 to 10, stereo at 44.1 kHz."""


class AvEncoder:
    """Encode stored numbers block by block into a seekable file, as a format says."""

    __slots__ = ("_at", "_context", "_file", "_format", "_order", "_output", "_stream")

    def __init__(self, file: IO[bytes], found: SoundFormat, chapters: tuple[Any, ...] = ()) -> None:
        import av

        self._format, self._at, self._file = found, 0, file
        self._order = _OPUS_ORDERS.get(found.channels) if found.codec == "opus" else None
        options = {"id3v2_version": "0", "write_id3v1": "0"} if found.container == "mp3" else {}
        with translated(f"the {found.codec} sound cannot be encoded"):
            self._output = av.open(file, "w", format=_MUXERS[found.container], options=options)
            stream = self._output.add_stream(_ENCODERS[found.codec], rate=found.rate)
            self._stream = cast("Any", stream)
            self._context = self._stream.codec_context
            self._context.layout = found.layout
            self._context.format = _SAMPLE_FORMATS.get((found.codec, found.coding), "fltp")
            self._context.options = _encoder_options(found)
            self._context.thread_count = 1
            if found.bit_rate:
                self._context.bit_rate = encoder_rate(found)
            if chapters and hasattr(self._output, "set_chapters"):
                self._output.set_chapters(list(chapters))
            self._context.open()
            self._pad()

    def _pad(self) -> None:
        """Lead in with one frame where the decoder drops the first: WMA declares no delay."""
        if self._format.codec.startswith("wma"):
            silence = np.zeros((self._context.frame_size, self._format.channels), np.float32)
            self._write(silence)

    def write(self, stored: Stored) -> None:
        """Encode numbers (n, channels) of the format's coding."""
        if len(stored):
            with translated(f"the {self._format.codec} sound cannot be encoded"):
                self._write(stored)

    def _write(self, stored: Stored) -> None:
        import av

        if self._format.coding == "s24":
            stored = stored.astype(np.int32) << 8
        if self._order is not None:
            stored = stored[:, self._order]
        values = np.ascontiguousarray(stored).reshape(1, -1)
        name = PACKED[self._format.coding]
        frame = av.AudioFrame.from_ndarray(values, format=name, layout=self._format.layout)
        frame.sample_rate = self._format.rate
        frame.time_base = Fraction(1, self._format.rate)
        frame.pts = self._at
        self._at += len(stored)
        self._output.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Flush the encoder and finish the file."""
        with translated(f"the {self._format.codec} sound cannot be encoded"):
            self._output.mux(self._stream.encode(None))
            self._output.close()


def _encoder_options(found: SoundFormat) -> dict[str, str]:
    if found.codec == "flac" and found.coding == "s32":
        return {"strict": "experimental", "bits_per_raw_sample": "32"}
    if found.codec == "mp3" and found.variable:
        return {"abr": "1"}
    return {}


def encoder_rate(found: SoundFormat) -> int:
    """
    Return the bit rate to encode a lossy format at: the source's, as the codec allows.

    Constant MP3 takes the next rate of its table; AAC at least 24 and Opus 6 kbit/s a channel.
    """
    if found.codec == "mp3":
        legal = _MP3_RATES[1 if found.rate >= 32_000 else 2]
        if found.rate <= 12_000:
            legal = tuple(rate for rate in legal if rate <= 64)
        least, most = 1000 * legal[0], 1000 * legal[-1]
        if found.variable:
            return min(max(found.bit_rate, least), most)
        return next((1000 * r for r in legal if 1000 * r >= 0.985 * found.bit_rate), most)
    if found.codec == "aac":
        most = 6 * found.rate * found.channels
        return min(max(found.bit_rate, 16_000 * found.channels), most)
    if found.codec == "opus":
        return min(max(found.bit_rate, 6_000 * found.channels), 256_000 * found.channels)
    return max(found.bit_rate, 24_000)


class VorbisEncoder:
    """Encode Ogg Vorbis with libsndfile; the ``vorbis`` extra brings it."""

    __slots__ = ("_order", "_output")

    def __init__(self, file: IO[bytes], found: SoundFormat) -> None:
        soundfile = backend(
            "soundfile",
            extra="vorbis",
            purpose="writing Ogg Vorbis",
            otherwise="convert the file to Opus or FLAC",
        )
        with translated("the vorbis sound cannot be encoded"):
            self._order = _vorbis_order(found.channels)
            self._output = soundfile.SoundFile(
                file, "w", found.rate, found.channels, "VORBIS", format="OGG",
                compression_level=1 - vorbis_quality(found),
            )  # fmt: skip

    def write(self, stored: Stored) -> None:
        """Encode samples (n, channels) float32, in slices: libsndfile keeps them on its stack."""
        with translated("the vorbis sound cannot be encoded"):
            for at in range(0, len(stored), 4096):
                self._output.write(stored[at : at + 4096, self._order])

    def close(self) -> None:
        """Finish the file."""
        with translated("the vorbis sound cannot be encoded"):
            self._output.close()


def _vorbis_order(channels: int) -> list[int]:
    """Return FFmpeg's channel for each Vorbis channel (Vorbis I, 4.3.9)."""
    orders = {3: [0, 2, 1], 5: [0, 2, 1, 3, 4], 6: [0, 2, 1, 4, 5, 3]}
    orders |= {7: [0, 2, 1, 5, 6, 4, 3], 8: [0, 2, 1, 6, 7, 4, 5, 3]}
    return orders.get(channels, list(range(channels)))


def vorbis_quality(found: SoundFormat) -> float:
    """Return Vorbis quality 0..1 that gives about the format's bit rate."""
    share = found.channels / 2 * min(1.0, found.rate / 44_100)
    nominal = found.bit_rate / 1000 / max(share, 1e-3)
    quality = float(np.interp(nominal, _VORBIS_RATES, range(11)))
    return math.floor(quality * 10 + 0.5) / 100
