"""What every picture container promises, over every format."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
from xml.etree.ElementTree import canonicalize, tostring

import pytest
from defusedxml.ElementTree import fromstring
from PIL import Image

from labeler.containers.pictures import PICTURES, blocks, carry, find, payload_bytes, probe
from labeler.containers.pictures import write as put
from labeler.containers.sniffing import sniff
from labeler.containers.tags import exif, xmp
from labeler.errors import CorruptMedia, UnsupportedMedia
from makers import MAKERS, ending_of, make
from rich_pictures import (
    CAMERA,
    FORMATS,
    OLD,
    TITLE,
    VALUE,
    WITH_EXIF,
    exif_block,
    profile,
    rich,
    same_frames,
)


TRICKY = (
    '{"Label":"1","ContentProducer":"<&>\'\\"某公司","ProduceID":"]]>","ReservedCode1":"&amp;"}'
)


def payload(data: bytes) -> bytes:
    return b"".join(payload_bytes(data))


def packets(data: bytes) -> list[bytes]:
    return [bytes(block.content) for block in blocks(data) if block.kind == "xmp"]


def other_properties(packet: bytes) -> str:
    root = fromstring(packet.strip(b"\0 "))
    for rdf in root.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"):
        for description in list(rdf):
            if description.find(f"{{{xmp.NAMESPACE}}}AIGC") is not None:
                rdf.remove(description)
    return canonicalize(tostring(root), strip_text=True)


@pytest.mark.parametrize("maker", MAKERS)
def test_label_is_written_and_no_pixel_changes(maker):
    data = make(maker, side=96)
    out = put(data, VALUE)
    assert [carrier.text for carrier in find(out)] == [VALUE]
    assert find(out)[0].scheme == "tc260-xmp"
    assert payload(out) == payload(data)
    assert len(payload(data)) > len(data) // 3
    assert same_frames(data, out)


@pytest.mark.parametrize("kind", FORMATS)
def test_second_write_changes_nothing(kind):
    once = put(rich(kind), VALUE)
    assert put(once, VALUE) == once


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("second", [TRICKY, OLD * 3, "{}"], ids=["markup", "longer", "shorter"])
def test_second_value_replaces_the_first(kind, second):
    data = rich(kind)
    out = put(put(data, VALUE), second)
    assert [carrier.text for carrier in find(out)] == [second]
    assert b"demo-001" not in out
    assert payload(out) == payload(data)
    assert same_frames(data, out)


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "gif"])
def test_other_properties_of_the_packet_stay_as_they_were(kind):
    data = rich(kind)
    before, after = packets(data), packets(put(data, VALUE))
    assert TITLE.split()[1] in before[0].decode()
    assert [other_properties(p) for p in after] == [other_properties(p) for p in before]


@pytest.mark.parametrize("kind", WITH_EXIF)
def test_exif_and_profile_stay_as_they_were(kind):
    data = rich(kind)
    out = put(data, VALUE)
    assert metadata_of(out) == metadata_of(data)
    assert metadata_of(out)["camera"] == CAMERA


def metadata_of(data):
    if sniff(data) == "heic":
        kinds = {block.kind: bytes(block.content) for block in blocks(data)}
        return {"camera": CAMERA if CAMERA.encode() in kinds["exif"] else "", "icc": kinds["icc"]}
    with Image.open(io.BytesIO(data)) as image:
        tags = image.getexif()
        return {
            "camera": tags.get(0x010F),
            "date": tags.get_ifd(0x8769).get(0x9003),
            "orientation": tags.get(0x0112),
            "icc": image.info.get("icc_profile"),
        }


@pytest.mark.parametrize("kind", FORMATS)
def test_header_is_read_without_decoding(kind):
    data = rich(kind)
    header = probe(data)
    assert (header.width, header.height) == (48, 48)
    assert header.format == sniff(data)
    frames = 3 if kind in {"apng", "webp-animated", "gif", "tiff-pages"} else 1
    assert header.frames == frames
    coded = 64 if kind == "heic" else 48  # HEVC codes whole blocks and shows a part
    assert header.total_pixels == coded * coded * frames
    assert header.animated == (frames > 1 and kind != "tiff-pages")
    assert probe(put(data, VALUE)) == header


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif"])
def test_orientation_is_read(kind):
    assert probe(rich(kind)).orientation == 6


@pytest.mark.parametrize("kind", FORMATS)
def test_metadata_is_carried_into_a_new_encoding(kind):
    source = put(rich(kind), OLD)
    plain = make({"gif": "gif-animated"}.get(kind, kind), side=48)
    out, notes = carry(source, plain)
    assert payload(out) == payload(plain)
    assert [carrier.text for carrier in find(out)] == [OLD]
    assert [other_properties(p) for p in packets(out)] == [
        other_properties(p) for p in packets(source)
    ]
    kinds = {block.kind: bytes(block.content) for block in blocks(out)}
    if kind in {"jpeg", "png", "apng", "webp", "webp-animated", "avif", "heic"}:
        assert CAMERA.encode() in kinds["exif"]
    if kind in {"jpeg", "webp", "webp-animated", "tiff"}:
        assert kinds["icc"] == profile()
    if kind in {"jpeg", "png", "gif"}:
        assert b"made by hand" in out
    assert ("colour profile" in " ".join(notes)) == (kind in {"avif", "heic"})


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_thumbnail_of_the_unlabelled_picture_is_left_behind_and_that_is_said(kind):
    source = rich(kind, exif=with_thumbnail())
    out, notes = carry(source, make(kind, side=48))
    assert "thumbnail" in " ".join(notes)
    block = next(bytes(b.content) for b in blocks(out) if b.kind == "exif")
    assert exif.without_thumbnail(block) == (block, False)
    assert CAMERA.encode() in block


def with_thumbnail() -> bytes:
    block = bytearray(exif_block())
    entries = int.from_bytes(block[14:16], "big")
    pointer = 16 + 12 * entries
    block[pointer : pointer + 4] = (len(block) - 6).to_bytes(4, "big")
    return bytes(block) + struct.pack(">HHHIHHI", 1, 0x0103, 3, 1, 6, 0, 0)


def test_metadata_of_another_format_is_refused():
    with pytest.raises(CorruptMedia, match="cannot be carried"):
        carry(rich("png"), rich("jpeg"))


def test_other_formats_are_refused_by_name():
    for data, name in ((b"%PDF-1.7", "pdf"), (b"BM" + bytes(60), "bmp"), (b"hello", "unknown")):
        with pytest.raises(UnsupportedMedia, match=name):
            put(data, VALUE)


def test_every_container_is_found_by_content():
    assert {sniff(rich(kind)) for kind in FORMATS} == set(PICTURES)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="the oracle exiftool is not installed")
def test_exiftool_reads_the_same_label(tmp_path):
    for kind in FORMATS:
        path = tmp_path / f"{kind}{ending_of(kind)}"
        path.write_bytes(put(rich(kind), VALUE))
    command = ["exiftool", "-json", "-XMP-TC260:Aigc", "-XMP-dc:Title", str(tmp_path)]
    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert len(said) == len(FORMATS)
    for entry in said:
        assert json.dumps(entry["Aigc"]) == json.dumps(VALUE), entry["SourceFile"]
        assert entry.get("Title") == (None if entry["SourceFile"].endswith(".gif") else TITLE)
