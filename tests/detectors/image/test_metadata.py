"""Rows of evidence from the metadata of pictures."""

from __future__ import annotations

import struct
import zlib

import pytest

from detectors.findings import governing_copy, was_examined
from detectors.metadata import read_metadata
from found_labels import require_a_row_each, require_conforming
from labeler.annex_e import FIELDS
from labeler.containers.pictures import write
from labeler.containers.sniffing import sniff
from labeler.containers.value import MALFORMED
from labeler.errors import UnsupportedMedia
from rich_pictures import FORMATS, OLD, VALUE, WRAPPED, exif_block, packet, rich


def rows_of(data: bytes):
    return read_metadata(data, sniff(data))


def text_chunk(value: str) -> bytes:
    content = b"tEXt" + b"AIGC\0" + value.encode()
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))


def png_with(*values: str) -> bytes:
    data = rich("png")
    return data[:33] + b"".join(map(text_chunk, values)) + data[33:]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_reader_leaves_a_row(kind):
    rows = rows_of(rich(kind))
    labelled = rows_of(write(rich(kind), VALUE))
    require_a_row_each(rows, labelled)
    assert rows[0].scheme == "tc260-xmp"
    assert [row.scheme for row in labelled] == [row.scheme for row in rows]


@pytest.mark.parametrize("kind", FORMATS)
def test_conforming_label_has_no_deviation(kind):
    require_conforming(rows_of(write(rich(kind), VALUE))[0])


def test_each_copy_has_its_row_in_file_order():
    exif = exif_block(comment=b"ASCII\0\0\0" + WRAPPED.encode())
    rows = [row for row in rows_of(write_late(rich("jpeg", exif=exif))) if row.found]
    assert [row.scheme for row in rows] == ["exif-usercomment", "jpeg-segment"]
    assert "wrapped" in rows[0].detail


def write_late(data: bytes) -> bytes:
    return data + b"AIGC" + OLD.encode()


def test_guide_annex_b_places_have_no_deviation():
    row = rows_of(png_with(WRAPPED))[0]
    assert row.place.startswith("PNG tEXt 'AIGC'")
    assert row.deviations == ()


def test_present_but_malformed_label_still_surfaces():
    row = rows_of(png_with('{"Label":"1","Content'))[0]
    assert row.found
    assert any(sentence.startswith(MALFORMED) for sentence in row.deviations)
    assert row.fields["Label"] == "1"


def test_deviations_of_value_and_fields_stand_together():
    row = rows_of(png_with('{"Label":1,"ContentProducer":"某 公司","Propagator":"x","Time":"0"}'))[
        0
    ]
    said = " | ".join(row.deviations)
    for part in ("a number", "annex F", "extra keys", "6.1 a: ProduceID", "annex E j (warning)"):
        assert part in said
    assert "annex E b: ReservedCode2 is missing" in said


def test_differing_copies_are_all_there():
    rows = [row for row in rows_of(png_with(OLD, VALUE)) if row.found]
    assert [row.fields["ProduceID"] for row in rows] == ["old-009", "demo-001"]
    assert governing_copy(rows) is rows[0]


def test_metadata_that_cannot_be_read_is_not_examined_rather_than_absent():
    hostile = b"<!DOCTYPE x>" + packet("<TC260:AIGC>{}</TC260:AIGC>")
    row = rows_of(rich("jpeg", xmp=hostile))[0]
    assert not row.found
    assert not was_examined(row)
    assert "DTD" in row.detail


def test_unknown_formats_have_no_reader():
    with pytest.raises(UnsupportedMedia, match="psd"):
        read_metadata(b"8BPS", "psd")


def test_genuine_doubao_file(wild):
    row = rows_of((wild / "media" / "doubao_gray_tc260_xmp.png").read_bytes())[0]
    assert row.found
    assert row.fields["ContentProducer"] == "001191110102MACQD9K64010000"
    assert row.fields["ProduceID"] == "e3578014edd949debed102781a8c26f7"
    assert [name for name in FIELDS if row.fields[name]] == [
        "Label",
        "ContentProducer",
        "ProduceID",
    ]
    assert row.deviations == ()


@pytest.mark.parametrize(
    "name", ["flux2_c2pa.jpg", "midjourney_iptc_dst.png", "C_with_CAWG_data.jpg"]
)
def test_genuine_files_without_label(wild, name):
    assert not any(row.found for row in rows_of((wild / "media" / name).read_bytes()))
