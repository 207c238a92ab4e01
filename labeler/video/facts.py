"""
What a video file is: its picture stream and the limits it must keep to, before anything is changed.

Read through FFmpeg's libraries (PyAV), whose errors come out as one line of `CorruptMedia`. Players
turn and stretch frames as the file tells them; the display size here is after that (R-20).
"""

from __future__ import annotations

import math
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from labeler.errors import CorruptMedia, LabelError, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_SIDE = 16_384
_MOST_RATE = 1_000
_MOST_STRETCH = 16
_ENCRYPTED = ("encv", "enca")
_INTERLACED = frozenset({2, 3, 4, 5})
_PLAIN_TURN = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """
    The picture stream of a file, as far as labelling needs it.

    ``container`` is FFmpeg's name of the demuxer, ``codec`` of the decoder; ``width`` and
    ``height`` are those of the stored frames, ``aspect`` the shape of their pixels (width over
    height), ``turns`` the quarter turns, counter-clockwise, by which players turn them, ``matrix``
    the display matrix that says so, as stored. ``bits`` is the depth of a sample, ``full_range``
    says that black is 0 and not 16, ``transfer`` is the code point of the transfer function.
    ``rate`` is in frames a second, ``seconds`` the length (0 where unknown), ``frames`` the number
    that the container declares (0 where it does not). ``mastering`` are the HDR facts of the first
    frame as x265 takes them: names and values.
    """

    container: str
    codec: str
    pixel_format: str
    width: int
    height: int
    bits: int
    chroma_shift: tuple[int, int]
    full_range: bool
    transfer: int
    aspect: Fraction
    turns: int
    rate: Fraction
    seconds: float
    frames: int
    bit_rate: int
    interlaced: bool
    stream: int
    matrix: tuple[int, ...] | None = None
    mastering: tuple[tuple[str, str], ...] = ()

    @property
    def peak(self) -> int:
        """Largest value of a sample."""
        return (1 << self.bits) - 1

    @property
    def display_size(self) -> tuple[int, int]:
        """Return (width, height) in pixels as players show the frames."""
        aspect = self.aspect
        wide = self.width * aspect if aspect >= 1 else Fraction(self.width)
        high = Fraction(self.height) if aspect >= 1 else self.height / aspect
        size = max(1, round(wide)), max(1, round(high))
        return size if self.turns % 2 == 0 else (size[1], size[0])


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn whatever FFmpeg and PyAV raise into `CorruptMedia`, one line."""
    import av

    try:
        yield
    except LabelError:
        raise
    except (
        av.error.FFmpegError, OSError, ValueError, TypeError, IndexError, OverflowError,
        AttributeError, RuntimeError, MemoryError, EOFError, ZeroDivisionError, StopIteration,
    ) as error:  # fmt: skip
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise CorruptMedia(f"{what} ({reason.splitlines()[0][:120]})") from error


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """
    Open a video file for reading; yields PyAV's container.

    Raises `CorruptMedia` when it is empty or cannot be opened. What the caller raises inside passes
    as it is.
    """
    import av

    with translated("it cannot be read"):
        if path.stat().st_size == 0:
            raise CorruptMedia("it is empty (zero bytes)")
    with translated("the file is cut off or broken; get an intact copy"):
        source = av.open(str(path), "r", metadata_errors="replace")
    try:
        yield source
    finally:
        source.close()


def picture_stream(source: Any) -> Any:
    """Return the stream of moving pictures of an open file; cover pictures are none."""
    import av

    cover = av.stream.Disposition.attached_pic
    streams = [s for s in source.streams.video if not s.disposition & cover]
    if not streams:
        raise UnsupportedMedia("it holds no video stream")
    stream = streams[0]
    if stream.codec_context is None:
        raise UnsupportedMedia(
            "its video codec is not known here; convert it to H.264, HEVC, VP9 or AV1 first"
        )
    return stream


def read_facts(path: Path) -> VideoFacts:
    """
    Return what the picture stream of a file is; decodes its first frame.

    Raises
    ------
    CorruptMedia
        Empty, truncated, no frame rate, or its first frame does not decode.
    UnsupportedMedia
        No video stream, a still picture, an unknown codec, encryption, or transparency.
    MediaTooLarge
        More pixels than the limit.
    """
    with opened(path) as source:
        return _facts_of(source)


def _facts_of(source: Any) -> VideoFacts:
    stream = picture_stream(source)
    context = stream.codec_context
    _refuse_unlabellable(source, stream)
    _check_size(context.width, context.height)
    with translated("its first frame does not decode; get an intact copy"):
        frame = next(source.decode(stream))
    rate = stream.average_rate or stream.guessed_rate
    if not rate or not 0 < rate <= _MOST_RATE:
        raise CorruptMedia(f"it says {rate or 0} frames a second; repair the file first")
    form = frame.format
    bits = _bits_of(form)
    return VideoFacts(
        container=source.format.name,
        codec=context.codec.canonical_name,
        pixel_format=form.name,
        width=frame.width,
        height=frame.height,
        bits=bits,
        chroma_shift=_chroma_shift(form),
        full_range=int(frame.color_range) == 2 or form.name.startswith("yuvj"),
        transfer=int(frame.color_trc),
        aspect=_aspect(stream),
        turns=_turns(frame),
        rate=Fraction(rate),
        seconds=_seconds(source, stream),
        frames=int(stream.frames or 0),
        bit_rate=int(stream.bit_rate or context.bit_rate or 0),
        interlaced=bool(frame.interlaced_frame) or int(context.field_order) in _INTERLACED,
        stream=stream.index,
        matrix=_display_matrix(frame),
        mastering=_mastering(frame),
    )


def _refuse_unlabellable(source: Any, stream: Any) -> None:
    context = stream.codec_context
    if source.format.name.endswith("_pipe") or source.format.name in {"image2", "gif", "apng"}:
        raise UnsupportedMedia("it is a picture, not a video; label it as a picture")
    if any(tag in str(context.codec_tag) for tag in _ENCRYPTED):
        raise UnsupportedMedia("it is encrypted; label the content before it is protected")
    alpha = context.format is not None and any(c.is_alpha for c in context.format.components)
    if (
        alpha
        or stream.metadata.get("alpha_mode") == "1"
        or stream.metadata.get("ALPHA_MODE") == "1"
    ):
        raise UnsupportedMedia(
            "it has transparency, which would be lost; lay it over a ground first, or use "
            "--layers metadata"
        )


def _check_size(width: int, height: int) -> None:
    if width <= 0 or height <= 0:
        raise CorruptMedia(f"its frames are {width} x {height} pixels; get an intact copy")
    if width * height > LIMITS.pixels or max(width, height) > _MOST_SIDE:
        raise MediaTooLarge(
            f"frames of {width} x {height} pixels are over the limit of {LIMITS.pixels:,} pixels "
            f"or {_MOST_SIDE:,} a side"
        )


def _bits_of(form: Any) -> int:
    """Return the depth; raise `UnsupportedMedia` unless the luma is a plane of its own."""
    components = form.components
    bits = int(components[0].bits)
    planar = form.is_planar or len(components) == 1
    if form.is_rgb or form.has_palette or not planar or form.is_big_endian or not 8 <= bits <= 16:
        raise UnsupportedMedia(
            f"pixels of the format {form.name} are not labelled; convert the video to YUV first "
            "(for example yuv420p or yuv444p)"
        )
    return bits


def _chroma_shift(form: Any) -> tuple[int, int]:
    """Return how often chroma is halved across and down; (0, 0) for grey and 4:4:4."""
    side = 1 << 6
    return (
        int(math.log2(side / form.chroma_width(side))),
        int(math.log2(side / form.chroma_height(side))),
    )


def _aspect(stream: Any) -> Fraction:
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    return aspect if Fraction(1, _MOST_STRETCH) <= aspect <= _MOST_STRETCH else Fraction(1)


def _turns(frame: Any) -> int:
    """Return the quarter turns of the display matrix; raise for any other turn or a mirror."""
    matrix = _display_matrix(frame)
    if matrix is None:
        return 0
    a, b, _, c, d = matrix[:5]
    size = math.hypot(a, b) or 1.0
    for turns, (right, down) in enumerate(((1, 0), (0, -1), (-1, 0), (0, 1))):
        wanted = (right, down, -down, right)
        if max(abs(x / size - y) for x, y in zip((a, b, c, d), wanted, strict=True)) < _PLAIN_TURN:
            return turns
    raise UnsupportedMedia(
        "its display matrix mirrors the frames or turns them by other than quarters; bake the turn "
        "in first, or use --layers metadata"
    )


def _display_matrix(frame: Any) -> tuple[int, ...] | None:
    """Return the nine 16.16 and 2.30 numbers of a frame's display matrix, None without one."""
    from av.sidedata.sidedata import Type

    data = frame.side_data.get(Type.DISPLAYMATRIX)
    return None if data is None else struct.unpack("=9i", bytes(data)[:36])


def _seconds(source: Any, stream: Any) -> float:
    import av

    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return float(source.duration / av.time_base) if source.duration else 0.0


def _mastering(frame: Any) -> tuple[tuple[str, str], ...]:
    """Return the mastering display and light levels (SMPTE ST 2086, CTA-861.3), if told."""
    from av.sidedata.sidedata import Type

    found = []
    data = frame.side_data.get(Type.MASTERING_DISPLAY_METADATA)
    if data is not None:
        # AVMasteringDisplayMetadata: red, green, blue (x, y), white, least, most light; all ratios
        numbers = struct.unpack("=20i", bytes(data)[:80])
        ratios = [a / b if b else 0.0 for a, b in zip(numbers[::2], numbers[1::2], strict=True)]
        red, green, blue, white = (
            ",".join(str(round(50_000 * value)) for value in ratios[at : at + 2])
            for at in (0, 2, 4, 6)
        )
        least, most = (round(10_000 * value) for value in ratios[8:])
        value = f"G({green})B({blue})R({red})WP({white})L({most},{least})"
        found.append(("master-display", value))
    data = frame.side_data.get(Type.CONTENT_LIGHT_LEVEL)
    if data is not None:
        most, mean = struct.unpack("=2I", bytes(data)[:8])
        found.append(("max-cll", f"{most},{mean}"))
    return tuple(found)
