"""
Signatures as the last steps of labelling a file: SecurityData into the label, then C2PA over all.

A signature that is there already and still holds is kept: labelling twice changes nothing.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

from labeler.containers.registry import FAMILIES, carriers_of, format_of
from labeler.containers.sniffing import sniff_file
from labeler.containers.stating import require_stating
from labeler.containers.videos import VIDEOS
from labeler.errors import LabelError, LayerFailed, UnsupportedMedia
from labeler.model import Layer
from labeler.payload import payload_of
from labeler.save import TEMPORARY_SUFFIX
from labeler.signing.c2pa import (
    DEFAULT_SOURCE_TYPE,
    Statement,
    is_signed_by,
    require_signable,
    require_source_type,
    sign_manifest,
)
from labeler.signing.checking import EMBEDDED, FAILED, check_reserved
from labeler.signing.content import content_digest_of, content_parts, path_parts
from labeler.signing.packages import PACKAGES, stored_package
from labeler.signing.security_data import parse_security, sign_label
from labeler.written import same_bytes


if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from labeler.model import Label
    from labeler.options import Options
    from labeler.signing.keys import SigningKey

PROVENANCE = Layer.PROVENANCE.value
STALE = (
    "the C2PA manifest in the file was signed over the file without this label, so its hash no "
    "longer holds; signing with C2PA again keeps that manifest as an ingredient"
)
"""What is said of every file that keeps a manifest and is written without signing again."""

DOCUMENTS_SIGNED = frozenset({"pdf", *PACKAGES})
"""Document formats that can hold a manifest."""

_WAS_STALE = "C2PA manifest is kept"


def require_places(options: Options, format_name: str) -> None:
    """Raise `UnsupportedMedia` early when something that was asked for has no place (R-42)."""
    if options.sign_key and not options.wants(Layer.METADATA):
        raise UnsupportedMedia(
            "--sign-key-file signs the metadata label; leave that layer in --layers"
        )
    if options.source_type:
        require_source_type(options.source_type)
        require_stating(format_name)
        if not options.wants(Layer.METADATA):
            raise UnsupportedMedia("--source-type goes with the metadata layer; leave it in")
    if options.credential:
        require_signable(format_name)


def is_finished(
    data: bytes, copies: Iterable[str], value: str, options: Options, *, name: str = ""
) -> bool:
    """
    Say whether the file holds this label once, signed with our certificate and unchanged since.

    Writing the same label again would move bytes in some formats, and so break the hash.
    """
    if options.credential is None or list(copies) != [value]:
        return False
    return is_signed_by(BytesIO(data), format_of(data, name), options.credential)


def signed_label(
    label: Label, source: bytes | Path, options: Options, *, name: str = ""
) -> tuple[Label, dict[str, Any], list[str]]:
    """
    Return the label with SecurityData in ReservedCode1, facts for the receipt, and warnings.

    ``source`` is the file as it is when only its metadata is still to be written: the signature
    binds the bytes in it that bear the content, so adding metadata keeps it valid. A signature of
    the same key that no longer fits the content is made again; those of others are kept.

    Raises `MissingBackend` when the extra of the key's algorithm is not installed.
    """
    key = options.sign_key
    if label.reserved_1:
        return _kept(label, source, key, name)
    if key is None:
        return label, {}, []
    return _signed(label, source, key, name)


def _kept(
    label: Label, source: bytes | Path, key: SigningKey | None, name: str
) -> tuple[Label, dict[str, Any], list[str]]:
    checked = check_reserved(
        label.fields(), digest=lambda kind: content_digest_of(source, kind, file_name=name)
    )["ReservedCode1"]
    if checked.state == EMBEDDED:
        return label, {"signature": {"already": True, "scheme": checked.scheme}}, []
    data = parse_security(label.reserved_1)
    own = (
        key is not None
        and data is not None
        and any(raw.endswith(key.public) for _, _, raw in data.keys)
    )
    if key is not None and own:
        return _signed(label, source, key, name)
    if checked.state == FAILED:
        return label, {}, [f"{checked.detail}; it is kept, and verify will report it"]
    if key is not None:
        why = "ReservedCode1 holds something else already; it is kept, and the label is not signed"
        return label, {}, [why]
    return label, {}, []


def _signed(
    label: Label, source: bytes | Path, key: SigningKey, name: str
) -> tuple[Label, dict[str, Any], list[str]]:
    bound = _has_content(source, name)
    parts = _parts(source, name) if bound else None
    signed = sign_label(label, key, parts)
    scheme = f"{'TC260PG' if key.algorithm == 'sm2' else 'aigc-label'} {key.algorithm}"
    facts = {"scheme": scheme, "key": key.public.hex(), "content_bound": bound}
    notes = [] if bound else ["the signature covers the label only: this format binds no content"]
    return signed, {"signature": facts}, notes


def _parts(source: bytes | Path, name: str) -> Iterable[bytes | memoryview]:
    return content_parts(source, name) if isinstance(source, bytes) else path_parts(source)


def _has_content(source: bytes | Path, name: str) -> bool:
    return any(len(part) for part in _parts(source, name))


def with_manifest(
    data: bytes,
    original: bytes,
    *,
    label: Label,
    options: Options,
    layers: dict[str, dict[str, Any]],
    name: str = "",
) -> bytes:
    """
    Return the file signed with C2PA where ``options`` ask for it; the receipt goes to ``layers``.

    ``original`` is the file as it came, whose manifest becomes an ingredient. The content-bearing
    bytes are compared before and after (R-40). Raises as `labeler.signing.c2pa.sign_manifest` and
    `labeler.signing.credential.load_credential` do.
    """
    if options.credential is None:
        return data
    format_name = format_of(data, name)
    if is_signed_by(BytesIO(data), format_name, options.credential):
        layers[PROVENANCE] = {"scheme": "c2pa", "already": True}
        return data
    package = format_name in PACKAGES
    target = BytesIO()
    facts = sign_manifest(
        BytesIO(stored_package(data) if package else data),
        target,
        BytesIO(original),
        format_name=format_name,
        statement=_statement(label, options, layers),
        credential=options.credential,
    )
    signed = target.getvalue()
    if not same_bytes(iter(content_parts(data, name)), iter(content_parts(signed, name))):
        raise LayerFailed("the coded content changed while the file was signed; nothing was kept")
    if _copies(signed, name) != _copies(data, name):
        raise LayerFailed("the metadata label was lost while the file was signed; nothing was kept")
    layers[PROVENANCE] = facts
    return signed


def _copies(data: bytes, name: str) -> list[str]:
    return [carrier.text for carrier in carriers_of(data, name) if not carrier.fault]


def sign_file(
    path: Path,
    original: Path,
    *,
    label: Label,
    options: Options,
    layers: dict[str, dict[str, Any]],
) -> None:
    """Do what `with_manifest` does with a video or a recording of hours, in its place."""
    if options.credential is None:
        return
    with path.open("rb") as file:
        format_name = sniff_file(file) or ""
        require_signable(format_name)
        if is_signed_by(file, format_name, options.credential):
            layers[PROVENANCE] = {"scheme": "c2pa", "already": True}
            return
    beside = path.with_name(f".{path.name[:60]}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
    try:
        with path.open("rb") as source, original.open("rb") as first, beside.open("w+b") as target:
            facts = sign_manifest(
                source,
                target,
                first,
                format_name=format_name,
                statement=_statement(label, options, layers),
                credential=options.credential,
            )
        if not same_bytes(path_parts(path), path_parts(beside)):
            raise LayerFailed("the coded content changed while it was signed; nothing was kept")
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    layers[PROVENANCE] = facts


def _statement(label: Label, options: Options, layers: dict[str, dict[str, Any]]) -> Statement:
    from labeler import __version__

    mark = layers.get(Layer.WATERMARK.value)
    marks = {str(mark["scheme"]): payload_of(label).mark_hex} if mark else {}
    return Statement(
        label=label,
        source_type=options.source_type or DEFAULT_SOURCE_TYPE,
        marks=marks,
        version=__version__,
    )


def carries_manifest(data: bytes, name: str = "") -> bool:
    """Say whether a file carries a C2PA manifest store where its format has it."""
    file = BytesIO(data)
    kind = sniff_file(file) or ""
    try:
        if kind in VIDEOS:
            return any(block.kind == "c2pa" for block in VIDEOS[kind].blocks(file))
        container: Any = FAMILIES["image"].get(kind) or FAMILIES["audio"].get(kind)
        if container is not None:
            return any(block.kind == "c2pa" for block in container.blocks(data))
    except LabelError:
        return False
    return document_store(data, format_of(data, name)) is not None


def film_carries_manifest(path: Path) -> bool:
    """Say whether a video file carries a C2PA manifest store."""
    with path.open("rb") as file:
        container = VIDEOS.get(sniff_file(file) or "")
        return container is not None and any(b.kind == "c2pa" for b in container.blocks(file))


def document_store(data: bytes, format_name: str) -> bytes | None:
    """Return the manifest store of a document from where it starts, None when there is none."""
    if format_name not in DOCUMENTS_SIGNED:
        return None
    at = data.find(b"jumdc2pa")
    return data[at - 12 :] if at >= 12 else None


def without_stale(warnings: Iterable[str], *, signed: bool, stale: bool) -> list[str]:
    """Return warnings with what is true of the manifest now: signed anew, or no longer holding."""
    kept = [warning for warning in warnings if not (signed and _WAS_STALE in warning)]
    if stale and not signed and not any(_WAS_STALE in warning for warning in kept):
        kept.append(STALE)
    return kept
