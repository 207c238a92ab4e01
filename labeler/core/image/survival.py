"""
The chance that a fresh mark is still read after half size and JPEG 50, from one probe.

What a probe foretells and what a reader then finds differ by little, and the difference follows a
normal law near the threshold. `benchmarks/survival.py` measures predicted against real recovery on
the pictures for tuning; docs/watermark.md shows its table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.core.image.embedding import SMALL_PIXELS
from labeler.core.image.probe import marked_luma, probe, probe_scale
from labeler.core.message import message_of
from labeler.core.significance import z_needed


if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.core.image.embedding import Embedding
    from labeler.core.image.lattice import Lattice
    from labeler.schemes import CodeMode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Law:
    """Of a probe's z above what is needed: how much is lost on average, and the deviation."""

    lost: float
    spread: float


_LARGE = _Law(lost=0.0, spread=1.4)
# Half of a small picture is read at its own size, where the probe leaves nothing to chance.
_SMALL = _Law(lost=0.6, spread=0.4)


def chance_of_survival(
    luma: NDArray[np.float32],
    embedding: Embedding,
    scale: float,
    payload: tuple[int, ...],
    *,
    mode: CodeMode,
    lattice: Lattice,
) -> float:
    """
    Return the chance, 0 to 1, that the message still reads after half size and JPEG 50.

    Parameters
    ----------
    luma
        The unmarked canonical luma (rows, columns), float32 0..255, that ``embedding`` is for.
    scale
        Pixels of the picture per canonical pixel, g >= 1.

    Uses the probe that the closed loop made, and makes its own where there is none for half size:
    in pictures under `SMALL_PIXELS`, and where the strongest mark was taken unprobed.
    """
    small = scale * scale * luma.size < SMALL_PIXELS
    z = None if small else embedding.probe_z
    if z is None:
        z = probe(
            marked_luma(luma, embedding.residual, 1.0),
            message_of(lattice, payload, mode).signed,
            lattice,
            fraction=probe_scale(scale),
            offset=embedding.offset,
        )
    scheme = lattice.scheme
    needed = z_needed(scheme.p_max, frame_bits=mode.frame_bits, attempts=scheme.attempts)
    return chance_above(z - needed, small=small)


def chance_above(margin: float, *, small: bool) -> float:
    """
    Return the chance of reading for a probe whose z is ``margin`` above what is needed.

    >>> [round(chance_above(margin, small=False), 2) for margin in (-3, 0, 3)]
    [0.02, 0.5, 0.98]
    """
    law = _SMALL if small else _LARGE
    return 0.5 * math.erfc((law.lost - margin) / (law.spread * math.sqrt(2)))
