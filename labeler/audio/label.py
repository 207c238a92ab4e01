"""
The layers of a sound that lie in its samples: audible label, watermark, encoding, then read back.

The audible label is inserted before the mark is laid over all. Nothing is resampled or mixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from labeler.advice import advice_on
from labeler.audio.audible import POSITIONS, insert_label, plan_label
from labeler.audio.codec import decode_sound, encode_sound
from labeler.audio.long import as_path, label_long
from labeler.audio.prompts import read_prompt
from labeler.audio.readback import own_rhythms, plays_at, read_back
from labeler.audio.watermark import embed_mark
from labeler.errors import LayerFailed, MediaTooLarge, UnknownPolicy
from labeler.existing import require_same_mark
from labeler.model import Layer
from labeler.options import DEFAULT_POSITION
from labeler.payload import payload_of
from labeler.policy import policy_named


if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from labeler.audio.audible import AudiblePlan
    from labeler.model import Label
    from labeler.options import Options

    Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Done:
    """Samples after both layers that lie in them, what was done, and whether anything changed."""

    samples: Samples
    layers: dict[str, dict[str, Any]]
    changed: bool
    warnings: list[str]


def label_content(
    data: bytes, label: Label, options: Options, *, known: bool
) -> tuple[bytes, dict[str, dict[str, Any]], list[str]]:
    """
    Return the sound file with the layers that lie in its samples, what was done, and warnings.

    ``known`` says that the file carries this label already. Sound too long to be held as samples
    goes through in blocks (`labeler.audio.long`).

    Raises
    ------
    LabelConflict
        The sound carries a mark of something else (R-31).
    LayerFailed
        A layer does not read back from the encoded result (R-41).
    UnsupportedMedia, CorruptMedia, MediaTooLarge, MediaTooSmall
        The file cannot be labelled; the message says why.
    """
    try:
        sound = decode_sound(data)
    except MediaTooLarge:  # to be held as samples: in blocks, then
        with as_path(data) as source:
            target = source.with_name("target")
            layers, warnings = label_recording(source, target, label, options)
            return target.read_bytes() if target.exists() else data, layers, warnings
    done = _labelled(sound.samples, sound.rate, label, options, known=known)
    if not done.changed:
        return data, done.layers, done.warnings
    encoded = encode_sound(sound, done.samples)
    layers = done.layers
    if options.self_check:
        layers = _read_again(encoded, label, options, layers)
    kept_out = [str(note) for note in sound.source.notes]
    return encoded, layers, [*done.warnings, *kept_out]


def label_recording(
    source: Path, target: Path, label: Label, options: Options
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """
    Do what `label_content` does, block by block from file to file, for recordings of hours.

    Returns what was done and warnings; no ``target`` is written when all was there already. Raises
    as `label_content`.
    """
    places = _positions(options.position)
    plan = partial(_plan, options=options, positions=("start",))
    return label_long(source, target, label, options, places=places, plan=plan)


def label_samples(
    samples: Samples, rate: int, label: Label, options: Options
) -> tuple[Samples, dict[str, dict[str, Any]], tuple[str, ...]]:
    """
    Label sound in memory, (n,) or (n, channels) float32: the audible label and the mark.

    Returns the labelled copy, longer by the audible label, what was done per layer, and warnings.
    Raises as `label_content`.
    """
    done = _labelled(samples, rate, label, options, known=True)
    return done.samples, done.layers, (*advice_on(label, options), *done.warnings)


def _labelled(samples: Samples, rate: int, label: Label, options: Options, *, known: bool) -> _Done:
    layers: dict[str, dict[str, Any]] = {}
    inserted = marked = False
    if options.wants(Layer.VISIBLE):
        samples, layers[Layer.VISIBLE.value], inserted = _insert(
            samples, rate, options, known=known
        )
    if options.wants(Layer.WATERMARK):
        samples, layers[Layer.WATERMARK.value], marked = _mark(samples, rate, label, options)
    warnings = [layer["note"] for layer in layers.values() if layer.get("note")]
    warnings += [text for layer in layers.values() for text in layer.pop("warnings", ())]
    return _Done(samples=samples, layers=layers, changed=inserted or marked, warnings=warnings)


def _insert(
    samples: Samples, rate: int, options: Options, *, known: bool
) -> tuple[Samples, dict[str, Any], bool]:
    """Insert the audible label, unless our rhythm plays already in a file of this label."""
    there = own_rhythms(samples, rate) if known else ()
    if there:
        return samples, {"already": True, "kind": "rhythm", "positions": list(there)}, False
    plan = _plan(samples, rate, options=options, positions=_positions(options.position))
    longer, receipt = insert_label(samples, rate, plan)
    return longer, receipt.to_dict(), True


def _plan(
    samples: Samples, rate: int, *, options: Options, positions: tuple[str, ...]
) -> AudiblePlan:
    prompt = None
    if options.prompt is not None:
        prompt = read_prompt(options.prompt, text=options.text or "", lang=_language(options))
    return plan_label(
        samples,
        rate,
        kind="voice" if prompt is not None else options.audible,
        positions=positions,
        prompt=prompt,
        lang=_language(options),
    )


def _language(options: Options) -> str:
    return options.language or policy_named(options.policy).language


def _positions(position: str) -> tuple[str, ...]:
    """Return the places in a sound that a ``--position`` names; pictures have others."""
    if position == DEFAULT_POSITION:
        return (POSITIONS[0],)
    named = tuple(name.strip() for name in position.split(","))
    if not set(named) <= set(POSITIONS):
        raise UnknownPolicy(
            f"position {position!r} is none of {', '.join(POSITIONS)}, which sound has"
        )
    return named


def _mark(
    samples: Samples, rate: int, label: Label, options: Options
) -> tuple[Samples, dict[str, Any], bool]:
    """Mark the sound, unless this payload is there already."""
    payload = payload_of(label)
    seen = read_back(samples, rate, options.key)
    if seen is not None:
        require_same_mark(seen.payload, payload)
        there = {"already": True, "scheme": "audio-v1", "bits": seen.payload.bits}
        return samples, there, False
    marked, receipt = embed_mark(
        samples,
        rate,
        payload,
        key=options.key,
        strength=options.strength,
        self_check=options.self_check,
    )
    return marked, receipt.to_dict(), True


def _read_again(
    encoded: bytes, label: Label, options: Options, layers: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return the layers as read from the encoded sound; raise `LayerFailed` if one is not."""
    sound = decode_sound(encoded)
    audible = layers.get(Layer.VISIBLE.value, {})
    fresh = audible.get("kind") == "rhythm" and not audible.get("already")
    if fresh and not plays_at(sound.samples, sound.rate, tuple(audible["positions"])):
        raise LayerFailed("the audible label does not play in the encoded sound as inserted")
    mark = layers.get(Layer.WATERMARK.value)
    if mark is None:
        return layers
    read = read_back(sound.samples, sound.rate, options.key)
    if read is None or not read.payload.agrees_with(payload_of(label)):
        raise LayerFailed(
            "the watermark does not read back from the encoded sound; use --strength robust, a "
            "better quality, or --layers visible,metadata"
        )
    if mark.get("already"):
        return layers
    return layers | {Layer.WATERMARK.value: mark | {"self_check": round(read.z, 2)}}
