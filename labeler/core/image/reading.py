"""
Reading a mark from a whitened canonical picture, one geometry after another.

The plain reader tries the whole picture as received and as a reduced copy of a larger original.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.image import alignment, chips
from labeler.core.image.fold import Folded, fold_picture
from labeler.core.image.lattice import codeword_chips


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.alignment import Alignment
    from labeler.core.image.chips import Reading
    from labeler.core.image.lattice import Lattice


MIN_SIDE = 16
"""Canonical pixels below which there is nothing to read."""

TRACKED = "tracked"
"""End of the path of a finding whose geometry is only the start of a bent one."""

_SAME_SCALE = 0.002


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """
    The best reading of one picture under one key.

    ``reading`` is None when no geometry passed the pilot gate; ``found`` says that its checksum
    holds and its bound is at most the scheme's; ``geometry`` takes tile pixels to canonical ones.
    """

    found: bool
    reading: Reading | None
    geometry: NDArray[np.float64] | None
    alignment: Alignment | None
    path: str


NOTHING = Finding(found=False, reading=None, geometry=None, alignment=None, path="none")
"""What a picture without any trace of a mark gives."""


def better(one: Finding, other: Finding) -> Finding:
    """Return the finding with the stronger evidence; the first when they are equal."""
    return other if _rank(other) > _rank(one) else one


def _rank(finding: Finding) -> tuple[bool, float]:
    log_p = 0.0 if finding.reading is None else finding.reading.log_p
    return finding.found, -log_p


def read_aligned(
    aligned: Alignment, lattice: Lattice, *, attempts: int, path: str, geometry: NDArray[np.float64]
) -> Finding:
    """Decode both modes, the long one first, and return the better finding."""
    soft = chips.soft_chips(aligned.coefficients, lattice)
    best = NOTHING
    for mode in lattice.scheme.modes:
        reading = chips.decode(soft, lattice, mode, attempts=attempts)
        found = reading.valid and reading.log_p <= math.log(lattice.scheme.p_max)
        finding = Finding(
            found=found, reading=reading, geometry=geometry, alignment=aligned, path=path
        )
        if found:
            return finding
        best = better(best, finding)
    return best


def whole_picture_geometries(
    shape: tuple[int, int], received_scale: float, canonical: int
) -> list[NDArray[np.float64]]:
    """
    Return the geometries of an uncropped picture: as it is, and as a reduced copy.

    ``shape`` is that of the received picture, ``received_scale`` its canonical scale: a picture of
    fewer pixels than the canonical one may stem from any larger original.
    """
    geometries = [np.eye(2)]
    reduced = math.sqrt(shape[0] * shape[1]) / canonical
    if received_scale == 1 and abs(reduced - 1) > _SAME_SCALE:
        geometries.append(np.eye(2) * reduced)
    return geometries


def read_plain(
    level: NDArray[np.float32],
    geometries: list[NDArray[np.float64]],
    lattice: Lattice,
    *,
    attempts: int,
) -> Finding:
    """
    Read a whitened canonical picture in the given geometries, without any search.

    Each is tried at all offsets, then, when that fails, near offset zero with a lower gate.
    """
    best = NOTHING
    for geometry in geometries:
        folded = fold_picture(level, geometry, lattice)
        if folded is None:
            continue
        seen = alignment.correlate_pilots(folded, lattice)
        for near, gate, path in (
            (False, alignment.PILOT_GATE, "plain"),
            (True, alignment.NEAR_GATE, "near"),
        ):
            aligned = alignment.align_likely(seen, lattice, least=gate, near=near)
            if aligned is None:
                continue
            finding = read_aligned(
                aligned, lattice, attempts=attempts, path=path, geometry=geometry
            )
            if finding.found:
                return finding
            best = better(best, finding)
    return best


def presence_z(level: NDArray[np.float32], finding: Finding, lattice: Lattice) -> float | None:
    """
    Return how clearly a message that was found stands in another picture of the same geometry.

    The statistic of that one codeword: without the mark it exceeds 5 once in 300,000 times. None
    where the geometry is bent, or nothing was found. For parts of a recording.
    """
    reading, aligned, geometry = finding.reading, finding.alignment, finding.geometry
    if reading is None or aligned is None or geometry is None or finding.path.endswith(TRACKED):
        return None
    folded = fold_picture(level, geometry, lattice)
    if folded is None:
        return None
    values = np.conj(folded.coefficients) if aligned.turned else folded.coefficients
    upright = Folded(coefficients=values, side=folded.side)
    scale = folded.side / aligned.side
    offset = (aligned.offset[0] * scale, aligned.offset[1] * scale)
    moved = alignment.shift(upright, offset, lattice)
    sign = np.float32(-1 if aligned.negative else 1)
    soft = chips.soft_chips((moved.coefficients * sign).astype(np.complex64), lattice)
    return chips.statistic(soft, codeword_chips(lattice, reading.framed, reading.mode))
