"""
Keys that sign labels: SM2, as the TC260 guide has it, and Ed25519, a scheme of our own.

Private keys are PEM files (PKCS#8, or SEC 1 for SM2) without a password that only their owner may
read. They are read here without any library; signing needs the extra ``sm`` or ``sign``.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from labeler.backends import backend
from labeler.errors import InvalidKey
from labeler.keys import new_key_file
from labeler.private_files import read_secret, write_secret
from labeler.signing import der, sm2


if TYPE_CHECKING:
    from pathlib import Path


Algorithm = Literal["sm2", "ed25519"]

_SM2_CURVE = bytes.fromhex("2A811CCF5501822D")
_EC_KEY = bytes.fromhex("2A8648CE3D0201")
_ED25519 = bytes.fromhex("2B6570")
ED25519_HEAD = bytes.fromhex("302A300506032B6570032100")
"""What stands before the 32 bytes in a SubjectPublicKeyInfo of Ed25519."""

MAX_KEY_FILE = 65_536
"""Most bytes of a file with a private key."""

_PRIVATE = {"PRIVATE KEY", "EC PRIVATE KEY"}


@dataclass(frozen=True)
class SigningKey:
    """A private key that signs labels; the secret never appears in a repr."""

    algorithm: Algorithm
    secret: bytes

    def __repr__(self) -> str:
        """Algorithm only: keys do not belong in logs."""
        return f"SigningKey({self.algorithm!r})"

    @cached_property
    def public(self) -> bytes:
        """The public key: 65 bytes 04 x y of SM2, 32 bytes of Ed25519."""
        if self.algorithm == "sm2":
            return sm2.encode_point(sm2.public_point(int.from_bytes(self.secret, "big")))
        private = _ed25519().Ed25519PrivateKey.from_private_bytes(self.secret)
        raw: bytes = private.public_key().public_bytes_raw()
        return raw

    def sign(self, message: bytes) -> bytes:
        """
        Return the signature of a message: a DER pair of SM2, 64 bytes of Ed25519.

        Raises `MissingBackend` when the extra ``sm`` or ``sign`` is not installed.
        """
        if self.algorithm == "sm2":
            signer = _sm2_library().SM2(self.secret, sm2.USER_ID, self.public)
            pair = (int.from_bytes(part, "big") for part in signer.sign(message))
            return der.element(der.SEQUENCE, b"".join(map(der.integer, pair)))
        signed: bytes = _ed25519().Ed25519PrivateKey.from_private_bytes(self.secret).sign(message)
        return signed


def verify(algorithm: Algorithm, public: bytes, message: bytes, signature: bytes) -> bool:
    """
    Say whether a signature is one of ``message`` by a public key, as `SigningKey.public` has it.

    Raises `MissingBackend` when what it takes is not installed.
    """
    if algorithm == "sm2":
        point = sm2.point_of(public)
        return point is not None and sm2.verify(point, message, signature)
    library = _ed25519()
    from cryptography.exceptions import InvalidSignature

    try:
        library.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def normal_public(algorithm: Algorithm, key: bytes) -> bytes | None:
    """Return a public key in the one form that keys are compared in, None when it is none."""
    if algorithm == "sm2":
        point = sm2.point_of(key)
        return None if point is None else b"\x04" + b"".join(_wide(value) for value in point)
    if len(key) == 44 and key.startswith(ED25519_HEAD):
        key = key[len(ED25519_HEAD) :]
    return key if len(key) == 32 else None


def _wide(value: int) -> bytes:
    return value.to_bytes(32, "big")


def load_signing_key(path: str | Path) -> SigningKey:
    """
    Read a private key of SM2 or Ed25519 from a PEM file.

    Raises `InvalidKey` when it holds anything else, has a password, or others may read it.
    """
    text = read_secret(path, most=MAX_KEY_FILE)
    blocks = list(der.pem_blocks(text))
    if any(name == "ENCRYPTED PRIVATE KEY" for name, _ in blocks) or b"Proc-Type: 4,ENC" in text:
        raise InvalidKey(f"{path}: the key has a password; save it without one, mode 600")
    private = next((content for name, content in blocks if name in _PRIVATE), None)
    if private is None:
        raise InvalidKey(f"{path}: holds no private key in PEM; make one with: {_ADVICE}")
    try:
        return _private_key(private)
    except (ValueError, IndexError) as error:
        raise InvalidKey(
            f"{path}: is no key of SM2 or Ed25519; make one with: {_ADVICE}"
        ) from error


_ADVICE = "aigc-label keys new FILE --kind sm2"


def _private_key(content: bytes) -> SigningKey:
    """Return the key in a PKCS#8 (RFC 5208) or SEC 1 (RFC 5915) structure."""
    ((_, body),) = der.read_elements(content)
    parts = der.read_elements(body)
    if parts[1][0] == der.OCTETS:
        curve = der.read_elements(parts[2][1])[0][1]
        return _sm2_key(parts[1][1], curve)
    names = der.read_elements(parts[1][1])
    if names[0][1] == _ED25519:
        ((_, secret),) = der.read_elements(parts[2][1])
        if len(secret) != 32:
            raise ValueError("an Ed25519 key has 32 bytes")
        return SigningKey("ed25519", secret)
    if names[0][1] not in {_EC_KEY, _SM2_CURVE}:
        raise ValueError("a key of another kind")
    ((_, inner),) = der.read_elements(parts[2][1])
    return _sm2_key(der.read_elements(inner)[1][1], names[-1][1])


def _sm2_key(secret: bytes, curve: bytes) -> SigningKey:
    number = int.from_bytes(secret, "big")
    if curve != _SM2_CURVE or not 0 < number < sm2.N - 1:
        raise ValueError("a key of another curve")
    return SigningKey("sm2", _wide(number))


def new_key(path: str | Path, kind: str) -> str:
    """
    Write a fresh key of a kind; return its public half in hexadecimal, '' for a watermark key.

    Raises as `new_signing_key` and `labeler.keys.new_key_file` do.
    """
    if kind == "mark":
        new_key_file(path)
        return ""
    return new_signing_key(path, "sm2" if kind == "sm2" else "ed25519").public.hex()


def new_signing_key(path: str | Path, algorithm: Algorithm) -> SigningKey:
    """
    Write a fresh private key as PKCS#8 PEM, readable by its owner only; never overwrite.

    Raises `OutputFailed` when the file exists or cannot be written, and `MissingBackend` when the
    extra of the algorithm is not installed.
    """
    if algorithm == "sm2":
        key = SigningKey("sm2", _wide(secrets.randbelow(sm2.N - 2) + 1))
    else:
        key = SigningKey("ed25519", secrets.token_bytes(32))
    write_secret(path, der.to_pem("PRIVATE KEY", _pkcs8(key)))
    return key


def _pkcs8(key: SigningKey) -> bytes:
    """Return a PKCS#8 structure, with the public key for SM2, as OpenSSL writes it."""
    if key.algorithm == "ed25519":
        kind = der.element(der.OBJECT, _ED25519)
        secret = der.element(der.OCTETS, key.secret)
    else:
        kind = der.element(der.OBJECT, _EC_KEY) + der.element(der.OBJECT, _SM2_CURVE)
        public = der.element(0xA1, der.element(der.BIT_STRING, b"\0" + key.public))
        held = der.integer(1) + der.element(der.OCTETS, key.secret) + public
        secret = der.element(der.SEQUENCE, held)
    body = der.integer(0) + der.element(der.SEQUENCE, kind) + der.element(der.OCTETS, secret)
    return der.element(der.SEQUENCE, body)


def _ed25519() -> Any:
    module = "cryptography.hazmat.primitives.asymmetric.ed25519"
    return backend(module, extra="sign", purpose="Ed25519")


def _sm2_library() -> Any:
    return backend("gmalg", extra="sm", purpose="signing with SM2")
