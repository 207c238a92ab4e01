"""
What a verifier trusts: keys pinned to producers, and roots of C2PA certificates.

One text file holds both: lines ``CODE KEY``, the key as hexadecimal digits in any encoding, and
PEM certificates. What stands behind # is a comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labeler.errors import InvalidKey
from labeler.private_files import read_small
from labeler.signing import der
from labeler.signing.keys import normal_public


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from labeler.signing.keys import Algorithm

_MAX_BYTES = 4 << 20
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\s*", re.DOTALL)
_ALGORITHMS: tuple[Algorithm, ...] = ("sm2", "ed25519")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """``pinned`` are public keys by producer code, ``anchors`` root certificates in PEM."""

    pinned: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    anchors: str = ""

    def keys_of(self, code: str) -> frozenset[bytes]:
        """Return the keys pinned to a producer or propagator."""
        return self.pinned.get(code, frozenset()) if code else frozenset()


NOBODY = Trust()
"""Trusts nobody: signatures are then checked with the keys that the files bring themselves."""


def load_trust(files: Iterable[str | Path]) -> Trust:
    """
    Read trust files: pinned keys and PEM certificates.

    Raises `InvalidKey` for a file that cannot be read, or a line that is neither.
    """
    pinned: dict[str, frozenset[bytes]] = {}
    anchors: list[bytes] = []
    for name in files:
        text = read_small(name, most=_MAX_BYTES, what="trust file")
        found = _CERTIFICATE.findall(text)
        if not all(list(der.pem_blocks(block)) for block in found):
            raise InvalidKey(f"{name}: a certificate in it is no PEM")
        anchors += found
        for number, line in enumerate(_lines(_CERTIFICATE.sub(b"", text)), 1):
            if line:
                code, key = _pin(line, f"{name}, line {number}")
                pinned[code] = pinned.get(code, frozenset()) | {key}
    return Trust(pinned=pinned, anchors=b"".join(anchors).decode("ascii", "replace"))


def _lines(text: bytes) -> Iterable[str]:
    for line in text.decode("utf-8", "replace").splitlines():
        yield line.partition("#")[0].strip()


def _pin(line: str, where: str) -> tuple[str, bytes]:
    """Return producer and key of one line."""
    code, _, digits = line.partition(" ")
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        raw = b""
    # The longest encodings first: 32 bytes are an Ed25519 key rather than half a point.
    algorithms = _ALGORITHMS[::-1] if len(raw) in {32, 44} else _ALGORITHMS
    key = next((k for a in algorithms if (k := normal_public(a, raw))), None)
    if key is None:
        raise InvalidKey(
            f"{where}: a line is CODE KEY, the key as hexadecimal digits of an SM2 or Ed25519 "
            "public key"
        )
    return code, key
