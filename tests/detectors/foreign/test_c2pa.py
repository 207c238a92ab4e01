from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from detectors.foreign import c2pa
from labeler.containers import sniff
from labeler.containers.boxes import box
from labeler.containers.isobmff import C2PA_UUID
from labeler.containers.jpeg_parts import segment
from rich_pictures import FORMATS, packet, rich


PREFIX = b"http://cv.iptc.org/newscodes/digitalsourcetype/"


def described(label: bytes, *content: bytes) -> bytes:
    return box(b"jumb", box(b"jumd", bytes(16) + b"\x03" + label + b"\0") + b"".join(content))


def claim(word: bytes, generator: bytes = b"maker") -> bytes:
    url = PREFIX + word
    text = b"\x78" + bytes([len(url)]) + url
    name = bytes([0x60 + len(generator)]) + generator
    return box(
        b"cbor", b"\xa2\x6fclaim_generator" + name + b"\x71digitalSourceType" + text + b"\x62ok"
    )


def store(*words: bytes) -> bytes:
    manifests = [described(b"urn:uuid:%d" % i, claim(word)) for i, word in enumerate(words)]
    return described(b"c2pa", *manifests)


def in_format(kind: str, content: bytes) -> bytes:
    data = rich(kind)
    name = sniff(data)
    if name == "jpeg":
        half = len(content) // 2
        head = b"JP\0\1"
        first = segment(0xEB, head + struct.pack(">I", 1) + content[:half])
        second = segment(0xEB, head + struct.pack(">I", 2) + content[:8] + content[half:])
        return data[:2] + first + second + data[2:]
    if name == "png":
        return (
            data[:33] + struct.pack(">I", len(content)) + b"caBX" + content + bytes(4) + data[33:]
        )
    if name == "webp":
        whole = data + b"C2PA" + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
        return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]
    if name == "gif":
        rows = [content[i : i + 255] for i in range(0, len(content), 255)]
        body = b"".join(bytes([len(row)]) + row for row in rows)
        return data[:-1] + b"\x21\xff\x0bC2PA_GIF\x01\0\0" + body + b"\0\x3b"
    return data + box(b"uuid", C2PA_UUID + bytes(4) + b"manifest\0" + bytes(8) + content)


HOMES = [kind for kind in FORMATS if not kind.startswith("tiff")]


@pytest.mark.parametrize("kind", HOMES)
def test_manifest_store_is_found_in_every_format(kind):
    data = in_format(kind, store(b"trainedAlgorithmicMedia"))
    row = c2pa.read(data, sniff(data))
    assert row.found
    assert row.declares_ai is True
    assert row.fields == {
        "manifests": "1",
        "claim_generator": "maker",
        "digitalSourceType": "trainedAlgorithmicMedia",
    }


def test_manifest_store_is_found_in_tiff():
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(
        buffer, "TIFF", tiffinfo={0xCD41: store(b"trainedAlgorithmicMedia")}
    )
    assert c2pa.read(buffer.getvalue(), "tiff").declares_ai is True


def test_declaration_of_an_ingredient_counts():
    data = in_format("png", store(b"digitalCapture", b"trainedAlgorithmicMedia"))
    row = c2pa.read(data, "png")
    assert row.declares_ai is True
    assert row.fields["manifests"] == "2"


def test_capture_is_no_declaration_of_generated_content():
    row = c2pa.read(in_format("png", store(b"digitalCapture")), "png")
    assert row.found
    assert row.declares_ai is False
    assert row.fields["digitalSourceType"] == "digitalCapture"


def test_nothing_is_said_about_validity():
    for content in (store(b"digitalCapture"), b"junk", store(b"digitalCapture")[:-40]):
        row = c2pa.read(in_format("png", content), "png")
        assert "signature not checked" in row.detail
        assert not {"valid", "tampered", "trusted"} & set(row.detail.replace(",", "").split())


@pytest.mark.parametrize("kind", FORMATS)
def test_pictures_without_manifest_have_an_empty_row(kind):
    data = rich(kind)
    row = c2pa.read(data, sniff(data))
    assert not row.found
    assert row.declares_ai is None


def test_remote_manifest_is_named_not_fetched():
    bound = (
        'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="https://e.example/m.c2pa"'
    )
    row = c2pa.read(rich("jpeg", xmp=packet("", bound)), "jpeg")
    assert row.found
    assert row.declares_ai is None
    assert row.fields == {"remote_manifest": "https://e.example/m.c2pa"}
    assert "not fetched" in row.detail


GENUINE = {
    "flux2_c2pa.jpg": (True, "Black Forest Labs"),
    "C_with_CAWG_data.jpg": (False, "cawg"),
    "adobe-20220124-CA.jpg": (None, "make_test_images"),
    "adobe-20220124-E-dat-CA.jpg": (None, "make_test_images"),
}


@pytest.mark.parametrize("name", GENUINE)
def test_genuine_files(wild, name):
    declares, generator = GENUINE[name]
    row = c2pa.read((wild / "media" / name).read_bytes(), "jpeg")
    assert row.found
    assert row.declares_ai is declares
    assert generator in row.fields["claim_generator"]


@pytest.mark.parametrize("name", ["doubao_gray_tc260_xmp.png", "midjourney_iptc_dst.png"])
def test_genuine_files_without_manifest(wild, name):
    assert not c2pa.read((wild / "media" / name).read_bytes(), "png").found
