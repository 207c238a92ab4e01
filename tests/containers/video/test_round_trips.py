"""What every video container promises, over every way to store video."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess

import pytest

from labeler.containers.boxes import box, read_boxes
from labeler.containers.sniffing import sniff, sniff_file
from labeler.containers.video import mp4
from labeler.containers.videos import VIDEOS, video_container_of
from labeler.errors import CorruptMedia, LabelError, UnsupportedMedia
from labelled_videos import (
    SEEN_BY_EXIFTOOL,
    SEEN_BY_FFMPEG,
    TRICKY,
    labels,
    payload,
    plain_tags,
    probe,
    put,
)
from rich_pictures import OLD, VALUE, rich
from rich_sounds import rich_sound
from rich_videos import (
    FORMATS,
    FRAMES,
    HEIGHT,
    WIDTH,
    container_name,
    decoded,
    encoded,
    key_frames_after_seeking,
    label_seen_by_ffmpeg,
    rich_video,
)


@pytest.mark.parametrize("kind", FORMATS)
def test_label_is_written_and_no_frame_changes(kind):
    data = rich_video(kind)
    out = put(data, VALUE)
    assert labels(data) == []
    assert labels(out) == [VALUE]
    assert payload(out) == payload(data)
    assert len(payload(data)) > len(data) // 3
    frames, packets = decoded(out)
    assert len(frames) == FRAMES
    assert (frames, packets) == decoded(data)
    assert plain_tags(out) == plain_tags(data)
    assert key_frames_after_seeking(out) == key_frames_after_seeking(data)


@pytest.mark.parametrize("kind", FORMATS)
def test_second_write_changes_nothing(kind):
    once = put(rich_video(kind), VALUE)
    assert put(once, VALUE) == once


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "second", [TRICKY, OLD * 9, "{}", OLD + " " * 60_000], ids=["markup", "long", "short", "huge"]
)
def test_second_value_replaces_the_first(kind, second):
    data = rich_video(kind)
    out = put(put(data, VALUE), second)
    assert labels(out) == [second]
    assert b"demo-001" not in out
    assert payload(out) == payload(data)
    assert decoded(out) == decoded(data)
    assert key_frames_after_seeking(out) == key_frames_after_seeking(data)
    back = put(out, VALUE)
    assert labels(back) == [VALUE]
    assert b"old-009" not in back
    assert decoded(back) == decoded(data)


@pytest.mark.parametrize("kind", FORMATS)
def test_header_is_read_without_decoding(kind):
    header = probe(rich_video(kind))
    name = container_name(kind)
    assert sniff_file(io.BytesIO(rich_video(kind))) == name == header.format
    if kind != "flv-bare":
        assert (header.width, header.height) == header.shown == (WIDTH, HEIGHT)
    assert header.codec in {"h264", "mpeg4", "mjpeg", "vp8", "flv1", "wmv2"}
    assert bool(header.sounds) == (kind != "avi-odml")
    assert not header.encrypted
    assert header.fragmented == (kind in {"mp4-fragmented", "mp4-base"})
    unknown = {"mp4-fragmented", "mp4-base", "mkv-live", "mkv-positions", "webm-live", "flv-bare"}
    assert (header.seconds is None) == (kind in unknown)
    assert header.seconds is None or header.seconds == pytest.approx(2, abs=0.1)
    assert probe(put(rich_video(kind), VALUE)) == header


def test_every_container_is_found_by_content():
    assert {sniff_file(io.BytesIO(rich_video(kind))) for kind in FORMATS} == set(VIDEOS)


@pytest.mark.parametrize("container", ["mp4", "mov", "matroska"])
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rotation_is_read(turn, container):
    data = encoded(container, "mpeg4", rotation=-turn)
    assert probe(data).rotation == turn
    assert probe(put(data, VALUE)).rotation == turn


@pytest.mark.parametrize("kind", FORMATS)
def test_ffmpeg_reads_the_same_label(kind):
    expected = VALUE if container_name(kind) in SEEN_BY_FFMPEG else None
    assert label_seen_by_ffmpeg(put(rich_video(kind), VALUE)) == expected


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="the oracle ffprobe is not installed")
@pytest.mark.parametrize("kind", ["mp4-front", "mov", "mkv", "webm", "flv", "avi"])
def test_ffprobe_reads_the_same_label(kind, tmp_path):
    path = tmp_path / f"clip.{container_name(kind)}"
    path.write_bytes(put(rich_video(kind), VALUE))
    command = ["ffprobe", "-v", "error", "-show_format", "-of", "json", path]
    tags = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert tags["format"]["tags"]["AIGC"] == VALUE


@pytest.mark.skipif(not shutil.which("exiftool"), reason="the oracle exiftool is not installed")
def test_exiftool_reads_the_same_label_where_it_can(tmp_path):
    for kind in FORMATS:
        (tmp_path / f"{kind}.{container_name(kind)}").write_bytes(put(rich_video(kind), VALUE))
    command = ["exiftool", "-json", "-a", "-G1", "-struct", str(tmp_path)]
    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert len(said) == len(FORMATS)
    for entry in said:
        name = entry["SourceFile"].rpartition(".")[2]
        found = [json.dumps(v) if isinstance(v, dict) else str(v) for v in entry.values()]
        seen = any("demo-001" in text for text in found)
        assert seen == (name in SEEN_BY_EXIFTOOL), entry["SourceFile"]
        assert not any("Warning" in key for key in entry), entry


@pytest.mark.skipif(not shutil.which("mediainfo"), reason="the oracle mediainfo is not installed")
@pytest.mark.parametrize("kind", ["mp4", "mp4-keys", "mov", "mkv", "webm", "flv", "avi", "wmv"])
def test_mediainfo_reads_the_same_label_where_it_can(kind, tmp_path):
    path = tmp_path / f"clip.{container_name(kind)}"
    path.write_bytes(put(rich_video(kind), VALUE))
    said = subprocess.run(["mediainfo", "-f", path], capture_output=True, check=True, text=True)
    assert (VALUE in said.stdout) == (kind != "wmv")


@pytest.mark.skipif(not shutil.which("mkvmerge"), reason="the oracle mkvmerge is not installed")
@pytest.mark.parametrize("kind", ["mkv", "mkv-front", "mkv-checked", "webm", "mp4-front", "avi"])
def test_label_stands_in_files_of_mkvmerge_too(kind, tmp_path):
    path, made = tmp_path / f"clip.{container_name(kind)}", tmp_path / "made.mkv"
    path.write_bytes(rich_video(kind))
    subprocess.run(["mkvmerge", "-q", "-o", made, path], check=True)
    data = made.read_bytes()
    for value in (VALUE, VALUE * 30):
        out = put(data, value)
        assert labels(out) == [value]
        assert decoded(out) == decoded(data)
        assert plain_tags(out) == plain_tags(data)
        assert key_frames_after_seeking(out) == key_frames_after_seeking(data)
        path.write_bytes(out)
        said = subprocess.run(
            ["mkvmerge", "-J", path], capture_output=True, check=True, text=True
        ).stdout
        assert json.loads(said)["warnings"] == []
        assert json.loads(said)["errors"] == []


REFUSED = {
    "jpeg": lambda: rich("jpeg"),
    "png": lambda: rich("png"),
    "m4a": lambda: rich_sound("m4a"),
    "wma": lambda: rich_sound("wma"),
    "transport stream": lambda: encoded("mpegts", "mpeg4", sound="libmp3lame"),
    "program stream": lambda: encoded("mpeg", "mpeg2video"),
    "Annex|raw H.264": lambda: encoded(
        "h264", "libx264", codec_options={"preset": "ultrafast", "threads": "1"}
    ),
    "unknown": lambda: b"hello world",
}


@pytest.mark.parametrize("what", REFUSED)
def test_other_files_are_refused_with_advice_whatever_they_are_called(what):
    with pytest.raises(UnsupportedMedia, match=what) as caught:
        video_container_of(io.BytesIO(REFUSED[what]()))
    assert "MP4" in str(caught.value) or "labels are put into mp4" in str(caught.value)


def test_empty_files_are_called_so():
    with pytest.raises(CorruptMedia, match="empty"):
        video_container_of(io.BytesIO())


def test_sound_in_an_mp4_stays_sound_however_long_it_is():
    data = rich_sound("m4a-keys")
    long = box(b"free", bytes(1 << 20))
    assert sniff(data) == sniff_file(io.BytesIO(data)) == "m4a"
    assert sniff_file(io.BytesIO(data[:28] + long + data[28:])) == "m4a"
    video = rich_video("mp4-bare")
    assert sniff_file(io.BytesIO(video[:32] + long + video[32:])) == "mp4"


@pytest.mark.parametrize("kind", [k for k in FORMATS if not k.startswith("flv")])
def test_files_cut_in_the_media_are_refused(kind):
    data = rich_video(kind)
    cut = io.BytesIO(data[: len(data) * 2 // 3])
    container = VIDEOS[container_name(kind)]
    if kind in {"mkv-live", "webm-live", "mkv-positions"}:
        pytest.skip("a live recording states no size: it ends where it broke off")
    with pytest.raises(CorruptMedia, match=r"truncated|missing|malformed"):
        container.write(cut, io.BytesIO(), VALUE)


def test_live_recordings_that_broke_off_are_labelled():
    for kind in ("mkv-live", "webm-live"):
        data = rich_video(kind)
        out = put(data[: len(data) * 2 // 3], VALUE)
        assert labels(out) == [VALUE]
        assert payload(out) == payload(data[: len(data) * 2 // 3])


@pytest.mark.parametrize("kind", ["mp4", "mkv", "flv", "avi", "wmv", "mov"])
def test_headers_without_pictures_or_media_are_refused(kind):
    data = rich_video(kind)
    container = VIDEOS[container_name(kind)]
    for bad in (b"", data[:16], data[:200]):
        with pytest.raises(LabelError):
            container.probe(io.BytesIO(bad))


def test_sound_only_matroska_has_no_pictures():
    data = encoded_sound("matroska")
    with pytest.raises(UnsupportedMedia, match="no moving pictures"):
        probe(data)
    assert labels(put(data, VALUE)) == [VALUE]


def encoded_sound(container: str) -> bytes:
    from rich_sounds import encoded as sound

    return sound(container, "aac", "fltp", {}, tags={})


def test_empty_video_track_is_named():
    data = bytearray(rich_video("mp4"))
    at = data.index(b"stsz")
    struct.pack_into(">I", data, at + 12, 0)
    with pytest.raises(CorruptMedia, match="no frames"):
        probe(bytes(data))


def test_compressed_header_is_refused():
    data = rich_video("mov")
    at = data.rindex(b"moov") - 4
    with pytest.raises(UnsupportedMedia, match="compressed"):
        put(data[:at] + box(b"moov", box(b"cmov", b"")), VALUE)


def encrypted_mp4(content: bytes = b"", kind: bytes = b"") -> bytes:
    """An MP4 with its header last that says its pictures are encrypted; they are not."""
    if not kind:
        data = rich_video("mp4")
        at = data.rindex(b"moov") - 4
        return data[:at] + encrypted_mp4(data[at + 8 :], b"moov")
    pieces = [content[: 8 * (kind == b"stsd")]]
    for part in read_boxes(content, len(pieces[0]), len(content)):
        inside = content[part.body : part.end]
        if part.type in {b"trak", b"mdia", b"minf", b"stbl", b"stsd"}:
            pieces.append(encrypted_mp4(inside, part.type))
        elif part.type == b"avc1":
            pieces.append(box(b"encv", inside + box(b"sinf", box(b"frma", b"avc1"))))
        else:
            pieces.append(content[part.start : part.end])
    return box(kind, b"".join(pieces))


def test_encrypted_video_says_so_and_takes_a_label():
    data = encrypted_mp4()
    assert probe(data).encrypted
    assert probe(data).codec == "h264"
    assert probe(data).sounds == ("aac",)
    out = put(data, VALUE)
    assert labels(out) == [VALUE]
    assert probe(out).encrypted
    assert payload(out) == payload(data)


def test_reading_does_not_depend_on_where_the_file_stands():
    file = io.BytesIO(put(rich_video("mp4-front"), VALUE))
    file.seek(1234)
    assert [c.text for c in mp4.find(file)] == [VALUE]
