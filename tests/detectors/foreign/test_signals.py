"""Marks that generators leave in metadata: each by its form, none by a single word."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import detectors
from detectors.foreign.reading import read_foreign, read_picture_marks
from labeler.containers.model import Block
from labeler.containers.pictures import PICTURES
from labeler.containers.sniffing import sniff
from rich_pictures import FORMATS, packet, rich
from rich_sounds import id3_tag, rich_sound, txxx


SETTINGS = (
    "a quiet harbour, oil on canvas\nNegative prompt: people\n"
    "Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1234, Size: 512x512, Model: x"
)
GRAPH = json.dumps(
    {"3": {"class_type": "KSampler", "inputs": {"seed": 5}}, "4": {"class_type": "x"}}
)
WORKFLOW = json.dumps({"nodes": [{"id": 1}], "links": [], "version": 0.4})
ARTIST = "2b6e053b-9a65-4ca9-9e13-b6f4465164d4"
GROK = {0x010E: "Signature: " + "QUJD" * 30, 0x013B: ARTIST}


def png(**texts):
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def with_exif(format_name, tags, comment=b""):
    exif = Image.Exif()
    exif.update(tags)
    if comment:
        exif.get_ifd(0x8769)[0x9286] = comment
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, format_name, exif=exif)
    return out.getvalue()


def generator(data):
    rows = read_picture_marks(data, sniff(data))
    return next(row for row in rows if row.scheme == "generator")


FOUND = {
    "Automatic1111": (lambda: png(parameters=SETTINGS), "Stable Diffusion settings"),
    "A1111 in JPEG": (
        lambda: with_exif("JPEG", {}, b"UNICODE\0" + SETTINGS.encode("utf-16-be")),
        "Stable Diffusion settings",
    ),
    "A1111 in WebP": (
        lambda: with_exif("WEBP", {}, b"UNICODE\0" + SETTINGS.encode("utf-16-le")),
        "Stable Diffusion settings",
    ),
    "ComfyUI graph": (lambda: png(prompt=GRAPH), "ComfyUI"),
    "ComfyUI workflow": (lambda: png(workflow=WORKFLOW), "ComfyUI"),
    "InvokeAI": (lambda: png(invokeai_metadata="{}"), "InvokeAI"),
    "NovelAI": (lambda: png(Software="NovelAI", Description="a harbour"), "NovelAI"),
    "Midjourney": (
        lambda: png(Description=f"a harbour --ar 4:3 --v 5.2 Job ID: {ARTIST}"),
        "Midjourney",
    ),
    "Luma": (lambda: png(Source="Luma AI"), "Luma AI"),
    "Grok": (lambda: with_exif("JPEG", GROK), "xAI"),
    "Grok in WebP": (lambda: with_exif("WEBP", GROK), "xAI"),
    "Grok in PNG": (lambda: with_exif("PNG", GROK), "xAI"),
    "Grok in TIFF": (lambda: with_exif("TIFF", GROK), "xAI"),
    "a name in EXIF": (lambda: with_exif("JPEG", {0x0131: "Adobe Firefly 3"}), "Adobe Firefly"),
    "a name in XMP": (
        lambda: rich("jpeg", xmp=packet(
            "", 'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Midjourney 6"')),
        "Midjourney",
    ),
    "Google": (
        lambda: rich("png", xmp=packet("", 'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
                                           'photoshop:Credit="Made with Google AI"')),
        "Made with Google AI",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FOUND)
def test_a_known_signal_is_read_and_counts_as_a_trace(what):
    make, name = FOUND[what]
    data = make()
    row = generator(data)
    assert name in row.fields
    assert row.declares_ai is True
    assert "not signed" in row.detail
    assert detectors.verify(data, fast=True).verdict.value == "suspected"


NOTHING = {
    "a word": lambda: png(parameters="see the manual", Comment="AI"),
    "a prompt": lambda: png(prompt="Press any key", workflow="fast"),
    "broken JSON": lambda: png(prompt='{"class_type": ', workflow='{"nodes"'),
    "a camera": lambda: with_exif(
        "JPEG", {0x0131: "Firmware 1.2", 0x010F: "ACME", 0x013B: "Imagen Ltd"}
    ),
    "a signature alone": lambda: with_exif("JPEG", {0x010E: GROK[0x010E], 0x013B: "A. Person"}),
    "an artist alone": lambda: with_exif("JPEG", {0x010E: "harbour", 0x013B: ARTIST}),
    "a tale of Midjourney": lambda: png(Title="How I met Midjourney"),
    "steps": lambda: png(Description="Steps: 20 to the beach"),
}


@pytest.mark.parametrize("what", NOTHING)
def test_single_words_are_no_signal(what):
    data = NOTHING[what]()
    assert not generator(data).found
    assert detectors.verify(data, fast=True).verdict.value == "none"


@pytest.mark.parametrize("kind", FORMATS)
def test_ordinary_pictures_have_an_empty_row(kind):
    assert not generator(rich(kind)).found


def test_the_genuine_midjourney_picture_names_its_job(wild):
    row = generator((wild / "media" / "midjourney_iptc_dst.png").read_bytes())
    assert row.fields == {"Midjourney": "job 2b6e053b-9a65-4ca9-9e13-b6f4465164d4"}


def test_sound_has_rows_too():
    data = rich_sound("mp3-bare")
    marked = id3_tag(txxx("Software", "NovelAI")) + data
    schemes = {row.scheme: row for row in detectors.verify(marked, fast=True).evidence}
    assert {"iptc", "c2pa", "generator"} <= set(schemes)
    assert schemes["generator"].fields == {"NovelAI": "NovelAI"}


@given(
    st.sampled_from(["parameters", "prompt", "workflow", "Software", "Comment"]),
    st.binary(max_size=200),
)
def test_no_text_raises(key, content):
    blocks = [
        Block(kind="text", place="x", key=key, content=content),
        Block(kind="exif", place="x", content=content),
        Block(kind="xmp", place="x", content=content),
        Block(kind="c2pa", place="x", content=content),
    ]
    assert len(read_foreign(blocks)) == 3


def test_hostile_xmp_is_an_empty_row_and_no_entity_is_expanded():
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "trainedAlgorithmicMedia">'
        b'<!ENTITY b "&a;&a;&a;&a;">]><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b"&b;DigitalSourceType</x:xmpmeta>"
    )
    rows = read_foreign([Block(kind="xmp", place="x", content=bomb)])
    assert not any(row.found for row in rows)
    data = rich("jpeg", xmp=bomb)
    assert not any(row.found for row in read_foreign(PICTURES["jpeg"].blocks(data)))
