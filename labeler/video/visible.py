"""
The visible label of moving pictures (GB 45438-2025 5.4; R-19..R-21).

Planned once on the display size, rendered once as coverage and level, and blended into the luma and
chroma planes of the frames that carry it. Nothing outside the label's box changes, and nothing of
it is worked out again for a frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from labeler.errors import UnknownPolicy, UnsupportedMedia
from labeler.image.visible import VisibleReceipt, draw_label
from labeler.image.visible_plan import POSITIONS, Plan, plan_label
from labeler.options import DEFAULT_POSITION
from labeler.video.planes import plane_of, stored


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.core.image.compose import Box
    from labeler.model import Status
    from labeler.video.facts import VideoFacts

    Floats = NDArray[np.float32]


TIMES = ("start", "middle", "end", "full")
"""When a label may be shown (R-21); the first is the default."""

LEAST_SECONDS = 2.0
"""How long it is shown at normal speed (GB 45438-2025 5.4 g)."""

_WHITE = {16: 0.58, 18: 0.75}
"""Share of full scale that diffuse white has in PQ and HLG (ITU-R BT.2408)."""

_TINY = 1e-6
_BLACK_LEVEL, _WHITE_LEVEL, _GREY_LEVEL = 16, 235, 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a ``--position`` says of a video: the corner, and when the label is shown."""

    corner: str
    times: tuple[str, ...]


def parse_position(position: str) -> Place:
    """
    Return corner and times named in a position, such as ``top-left,full`` or ``start,end``.

    >>> parse_position("end")
    Place(corner='bottom-right', times=('end',))

    Raises `UnknownPolicy` for other names, and for two corners.
    """
    names = [name.strip() for name in position.split(",")]
    corners = [name for name in names if name in POSITIONS]
    times = tuple(name for name in TIMES if name in names)
    if len(corners) > 1 or len(corners) + len(times) != len(names):
        raise UnknownPolicy(
            f"position {position!r}: name one of {', '.join(POSITIONS)} and any of "
            f"{', '.join(TIMES)}, joined by commas"
        )
    return Place(corner=corners[0] if corners else DEFAULT_POSITION, times=times or TIMES[:1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Spans of seconds, from and to, in which the label is shown."""

    spans: tuple[tuple[float, float], ...]
    note: str = ""

    def shows(self, seconds: float, before: float | None) -> bool:
        """
        Say whether the frame shown at ``seconds`` carries the label, ``before`` the frame before.

        The first frame at or after the end of a span still does: 2 s mean that long (R-19).
        """
        return any(
            start - _TINY <= seconds and (before is None or before < end - _TINY)
            for start, end in self.spans
        )


def schedule_for(times: Sequence[str], seconds: float, frame: float) -> Schedule:
    """
    Return when the label is shown in a film of ``seconds``, whose frames last ``frame`` seconds.

    Raises `UnsupportedMedia` for ``middle`` and ``end`` of a film of unknown length.
    """
    if "full" in times:
        return Schedule(spans=((0.0, math.inf),))
    if 0 < seconds <= LEAST_SECONDS:
        note = f"the film is {seconds:.2f} s long: the label is on all of it, not on 2 s"
        return Schedule(spans=((0.0, math.inf),), note=note)
    if not seconds and set(times) - {"start"}:
        raise UnsupportedMedia(
            "the file does not say how long it is; place the label at start, or full"
        )
    spans = []
    for name in times:
        if name == "start":
            spans.append((0.0, LEAST_SECONDS))
        elif name == "middle":
            half = seconds / 2
            spans.append((half - LEAST_SECONDS / 2 - frame, half + LEAST_SECONDS / 2))
        else:
            spans.append((max(0.0, seconds - LEAST_SECONDS - 2 * frame), math.inf))
    return Schedule(spans=tuple(spans))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Patch:
    """One plane's share of a label: where, how much of the frame stays, and what is laid over."""

    rows: slice
    columns: slice
    keep: Floats
    lay: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlay:
    """A rendered label for frames of one kind; `blend` lays it over a frame."""

    patches: tuple[_Patch, ...]
    receipt: VisibleReceipt
    bits: int

    def blend(self, frame: Any) -> None:
        """Lay the label over a decoded frame (PyAV's), in place."""
        for index, patch in enumerate(self.patches):
            _blend(plane_of(frame, index, self.bits), patch)


def _blend(plane: NDArray[Any], patch: _Patch) -> None:
    region = plane[patch.rows, patch.columns]
    mixed = region * patch.keep
    mixed += patch.lay
    region[...] = mixed.astype(plane.dtype)  # lay holds the half that rounds


def plan_for(
    facts: VideoFacts,
    *,
    lang: str,
    status: Status,
    corner: str = DEFAULT_POSITION,
    text: str | None = None,
    style: str = "plate",
    height_mode: str = "strict",
    font: str | None = None,
    avoid: Sequence[Box] = (),
) -> Plan:
    """Return the plan of a label on the display size (R-20); raises as `plan_label`."""
    width, height = facts.display_size
    return plan_label(
        width,
        height,
        lang=lang,
        status=status,
        text=text,
        style=style,
        position=corner,
        height_mode=height_mode,
        font=font,
        avoid=avoid,
    )


def render(plan: Plan, facts: VideoFacts) -> Overlay:
    """Return a plan rendered for the frames of a file: dark plate, fixed opacity (design 6)."""
    clear = np.zeros((plan.height, plan.width, 4), np.uint8)
    drawn, receipt = draw_label(clear, plan, tone="dark")
    cover = drawn[..., 3].astype(np.float32) / np.float32(255)
    light = drawn[..., 0].astype(np.float32) / np.float32(255) * cover
    rows, columns = facts.height, facts.width
    cover, light = (_as_stored(plane, facts) for plane in (cover, light))
    steps = (1 << facts.chroma_shift[0], 1 << facts.chroma_shift[1])
    box = _even_box(cover, steps)
    scale = (1 << facts.bits) / 256
    black, white = _levels(facts)
    top, bottom, left, right = box
    inside = np.s_[top:bottom, left:right]
    lay = black * cover[inside] + (white - black) * light[inside]
    patches = [_patch((top, bottom, left, right), cover[inside], lay)]
    if _has_chroma(facts):
        small = _reduced(cover[inside], steps)
        grey = np.float32(_GREY_LEVEL * scale)
        place = (top // steps[1], -(-bottom // steps[1]), left // steps[0], -(-right // steps[0]))
        patches += [_patch(place, small, grey * small)] * 2
    assert cover.shape == (rows, columns)  # noqa: S101  the turn and the stretch undone
    return Overlay(patches=tuple(patches), receipt=receipt, bits=facts.bits)


def _patch(place: tuple[int, int, int, int], cover: Floats, lay: Floats) -> _Patch:
    top, bottom, left, right = place
    return _Patch(
        rows=slice(top, bottom),
        columns=slice(left, right),
        keep=np.ascontiguousarray(1 - cover),
        lay=np.ascontiguousarray(lay + np.float32(0.5)),
    )


def _has_chroma(facts: VideoFacts) -> bool:
    return not facts.pixel_format.startswith("gray")


def _levels(facts: VideoFacts) -> tuple[np.float32, np.float32]:
    """Return the sample values of black and of white ink."""
    scale = (1 << facts.bits) / 256
    if facts.full_range:
        black, white = 0.0, float(facts.peak)
    else:
        black, white = _BLACK_LEVEL * scale, _WHITE_LEVEL * scale
    share = _WHITE.get(facts.transfer, 1.0)
    return np.float32(black), np.float32(black + share * (white - black))


def _as_stored(plane: Floats, facts: VideoFacts) -> Floats:
    """Return a plane in display orientation as it lies in the stored frame, (H, W)."""
    lying = np.ascontiguousarray(stored(plane, facts.turns))
    if lying.shape == (facts.height, facts.width):
        return lying
    size = (facts.width, facts.height)
    return np.asarray(cv2.resize(lying, size, interpolation=cv2.INTER_AREA), np.float32)


def _even_box(cover: Floats, steps: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return top, bottom, left, right of what is covered, widened to whole chroma samples."""
    spans = []
    for axis, step in ((1, steps[1]), (0, steps[0])):
        places = np.flatnonzero(cover.any(axis=axis))
        length = cover.shape[1 - axis]
        first, last = int(places[0]), int(places[-1]) + 1
        spans.append((first // step * step, min(-(-last // step) * step, length)))
    (top, bottom), (left, right) = spans
    return top, bottom, left, right


def _reduced(cover: Floats, steps: tuple[int, int]) -> Floats:
    """Return the mean coverage of every chroma sample; at an odd edge of what there is."""
    if steps == (1, 1):
        return cover
    rows, columns = (-(-cover.shape[0] // steps[1]), -(-cover.shape[1] // steps[0]))
    missing = ((0, rows * steps[1] - cover.shape[0]), (0, columns * steps[0] - cover.shape[1]))
    whole = np.pad(cover, missing, mode="edge")
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
