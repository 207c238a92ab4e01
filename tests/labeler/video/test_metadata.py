"""The label as metadata of video: one copy, read back, nothing encoded, constant memory."""

from __future__ import annotations

import io
import struct
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from labeler.containers.boxes import box
from labeler.containers.pieces import read_at, size_of
from labeler.containers.sniffing import sniff_file
from labeler.containers.value import parse_value
from labeler.containers.video import mp4
from labeler.containers.video.model import STALE_C2PA
from labeler.containers.videos import VIDEOS
from labeler.errors import (
    CorruptMedia,
    InvalidLabel,
    LabelConflict,
    LayerFailed,
    UnknownPolicy,
    UnsupportedMedia,
)
from labeler.media import check_extension
from labeler.model import Label
from labeler.video.metadata import (
    ENCRYPTED,
    open_video_header,
    payload_bytes,
    write_fields,
    write_label,
)
from makers import OTHER_PRODUCER, PRODUCER
from peak_memory import memory_below
from rich_pictures import OLD, VALUE, packet, rich
from rich_sounds import rich_sound
from rich_videos import FORMATS, container_name, in_info, rich_video


if TYPE_CHECKING:
    from pathlib import Path


def copies(file: io.BytesIO) -> list[str]:
    return [carrier.text for carrier in VIDEOS[sniff_file(file)].find(file)]


def digest(file: io.BytesIO) -> str:
    return sha256(b"".join(payload_bytes(file))).hexdigest()


@pytest.mark.parametrize("kind", FORMATS)
def test_label_is_written_once_and_the_media_keep_their_digest(kind, label):
    source, target, again = io.BytesIO(rich_video(kind)), io.BytesIO(), io.BytesIO()
    assert write_label(source, target, label) == ()
    assert copies(target) == [label.to_json()]
    write_label(target, again, label)
    assert again.getvalue() == target.getvalue()
    assert digest(target) == digest(source)
    assert source.getvalue() == rich_video(kind)


@pytest.mark.parametrize("kind", ["mp4", "mov-keys", "mkv", "webm-live", "flv", "avi", "wmv"])
def test_company_name_and_wrapped_form_survive(kind):
    label = Label(producer="某某科技", content_id="x", allow_name=True)
    target = io.BytesIO()
    write_label(io.BytesIO(rich_video(kind)), target, label, value_form="wrapped")
    (text,) = copies(target)
    assert text == f'{{"AIGC":{label.to_json()}}}'
    assert parse_value(text).fields["ContentProducer"] == "某某科技"


def test_platform_fields_replace_the_old_copy():
    source = io.BytesIO(in_info(rich_video("avi"), (b"AIGC", OLD.encode() + b"\0")))
    fields = parse_value(OLD).fields | {"ContentPropagator": OTHER_PRODUCER}
    target = io.BytesIO()
    write_fields(source, target, fields)
    assert [parse_value(text).fields for text in copies(target)] == [fields]


def test_files_on_disk_are_read_and_written(tmp_path, label):
    source, target = tmp_path / "a.mp4", tmp_path / "b.mp4"
    source.write_bytes(rich_video("mp4-front"))
    with source.open("rb") as old, target.open("w+b") as new:
        write_label(old, new, label)
    assert PRODUCER.encode() in target.read_bytes()


def test_nonsense_is_refused_with_advice(label):
    def put(data: bytes, **options: str):
        return write_label(io.BytesIO(data), io.BytesIO(), label, **options)

    with pytest.raises(UnknownPolicy, match="known are guide, wrapped"):
        put(rich_video("mp4"), value_form="base64")
    with pytest.raises(InvalidLabel, match="no field"):
        write_fields(io.BytesIO(rich_video("mp4")), io.BytesIO(), {"Timestamp": "1"})
    with pytest.raises(UnsupportedMedia, match="jpeg file, no video"):
        put(rich("jpeg"))
    with pytest.raises(UnsupportedMedia, match="m4a file, no video"):
        put(rich_sound("m4a-keys"))
    with pytest.raises(CorruptMedia, match="truncated"):
        put(rich_video("mp4-front")[:9000])
    with pytest.raises(CorruptMedia, match="empty"):
        put(b"")


def test_label_among_words_in_xmp_is_refused_not_dropped(label):
    words = packet(f"<dc:description>by me AIGC{OLD.replace(chr(34), '&quot;')}</dc:description>")
    uuid = box(b"uuid", bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC") + words)
    with pytest.raises(LabelConflict, match=r"6\.1 c"):
        write_label(io.BytesIO(rich_video("mp4") + uuid), io.BytesIO(), label)


def test_a_writer_that_touches_media_or_writes_nothing_is_caught(label, monkeypatch):
    data = rich_video("mp4-front")
    monkeypatch.setattr(mp4, "write", lambda _, target, __: target.write(data))
    with pytest.raises(LayerFailed, match="0 times"):
        write_label(io.BytesIO(data), io.BytesIO(), label)
    monkeypatch.undo()
    done = io.BytesIO()
    write_label(io.BytesIO(data), done, label)
    spoiled = bytearray(done.getvalue())
    spoiled[-1] ^= 1
    monkeypatch.setattr(mp4, "write", lambda _, target, __: target.write(bytes(spoiled)))
    with pytest.raises(LayerFailed, match="coded video changed"):
        write_label(io.BytesIO(data), io.BytesIO(), label)
    monkeypatch.setattr(mp4, "write", lambda _, target, __: target.write(done.getvalue()[:-1]))
    with pytest.raises(CorruptMedia):
        write_label(io.BytesIO(data), io.BytesIO(), label)


def test_wrong_extensions_are_told_by_content(tmp_path):
    for kind in FORMATS:
        name = container_name(kind)
        check_extension(tmp_path / f"a.{name}", name)
        with pytest.raises(UnsupportedMedia, match="call it"):
            check_extension(tmp_path / "a.png", name)


def test_broken_signatures_and_encryption_are_said(wild, label):
    genuine = (wild / "media" / "c2pa_video1.mp4").read_bytes()
    source, target = io.BytesIO(genuine), io.BytesIO()
    assert write_label(source, target, label) == (STALE_C2PA,)
    assert copies(target) == [label.to_json()]
    out = target.getvalue()
    for kind in (b"uuid" + bytes.fromhex("D8FEC3D61B0E483C92975828877EC481"), b"uuid\xbe\x7a"):
        at = genuine.index(kind) - 4
        size = struct.unpack_from(">I", genuine, at)[0]
        assert genuine[at : at + size] in out
    assert digest(target) == digest(source)
    assert open_video_header(target) == open_video_header(source)


def test_encryption_is_said(label):
    data = bytearray(rich_video("wmv"))
    at = data.index(bytes.fromhex("9107DCB7B7A9CF118EE600C00C205365"))
    data[at + 24 + 49] |= 0x80
    target = io.BytesIO()
    assert write_label(io.BytesIO(bytes(data)), target, label) == (ENCRYPTED,)
    assert copies(target) == [label.to_json()]


def sparse_film(path: Path, size: int) -> None:
    """An MP4 with its header in front whose media box holds a gigabyte of nothing behind them."""
    data = rich_video("mp4-front")
    at = data.index(b"mdat") - 4
    with path.open("wb") as file:
        file.write(data[:at] + struct.pack(">I", size) + data[at + 4 :])
        file.truncate(at + size)


@pytest.mark.parametrize(
    "size", [pytest.param(48 << 20), pytest.param(1 << 30, marks=pytest.mark.slow)]
)
def test_a_film_of_any_length_goes_through_in_constant_memory(size, tmp_path, label):
    source, target = tmp_path / "a.mp4", tmp_path / "b.mp4"
    sparse_film(source, size)
    with source.open("rb") as old, target.open("w+b") as new, memory_below(24 << 20):
        write_label(old, new, label)
        assert size_of(new) > size_of(old) > size
        assert read_at(new, size_of(new) - 8, 8) == bytes(8)


def test_value_of_the_tests_is_what_labels_print(label):
    assert label.to_json() == VALUE
