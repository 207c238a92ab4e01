"""
Sums of whitened frames: from moving pictures to one picture that the reader of pictures takes.

A sum of pictures that know nothing of the key knows nothing of it either, so the bound on a false
reading holds for it as for any picture; only the number of sums that are tried has to be counted
(docs/formats/image-v1.md, sections 8 and 11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Level = NDArray[np.float32]


_FLAT = 2.5
_LEAST_SHARE = 0.2
_INSET = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """The part of all frames that is no flat border: rows and columns, from and to."""

    top: int
    bottom: int
    left: int
    right: int

    def of(self, plane: Level) -> Level:
        """Return that part of a plane (rows, columns)."""
        return plane[self.top : self.bottom, self.left : self.right]


def levelled_sum(total: Level) -> Level:
    """
    Return a sum of whitened frames with places of equal weight, (rows, columns) float32.

    What stands still in all frames towers over the rest; divided by the local deviation it does
    not. The optimum is flat.
    """
    spread = np.asarray(cv2.sqrBoxFilter(total, cv2.CV_32F, (9, 9)), np.float32)
    np.maximum(spread, 0, out=spread)
    np.sqrt(spread, out=spread)
    middle = float(np.mean(spread[::4, ::4])) + 1e-6
    level = total / (spread + np.float32(0.25 * middle))
    return np.clip(level, -2.5, 2.5, out=level)


def profile_of(luma: Level) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the deviations along every row and along every column of a luma, 0..255."""
    return luma.std(axis=1), luma.std(axis=0)


def inner_part(
    profiles: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]],
) -> Inner | None:
    """
    Return what lies within borders that are flat in all frames; None if there are no borders.

    ``profiles`` are those of `profile_of`. A fade from black has borders everywhere and does not
    count; letterbox, pillarbox and a picture within a flat page are found.
    """
    if not profiles:
        return None
    spans = []
    for axis in (0, 1):
        busy = np.max([profile[axis] for profile in profiles], axis=0) > _FLAT
        places = np.flatnonzero(busy)
        if len(places) < _LEAST_SHARE * len(busy):
            return None
        first, last = int(places[0]), int(places[-1]) + 1
        inset = (_INSET if first else 0), (_INSET if last < len(busy) else 0)
        spans.append((first + inset[0], last - inset[1], len(busy)))
    if all(first == 0 and last == length for first, last, length in spans):
        return None
    (top, bottom, _), (left, right, _) = spans
    return Inner(top=top, bottom=bottom, left=left, right=right)
