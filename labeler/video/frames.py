"""
Frames in memory: an iterator in, an iterator out, for generators that have no file yet.

The same label and the same mark as in files. Write the frames out without turning or scaling them,
and add the metadata to the file afterwards (``layers=["metadata"]``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from labeler.core.image.canonical import luma_of
from labeler.errors import UnsupportedMedia
from labeler.image.visible import draw_label
from labeler.image.visible_plan import plan_label
from labeler.model import Layer
from labeler.options import Options
from labeler.payload import payload_of
from labeler.policy import policy_named
from labeler.video.visible import parse_position, schedule_for
from labeler.video.watermark import FrameMarker, FrameShape


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from labeler.image.visible_plan import Plan
    from labeler.model import Label
    from labeler.video.visible import Schedule

    Frame = NDArray[np.uint8]


_COLOURS = 3


def label_frames(
    frames: Iterable[Frame],
    label: Label,
    *,
    rate: float | Fraction,
    seconds: float = 0.0,
    options: Options | None = None,
) -> Iterator[Frame]:
    """
    Yield labelled copies of frames (H, W) or (H, W, 3) uint8 RGB, all of one size, in order.

    Parameters
    ----------
    rate
        Frames a second: decides how many carry the visible label (R-19).
    seconds
        Length of the whole, needed for a label in the middle or at the end (R-21).
    options
        Layers ``visible`` and ``watermark``; metadata needs a file.

    Raises
    ------
    UnsupportedMedia
        A frame of another shape or type, or no rate.
    LabelError
        As `labeler.image.visible_plan.plan_label` and `labeler.video.watermark.FrameMarker` do.

    Examples
    --------
    >>> from labeler.model import Label
    >>> label = Label(producer="001191440300708461136T1XGW3", content_id="demo-001")
    >>> film = (np.full((360, 640, 3), 90, np.uint8) for _ in range(3))
    >>> [frame.shape for frame in label_frames(film, label, rate=25)]
    [(360, 640, 3), (360, 640, 3), (360, 640, 3)]
    """
    options = options or Options()
    if not rate > 0:
        raise UnsupportedMedia(f"{rate} frames a second; give the rate that will be played")
    work: _Work | None = None
    for index, frame in enumerate(frames):
        _check(frame, None if work is None else work.shape)
        if work is None:
            work = _begin(
                frame, label, options, frame_time=float(1 / Fraction(rate)), seconds=seconds
            )
        yield work.do(frame, index)


@dataclass(slots=True)
class _Work:
    """What is kept from frame to frame."""

    shape: tuple[int, ...]
    frame_time: float
    plan: Plan | None
    schedule: Schedule
    marker: FrameMarker | None

    def do(self, frame: Frame, index: int) -> Frame:
        at = index * self.frame_time
        before = at - self.frame_time if index else None
        out = frame.copy()
        if self.plan is not None and self.schedule.shows(at, before):
            out, _ = draw_label(out, self.plan, tone="dark")
        if self.marker is not None:
            _mark(out, self.marker)
        return out


def _begin(
    frame: Frame, label: Label, options: Options, *, frame_time: float, seconds: float
) -> _Work:
    height, width = frame.shape[:2]
    place = parse_position(options.position)
    plan = marker = None
    if options.wants(Layer.VISIBLE):
        plan = plan_label(
            width,
            height,
            lang=options.language or policy_named(options.policy).language,
            status=label.status,
            text=options.text,
            style=options.style,
            position=place.corner,
            height_mode=options.height_mode,
            font=options.font,
        )
    if options.wants(Layer.WATERMARK):
        marker = FrameMarker(
            FrameShape(rows=height, columns=width),
            payload_of(label),
            key=options.key,
            strength=options.strength,
        )
    schedule = schedule_for(place.times, seconds, frame_time)
    return _Work(
        shape=frame.shape, frame_time=frame_time, plan=plan, schedule=schedule, marker=marker
    )


def _mark(frame: Frame, marker: FrameMarker) -> None:
    """Mark a frame in place: the luma's change goes into every colour."""
    if frame.ndim == 2:
        marker.mark(frame)
        return
    luma = np.ascontiguousarray(luma_of(frame))
    step = marker.step_for(luma)
    cv2.add(frame, cv2.merge([step.up] * _COLOURS), dst=frame)
    cv2.subtract(frame, cv2.merge([step.down] * _COLOURS), dst=frame)


def _check(frame: Any, shape: tuple[int, ...] | None) -> None:
    fits = isinstance(frame, np.ndarray) and frame.dtype == np.uint8 and frame.size > 0
    if not fits or not (frame.ndim == 2 or (frame.ndim == 3 and frame.shape[2] == _COLOURS)):
        raise UnsupportedMedia("frames are arrays (H, W) or (H, W, 3) of uint8")
    if shape is not None and frame.shape != shape:
        raise UnsupportedMedia(f"a frame of shape {frame.shape} after frames of {shape}")
