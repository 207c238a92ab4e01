"""
Label a text that is too long to be held in memory: from file to file, constant memory.

The label goes to the first or the last line and into the head of the file, so the first and last
part are labelled as small files are (`labeler.text.label`) and all between is copied. Records of
JSON lines are labelled block by block.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labeler.advice import advice_on
from labeler.containers.documents import document_container_of
from labeler.containers.sidecar import dump_sidecar
from labeler.errors import LabelConflict, LayerFailed, UnsupportedMedia
from labeler.existing import settle_label
from labeler.metadata import format_value
from labeler.model import Layer, Receipt, Skipped
from labeler.options import LAYERS
from labeler.payload import payload_of
from labeler.save import write_atomically, written_through
from labeler.sidecar import in_sidecar, read_beside, sidecar_kept
from labeler.text.label import (
    choose_layers,
    label_content,
    label_document,
    upstream_beside,
    write_metadata,
)
from labeler.text.visible import positions_of
from labeler.text.windows import blocks_of_lines, open_long_text


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from labeler.model import Label
    from labeler.options import Options
    from labeler.text.windows import LongText
    from labeler.video.streams import Progress

_NO_MARK = "a text this long is not marked; split it into parts of at most 128 MiB"
_COPY = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What a long text becomes: other first and last lines, or other records."""

    label: Label
    layers: dict[str, dict[str, Any]]
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]
    head: bytes = b""
    tail: bytes = b""


def label_long_text(
    source: Path,
    target: Path | None,
    label: Label,
    options: Options,
    *,
    name: str = "",
    overwrite: bool = False,
    last: Callable[[Receipt, Path], None] | None = None,
    progress: Progress | None = None,
) -> Receipt:
    """
    Label a long text from file to file, and return the receipt; without target nothing is written.

    ``last`` is called with the receipt and the finished file before that gets its name.

    Raises
    ------
    LabelConflict
        It carries a label of something else, or one at its end (R-31).
    LayerFailed
        What was written does not read back (R-41); nothing is left then.
    UnsupportedMedia, CorruptMedia, MediaTooLarge, OutputFailed
        It cannot be labelled; the message says why.
    """
    del progress  # as fast as the disk
    options = replace(options, sidecar=None if target is None else read_beside(source) or b"")
    long = open_long_text(source)
    records = long.format == "jsonl"
    plan = _plan_records(long, label, options) if records else _plan_edges(long, label, options)
    receipt = Receipt(
        path=name or str(source),
        output=str(target or ""),
        layers=plan.layers,
        skipped=plan.skipped,
        label=plan.label.fields(),
        mark_id=payload_of(plan.label).mark_hex,
        sha256="",
        warnings=plan.warnings,
    )
    if target is None:
        return receipt
    with _written(long, plan, target, options, overwrite=overwrite) as (temporary, digest):
        receipt = replace(receipt, sha256=digest)
        if last is not None:
            last(receipt, temporary)
    return receipt


_UNSIGNED = "a text this long is labelled at its ends only and cannot be signed; sign its parts"


def _chosen(data: bytes, options: Options, name: str) -> tuple[Options, tuple[Skipped, ...]]:
    """Return the layers that a long text can take; the mark is not among them."""
    if options.layers is not None and Layer.WATERMARK in options.layers:
        raise UnsupportedMedia(_NO_MARK)
    if options.sign_key or options.credential or options.source_type:
        raise UnsupportedMedia(_UNSIGNED)
    options, skipped = choose_layers(data, options, name=name)
    told = [replace(s, why=_NO_MARK) if s.layer is Layer.WATERMARK else s for s in skipped]
    return options, tuple(told)


def _plan_edges(long: LongText, label: Label, options: Options) -> _Plan:
    """Label the first and the last lines."""
    name = long.path.name
    options, skipped = _chosen(long.head, options, name)
    container = document_container_of(long.head, name)
    inside = [c for c in container.find(long.head) if not c.fault]
    if any(not c.fault for c in container.find(long.tail)):
        raise LabelConflict(
            "it carries a label at its end, which is kept as it is; in a text this long a label "
            "is written at the start only"
        )
    upstream = [*inside, *upstream_beside(long.digest, label, options.sidecar)]
    label = settle_label(label, upstream)
    parts = {"start": long.head, "end": long.tail}
    layers: dict[str, dict[str, Any]] = {}
    notes: list[str] = []
    if options.wants(Layer.VISIBLE):
        layers[Layer.VISIBLE.value] = _show(parts, label, options, name)
    if options.wants(Layer.METADATA):
        head, told, note = write_metadata(
            parts["start"], label, options, container=container, name=name
        )
        parts["start"] = head
        layers[Layer.METADATA.value] = {**told, "copies_replaced": len(upstream)}
        notes += [note] if note else []
    return _Plan(
        label=label,
        layers=layers,
        skipped=skipped,
        warnings=(*advice_on(label, options), *notes),
        head=parts["start"],
        tail=parts["end"],
    )


def _show(parts: dict[str, bytes], label: Label, options: Options, name: str) -> dict[str, Any]:
    """Put the visible label into the first or the last lines, or both."""
    header = document_container_of(parts["start"], name).probe(parts["start"])
    told: dict[str, Any] = {}
    places = positions_of(options, header)
    for where in places:
        if where not in parts or (header.format == "srt" and where == "end"):
            raise UnsupportedMedia(f"position {where!r} needs all of the text; use start")
        only = replace(options, layers=(Layer.VISIBLE,), position=where)
        parts[where], layers, _ = label_content(parts[where], label, only, known=False, name=name)
        told = layers[Layer.VISIBLE.value]
    return {**told, "places": list(places)}


def _plan_records(long: LongText, label: Label, options: Options) -> _Plan:
    """Label the first records, to know what all of them will become."""
    first = next(blocks_of_lines(long.path))
    options, skipped = _chosen(first, options, long.path.name)
    done = label_document(first, label, options, name=long.path.name)
    return _Plan(label=done.label, layers=done.layers, skipped=skipped, warnings=done.warnings)


def _labelled_records(long: LongText, plan: _Plan, options: Options) -> Iterator[bytes]:
    """Yield the records, labelled block by block; one without an answer has no visible label."""
    name = long.path.name
    for block in blocks_of_lines(long.path):
        if not block.strip():
            yield block
            continue
        room = document_container_of(block, name).probe(block).positions
        wanted = tuple(
            x for x in LAYERS if x.value in plan.layers and (room or x is not Layer.VISIBLE)
        )
        own = replace(options, layers=wanted)
        yield label_document(block, plan.label, own, name=name).data if wanted else block


def _pieces(long: LongText, plan: _Plan, options: Options) -> Iterator[bytes]:
    """Yield the labelled file in pieces."""
    if long.format == "jsonl":
        yield from _labelled_records(long, plan, options)
        return
    yield plan.head
    with long.path.open("rb") as file:
        file.seek(len(long.head))
        left = long.size - len(long.head) - len(long.tail)
        while left and (piece := file.read(min(_COPY, left))):
            left -= len(piece)
            yield piece
    yield plan.tail


@contextmanager
def _written(
    long: LongText, plan: _Plan, target: Path, options: Options, *, overwrite: bool
) -> Iterator[tuple[Path, str]]:
    """Write the labelled file and its sidecar, read back; yield it, unnamed yet, and its hash."""
    if not in_sidecar(plan.layers):
        with written_through(target, overwrite=overwrite) as temporary:
            yield temporary, _copy_to(temporary, _pieces(long, plan, options))
        return
    with (
        sidecar_kept(target, overwrite=overwrite) as beside,
        written_through(target, overwrite=overwrite) as temporary,
    ):
        digest = _copy_to(temporary, _pieces(long, plan, options))
        value = format_value(plan.label.fields())
        write_atomically(beside, dump_sidecar(value, digest, target.name), overwrite=overwrite)
        yield temporary, digest


def _copy_to(temporary: Path, pieces: Iterator[bytes]) -> str:
    """Write a file, read it back from the disk, and return its SHA-256."""
    digest = hashlib.sha256()
    with temporary.open("xb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
    with temporary.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest.hexdigest():
            raise LayerFailed("the file read back differs from what was written; check the disk")
    return digest.hexdigest()
