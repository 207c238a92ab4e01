"""
The sound tracks of a video: decoded for readers, and labelled on their way through a pass.

A labelled track is encoded again with its own codec at about its own bit rate; nothing is inserted,
so sound and picture stay together (R-22). Tracks nobody asked for are copied, and so are those that
carry already what was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.audio.readback import own_rhythms, plays_at, read_back
from labeler.audio.watermark import RATES, StreamMarker, mode_for
from labeler.errors import LayerFailed, UnsupportedMedia
from labeler.existing import require_same_mark
from labeler.limits import LIMITS
from labeler.video.cue import plan_cue
from labeler.video.facts import opened, translated


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from labeler.keys import Key
    from labeler.payload import Payload
    from labeler.video.cue import Cue, CueOrder

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
_HEAD_SECONDS = 60.0
_AROUND = 2.0
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


def track_part(path: Path, number: int, start: float, seconds: float) -> Samples:
    """
    Return some seconds of a sound track as (n, channels) float32, counted from its first sample.

    Shorter where the track ends. Raises `LabelError` when the file cannot be opened.
    """
    parts: list[Samples] = []
    with opened(path) as source:
        stream = source.streams[number]
        rate = stream.codec_context.sample_rate
        origin = float((stream.start_time or 0) * stream.time_base)
        if start > 0:
            with translated("it cannot be searched"):
                source.seek(int((start + origin) / stream.time_base), stream=stream)
        wanted = round(seconds * rate)
        for at, block in _timed(source, stream):
            skipped = max(0, round((start - (at - origin)) * rate))
            parts.append(block[skipped:][:wanted])
            wanted -= len(parts[-1])
            if wanted <= 0:
                break
        channels = max(1, len(stream.codec_context.layout.channels))
    return np.concatenate(parts) if parts else np.empty((0, channels), np.float32)


def _timed(source: Any, stream: Any) -> Iterator[tuple[float, Samples]]:
    import av

    packer = _packer(stream)
    try:
        for packet in source.demux(stream):
            for frame in packet.decode():
                yield frame.time or 0.0, _samples(frame, packer)
    except av.error.FFmpegError:
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundOrder:
    """
    What every sound track of a video gets: the mark of ``payload``, the label of ``cue``.

    None leaves one of them out. The length in ``seconds`` decides the mode of the mark.
    """

    payload: Payload | None
    key: Key
    strength: str | float
    seconds: float
    cue: CueOrder | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrackPlan:
    """
    What one track still lacks: ``payload`` of the mark, ``cue`` to be heard; None where nothing.

    ``mark_there`` and ``cue_there`` are receipts of what it carries already.
    """

    payload: Payload | None
    cue: Cue | None
    mark_there: dict[str, Any] | None = None
    cue_there: dict[str, Any] | None = None


def plan_track(path: Path, stream: Any, order: SoundOrder) -> TrackPlan:
    """
    Return what a track of the file lacks of what was asked for.

    Raises
    ------
    LabelConflict
        The track carries the mark of something else (R-31).
    UnsupportedMedia
        Its codec is not encoded again, or its rate holds no mark.
    LabelError
        As `labeler.video.cue.plan_cue`.
    """
    context = stream.codec_context
    rate, name = context.sample_rate, context.codec.canonical_name
    low, high = RATES
    if name not in ENCODERS or not low <= rate <= high:
        raise UnsupportedMedia(
            f"sound track {stream.index} ({name}, {rate} Hz) cannot be marked or labelled; leave "
            "sound and audible out of --layers"
        )
    head = track_part(path, stream.index, 0.0, _HEAD_SECONDS)
    payload, cue, mark_there, cue_there = order.payload, None, None, None
    seen = read_back(head, rate, order.key) if payload is not None and len(head) else None
    if seen is not None and payload is not None:
        require_same_mark(seen.payload, payload)
        mark_there = {"track": stream.index, "already": True, "bits": seen.payload.bits}
        payload = None
    if order.cue is not None:
        heard = own_rhythms(head, rate) if len(head) and order.cue.kind == "rhythm" else ()
        if heard:
            places = [round(at, 3) for at in heard]
            cue_there = {"track": stream.index, "already": True, "positions": places}
        else:
            length = float(stream.duration * stream.time_base) if stream.duration else order.seconds
            cue = plan_cue(head, rate, length, order.cue)
    return TrackPlan(payload=payload, cue=cue, mark_there=mark_there, cue_there=cue_there)


@dataclass(slots=True)
class TrackLabeller:
    """Labels one track: packets of the source in, packets of the target out."""

    order: SoundOrder
    plan: TrackPlan
    source: Any
    target: Any
    _marker: StreamMarker | None = field(init=False, default=None)
    _packer: Any = field(init=False)
    _held: list[Samples] = field(init=False, default_factory=list)
    _taken: int = field(init=False, default=0)
    _given: int = field(init=False, default=0)
    _first: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Set the encoder up as the source's track is stored."""
        context, rate = self.source.codec_context, self.source.codec_context.sample_rate
        if self.plan.payload is not None:
            self._marker = StreamMarker(
                rate,
                len(context.layout.channels),
                self.plan.payload,
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
            if self.plan.cue is not None:
                samples = self.plan.cue.lay(samples, self._taken)
            self._taken += len(samples)
            self._held.append(samples if self._marker is None else self._marker.push(samples))
            ready += self._encoded(last=False)
        return ready

    def finish(self) -> list[Any]:
        """Return the last packets; raise `LayerFailed` when the mark does not read back."""
        if self._marker is not None:
            self._held.append(self._marker.finish())
        ready = self._encoded(last=True)
        with translated("the sound cannot be encoded"):
            ready += self.target.encode(None)
        if self._marker is not None and not self._marker.holds:
            raise LayerFailed(
                f"the mark does not read back from sound track {self.source.index}, which is too "
                "quiet or too short; leave the sound out, or use --strength robust"
            )
        return ready

    def mark_receipt(self) -> dict[str, Any] | None:
        """Return, after `finish`, what was done to mark the track; None when nothing was."""
        if self._marker is None:
            return None
        return self._marker.receipt().to_dict() | {"track": self.source.index}

    def cue_receipt(self) -> dict[str, Any] | None:
        """Return what audible label was laid over the track; None when none was."""
        if self.plan.cue is None:
            return None
        return self.plan.cue.facts | {"track": self.source.index}

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


def add_labelled_track(
    writer: Any, stream: Any, order: SoundOrder, plan: TrackPlan
) -> TrackLabeller:
    """Add a track to a file that is written; return what fills it with the labelled sound."""
    context = stream.codec_context
    name = ENCODERS[context.codec.canonical_name]
    with translated(f"the encoder {name} cannot be set up"):
        target = writer.add_stream(name, rate=context.sample_rate)
        target.layout = context.layout.name
        bit_rate = stream.bit_rate or context.bit_rate
        if not name.startswith("pcm") and name not in {"flac", "alac"}:
            target.bit_rate = bit_rate or _USUAL_RATE * max(1, len(context.layout.channels) // 2)
    return TrackLabeller(order, plan, stream, target)


def require_heard(path: Path, number: int, facts: Mapping[str, Any]) -> None:
    """Raise `LayerFailed` unless the rhythm of a receipt plays in a track as encoded (R-41)."""
    if facts["kind"] != "rhythm":
        return
    with opened(path) as source:
        rate = source.streams[number].codec_context.sample_rate
    for at in facts["positions"]:
        start = max(0.0, at - _AROUND)
        part = track_part(path, number, start, facts["seconds"] + 2 * _AROUND)
        if not plays_at(part, rate, (at - start,)):
            raise LayerFailed(
                f"the audible label does not play at {at:g} s of sound track {number} as encoded; "
                "leave audible out of --layers"
            )
