"""Reading our own mark while labelling: is one there already, and did ours arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labeler.core.image.canonical import canonical_luma, canonical_scale, whiten
from labeler.core.image.lattice import lattice_of
from labeler.core.image.reading import MIN_SIDE, read_plain, whole_picture_geometries
from labeler.payload import ReadBack, from_bits
from labeler.schemes import IMAGE_V1


if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.keys import Key


def read_back(pixels: NDArray[Any], key: Key) -> ReadBack | None:
    """
    Return what stands in a picture under ``key``, or None.

    ``pixels`` are (H, W) or (H, W, C), uint8, uint16 or float32 in 0..1. The plain reading: the
    picture as it is, or reduced as a whole.
    """
    luma = canonical_luma(pixels, IMAGE_V1.canonical)
    if min(luma.shape) < MIN_SIDE:
        return None
    size = (pixels.shape[0], pixels.shape[1])
    return read_level(whiten(luma), size, key, attempts=IMAGE_V1.attempts)


def read_level(
    level: NDArray[np.float32], size: tuple[int, int], key: Key, *, attempts: int
) -> ReadBack | None:
    """
    Return what stands in a levelled luma of a picture of ``size`` (rows, columns), or None.

    ``attempts`` is how many readings of its kind are made in all.
    """
    scale = canonical_scale(*size, IMAGE_V1.canonical)
    geometries = whole_picture_geometries(size, scale, IMAGE_V1.canonical)
    lattice = lattice_of(IMAGE_V1, key.subkey(IMAGE_V1.name))
    finding = read_plain(level, geometries, lattice, attempts=attempts)
    reading = finding.reading
    if not finding.found or reading is None:
        return None
    payload = from_bits(tuple(reading.framed[: reading.mode.payload_bits].tolist()))
    return ReadBack(payload=payload, z=reading.z)
