"""Rows of evidence from the metadata of sound."""

from __future__ import annotations

import pytest

from detectors.findings import governing_copy, was_examined
from detectors.metadata import GUIDE_PLACES, read_metadata
from found_labels import require_a_row_each, require_conforming
from labeler.containers.sniffing import sniff
from labeler.containers.sounds import SOUNDS
from labeler.containers.value import MALFORMED, parse_value
from labeler.errors import UnsupportedMedia
from labeler.metadata import write_fields
from rich_pictures import OLD, VALUE, WRAPPED, packet
from rich_sounds import FORMATS, id3_tag, rich_sound, txxx, with_wav_chunks


def rows_of(data: bytes):
    return read_metadata(data, sniff(data))


def wav_with(*values: str) -> bytes:
    return with_wav_chunks(rich_sound("wav"), *[(b"AIGC", value.encode()) for value in values])


@pytest.mark.parametrize("kind", FORMATS)
def test_every_reader_leaves_a_row(kind):
    rows = rows_of(rich_sound(kind))
    labelled = rows_of(write_fields(rich_sound(kind), parse_value(VALUE).fields))
    require_a_row_each(rows, labelled)


@pytest.mark.parametrize("kind", FORMATS)
def test_conforming_label_has_no_deviation(kind):
    require_conforming(rows_of(write_fields(rich_sound(kind), parse_value(VALUE).fields))[0])


def test_every_format_has_a_place_of_the_guide():
    assert set(GUIDE_PLACES) >= set(SOUNDS)
    for kind in set(FORMATS) - {"m4a", "m4a-front", "m4a-alac"}:
        data = write_fields(rich_sound(kind), parse_value(VALUE).fields)
        assert rows_of(data)[0].scheme in GUIDE_PLACES[sniff(data)]


def test_each_copy_has_its_row_in_file_order():
    data = with_wav_chunks(wav_with(OLD), (b"id3 ", id3_tag(txxx("AIGC", WRAPPED))), late=True)
    rows = [row for row in rows_of(data) if row.found]
    assert [row.scheme for row in rows] == ["tc260-riff", "id3-txxx"]
    assert "wrapped" in rows[1].detail


def test_present_but_malformed_label_still_surfaces():
    row = rows_of(wav_with('{"Label":"1","Content'))[0]
    assert row.found
    assert any(sentence.startswith(MALFORMED) for sentence in row.deviations)


def test_quirks_of_values_are_read_and_named():
    value = '{"Label":1,"ContentProducer":"某 公司","Propagator":"x","Timestamp":"0"}'
    said = " | ".join(rows_of(id3_tag(txxx("AIGC", value)) + rich_sound("mp3-bare"))[0].deviations)
    for part in ("a number", "annex F", "extra keys", "6.1 a: ProduceID", "annex E j (warning)"):
        assert part in said


def test_differing_copies_are_all_there():
    rows = [row for row in rows_of(wav_with(OLD, VALUE)) if row.found]
    assert [row.fields["ProduceID"] for row in rows] == ["old-009", "demo-001"]
    assert governing_copy(rows) is rows[0]


def test_metadata_that_cannot_be_read_is_not_examined_rather_than_absent():
    hostile = b"<!DOCTYPE x>" + packet("<TC260:AIGC>{}</TC260:AIGC>")
    row = rows_of(with_wav_chunks(rich_sound("wav"), (b"_PMX", hostile)))[0]
    assert not row.found
    assert not was_examined(row)
    assert "DTD" in row.detail


def test_unknown_formats_have_no_reader():
    with pytest.raises(UnsupportedMedia, match="psd"):
        read_metadata(b"8BPS", "psd")
