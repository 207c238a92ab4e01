"""The IPTC source type written into XMP: ExifTool reads it, and nothing is overwritten."""

from __future__ import annotations

import io
import shutil
import subprocess

import pytest

import labeler
from detectors.foreign import iptc
from labeler.containers.registry import file_container_of, format_of
from labeler.containers.stating import STATING
from labeler.containers.tags import xmp
from labeler.containers.videos import VIDEOS
from labeler.errors import LabelConflict, UnsupportedMedia
from rich_pictures import FORMATS, TITLE, packet, rich, same_frames
from rich_sounds import rich_sound
from rich_videos import rich_video


WORD = "trainedAlgorithmicMedia"
SOUNDS = ("wav", "mp3", "mp3-v23", "m4a", "m4a-front", "aiff", "wma", "rf64", "wav-id3")
FILMS = ("mp4", "mov", "wmv")


def stated(data, label, name="", word=WORD):
    return labeler.apply(data, label, layers="metadata", source_type=word, name=name).content


def told(data):
    kind = format_of(data)
    film = VIDEOS.get(kind)
    blocks = film.blocks(io.BytesIO(data)) if film else file_container_of(data).blocks(data)
    return iptc.read_blocks(blocks).fields.get("DigitalSourceType")


def exiftool(data, tmp_path):
    if not shutil.which("exiftool"):
        pytest.skip("ExifTool is not installed")
    (tmp_path / "file").write_bytes(data)
    done = subprocess.run(
        ["exiftool", "-s3", "-XMP-iptcExt:DigitalSourceType", tmp_path / "file"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize("kind", FORMATS)
def test_pictures_state_it_beside_the_label(kind, label, tmp_path):
    source = rich(kind)
    data = stated(source, label)
    assert told(data) == WORD
    assert same_frames(source, data)
    assert exiftool(data, tmp_path) == xmp.NEWSCODES + WORD
    assert stated(data, label) == data
    assert labeler.apply(data, label, layers="metadata").content == data


@pytest.mark.parametrize("kind", SOUNDS)
def test_sounds_state_it_where_they_have_xmp(kind, label, tmp_path):
    source = rich_sound(kind)
    data = stated(source, label)
    container = file_container_of(source)
    assert told(data) == WORD
    assert b"".join(container.payload_bytes(source)) == b"".join(container.payload_bytes(data))
    assert stated(data, label) == data
    if format_of(data) not in {"aiff", "wma"}:  # ExifTool does not look for XMP there
        assert exiftool(data, tmp_path) == xmp.NEWSCODES + WORD


@pytest.mark.parametrize("kind", FILMS)
def test_films_state_it(kind, label, tmp_path):
    data = stated(rich_video(kind), label)
    assert told(data) == WORD
    assert stated(data, label) == data
    if kind != "wmv":
        assert exiftool(data, tmp_path) == xmp.NEWSCODES + WORD


def test_every_format_that_can_is_tested():
    made = {format_of(rich(kind)) for kind in FORMATS} | {format_of(rich_sound(k)) for k in SOUNDS}
    assert made | set(FILMS) >= STATING


def test_an_older_packet_is_merged_not_replaced(label):
    data = stated(rich("jpeg"), label)
    (block,) = [b for b in file_container_of(data).blocks(data) if b.kind == "xmp"]
    assert xmp.read_property(bytes(block.content), "http://purl.org/dc/elements/1.1/", "title")
    assert TITLE.partition("&")[0].encode() in bytes(block.content)


@pytest.mark.parametrize("kind", ["jpeg", "png", "avif"])
def test_another_statement_is_never_changed(kind, label):
    bound = f'xmlns:i="{xmp.IPTC}" i:DigitalSourceType="{xmp.NEWSCODES}digitalCapture"'
    with pytest.raises(LabelConflict, match="digitalCapture"):
        stated(rich(kind, xmp=packet("", bound)), label)


def test_the_same_statement_in_any_form_is_enough(label):
    bound = f'xmlns:i="{xmp.IPTC}" i:DigitalSourceType="{xmp.NEWSCODES}{WORD}"'
    data = stated(rich("png", xmp=packet("", bound)), label)
    assert data.count(b"DigitalSourceType") == 1


@pytest.mark.parametrize("kind", ["flac", "ogg", "opus"])
def test_formats_without_xmp_say_so(kind, label):
    with pytest.raises(UnsupportedMedia, match="no place for the IPTC"):
        stated(rich_sound(kind), label)


def test_documents_say_so_too(label):
    with pytest.raises(UnsupportedMedia, match="no place for the IPTC"):
        stated(b"# Tides\n\nQuiet.\n", label, name="x.md")
