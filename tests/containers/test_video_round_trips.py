"""What every video container promises, over every way to store video."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess

import pytest

from labeler.containers import ebml, flv, fragments, matroska_index, movie, mp4
from labeler.containers.boxes import box, child, read_boxes
from labeler.containers.chunks import read_chunks
from labeler.containers.sniffing import sniff, sniff_file
from labeler.containers.videos import VIDEOS, video_container_of
from labeler.errors import CorruptMedia, LabelError, MediaTooLarge, UnsupportedMedia
from rich_pictures import OLD, VALUE, rich
from rich_sounds import rich_sound
from rich_videos import (
    FORMATS,
    FRAMES,
    HEIGHT,
    WIDTH,
    before_media,
    container_name,
    decoded,
    encoded,
    key_frames_after_seeking,
    label_seen_by_ffmpeg,
    rich_video,
    tags_of,
)


TRICKY = (
    '{"Label":"1","ContentProducer":"<&>\'\\"某公司","ProduceID":"]]>","ReservedCode1":"&amp;"}'
)
SEEN_BY_FFMPEG = set(VIDEOS) - {"wmv"}
SEEN_BY_EXIFTOOL = set(VIDEOS) - {"avi"}


def put(data: bytes, value: str) -> bytes:
    source, target = io.BytesIO(data), io.BytesIO()
    video_container_of(source).write(source, target, value)
    return target.getvalue()


def labels(data: bytes) -> list[str]:
    file = io.BytesIO(data)
    return [carrier.text for carrier in video_container_of(file).find(file)]


def payload(data: bytes) -> bytes:
    file = io.BytesIO(data)
    return b"".join(video_container_of(file).payload_bytes(file))


def probe(data: bytes):
    file = io.BytesIO(data)
    return video_container_of(file).probe(file)


def plain_tags(data: bytes) -> dict[str, str]:
    """The tags without the places in the file that an FLV states among them."""
    places = {"filesize", "lastkeyframelocation"}
    return {key: value for key, value in tags_of(data).items() if key not in places}


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
    assert header.has_audio == (kind != "avi-odml")
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


def boxes_of(data: bytes) -> list[bytes]:
    return [part.type for part in read_boxes(data, 0, len(data))]


def test_order_of_boxes_stays_and_free_room_is_used_up():
    front = rich_video("mp4-front")
    assert boxes_of(put(front, VALUE)) == boxes_of(front)
    at = front.index(b"mdat") - 4
    room = box(b"free", bytes(2000))
    moved = front[:at] + room + front[at:]
    moov = front.index(b"moov") - 4
    header = box_with_moved_tables(moved, moov, len(room))
    with_room = moved[:moov] + header + moved[moov + len(header) :]
    out = put(with_room, VALUE)
    assert len(out) == len(with_room)
    assert boxes_of(out) == boxes_of(front)
    assert decoded(out) == decoded(front)
    assert len(put(with_room, VALUE * 20)) > len(with_room)


def box_with_moved_tables(data: bytes, start: int, by: int) -> bytes:
    end = start + struct.unpack_from(">I", data, start)[0]
    return movie.with_moved_chunks(data[start:end], end, by)


def test_tags_of_itunes_stay_byte_for_byte_beside_the_label():
    data = rich_video("mp4")
    at = data.rindex(b"meta") - 4
    size = struct.unpack_from(">I", data, at)[0]
    assert data[at : at + size] in put(data, VALUE)


def test_quicktime_user_data_stay_closed_by_zeros():
    data = rich_video("mov-old")
    out = put(data, VALUE)
    udta = out[out.rindex(b"udta") - 4 :]
    assert len(udta) == struct.unpack(">I", udta[:4])[0]
    assert udta.endswith(bytes(4))
    assert b"\xa9nam" in udta


def test_fragments_name_their_data_after_the_header_grew():
    data = rich_video("mp4-fragmented")
    out = put(data, VALUE * 20)
    by = len(out) - len(data)
    for old, new in zip(base_offsets(data), base_offsets(out), strict=True):
        assert new == old + by
    places = {part.start for part in read_boxes(out, 0, len(out)) if part.type == b"moof"}
    assert set(fragment_places(out)) <= places
    assert set(base_offsets(out)) <= places


def base_offsets(data: bytes) -> list[int]:
    found = []
    for moof in read_boxes(data, 0, len(data)):
        for traf in read_boxes(data, moof.body, moof.end) if moof.type == b"moof" else []:
            tfhd = child(data, traf, b"tfhd") if traf.type == b"traf" else None
            if tfhd:
                assert data[tfhd.body + 3] & 1
                found.append(struct.unpack_from(">Q", data, tfhd.body + 8)[0])
    assert found
    return found


def fragment_places(data: bytes) -> list[int]:
    mfra = next(part for part in read_boxes(data, 0, len(data)) if part.type == b"mfra")
    found = []
    for tfra in read_boxes(data, mfra.body, mfra.end):
        if tfra.type == b"tfra":
            assert data[tfra.body] == 1
            count = struct.unpack_from(">I", data, tfra.body + 12)[0]
            step = (mfra.end - tfra.body) and (tfra.end - tfra.body - 16) // count
            found += [
                struct.unpack_from(">Q", data, tfra.body + 24 + step * n)[0] for n in range(count)
            ]
    assert found
    return found


def test_places_that_are_named_in_32_bits_follow_too():
    tfra = struct.pack(">IIII", 0, 1, 0, 2) + struct.pack(">IIBBB", 0, 900, 1, 1, 1) * 2
    mfra = box(b"mfra", box(b"tfra", tfra))
    moved = fragments.moved_index(mfra, 800, 7)
    assert moved == mfra.replace(struct.pack(">I", 900), struct.pack(">I", 907))
    assert fragments.moved_index(mfra, 901, 7) == mfra
    saio = box(b"saio", struct.pack(">III", 0, 1, 900))
    trak = box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", saio))))
    moov = box(b"moov", trak)
    assert struct.pack(">I", 907) in fragments.moved_auxiliary(moov, 800, 7)


def test_every_table_that_names_places_follows_the_header():
    def film(at: int) -> bytes:
        table = struct.pack(">III", 0, 1, at)
        stbl = box(b"stbl", box(b"saio", table) + box(b"stco", table))
        trak = box(b"trak", box(b"mdia", box(b"minf", stbl)))
        return box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", trak) + box(b"mdat", b"media")

    data = film(len(film(0)) - 5)
    out = put(data, VALUE)
    where = struct.pack(">I", out.index(b"media"))
    for kind in (b"saio", b"stco"):
        assert out[out.index(kind) + 12 :].startswith(where)


def test_index_before_the_header_is_refused_rather_than_made_wrong():
    data = rich_video("mp4-base")
    at = data.index(b"moov") - 4
    with pytest.raises(UnsupportedMedia, match="sidx"):
        put(data[:at] + box(b"sidx", bytes(32)) + data[at:], VALUE)


def test_cues_and_seek_heads_point_at_what_they_name():
    for kind in ("mkv", "mkv-front", "mkv-checked", "webm"):
        out = put(rich_video(kind), VALUE * 20)
        names = {0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1254C367, 0x1F43B675}
        base, places = places_of(out)
        assert places
        for wanted, place in places:
            element = ebml.read_head(out, base + place)
            assert element is not None
            assert element.id in names
            assert wanted in {0, element.id}


def places_of(data: bytes) -> tuple[int, list[tuple[int, int]]]:
    """Every place that an index names, with the id that should stand there (0 for a cluster)."""
    header = ebml.read_head(data, 0)
    segment = ebml.read_head(data, header.end)
    found: list[tuple[int, int]] = []
    for part in ebml.children(data, segment.body, segment.end or len(data)):
        if part.id == matroska_index.SEEK_HEAD:
            seeks = [s for s in ebml.children(data, part.body, part.end) if s.id == 0x4DBB]
            for seek in seeks:
                told = {
                    one.id: ebml.uint(one.content(data))
                    for one in ebml.children(data, seek.body, seek.end)
                }
                if 0x53AC in told:
                    found.append((told[0x53AB], told[0x53AC]))
        elif part.id == matroska_index.CUES:
            matroska_index.rewritten(
                part.content(data), lambda place: found.append((0x1F43B675, place)) or place
            )
    return segment.body, found


def test_clusters_that_state_their_place_state_the_new_one():
    for value in (VALUE, VALUE * 20, VALUE + " " * 60_000):
        out = put(rich_video("mkv-positions"), value)
        segment = out.index(b"\x18\x53\x80\x67") + 12
        seen = 0
        for cluster in ebml.children(out, segment):
            if cluster.id != 0x1F43B675:
                continue
            parts = list(ebml.children(out, cluster.body, cluster.end))
            stated = [ebml.uint(p.content(out)) for p in parts if p.id == 0xA7]
            assert stated in ([cluster.start - segment], [])
            assert stated or len(value) > 60_000
            if parts[0].id == ebml.CRC:
                content = cluster.content(out)[6:]
                assert ebml.with_checksum(content) == cluster.content(out)
                seen += 1
        assert seen


def test_checksums_of_matroska_headers_hold():
    out = put(put(rich_video("mkv-checked"), VALUE * 20), OLD)
    header = ebml.read_head(out, 0)
    segment = ebml.read_head(out, header.end)
    checked = 0
    for part in ebml.children(out, segment.body, segment.end):
        first = ebml.read_head(out, part.body)
        if part.id != ebml.VOID and first and first.id == ebml.CRC:
            content = part.content(out)
            assert ebml.with_checksum(content[first.end - part.body :]) == content
            checked += 1
    assert checked > 4


def test_room_in_a_matroska_header_is_used_before_anything_moves():
    data = rich_video("mkv")
    at = data.index(b"\x1f\x43\xb6\x75")
    live = rich_video("mkv-live")
    at = live.index(b"\x1f\x43\xb6\x75")
    for size in (len(VALUE) + 100, 2000):
        room = live[:at] + ebml.void(size) + live[at:]
        out = put(room, VALUE)
        assert len(out) == len(room)
        assert out.endswith(live[at:])
        assert labels(out) == [VALUE]
    assert at


def test_key_frame_index_of_an_flv_points_at_key_frames():
    for value in (VALUE, VALUE * 20):
        out = put(rich_video("flv-index"), value)
        file = io.BytesIO(out)
        tags = {tag.start: tag for tag in flv.read_tags(file)}
        script = next(iter(tags.values()))
        content = out[script.body : script.end]
        numbers = flv.amf.read_script(content).values
        told = {}
        for one in numbers:
            if one.type == 0:
                number = struct.unpack_from(">d", content, one.body)[0]
                told.setdefault(one.path, []).append(number)
        places = told["keyframes", "filepositions", ""]
        assert len(places) == 4
        assert all(tags[int(place)].type == 9 for place in places)
        assert told[("filesize",)] == [len(out)]


def test_flv_takes_no_label_that_its_length_cannot_state():
    with pytest.raises(MediaTooLarge, match="65,535"):
        put(rich_video("flv"), "x" * 70_000)


def test_avi_indexes_point_at_frames():
    for kind in ("avi-tight", "avi-absolute", "avi-odml"):
        out = put(rich_video(kind), VALUE * 20)
        assert struct.unpack_from("<I", out, 4)[0] <= len(out) - 8
        assert len(out) > len(rich_video(kind))
        for place, kind_of in index_places(out):
            assert out[place : place + 4] == kind_of, kind


def index_places(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    movi = data.index(b"movi")
    at = data.rfind(b"idx1")
    if at > 0:
        for place in range(at + 8, at + 8 + struct.unpack_from("<I", data, at + 4)[0], 16):
            name, _, offset, _ = struct.unpack_from("<4sIII", data, place)
            far = data[movi + offset : movi + offset + 4] != name
            found.append((offset if far else movi + offset, name))
    at = data.find(b"indx")
    if at > 0:
        (count,) = struct.unpack_from("<I", data, at + 12)
        for number in range(count):
            (place,) = struct.unpack_from("<Q", data, at + 32 + 16 * number)
            found.append((place, b"ix00"))
            entries, name, base = struct.unpack_from("<I4sQ", data, place + 12)
            for n in range(entries):
                (offset,) = struct.unpack_from("<I", data, place + 32 + 8 * n)
                found.append((base + offset - 8, name))
    assert len(found) > FRAMES
    return found


def test_avi_label_ends_with_a_counted_nul_before_the_media():
    for value in (VALUE, VALUE + " "):
        out = put(rich_video("avi"), value)
        at = out.index(b"AIGC")
        (size,) = struct.unpack_from("<I", out, at + 4)
        assert out[at + 8 : at + 8 + size] == value.encode() + b"\0"
        assert at < out.index(b"movi")
        assert len(out) == len(rich_video("avi"))


def test_padding_of_an_avi_takes_up_the_label_so_that_the_media_stay_aligned():
    data = before_media(rich_video("avi"), b"note\2\0\0\0ab")
    out = put(data, VALUE)
    assert out.index(b"movi") == data.index(b"movi")
    assert b"note\2\0\0\0ab" in out
    assert read_chunks(out, 12, len(out), order="<")


def test_wmv_states_its_new_size():
    out = put(rich_video("wmv"), VALUE)
    assert struct.pack("<Q", len(out)) in out[:1000]


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
