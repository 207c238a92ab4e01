"""Arrays as readers see them: one picture, 8 bits, grey or RGB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from numpy.typing import NDArray


def as_view(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """
    Return one picture as uint8 (H, W) or (H, W, 3); alpha is left out.

    Takes uint8, uint16 or floats in 0..1, as `labeler.adapt.take` hands them out. A batch of one
    is unpacked; a larger batch raises `UnsupportedMedia`: `detectors.verify_batch` takes those.
    """
    while pixels.ndim > 3 and pixels.shape[0] == 1:
        pixels = pixels[0]
    if pixels.ndim not in {2, 3}:
        raise UnsupportedMedia(f"a batch of shape {pixels.shape}; use detectors.verify_batch")
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    elif pixels.dtype.kind == "f":
        pixels = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    if pixels.ndim == 3:
        pixels = pixels[..., 0] if pixels.shape[2] < 3 else pixels[..., :3]
    return np.ascontiguousarray(pixels)
