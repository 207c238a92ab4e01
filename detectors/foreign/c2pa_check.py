"""
C2PA signatures checked (extra ``c2pa``): what a failure proves, and what it does not.

The library calls everything "invalid" that is not perfect. An expired certificate is not tampering,
an unknown signer is not a forger: content, manifest and signer are judged apart here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from detectors.foreign.source_types import declares_ai
from labeler.errors import LabelError, MissingBackend
from labeler.signing.manifests import MIME_TYPES, read_store
from labeler.signing.trust import NOBODY


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from detectors.evidence import ProvenanceEvidence
    from labeler.signing.trust import Trust

INTACT, ALTERED, DAMAGED, NOT_CHECKED = "intact", "altered", "damaged", "not-checked"
"""States of a manifest store; "altered" takes a hash or a signature that does not match."""

_CONTENT = frozenset(
    {
        "assertion.dataHash.mismatch",
        "assertion.bmffHash.mismatch",
        "assertion.boxesHash.mismatch",
        "assertion.boxHash.mismatch",
        "assertion.collectionHash.mismatch",
    }
)
_MANIFEST = frozenset({"assertion.hashedURI.mismatch", "claimSignature.mismatch"})
_ABOUT_SIGNER = ("signingCredential.", "timeStamp.", "claimSignature.outsideValidity", "cawg.")
_WORDS = {
    "signingCredential.trusted": "trusted",
    "signingCredential.untrusted": "untrusted",
    "signingCredential.expired": "expired",
    "signingCredential.revoked": "revoked",
    "signingCredential.ocsp.revoked": "revoked",
    "signingCredential.invalid": "of a wrong profile",
    "claimSignature.outsideValidity": "signed outside its validity",
}
_SOURCE_TYPE = re.compile(r"digitalsourcetype/([A-Za-z]{3,60})", re.IGNORECASE)
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Codes of the library sorted by what they are about."""

    content: tuple[str, ...] = ()
    manifest: tuple[str, ...] = ()
    signer: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    proven: bool = True

    @property
    def state(self) -> str:
        """The state of the store: only a mismatch proves that something was altered."""
        if self.content or self.manifest:
            return ALTERED
        if self.other:
            return DAMAGED
        return INTACT if self.proven else NOT_CHECKED


def sort_codes(codes: Iterable[str], successes: Iterable[str] | None = None) -> Findings:
    """
    Return failure codes (C2PA 2.2, 15.2.2) sorted by what they are about.

    With ``successes`` nothing counts as intact unless the signature and a hash of the content were
    found to match.

    >>> sort_codes(["signingCredential.expired", "assertion.dataHash.mismatch"]).state
    'altered'
    >>> sort_codes(["signingCredential.expired", "signingCredential.untrusted"]).state
    'intact'
    >>> sort_codes(["claim.missing"]).state
    'damaged'
    """
    told = tuple(dict.fromkeys(codes))
    signer = tuple(c for c in told if c.startswith(_ABOUT_SIGNER))
    return Findings(
        content=tuple(c for c in told if c in _CONTENT),
        manifest=tuple(c for c in told if c in _MANIFEST),
        signer=signer,
        other=tuple(c for c in told if c not in {*_CONTENT, *_MANIFEST, *signer}),
        proven=successes is None or _proven(set(successes)),
    )


def _proven(successes: set[str]) -> bool:
    hashes = {code.replace(".mismatch", ".match") for code in _CONTENT}
    return "claimSignature.validated" in successes and bool(hashes & successes)


def check_row(
    row: ProvenanceEvidence,
    file: BinaryIO,
    format_name: str,
    *,
    trust: Trust = NOBODY,
    online: bool = False,
) -> ProvenanceEvidence:
    """
    Return the row of a manifest store with what checking it gave.

    Parameters
    ----------
    row
        What `detectors.foreign.c2pa` found; returned as it is when that is nothing.
    file
        The file, open for reading, seekable.
    format_name
        Its format.
    trust
        Root certificates to trust; without any, every signer is untrusted.
    online
        Allow remote manifests and certificate states to be fetched.
    """
    if not row.found or format_name not in MIME_TYPES:
        return row
    if "remote_manifest" in row.fields and not online:
        return row
    try:
        store = read_store(file, format_name, online=online, anchors=trust.anchors)
    except MissingBackend:
        return row
    except LabelError as error:
        detail = f"manifest present, nothing can be said of its signature: {error}"
        return replace(row, fields=row.fields | {"validation": DAMAGED}, detail=detail)
    if store is None:
        detail = "manifest present, but not where the format has it: its signature was not checked"
        return replace(row, fields=row.fields | {"validation": NOT_CHECKED}, detail=detail)
    return _judged(row, store)


def _judged(row: ProvenanceEvidence, store: dict[str, Any]) -> ProvenanceEvidence:
    """Return the row of a store that the library could read."""
    results = _member(store, "validation_results")
    active = _member(results, "activeManifest")
    findings = sort_codes(_codes(active, "failure"), _codes(active, "success"))
    upstream = sort_codes([*_ingredient_codes(results), *_recorded_codes(store)])
    signer = _signer(store)
    standing = [
        word
        for code, word in _WORDS.items()
        if code in {*findings.signer, *_codes(active, "success")}
    ]
    types = list(dict.fromkeys(_source_types(store)))
    told = {
        "validation": findings.state,
        "signer": signer,
        "signed_at": str(_signature(store).get("time") or "")[:40],
        "certificate": ", ".join(dict.fromkeys(standing)),
        "manifests": str(len(_member(store, "manifests"))),
        "digitalSourceType": ", ".join(types) or row.fields.get("digitalSourceType", ""),
        "codes": ", ".join((*findings.content, *findings.manifest, *findings.other)[:10]),
    }
    declared = declares_ai(types)
    return replace(
        row,
        declares_ai=row.declares_ai if declared is None else declared,
        fields=row.fields | {name: text for name, text in told.items() if text},
        detail="; ".join(_sentences(findings, upstream, signer, standing)),
    )


def _sentences(
    findings: Findings, upstream: Findings, signer: str, standing: list[str]
) -> Iterator[str]:
    if findings.content:
        yield (
            "the file was changed after it was signed, in its content or its metadata "
            f"({findings.content[0]}); the hash covers both"
        )
    if findings.manifest:
        yield f"the manifest itself was changed after it was signed ({findings.manifest[0]})"
    if findings.other:
        yield f"the manifest is damaged or incomplete ({findings.other[0]}), which proves no change"
    if findings.state == INTACT:
        yield "unchanged since it was signed"
    if findings.state == NOT_CHECKED:
        yield "its signature or its hash was not found to match, nor not to match"
    certificate = f", certificate {' and '.join(dict.fromkeys(standing))}" if standing else ""
    yield f"signed by {signer or 'nobody named'}{certificate}"
    if "expired" in standing:
        yield "an expired certificate says nothing against the content"
    if upstream.state == ALTERED:
        yield "an earlier version of it did not match its own manifest"


def _member(found: Any, name: str) -> dict[str, Any]:
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}


def _codes(results: Mapping[str, Any], kind: str) -> list[str]:
    rows = results.get(kind)
    rows = rows[:_MOST] if isinstance(rows, list) else []
    return [str(row.get("code", ""))[:80] for row in rows if isinstance(row, dict)]


def _ingredient_codes(results: Mapping[str, Any]) -> list[str]:
    deltas = results.get("ingredientDeltas")
    rows = deltas[:_MOST] if isinstance(deltas, list) else []
    return [code for row in rows for code in _codes(_member(row, "validationDeltas"), "failure")]


def _recorded_codes(store: dict[str, Any]) -> list[str]:
    """Return what the signer of the active manifest found wrong with its ingredients."""
    rows = _active(store).get("ingredients")
    rows = rows[:_MOST] if isinstance(rows, list) else []
    results = [_member(_member(row, "validation_results"), "activeManifest") for row in rows]
    return [code for found in results for code in _codes(found, "failure")]


def _active(store: dict[str, Any]) -> dict[str, Any]:
    return _member(_member(store, "manifests"), str(store.get("active_manifest", "")))


def _signature(store: dict[str, Any]) -> dict[str, Any]:
    return _member(_active(store), "signature_info")


def _signer(store: dict[str, Any]) -> str:
    """Return who signed the active manifest, as the certificate says."""
    info = _signature(store)
    name = str(info.get("issuer") or info.get("common_name") or "")
    return "".join(character for character in name if character.isprintable())[:100]


def _source_types(found: Any, depth: int = 0) -> Iterator[str]:
    """Yield the source types in all manifests: an active one may leave them to its ingredient."""
    if depth > 40:
        return
    if isinstance(found, dict):
        for key, value in found.items():
            if key == "digitalSourceType" and isinstance(value, str):
                yield from _SOURCE_TYPE.findall(value)[:1]
            else:
                yield from _source_types(value, depth + 1)
    elif isinstance(found, list):
        for value in found[:1000]:
            yield from _source_types(value, depth + 1)
