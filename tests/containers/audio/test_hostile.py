"""Sound files made to hurt: nothing but LabelError comes out, within bounded time and memory."""

from __future__ import annotations

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile_files import bomb, damaged, flipped, nested_boxes, quiet, refusals
from labeler.containers.audio import ogg_pages
from labeler.containers.boxes import read_boxes
from labeler.containers.chunks import read_chunks
from labeler.containers.model import Block
from labeler.containers.sniffing import sniff
from labeler.containers.sounds import SOUNDS
from labeler.containers.spans import MAX_COPIES
from labeler.containers.tags import asf_attributes, id3, ilst, vorbis
from labeler.errors import CorruptMedia, LabelError
from labeler.media import open_sound_header
from labeler.metadata import write_fields
from peak_memory import memory_below
from rich_pictures import OLD, VALUE
from rich_sounds import FORMATS, container_name, id3_tag, rich_sound, riff_chunk, with_wav_chunks


MEMORY = 96 << 20
SHORT = tuple(kind for kind in FORMATS if kind not in {"wav-float", "wav-mulaw", "aifc"})


def refused(data: bytes, container) -> list[str]:
    """What every function says that refuses."""
    return refusals(
        (
            lambda: container.probe(data),
            lambda: list(container.blocks(data)),
            lambda: container.find(data),
            lambda: container.write(data, VALUE),
            lambda: list(container.payload_bytes(data)),
        )
    )


def labelled(kind: str) -> bytes:
    data = rich_sound(kind)
    return SOUNDS[container_name(kind)].write(data, OLD)


@pytest.mark.parametrize("kind", SHORT)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_files_raise_nothing_but_label_errors(kind, data):
    whole = labelled(kind)
    broken = damaged(data, whole, st.integers(0, 1500) | st.integers(-1500, -1))
    sniff(broken)
    assert all(refused(broken, SOUNDS[container_name(kind)]))


@pytest.mark.parametrize("kind", SHORT)
def test_every_truncation_is_survived(kind):
    whole = labelled(kind)
    for cut in range(0, len(whole), max(1, len(whole) // 100)):
        sniff(whole[:cut])
        assert all(refused(whole[:cut], SOUNDS[container_name(kind)]))


@pytest.mark.parametrize("kind", SHORT)
def test_what_is_written_into_a_damaged_file_reads_back(kind):
    for broken in flipped(labelled(kind)):
        try:
            out = write_fields(broken, {"Label": "1"})
        except LabelError:
            continue
        assert len([c for c in SOUNDS[sniff(out)].find(out) if not c.fault]) == 1


@pytest.mark.parametrize("kind", [k for k in SHORT if k not in {"mp3", "mp3-v23", "mp3-bare"}])
def test_files_cut_in_the_sound_are_refused(kind):
    data = rich_sound(kind)
    container = SOUNDS[container_name(kind)]
    if container_name(kind) == "flac":
        pytest.skip("FLAC states no size of its sound: the decoder notices the cut")
    with pytest.raises(CorruptMedia, match=r"truncated|missing"):
        container.write(data[: len(data) * 2 // 3], VALUE)


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=300), version=st.sampled_from([2, 3, 4]), flags=st.integers(0, 255))
def test_any_bytes_may_stand_in_an_id3_tag(raw, version, flags):
    size = bytes((0, 0, len(raw) >> 7, len(raw) & 127))
    data = b"ID3" + bytes((version, 0, flags)) + size + raw + bytes(10)

    def walk():
        tag = id3.read_tag(data)
        assert tag is not None
        assert all(isinstance(block, Block) for block in id3.blocks_of(tag, "", "x"))
        id3.collapse_tag(tag)
        again = id3.read_tag(id3.write_tag(tag, VALUE))
        assert again is not None
        found = [b for b in id3.blocks_of(again, "", "x") if b.scheme == "x"]
        assert [bytes(block.content) for block in found] == [VALUE.encode()]

    quiet(walk)


@settings(max_examples=100, deadline=None)
@given(entries=st.lists(st.binary(max_size=40), max_size=8), vendor=st.binary(max_size=20))
def test_vorbis_comments_come_back_as_they_were(entries, vendor):
    comments = vorbis.Comments(vendor=vendor, entries=tuple(entries))
    assert vorbis.read_comments(vorbis.to_bytes(comments)) == comments


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=200))
def test_any_bytes_may_stand_in_the_small_parsers(raw):
    quiet(lambda: vorbis.with_label(vorbis.read_comments(raw), VALUE))
    quiet(lambda: list(ogg_pages.read_pages(raw)))
    quiet(lambda: read_chunks(raw, 0, len(raw), order="<"))
    for kind in asf_attributes.KINDS:
        quiet(lambda kind=kind: list(asf_attributes.blocks_of(kind, raw)))
        quiet(lambda kind=kind: asf_attributes.collapse(kind, raw))
    meta = struct.pack(">I4s", len(raw) + 8, b"meta") + raw
    (part,) = read_boxes(meta, 0, len(meta))
    quiet(lambda: list(ilst.blocks_of(meta, part, "")))
    quiet(lambda: ilst.with_label(meta, part, VALUE))


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(0, 1200), min_size=1, max_size=12), old=st.integers(1, 9))
def test_packets_come_back_from_their_pages(sizes, old):
    packets = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    page = ogg_pages.Page(
        start=0, body=0, end=0, flags=4, granule=77, serial=9, number=3, lacing=b""
    )
    lacing = b"".join(map(ogg_pages.lacing_of, packets))
    raw, more = ogg_pages.repage(lacing, b"".join(packets), [page] * old)
    pages = list(ogg_pages.read_pages(raw))
    assert len(pages) == old + more
    assert b"".join(page.lacing for page in pages) == lacing
    assert b"".join(raw[page.body : page.end] for page in pages) == b"".join(packets)
    assert [page.number for page in pages] == list(range(3, 3 + len(pages)))
    assert pages[-1].granule == 77
    assert [page.flags & 4 for page in pages] == [0] * (len(pages) - 1) + [4]


def frame(name: bytes, content: bytes, flags: int = 0) -> bytes:
    return name + struct.pack(">I", len(content)) + bytes((0, flags)) + content


def mp3_of(frames: bytes) -> bytes:
    size = len(frames)
    head = bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127))
    return b"ID3\3\0\0" + head + frames + rich_sound("mp3-bare")


def flac_of(comments: bytes) -> bytes:
    data = rich_sound("flac")
    return data[:42] + b"\4" + len(comments).to_bytes(3, "big") + comments + data[42:]


def pages_of(count: int) -> bytes:
    data = rich_sound("opus")
    return data + (b"OggS\0\0" + bytes(8) + b"abcd" + bytes(9)) * count


HOSTILE = {
    "id3 bombs": lambda: mp3_of(frame(b"TXXX", bytes(4) + bomb(40 << 20), 0x80) * 20),
    "id3 small bombs": lambda: mp3_of(frame(b"TXXX", bytes(4) + bomb(1 << 20), 0x80) * 400),
    "id3 many frames": lambda: mp3_of(frame(b"TXXX", b"") * 100_000),
    "id3 many labels": lambda: mp3_of(frame(b"TXXX", b"\0AIGC\0{}") * 15_000),
    "id3 many tags": lambda: id3_tag() * 2000 + rich_sound("mp3-bare"),
    "id3 blanks": lambda: mp3_of(frame(b"TXXX", b"\0AIGC\0AIGC" + b" " * 900_000)),
    "mp3 false frames": lambda: b"ID3\3\0\0\0\0\0\0" + b"\xff\xfb\x90\x00" * 500_000,
    "wav many chunks": lambda: with_wav_chunks(
        rich_sound("wav"), *[(b"abcd", b"")] * 200_000, late=True
    ),
    "wav many labels": lambda: with_wav_chunks(rich_sound("wav"), *[(b"AIGC", b"{}")] * 15_000),
    "wav long list": lambda: with_wav_chunks(
        rich_sound("wav"), (b"LIST", b"INFO" + riff_chunk(b"ICMT", b'AIGC {"') * 15_000)
    ),
    "wav long chunk": lambda: with_wav_chunks(rich_sound("wav"), (b"note", b'AIGC {"' * 900_000)),
    "flac comment count": lambda: flac_of(bytes(4) + b"\xff\xff\xff\xff"),
    "flac many comments": lambda: flac_of(
        bytes(4) + struct.pack("<I", 15_000) + (struct.pack("<I", 7) + b"AIGC={}") * 15_000
    ),
    "flac long comment": lambda: flac_of(
        bytes(4) + struct.pack("<II", 1, 9_000_002) + b"X=" + b'AIGC {"a' * 1_125_000
    ),
    "ogg empty pages": lambda: pages_of(150_000),
    "m4a deep": lambda: rich_sound("m4a") + nested_boxes(b"moov", 3000),
    "m4a crowd": lambda: rich_sound("m4a") + struct.pack(">I4s", 8, b"free") * 200_000,
    "m4a tail": lambda: rich_sound("m4a") + b'\0\0\0\4AIGC{"AIGC":' * 400_000,
    "wma crowd": lambda: rich_sound("wma") + (bytes(16) + struct.pack("<Q", 24)) * 100_000,
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_stay_within_memory_and_time(case):
    data = HOSTILE[case]()
    container = SOUNDS[sniff(data)]
    with memory_below(MEMORY + 4 * len(data)):
        assert all(refused(data, container))


def test_compressed_bomb_is_a_finding_and_the_rest_is_read():
    data = mp3_of(
        frame(b"TXXX", bytes(4) + bomb(40 << 20), 0x80) + frame(b"TXXX", b"\0AIGC\0" + OLD.encode())
    )
    found = SOUNDS["mp3"].find(data)
    assert OLD in [carrier.text for carrier in found]
    assert any("oversized" in carrier.fault for carrier in found)


def test_copies_beyond_a_number_are_only_counted():
    found = SOUNDS["mp3"].find(mp3_of(frame(b"TXXX", b"\0AIGC\0{}") * 500))
    assert len(found) == MAX_COPIES + 1
    assert "more than" in found[-1].fault


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"RIFF\4\0\0\0WAVE", "missing"),
        (b"RF64\xff\xff\xff\xffWAVEfmt ", "ds64"),
        (b"FORM\0\0\0\4AIFF", "missing"),
        (b"OggS" + bytes(40), "no stream"),
        (b"fLaC\x80\0\0\0", "STREAMINFO"),
        (b"ID3\3\0\0\0\0\0\0" + bytes(99), "no MP3"),
        (b"ID3\3\0\0\x7f\x7f\x7f\x7f", "truncated"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0isommp42", "missing"),
        (bytes.fromhex("3026B2758E66CF11A6D900AA0062CE6C") + bytes(20), "header"),
        (b"GIF89a" + bytes(20), "gif"),
    ],
)
def test_empty_and_headless_files_are_refused_in_one_line(data, said):
    with pytest.raises(LabelError, match=said) as caught:
        open_sound_header(data)
    assert "\n" not in str(caught.value)


def test_sound_without_samples_is_refused():
    data = rich_sound("wav")
    at = data.index(b"data")
    empty = data[:at] + b"data" + bytes(4)
    with pytest.raises(CorruptMedia, match="no samples"):
        open_sound_header(empty[:4] + struct.pack("<I", len(empty) - 8) + empty[8:])
    broken = bytearray(data)
    broken[22:24] = bytes(2)
    with pytest.raises(CorruptMedia, match="0 channels"):
        open_sound_header(bytes(broken))


def test_empty_packets_among_the_headers_of_ogg_are_passed_over():
    data = rich_sound("ogg-flac")
    second = list(ogg_pages.read_pages(data))[1]
    count = second.start + 26
    holed = data[:count] + bytes([data[count] + 1, 0]) + data[count + 1 :]
    assert not [said for said in refused(holed, SOUNDS["ogg"]) if "comment" in said]
    assert list(SOUNDS["ogg"].blocks(holed))
