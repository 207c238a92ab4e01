"""
Recordings of hours in PCM files, from path to path: what does not fit into memory never is there.

The twin of `labeler.video.files`. Compressed sound is small and goes through as bytes
(`labeler.labelling`), its samples in blocks (`labeler.audio.long`).
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.advice import advice_on
from labeler.audio.hollow import fill, hollow_of, sample_bytes
from labeler.audio.label import label_recording
from labeler.containers.registry import carriers_of, format_of
from labeler.errors import LayerFailed
from labeler.existing import require_label, settle_label
from labeler.media import check_extension, open_file_header
from labeler.metadata import write_fields
from labeler.model import Layer, Receipt, Skipped
from labeler.options import LAYERS
from labeler.payload import payload_of
from labeler.save import placed
from labeler.signing.applying import (
    PROVENANCE,
    carries_manifest,
    require_places,
    sign_file,
    signed_label,
    without_stale,
)
from labeler.written import same_bytes


if TYPE_CHECKING:
    from collections.abc import Callable

    from labeler.model import Label
    from labeler.options import Options
    from labeler.video.streams import Progress


_BLOCK = 1 << 20


def label_file(
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
    Label a PCM file of any length and put the result at ``target``, whole or not at all (R-41).

    Without a target everything is done and nothing kept. ``last`` is called with the receipt and
    the finished file before that gets its name; when it raises, nothing is left. Raises as
    `labeler.labelling.label_file` and `labeler.save.written_through`.
    """
    del progress  # as fast as the disk
    hollow = hollow_of(source)
    open_file_header(hollow)
    require_places(options, format_of(hollow))
    label = settle_label(label, _copies(hollow))
    warnings = advice_on(label, options)
    layers: dict[str, dict[str, Any]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="aigc-label-", dir=_room_beside(target)) as folder,
        placed(target, overwrite=overwrite, suffix=source.suffix) as place,
    ):
        made = Path(folder) / "marked"
        if options.wants(Layer.VISIBLE) or options.wants(Layer.WATERMARK):
            layers, notes = label_recording(source, made, label, options)
            warnings += notes
        made = made if made.exists() else source
        hollow = hollow_of(made)
        if options.wants(Layer.METADATA):
            replaced = len(_copies(hollow))
            label, signature, notes = signed_label(label, made, options)
            warnings += notes
            hollow = write_fields(
                hollow,
                label.fields(),
                value_form=options.value_form,
                source_type=options.source_type,
            )
            layers[Layer.METADATA.value] = {
                "scheme": _copies(hollow)[0].scheme,
                "value_form": options.value_form,
                "copies_replaced": replaced,
                **signature,
            }
        fill(hollow, made, place)
        sign_file(place, source, label=label, options=options, layers=layers)
        stale = carries_manifest(hollow) and PROVENANCE not in layers
        _check(made, place, label if options.wants(Layer.METADATA) else None)
        left_out = [layer for layer in LAYERS if not options.wants(layer)]
        receipt = Receipt(
            path=name or str(source),
            output="" if target is None else str(target),
            layers=layers,
            skipped=tuple(Skipped(layer=layer, why="not asked for") for layer in left_out),
            label=label.fields(),
            mark_id=payload_of(label).mark_hex,
            sha256=_digest(place),
            warnings=tuple(without_stale(warnings, signed=PROVENANCE in layers, stale=stale)),
        )
        if last is not None:
            last(receipt, place)
    return receipt


def check_name(source: Path, target: Path | None = None) -> None:
    """Raise `UnsupportedMedia` when a name says another format than the content of ``source``."""
    found = format_of(hollow_of(source))
    for path in (source, target):
        if path is not None:
            check_extension(path, found)


def _room_beside(target: Path | None) -> Path | None:
    """Return the folder of the target: a disk that holds the result holds what leads to it."""
    return None if target is None else target.resolve().parent


def _copies(hollow: bytes) -> list[Any]:
    return [carrier for carrier in carriers_of(hollow) if not carrier.fault]


def _check(made: Path, written: Path, label: Label | None) -> None:
    """Raise `LayerFailed` unless the file on the disk holds these samples and the label (R-41)."""
    if not same_bytes(sample_bytes(made), sample_bytes(written)):
        raise LayerFailed("the file read back differs from what was written; check the disk")
    if label is not None:
        require_label(hollow_of(written), label.fields())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
