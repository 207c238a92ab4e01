from __future__ import annotations

import io

import pytest
from PIL import Image

from detectors.foreign import c2pa
from labeler.containers.sniffing import sniff
from made_manifests import HOMES, in_format, store
from rich_pictures import FORMATS, packet, rich


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
