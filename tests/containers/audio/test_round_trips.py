"""What every sound container promises, over every way to store sound."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import wave
from hashlib import sha256

import mutagen
import numpy as np
import pytest
from mutagen.flac import FLAC

from labeler.containers import mpeg
from labeler.containers.audio import ogg_pages
from labeler.containers.pictures import find as find_in_picture
from labeler.containers.sniffing import sniff
from labeler.containers.sounds import SOUNDS, sound_container_of
from labeler.errors import LabelError, UnsupportedMedia
from rich_pictures import OLD, VALUE
from rich_sounds import (
    COVER,
    FORMATS,
    container_name,
    decoded,
    id3_tag,
    label_seen_by_ffmpeg,
    rich_sound,
    tags_of,
    txxx,
)


TRICKY = (
    '{"Label":"1","ContentProducer":"<&>\'\\"某公司","ProduceID":"]]>","ReservedCode1":"&amp;"}'
)
SEEN_BY_FFMPEG = {"mp3", "flac", "ogg", "m4a"}


def put(data: bytes, value: str) -> bytes:
    return sound_container_of(data).write(data, value)


def labels(data: bytes) -> list[str]:
    return [carrier.text for carrier in sound_container_of(data).find(data)]


def payload(data: bytes) -> bytes:
    return b"".join(sound_container_of(data).payload_bytes(data))


def digest(data: bytes) -> str:
    return sha256(payload(data)).hexdigest()


@pytest.mark.parametrize("kind", FORMATS)
def test_label_is_written_and_no_sound_changes(kind):
    data = rich_sound(kind)
    out = put(data, VALUE)
    assert labels(data) == []
    assert labels(out) == [VALUE]
    assert digest(out) == digest(data)
    assert len(payload(data)) > len(data) // 3
    assert np.array_equal(decoded(out), decoded(data))
    assert tags_of(out) == tags_of(data)


@pytest.mark.parametrize("kind", FORMATS)
def test_second_write_changes_nothing(kind):
    once = put(rich_sound(kind), VALUE)
    assert put(once, VALUE) == once


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "second",
    [TRICKY, OLD * 9, "{}", VALUE + " " * 70_000],
    ids=["markup", "longer", "short", "huge"],
)
def test_second_value_replaces_the_first(kind, second):
    data = rich_sound(kind)
    out = put(put(data, VALUE), second)
    assert labels(out) == [second]
    assert (b"demo-001" in out) == (second.startswith(VALUE))
    assert digest(out) == digest(data)
    assert np.array_equal(decoded(out), decoded(data))
    assert tags_of(out) == tags_of(data)


@pytest.mark.parametrize("kind", FORMATS)
def test_header_is_read_without_decoding(kind):
    data = rich_sound(kind)
    name = container_name(kind)
    header = SOUNDS[name].probe(data)
    assert sniff(data) == name == header.format
    assert header.rate == 48_000
    assert header.channels == (2 if kind == "ogg" else 1)
    assert not header.protected
    assert header.seconds is None or header.seconds == pytest.approx(0.4, abs=0.04)
    assert (header.seconds is None) == (kind == "mp3-bare")
    assert SOUNDS[name].probe(put(data, VALUE)) == header


def test_every_container_is_found_by_content():
    assert {sniff(rich_sound(kind)) for kind in FORMATS} == set(SOUNDS)


@pytest.mark.parametrize("kind", ["flac", "flac-id3", "wav-id3", "aiff-id3"])
def test_covers_stay(kind):
    assert COVER in put(rich_sound(kind), VALUE)


@pytest.mark.parametrize("kind", FORMATS)
def test_ffmpeg_reads_the_same_label(kind):
    expected = VALUE if container_name(kind) in SEEN_BY_FFMPEG else None
    assert label_seen_by_ffmpeg(put(rich_sound(kind), VALUE)) == expected


@pytest.mark.parametrize("kind", FORMATS)
def test_mutagen_still_reads_the_file_and_sees_the_label_of_its_tags(kind):
    if kind in {"rf64", "bw64"}:
        pytest.skip("mutagen does not know RF64")
    buffer = io.BytesIO(put(rich_sound(kind), VALUE))
    file = FLAC(buffer) if kind == "flac-id3" else mutagen.File(buffer)
    assert file is not None
    name = container_name(kind)
    if name == "mp3":
        assert file.tags["TXXX:AIGC"].text == [VALUE]
    elif name in {"flac", "ogg"}:
        assert file.tags["AIGC"] == [VALUE]
    elif kind in {"m4a", "m4a-front", "m4a-alac"}:
        before = mutagen.File(io.BytesIO(rich_sound(kind))).tags
        assert dict(file.tags) == dict(before)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="the oracle exiftool is not installed")
def test_exiftool_reads_the_same_label_where_it_can(tmp_path):
    known = [kind for kind in FORMATS if kind != "bw64"]
    for kind in known:
        (tmp_path / f"{kind}.{container_name(kind)}").write_bytes(put(rich_sound(kind), VALUE))
    command = ["exiftool", "-json", "-a", "-G1", "-struct", str(tmp_path)]
    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert len(said) == len(known)
    for entry in said:
        name = entry["SourceFile"].rpartition(".")[2]
        found = [json.dumps(v) if isinstance(v, dict) else str(v) for v in entry.values()]
        seen = any("demo-001" in text for text in found)
        assert seen == (name != "wav"), entry["SourceFile"]
        assert not any("Warning" in key for key in entry), entry


@pytest.mark.skipif(not shutil.which("mediainfo"), reason="the oracle mediainfo is not installed")
@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg", "opus", "m4a", "wav"])
def test_mediainfo_reads_the_same_label_where_it_can(kind, tmp_path):
    path = tmp_path / f"sound.{container_name(kind)}"
    path.write_bytes(put(rich_sound(kind), VALUE))
    said = subprocess.run(["mediainfo", "-f", path], capture_output=True, check=True, text=True)
    assert (VALUE in said.stdout) == (kind != "wav")


def chunks_of(data: bytes) -> list[tuple[bytes, int, bytes]]:
    """A reader of RIFF that shares nothing with ours: no tool shows the AIGC chunk of a WAV."""
    found, stream = [], io.BytesIO(data)
    stream.seek(12)
    while head := stream.read(8):
        kind, size = struct.unpack("<4sI", head)
        found.append((kind, stream.tell() - 8, stream.read(size)))
        stream.read(size & 1)
    return found


def test_wav_label_stands_between_format_and_samples_on_an_even_place():
    for value in (VALUE, VALUE + " "):
        out = put(rich_sound("wav"), value)
        assert struct.unpack_from("<I", out, 4)[0] == len(out) - 8
        parts = chunks_of(out)
        assert [kind for kind, *_ in parts] == [b"fmt ", b"AIGC", b"LIST", b"data"]
        assert all(start % 2 == 0 for _, start, _ in parts)
        assert parts[1][2].decode() == value
        assert parts[3][2] == payload(rich_sound("wav"))
        with wave.open(io.BytesIO(out)) as other:
            assert other.readframes(-1) == parts[3][2]


@pytest.mark.parametrize("kind", ["rf64", "bw64"])
def test_64_bit_sizes_are_kept_true(kind):
    data = rich_sound(kind)
    out = put(data, VALUE)
    assert out[:8] == data[:8]
    assert out[12:16] == b"ds64"
    assert struct.unpack_from("<Q", out, 20)[0] == len(out) - 8
    assert out[28:44] == data[28:44]


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF])
def test_unfinished_wav_of_a_stream_is_labelled_and_stays_unfinished(size):
    data = bytearray(rich_sound("wav"))
    struct.pack_into("<I", data, 4, size)
    struct.pack_into("<I", data, data.index(b"data") + 4, 0xFFFF_FFFF)
    out = put(bytes(data), VALUE)
    assert out[4:8] == struct.pack("<I", size)
    assert labels(out) == [VALUE]
    assert payload(out) == payload(bytes(data))


def test_missing_pad_byte_of_other_writers_is_survived():
    data = rich_sound("wav")
    odd = data[: data.index(b"data")] + b"data" + struct.pack("<I", 777) + bytes(777)
    data = odd + b"LIST" + struct.pack("<I", 4) + b"INFO"
    data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    out = put(data, VALUE)
    assert labels(out) == [VALUE]
    assert out.endswith(b"LIST" + struct.pack("<I", 4) + b"INFO")


@pytest.mark.parametrize("kind", ["aiff", "aifc", "aiff-id3"])
def test_aiff_states_its_new_size(kind):
    for value in (VALUE, VALUE + " "):
        out = put(rich_sound(kind), value)
        assert struct.unpack_from(">I", out, 4)[0] == len(out) - 8
        assert len(out) % 2 == 0


def test_frame_that_no_frame_follows_is_no_frame():
    sound = rich_sound("mp3-bare")
    lone = b"\xff\xfb\x90\xc0" + bytes(100)
    assert mpeg.find_frame(lone + sound, 0, len(lone + sound)) == len(lone)


def test_flac_padding_takes_up_the_label_so_that_no_frame_moves():
    data = rich_sound("flac")
    assert len(put(data, VALUE)) == len(data)
    assert len(put(data, VALUE * 100)) > len(data)


def test_id3_padding_takes_up_the_label_so_that_no_frame_moves():
    data = id3_tag() + rich_sound("mp3-bare")
    assert len(put(data, VALUE)) == len(data)
    assert payload(put(data, VALUE)) == rich_sound("mp3-bare")


@pytest.mark.parametrize("version", [3, 4])
def test_other_id3_frames_keep_their_bytes_and_version(version):
    tag = id3_tag(txxx("mood", "calm"), version=version)
    out = put(tag + rich_sound("mp3-bare"), VALUE)
    assert out[3] == version
    for name in (b"TIT2", b"APIC"):
        at = tag.index(name)
        size = 10 + int.from_bytes(tag[at + 4 : at + 8], "big") % 128
        assert tag[at : at + size] in out
    assert b"mood\0calm" in out or "calm".encode("utf-16-le") in out


def test_ogg_pages_of_sound_are_untouched_when_the_headers_fit_their_pages():
    for kind in ("ogg", "opus", "ogg-flac"):
        data = rich_sound(kind)
        before, after = (list(ogg_pages.read_pages(d)) for d in (data, put(data, VALUE)))
        assert len(before) == len(after)
        out = put(data, VALUE)
        assert out.endswith(data[before[-1].start :])


@pytest.mark.parametrize("kind", ["ogg", "opus", "ogg-flac"])
def test_ogg_pages_are_numbered_and_summed_anew_when_headers_grow(kind):
    out = put(rich_sound(kind), VALUE + " " * 200_000)
    pages = list(ogg_pages.read_pages(out))
    assert [page.number for page in pages] == list(range(len(pages)))
    for page in pages:
        raw = bytearray(out[page.start : page.end])
        told = int.from_bytes(raw[22:26], "little")
        raw[22:26] = bytes(4)
        assert ogg_pages.checksum(raw) == told


def test_chained_ogg_gets_one_label_for_the_whole_file():
    one, other = put(rich_sound("opus"), OLD), put(rich_sound("ogg"), OLD)
    assert labels(one + other) == [OLD, OLD]
    out = put(one + other, VALUE)
    assert labels(out) == [VALUE]
    assert payload(out) == payload(one) + payload(other)


def test_header_pages_stay_as_many_as_they_were():
    lacing = bytes([255]) * 40 + bytes([9])
    old = next(iter(ogg_pages.read_pages(rich_sound("opus"))))
    raw, more = ogg_pages.repage(lacing, bytes(sum(lacing)), [old] * 5)
    assert more == 0
    assert len(list(ogg_pages.read_pages(raw))) == 5


def test_links_of_one_serial_are_numbered_each_from_its_start():
    data = rich_sound("opus")
    out = put(data + data, VALUE + " " * 200_000)
    assert labels(out) == [VALUE + " " * 200_000]
    assert out.endswith(data)
    numbers = [page.number for page in ogg_pages.read_pages(out)]
    assert numbers.count(0) == 2
    assert numbers[: numbers.index(0, 1)] == list(range(numbers.index(0, 1)))


def test_m4a_offsets_follow_the_sound_when_the_header_grows():
    data = rich_sound("m4a-front")
    assert data.index(b"moov") < data.index(b"mdat")
    out = put(data, VALUE * 50)
    old, new = (struct.unpack_from(">I", d, d.index(b"stco") + 12)[0] for d in (data, out))
    assert new - old == len(out) - len(data)
    assert out[new : new + 64] == data[old : old + 64]


def test_m4a_free_room_is_used_before_anything_moves():
    data = rich_sound("m4a-front")
    end = data.index(b"mdat") - 4
    room = b"\0\0\x04\0free" + bytes(1016)
    moved = data[:end] + room + data[end:]
    at = moved.index(b"stco") + 12
    offset = struct.unpack_from(">I", moved, at)[0] + len(room)
    moved = moved[:at] + struct.pack(">I", offset) + moved[at + 4 :]
    out = put(moved, VALUE)
    assert len(out) == len(moved)
    assert out[at : at + 4] == moved[at : at + 4]
    assert np.array_equal(decoded(out), decoded(data))


@pytest.mark.parametrize("kind", ["m4a", "m4a-keys"])
def test_m4a_carries_the_label_under_a_key_beside_the_tags_of_itunes(kind):
    assert SOUNDS["m4a"].find(put(rich_sound(kind), VALUE))[0].scheme == "tc260-mp4"


def test_wma_states_its_new_size():
    out = put(rich_sound("wma"), VALUE)
    guid = bytes.fromhex("A1DCAB8C47A9CF118EE400C00C205365")
    assert struct.unpack_from("<Q", out, out.index(guid) + 40)[0] == len(out)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "png"),
        (b"\xff\xd8\xff\xe0" + bytes(99), "jpeg"),
        (b"%PDF-1.7", "pdf"),
        (b"hello", "unknown"),
        (b"\xff\xf1\x50\x80\x01\x00\xfc" + bytes(1), "ADTS"),
    ],
)
def test_pictures_in_disguise_and_raw_aac_are_refused_by_name(data, said):
    with pytest.raises(UnsupportedMedia, match=said):
        put(data, VALUE)


def test_sound_is_no_picture():
    with pytest.raises(LabelError, match="wav"):
        find_in_picture(rich_sound("wav"))


@pytest.mark.parametrize("kind", ["m4a", "wma"])
def test_protected_sound_is_refused(kind):
    data = bytearray(rich_sound(kind))
    if kind == "m4a":
        at = data.index(b"stsd") + 16
        assert data[at : at + 4] == b"mp4a"
        data[at : at + 4] = b"drms"
    else:
        guid = bytes.fromhex("9107DCB7B7A9CF118EE600C00C205365")
        data[data.index(guid) + 73] |= 0x80
    container = sound_container_of(bytes(data))
    assert container.probe(bytes(data)).protected
    assert container.find(bytes(data)) == ()
    with pytest.raises(UnsupportedMedia, match="DRM"):
        container.write(bytes(data), VALUE)
