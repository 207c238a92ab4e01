"""
A payload as the embedder needs it: computed once, however many pictures carry it.

Frames of an animation, pictures of a batch, and the probes of one picture share one message.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from labeler.core.checksum import frame
from labeler.core.image.lattice import codeword_chips, coefficients_of, tile_of


if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.core.image.lattice import Lattice
    from labeler.schemes import CodeMode


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Message:
    """
    One payload on one lattice. All arrays are read-only.

    ``signed``: its chips, +1 or -1; ``coefficients``: the complex amplitude of every lattice
    frequency; ``tile``: the pattern they make, (T, T) float32 of mean square 1.
    """

    signed: NDArray[np.float32]
    coefficients: NDArray[np.complex64]
    tile: NDArray[np.float32]


@lru_cache(maxsize=8)
def message_of(lattice: Lattice, payload: tuple[int, ...], mode: CodeMode) -> Message:
    """Return the message of ``mode.payload_bits`` bits; cached, read-only."""
    coefficients = coefficients_of(lattice, payload, mode)
    message = Message(
        signed=codeword_chips(lattice, frame(payload, mode), mode),
        coefficients=coefficients,
        tile=tile_of(lattice, coefficients),
    )
    for array in (message.signed, message.coefficients, message.tile):
        array.setflags(write=False)
    return message
