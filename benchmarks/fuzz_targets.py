"""What the fuzzer calls: a target a parser, with files to start from (`benchmarks/fuzz.py`)."""

from __future__ import annotations

import io
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.foreign import c2pa, iptc
from detectors.text.explicit import find_labels, match_line
from labeler.containers import boxes, chunks, mpeg, sniffing, value
from labeler.containers.audio import ogg_pages
from labeler.containers.documents import DOCUMENTS, document_container_of, sniff_document
from labeler.containers.image import jpeg_parts
from labeler.containers.pictures import PICTURES
from labeler.containers.sounds import SOUNDS
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


ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
VALUE = (
    '{"Label":"1","ContentProducer":"001191440300708461136T1XGW3","ProduceID":"fuzz",'
    '"ReservedCode1":"","ContentPropagator":"001191440300708461136T1XGW3",'
    '"PropagateID":"fuzz","ReservedCode2":""}'
)
LARGEST_SEED = 450_000
ORIENTATION = 6


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


def samples(*endings: str) -> tuple[bytes, ...]:
    """Return the samples whose names end so, the largest left out."""
    paths = sorted(p for p in (ROOT / "samples").rglob("*") if p.suffix in endings)
    return tuple(p.read_bytes() for p in paths if p.stat().st_size <= LARGEST_SEED)


@cache
def pictures(*kinds: str) -> tuple[bytes, ...]:
    """Return pictures full of metadata, without and with a label."""
    from rich_pictures import rich

    plain = [rich(kind) for kind in kinds]
    return (*plain, *(PICTURES[sniffing.sniff(data) or ""].write(data, VALUE) for data in plain))


@cache
def sounds(name: str) -> tuple[bytes, ...]:
    """Return sounds of one container, without and with a label."""
    from rich_sounds import FORMATS, container_name, rich_sound

    plain = [rich_sound(kind) for kind in FORMATS if container_name(kind) == name]
    return (*plain, *(SOUNDS[name].write(data, VALUE) for data in plain))


@cache
def videos(*names: str) -> tuple[bytes, ...]:
    """Return videos of some containers, without and with a label."""
    from rich_videos import FORMATS, container_name, rich_video

    out = []
    for kind in (kind for kind in FORMATS if container_name(kind) in names):
        labelled, plain = io.BytesIO(), rich_video(kind)
        VIDEOS[container_name(kind)].write(io.BytesIO(plain), labelled, VALUE)
        out += [plain, labelled.getvalue()]
    return tuple(out)


@cache
def documents(name: str) -> tuple[bytes, ...]:
    """Return documents of one format, without and with a label where it has a place."""
    from made_documents import TEXTS, docx, epub, pdf

    made = {"docx": docx, "epub": epub, "pdf": pdf}
    plain = [
        text.encode() for file, text in TEXTS.items() if sniff_document(text.encode(), file) == name
    ]
    plain += [made[name]()] if name in made else []
    plain += [
        data for data in samples(*_endings(name)) if sniff_document(data, f"a.{name}") == name
    ]
    out = list(plain)
    for data in plain:
        with suppress(LabelError):
            out.append(DOCUMENTS[name].write(data, VALUE))
    return tuple(out) or (b"text\n",)


def _endings(name: str) -> tuple[str, ...]:
    return {"text": (".txt",), "markdown": (".md",)}.get(name, (f".{name}",))


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
    for kind in asf_attributes.KINDS:
        list(asf_attributes.blocks_of(kind, data))
        asf_attributes.collapse(kind, data)


def _read_text(data: bytes) -> None:
    encodings.is_text(data)
    encodings.read_text(data)


def _parts_of(kind: str, *formats: str) -> Callable[[], tuple[bytes, ...]]:
    """Return the blocks of one kind that pictures hold."""

    def seeds() -> tuple[bytes, ...]:
        found = (
            bytes(block.content)
            for data in pictures(*formats)
            for block in PICTURES[sniffing.sniff(data) or ""].blocks(data)
            if block.kind == kind
        )
        return tuple(dict.fromkeys(found))

    return seeds


def _texts() -> tuple[bytes, ...]:
    from made_documents import TEXTS

    return (VALUE.encode(), f'{{"AIGC":{VALUE}}}'.encode(), *(t.encode() for t in TEXTS.values()))


def _of_everything() -> tuple[bytes, ...]:
    return (
        *pictures("jpeg", "png", "webp", "gif", "tiff", "avif"),
        *sounds("wav"),
        *sounds("mp3"),
        *sounds("ogg"),
        *sounds("m4a"),
        *videos("flv"),
        *_texts(),
    )


def _cut(
    make: Callable[[], tuple[bytes, ...]], size: int = 4_000
) -> Callable[[], tuple[bytes, ...]]:
    """Return the heads of files, for parsers of what stands there."""
    return lambda: tuple(data[:size] for data in make())


def _behind(mark: bytes, make: Callable[[], tuple[bytes, ...]]) -> Callable[[], tuple[bytes, ...]]:
    """Return what follows a mark in files that have it."""

    def seeds() -> tuple[bytes, ...]:
        found = (data.partition(mark)[2][:6_000] for data in make() if mark in data)
        return tuple(found) or (mark,)

    return seeds


def _small() -> Iterable[Target]:
    sniffs: tuple[Callable[[bytes], object], ...] = (
        sniffing.sniff,
        lambda data: sniffing.sniff_file(io.BytesIO(data)),
        lambda data: sniff_document(data, "a.md"),
        lambda data: document_container_of(data, "a.txt"),
    )
    yield Target(name="sniffing", calls=sniffs, seeds=_of_everything)
    yield Target(
        name="value",
        calls=_text(value.parse_value, value.locate_label, value.looks_like_label),
        seeds=_texts,
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
        seeds=_parts_of("xmp", "jpeg", "png", "webp"),
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
        seeds=_parts_of("exif", "jpeg", "webp", "avif"),
    )
    yield Target(name="id3", calls=(_id3,), seeds=_cut(lambda: sounds("mp3")))
    yield Target(
        name="vorbis",
        calls=(lambda data: vorbis.with_label(vorbis.read_comments(data), VALUE),),
        seeds=_behind(b"\x03vorbis", lambda: sounds("ogg")),
    )
    yield Target(
        name="ogg pages",
        calls=(lambda data: list(ogg_pages.read_pages(data)),),
        seeds=_cut(lambda: sounds("ogg")),
    )
    yield Target(
        name="chunks",
        calls=(lambda data: chunks.read_chunks(data, 12, len(data), order="<"),),
        seeds=_cut(lambda: sounds("wav")),
    )
    yield Target(name="ilst", calls=(_ilst,), seeds=_behind(b"meta", lambda: sounds("m4a")))
    yield Target(name="mpeg frames", calls=_frames(), seeds=_cut(lambda: sounds("mp3")))
    yield Target(name="asf attributes", calls=(_asf,), seeds=_cut(lambda: sounds("wma")))
    yield Target(
        name="amf",
        calls=(amf.read_script,),
        seeds=_behind(b"onMetaData", lambda: videos("flv")),
    )
    yield Target(
        name="ebml",
        calls=(
            lambda data: list(ebml.children(data)),
            lambda data: list(matroska_tags.blocks_of(data)),
            lambda data: matroska_tags.with_label(data, VALUE),
            lambda data: matroska_index.rewritten(data, lambda place: place + 7),
        ),
        seeds=_behind(b"\x12\x54\xc3\x67", lambda: videos("mkv")),
    )
    yield Target(
        name="avi index",
        calls=(lambda data: avi_index.moved_header(b"LIST" + bytes(8) + data, 0, 7),),
        seeds=_cut(lambda: videos("avi")),
    )
    yield Target(
        name="fragments", calls=(_fragments,), seeds=_behind(b"traf", lambda: videos("mp4"))
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
        seeds=_texts,
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
        seeds=_texts,
    )
    yield Target(
        name="markup",
        calls=_text(lambda t: list(markup.tags(t)), lambda t: list(markup.text_runs(t))),
        seeds=_texts,
    )
    yield Target(name="subtitles", calls=_text(subtitles.cues), seeds=_texts)
    yield Target(name="encodings", calls=(_read_text,), seeds=_texts)
    yield Target(
        name="xml parts",
        calls=(lambda data: xml_parts.parse_part(data, "a.xml"),),
        seeds=_parts_of("xmp", "jpeg", "png"),
    )
    yield Target(
        name="signatures",
        calls=(
            lambda data: sm2.verify(sm2.public_point(1), b"message", data),
            lambda data: list(der.pem_blocks(data)),
            sm2.point_of,
            *_text(security_data.parse_security),
        ),
        seeds=_signatures,
    )
    yield Target(
        name="c2pa and iptc",
        calls=(lambda data: c2pa.read(data, "jpeg"), lambda data: iptc.read(data, "jpeg")),
        seeds=_manifests,
    )
    yield Target(
        name="label lines",
        calls=_text(match_line, lambda text: find_labels(f"{text}\n\n{text}")),
        seeds=_label_lines,
    )


def _frames() -> tuple[Callable[[bytes], object], ...]:
    return (
        lambda data: mpeg.frame_at(data, 0),
        lambda data: mpeg.find_frame(data, 0, len(data)),
        lambda data: mpeg.is_layer_3(data, 0),
        lambda data: mpeg.is_adts(data, 0),
    )


def _signatures() -> tuple[bytes, ...]:
    """Return DER, PEM, a point of the curve, and a label's SecurityData."""
    pair = der.element(0x30, der.integer(5 << 200) + der.integer(7))
    point = sm2.encode_point(sm2.public_point(11))
    data = (
        b'{"SecurityData":{"Type":"1","PublicSD":"30","SignatureAlgorithm":"1.2.156.10197.1.501"}}'
    )
    return (pair, der.to_pem("PUBLIC KEY", pair), point, data)


def _label_lines() -> tuple[bytes, ...]:
    """Return sentences that people label their texts with, and ones that only look so."""
    from label_lines import LABELS, TRAPS

    listed = (*LABELS.values(), *TRAPS.values())
    return tuple(line.encode() for lines in listed for line in lines)


def _manifests() -> tuple[bytes, ...]:
    """Return JPEG pictures with a manifest store made up: nested boxes, a claim, a source type."""
    claim = (
        b"\xa2\x74claim_generator_info\x81\xa1\x64name\x65maker\x71digitalSourceType\x78\x46"
        b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    )
    name = boxes.box(b"jumd", bytes(16) + b"\x03c2pa\0")
    inner = boxes.box(
        b"jumb", boxes.box(b"jumd", bytes(16) + b"\x03m\0") + boxes.box(b"cbor", claim)
    )
    store = boxes.box(b"jumb", name + inner)
    part = jpeg_parts.segment(0xEB, b"JP" + struct.pack(">HI", 1, 1) + store)
    return tuple(data[:2] + part + data[2:] for data in pictures("jpeg"))


TARGETS = {target.name: target for target in (*_containers(), *_small())}
"""Every parser by its name."""
