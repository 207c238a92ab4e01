"""
Label one video: visible text, watermark, encoding, metadata, in this order, then read back.

Everything goes from file to file in constant memory. The frames are encoded once, with both layers
that lie in them; the metadata is written into the encoded file, because encoding loses it.
"""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from labeler.advice import advice_on
from labeler.audio.prompts import read_prompt
from labeler.containers.sniffing import sniff_file
from labeler.containers.videos import VIDEOS, video_container_of
from labeler.errors import LabelError, LayerFailed, MediaTooSmall, UnsupportedMedia
from labeler.existing import require_same_mark, settle_label
from labeler.image.visible_search import search_labels
from labeler.model import Layer, Skipped
from labeler.options import LAYERS
from labeler.payload import payload_of
from labeler.policy import policy_named
from labeler.save import TEMPORARY_SUFFIX
from labeler.signing.applying import (
    PROVENANCE,
    require_places,
    sign_file,
    signed_label,
    without_stale,
)
from labeler.video.cue import CueOrder
from labeler.video.encoders import Encoding
from labeler.video.facts import read_facts
from labeler.video.metadata import write_fields
from labeler.video.planes import display_picture, plane_of
from labeler.video.playback import frames_of
from labeler.video.quality import near_quality
from labeler.video.readback import read_back
from labeler.video.sound import SoundOrder, require_heard
from labeler.video.streams import muxer_for, rewrite
from labeler.video.visible import parse_position, plan_for, render, schedule_for
from labeler.video.watermark import FrameMarker, FrameShape


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from labeler.core.image.compose import Box
    from labeler.image.visible_search import Hit
    from labeler.model import Label
    from labeler.options import Options
    from labeler.video.facts import VideoFacts
    from labeler.video.streams import Progress, Written
    from labeler.video.visible import Overlay, Schedule

_MUXERS_OF = MappingProxyType({"mkv": "matroska", "wmv": "asf"})
_ISO = frozenset({"mp4", "mov"})
_STRONGER = {"subtle": ("subtle", "default", "robust"), "default": ("default", "robust")}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledVideo:
    """A labelled video file: what was done per layer, and the label it carries."""

    label: Label
    layers: dict[str, dict[str, Any]]
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What was done to the frames: ``changed`` says whether a new file was written at all."""

    layers: dict[str, dict[str, Any]]
    notes: tuple[str, ...]
    changed: bool


def label_video(
    source: Path,
    target: Path,
    label: Label,
    options: Options,
    *,
    container: str | None = None,
    progress: Progress | None = None,
) -> LabelledVideo:
    """
    Write ``target`` as ``source`` with every layer that ``options`` ask for.

    Layers that are there already are kept. ``container`` is the muxer, by default that of the
    target's name. The target is written as it goes: give a temporary name
    and rename it (`labeler.save`); what is there after an error is no result.

    Raises
    ------
    LabelConflict
        The file carries a label or a mark of something else (R-31).
    LayerFailed
        A layer does not read back from the encoded result (R-41).
    UnsupportedMedia, CorruptMedia, MediaTooLarge, MediaTooSmall
        The file cannot be labelled; the message says why.
    """
    with source.open("rb") as file:
        name = sniff_file(file) or ""
        held = VIDEOS.get(name)  # streams without a place for a label get one by being encoded
        upstream = [c for c in held.find(file) if not c.fault] if held else []
    ending = container or muxer_for(target)
    require_places(options, next((f for f, m in _MUXERS_OF.items() if m == ending), ending))
    label = settle_label(label, upstream)
    warnings = advice_on(label, options)
    layers: dict[str, dict[str, Any]] = {}
    with _scratch(target) as between:
        written = source
        if _wants_content(options):
            content = label_content(
                source, between, label, options,
                known=bool(upstream), container=container or muxer_for(target), progress=progress,
            )  # fmt: skip
            layers, written = content.layers, between if content.changed else source
            warnings += content.notes
        if written is source:
            _require_same_container(name, container or muxer_for(target))
        if options.wants(Layer.METADATA):
            label, signature, notes = signed_label(label, written, options)
            warnings += notes
            with written.open("rb") as before, target.open("w+b") as after:
                warnings += write_fields(
                    before,
                    after,
                    label.fields(),
                    value_form=options.value_form,
                    source_type=options.source_type,
                )
                found = [c for c in video_container_of(after).find(after) if not c.fault]
            layers[Layer.METADATA.value] = {
                "scheme": found[0].scheme,
                "value_form": options.value_form,
                "copies_replaced": len(upstream),
                **signature,
            }
        elif written is source:
            shutil.copyfile(source, target)
        else:
            between.replace(target)
    sign_file(target, source, label=label, options=options, layers=layers)
    return LabelledVideo(
        label=label,
        layers=layers,
        skipped=tuple(
            Skipped(layer=layer, why="not asked for")
            for layer in LAYERS
            if not options.wants(layer)
        ),
        warnings=tuple(without_stale(warnings, signed=PROVENANCE in layers, stale=False)),
    )


def _wants_content(options: Options) -> bool:
    frames = options.wants(Layer.VISIBLE) or options.wants(Layer.WATERMARK)
    return frames or options.sound or options.cue


def _require_same_container(format_name: str, container: str) -> None:
    """Raise `UnsupportedMedia` when a file that is not encoded again would get a wrong name."""
    own = _MUXERS_OF.get(format_name, format_name)
    if container not in {own, *(_ISO if own in _ISO else ())}:
        raise UnsupportedMedia(
            f"the content is {format_name.upper()} and is not encoded again, the output name says "
            f"{container}; give both the same ending"
        )


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """Yield a name beside the target, with its ending; nothing of that name is left."""
    name = f".{target.stem[:60]}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}{target.suffix}"
    path = target.with_name(name)
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def label_content(
    source: Path,
    target: Path,
    label: Label,
    options: Options,
    *,
    known: bool,
    container: str | None = None,
    progress: Progress | None = None,
) -> Content:
    """
    Write ``target`` as ``source`` with the layers that lie in its frames, read back (R-41).

    ``known`` says that the file carries this label already. ``container`` is the muxer, by default
    that of the target's name. Nothing is written where every layer is there already. Raises as
    `label_video`.
    """
    facts = read_facts(source)
    container = container or muxer_for(target)
    standing = _standing(source, facts, label, options, known=known)
    if not standing.missing and not options.sound and not options.cue:
        return Content(layers=standing.layers, notes=(), changed=False)
    encoding = _encoding(source, facts, options) if standing.missing else None
    failure: LabelError | None = None
    for strength in _STRONGER.get(options.strength, (options.strength,)):
        asked = replace(options, strength=strength)
        work = _prepare(facts, label, asked, standing)
        try:
            written = rewrite(
                source, target, facts, work.edit if standing.missing else None,
                container=container, encoding=encoding, progress=progress,
                sound=_sound_order(facts, label, asked),
            )  # fmt: skip
            layers = _receipts(work, written, target, label=label, options=asked)
            layers = _joined(layers, _sound_receipts(written, target, options=asked))
        except (LayerFailed, MediaTooSmall) as error:
            failure = error
            continue
        notes = list(written.notes)
        if work.schedule.note and work.overlay is not None:
            notes.append(work.schedule.note)
        if strength != options.strength:
            notes.append(
                f"the watermark did not read back at strength {options.strength}; {strength} was "
                "used"
            )
        return Content(layers=_joined(standing.layers, layers), notes=tuple(notes), changed=True)
    raise failure or LayerFailed("no strength was tried")


def _encoding(source: Path, facts: VideoFacts, options: Options) -> Encoding:
    near = near_quality(source, facts) if options.crf is None else None
    return Encoding(vcodec=options.vcodec, crf=options.crf, preset=options.preset, near=near)


def _joined(
    there: dict[str, dict[str, Any]], done: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return receipts per layer: what was there already, and what was done, in one."""
    return {name: there.get(name, {}) | done.get(name, {}) for name in there | done}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What the frames carry already: receipts of it, labels not to cover, layers still missing."""

    layers: dict[str, dict[str, Any]]
    avoid: tuple[Box, ...]
    missing: frozenset[Layer]


def _standing(
    source: Path, facts: VideoFacts, label: Label, options: Options, *, known: bool
) -> _Standing:
    layers: dict[str, dict[str, Any]] = {}
    missing = {x for x in (Layer.VISIBLE, Layer.WATERMARK) if options.wants(x)}
    seen: tuple[Hit, ...] = ()
    if Layer.VISIBLE in missing:
        first = next(frames_of(source), None)
        seen = search_labels(display_picture(first.frame, facts)) if first else ()
        if known and seen:
            layers[Layer.VISIBLE.value] = {
                "already": True, "text": seen[0].text, "box": list(seen[0].box),
            }  # fmt: skip
            missing.discard(Layer.VISIBLE)
    if Layer.WATERMARK in missing and (read := read_back(source, facts, options.key)) is not None:
        require_same_mark(read.payload, payload_of(label))
        layers[Layer.WATERMARK.value] = {
            "already": True, "scheme": "image-v1", "bits": read.payload.bits,
        }  # fmt: skip
        missing.discard(Layer.WATERMARK)
    avoid = tuple(hit.box for hit in seen)
    return _Standing(layers=layers, avoid=avoid, missing=frozenset(missing))


@dataclass(slots=True)
class FrameWork:
    """What is done to every frame, and what is kept from frame to frame."""

    facts: VideoFacts
    overlay: Overlay | None
    schedule: Schedule
    marker: FrameMarker | None
    before: float | None = None
    shown: list[tuple[int, float]] | None = None
    count: int = 0

    def edit(self, frame: Any, seconds: float) -> None:
        """Lay the label over a frame where it is due, and mark the frame."""
        if self.overlay is not None and self.schedule.shows(seconds, self.before):
            self.overlay.blend(frame)
            self._note(seconds)
        if self.marker is not None:
            self.marker.mark(plane_of(frame, 0, self.facts.bits))
        self.before = seconds
        self.count += 1

    def _note(self, seconds: float) -> None:
        """Remember first and last frame of every run that carries the label."""
        at = (self.count, seconds)
        if self.shown is None:
            self.shown = [at, at]
        elif self.shown[-1][0] == self.count - 1:
            self.shown[-1] = at
        else:
            self.shown += [at, at]


def frame_work(facts: VideoFacts, label: Label, options: Options) -> FrameWork:
    """Return what ``options`` ask to do to every frame of a file that carries nothing yet."""
    missing = frozenset(x for x in (Layer.VISIBLE, Layer.WATERMARK) if options.wants(x))
    return _prepare(facts, label, options, _Standing(layers={}, avoid=(), missing=missing))


def _prepare(facts: VideoFacts, label: Label, options: Options, standing: _Standing) -> FrameWork:
    place = parse_position(options.position)
    overlay = marker = None
    if Layer.VISIBLE in standing.missing:
        plan = plan_for(
            facts,
            lang=options.language or policy_named(options.policy).language,
            status=label.status,
            corner=place.corner,
            text=options.text,
            style=options.style,
            height_mode=options.height_mode,
            font=options.font,
            avoid=standing.avoid,
        )
        overlay = render(plan, facts)
    if Layer.WATERMARK in standing.missing:
        shape = FrameShape(
            rows=facts.height,
            columns=facts.width,
            peak=facts.peak,
            display=_unturned(facts),
            turns=facts.turns,
        )
        marker = FrameMarker(shape, payload_of(label), key=options.key, strength=options.strength)
    schedule = schedule_for(place.times, facts.seconds, float(1 / facts.rate))
    return FrameWork(facts=facts, overlay=overlay, schedule=schedule, marker=marker)


def _sound_order(facts: VideoFacts, label: Label, options: Options) -> SoundOrder | None:
    if not options.sound and not options.cue:
        return None
    return SoundOrder(
        payload=payload_of(label) if options.sound else None,
        key=options.key,
        strength=options.strength,
        seconds=facts.seconds,
        cue=_cue_order(options) if options.cue else None,
    )


def _cue_order(options: Options) -> CueOrder:
    lang = options.language or policy_named(options.policy).language
    prompt = None
    if options.prompt is not None:
        prompt = read_prompt(options.prompt, text=options.text or "", lang=lang)
    kind = "voice" if prompt is not None else options.audible
    times = parse_position(options.position).times
    return CueOrder(kind=kind, lang=lang, times=times, prompt=prompt)


def _unturned(facts: VideoFacts) -> tuple[int, int] | None:
    """Return the display size where it differs from the stored one."""
    plain = facts.aspect == Fraction(1) and facts.turns == 0
    return None if plain else facts.display_size


def _receipts(
    work: FrameWork, written: Written, target: Path, *, label: Label, options: Options
) -> dict[str, dict[str, Any]]:
    """Return what was done per layer, as read from the encoded file; raise `LayerFailed`."""
    layers: dict[str, dict[str, Any]] = {}
    encoded = {"encoder": written.encoder, "container": written.container, **written.options}
    if work.overlay is not None:
        if work.shown is None:
            raise LayerFailed("the visible label is due on no frame; place it at start, or full")
        if options.self_check:
            _require_visible(target, work)
        layers[Layer.VISIBLE.value] = work.overlay.receipt.to_dict() | {
            "frames": [[a[0], b[0]] for a, b in _pairs(work.shown)],
            "seconds": [[round(a[1], 3), round(b[1], 3)] for a, b in _pairs(work.shown)],
            "encoding": encoded,
        }
    if work.marker is not None:
        receipt = work.marker.receipt()
        if options.self_check:
            read = read_back(target, read_facts(target), options.key)
            if read is None or not read.payload.agrees_with(payload_of(label)):
                raise LayerFailed(
                    "the watermark does not read back from the encoded video, which is too dark, "
                    "too flat or too hard compressed; use --strength robust, a better quality "
                    "(--crf), or --layers visible,metadata"
                )
            receipt = replace(receipt, self_check=read.z)
        layers[Layer.WATERMARK.value] = receipt.to_dict() | {"encoding": encoded}
    return layers


def _sound_receipts(
    written: Written, target: Path, *, options: Options
) -> dict[str, dict[str, Any]]:
    """Return what was done to the sound tracks, per layer; raise `LayerFailed` if it is not."""
    if options.self_check:
        for number, cue in written.heard:
            require_heard(target, number, cue)
    told = ((Layer.WATERMARK, written.tracks), (Layer.VISIBLE, written.cues))
    return {layer.value: {"tracks": list(tracks)} for layer, tracks in told if tracks}


def _pairs(
    shown: list[tuple[int, float]],
) -> list[tuple[tuple[int, float], tuple[int, float]]]:
    return list(zip(shown[::2], shown[1::2], strict=True))


def _require_visible(target: Path, work: FrameWork) -> None:
    """Raise `LayerFailed` unless the label is read on the first frame that carries it."""
    if work.overlay is None or not work.shown:
        return
    receipt = work.overlay.receipt
    frame = next(frames_of(target, start=max(0.0, work.shown[0][1] - 1e-3)), None)
    if frame is None:
        raise LayerFailed("the encoded video has no frame where the visible label was drawn")
    hits = search_labels(display_picture(frame.frame, work.facts), texts=(receipt.text,))
    if not any(_near(hit.box, receipt.box) for hit in hits):
        raise LayerFailed("the visible label does not stand in the encoded video as it was drawn")


def _near(one: Box, other: Box) -> bool:
    """Say whether two boxes share a pixel."""
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )
