"""
Keys: a key file holds 32 random bytes; every scheme derives its own sub-key (HKDF, RFC 5869).

Without a key file the published default key is used: anybody can detect such a mark, and anybody
could forge it. Reports always say which key found a mark.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from labeler.errors import InvalidKey
from labeler.private_files import read_secret, write_secret


KEY_BYTES = 32
MAX_DERIVED = 255 * 32
"""Most bytes one derivation may give (RFC 5869, section 2.3)."""

_SALT = b"aigc-label key v1"
_MAX_KEY_FILE = 4096
_WHAT = "key file (make one with: aigc-label keys new FILE)"


@dataclass(frozen=True, slots=True)
class Key:
    """A secret of 32 bytes and the name reports use for it. The bytes never appear in a repr."""

    name: str
    secret: bytes

    def __repr__(self) -> str:
        """Name only: keys do not belong in logs."""
        return f"Key({self.name!r})"

    def subkey(self, purpose: str, length: int = 32) -> bytes:
        """Return ``length`` bytes derived for one purpose by HKDF-SHA256 (RFC 5869)."""
        return derive(self.secret, salt=_SALT, info=purpose.encode(), length=length)


def derive(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    """
    HKDF-SHA256 of RFC 5869: extract with ``salt``, expand with ``info`` to ``length`` bytes.

    Raises `ValueError` beyond the 8160 bytes that RFC 5869 allows.
    """
    if length > MAX_DERIVED:
        raise ValueError(f"HKDF-SHA256 derives at most {MAX_DERIVED} bytes, not {length}")
    root = hmac.new(salt or bytes(32), secret, hashlib.sha256).digest()
    out = block = b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.new(root, block + info + bytes([counter]), hashlib.sha256).digest()
        out += block
    return out[:length]


DEFAULT_KEY = Key(
    "default", hashlib.sha256(b"aigc-label published default key, 2025-09-01").digest()
)
"""The published key. It makes marks findable by everybody and proves nothing about their origin."""


def load_key(path: str | Path) -> Key:
    """
    Read a key file: 32 bytes as base64 or hexadecimal text, or raw.

    Raises `InvalidKey` when it holds anything else, or when others on the machine may read it.
    """
    path = Path(path)
    secret = _decode(read_secret(path, most=_MAX_KEY_FILE, what=_WHAT))
    if secret is None:
        raise InvalidKey(
            f"{path}: a key file holds {KEY_BYTES} bytes as base64 or hex; make one with: "
            "aigc-label keys new FILE"
        )
    return Key(path.name, secret)


def _decode(text: bytes) -> bytes | None:
    if len(text) == KEY_BYTES:
        return text
    for decoder in (bytes.fromhex, lambda t: base64.b64decode(t, validate=True)):
        try:
            secret = decoder(text.decode("ascii").strip())
        except (ValueError, binascii.Error):
            continue
        if len(secret) == KEY_BYTES:
            return secret
    return None


def new_key_file(path: str | Path) -> Path:
    """Write a fresh random key as base64, readable by its owner only; never overwrite."""
    return write_secret(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
