"""Video files made to hurt: nothing but LabelError comes out, within bounded time and memory."""

from __future__ import annotations

import io
import os
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile_files import damaged, flipped, nested_boxes, quiet, refusals
from labeler.containers import pieces
from labeler.containers.boxes import box
from labeler.containers.sniffing import sniff_file
from labeler.containers.video import amf, avi_index, ebml, fragments, matroska_index, matroska_tags
from labeler.containers.videos import VIDEOS
from labeler.errors import CorruptMedia, LabelError, MediaTooLarge
from labeler.limits import LIMITS
from labeler.video.metadata import open_video_header, write_fields
from peak_memory import memory_below
from rich_pictures import OLD, VALUE
from rich_sounds import riff_chunk
from rich_videos import (
    FORMATS,
    before_media,
    container_name,
    in_moov,
    mkv_with,
    rich_video,
    script_tag,
    simple_tag,
)


MEMORY = 160 << 20
SHORT = tuple(k for k in FORMATS if k not in {"m4v", "mov-front", "mov-keys", "webm", "avi-mjpeg"})


class Watched(io.BytesIO):
    """A file that refuses to give out more at once than may be held in memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 <= size <= LIMITS.index_bytes
        return super().read(size)


def refused(data: bytes, container) -> list[str]:
    """What every function says that refuses."""
    file = Watched(data)
    return refusals(
        (
            lambda: container.probe(file),
            lambda: list(container.blocks(file)),
            lambda: container.find(file),
            lambda: container.write(file, io.BytesIO(), VALUE),
            lambda: sum(len(part) for part in container.payload_bytes(file)),
        )
    )


def labelled(kind: str) -> bytes:
    target = io.BytesIO()
    VIDEOS[container_name(kind)].write(io.BytesIO(rich_video(kind)), target, OLD)
    return target.getvalue()


@pytest.mark.parametrize("kind", SHORT)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_files_raise_nothing_but_label_errors(kind, data):
    whole = labelled(kind)
    broken = damaged(data, whole, st.integers(0, 1500) | st.integers(-3000, -1))
    sniff_file(io.BytesIO(broken))
    assert all(refused(broken, VIDEOS[container_name(kind)]))


@pytest.mark.parametrize("kind", SHORT)
def test_every_truncation_is_survived(kind):
    whole = labelled(kind)
    for cut in (*range(0, 400, 7), *range(400, len(whole), max(1, len(whole) // 60))):
        sniff_file(io.BytesIO(whole[:cut]))
        assert all(refused(whole[:cut], VIDEOS[container_name(kind)]))


@pytest.mark.parametrize("kind", SHORT)
def test_what_is_written_into_a_damaged_file_reads_back(kind):
    for broken in flipped(labelled(kind)):
        target = io.BytesIO()
        try:
            write_fields(io.BytesIO(broken), target, {"Label": "1"})
        except LabelError:
            continue
        found = VIDEOS[sniff_file(target)].find(target)
        assert len([c for c in found if not c.fault]) == 1


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=200))
def test_any_bytes_may_stand_in_the_small_parsers(raw):
    quiet(lambda: list(matroska_tags.blocks_of(raw)))
    quiet(lambda: matroska_tags.with_label(raw, VALUE))
    quiet(lambda: matroska_index.rewritten(raw, lambda place: place + 7))
    quiet(lambda: amf.read_script(b"\x02\x00\x01a" + raw))
    quiet(lambda: avi_index.moved_header(b"LIST" + bytes(8) + raw, 0, 7))
    quiet(lambda: fragments.moved_fragment(box(b"moof", box(b"traf", box(b"tfhd", raw))), 0, 7))
    quiet(lambda: fragments.moved_index(box(b"mfra", box(b"tfra", raw)), 0, 7))
    for part in VIDEOS.values():
        refused(raw, part)


@settings(max_examples=200, deadline=None)
@given(size=st.integers(0, 2**48), width=st.integers(0, 8))
def test_sizes_of_ebml_come_back(size, width):
    raw = b"\x42\x86" + ebml.size_bytes(size, width)
    element = ebml.read_head(raw, 0)
    assert element is not None
    assert element.id == 0x4286
    assert element.end == len(raw) + size


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=300), room=st.integers(0, 400))
def test_elements_fill_the_room_they_are_given(content, room):
    raw = ebml.fit(matroska_tags.TAGS, content, room)
    if raw is None:
        assert room < len(content) + 14
        return
    assert len(raw) == room
    parts = list(ebml.children(raw))
    assert parts[0].content(raw) == content
    assert [part.id for part in parts[1:]] in ([], [ebml.VOID])


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=40), others=st.lists(st.text(max_size=9), max_size=4))
def test_tags_of_others_keep_their_bytes(text, others):
    raw = b"".join(simple_tag(name, "x" + text) for name in others if name.upper() != "AIGC")
    changed = matroska_tags.with_label(raw + simple_tag("aigc", "{}"), VALUE)
    if "aigc" not in (text + "".join(others)).casefold():
        assert changed.startswith(raw)
    assert matroska_tags.with_label(changed, VALUE) == changed
    found = [b for b in matroska_tags.blocks_of(changed) if b.scheme == "tc260-mkv"]
    assert [bytes(block.content) for block in found] == [VALUE.encode()]


@settings(max_examples=100, deadline=None)
@given(places=st.lists(st.integers(1, 2**40), max_size=9), by=st.integers(0, 1 << 26))
def test_size_of_a_rewritten_index_does_not_depend_on_the_move(places, by):
    raw = b"".join(
        ebml.make(0xBB, ebml.make(0xB3, b"\1") + ebml.make(0xB7, ebml.make(0xF1, number_of(one))))
        for one in places
    )
    moved = matroska_index.rewritten(raw, lambda place: place + by)
    assert len(moved) == len(matroska_index.rewritten(raw, lambda place: place))
    seen: list[int] = []
    matroska_index.rewritten(moved, lambda place: seen.append(place) or place)
    assert seen == [place + by for place in places]


def number_of(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def deep(levels: int, number: int) -> bytes:
    inner = b""
    for _ in range(levels):
        inner = ebml.make(number, inner)
    return inner


def strict_array(count: int, raw: bytes) -> bytes:
    content = b"\x02\x00\x0aonMetaData\x08\0\0\0\1\0\1a\x0a" + struct.pack(">I", count) + raw
    data = rich_video("flv-bare")
    return data[:13] + script_tag(content) + data[13:]


def riffs(count: int) -> bytes:
    return rich_video("avi") + (b"RIFF" + struct.pack("<I", 4) + b"AVIX") * count


def avi_index_of(entries: int) -> bytes:
    data = rich_video("avi-odml")
    at = data.index(b"indx")
    return data[: at + 12] + struct.pack("<I", entries) + data[at + 16 :]


def mkv_size(number: int) -> bytes:
    data = rich_video("mkv-live")
    at = data.index(b"\x1f\x43\xb6\x75") + 4
    size = number.to_bytes(8, "big")
    return data[:at] + b"\1" + size[1:] + data[at + 8 :]


HOSTILE = {
    "mp4 deep": lambda: in_moov(rich_video("mp4-bare"), nested_boxes(b"trak", 3000)),
    "mp4 deep user data": lambda: in_moov(rich_video("mp4-bare"), nested_boxes(b"udta", 3000)),
    "mp4 crowd": lambda: rich_video("mp4") + box(b"free", b"") * 250_000,
    "mp4 crowd in moov": lambda: in_moov(rich_video("mp4-bare"), box(b"free", b"") * 200_000),
    "mp4 crowd of tracks": lambda: in_moov(
        rich_video("mp4-bare"), box(b"trak", box(b"mdia", b"")) * 9_000
    ),
    "mp4 crowd of labels": lambda: rich_video("mp4") + box(b"AIGC", b"{}") * 15_000,
    "mp4 crowd of packets": lambda: (
        rich_video("mp4")
        + box(b"uuid", bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC") + b"<aigc" * 999) * 3_000
    ),
    "mp4 long item": lambda: rich_video("mp4") + box(b"abcd", b'AIGC {"' * 900_000),
    "mp4 tail": lambda: rich_video("mp4") + b'\0\0\0\4AIGC{"AIGC":' * 400_000,
    "mp4 wide size": lambda: rich_video("mp4") + struct.pack(">I4sQ", 1, b"abcd", 2**62),
    "mp4 chunk table": lambda: table_of(b"stco"),
    "mkv deep tags": lambda: mkv_with(ebml.make(0x1254C367, ebml.make(0x7373, deep(999, 0x67C8)))),
    "mkv many tags": lambda: mkv_with(
        ebml.make(0x1254C367, simple_tag("COMMENT", "AIGC") * 10_000)
    ),
    "mkv many labels": lambda: mkv_with(ebml.make(0x1254C367, simple_tag("AIGC", "{}") * 15_000)),
    "mkv empty elements": lambda: mkv_with(ebml.make(0x1254C367, b"\xec\x80" * 150_000)),
    "mkv voids": lambda: mkv_with(b"\xec\x80" * 300_000),
    "mkv clusters": lambda: rich_video("mkv-live") + b"\x1f\x43\xb6\x75\x80" * 15_000,
    "mkv blocks": lambda: rich_video("webm-live") + b"\x1f\x43\xb6\x75\xff" + b"\xa3\x80" * 60_000,
    "mkv cues": lambda: rich_video("mkv-live") + ebml.make(0x1C53BB6B, deep(999, 0xBB)),
    "mkv large size": lambda: mkv_size(2**55),
    "flv array": lambda: strict_array(0xFFFF_FFFF, b"\5" * 2_000_000),
    "flv deep": lambda: strict_array(1, b"\x0a\0\0\0\1" * 5_000),
    "flv deep objects": lambda: strict_array(1, b"\3\0\1a" * 5_000),
    "flv tags": lambda: rich_video("flv") + script_tag(b"") * 50_000,
    "flv scripts": lambda: rich_video("flv") + script_tag(b"\x02\0\1a\x02\0\4AIGC") * 20_000,
    "flv labels": lambda: (
        rich_video("flv")
        + script_tag(amf.new_script("a", amf.text_property("AIGC", b"{}"), 1)) * 20_000
    ),
    "avi chunks": lambda: (
        rich_video("avi") + riff_chunk(b"RIFF", b"AVIX" + b"abcd\0\0\0\0" * 99_999)
    ),
    "avi riffs": lambda: riffs(100_000),
    "avi index": lambda: avi_index_of(0xFFFF_FFFF),
    "avi labels": lambda: (
        rich_video("avi") + riff_chunk(b"RIFF", b"AVIX" + riff_chunk(b"AIGC", b"{}") * 15_000)
    ),
    "avi note": lambda: before_media(rich_video("avi"), riff_chunk(b"note", b'AIGC {"' * 99)),
    "wmv crowd": lambda: rich_video("wmv") + (bytes(16) + struct.pack("<Q", 24)) * 100_000,
}


def table_of(kind: bytes) -> bytes:
    data = bytearray(rich_video("mp4-front"))
    struct.pack_into(">I", data, data.index(kind) + 8, 0xFFFF_FFF0)
    return bytes(data)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_stay_within_memory_and_time(case):
    data = HOSTILE[case]()
    container = VIDEOS[sniff_file(io.BytesIO(data))]
    with memory_below(MEMORY + 4 * len(data)):
        assert all(refused(data, container))


def test_limits_say_what_they_are():
    for case, told in (("mp4 crowd", "boxes"), ("avi riffs", "chunks"), ("wmv crowd", "objects")):
        data = HOSTILE[case]()
        with pytest.raises(MediaTooLarge, match=told):
            VIDEOS[sniff_file(io.BytesIO(data))].find(io.BytesIO(data))


def test_header_that_would_not_fit_in_memory_is_refused_unread():
    class Long(Watched):
        """A file that says it is larger than it is, as a sparse file would be."""

        def seek(self, offset: int, whence: int = 0, /) -> int:
            at = super().seek(offset, whence)
            return at + (1 << 31) if whence == os.SEEK_END else at

    data = rich_video("mp4")
    at = data.rindex(b"moov") - 4
    big = data[:at] + struct.pack(">I", 1 << 30) + data[at + 4 :]
    with pytest.raises(MediaTooLarge, match="header of the video"):
        VIDEOS["mp4"].probe(Long(big))
    with pytest.raises(CorruptMedia, match="truncated"):
        VIDEOS["mp4"].probe(Watched(big))


def test_spans_that_are_not_there_are_truncation():
    with pytest.raises(CorruptMedia, match="truncated"):
        pieces.read_span(io.BytesIO(b"abc"), 0, 4, "this")
    with pytest.raises(CorruptMedia, match="truncated"):
        list(pieces.read_blocks(io.BytesIO(b"abc"), 0, 4))
    assert pieces.read_at(io.BytesIO(b"abc"), 1 << 63, 4) == b""


def test_indexes_may_name_places_that_no_file_has():
    data = bytearray(rich_video("avi-odml"))
    struct.pack_into("<Q", data, data.index(b"indx") + 32, 1 << 63)
    assert not refused(bytes(data), VIDEOS["avi"])


@pytest.mark.parametrize("kind", ["mp4", "mkv", "avi", "wmv"])
def test_frames_without_size_or_of_any_size_are_refused(kind):
    data = rich_video(kind)
    places = {
        "mp4": (b"avc1", 28, ">HH"),
        "mkv": (b"\xb0\x81\x40", 2, ">B"),
        "avi": (b"strf", 12, "<ii"),
        "wmv": (bytes.fromhex("C0EF19BC4D5BCF11A8FD00805F5C442B"), 54, "<II"),
    }
    mark, behind, form = places[kind]
    place = (data.index if kind == "avi" else data.rindex)(mark) + behind
    bad = bytearray(data)
    struct.pack_into(form, bad, place, *[0] * (len(form) - 1))
    with pytest.raises(CorruptMedia, match=r"0 x|x 0"):
        open_video_header(io.BytesIO(bytes(bad)))
    if kind != "mkv":
        struct.pack_into(form, bad, place, *[0xFFFF if kind == "mp4" else 99_999] * 2)
        with pytest.raises(MediaTooLarge, match="limit"):
            open_video_header(io.BytesIO(bytes(bad)))
    assert open_video_header(io.BytesIO(data)).width == 64
