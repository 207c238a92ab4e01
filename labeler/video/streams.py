"""
One pass over a video file: frames decoded, edited in place and encoded; all else copied.

Constant memory whatever the length. Time stamps, turn, pixel shape, colours, depth, other tracks,
chapters, attachments and tags stay as they are; what a container cannot take is named in
``Written.notes``, never left out in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from labeler.errors import CorruptMedia, LayerFailed, UnsupportedMedia
from labeler.video.encoders import (
    Encoding,
    choose_encoder,
    options_for,
    set_up,
    time_base_for,
)
from labeler.video.facts import opened, picture_stream, translated
from labeler.video.sound import add_labelled_track, plan_track


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from labeler.video.encoders import Encoder
    from labeler.video.facts import VideoFacts
    from labeler.video.sound import SoundOrder, TrackLabeller, TrackPlan


MUXERS: Mapping[str, str] = MappingProxyType(
    {
        ".mp4": "mp4",
        ".m4v": "mp4",
        ".3gp": "mp4",
        ".mov": "mov",
        ".qt": "mov",
        ".mkv": "matroska",
        ".webm": "webm",
        ".flv": "flv",
        ".f4v": "mp4",
        ".avi": "avi",
        ".wmv": "asf",
        ".asf": "asf",
    }
)
"""The container for each name ending, by FFmpeg's name; each holds a label."""

_ISO = frozenset({"mp4", "mov"})
_OWN_TAGS = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder", "duration"})
_STATISTICS = ("_STATISTICS", "BPS", "DURATION", "NUMBER_OF_")
_PLAIN_TAGS = frozenset(
    {
        "title", "artist", "album_artist", "composer", "album", "date", "comment", "genre",
        "copyright", "grouping", "lyrics", "description", "synopsis", "show", "episode_id",
        "network", "keywords", "track", "disc", "location", "creation_time", "make", "model",
    }
)  # fmt: skip
_TIMED = frozenset({"matroska,webm", "flv", "avi"})
_LATE = 1.0


class Progress(Protocol):
    """What is told after every frame."""

    def __call__(self, frames: int, seconds: float, total: float) -> None:
        """Take frames done, seconds of the film done, and its length (0 where unknown)."""


class Edit(Protocol):
    """What happens to every frame."""

    def __call__(self, frame: Any, seconds: float) -> None:
        """Change a frame in place; ``seconds`` count from the first frame shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """
    What one pass wrote: frames, the encoder with its options, and what could not be kept.

    ``tracks`` are the receipts of the sound tracks that are marked, ``cues`` of those with an
    audible label; ``heard`` pairs the number of a track in the target with what it got now.
    """

    frames: int
    encoder: str
    options: Mapping[str, str]
    container: str
    tracks: tuple[dict[str, Any], ...] = ()
    cues: tuple[dict[str, Any], ...] = ()
    heard: tuple[tuple[int, dict[str, Any]], ...] = ()
    notes: tuple[str, ...] = ()


def muxer_for(path: Path) -> str:
    """
    Return the container for an output name.

    Raises `UnsupportedMedia` where none of that name holds a label.
    """
    try:
        return MUXERS[path.suffix.lower()]
    except KeyError:
        raise UnsupportedMedia(
            f"a name ending in {path.suffix or 'nothing'} stands for no container that holds a "
            f"label; name the output {path.with_suffix('.mp4').name} or "
            f"{path.with_suffix('.mkv').name}"
        ) from None


def rewrite(
    source: Path,
    target: Path,
    facts: VideoFacts,
    edit: Edit | None,
    *,
    container: str,
    encoding: Encoding | None = None,
    sound: SoundOrder | None = None,
    progress: Progress | None = None,
) -> Written:
    """
    Write ``target`` as ``source`` with every frame put through ``edit``.

    Parameters
    ----------
    facts
        Of the source, from `labeler.video.facts.read_facts`.
    edit
        What happens to every frame; None copies the pictures packet by packet.
    container
        FFmpeg's name of the muxer, a value of `MUXERS`.
    encoding
        What the caller asks of the encoder.
    sound
        What is put into the sound tracks; None copies them.
    progress
        Called after every frame.

    Raises
    ------
    CorruptMedia
        The source is damaged or cut off; the target is then left unfinished.
    UnsupportedMedia
        The container does not hold the codec or a track.
    LayerFailed
        Sound tracks were to be labelled and there are none.
    """
    import av

    encoding = encoding or Encoding()
    encoder = choose_encoder(facts, container, encoding) if edit is not None else None
    options = options_for(encoder, facts, encoding) if encoder is not None else {}
    with opened(source) as reader:
        tags = _tags(reader.metadata)
        with translated(f"the {container} file cannot be written"):
            writer = av.open(str(target), "w", format=container, options=_muxing(container, tags))
        try:
            job = _Job(
                reader=reader,
                writer=writer,
                facts=facts,
                encoder=encoder,
                container=container,
                sound=sound,
            )
            job.prepare(source, options, tags)
            job.run(edit, progress)
        finally:
            with translated(f"the {container} file cannot be written"):
                writer.close()
    return Written(
        frames=job.frames,
        encoder="copy" if encoder is None else encoder.name,
        options=MappingProxyType(options),
        container=container,
        tracks=tuple(_told(t.mark_receipt() for t in job.tracks.values()) + job.marks_there),
        cues=tuple(_told(t.cue_receipt() for t in job.tracks.values()) + job.cues_there),
        heard=tuple(
            (track.target.index, cue)
            for track in job.tracks.values()
            if (cue := track.cue_receipt()) is not None
        ),
        notes=tuple(job.notes),
    )


def _told(receipts: Iterable[dict[str, Any] | None]) -> list[dict[str, Any]]:
    return [receipt for receipt in receipts if receipt is not None]


def _muxing(container: str, tags: Mapping[str, str]) -> dict[str, str]:
    if container not in _ISO:
        return {}
    flags = "+faststart"
    if set(tags) - _PLAIN_TAGS:
        flags += "+use_metadata_tags"  # without it tags of unusual names are dropped
    return {"movflags": flags}


def _tags(metadata: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in metadata.items()
        if name.lower() not in _OWN_TAGS and not name.upper().startswith(_STATISTICS)
    }


@dataclass(slots=True)
class _Job:
    """The state of one pass: streams in and out, and how far it is."""

    reader: Any
    writer: Any
    facts: VideoFacts
    encoder: Encoder | None
    container: str
    sound: SoundOrder | None = None
    frames: int = 0
    notes: list[str] = field(default_factory=list)
    tracks: dict[int, TrackLabeller] = field(default_factory=dict)
    marks_there: list[dict[str, Any]] = field(default_factory=list)
    cues_there: list[dict[str, Any]] = field(default_factory=list)
    _picture: Any = None
    _out: Any = None
    _copies: dict[int, Any] = field(default_factory=dict)
    _packets: int = 0
    _first: float | None = None
    _before: int | None = None
    _durations: dict[int, int] = field(default_factory=dict)
    _end: float = 0.0

    def prepare(self, path: Path, options: dict[str, str], tags: Mapping[str, str]) -> None:
        """Make a stream in the target for every stream of the source, in their order."""
        if self.sound is not None and not self.reader.streams.audio:
            raise LayerFailed("it has no sound track; leave sound and audible out of --layers")
        self.writer.metadata.update(tags)
        self._picture = picture_stream(self.reader)
        self._picture.thread_type = "AUTO"
        for stream in self.reader.streams:
            if stream.index == self._picture.index and self.encoder is not None:
                self._add_picture(self.encoder, options)
            elif stream.type == "audio" and self.sound is not None:
                self._add_sound(stream, self.sound, plan_track(path, stream, self.sound))
            else:
                self._add_copy(stream)
        chapters = self.reader.chapters()
        if chapters:
            self.writer.set_chapters(chapters)

    def _add_sound(self, stream: Any, order: SoundOrder, plan: TrackPlan) -> None:
        """Add a track that is labelled, or copied where it carries everything already."""
        self.marks_there += _told([plan.mark_there])
        self.cues_there += _told([plan.cue_there])
        if plan.payload is None and plan.cue is None:
            self._add_copy(stream)
            return
        track = add_labelled_track(self.writer, stream, order, plan)
        track.target.metadata.update(_tags(stream.metadata))
        track.target.disposition = stream.disposition
        self.tracks[stream.index] = track

    def _add_picture(self, encoder: Encoder, options: dict[str, str]) -> None:
        facts, stream = self.facts, self._picture
        with translated(f"the encoder {encoder.name} cannot be set up"):
            out = self.writer.add_stream(encoder.name, rate=facts.rate, options=options)
            out.width, out.height, out.pix_fmt = facts.width, facts.height, facts.pixel_format
            base = time_base_for(encoder, stream.time_base, facts.rate, self.container)
            out.time_base = out.codec_context.time_base = base
            set_up(out.codec_context, stream.codec_context)
            out.metadata.update(_tags(stream.metadata))
            out.disposition = stream.disposition
            if facts.matrix is not None:
                out.set_display_matrix(facts.matrix)
        self._out = out

    def _add_copy(self, stream: Any) -> None:
        """Add a stream whose packets are copied; say so where the container cannot hold it."""
        import av

        if stream.type == "data" and stream.codec_context is None and self._is_chapter_text(stream):
            return  # written anew from the chapters
        try:
            if stream.type == "attachment":
                name, kind = (
                    stream.metadata.get("filename", ""),
                    stream.metadata.get("mimetype", ""),
                )
                self.writer.add_attachment(name, kind, stream.data)
                return
            out = self.writer.add_stream_from_template(stream)
            out.metadata.update(_tags(stream.metadata))
            out.disposition = stream.disposition
            out.time_base = stream.time_base
        except (av.error.FFmpegError, ValueError, AttributeError, TypeError) as error:
            if stream.type in {"audio", "subtitle"}:
                raise UnsupportedMedia(
                    f"a {self.container} file cannot hold the {stream.type} track "
                    f"{stream.index} of the source; choose an output name ending in .mkv"
                ) from error
            self.notes.append(f"track {stream.index} ({stream.type}) could not be kept")
            return
        self._copies[stream.index] = out

    def _is_chapter_text(self, stream: Any) -> bool:
        return bool(self.reader.chapters()) and self.container in _ISO and stream.type == "data"

    def run(self, edit: Edit | None, progress: Progress | None) -> None:
        """Pass every packet on, frames through ``edit``."""
        for packet in self._demuxed():
            self._note_end(packet)
            pictures = packet.stream.index == self._picture.index
            self._packets += pictures and packet.size > 0
            if pictures and edit is not None:
                if packet.pts is not None and packet.duration and self._keeps_ticks():
                    self._durations[packet.pts] = packet.duration
                for frame in self._decoded(packet):
                    self._encode(frame, edit)
                    if progress is not None:
                        done = (self.frames / float(self.facts.rate)) if self.frames else 0.0
                        progress(self.frames, done, self.facts.seconds)
            elif packet.stream.index in self.tracks:
                self._mux(self.tracks[packet.stream.index].feed(packet))
            elif packet.stream.index in self._copies and packet.size:
                self._pass_on(packet)
        self._check_whole()
        if self._out is not None:
            with translated("the last frames cannot be encoded"):
                rest = self._out.encode(None)
            self._mux_frames(rest)
        for track in self.tracks.values():
            self._mux(track.finish())

    def _pass_on(self, packet: Any) -> None:
        """Copy a packet; a cover picture has no time, and containers want one."""
        if packet.dts is None:
            packet.pts = packet.dts = packet.pts or 0
        packet.stream = self._copies[packet.stream.index]
        self._mux(packet)

    def _demuxed(self) -> Any:
        with translated("the file is damaged or cut off; get an intact copy"):
            yield from self.reader.demux()

    def _note_end(self, packet: Any) -> None:
        if packet.pts is not None and packet.time_base:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            self._end = max(self._end, end)

    def _decoded(self, packet: Any) -> list[Any]:
        at = f" near second {float(packet.pts * packet.time_base):.1f}" if packet.pts else ""
        with translated(f"its frames do not decode{at}; get an intact copy"):
            frames = list(packet.decode())
        for frame in frames:
            if frame.is_corrupt:
                raise CorruptMedia(f"its frames are damaged{at}; get an intact copy")
            if (frame.width, frame.height) != (self.facts.width, self.facts.height):
                raise UnsupportedMedia(
                    "its frames change size midway; split the file where they do"
                )
            if frame.format.name != self.facts.pixel_format:
                raise UnsupportedMedia("its pixel format changes midway; split the file there")
        return frames

    def _encode(self, frame: Any, edit: Edit) -> None:
        frame.make_writable()
        seconds = self._seconds_of(frame)
        edit(frame, seconds)
        frame.pict_type = 0  # or the encoder repeats the source's frame types
        self._stamp(frame, seconds)
        with translated("a frame cannot be encoded"):
            packets = self._out.encode(frame)
        self.frames += 1
        self._mux_frames(packets)

    def _seconds_of(self, frame: Any) -> float:
        """Return the second at which a frame is shown, from the first frame on."""
        if frame.time is None:
            return self.frames / float(self.facts.rate)
        if self._first is None:
            self._first = float(frame.time)
        return float(frame.time) - self._first

    def _stamp(self, frame: Any, seconds: float) -> None:
        base = self._out.codec_context.time_base
        if frame.pts is None or frame.time_base != base:
            origin = self._first or 0.0
            frame.pts, frame.time_base = round((seconds + origin) / base), base
        if self._before is not None and frame.pts <= self._before:
            frame.pts = self._before + 1
        self._before = frame.pts

    def _mux_frames(self, packets: Any) -> None:
        """Write encoded frames, each as long as it was: encoders make the last one too short."""
        for packet in packets:
            duration = self._durations.pop(packet.pts, 0)
            if duration:
                packet.duration = duration
            self._mux(packet)

    def _keeps_ticks(self) -> bool:
        """Say whether the encoder counts time as the source does."""
        return bool(self._out.codec_context.time_base == self._picture.time_base)

    def _mux(self, packets: Any) -> None:
        with translated(f"the {self.container} file cannot be written"):
            self.writer.mux(packets)

    def _check_whole(self) -> None:
        """Raise `CorruptMedia` when less came than the container declares."""
        declared = self.facts.frames
        if declared and self.container in _ISO and self._packets < declared:
            raise CorruptMedia(
                f"it declares {declared:,} frames and {self._packets:,} are there: it is cut off; "
                "get an intact copy"
            )
        length = (self.reader.duration or 0) / 1_000_000
        start = (self.reader.start_time or 0) / 1_000_000
        if self.reader.format.name in _TIMED and self._end - start < length - _LATE:
            raise CorruptMedia(
                f"it declares {length:.1f} s and {self._end - start:.1f} s are there: it is cut "
                "off; get an intact copy"
            )
        if not self.frames and self._out is not None:
            raise CorruptMedia("no frame of it decodes; get an intact copy")
