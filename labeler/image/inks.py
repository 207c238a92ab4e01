"""From changed RGB back to CMYK inks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray


def inks_of(rgb: NDArray[np.uint8], inks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """
    Return CMYK inks (H, W, 4) that show ``rgb`` (H, W, 3), staying with the given black.

    Where nothing changed the inks are returned as they are. A pixel lighter than its black ink
    allows loses that black (Pillow's device model: R = (255 - C)(255 - K) / 255).
    """
    key = inks[..., 3:].astype(np.float32)
    paper = 255 - key
    shown = np.rint((255 - inks[..., :3].astype(np.float32)) * paper / 255)
    changed = (np.abs(shown - rgb) > 1).any(-1)
    too_light = (rgb.max(-1) > paper[..., 0] + 1) & changed
    key[too_light] = 0
    paper = np.maximum(255 - key, 1)
    colours = 255 - np.rint(rgb * (255 / paper))
    out = np.concatenate([np.clip(colours, 0, 255), key], -1).astype(np.uint8)
    out[~changed] = inks[~changed]
    return out
