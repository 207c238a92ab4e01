"""The last step of the order of work: what was labelled goes into the registry."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.audio.hollow import is_long_recording
from labeler.errors import InvalidLabel
from labeler.labelling import modality_of
from labeler.model import Layer, Modality
from labeler.registry.likeness import likeness_of
from labeler.registry.records import MAX_TEXT, LabelRecord
from labeler.video.files import digest_of, is_video


if TYPE_CHECKING:
    from labeler.model import Receipt
    from labeler.options import Options
    from labeler.registry.records import Likeness, Registry

_MOST_VALUE = 100


def require_exemption(options: Options) -> None:
    """
    Raise `InvalidLabel` unless recipient and agreement come with what article 9 is about.

    They are kept in the registry, and belong to content without a visible label.
    """
    if not options.recipient and not options.agreement:
        return
    if options.registry is None:
        raise InvalidLabel("recipient and agreement are kept in a registry; give registry=")
    if options.wants(Layer.VISIBLE):
        raise InvalidLabel(
            "recipient and agreement are for content without a visible label (Measures art. 9); "
            "leave that layer out"
        )
    if not (options.recipient.strip() and options.agreement.strip()):
        raise InvalidLabel("recipient and agreement go together (Measures art. 9)")


def record_file(
    options: Options, receipt: Receipt, source: Path | bytes, made: Path | bytes
) -> None:
    """
    Record a labelled file, ``made`` from ``source``, if a registry is asked for.

    A file that carried this label already and was not changed is not recorded twice. Raises
    `RegistryFailed`; then the file must not be given out.
    """
    if options.registry is None:
        return
    before = _digest(source)
    if before == receipt.sha256 and options.registry.with_digest(before):
        return
    modality = _modality_of(made, receipt.path)
    _record(
        options.registry,
        options,
        receipt,
        modality=modality,
        before=before,
        likeness=likeness_of(made, modality),
    )


def record_content(
    options: Options, receipt: Receipt, modality: Modality, likeness: Likeness | None
) -> None:
    """Record content in memory, if a registry is asked for; it has no file before it."""
    if options.registry is not None:
        _record(options.registry, options, receipt, modality=modality, before="", likeness=likeness)


def _record(
    registry: Registry,
    options: Options,
    receipt: Receipt,
    *,
    modality: Modality,
    before: str,
    likeness: Likeness | None,
) -> None:
    record = LabelRecord(
        label=receipt.label,
        sha256=receipt.sha256,
        sha256_before=before,
        file_name=(receipt.output or receipt.path)[-MAX_TEXT:],
        modality=modality.value,
        layers={name: _style(told) for name, told in receipt.layers.items()},
        policy=options.policy,
        key=options.key.name if Layer.WATERMARK.value in receipt.layers else "",
        recipient=options.recipient,
        agreement=options.agreement,
    )
    registry.add(record, likeness)


def _style(told: dict[str, Any]) -> dict[str, Any]:
    """Return the short values of a layer: scheme, text, style; not its measurements."""
    return {
        name: value
        for name, value in told.items()
        if isinstance(value, bool | int) or (isinstance(value, str) and len(value) <= _MOST_VALUE)
    }


def _digest(source: Path | bytes) -> str:
    return digest_of(source) if isinstance(source, Path) else hashlib.sha256(source).hexdigest()


def _modality_of(made: Path | bytes, name: str) -> Modality:
    """Return what kind of content a file is; what comes as a path is too long for the memory."""
    if is_video(made):
        return Modality.VIDEO
    if isinstance(made, Path):
        return Modality.AUDIO if is_long_recording(made) else Modality.TEXT
    return modality_of(made, name)
