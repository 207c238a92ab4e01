"""
Packets of the text mark: payload and keyed tag, spelled in either family of characters.

The tag is 32 bits of HMAC-SHA256; payload and tag are XORed with a keyed constant, so that a
packet looks like noise without the key (docs/formats/text-v1.md, sections 3 to 5).
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.schemes import Carrier, TextScheme


def packet_of(payload: bytes, subkey: bytes, scheme: TextScheme) -> bytes:
    """Return the packet of a payload of eight bytes: payload and tag, whitened."""
    plain = payload + tag_of(payload, subkey, scheme)
    return _xor(plain, whitening(subkey, scheme))


def payload_in(packet: bytes, subkey: bytes, scheme: TextScheme) -> bytes | None:
    """Return the payload of a packet, None when its tag is not that of this key."""
    plain = _xor(packet, whitening(subkey, scheme))
    size = scheme.payload_bits // 8
    payload, tag = plain[:size], plain[size:]
    return payload if hmac.compare_digest(tag, tag_of(payload, subkey, scheme)) else None


def tag_of(payload: bytes, subkey: bytes, scheme: TextScheme) -> bytes:
    """Return the first bits of HMAC-SHA256 over ``name/tag`` and the payload."""
    told = scheme.name.encode() + b"/tag" + payload
    return hmac.digest(subkey, told, "sha256")[: scheme.tag_bits // 8]


def whitening(subkey: bytes, scheme: TextScheme) -> bytes:
    """Return the constant that every packet of a key is XORed with."""
    told = scheme.name.encode() + b"/white"
    return hmac.digest(subkey, told, "sha256")[: scheme.packet_bytes]


def spell(packet: bytes, carrier: Carrier) -> str:
    """Return the characters of a packet, most significant bits first."""
    bits = np.unpackbits(np.frombuffer(packet, np.uint8)).reshape(carrier.symbols, carrier.bits)
    symbols = bits @ (1 << np.arange(carrier.bits)[::-1])
    return "".join(chr(carrier.alphabet[symbol]) for symbol in symbols.tolist())


def unspell(rows: NDArray[np.uint8], carrier: Carrier) -> NDArray[np.uint8]:
    """Return the packets (n, bytes) that rows of symbols (n, symbols) spell."""
    places = np.arange(carrier.bits, dtype=np.uint8)[::-1]
    bits = (rows[:, :, None] >> places) & np.uint8(1)
    return np.packbits(bits.reshape(len(rows), carrier.symbols * carrier.bits), axis=1)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
