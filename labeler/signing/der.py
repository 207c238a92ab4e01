"""
The little of DER (X.690) that keys and signatures need: read and write elements, read PEM blocks.

Lengths come from strangers: everything is bounded by the bytes that are there.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterator


INTEGER, BIT_STRING, OCTETS, OBJECT, SEQUENCE = 0x02, 0x03, 0x04, 0x06, 0x30

_PEM = re.compile(
    rb"-----BEGIN ([A-Z0-9 ]{3,40})-----\s([A-Za-z0-9+/=\s]*)-----END \1-----", re.DOTALL
)
_MOST = 64


def read_elements(data: bytes) -> list[tuple[int, bytes]]:
    r"""
    Return tag and content of every element in ``data``, one level.

    Raises `ValueError` when the lengths do not fit, or there is no end of elements.

    >>> read_elements(bytes.fromhex("020105040100"))
    [(2, b'\x05'), (4, b'\x00')]
    """
    found: list[tuple[int, bytes]] = []
    position = 0
    while position < len(data):
        if len(found) >= _MOST or position + 2 > len(data):
            raise ValueError("DER: too many elements, or a torn one")
        tag, size = data[position], data[position + 1]
        position += 2
        if size >= 0x80:
            width = size & 0x7F
            if not 1 <= width <= 4 or position + width > len(data):
                raise ValueError("DER: a length is malformed")
            size = int.from_bytes(data[position : position + width], "big")
            position += width
        if position + size > len(data):
            raise ValueError("DER: an element is longer than the data")
        found.append((tag, data[position : position + size]))
        position += size
    return found


def element(tag: int, content: bytes) -> bytes:
    """
    Return one element.

    >>> element(OCTETS, b"ab").hex()
    '04026162'
    """
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    width = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | width)) + size.to_bytes(width, "big") + content


def integer(value: int) -> bytes:
    """
    Return an INTEGER that is not negative.

    >>> integer(255).hex()
    '020200ff'
    """
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def read_pair(signature: bytes) -> tuple[int, int]:
    """
    Return the two integers of a signature: a DER sequence, or 64 bytes one after the other.

    Raises `ValueError` for anything else.
    """
    if len(signature) == 64 and signature[:2] != b"\x30\x3e":
        return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    (outer,) = read_elements(signature)
    if outer[0] != SEQUENCE:
        raise ValueError("DER: a signature is a sequence")
    first, second = read_elements(outer[1])
    if first[0] != INTEGER or second[0] != INTEGER:
        raise ValueError("DER: a signature holds two integers")
    return int.from_bytes(first[1], "big"), int.from_bytes(second[1], "big")


def pem_blocks(text: bytes) -> Iterator[tuple[str, bytes]]:
    r"""
    Yield name and content of every PEM block in a text; blocks that are no Base64 are left out.

    >>> list(pem_blocks(b"-----BEGIN KEY-----\nAAE=\n-----END KEY-----"))
    [('KEY', b'\x00\x01')]
    """
    for match in _PEM.finditer(text):
        try:
            content = base64.b64decode(b"".join(match[2].split()), validate=True)
        except binascii.Error:
            continue
        yield match[1].decode("ascii"), content


def to_pem(name: str, content: bytes) -> bytes:
    """Return a PEM block (RFC 7468)."""
    text = base64.b64encode(content)
    rows = [text[i : i + 64] for i in range(0, len(text), 64)]
    head, tail = f"-----BEGIN {name}-----".encode(), f"-----END {name}-----".encode()
    return b"\n".join([head, *rows, tail, b""])
