"""Decoding for readers: frames in order of time, all of them or key frames alone, in runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeler.video.facts import opened, picture_stream, translated


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """A decoded frame (PyAV's) and the second at which it is shown, counted from the first."""

    frame: Any
    seconds: float


def frames_of(
    path: Path, *, keys_only: bool = False, start: float = 0.0, end: float | None = None
) -> Iterator[Shown]:
    """
    Yield the frames shown from ``start`` to before ``end``, in seconds from the first frame.

    A broken end is no error here: readers say what the rest holds. ``keys_only`` decodes nothing
    but key frames. Raises `CorruptMedia` when nothing can be opened.
    """
    with opened(path) as source:
        stream = picture_stream(source)
        stream.thread_type = "AUTO"
        if keys_only:
            stream.codec_context.skip_frame = "NONKEY"
        origin = _origin(source, stream)
        if start > 0 and stream.time_base:
            with translated("it cannot be searched"):
                source.seek(int((start + origin) / stream.time_base), stream=stream)
        for frame in _decoded(source, stream):
            if frame.time is None:
                continue
            seconds = frame.time - origin
            if end is not None and seconds >= end:
                return
            if seconds >= start:
                yield Shown(frame=frame, seconds=seconds)


def _origin(source: Any, stream: Any) -> float:
    """Return the time stamp of the first frame, in seconds."""
    if stream.start_time is not None and stream.time_base:
        return float(stream.start_time * stream.time_base)
    return source.start_time / 1_000_000 if source.start_time else 0.0


def _decoded(source: Any, stream: Any) -> Iterator[Any]:
    import av

    try:
        for packet in source.demux(stream):
            try:
                yield from packet.decode()
            except av.error.InvalidDataError:
                continue
    except av.error.FFmpegError:
        return
