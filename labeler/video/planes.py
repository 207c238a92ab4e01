"""
Frames as arrays, without a copy: planes as they lie in memory, and upright views of them.

Rows of a plane stand further apart than they are long; every view here keeps that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from labeler.core.image.canonical import canonical_luma, canonical_shape
from labeler.schemes import IMAGE_V1


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.video.facts import VideoFacts

    Plane = NDArray[Any]


def plane_of(frame: Any, index: int, bits: int) -> Plane:
    """
    Return plane ``index`` of a decoded frame, (rows, columns), uint8 or (above 8 bits) uint16.

    It is the frame's own memory: call ``frame.make_writable()`` before writing to it, because a
    decoder may still need the frame.
    """
    plane = frame.planes[index]
    width = 1 if bits <= 8 else 2
    kind = np.uint8 if width == 1 else np.uint16
    whole = np.frombuffer(plane, kind)[: plane.height * plane.line_size // width]
    return whole.reshape(plane.height, plane.line_size // width)[:, : plane.width]


def upright(plane: Plane, turns: int) -> Plane:
    """Return a view of a plane (rows, columns) turned as players show it."""
    return np.rot90(plane, turns)


def stored(plane: Plane, turns: int) -> Plane:
    """Return a view of an upright plane as it lies in the stored frame."""
    return np.rot90(plane, -turns)


def canonical_of(luma: Plane, facts: VideoFacts) -> NDArray[np.float32]:
    """
    Return the canonical luma of a stored frame as players show it, float32 0..255.

    ``luma`` is a plane of `plane_of`. Pixels that are not square are made so.
    """
    samples = luma if facts.bits in {8, 16} else luma << np.uint16(16 - facts.bits)
    seen = canonical_luma(samples, IMAGE_V1.canonical)
    if facts.aspect != 1:
        width, height = facts.display_size if facts.turns % 2 == 0 else facts.display_size[::-1]
        rows, columns = canonical_shape(height, width, IMAGE_V1.canonical)
        seen = np.asarray(cv2.resize(seen, (columns, rows)), np.float32)
    return np.ascontiguousarray(upright(seen, facts.turns))


def display_picture(frame: Any, facts: VideoFacts) -> NDArray[np.uint8]:
    """Return a decoded frame as players show it, RGB (H, W, 3) uint8."""
    width, height = facts.display_size if facts.turns % 2 == 0 else facts.display_size[::-1]
    picture = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    return np.ascontiguousarray(upright(picture, facts.turns))
