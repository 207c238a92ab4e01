"""
Sign a labelled file with C2PA (extra ``c2pa``): the last step, as every later edit breaks the hash.

The manifest says how the content came about, names our mark as a soft binding, holds the label, and
keeps the manifest of the source as an ingredient (R-60).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from labeler.containers.tags.xmp import NEWSCODES
from labeler.errors import CorruptMedia, InvalidKey, InvalidLabel, LayerFailed, UnsupportedMedia
from labeler.model import Status
from labeler.signing.manifests import MIME_TYPES, load_library, one_line, read_store, settings


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.model import Label
    from labeler.signing.credential import Credential

DEFAULT_SOURCE_TYPE = "trainedAlgorithmicMedia"
GENERATED_TYPES = (
    DEFAULT_SOURCE_TYPE,
    "compositeWithTrainedAlgorithmicMedia",
    "algorithmicallyEnhanced",
    "algorithmicMedia",
    "compositeSynthetic",
)
"""The IPTC NewsCodes that say that content was generated, wholly or in part."""

SOFT_BINDING = "aigc-label."
"""Our soft bindings are called this and the name of the scheme; C2PA's list does not have them."""

LABEL_ASSERTION = "aigc-label.label"
"""Our own assertion: the seven fields of annex E."""

_ABOUT_SIGNER = ("signingCredential.", "timeStamp.", "cawg.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a manifest is to say. ``marks`` are mark ids by scheme, as far as there are any."""

    label: Label
    source_type: str = DEFAULT_SOURCE_TYPE
    marks: Mapping[str, str] = field(default_factory=dict)
    version: str = ""


def require_source_type(word: str) -> None:
    """Raise `InvalidLabel` for a source type that does not say that content is generated."""
    if word not in GENERATED_TYPES:
        raise InvalidLabel(
            f"{word[:60]!a} is no source type of generated content; IPTC has "
            f"{', '.join(GENERATED_TYPES)}"
        )


def require_signable(format_name: str) -> None:
    """Raise `UnsupportedMedia` for a format that the library cannot sign (R-42)."""
    if format_name not in MIME_TYPES:
        raise UnsupportedMedia(
            f"C2PA has no place in {format_name or 'this'} files; it signs {', '.join(MIME_TYPES)}"
        )


def sign_manifest(
    source: BinaryIO,
    target: BinaryIO,
    original: BinaryIO,
    *,
    format_name: str,
    statement: Statement,
    credential: Credential,
) -> dict[str, Any]:
    """
    Write the labelled file to ``target`` with a signed manifest, and read it back.

    Parameters
    ----------
    source
        The labelled file.
    target
        An empty file, open for reading and writing. After an error its content is of no use.
    original
        The file as it came: its manifest, if it has one, becomes the ingredient.
    format_name, statement, credential
        What it is, what to say of it, and who signs.

    Returns
    -------
    dict
        The facts for the receipt.

    Raises
    ------
    UnsupportedMedia
        The format cannot be signed.
    LayerFailed
        The library refused, or the signature does not read back.
    InvalidKey
        It does not accept the certificate: its profile is not that of C2PA.
    """
    require_signable(format_name)
    library = load_library()
    upstream = has_store(original, format_name)
    created = statement.label.status is Status.IS and not upstream
    try:
        context = library.Context.from_dict(settings())
        info = library.C2paSignerInfo(
            credential.algorithm.encode(), credential.chain, credential.key, None
        )
        with library.Builder(_manifest(statement, created=created), context=context) as builder:
            if not created:
                original.seek(0)
                parent = {"title": "source", "relationship": "parentOf", "label": "source"}
                builder.add_ingredient(parent, MIME_TYPES[format_name], original)
            source.seek(0)
            with library.Signer.from_info(info) as signer:
                builder.sign(signer, MIME_TYPES[format_name], source, target)
    except library.C2paError as error:
        raise _refused(one_line(str(error)), format_name) from error
    target.flush()
    _require_readable(target, format_name)
    return {
        "scheme": "c2pa",
        "algorithm": credential.algorithm,
        "signer": credential.subject,
        "ingredient": upstream,
        "soft_binding": [f"{SOFT_BINDING}{name}" for name in statement.marks],
        "timestamp": False,
    }


def has_store(file: BinaryIO, format_name: str) -> bool:
    """Say whether a file carries a manifest store, readable or not."""
    try:
        return read_store(file, format_name) is not None
    except CorruptMedia:
        return True


def is_signed_by(file: BinaryIO, format_name: str, credential: Credential) -> bool:
    """Say whether the file is signed with this certificate and unchanged since."""
    try:
        store = read_store(file, format_name) if format_name in MIME_TYPES else None
    except CorruptMedia:
        return False
    if store is None:
        return False
    manifest = store.get("manifests", {}).get(store.get("active_manifest"), {})
    serial = manifest.get("signature_info", {}).get("cert_serial_number")
    return serial == credential.serial and not _faults(store)


def _manifest(statement: Statement, *, created: bool) -> dict[str, Any]:
    """Return the definition of a manifest; every assertion is the signer's own (``created``)."""
    fields = statement.label.fields()
    assertions: list[dict[str, Any]] = [
        {
            "label": "c2pa.actions.v2",
            "created": True,
            "data": {"actions": _actions(statement, created=created)},
        },
        {"label": LABEL_ASSERTION, "created": True, "data": fields},
    ]
    assertions += [
        {
            "label": "c2pa.soft-binding",
            "created": True,
            "data": {"alg": SOFT_BINDING + name, "blocks": [{"scope": {}, "value": mark_id}]},
        }
        for name, mark_id in statement.marks.items()
    ]
    return {
        "claim_generator_info": [{"name": "aigc-label", "version": statement.version or "0"}],
        "title": fields["ProduceID"][:200],
        "assertions": assertions,
    }


def _actions(statement: Statement, *, created: bool) -> list[dict[str, Any]]:
    """Return what was done: created by a model, or opened and labelled; then the mark."""
    told = {"digitalSourceType": NEWSCODES + statement.source_type}
    is_generated = statement.label.status is Status.IS
    actions: list[dict[str, Any]] = []
    if created:
        actions.append({"action": "c2pa.created", **told})
    else:
        opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["source"]}}
        # "May be" and "suspected" are no statement of how the content came about.
        edited = {"action": "c2pa.edited", **(told if is_generated else {})}
        actions += [opened, edited]
    if statement.marks:
        actions.append({"action": "c2pa.watermarked.bound"})
    return actions


def _refused(text: str, format_name: str) -> LayerFailed | InvalidKey:
    """Return the error for a refusal of the library."""
    if "certificate" in text.lower() or "signature:" in text.lower():
        return InvalidKey(
            f"the C2PA library does not take the certificate: {text}; it needs the profile of "
            "C2PA: an end certificate with digitalSignature and emailProtection, chain included"
        )
    return LayerFailed(f"the C2PA library cannot sign this {format_name} file: {text}")


def _require_readable(target: BinaryIO, format_name: str) -> None:
    """Raise `LayerFailed` unless the signed file reads back unchanged (R-41)."""
    store = read_store(target, format_name)
    faults = _faults(store) if store else ["no manifest"]
    if faults:
        raise LayerFailed(
            f"the C2PA signature does not read back ({faults[0]}); the file was not kept"
        )


def _faults(store: dict[str, Any]) -> list[str]:
    """Return failure codes of the active manifest that are not about who signed."""
    rows = store.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    codes = [str(row.get("code", "")) for row in rows]
    return [code for code in codes if not code.startswith(_ABOUT_SIGNER)]
