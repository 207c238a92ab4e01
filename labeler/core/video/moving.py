"""
The picture mark in moving pictures: a pattern that stands still under a mask that follows.

The pattern is laid out once for all frames. What is worked out again for every few frames is how
much of it each place hides, on a frame reduced by a whole number, so a frame costs little more than
one addition (docs/formats/image-v1.md, section 11).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from labeler.core.image.mask import texture_of


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[Any]


_PATTERN_STEPS, _AMPLITUDE_STEPS = 40.0, 20.0
"""Pattern and amplitude are held as bytes of so many steps a unit: 6.4 and 12.7 units at most."""

_COARSE = 255
"""Up to this peak whole steps add a twelfth to the mean square; finer ones hardly anything."""

_SLACK = 0.1
_HALVED_AT = np.float32(4.0)
_THUMBNAIL = 48
_CUT = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """
    How strong a mark in moving pictures becomes.

    ``mean`` is the PSNR of the luma, in dB, that a recording is brought to on average, ``least``
    what no frame goes under; ``alpha`` the largest multiple of the mask, which spares calm and dark
    pictures; ``fixed`` sets the multiple instead.
    """

    mean: float = 43.25
    least: float = 42.15
    alpha: float = 3.3
    fixed: float | None = None


GOALS = {
    "subtle": Goal(mean=45.5, least=44.0, alpha=2.2),
    "default": Goal(),
    "robust": Goal(mean=42.3, least=41.0, alpha=4.0),
}
"""The named strengths, as those of pictures."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """What the mark adds and takes away at unit amplitude, (H, W) uint8 each, read-only."""

    up: NDArray[np.uint8]
    down: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """
    What is added to and taken from every frame of a group, (H, W) of the frames' type.

    ``alpha`` is the multiple of the mask, ``psnr`` that of the group in dB, without saturation.
    """

    up: Plane
    down: Plane
    alpha: float
    psnr: float


def pattern_of(plane: NDArray[np.float32]) -> Pattern:
    """Return a pattern (H, W) float32, brought to mean square 1, as bytes."""
    rms = math.sqrt(float(cv2.norm(plane, cv2.NORM_L2SQR)) / plane.size) + 1e-9
    plane = plane * np.float32(1 / rms)
    up, down = (
        np.asarray(cv2.convertScaleAbs(np.maximum(sign * plane, 0), alpha=_PATTERN_STEPS), np.uint8)
        for sign in (np.float32(1), np.float32(-1))
    )
    up.setflags(write=False)
    down.setflags(write=False)
    return Pattern(up=up, down=down)


def tiled_plane(tile: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Return the tile, repeated from the top left, over (rows, columns)."""
    side = len(tile)
    repeated = np.tile(tile, (-(-rows // side), -(-columns // side)))
    return np.ascontiguousarray(repeated[:rows, :columns])


def seen_for_mask(luma: Plane, halvings: int, peak: int) -> NDArray[np.float32]:
    """Return a luma (H, W) of integers up to ``peak``, halved so many times, as 0..255."""
    for _ in range(halvings):  # halving is five times as fast as other whole factors
        height, width = luma.shape[0] // 2, luma.shape[1] // 2
        whole = luma[: height * 2, : width * 2]
        luma = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA))
    return np.asarray(luma, np.float32) * np.float32(255 / peak)


def plan_step(
    small: NDArray[np.float32], pattern: Pattern, goal: Goal, *, aim: float, peak: int
) -> Step:
    """
    Return what marks the frames that look like ``small``, the frame reduced, float32 0..255.

    ``aim`` is the PSNR wanted of this group in dB, ``peak`` the largest value of a sample.
    """
    mask = mask_of(small)
    if goal.fixed is not None:
        return _step_of(mask, pattern, goal.fixed, peak)
    alpha = _alpha_for(mask, goal, aim, 0.0 if peak > _COARSE else 1 / 12)
    step = _step_of(mask, pattern, alpha, peak)
    if step.psnr < aim - _SLACK:  # busy places fell where the pattern is strong
        step = _step_of(mask, pattern, alpha * 10 ** ((step.psnr - aim) / 20), peak)
    return step


def mask_of(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """
    Return the amplitude at alpha 1, in luma steps of 255, for a reduced frame, same shape.

    The reverse of that of pictures: coders of moving pictures keep a mark in calm places and wipe
    it from busy ones, so at equal PSNR it reads far better where busy places get less
    (docs/formats/video-v1.md, section 4).
    """
    mask = texture_of(small)
    mask *= 1 / _HALVED_AT
    mask += 1
    return np.reciprocal(mask, out=mask)


def _step_of(mask: NDArray[np.float32], pattern: Pattern, alpha: float, peak: int) -> Step:
    amplitude = cv2.convertScaleAbs(mask, alpha=_AMPLITUDE_STEPS * alpha)
    height, width = pattern.up.shape
    full = cv2.resize(amplitude, (width, height), interpolation=cv2.INTER_LINEAR)
    unit = peak / 255 / (_PATTERN_STEPS * _AMPLITUDE_STEPS)
    depth = cv2.CV_8U if peak <= _COARSE else cv2.CV_16U
    up, down = (
        cv2.multiply(part, full, scale=unit, dtype=depth) for part in (pattern.up, pattern.down)
    )
    power = float(cv2.norm(up, cv2.NORM_L2SQR) + cv2.norm(down, cv2.NORM_L2SQR)) / up.size
    psnr = 10 * math.log10(peak * peak / power) if power else math.inf
    return Step(up=up, down=down, alpha=alpha, psnr=psnr)


def _alpha_for(mask: NDArray[np.float32], goal: Goal, aim: float, rounding: float) -> float:
    """Return the multiple of the mask that gives a PSNR, at most the goal's own limit."""
    rms = math.sqrt(float(np.mean(np.square(mask)))) + 1e-9
    wanted = 255 * 10 ** (-aim / 20)
    return min(math.sqrt(max(wanted**2 - rounding, 0.0)) / rms, goal.alpha)


def aim_of(goal: Goal, mean: float | None) -> float:
    """
    Return the PSNR to aim at for the next group, where ``mean`` is that of all frames before.

    Calm stretches, which take little, leave room for others to take more, down to the least.
    """
    if mean is None or math.isinf(mean):
        return goal.mean
    return min(max(2 * goal.mean - mean, goal.least), goal.mean + 1)


def add_step(luma: Plane, step: Step, peak: int) -> None:
    """Add a step to a luma (H, W) in place; rows may be further apart than they are long."""
    cv2.add(luma, step.up, dst=luma)
    cv2.subtract(luma, step.down, dst=luma)
    if peak not in {255, 65535}:
        np.minimum(luma, luma.dtype.type(peak), out=luma)


def thumbnail(luma: Plane) -> NDArray[np.float32]:
    """Return single samples of a luma, about 48 by 48 of them, to tell scenes apart."""
    steps = [max(1, side // _THUMBNAIL) for side in luma.shape]
    return luma[:: steps[0], :: steps[1]].astype(np.float32)


def is_cut(one: NDArray[np.float32], other: NDArray[np.float32], peak: int) -> bool:
    """Say whether two thumbnails are of different scenes."""
    return float(np.abs(one - other).mean()) > _CUT * peak / 255
