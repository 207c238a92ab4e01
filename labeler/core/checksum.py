"""
Frames: payload bits followed by a checksum that also names the format and mode.

The checksum is the head of CRC-32 (IEEE 802.3, as in zlib) over the mode's tag in ASCII and the
payload packed into bytes, most significant bit first (docs/formats/image-v1.md, section 5). A short
mode takes the 16 most significant bits of the same CRC-32.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.schemes import CodeMode


_CRC_BITS = 32


def checksum(payload: Sequence[int] | NDArray[np.uint8], mode: CodeMode) -> NDArray[np.uint8]:
    """Return the ``mode.check_bits`` check bits of a payload, most significant first."""
    packed = np.packbits(np.asarray(payload, np.uint8)).tobytes()
    crc = zlib.crc32(mode.tag.encode("ascii") + packed)
    bits = [crc >> (_CRC_BITS - 1 - i) & 1 for i in range(mode.check_bits)]
    return np.array(bits, np.uint8)


def frame(payload: Sequence[int] | NDArray[np.uint8], mode: CodeMode) -> NDArray[np.uint8]:
    """
    Return payload and checksum as one row of bits.

    Raises ValueError when the payload has not ``mode.payload_bits`` bits.
    """
    bits = np.asarray(payload, np.uint8)
    if bits.shape != (mode.payload_bits,):
        raise ValueError(f"{mode.tag} carries {mode.payload_bits} bits, not {bits.shape}")
    return np.concatenate([bits, checksum(bits, mode)])


def is_valid(framed: NDArray[np.uint8], mode: CodeMode) -> bool:
    """Say whether the last bits of a frame are the checksum of the first."""
    payload, check = framed[: mode.payload_bits], framed[mode.payload_bits :]
    return bool(np.array_equal(checksum(payload, mode), check))
