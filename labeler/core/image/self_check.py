"""Reading a fresh mark back: from the untouched picture and after one recompression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.image.canonical import whiten
from labeler.core.image.embedding import SMALL_PIXELS
from labeler.core.image.probe import probe_scale, recompressed
from labeler.core.image.reading import read_plain
from labeler.core.significance import z_needed


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.lattice import Lattice
    from labeler.core.image.reading import Finding
    from labeler.schemes import CodeMode


_QUALITY = 75
_SMALL_MARGIN = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheck:
    """``z`` of the mark read back; ``reads`` untouched; ``survives`` one recompression."""

    z: float
    reads: bool
    survives: bool


def check_mark(
    marked: NDArray[np.float32],
    scale: float,
    payload: tuple[int, ...],
    *,
    mode: CodeMode,
    lattice: Lattice,
) -> SelfCheck:
    """
    Read a payload back from a marked canonical luma (rows, columns), float32 0..255.

    Recompression means JPEG 75, at half the size for pictures of `SMALL_PIXELS` or more; smaller
    pictures keep their size, but must read with 1.5 to spare (design image-v1, section 5).
    ``scale`` is the canonical scale g of the picture.
    """
    small = scale * scale * marked.size < SMALL_PIXELS
    luma = np.rint(marked).astype(np.uint8)
    fraction = 1.0 if small else probe_scale(scale)
    scheme = lattice.scheme
    needed = z_needed(scheme.p_max, frame_bits=mode.frame_bits, attempts=scheme.attempts)
    after = _read(*recompressed(luma, fraction, _QUALITY), lattice)
    if _carries(after, payload, needed + (_SMALL_MARGIN if small else 0)):
        return SelfCheck(z=_z_of(after), reads=True, survives=True)
    before = _read(marked, 1.0, lattice)
    return SelfCheck(z=_z_of(before), reads=_carries(before, payload, needed), survives=False)


def _read(luma: NDArray[np.float32], size: float, lattice: Lattice) -> Finding:
    geometries = [np.eye(2) * size]
    return read_plain(whiten(luma), geometries, lattice, attempts=lattice.scheme.attempts)


def _z_of(finding: Finding) -> float:
    return 0.0 if finding.reading is None else finding.reading.z


def _carries(finding: Finding, payload: tuple[int, ...], needed: float) -> bool:
    reading = finding.reading
    if not finding.found or reading is None or reading.z < needed:
        return False
    return tuple(reading.framed[: len(payload)].tolist()) == payload
