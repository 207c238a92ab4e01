"""How each video container is laid out after a label went in: tables, indexes, free room."""

from __future__ import annotations

import io
import struct

import pytest

from labeler.containers.boxes import box, child, read_boxes
from labeler.containers.chunks import read_chunks
from labeler.containers.tags import movie
from labeler.containers.video import ebml, flv, fragments, matroska_index
from labeler.errors import MediaTooLarge, UnsupportedMedia
from labelled_videos import labels, put
from rich_pictures import OLD, VALUE
from rich_videos import (
    FRAMES,
    before_media,
    decoded,
    rich_video,
)


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
