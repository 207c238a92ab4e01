"""What a caller asks for: `apply` a label to content of any kind."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.adapt import give_back, is_path, take
from labeler.containers.registry import format_of
from labeler.errors import OutputFailed, UnsupportedMedia
from labeler.existing import require_label
from labeler.image.label import label_pixels
from labeler.labelling import label_file
from labeler.limits import LIMITS
from labeler.model import Label, Labelled, Layer, Modality, Receipt, Skipped
from labeler.on_disk import on_disk
from labeler.options import Options, layers_and_extras
from labeler.payload import payload_of
from labeler.policy import policy_named
from labeler.registry.recording import record_content, record_file, require_exemption
from labeler.save import check_target, read_file, write_atomically
from labeler.sidecar import in_sidecar, make_sidecar, read_beside, save_with_sidecar
from labeler.threads import map_threads
from labeler.video.files import is_video, label_bytes


if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    Labelled content in the kind it came in, and the receipt of what was done.

    A batch has one receipt an item in ``receipts``; ``receipt`` is the first.
    """

    content: Any
    receipts: tuple[Receipt, ...]

    @property
    def receipt(self) -> Receipt:
        """The receipt of the first, or only, item."""
        return self.receipts[0]


def apply(
    content: Any,
    label: Label | Sequence[Label],
    *,
    options: Options | None = None,
    output: str | os.PathLike[str] | None = None,
    in_place: bool = False,
    overwrite: bool = False,
    layout: str | None = None,
    value_range: tuple[float, float] = (0.0, 1.0),
    rate: int | None = None,
    name: str = "",
    check: Callable[[str], None] | None = None,
    **chosen: Any,
) -> Result:
    """
    Label content: visible text, watermark and file metadata, each read back before it returns.

    Sound gets an audible label in place of the visible one.

    Parameters
    ----------
    content
        A path, bytes, PIL image, NumPy array or tensor. Arrays are (H, W), (H, W, C) or
        (N, H, W, C); every item of a batch gets its own content number (R-28).
    label
        The facts. For a batch, one label an item, or one whose number is counted up.
    options
        An `Options` record, or its fields as keyword arguments (``layers="visible,metadata"``).
    output, in_place, overwrite
        For a path: where the labelled file goes.
    layout, value_range
        For arrays and tensors: see `labeler.adapt.take`.
    rate
        Says that an array or tensor is sound, and its samples a second: (n,) or (n, channels),
        tensors (channels, n); see `labeler.audio.adapt.take_sound`.
    name
        What the receipt calls content that has no path.
    check
        Called with the format found, before anything is done; may raise.

    Returns
    -------
    Result
        The same kind of content, and the receipt.

    Raises
    ------
    LabelError
        One line says what is wrong; nothing has been written then.

    Examples
    --------
    >>> import numpy as np
    >>> ground = np.full((400, 400, 3), 120, np.uint8)
    >>> label = Label(producer="001191440300708461136T1XGW3", content_id="demo-001")
    >>> result = apply(ground, label, layers=["visible"])
    >>> result.content.shape, result.receipt.layers["visible"]["text"]
    ((400, 400, 3), 'AI生成')
    """
    options = _resolved(options, chosen)
    if is_path(content):
        return _apply_path(
            Path(content), label, options, output=output, in_place=in_place, overwrite=overwrite
        )
    if rate is not None:
        return _apply_samples(content, rate, _single(label), options, layout=layout, name=name)
    if output is not None or in_place:
        raise OutputFailed("output= and in_place= go with a path; other content is returned")
    taken = take(content, layout=layout, value_range=value_range)
    if taken.data is not None and is_video(taken.data):
        film, receipt = label_bytes(taken.data, _single(label), options, name=name)
        record_file(options, receipt, taken.data, film)
        return Result(content=film, receipts=(receipt,))
    if taken.data is not None:
        if check is not None and (format_name := format_of(taken.data, name)):
            check(format_name)
        done = label_file(taken.data, _single(label), options, name=name)
        receipt = _receipt(done, name)
        record_file(options, receipt, taken.data, done.data)
        return Result(content=done.data, receipts=(receipt,))
    pixels, receipts = _apply_pixels(taken.pixels, label, options, name)
    return Result(content=give_back(taken, pixels), receipts=receipts)


def _resolved(options: Options | None, chosen: dict[str, Any]) -> Options:
    if chosen.get("layers") is not None:
        named = layers_and_extras(chosen["layers"])
        chosen |= {name: value for name, value in named.items() if value or name == "layers"}
    options = replace(options, **chosen) if options else Options(**chosen)
    policy_named(options.policy)
    require_exemption(options)
    return options


def _single(label: Label | Sequence[Label]) -> Label:
    if isinstance(label, Label):
        return label
    if len(label) != 1:
        raise UnsupportedMedia(f"one picture and {len(label)} labels")
    return label[0]


def _apply_path(
    path: Path,
    label: Label | Sequence[Label],
    options: Options,
    *,
    output: str | os.PathLike[str] | None,
    in_place: bool,
    overwrite: bool,
) -> Result:
    if (output is None) is not in_place:
        raise OutputFailed(f"{path}: give output=, or in_place=True to replace the file")
    target = path if output is None else Path(output)
    check_target(target, overwrite=overwrite or in_place)
    if (disk := on_disk(path)) is not None:
        receipt = disk.label(
            path,
            target,
            _single(label),
            options,
            overwrite=overwrite or in_place,
            last=lambda receipt, made: record_file(options, receipt, path, made),
        )
        return Result(content=target, receipts=(receipt,))
    data = read_file(path, limit=LIMITS.file_bytes)
    options = replace(options, sidecar=read_beside(path) or b"")
    done = label_file(data, _single(label), options, name=target.name)
    receipt = replace(_receipt(done, str(path)), output=str(target))
    save_labelled(
        target,
        done.data,
        done.label.fields(),
        done.layers,
        overwrite=overwrite or in_place,
        last=lambda: record_file(options, receipt, data, done.data),
    )
    return Result(content=target, receipts=(receipt,))


def _receipt(done: Labelled, name: str) -> Receipt:
    return Receipt(
        path=name,
        output="",
        layers=done.layers,
        skipped=done.skipped,
        label=done.label.fields(),
        mark_id=payload_of(done.label).mark_hex,
        sha256=hashlib.sha256(done.data).hexdigest(),
        warnings=done.warnings,
    )


def _apply_pixels(
    pixels: Any, label: Label | Sequence[Label], options: Options, name: str
) -> tuple[Any, tuple[Receipt, ...]]:
    """Label pictures in memory: (..., H, W, C); leading axes are a batch."""
    import numpy as np

    _refuse_metadata(options, "pixels")
    batch = pixels.shape[:-3] if pixels.ndim > 3 else ()
    items = pixels.reshape(-1, *pixels.shape[len(batch) :])
    labels = _labels(label, len(items))
    out = np.empty_like(items)

    def apply_one(index: int) -> Receipt:
        own = labels[index]
        out[index], layers, warnings = label_pixels(items[index], own, options)
        return Receipt(
            path=name,
            output="",
            layers=layers,
            skipped=_not_in_memory(options, "pixels"),
            label=own.fields(),
            mark_id=payload_of(own).mark_hex,
            sha256=hashlib.sha256(out[index].tobytes()).hexdigest(),
            warnings=warnings,
        )

    receipts = map_threads(apply_one, range(len(items)))
    if options.registry is not None:
        from labeler.image.views import as_view
        from labeler.registry.likeness import pixel_likeness

        for receipt, item in zip(receipts, out, strict=True):
            record_content(options, receipt, Modality.IMAGE, pixel_likeness(as_view(item)))
    return out.reshape(pixels.shape), receipts


def _apply_samples(
    content: Any, rate: int, label: Label, options: Options, *, layout: str | None, name: str
) -> Result:
    """Label sound in memory, which has no file metadata."""
    from labeler.audio.adapt import take_sound
    from labeler.audio.label import label_samples

    _refuse_metadata(options, "samples")
    held = take_sound(content, layout=layout)
    samples, layers, warnings = label_samples(held.samples, rate, label, options)
    receipt = Receipt(
        path=name,
        output="",
        layers=layers,
        skipped=_not_in_memory(options, "samples"),
        label=label.fields(),
        mark_id=payload_of(label).mark_hex,
        sha256=hashlib.sha256(samples.tobytes()).hexdigest(),
        warnings=warnings,
    )
    if options.registry is not None:
        from labeler.registry.likeness import sample_likeness

        record_content(options, receipt, Modality.AUDIO, sample_likeness(samples, rate))
    return Result(content=held.give_back(samples), receipts=(receipt,))


def _refuse_metadata(options: Options, what: str) -> None:
    if options.sign_key or options.credential or options.source_type:
        raise UnsupportedMedia(f"{what} in memory have no file that could be signed")
    if options.layers and Layer.METADATA in options.layers:
        raise UnsupportedMedia(
            f"{what} in memory have no file metadata; leave that layer out here and label the "
            "encoded bytes with layers=['metadata']"
        )


def _labels(label: Label | Sequence[Label], count: int) -> list[Label]:
    if isinstance(label, Label):
        return [label if count == 1 else label.numbered(i) for i in range(count)]
    if len(label) != count:
        raise UnsupportedMedia(f"{count} pictures and {len(label)} labels; give one each")
    return list(label)


def _not_in_memory(options: Options, what: str) -> tuple[Skipped, ...]:
    why = {
        Layer.METADATA: f"{what} in memory have no file metadata; label the encoded bytes with "
        "layers=['metadata']",
    }
    left_out = "not asked for"
    return tuple(
        Skipped(layer=layer, why=why.get(layer, left_out) if options.wants(layer) else left_out)
        for layer in (Layer.VISIBLE, Layer.WATERMARK, Layer.METADATA)
        if layer is Layer.METADATA or not options.wants(layer)
    )


def save_labelled(
    path: Path,
    data: bytes,
    fields: dict[str, str],
    layers: Mapping[str, Mapping[str, Any]],
    *,
    overwrite: bool,
    last: Callable[[], None] | None = None,
) -> None:
    """
    Write a labelled file atomically; the label is read from the disk before the rename (R-41).

    ``layers`` are those of the receipt: they say whether the label is inside, or in a sidecar that
    is written with the file. Raises `LayerFailed` when exactly one copy with ``fields`` is not
    there; nothing is left then.
    ``last`` is called right before the rename: what it raises leaves nothing either.
    """
    beside = in_sidecar(layers)
    inside = Layer.METADATA.value in layers and not beside

    def check(written: bytes) -> None:
        if inside:
            require_label(written, fields, path.name)
        if last is not None:
            last()

    def save() -> None:
        write_atomically(path, data, overwrite=overwrite, check=check)

    if beside:
        sidecar = make_sidecar(data, fields, path.name)
        save_with_sidecar(path, sidecar, save, overwrite=overwrite)
    else:
        save()
