"""
``SecurityData`` in the reserved fields (TC260-PG-202511A): what it says, and how ours is built.

SM2 signatures are written in the guide's form, with ``Type`` TC260PG. Ed25519 is no algorithm of
the guide: it goes under a ``Type`` of our own, so that nobody takes it for the guide's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from labeler.signing import sm2
from labeler.signing.keys import ED25519_HEAD, SigningKey


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from labeler.model import Label
    from labeler.signing.keys import Algorithm

GUIDE_TYPE, OWN_TYPE = "TC260PG", "aigc-label"
"""``Type`` of the guide's structure, and of ours for algorithms that the guide does not have."""

ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {"1.2.156.10197.1.501": "sm2", "1.3.101.112": "ed25519"}
)
"""Signature algorithms that can be checked, by OID: SM3withSM2 and Ed25519 (RFC 8410)."""

SELECTION = "aigc-label.media-bytes.1"
"""
Our name, in ``CntSel``, of what is hashed: the bytes of a file that bear its content, in file
order, metadata left out (docs/signing.md). The selections of the guide's annex are not public.
"""

DIGESTS: Mapping[str, str] = MappingProxyType(
    {"1.2.156.10197.1.401": "sm3", "2.16.840.1.101.3.4.2.1": "sha256"}
)
"""Hash functions of a content binding, by OID."""

_OIDS = {name: oid for oid, name in (*ALGORITHMS.items(), *DIGESTS.items())}
_DIGEST_OF: Mapping[Algorithm, str] = MappingProxyType({"sm2": "sm3", "ed25519": "sha256"})
_MOST_TEXT = 65_536
_MOST = 8
_META = frozenset({"md", "labelmatadata", "labelmetadata", "metadata"})
_BOUND = frozenset({"bnd", "binding", "bindings"})

Subject = Literal["label", "binding", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """One ``DS`` entry: what it says it signs, by which algorithm and key, and the signature."""

    subject: Subject
    algorithm: str
    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityData:
    """What a reserved field holds; ``keys`` are (key id, algorithm OID, key) in their order."""

    kind: str
    signed: tuple[Signed, ...]
    keys: tuple[tuple[str, str, bytes], ...] = ()
    bindings: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = field(default=())


def parse_security(text: str) -> SecurityData | None:
    """
    Return the SecurityData in a reserved field, None when it holds something else.

    Misspellings of the wild are read (``PubSd``, ``LabelMataData``, a blank before the type), never
    written. No size, depth or type in it is trusted.

    >>> parse_security("e862483430d978cb") is None
    True
    """
    if len(text) > _MOST_TEXT or not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    inner = _get(found, "securitydata")
    kind = _get(inner, "type")
    if not isinstance(inner, dict) or not isinstance(kind, str):
        return None
    if kind.strip().casefold() not in {GUIDE_TYPE.casefold(), OWN_TYPE}:
        return None
    entries = _rows(_get(inner, "pubsd"))
    kinds = [(str(_get(entry, "type")).casefold(), entry) for entry in entries]
    return SecurityData(
        kind=kind.strip(),
        signed=tuple(_signed(entry) for name, entry in kinds if name == "ds"),
        keys=tuple(
            (_key_id(entry), str(_get(entry, "algid") or ""), _key(entry))
            for name, entry in kinds
            if name in {"pubkey", "cert", "certificate", "x509"}
        ),
        bindings=tuple(_rows(_get(inner, "bindings") or _get(inner, "binding"))),
    )


def _get(found: Any, name: str) -> Any:
    """Return a member by its name in any case, None when there is none."""
    if not isinstance(found, dict):
        return None
    return next((v for k, v in found.items() if str(k).strip().casefold() == name), None)


def _rows(found: Any) -> list[dict[str, Any]]:
    rows = found if isinstance(found, list) else [found]
    return [row for row in rows[:_MOST] if isinstance(row, dict)]


def _signed(entry: dict[str, Any]) -> Signed:
    told = str(_get(_get(entry, "tbsdata"), "type")).strip().casefold()
    subject: Subject = "label" if told in _META else "binding" if told in _BOUND else "unknown"
    return Signed(
        subject=subject,
        algorithm=str(_get(entry, "algid") or "").strip(),
        key_id=_key_id(entry),
        signature=_bytes(_get(entry, "signature")),
    )


def _key_id(entry: dict[str, Any]) -> str:
    """Return the id that ties a signature to its key; 0 is the guide's default."""
    value = _get(entry, "keyid")
    return "0" if value is None else str(value)[:40]


def _key(entry: dict[str, Any]) -> bytes:
    """Return a public key; of an X.509 certificate that with the SM2 key in it."""
    value = _get(entry, "keyvalue") or _get(entry, "value") or _get(entry, "certvalue")
    found = _bytes(value)
    at = found.find(sm2.SPKI_HEAD[2:])
    if at > 2:  # inside a certificate
        return found[at - 2 : at - 2 + len(sm2.SPKI_HEAD) + 65]
    return found


def _bytes(value: Any) -> bytes:
    """Return the bytes behind hexadecimal digits or Base64, b'' for anything else."""
    if not isinstance(value, str):
        return b""
    try:
        return bytes.fromhex(value)
    except ValueError:
        pass
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return b""


def label_message(fields: Mapping[str, str], *, propagator: bool = False) -> bytes:
    """
    Return the message of annex A.1 of the guide: three fields, as they stand in the JSON.

    With ``propagator`` the propagation pair stands for the producer's: our reading of what a
    platform signs in ReservedCode2, which no public text states.

    >>> label_message({"Label": "1", "ContentProducer": "P", "ProduceID": "7"})
    b'"Label":"1","ContentProducer":"P","ProduceID":"7"'
    """
    pair = ("ContentPropagator", "PropagateID") if propagator else ("ContentProducer", "ProduceID")
    return ",".join(f'"{name}":"{fields.get(name, "")}"' for name in ("Label", *pair)).encode()


def binding_message(binding: Mapping[str, Any]) -> bytes:
    """Return the message of annex A.2: the compact JSON text of a ``Bindings`` entry."""
    return json.dumps(binding, ensure_ascii=False, separators=(",", ":")).encode()


def content_digest(parts: Iterable[bytes | memoryview], name: str) -> str:
    """
    Return the digest of content-bearing bytes, upper-case hexadecimal.

    ``name`` is one of the values of `DIGESTS`. Raises `MissingBackend` as `sm2.sm3` does.
    """
    digest = sm2.new_sm3() if name == "sm3" else hashlib.new(name)
    for part in parts:
        digest.update(part)
    return digest.hexdigest().upper()


def sign_label(
    label: Label, key: SigningKey, parts: Iterable[bytes | memoryview] | None = None
) -> Label:
    """
    Return the label with its SecurityData in ReservedCode1 (R-52).

    ``parts`` are the content-bearing bytes of the file that the label goes into; without them the
    label alone is signed.

    Raises `MissingBackend` when the extra of the key's algorithm is not installed.
    """
    text = build_security(label.fields(), key, parts)
    return replace(label, reserved_1=text)


def build_security(
    fields: Mapping[str, str],
    key: SigningKey,
    parts: Iterable[bytes | memoryview] | None = None,
    *,
    propagator: bool = False,
) -> str:
    """
    Return the text of a reserved field: the signed label, and the signed digest of the content.

    Raises `MissingBackend` as `sign_label` does.
    """
    oid = _OIDS[key.algorithm]

    def signed(subject: str, message: bytes) -> dict[str, Any]:
        signature = key.sign(message).hex().upper()
        return {"Type": "DS", "AlgID": oid, "TBSData": {"Type": subject}, "Signature": signature}

    head = sm2.SPKI_HEAD if key.algorithm == "sm2" else ED25519_HEAD
    public = {"Type": "PubKey", "AlgID": oid, "KeyValue": (head + key.public).hex().upper()}
    rows = [signed("Md", label_message(fields, propagator=propagator)), public]
    data: dict[str, Any] = {
        "Type": GUIDE_TYPE if key.algorithm == "sm2" else OWN_TYPE,
        "Version": 1,
    }
    if parts is not None:
        name = _DIGEST_OF[key.algorithm]
        binding = {
            "Type": "Hash",
            "AlgID": _OIDS[name],
            "CntSel": SELECTION,
            # Ties the content to this label: two files of one signer cannot swap their bindings.
            "ProduceID": fields.get("ProduceID", ""),
            "Value": content_digest(parts, name),
        }
        rows.insert(1, signed("Bnd", binding_message(binding)))
        data["Bindings"] = [binding]
    data["PubSD"] = rows
    return json.dumps({"SecurityData": data}, ensure_ascii=True, separators=(",", ":"))
