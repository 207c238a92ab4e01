"""
Label one document: visible label, then the mark where it is asked for; the metadata comes after.

The invisible mark of text enlarges it and shows in some editors, so it is put in only when the user
names that layer. A format that has no place for metadata says so.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from labeler.advice import advice_on
from labeler.containers.documents import document_container_of, ending_of, is_known_ending
from labeler.containers.registry import format_of
from labeler.containers.sidecar import SCHEME, digest_of, load_sidecar
from labeler.containers.text.model import CUSTOM, NOWHERE
from labeler.containers.text.textual import has_place, no_place
from labeler.containers.value import parse_value
from labeler.errors import LabelConflict, MediaTooSmall, UnsupportedMedia
from labeler.existing import require_same_mark, settle_label
from labeler.metadata import format_value, write_fields
from labeler.model import Labelled, Layer, Skipped
from labeler.options import LAYERS
from labeler.payload import payload_of
from labeler.signing.applying import (
    PROVENANCE,
    carries_manifest,
    is_finished,
    require_places,
    signed_label,
    with_manifest,
    without_stale,
)
from labeler.text.marking import map_joined, text_of
from labeler.text.visible import show_label


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.containers.model import Carrier
    from labeler.containers.text.model import DocumentContainer, DocumentHeader
    from labeler.model import Label
    from labeler.options import Options
    from labeler.text.watermark import Profile


PROFILES: Mapping[str, Profile] = MappingProxyType({"robust": "excerpt", "excerpt": "excerpt"})
"""Profile of the mark by ``--strength``; ``light`` for all others."""

_BY_NAME = (
    "the invisible mark of text is an option: name it with --layers visible,watermark,metadata"
)
_NO_ROOM = "there is no text for people in the file that a visible label could stand in"
_SIDECAR = (
    "no standard placement for {}: the label is in the sidecar beside the file, which has to be "
    "passed on with it"
)
_GBK = (
    "the file is in GBK, which cannot hold the invisible mark: it would show as question marks; "
    "save it as UTF-8 or GB18030"
)


def choose_layers(
    data: bytes, options: Options, *, name: str = ""
) -> tuple[Options, tuple[Skipped, ...]]:
    """
    Return the options with the layers that a document can carry, and what was left out and why.

    Raises
    ------
    UnsupportedMedia
        A layer that was named has no place in this format, or none of the three has (R-42).
    CorruptMedia, MediaTooLarge
        The file is broken or too large.
    """
    if not is_known_ending(name):
        raise UnsupportedMedia(
            f"nobody knows what a label would do in a text file called .{ending_of(name)[:20]}; "
            "if it is plain text, call it .txt"
        )
    header = document_container_of(data, name).probe(data)
    if header.protected:
        raise UnsupportedMedia(
            f"the {header.format.upper()} is encrypted; take the password off, then label it"
        )
    lacking = _lacking(header, beside=options.sidecar is not None)
    if options.layers is not None:
        for layer in options.layers:
            if layer in lacking:
                raise UnsupportedMedia(f"layer {layer.value}: {lacking[layer]}")
        left = [Skipped(layer=x, why="not asked for") for x in LAYERS if not options.wants(x)]
        return options, tuple(left)
    if Layer.VISIBLE in lacking and header.placement == NOWHERE:
        raise UnsupportedMedia(
            f"a {header.format} file like this can carry no label: {header.place}; {_NO_ROOM}; "
            "a sidecar beside the file is written when it is asked for: layers metadata"
        )
    lacking = {Layer.WATERMARK: _BY_NAME, **lacking}
    layers = tuple(layer for layer in LAYERS if layer not in lacking)
    left = [Skipped(layer=layer, why=lacking[layer]) for layer in LAYERS if layer in lacking]
    return replace(options, layers=layers), tuple(left)


def _lacking(header: DocumentHeader, *, beside: bool) -> dict[Layer, str]:
    """Return the layers for which a file has no place, and why."""
    lacking = {}
    if not header.positions:
        lacking[Layer.VISIBLE] = _NO_ROOM
    if header.syntax == "code":
        lacking[Layer.WATERMARK] = "hidden characters break source code and data"
    elif header.format == "pdf":
        lacking[Layer.WATERMARK] = "a PDF draws glyphs; it has no text that could hold the mark"
    elif not header.carries_unicode:
        lacking[Layer.WATERMARK] = _GBK
    if header.placement == NOWHERE and not beside:
        lacking[Layer.METADATA] = no_place(header.format)
    return lacking


def label_content(
    data: bytes, label: Label, options: Options, *, known: bool, name: str = ""
) -> tuple[bytes, dict[str, dict[str, Any]], list[str]]:
    """
    Return the document with the layers that lie in its text, what was done, and warnings.

    ``known`` makes no difference here: the same words in a label's place are the label. ``name`` is
    the file name, which tells text formats apart.

    Raises
    ------
    LabelConflict
        The text carries a mark of something else (R-31).
    LayerFailed
        A layer does not read back (R-41).
    UnsupportedMedia, CorruptMedia, MediaTooLarge, MediaTooSmall, InvalidLabel, UnknownPolicy
        The document cannot be labelled; the message says why.
    """
    del known
    container = document_container_of(data, name)
    header = container.probe(data)
    layers: dict[str, dict[str, Any]] = {}
    notes = list(header.notes)
    if options.wants(Layer.VISIBLE):
        data, shown = show_label(data, label, options, container=container, header=header)
        layers[Layer.VISIBLE.value] = shown.to_dict()
    if options.wants(Layer.WATERMARK):
        data, layers[Layer.WATERMARK.value] = _mark(
            data, label, options, container=container, header=header
        )
        if note := layers[Layer.WATERMARK.value].get("note"):
            notes.append(str(note))
    if options.wants(Layer.METADATA) and header.placement == CUSTOM:
        notes.append(f"no standard placement for {header.format}: the label is {header.place}")
    return data, layers, notes


def upstream_beside(digest: str, label: Label, sidecar: bytes | None) -> list[Carrier]:
    """
    Return the label in the sidecar of the content with this SHA-256.

    One of other content is no label of it.

    Raises `LabelConflict` for the sidecar of another version by another producer (R-31).
    """
    if not sidecar:
        return []
    told = load_sidecar(sidecar)
    if told.belongs_to(digest):
        return [told.carrier()]
    producer = parse_value(told.value).fields.get("ContentProducer", "")
    if producer not in {"", label.producer}:
        raise LabelConflict(
            f"the sidecar beside it is by producer {producer[:60]} and of another version of the "
            "file; find out whose text it is, then move the sidecar away"
        )
    return []


def _mark(
    data: bytes,
    label: Label,
    options: Options,
    *,
    container: DocumentContainer,
    header: DocumentHeader,
) -> tuple[bytes, dict[str, Any]]:
    """Put the mark into the text, unless this payload is there already."""
    from labeler.schemes import TEXT_V1
    from labeler.text.readback import read_back
    from labeler.text.watermark import embed_mark

    payload = payload_of(label)
    seen = read_back(text_of(data, container), options.key)
    if seen is not None:
        require_same_mark(seen, payload)
        return data, {"already": True, "scheme": "text-v1", "bits": seen.bits}
    receipts: list[dict[str, Any]] = []

    def embed(text: str) -> str:
        marked, receipt = embed_mark(
            text,
            payload,
            key=options.key,
            profile=PROFILES.get(options.strength, "light"),
            syntax="markdown" if header.syntax == "markdown" else "plain",
        )
        receipts.append(receipt.to_dict())
        return marked

    hidden = {code for carrier in TEXT_V1.carriers for code in carrier.alphabet}
    marked = map_joined(data, container, embed, hidden=hidden)
    if not receipts:
        raise MediaTooSmall("the document has no text for people that the mark could go into")
    return marked, receipts[0]


def label_document(data: bytes, label: Label, options: Options, *, name: str = "") -> Labelled:
    """
    Return the document with every layer that ``options`` ask for, in its own format.

    Layers that are there already are kept: labelling a labelled file returns the same bytes.
    Raises as `choose_layers`, `label_content` and `labeler.metadata.write_fields` do.
    """
    options, skipped = choose_layers(data, options, name=name)
    original = data
    require_places(options, format_of(data, name))  # no document states a source type
    container = document_container_of(data, name)
    inside = [carrier for carrier in container.find(data) if not carrier.fault]
    upstream = [*inside, *upstream_beside(digest_of(data), label, options.sidecar)]
    label = settle_label(label, upstream)
    data, layers, notes = label_content(data, label, options, known=bool(upstream), name=name)
    if options.wants(Layer.METADATA):
        label, signature, remarks = signed_label(label, data, options, name=name)
        notes += remarks
        data, told, note = write_metadata(data, label, options, container=container, name=name)
        layers[Layer.METADATA.value] = {**told, "copies_replaced": len(upstream), **signature}
        notes += [note] if note else []
    data = with_manifest(data, original, label=label, options=options, layers=layers, name=name)
    notes = without_stale(
        notes,
        signed=PROVENANCE in layers,
        stale=data != original and carries_manifest(data, name),
    )
    return Labelled(
        data=data,
        label=label,
        layers=layers,
        skipped=skipped,
        warnings=(*advice_on(label, options), *notes),
    )


def write_metadata(
    data: bytes, label: Label, options: Options, *, container: DocumentContainer, name: str
) -> tuple[bytes, dict[str, Any], str]:
    """Write the metadata label, or leave it to the sidecar; return what was done, and a note."""
    header = container.probe(data)
    if not has_place(header.placement):
        here = [carrier.scheme for carrier in container.find(data) if not carrier.fault]
        if here:
            return data, {"scheme": here[0], "already": True}, ""
        return data, {"scheme": SCHEME}, _SIDECAR.format(header.format)
    value = format_value(label.fields(), value_form=options.value_form)
    copies = [c.text for c in container.find(data) if not c.fault]
    if not is_finished(data, copies, value, options, name=name):
        data = write_fields(data, label.fields(), value_form=options.value_form, name=name)
    scheme = next(c.scheme for c in container.find(data) if not c.fault)
    return data, {"scheme": scheme, "value_form": options.value_form}, ""
