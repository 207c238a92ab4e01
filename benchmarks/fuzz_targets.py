"""What the fuzzer calls: a target a parser, with files to start from (`benchmarks/fuzz.py`)."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.fuzz_seeds import (
    VALUE,
    asf_objects,
    behind,
    documents,
    generator_texts,
    heads,
    label_lines,
    manifests,
    marked_texts,
    matroska_parts,
    of_everything,
    of_sound,
    parts_of,
    pictures,
    samples,
    script_tags,
    sidecars,
    signatures,
    sounds,
    texts,
    videos,
)
from detectors.foreign import c2pa, iptc, signals
from detectors.text.explicit import find_labels, match_line
from detectors.text.hidden import report_hidden
from detectors.text.watermark import read_mark
from labeler.audio.chunks import front_and_back, open_pcm
from labeler.audio.storage import container_of_sound
from labeler.audio.wholeness import check_whole
from labeler.containers import boxes, chunks, mpeg, skimming, sniffing, value
from labeler.containers.audio import ogg_pages
from labeler.containers.documents import DOCUMENTS, document_container_of, sniff_document
from labeler.containers.model import Block
from labeler.containers.pictures import PICTURES
from labeler.containers.sidecar import load_sidecar
from labeler.containers.sounds import SOUNDS
from labeler.containers.stating import require_stating, write_stating
from labeler.containers.tags import asf_attributes, exif, id3, ilst, vorbis, xmp
from labeler.containers.text import (
    archive,
    encodings,
    front_matter,
    json_scan,
    json_text,
    label_block,
    markup,
    subtitles,
    xml_parts,
)
from labeler.containers.video import amf, avi_index, ebml, fragments, matroska_index, matroska_tags
from labeler.containers.videos import VIDEOS
from labeler.errors import LabelError
from labeler.signing import der, security_data, sm2


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


ORIENTATION = 6
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A parser: ``calls`` take the bytes of an input one after the other, whatever they are."""

    name: str
    calls: tuple[Callable[[bytes], object], ...]
    seeds: Callable[[], tuple[bytes, ...]]

    def run(self, data: bytes) -> int:
        """Call everything; return how many calls refused. Other errors come out."""
        refused = 0
        for call in self.calls:
            try:
                call(data)
            except LabelError:
                refused += 1
        return refused


def _picture(container: Any) -> tuple[Callable[[bytes], object], ...]:
    return (
        container.probe,
        lambda data: list(container.blocks(data)),
        container.find,
        lambda data: container.write(data, VALUE),
        lambda data: container.carry(data, data),
        lambda data: sum(len(part) for part in container.payload_bytes(data)),
    )


def _sound(container: Any) -> tuple[Callable[[bytes], object], ...]:
    calls = _picture(container)
    return (*calls[:4], calls[5])


def _video(container: Any) -> tuple[Callable[[bytes], object], ...]:
    return (
        lambda data: container.probe(io.BytesIO(data)),
        lambda data: list(container.blocks(io.BytesIO(data))),
        lambda data: container.find(io.BytesIO(data)),
        lambda data: container.write(io.BytesIO(data), io.BytesIO(), VALUE),
        lambda data: sum(len(part) for part in container.payload_bytes(io.BytesIO(data))),
    )


def _document(container: Any) -> tuple[Callable[[bytes], object], ...]:
    return (
        container.probe,
        container.find,
        container.surfaces,
        lambda data: container.map_text(data, lambda blocks: blocks),
        lambda data: container.write(data, VALUE),
        lambda data: container.add_visible(data, "AI生成", "start"),
        lambda data: container.add_visible(data, "AI生成", "end"),
    )


def _text(*parse: Callable[[str], object]) -> tuple[Callable[[bytes], object], ...]:
    """Return calls on the bytes as text, half characters among it."""

    def on_text(function: Callable[[str], object]) -> Callable[[bytes], object]:
        return lambda data: function(data.decode("utf-8", "surrogateescape"))

    return tuple(on_text(function) for function in parse)


def _containers() -> Iterable[Target]:
    whole: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
        "jpeg": (("jpeg",), (".jpg",)),
        "png": (("png", "apng"), (".png",)),
        "webp": (("webp", "webp-animated"), (".webp",)),
        "gif": (("gif",), (".gif",)),
        "tiff": (("tiff", "tiff-pages"), (".tiff",)),
        "avif": (("avif", "heic"), (".avif",)),
    }
    for name, (kinds, endings) in whole.items():
        yield Target(
            name=name,
            calls=_picture(PICTURES[name]),
            seeds=lambda kinds=kinds, endings=endings: (*pictures(*kinds), *samples(*endings)),  # type: ignore[misc]
        )
    for name, sound in SOUNDS.items():
        yield Target(
            name=name,
            calls=_sound(sound),
            seeds=lambda name=name: (*sounds(name), *samples(f".{name}")),  # type: ignore[misc]
        )
    films = {"mp4": ("mp4", "mov"), "mkv": ("mkv", "webm"), "flv": ("flv",), "avi": ("avi",)}
    for name, names in {**films, "wmv": ("wmv",)}.items():
        yield Target(
            name=name,
            calls=_video(VIDEOS[name]),
            seeds=lambda names=names, name=name: (*videos(*names), *samples(f".{name}")),  # type: ignore[misc]
        )
    for name, document in DOCUMENTS.items():
        yield Target(
            name=name,
            calls=_document(document),
            seeds=lambda name=name: documents(name),  # type: ignore[misc]
        )


def _skim(data: bytes) -> None:
    """Skim a file as large as those that are skimmed."""
    kind = sniffing.sniff(data) or ""
    data *= 1 + 2 * skimming.HEAD // max(1, len(data))
    skimming.skim(io.BytesIO(data), kind, data[: skimming.HEAD])


def _sound_file(data: bytes) -> None:
    file = io.BytesIO(data)
    container = container_of_sound(file)
    check_whole(file, container)
    if container in {"wav", "aiff"}:
        pcm = open_pcm(file, container)
        front_and_back(file, pcm, pcm.end - pcm.start)


def _state(data: bytes) -> None:
    kind = sniffing.sniff(data) or ""
    require_stating(kind)
    write_stating(data, kind, VALUE, SOURCE_TYPE)


def _generators(data: bytes) -> None:
    """Read a text as each key that generators use, and as EXIF and XMP."""
    kinds = [("text", key) for key in ("parameters", "prompt", "Comment", "dream", "Software")]
    for kind, key in (*kinds, ("exif", ""), ("xmp", "")):
        signals.read_blocks([Block(kind=kind, place="", key=key, content=data)])


def _id3(data: bytes) -> None:
    tag = id3.read_tag(data)
    if tag is not None:
        list(id3.blocks_of(tag, "", "x"))
        id3.collapse_tag(tag)
        id3.write_tag(tag, VALUE)


def _ilst(data: bytes) -> None:
    raw = struct.pack(">I4s", len(data) + 8, b"meta") + data
    (meta,) = boxes.read_boxes(raw, 0, len(raw))
    list(ilst.blocks_of(raw, meta, ""))
    ilst.with_label(raw, meta, VALUE)


def _archive(data: bytes) -> None:
    opened = archive.open_archive(data)
    for name in list(opened.names)[:40]:
        with suppress(LabelError):
            xml_parts.read_xml(opened, name)


def _fragments(data: bytes) -> None:
    fragments.moved_fragment(boxes.box(b"moof", boxes.box(b"traf", data)), 0, 7)
    fragments.moved_index(boxes.box(b"mfra", data), 0, 7)


def _asf(data: bytes) -> None:
    """Read what follows the name of an object that holds attributes."""
    kind = data[:16] if data[:16] in asf_attributes.KINDS else asf_attributes.EXTENDED
    list(asf_attributes.blocks_of(kind, data[16:]))
    asf_attributes.collapse(kind, data[16:])


def _read_text(data: bytes) -> None:
    encodings.is_text(data)
    encodings.read_text(data)


def _small() -> Iterable[Target]:
    sniffs: tuple[Callable[[bytes], object], ...] = (
        sniffing.sniff,
        lambda data: sniffing.sniff_file(io.BytesIO(data)),
        lambda data: sniff_document(data, "a.md"),
        lambda data: document_container_of(data, "a.txt"),
    )
    yield Target(name="sniffing", calls=sniffs, seeds=of_everything)
    yield Target(name="skimming", calls=(_skim,), seeds=of_everything)
    yield Target(name="sound files", calls=(_sound_file,), seeds=of_sound)
    yield Target(name="source type", calls=(_state,), seeds=of_everything)
    yield Target(
        name="value",
        calls=_text(value.parse_value, value.locate_label, value.looks_like_label),
        seeds=texts,
    )
    yield Target(
        name="xmp",
        calls=(
            lambda data: xmp.find(data, ""),
            lambda data: xmp.merge(data, VALUE),
            xmp.collapse,
            xmp.without_padding,
            lambda data: xmp.with_orientation(data, ORIENTATION),
            lambda data: xmp.read_property(data, iptc.NAMESPACE, "DigitalSourceType"),
        ),
        seeds=parts_of("xmp", "jpeg", "png", "webp"),
    )
    yield Target(
        name="exif",
        calls=(
            lambda data: exif.find(data, ""),
            exif.collapse,
            exif.orientation_of,
            lambda data: exif.with_orientation(data, ORIENTATION),
            exif.without_thumbnail,
        ),
        seeds=parts_of("exif", "jpeg", "webp", "avif"),
    )
    yield Target(name="id3", calls=(_id3,), seeds=heads(lambda: sounds("mp3")))
    yield Target(
        name="vorbis",
        calls=(lambda data: vorbis.with_label(vorbis.read_comments(data), VALUE),),
        seeds=behind(b"\x03vorbis", lambda: sounds("ogg")),
    )
    yield Target(
        name="ogg pages",
        calls=(lambda data: list(ogg_pages.read_pages(data)),),
        seeds=lambda: sounds("ogg"),
    )
    yield Target(
        name="chunks",
        calls=(lambda data: chunks.read_chunks(data, 12, len(data), order="<"),),
        seeds=heads(lambda: sounds("wav")),
    )
    yield Target(name="ilst", calls=(_ilst,), seeds=behind(b"meta", lambda: sounds("m4a")))
    yield Target(name="mpeg frames", calls=_frames(), seeds=heads(lambda: sounds("mp3")))
    yield Target(name="asf attributes", calls=(_asf,), seeds=asf_objects)
    yield Target(
        name="amf",
        calls=(amf.read_script,),
        seeds=script_tags,
    )
    yield Target(
        name="ebml",
        calls=(
            lambda data: list(ebml.children(data)),
            lambda data: list(matroska_tags.blocks_of(data)),
            lambda data: matroska_tags.with_label(data, VALUE),
            lambda data: matroska_index.rewritten(data, lambda place: place + 7),
        ),
        seeds=matroska_parts,
    )
    yield Target(
        name="avi index",
        calls=(lambda data: avi_index.moved_header(b"LIST" + bytes(8) + data, 0, 7),),
        seeds=heads(lambda: videos("avi")),
    )
    yield Target(
        name="fragments", calls=(_fragments,), seeds=behind(b"traf", lambda: videos("mp4"))
    )
    yield Target(name="archive", calls=(_archive,), seeds=lambda: documents("docx"))
    yield Target(
        name="json scan",
        calls=_text(
            json_scan.scan_json,
            json_scan.compact_json,
            lambda text: json_text.records(text, lines=False),
            lambda text: json_text.records(text, lines=True),
            lambda text: json_text.answers(text, lines=False),
        ),
        seeds=texts,
    )
    yield Target(
        name="front matter",
        calls=_text(
            front_matter.front_matters,
            lambda text: front_matter.put_label(text, VALUE, "\n"),
            front_matter.body_start,
            lambda text: [label_block.block_at([line], 0) for line in label_block.lines_of(text)],
            label_block.scalar,
        ),
        seeds=texts,
    )
    yield Target(
        name="markup",
        calls=_text(lambda t: list(markup.tags(t)), lambda t: list(markup.text_runs(t))),
        seeds=texts,
    )
    yield Target(name="subtitles", calls=_text(subtitles.cues), seeds=texts)
    yield Target(name="encodings", calls=(_read_text,), seeds=texts)
    yield Target(
        name="xml parts",
        calls=(lambda data: xml_parts.parse_part(data, "a.xml"),),
        seeds=parts_of("xmp", "jpeg", "png"),
    )
    yield Target(
        name="signatures",
        calls=(
            lambda data: sm2.verify(sm2.public_point(1), b"message", data),
            lambda data: list(der.pem_blocks(data)),
            sm2.point_of,
            *_text(security_data.parse_security),
        ),
        seeds=signatures,
    )
    yield Target(
        name="c2pa and iptc",
        calls=(lambda data: c2pa.read(data, "jpeg"), lambda data: iptc.read(data, "jpeg")),
        seeds=manifests,
    )
    yield Target(name="generators", calls=(_generators,), seeds=generator_texts)
    yield Target(name="sidecars", calls=(load_sidecar,), seeds=sidecars)
    yield Target(
        name="hidden text",
        calls=_text(report_hidden, lambda text: read_mark(text[:5_000])),
        seeds=marked_texts,
    )
    yield Target(
        name="label lines",
        calls=_text(match_line, lambda text: find_labels(f"{text}\n\n{text}")),
        seeds=label_lines,
    )


def _frames() -> tuple[Callable[[bytes], object], ...]:
    return (
        lambda data: mpeg.frame_at(data, 0),
        lambda data: mpeg.find_frame(data, 0, len(data)),
        lambda data: mpeg.is_layer_3(data, 0),
        lambda data: mpeg.is_adts(data, 0),
    )


TARGETS = {target.name: target for target in (*_containers(), *_small())}
"""Every parser by its name."""
