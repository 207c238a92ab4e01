"""
The layers of a picture that lie in its pixels: visible text, watermark, encoding, then read back.

Later layers never spoil earlier ones: the visible label is drawn before the mark, so that the mark
lies over it too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.advice import advice_on
from labeler.containers.pictures import container_of
from labeler.errors import (
    LabelError,
    LayerFailed,
    MediaTooSmall,
    UnsupportedMedia,
)
from labeler.existing import require_same_mark
from labeler.image.picture import Picture, decode_picture, encode_picture, view_picture
from labeler.image.readback import read_back
from labeler.image.visible import draw_label
from labeler.image.visible_plan import plan_label
from labeler.image.visible_search import search_labels
from labeler.image.watermark import embed_mark, weakest
from labeler.media import open_header
from labeler.model import Label, Layer
from labeler.payload import Payload, payload_of
from labeler.policy import policy_named


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.core.image.compose import Box
    from labeler.keys import Key
    from labeler.options import Options

_STRONGER = {"subtle": ("subtle", "default", "robust"), "default": ("default", "robust")}
_DRAWN_ERROR = 40.0
"""Mean difference in 8-bit levels between label as drawn and as decoded that no coder explains."""


def label_content(
    data: bytes, label: Label, options: Options, *, known: bool
) -> tuple[bytes, dict[str, dict[str, Any]], list[str]]:
    """
    Return the picture file with the layers that lie in its pixels, what was done, and warnings.

    ``known`` says that the file carries this label already. A mark that does not read back from
    the encoded picture is tried again at the next strength.

    Raises
    ------
    LabelConflict
        The picture carries a mark of something else (R-31).
    LayerFailed
        A layer does not read back from the encoded result at any strength (R-41).
    UnsupportedMedia, CorruptMedia, MediaTooLarge, MediaTooSmall
        The file cannot be labelled; the message says why.
    """
    picture = decode_picture(data, open_header(data).format)
    _require_room(picture, options)
    failure: LabelError | None = None
    for strength in _STRONGER.get(options.strength, (options.strength,)):
        stronger = replace(options, strength=strength)
        try:
            drawn, layers, warnings = _draw_and_mark(
                picture, label, stronger, known=known, encoded_next=True
            )
            if drawn is None:
                return data, layers, warnings
            encoded, notes = container_of(data).carry(data, encode_picture(drawn))
            if options.self_check:
                layers = _read_again(encoded, drawn, label, key=options.key, layers=layers)
        except (LayerFailed, MediaTooSmall) as error:
            failure = error
            continue
        raised = [] if strength == options.strength else [_raised(options.strength, strength)]
        return encoded, layers, [*warnings, *notes, *raised]
    raise failure or LayerFailed("no strength was tried")


def _raised(asked: str, used: str) -> str:
    return f"the watermark did not read back at strength {asked}; {used} was used"


def _require_room(picture: Picture, options: Options) -> None:
    if picture.storage.mode == "1" and options.wants(Layer.WATERMARK):
        raise UnsupportedMedia(
            "a black-and-white picture of 1 bit cannot hold a watermark; save it as 8-bit grey "
            "first, or leave the watermark out with --layers visible,metadata"
        )


def _draw_and_mark(
    picture: Picture, label: Label, options: Options, *, known: bool, encoded_next: bool
) -> tuple[Picture | None, dict[str, dict[str, Any]], list[str]]:
    """
    Return the picture with both pixel layers, or None when both are there already.

    With ``encoded_next`` the first frame's mark is read back from the encoded picture, not here.
    """
    frames, layers = picture.frames, {}
    drawn = marked = False
    if options.wants(Layer.VISIBLE):
        frames, layers[Layer.VISIBLE.value], drawn = _draw(frames, label, options, known=known)
    if options.wants(Layer.WATERMARK):
        frames, layers[Layer.WATERMARK.value], marked = _mark(
            frames, payload_of(label), options, encoded_next=encoded_next
        )
    warnings = [layer["note"] for layer in layers.values() if layer.get("note")]
    return (picture.with_frames(frames) if drawn or marked else None), layers, warnings


def _draw(
    frames: Sequence[NDArray[Any]], label: Label, options: Options, *, known: bool
) -> tuple[tuple[NDArray[Any], ...], dict[str, Any], bool]:
    """Draw the visible label on every frame (R-13), never over a label that is there already."""
    seen = search_labels(frames[0])
    if known and seen:
        first = seen[0]
        return tuple(frames), {"already": True, "text": first.text, "box": list(first.box)}, False
    avoid = tuple(hit.box for hit in seen)
    out: list[NDArray[Any]] = []
    for group in _by_shape(frames):
        plan = plan_label(
            group.shape[2],
            group.shape[1],
            lang=options.language or policy_named(options.policy).language,
            status=label.status,
            text=options.text,
            style=options.style,
            position=options.position,
            height_mode=options.height_mode,
            font=options.font,
            avoid=avoid,
        )
        pixels, receipt = _drawn(group, plan)
        out.extend(pixels)
    return tuple(out), receipt.to_dict(), True


def _by_shape(frames: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Stack frames of one size, so that an animation gets one tone; pages may differ."""
    groups: list[list[NDArray[Any]]] = []
    for frame in frames:
        if groups and groups[-1][0].shape == frame.shape:
            groups[-1].append(frame)
        else:
            groups.append([frame])
    return [np.stack(group) for group in groups]


def _drawn(pixels: NDArray[Any], plan: Any) -> tuple[NDArray[Any], Any]:
    """Draw on 8 or 16 bits; floats go through 16 bits inside the label's box only."""
    if pixels.dtype.kind != "f":
        return draw_label(pixels, plan)
    fine = np.rint(np.clip(pixels, 0, 1) * 65535).astype(np.uint16)
    labelled, receipt = draw_label(fine, plan)
    x, y, w, h = receipt.box
    out = pixels.copy()
    axis = 1 if pixels.ndim == 4 or (pixels.ndim == 3 and pixels.shape[-1] > 4) else 0
    at: tuple[slice, ...] = (slice(None),) * axis + (slice(y, y + h), slice(x, x + w))
    out[at] = labelled[at] / np.float32(65535)
    return out, receipt


def _mark(
    frames: Sequence[NDArray[Any]], payload: Payload, options: Options, *, encoded_next: bool
) -> tuple[tuple[NDArray[Any], ...], dict[str, Any], bool]:
    """Mark every frame with one payload, unless it is there already."""
    seen = read_back(frames[0], options.key)
    if seen is not None:
        require_same_mark(seen.payload, payload)
        there = {"already": True, "scheme": "image-v1", "bits": seen.payload.bits}
        return tuple(frames), there, False
    out, receipts = [], []
    for index, frame in enumerate(frames):
        pixels, receipt = embed_mark(
            frame,
            payload,
            key=options.key,
            strength=options.strength,
            self_check=options.self_check and not (encoded_next and index == 0),
        )
        out.append(pixels)
        receipts.append(receipt)
    return tuple(out), weakest(receipts).to_dict(), True


def label_pixels(
    pixels: NDArray[Any], label: Label, options: Options
) -> tuple[NDArray[Any], dict[str, dict[str, Any]], tuple[str, ...]]:
    """
    Label one picture in memory, (H, W) or (H, W, C): the visible label and the mark.

    Returns the labelled copy, what was done per layer, and warnings. Raises as `label_content`.
    """
    picture = Picture.of_pixels(pixels)
    drawn, layers, warnings = _draw_and_mark(
        picture, label, options, known=True, encoded_next=False
    )
    done = pixels if drawn is None else drawn.frames[0]
    return done, layers, (*advice_on(label, options), *warnings)


def _read_again(
    encoded: bytes,
    drawn: Picture,
    label: Label,
    *,
    key: Key,
    layers: dict[str, dict[str, Any]],
) -> dict[str, dict[str, Any]]:
    """Return the layers as read from the encoded picture; raise `LayerFailed` if one is not."""
    view = view_picture(encoded, drawn.format)[0]
    box = layers.get(Layer.VISIBLE.value, {}).get("box")
    if box and not _label_stands(view, drawn.frames[0], box):
        raise LayerFailed("the visible label does not stand in the encoded picture as it was drawn")
    mark = layers.get(Layer.WATERMARK.value)
    if mark is None:
        return layers
    read = read_back(view, key)
    if read is None or not read.payload.agrees_with(payload_of(label)):
        raise LayerFailed(
            "the watermark does not read back from the encoded picture; "
            "use --strength robust, a better quality, or --layers visible,metadata"
        )
    if mark.get("already"):
        return layers
    return layers | {Layer.WATERMARK.value: mark | {"self_check": round(read.z, 2)}}


def _label_stands(view: NDArray[np.uint8], frame: NDArray[Any], box: Box) -> bool:
    x, y, w, h = box
    seen = _levels(view[y : y + h, x : x + w])
    meant = _levels(frame[y : y + h, x : x + w])
    return bool(np.abs(seen - meant).mean() < _DRAWN_ERROR)


def _levels(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Return mean levels, 0 to 255, of a grey or colour region; alpha is left out."""
    full = {"uint8": 1.0, "uint16": 257.0}.get(pixels.dtype.name, 1 / 255)
    levels = pixels.astype(np.float32) / np.float32(full)
    if levels.ndim == 2:
        return levels
    colours = levels[..., :1] if levels.shape[2] < 3 else levels[..., :3]
    return np.asarray(colours.mean(-1), np.float32)
