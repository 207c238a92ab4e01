"""
The invisible mark of moving pictures: the picture mark on the luma of every frame (R-43, R-44).

One pattern for all frames, as strong as each few frames hide it; a still of a marked video is a
marked picture. The mathematics is in `labeler.core.video.moving`, the reader in
`detectors.video.watermark`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from labeler.core.image.canonical import canonical_scale, canonical_shape
from labeler.core.image.lattice import lattice_of
from labeler.core.message import message_of
from labeler.core.video.moving import (
    GOALS,
    Goal,
    Pattern,
    Step,
    add_step,
    aim_of,
    is_cut,
    pattern_of,
    plan_step,
    seen_for_mask,
    thumbnail,
    tiled_plane,
)
from labeler.errors import MediaTooSmall, UnknownPolicy
from labeler.image.watermark import SMALLEST, THINNEST
from labeler.keys import DEFAULT_KEY, Key
from labeler.machine import plain
from labeler.schemes import IMAGE_V1
from labeler.video.planes import stored


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.payload import Payload
    from labeler.schemes import CodeMode

    Plane = NDArray[Any]


GROUP = 4
"""Frames that share a mask, unless the scene changes."""

LONG_FROM = 256
"""Least sqrt(width * height) for the long payload: many frames carry what one could not."""

_STRONGEST = 10.0
_MASK_SCALE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoMarkReceipt:
    """
    What was put into the frames of one video.

    ``psnr_db`` is the mean over the frames of the luma's PSNR, ``psnr_least_db`` that of the worst
    group of frames; None when nothing changed. ``self_check`` is the statistic with which the mark
    was read back from the encoded video, None when it was not.
    """

    scheme: str
    mode: str
    bits: int
    key: str
    strength: str
    frames: int
    psnr_db: float | None
    psnr_least_db: float | None
    self_check: float | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as it stands under ``layers.watermark`` in the machine output."""
        return plain(self, psnr_db=2, psnr_least_db=2, self_check=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameShape:
    """
    The luma planes to be marked: rows, columns, largest value, and how players show them.

    ``display`` is (width, height) as shown, None when that is how they are stored; ``turns`` the
    quarter turns, counter-clockwise, that players make.
    """

    rows: int
    columns: int
    peak: int = 255
    display: tuple[int, int] | None = None
    turns: int = 0


def mode_of_frames(width: int, height: int) -> CodeMode:
    """Return the mode for frames of a display size; raise `MediaTooSmall` where none fits."""
    size = math.sqrt(height * width)
    if size < SMALLEST or min(canonical_shape(height, width, IMAGE_V1.canonical)) < THINNEST:
        raise MediaTooSmall(
            f"frames of {width} x {height} pixels are too few for the invisible mark (at least "
            f"{SMALLEST} x {SMALLEST}, and no thin strip); rely on the visible label and the "
            "metadata"
        )
    return IMAGE_V1.long_mode if size >= LONG_FROM else IMAGE_V1.short_mode


def goal_of(strength: str | float) -> Goal:
    """Return how strong to mark: a name of `GOALS`, or a multiple of the visibility mask."""
    try:
        strength = float(strength)
    except ValueError:
        if strength in GOALS:
            return GOALS[str(strength)]
        raise UnknownPolicy(f"strength {strength!r} is none of {', '.join(GOALS)}") from None
    if not 0 <= strength <= _STRONGEST:
        raise UnknownPolicy(f"strength {strength:g} is outside 0..{_STRONGEST:g}")
    return Goal(fixed=strength)


@dataclass(slots=True)
class _Tally:
    """Frames so far, the sum of their PSNR, and the least."""

    frames: int = 0
    total: float = 0.0
    least: float = math.inf

    @property
    def mean(self) -> float | None:
        return self.total / self.frames if self.frames else None

    def count(self, psnr: float) -> None:
        self.frames += 1
        self.total += min(psnr, 100.0)
        self.least = min(self.least, psnr)


@dataclass(slots=True)
class FrameMarker:
    """
    Marks luma planes of one recording, in their order, in place.

    One marker serves one recording: it keeps the step of the running group and the mean PSNR.

    >>> from labeler.payload import from_bits
    >>> marker = FrameMarker(FrameShape(rows=360, columns=640), from_bits((0, 0, 0, 1) * 16))
    >>> marker.mark(np.full((360, 640), 120, np.uint8))
    >>> marker.receipt().frames
    1
    """

    shape: FrameShape
    payload: Payload
    key: Key = DEFAULT_KEY
    strength: str | float = "default"
    _goal: Goal = field(init=False)
    _mode: CodeMode = field(init=False)
    _pattern: Pattern = field(init=False)
    _halvings: int = field(init=False)
    _step: Step | None = field(init=False, default=None)
    _left: int = field(init=False, default=0)
    _seen: NDArray[np.float32] = field(init=False)
    _tally: _Tally = field(init=False, default_factory=_Tally)

    def __post_init__(self) -> None:
        """Lay the pattern out over the stored frame, once."""
        shape = self.shape
        width, height = shape.display or (shape.columns, shape.rows)
        self._goal = goal_of(self.strength)
        self._mode = mode_of_frames(width, height)
        lattice = lattice_of(IMAGE_V1, self.key.subkey(IMAGE_V1.name))
        bits = self.payload.to_bits()[: self._mode.payload_bits]
        tile = message_of(lattice, bits, self._mode).tile
        shown = tiled_plane(tile, *canonical_shape(height, width, IMAGE_V1.canonical))
        lying = np.ascontiguousarray(stored(shown, shape.turns))
        size = (shape.columns, shape.rows)
        plane = cv2.resize(lying, size, interpolation=cv2.INTER_LINEAR)
        self._pattern = pattern_of(np.asarray(plane, np.float32))
        scale = canonical_scale(shape.rows, shape.columns, IMAGE_V1.canonical)
        self._halvings = max(1, round(math.log2(_MASK_SCALE * scale)))

    def mark(self, luma: Plane) -> None:
        """Mark one luma plane (rows, columns) of uint8 or uint16, in place."""
        add_step(luma, self.step_for(luma), self.shape.peak)

    def step_for(self, luma: Plane) -> Step:
        """Return what marks the next frame, whose luma this is, and count the frame."""
        seen = thumbnail(luma)
        peak = self.shape.peak
        step = self._step
        if step is None or self._left <= 0 or is_cut(seen, self._seen, peak):
            small = seen_for_mask(luma, self._halvings, peak)
            aim = aim_of(self._goal, self._tally.mean)
            step = plan_step(small, self._pattern, self._goal, aim=aim, peak=peak)
            self._step, self._left, self._seen = step, GROUP, seen
        self._left -= 1
        self._tally.count(step.psnr)
        return step

    def receipt(self) -> VideoMarkReceipt:
        """Return what was done so far."""
        changed = self._tally.frames > 0 and not math.isinf(self._tally.least)
        return VideoMarkReceipt(
            scheme=IMAGE_V1.name,
            mode="long" if self._mode == IMAGE_V1.long_mode else "short",
            bits=self._mode.payload_bits,
            key=self.key.name,
            strength=str(self.strength),
            frames=self._tally.frames,
            psnr_db=self._tally.mean if changed else None,
            psnr_least_db=self._tally.least if changed else None,
        )
