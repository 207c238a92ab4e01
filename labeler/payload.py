"""
The 64 bits every mark carries: four bits version, two bits status, 58 bits mark id.

The mark id is the head of a SHA-256 over the producer pair, so all layers of one item agree and the
mark can be checked against the file's own metadata without any registry (R-44).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from labeler.model import Label


PAYLOAD_VERSION = 1
PAYLOAD_BITS = 64
MARK_ID_BITS = 58
CARRIED_BITS = (16, 32, 48, 64)
"""Heads of the payload that carriers too small for all of it may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """
    The payload as numbers. ``bits`` says how many of the 64 were read; the rest are zero.

    ``status`` is 1 (is), 2 (may be) or 3 (suspected); ``mark_id`` has 58 bits, left-aligned.
    """

    mark_id: int
    status: int = 1
    version: int = PAYLOAD_VERSION
    bits: int = PAYLOAD_BITS

    def __int__(self) -> int:
        """Return all 64 bits as one number, most significant bit first on the wire."""
        return self.version << 60 | self.status << 58 | self.mark_id

    @property
    def mark_hex(self) -> str:
        """The mark id as 15 lower-case hexadecimal digits."""
        return f"{self.mark_id:015x}"

    def to_bits(self) -> tuple[int, ...]:
        """Return the first ``bits`` bits, most significant first."""
        whole = int(self)
        return tuple(whole >> (PAYLOAD_BITS - 1 - i) & 1 for i in range(self.bits))

    def head(self, bits: int) -> Payload:
        """Return the payload cut to its first ``bits`` bits, the rest zero."""
        return from_bits(self.to_bits()[:bits])

    def agrees_with(self, other: Payload) -> bool:
        """Say whether both agree in every bit that both carry."""
        shared = min(self.bits, other.bits)
        return self.to_bits()[:shared] == other.to_bits()[:shared]


def mark_id(producer: str, content_id: str) -> int:
    r"""
    Return the first 58 bits of SHA-256 over producer, NUL, content id (UTF-8).

    >>> f"{mark_id('001191440300708461136T1XGW3', 'demo-001'):015x}"
    '...'
    """
    digest = hashlib.sha256(producer.encode() + b"\0" + content_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (PAYLOAD_BITS - MARK_ID_BITS)


def payload_of(label: Label) -> Payload:
    """Return the payload that marks content with this label."""
    return Payload(mark_id=mark_id(label.producer, label.content_id), status=int(label.status))


def from_bits(bits: tuple[int, ...]) -> Payload:
    """Return the payload of the first ``len(bits)`` bits read, most significant first."""
    whole = 0
    for bit in bits:
        whole = whole << 1 | int(bit)
    whole <<= PAYLOAD_BITS - len(bits)
    return Payload(
        version=whole >> 60,
        status=whole >> 58 & 3,
        mark_id=whole & (1 << MARK_ID_BITS) - 1,
        bits=len(bits),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """The payload of a mark that was read back (R-41), and the statistic z of the reading."""

    payload: Payload
    z: float
