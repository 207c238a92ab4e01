"""A signer of C2PA manifests: the user's certificate chain and private key, checked when loaded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.errors import InvalidKey
from labeler.private_files import read_secret, read_small
from labeler.signing.keys import MAX_KEY_FILE
from labeler.signing.manifests import load_library


if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")
"""What C2PA allows (specification 2.2, 13.2)."""

_CURVES: Mapping[str, str] = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_MAX_CHAIN = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """
    A certificate chain (PEM, the signer's first) and its private key (PKCS#8 PEM).

    ``serial`` is the serial number of the signer's certificate, ``subject`` its name.
    """

    algorithm: str
    chain: bytes
    key: bytes
    serial: str
    subject: str

    def __repr__(self) -> str:
        """Name and algorithm only: keys do not belong in logs."""
        return f"Credential({self.subject!r}, {self.algorithm!r})"


def load_credential(
    certificates: str | Path, key_file: str | Path, algorithm: str | None = None
) -> Credential:
    """
    Read a certificate chain and the private key of its first certificate.

    Raises
    ------
    InvalidKey
        One of the files cannot be read, holds something else, or others may read the key; key and
        certificate do not belong together; the certificate is expired or not yet valid; the
        algorithm does not go with the key.
    MissingBackend
        The extra ``c2pa`` is not installed.
    """
    load_library()
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    chain = _read_chain(Path(certificates))
    try:
        first = x509.load_pem_x509_certificates(chain)[0]
        public = first.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidKey(f"{certificates}: holds no certificate that can be read") from error
    _require_valid(first, certificates)
    private = _load_private(key_file)
    if private.public_key() != public:
        raise InvalidKey(f"{key_file}: is not the key of the first certificate in {certificates}")
    return Credential(
        algorithm=_algorithm_of(private, algorithm, key_file),
        chain=chain,
        key=_pkcs8(private),
        serial=str(first.serial_number),
        subject=first.subject.rfc4514_string()[:200],
    )


def _read_chain(path: Path) -> bytes:
    chain = read_small(path, most=_MAX_CHAIN, what="certificate")
    if b"BEGIN CERTIFICATE" not in chain:
        raise InvalidKey(f"{path}: holds no certificate in PEM")
    return chain


def _require_valid(certificate: Any, name: str | Path) -> None:
    """Raise `InvalidKey` outside the time that a certificate is valid for."""
    now = dt.datetime.now(dt.UTC)
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now > end:
        raise InvalidKey(f"{name}: the certificate expired on {end:%Y-%m-%d}; ask for a new one")
    if now < begin:
        raise InvalidKey(f"{name}: the certificate is not valid before {begin:%Y-%m-%d}")


def _load_private(path: str | Path) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = read_secret(path, most=MAX_KEY_FILE)
    try:
        return load_pem_private_key(text, password=None)
    except TypeError as error:
        raise InvalidKey(
            f"{path}: the key has a password; save it without one, mode 600"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidKey(f"{path}: holds no private key that C2PA could sign with") from error


def _pkcs8(private: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    pem: bytes = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem


def _algorithm_of(private: Any, asked: str | None, name: str | Path) -> str:
    """Return the algorithm that goes with a key."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    possible: tuple[str, ...] = ()
    if isinstance(private, ec.EllipticCurvePrivateKey):
        possible = tuple(filter(None, (_CURVES.get(private.curve.name),)))
    elif isinstance(private, ed25519.Ed25519PrivateKey):
        possible = ("ed25519",)
    elif isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 2048:
        possible = ("ps256", "ps384", "ps512")
    if not possible:
        raise InvalidKey(
            f"{name}: C2PA signs with ECDSA on P-256, P-384 or P-521, with RSA of 2048 bits or "
            "more, or with Ed25519; this key is none of them"
        )
    if asked and asked.lower() not in possible:
        raise InvalidKey(f"{name}: {asked} does not go with this key; use {' or '.join(possible)}")
    return asked.lower() if asked else possible[0]
