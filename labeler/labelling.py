"""
Label one file of any modality: content, encoding, metadata, in this order, then read back.

Who labels the content is decided by what the file is, never by its name (R-51). Metadata is
written into the encoded bytes, because encoding loses it. Modules of a modality are imported when
a file of theirs comes in, so nobody pays for the others.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from labeler.advice import advice_on
from labeler.containers.registry import family_of, file_container_of, format_of
from labeler.existing import settle_label
from labeler.media import open_file_header
from labeler.metadata import format_value, write_fields
from labeler.model import Labelled, Layer, Modality, Skipped
from labeler.options import LAYERS
from labeler.signing.applying import (
    PROVENANCE,
    carries_manifest,
    is_finished,
    require_places,
    signed_label,
    with_manifest,
    without_stale,
)


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.containers.model import Carrier
    from labeler.model import Label
    from labeler.options import Options


class ContentLabeller(Protocol):
    """What a modality brings to label its files."""

    def __call__(
        self, data: bytes, label: Label, options: Options, *, known: bool
    ) -> tuple[bytes, dict[str, dict[str, Any]], list[str]]:
        """
        Return the file with the layers that lie in its content, what was done, and warnings.

        ``known`` says that the file carries this label already. Raises `LabelError`.
        """


_LABELLERS: Mapping[Modality, str] = MappingProxyType(
    {Modality.IMAGE: "labeler.image.label", Modality.AUDIO: "labeler.audio.label"}
)
"""Modules whose ``label_content`` is the labeller of a modality."""


def modality_of(data: bytes, name: str = "") -> Modality:
    """
    Return what kind of content a file is, by its first bytes; of text files by ``name`` as well.

    Raises `UnsupportedMedia` when it is of no format that can be labelled.
    """
    return Modality(family_of(data, name))


def label_file(data: bytes, label: Label, options: Options, *, name: str = "") -> Labelled:
    """
    Return the file with every layer that ``options`` ask for, in its own format.

    Layers that are there already are kept: labelling a labelled file returns the same bytes.
    ``name`` is the file name, which tells text formats apart.

    Raises
    ------
    LabelConflict
        The file carries a label or a mark of something else (R-31).
    LayerFailed
        A layer does not read back from the encoded result (R-41).
    UnsupportedMedia, CorruptMedia, MediaTooLarge, MediaTooSmall
        The file cannot be labelled; the message says why.
    """
    if modality_of(data, name) is Modality.TEXT:
        from labeler.text.label import label_document

        return label_document(data, label, options, name=name)
    open_file_header(data)
    original = data
    require_places(options, format_of(data, name))
    upstream = _copies(data)
    label = settle_label(label, upstream)
    warnings = advice_on(label, options)
    if options.sound or options.cue or options.subtitles:
        warnings.append("sound, audible and subtitles are for videos: this is none")
    layers: dict[str, dict[str, Any]] = {}
    if options.wants(Layer.VISIBLE) or options.wants(Layer.WATERMARK):
        labeller: ContentLabeller = import_module(_LABELLERS[modality_of(data)]).label_content
        data, layers, notes = labeller(data, label, options, known=bool(upstream))
        warnings += notes
    if options.wants(Layer.METADATA):
        replaced = len(_copies(data))
        label, signature, notes = signed_label(label, data, options)
        value = format_value(label.fields(), value_form=options.value_form)
        if not is_finished(data, [copy.text for copy in _copies(data)], value, options):
            data = write_fields(
                data,
                label.fields(),
                value_form=options.value_form,
                source_type=options.source_type,
            )
        warnings += notes
        layers[Layer.METADATA.value] = {
            "scheme": _copies(data)[0].scheme,
            "value_form": options.value_form,
            "copies_replaced": replaced,
            **signature,
        }
    data = with_manifest(data, original, label=label, options=options, layers=layers)
    left_out = [layer for layer in LAYERS if not options.wants(layer)]
    return Labelled(
        data=data,
        label=label,
        layers=layers,
        skipped=tuple(Skipped(layer=layer, why="not asked for") for layer in left_out),
        warnings=tuple(
            without_stale(
                warnings,
                signed=PROVENANCE in layers,
                stale=data != original and carries_manifest(data),
            )
        ),
    )


def _copies(data: bytes) -> list[Carrier]:
    """Return the copies of a label in a file that can be read."""
    return [carrier for carrier in file_container_of(data).find(data) if not carrier.fault]
