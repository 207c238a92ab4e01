"""Certificates and keys for tests, made when they are asked for; none is ever kept in a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest


if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Chain:
    """A signer's files: certificate chain, private key, and the root that issued it."""

    certificates: Path
    key: Path
    root: Path


def new_key(kind: str = "es256") -> Any:
    pytest.importorskip("cryptography", reason="the extra sign is not installed")
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind.startswith("ps"):
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    curve = {"es256": ec.SECP256R1, "es384": ec.SECP384R1, "es512": ec.SECP521R1}[kind]
    return ec.generate_private_key(curve())


def pem_of(key: Any, password: bytes | None = None) -> bytes:
    from cryptography.hazmat.primitives import serialization as forms

    lock: Any = forms.BestAvailableEncryption(password) if password else forms.NoEncryption()
    return bytes(key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, lock))


def new_chain(
    folder: Path, kind: str = "es256", *, days: tuple[int, int] = (-10, 300), usage: bool = True
) -> Chain:
    """Write chain, key and root of a fresh signer, valid from and to so many days from now."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def name(text: str) -> Any:
        given = [(NameOID.ORGANIZATION_NAME, "Test Press"), (NameOID.COMMON_NAME, text)]
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in given])

    root_key, key = new_key(), new_key(kind)
    root_name = name("Test Root")
    begin, end = (NOW + dt.timedelta(days=d) for d in days)

    def started(subject: Any, public: Any, *, early: bool = False) -> Any:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(root_name)
        builder = builder.public_key(public).serial_number(x509.random_serial_number())
        first = NOW - dt.timedelta(days=4000) if early else begin
        return builder.not_valid_before(first).not_valid_after(max(first, end) if early else end)

    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())

    def use(*, signs: bool, issues: bool) -> Any:
        return x509.KeyUsage(
            digital_signature=signs, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=issues, crl_sign=issues,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip

    root = (
        started(root_name, root_key.public_key(), early=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(use(signs=False, issues=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        started(name("Test Signer"), key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(use(signs=True, issues=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )
    if usage:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        leaf = leaf.add_extension(purpose, critical=False)
    leaf = leaf.sign(root_key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    made = Chain(folder / "chain.pem", folder / "key.pem", folder / "root.pem")
    made.certificates.write_bytes(leaf.public_bytes(pem) + root.public_bytes(pem))
    made.root.write_bytes(root.public_bytes(pem))
    made.key.write_bytes(pem_of(key))
    made.key.chmod(0o600)
    return made
