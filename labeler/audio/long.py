"""
Sound too long to be held as samples: labelled block by block, from file to file, constant memory.

The twin of `labeler.audio.label` for recordings of hours. The audible label goes to the start or
the end, level with the first minutes: nobody has heard the middle then.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.audio.audible import insert_label, receipt_of
from labeler.audio.codec import decode_blocks, read_format, recode
from labeler.audio.readback import own_rhythms, read_back_blocks
from labeler.audio.watermark import StreamMarker
from labeler.errors import LayerFailed, UnknownPolicy
from labeler.existing import require_same_mark
from labeler.model import Layer
from labeler.payload import payload_of


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from labeler.audio.audible import AudiblePlan, AudibleReceipt
    from labeler.model import Label
    from labeler.options import Options

    Samples = NDArray[np.float32]

HEAD_SECONDS = 180
"""How much of the beginning says how loud the programme is."""

PLACES = ("start", "end")
"""Where an audible label can go in a long sound."""


@contextmanager
def as_path(data: bytes) -> Iterator[Path]:
    """Yield a temporary file that holds these bytes."""
    with TemporaryDirectory(prefix="aigc-label-") as folder:
        path = Path(folder) / "source"
        path.write_bytes(data)
        yield path


@dataclass(slots=True)
class _Work:
    """What goes into one long sound."""

    plan: AudiblePlan | None
    places: tuple[str, ...]
    marker: StreamMarker | None
    taken: int = 0

    def change(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        """Yield the blocks with the audible label before or behind them, all of it marked."""
        marker = self.marker
        for block in self._with_label(blocks):
            out = marker.push(block) if marker else block
            if len(out):
                yield out
        if marker:
            yield marker.finish()

    def _with_label(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        first = next(blocks)
        piece = self._piece(first)
        if piece is not None and "start" in self.places:
            yield piece
        for block in chain([first], blocks):
            self.taken += len(block)
            yield block
        if piece is not None and "end" in self.places:
            yield piece

    def _piece(self, like: Samples) -> Samples | None:
        if self.plan is None:
            return None
        nothing = replace(self.plan, cuts=(0,))
        return insert_label(like[:0], self.plan.rate, nothing)[0]

    def receipt(self) -> AudibleReceipt | None:
        """Return, when all is done, the receipt of the audible label."""
        if self.plan is None:
            return None
        ends = {"start": 0, "end": self.taken}
        cuts = tuple(ends[place] for place in PLACES if place in self.places)
        return receipt_of(replace(self.plan, cuts=cuts))


def label_long(
    source: Path,
    target: Path,
    label: Label,
    options: Options,
    *,
    places: tuple[str, ...],
    plan: Callable[[Samples, int], AudiblePlan],
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """
    Do what `labeler.audio.label.label_content` does, block by block, from file to file.

    ``places`` are the positions asked for, ``plan`` makes the audible label for the beginning.
    Returns what was done and warnings; there is no ``target`` when everything was there already.

    Raises
    ------
    UnknownPolicy
        The audible label is to stand elsewhere than at the start or the end.
    LabelError
        As `labeler.audio.label.label_content`.
    """
    if options.wants(Layer.VISIBLE) and not set(places) <= set(PLACES):
        raise UnknownPolicy(
            f"position {', '.join(places)}: in a sound this long the audible label stands at the "
            f"{' or the '.join(PLACES)}"
        )
    layers, work = _prepare(source, label, options, places=places, plan=plan)
    if work.plan is None and work.marker is None:
        return layers, []
    found = recode(source, target, work.change)
    layers |= _receipts(work)
    if options.self_check:
        layers = _read_again(target, label, options, layers, fresh=work.marker is not None)
    warnings = [layer["note"] for layer in layers.values() if layer.get("note")]
    warnings += [text for layer in layers.values() for text in layer.pop("warnings", ())]
    return layers, [*warnings, *map(str, found.notes)]


def _prepare(
    source: Path,
    label: Label,
    options: Options,
    *,
    places: tuple[str, ...],
    plan: Callable[[Samples, int], AudiblePlan],
) -> tuple[dict[str, dict[str, Any]], _Work]:
    """Return receipts of what is there already, and what is still to be done."""
    found, payload = read_format(source), payload_of(label)
    head = _head(decode_blocks(source), HEAD_SECONDS * found.rate)
    layers: dict[str, dict[str, Any]] = {}
    work = _Work(plan=None, places=places, marker=None)
    if options.wants(Layer.VISIBLE):
        there = own_rhythms(head, found.rate)
        if there:
            done = {"already": True, "kind": "rhythm", "positions": list(there)}
            layers[Layer.VISIBLE.value] = done
        else:
            work.plan = plan(head, found.rate)
    if options.wants(Layer.WATERMARK):
        seen = read_back_blocks(decode_blocks(source), found.rate, options.key)
        if seen is not None:
            require_same_mark(seen.payload, payload)
            done = {"already": True, "scheme": "audio-v1", "bits": seen.payload.bits}
            layers[Layer.WATERMARK.value] = done
        else:
            work.marker = StreamMarker(
                found.rate,
                found.channels,
                payload,
                key=options.key,
                strength=options.strength,
                self_check=False,
            )
    return layers, work


def _head(blocks: Iterable[Samples], count: int) -> Samples:
    """Return the first ``count`` samples."""
    parts: list[Samples] = []
    for block in blocks:
        parts.append(block)
        if sum(map(len, parts)) >= count:
            break
    return np.concatenate(parts)[:count]


def _receipts(work: _Work) -> dict[str, dict[str, Any]]:
    layers: dict[str, dict[str, Any]] = {}
    audible = work.receipt()
    if audible is not None:
        layers[Layer.VISIBLE.value] = audible.to_dict()
    if work.marker is not None:
        layers[Layer.WATERMARK.value] = work.marker.receipt().to_dict()
    return layers


def _read_again(
    target: Path,
    label: Label,
    options: Options,
    layers: dict[str, dict[str, Any]],
    *,
    fresh: bool,
) -> dict[str, dict[str, Any]]:
    """Return the layers as read from the encoded sound; raise `LayerFailed` if one is not."""
    rate = read_format(target).rate
    audible = layers.get(Layer.VISIBLE.value, {})
    starts = audible.get("kind") == "rhythm" and not audible.get("already")
    if starts and min(audible["positions"]) < 1:
        head = _head(decode_blocks(target), HEAD_SECONDS * rate)
        if not own_rhythms(head, rate):
            raise LayerFailed("the audible label does not play in the encoded sound as inserted")
    if not fresh:
        return layers
    read = read_back_blocks(decode_blocks(target), rate, options.key)
    if read is None or not read.payload.agrees_with(payload_of(label)):
        raise LayerFailed(
            "the watermark does not read back from the encoded sound; use --strength robust, a "
            "better quality, or --layers visible,metadata"
        )
    mark = layers[Layer.WATERMARK.value] | {"self_check": round(read.z, 2)}
    return layers | {Layer.WATERMARK.value: mark}
