"""Reading our own mark while labelling: is one there already, and did ours arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labeler.core.image.canonical import canonical_luma, canonical_scale, whiten
from labeler.core.image.lattice import lattice_of
from labeler.core.image.reading import MIN_SIDE, Finding, read_plain, whole_picture_geometries
from labeler.payload import ReadBack, from_bits
from labeler.schemes import IMAGE_V1


if TYPE_CHECKING:
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
    finding = _read(pixels.shape, whiten(luma), key)
    reading = finding.reading
    if not finding.found or reading is None:
        return None
    payload = from_bits(tuple(reading.framed[: reading.mode.payload_bits].tolist()))
    return ReadBack(payload=payload, z=reading.z)


def _read(shape: tuple[int, ...], level: NDArray[Any], key: Key) -> Finding:
    scale = canonical_scale(shape[0], shape[1], IMAGE_V1.canonical)
    geometries = whole_picture_geometries((shape[0], shape[1]), scale, IMAGE_V1.canonical)
    lattice = lattice_of(IMAGE_V1, key.subkey(IMAGE_V1.name))
    return read_plain(level, geometries, lattice, attempts=IMAGE_V1.attempts)
