"""Rows of evidence from the metadata of video."""

from __future__ import annotations

import io

import pytest

from detectors.findings import was_examined
from detectors.video.metadata import GUIDE_PLACES, read_metadata
from found_labels import require_a_row_each, require_conforming
from labeler.containers.sniffing import sniff_file
from labeler.containers.value import MALFORMED, parse_value
from labeler.containers.videos import VIDEOS
from labeler.errors import CorruptMedia, UnsupportedMedia
from labeler.video.metadata import write_fields
from rich_pictures import OLD, VALUE, WRAPPED
from rich_videos import FORMATS, in_info, rich_video


def rows_of(data: bytes):
    file = io.BytesIO(data)
    return read_metadata(file, sniff_file(file))


def labelled(kind: str) -> bytes:
    target = io.BytesIO()
    write_fields(io.BytesIO(rich_video(kind)), target, parse_value(VALUE).fields)
    return target.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_reader_leaves_a_row(kind):
    require_a_row_each(rows_of(rich_video(kind)), rows_of(labelled(kind)))


@pytest.mark.parametrize("kind", FORMATS)
def test_conforming_label_stands_where_the_guide_has_it_without_deviation(kind):
    data = labelled(kind)
    row = rows_of(data)[0]
    require_conforming(row)
    assert row.scheme in GUIDE_PLACES[sniff_file(io.BytesIO(data))]


def test_every_format_has_a_place_of_the_guide():
    assert set(GUIDE_PLACES) == set(VIDEOS)


def test_each_copy_has_its_row_in_file_order():
    data = in_info(rich_video("avi"), (b"AIGC", OLD.encode()), (b"ICMT", WRAPPED.encode()))
    rows = [row for row in rows_of(data) if row.found]
    assert [row.scheme for row in rows] == ["tc260-riff", "riff-info"]
    assert "wrapped" in rows[1].detail


def test_present_but_malformed_label_still_surfaces():
    row = rows_of(in_info(rich_video("avi"), (b"AIGC", b'{"Label":"1","Content')))[0]
    assert row.found
    assert any(sentence.startswith(MALFORMED) for sentence in row.deviations)


def test_files_of_others_and_broken_ones_are_refused():
    with pytest.raises(UnsupportedMedia, match="no reader"):
        read_metadata(io.BytesIO(b"%PDF-1.7"), "pdf")
    with pytest.raises(CorruptMedia):
        read_metadata(io.BytesIO(rich_video("mp4-front")[:3000]), "mp4")


def test_genuine_signed_video_has_no_label_and_every_reader_says_so(wild):
    rows = rows_of((wild / "media" / "c2pa_video1.mp4").read_bytes())
    assert not any(row.found for row in rows)
    assert all(was_examined(row) for row in rows)
