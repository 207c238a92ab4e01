"""
The sound tracks of a video: decoded for readers, and marked on their way through a pass.

A marked track is encoded again with its own codec at about its own bit rate; nothing is inserted,
so sound and picture stay together (R-22). Tracks nobody asked for are copied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.audio.watermark import RATES, StreamMarker, mode_for
from labeler.errors import LayerFailed, UnsupportedMedia
from labeler.limits import LIMITS
from labeler.video.facts import opened, translated


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from labeler.keys import Key
    from labeler.payload import Payload

    Samples = NDArray[np.float32]


ENCODERS: Mapping[str, str] = MappingProxyType(
    {
        "aac": "aac",
        "mp3": "libmp3lame",
        "opus": "libopus",
        "flac": "flac",
        "alac": "alac",
        "ac3": "ac3",
        "eac3": "eac3",
        "wmav2": "wmav2",
        "pcm_s16le": "pcm_s16le",
        "pcm_s24le": "pcm_s24le",
        "pcm_s16be": "pcm_s16be",
    }
)
"""The encoder for each codec of a track that can be encoded again."""

_USUAL_RATE = 96_000
_BLOCK = 1_024
_GAP = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A decoded sound track: ``samples`` (n, channels) float32 at ``rate``; its stream number."""

    samples: Samples
    rate: int
    stream: int


def tracks_of(path: Path) -> Iterator[Track]:
    """
    Yield the sound tracks of a video, decoded one after the other; broken ends are left out.

    Of very long tracks the first part, as much as `labeler.limits` lets be held in memory.
    """
    with opened(path) as source:
        numbers = [stream.index for stream in source.streams.audio if stream.codec_context]
    for number in numbers:
        with opened(path) as source:
            stream = source.streams[number]
            channels = max(1, len(stream.codec_context.layout.channels))
            room = LIMITS.sound_values // channels
            parts = []
            for block in _decoded(source, stream):
                parts.append(block[:room])
                room -= len(block)
                if room <= 0:
                    break
            if parts:
                rate = stream.codec_context.sample_rate
                yield Track(samples=np.concatenate(parts), rate=rate, stream=number)


def _decoded(source: Any, stream: Any) -> Iterator[Samples]:
    import av

    packer = _packer(stream)
    try:
        for packet in source.demux(stream):
            for frame in packet.decode():
                yield _samples(frame, packer)
    except av.error.FFmpegError:
        return


def _packer(stream: Any) -> Any:
    import av

    context = stream.codec_context
    return av.AudioResampler(format="flt", layout=context.layout, rate=context.sample_rate)


def _samples(frame: Any, packer: Any) -> Samples:
    """Return a decoded frame as (n, channels) float32 (PyAV reads past eight planes)."""
    (packed,) = packer.resample(frame)
    return np.asarray(packed.to_ndarray().reshape(-1, len(packed.layout.channels)), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundOrder:
    """What is put into every sound track of a video, whose length in seconds decides the mode."""

    payload: Payload
    key: Key
    strength: str | float
    seconds: float


@dataclass(slots=True)
class TrackMarker:
    """Marks one track: packets of the source in, packets of the target out."""

    order: SoundOrder
    source: Any
    target: Any
    _marker: StreamMarker = field(init=False)
    _packer: Any = field(init=False)
    _held: list[Samples] = field(init=False, default_factory=list)
    _taken: int = field(init=False, default=0)
    _given: int = field(init=False, default=0)
    _first: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Set the encoder up as the source's track is stored."""
        context, rate = self.source.codec_context, self.source.codec_context.sample_rate
        self._marker = StreamMarker(
            rate,
            len(context.layout.channels),
            self.order.payload,
            key=self.order.key,
            strength=self.order.strength,
            bits=mode_for(self.order.seconds).payload_bits,
        )
        self._packer = _packer(self.source)

    def feed(self, packet: Any) -> list[Any]:
        """Return the packets that are ready after one more packet of the source."""
        with translated("its sound does not decode; get an intact copy"):
            frames = list(packet.decode())
        ready: list[Any] = []
        for frame in frames:
            self._check_place(frame)
            samples = _samples(frame, self._packer)
            self._taken += len(samples)
            self._held.append(self._marker.push(samples))
            ready += self._encoded(last=False)
        return ready

    def finish(self) -> list[Any]:
        """Return the last packets; raise `LayerFailed` when the mark does not read back."""
        self._held.append(self._marker.finish())
        ready = self._encoded(last=True)
        with translated("the sound cannot be encoded"):
            ready += self.target.encode(None)
        if not self._marker.holds:
            raise LayerFailed(
                f"the mark does not read back from sound track {self.source.index}, which is too "
                "quiet or too short; leave the sound out, or use --strength robust"
            )
        return ready

    def receipt(self) -> dict[str, Any]:
        """Return, after `finish`, what was done."""
        return self._marker.receipt().to_dict() | {"track": self.source.index}

    def _check_place(self, frame: Any) -> None:
        """Remember where the track begins; raise `UnsupportedMedia` where it has gaps."""
        rate = self.source.codec_context.sample_rate
        if frame.time is None:
            return
        if self._first is None:
            self._first = round(frame.time * rate)
        elif abs(frame.time - (self._first + self._taken) / rate) > _GAP:
            raise UnsupportedMedia(
                f"sound track {self.source.index} has gaps; fill them first, or leave the sound out"
            )

    def _encoded(self, *, last: bool) -> list[Any]:
        """Encode what is held, in frames of the codec's size."""
        import av

        context = self.target.codec_context
        size = context.frame_size or _BLOCK
        held = np.concatenate(self._held) if self._held else np.empty((0, 1), np.float32)
        packets: list[Any] = []
        whole = len(held) if last else len(held) // size * size
        for start in range(0, whole, size):
            block = np.ascontiguousarray(held[start : min(start + size, whole)])
            frame = av.AudioFrame.from_ndarray(
                block.reshape(1, -1), format="flt", layout=self.source.codec_context.layout.name
            )
            frame.sample_rate = context.sample_rate
            frame.time_base = Fraction(1, context.sample_rate)
            frame.pts = (self._first or 0) + self._given
            self._given += len(block)
            with translated("the sound cannot be encoded"):
                packets += self.target.encode(frame)
        self._held = [held[whole:]]
        return packets


def add_marked_track(writer: Any, stream: Any, order: SoundOrder) -> TrackMarker:
    """
    Add a track to a file that is written and return what fills it with the marked sound.

    Raises `UnsupportedMedia` for codecs that are not encoded again and rates that are not marked.
    """
    context = stream.codec_context
    name = ENCODERS.get(context.codec.canonical_name)
    low, high = RATES
    if name is None or not low <= context.sample_rate <= high:
        raise UnsupportedMedia(
            f"sound track {stream.index} ({context.codec.canonical_name}, {context.sample_rate} "
            "Hz) cannot be marked; leave the sound out"
        )
    with translated(f"the encoder {name} cannot be set up"):
        target = writer.add_stream(name, rate=context.sample_rate)
        target.layout = context.layout.name
        bit_rate = stream.bit_rate or context.bit_rate
        if not name.startswith("pcm") and name not in {"flac", "alac"}:
            target.bit_rate = bit_rate or _USUAL_RATE * max(1, len(context.layout.channels) // 2)
    return TrackMarker(order, stream, target)
