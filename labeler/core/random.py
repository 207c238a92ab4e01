"""
The random stream that defines keyed formats: SHA-256 in counter mode, no library generator.

Word ``4 i + j`` of the stream of ``(seed, purpose)`` is the ``j``-th group of eight bytes, most
significant byte first, of SHA-256 over: one byte with the length of ``purpose``, ``purpose`` in
ASCII, ``seed``, and ``i`` as eight bytes, most significant first (docs/formats/image-v1.md,
section 3). Every purpose has its own stream, so no call depends on what was drawn before.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray


_WORDS_PER_BLOCK = 4
_PHASE_STEPS = 65_536


def words(seed: bytes, purpose: str, count: int) -> NDArray[np.uint64]:
    """
    Return the first ``count`` 64-bit words of a stream.

    >>> [f"{w:016x}" for w in words(bytes(32), "test", 2)]
    ['b242bf4fafb0b963', 'e30b1bb0ef0a30ff']
    """
    name = purpose.encode("ascii")
    head = hashlib.sha256(bytes([len(name)]) + name + seed)
    blocks = []
    for counter in range(-(-count // _WORDS_PER_BLOCK)):
        block = head.copy()
        block.update(counter.to_bytes(8, "big"))
        blocks.append(block.digest())
    return np.frombuffer(b"".join(blocks), dtype=">u8")[:count].astype(np.uint64)


def permutation(seed: bytes, purpose: str, count: int) -> NDArray[np.intp]:
    """Return 0..count-1 in the order that sorts ``count`` words; equal words keep their order."""
    return np.argsort(words(seed, purpose, count), kind="stable")


def signs(seed: bytes, purpose: str, count: int) -> NDArray[np.float32]:
    """Return ``count`` signs: -1 where the most significant bit of a word is set, else +1."""
    top = (words(seed, purpose, count) >> np.uint64(63)).astype(np.float32)
    return np.float32(1) - np.float32(2) * top


def phases(seed: bytes, purpose: str, count: int) -> NDArray[np.complex128]:
    """Return ``count`` unit phasors exp(2 pi j a / 65536), ``a`` the top 16 bits of a word."""
    steps = (words(seed, purpose, count) >> np.uint64(48)).astype(np.float64)
    return np.asarray(np.exp(2j * np.pi / _PHASE_STEPS * steps), np.complex128)
