"""Files that the fuzzer starts from: samples and made ones, with and without a label."""

from __future__ import annotations

import io
import re
import struct
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from labeler.containers import boxes, sniffing
from labeler.containers.documents import DOCUMENTS, sniff_document
from labeler.containers.image import jpeg_parts
from labeler.containers.pictures import PICTURES
from labeler.containers.sidecar import digest_of, dump_sidecar
from labeler.containers.sounds import SOUNDS
from labeler.containers.tags import asf_attributes
from labeler.containers.video import ebml
from labeler.containers.videos import VIDEOS
from labeler.errors import LabelError
from labeler.model import Label
from labeler.payload import payload_of
from labeler.signing import der, sm2
from labeler.text.watermark import embed_mark


if TYPE_CHECKING:
    from collections.abc import Callable


ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
VALUE = (
    '{"Label":"1","ContentProducer":"001191440300708461136T1XGW3","ProduceID":"fuzz",'
    '"ReservedCode1":"","ContentPropagator":"001191440300708461136T1XGW3",'
    '"PropagateID":"fuzz","ReservedCode2":""}'
)
LARGEST = 450_000


def samples(*endings: str) -> tuple[bytes, ...]:
    """Return the samples whose names end so, the largest left out."""
    paths = sorted(p for p in (ROOT / "samples").rglob("*") if p.suffix in endings)
    return tuple(p.read_bytes() for p in paths if p.stat().st_size <= LARGEST)


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


def parts_of(kind: str, *formats: str) -> Callable[[], tuple[bytes, ...]]:
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


def texts() -> tuple[bytes, ...]:
    """Return labels and short texts of every format."""
    from made_documents import TEXTS

    return (VALUE.encode(), f'{{"AIGC":{VALUE}}}'.encode(), *(t.encode() for t in TEXTS.values()))


def of_sound() -> tuple[bytes, ...]:
    """Return sounds of every container."""
    return tuple(data for name in SOUNDS for data in sounds(name))


def of_everything() -> tuple[bytes, ...]:
    """Return files of many formats."""
    return (
        *pictures("jpeg", "png", "webp", "gif", "tiff", "avif"),
        *sounds("wav"),
        *sounds("mp3"),
        *sounds("ogg"),
        *sounds("m4a"),
        *videos("flv"),
        *texts(),
    )


def heads(
    make: Callable[[], tuple[bytes, ...]], size: int = 4_000
) -> Callable[[], tuple[bytes, ...]]:
    """Return the heads of files, for parsers of what stands there."""
    return lambda: tuple(data[:size] for data in make())


def behind(mark: bytes, make: Callable[[], tuple[bytes, ...]]) -> Callable[[], tuple[bytes, ...]]:
    """Return what follows a mark in files that have it."""

    def seeds() -> tuple[bytes, ...]:
        found = (data.partition(mark)[2][:6_000] for data in make() if mark in data)
        return tuple(found) or (mark,)

    return seeds


def asf_objects() -> tuple[bytes, ...]:
    """Return the objects of ASF headers that hold attributes: name and content, without size."""
    found = []
    for data in sounds("wma"):
        for kind in sorted(asf_attributes.KINDS):
            at = data.find(kind)
            if at >= 0:
                size = int.from_bytes(data[at + 16 : at + 24], "little")
                found.append(kind + data[at + 24 : at + size])
    return tuple(found)


def script_tags() -> tuple[bytes, ...]:
    """Return script tags of FLV from their name on."""
    heads_of = (data[max(0, data.find(b"onMetaData") - 3) :] for data in videos("flv"))
    return tuple(data[:6_000] for data in heads_of)


_TAGS, _CUES = (b"\x12\x54\xc3\x67", b"\x73\x73"), (b"\x1c\x53\xbb\x6b", b"\xbb")
"""Elements of Matroska, and what begins their contents: their names stand in an index as well."""


def matroska_parts() -> tuple[bytes, ...]:
    """Return the contents of the elements of Matroska files that hold tags and places."""
    found = []
    for data in videos("mkv", "webm"):
        for name, first in (_TAGS, _CUES):
            for place in re.finditer(re.escape(name), data):
                element = ebml.read_head(data, place.start())
                if element and element.end and data.startswith(first, element.body):
                    found.append(data[element.body : element.end])
    return tuple(found)


def signatures() -> tuple[bytes, ...]:
    """Return DER, PEM, a point of the curve, and a label's SecurityData."""
    pair = der.element(0x30, der.integer(5 << 200) + der.integer(7))
    point = sm2.encode_point(sm2.public_point(11))
    data = (
        b'{"SecurityData":{"Type":"1","PublicSD":"30","SignatureAlgorithm":"1.2.156.10197.1.501"}}'
    )
    return (pair, der.to_pem("PUBLIC KEY", pair), point, data)


def generator_texts() -> tuple[bytes, ...]:
    """Return what generators leave in the metadata of their pictures."""
    node = b'{"3":{"class_type":"KSampler","inputs":{"seed":5,"model":["4",0]}},"4":{"nodes":[]}}'
    settings = b"a cat\nSteps: 28, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1234, Model: x"
    job = b"a cat --v 6 Job ID: 01234567-89ab-cdef-0123-456789abcdef"
    return (node, settings, job, b"Adobe Firefly", *parts_of("exif", "jpeg", "webp")())


def sidecars() -> tuple[bytes, ...]:
    """Return a sidecar as it is written beside a text."""
    return (dump_sidecar(VALUE, digest_of(b"text"), "a.txt"),)


def marked_texts() -> tuple[bytes, ...]:
    """Return texts with hidden marks of both families, and with hidden characters of others."""
    payload = payload_of(Label(producer="001191440300708461136T1XGW3", content_id="fuzz"))
    story = "The sea was calm that morning, and nobody spoke. We rowed on for hours. " * 10
    marked = [embed_mark(story, payload, profile=name)[0] for name in ("light", "excerpt")]
    others = "a\u200b\u200c\u200b\u2062b \U000e0041\U000e0042 c\u202ed\ufe0f e\U000e0100"
    return tuple(text.encode() for text in (*marked, others))


def label_lines() -> tuple[bytes, ...]:
    """Return sentences that people label their texts with, and ones that only look so."""
    from label_lines import LABELS, TRAPS

    listed = (*LABELS.values(), *TRAPS.values())
    return tuple(line.encode() for lines in listed for line in lines)


def manifests() -> tuple[bytes, ...]:
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
