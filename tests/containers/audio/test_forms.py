"""Every place in sound files where a label was seen is read, and gives way to one copy."""

from __future__ import annotations

import io
import struct
import zlib

import mutagen.asf
import mutagen.mp4
import numpy as np
import pytest
from mutagen import id3 as mutagen_id3
from mutagen.flac import FLAC

from found_labels import require_old_label
from labeler.containers.sounds import sound_container_of
from labeler.containers.tags import xmp
from labeler.containers.value import parse_value
from labeler.errors import CorruptMedia, UnsupportedMedia
from labeler.metadata import write_fields
from rich_pictures import NAMESPACE, OLD, VALUE, WRAPPED, packet
from rich_sounds import (
    TITLE,
    decoded,
    id3_tag,
    rich_sound,
    riff_chunk,
    tags_of,
    txxx,
    with_aiff_chunk,
    with_wav_chunks,
)


FIELDS = parse_value(VALUE).fields
LOWER = WRAPPED.replace("AIGC", "aigc")
OLD_XMP = xmp.merge(packet(), OLD)
UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")


def find(data: bytes):
    return sound_container_of(data).find(data)


def mp3_with(*frames, version: int = 4) -> bytes:
    return id3_tag(*frames, version=version) + rich_sound("mp3-bare")


def raw_tag(version: int, frames: bytes, flags: int = 0) -> bytes:
    size = len(frames)
    head = bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127))
    return b"ID3" + bytes((version, 0, flags)) + head + frames


def raw_mp3(version: int, frames: bytes, flags: int = 0) -> bytes:
    return raw_tag(version, frames, flags) + rich_sound("mp3-bare")


def frame_23(name: bytes, content: bytes, flags: int = 0) -> bytes:
    return name + struct.pack(">I", len(content)) + bytes((0, flags)) + content


def frame_24(name: bytes, content: bytes, flags: int = 0) -> bytes:
    size = len(content)
    head = bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127))
    return name + head + bytes((0, flags)) + content


def packed_frame(version: int) -> bytes:
    plain = b"\x03AIGC\0" + OLD.encode()
    size = struct.pack(">I", len(plain))
    if version == 3:
        return frame_23(b"TXXX", size + zlib.compress(plain.replace(b"\x03", b"\0", 1)), 0x80)
    safe = bytes((0, 0, len(plain) >> 7, len(plain) & 127))
    return frame_24(b"TXXX", safe + zlib.compress(plain), 0x09)


def itunes_sizes() -> bytes:
    """A 2.4 tag whose sizes are plain numbers, as old iTunes wrote them."""
    frames = frame_23(b"TIT2", b"\3" + b"x" * 200) + frame_23(b"TXXX", b"\3AIGC\0" + OLD.encode())
    return raw_mp3(4, frames)


def unsynchronised() -> bytes:
    wide = "AIGC\0\ufeff".encode("utf-16-le") + OLD.encode("utf-16-le")
    frames = frame_23(b"TXXX", b"\1\xff\xfe" + wide)
    return raw_mp3(3, frames.replace(b"\xff\xfe", b"\xff\x00\xfe"), 0x80)


def ape_tag() -> bytes:
    item = struct.pack("<II", len(OLD), 0) + b"AIGC\0" + OLD.encode()
    foot = b"APETAGEX" + struct.pack("<IIII", 2000, len(item) + 32, 1, 0) + bytes(8)
    return item + foot


def vorbis_with(*entries: str, kind: str = "flac") -> bytes:
    buffer = io.BytesIO(rich_sound(kind))
    file = FLAC(buffer) if kind == "flac" else mutagen.File(buffer)
    for entry in entries:
        key, _, value = entry.partition("=")
        file.tags.append((key, value))
    buffer.seek(0)
    file.save(buffer)
    return buffer.getvalue()


def m4a_with(name: str, value: bytes | str) -> bytes:
    buffer = io.BytesIO(rich_sound("m4a"))
    file = mutagen.mp4.MP4(buffer)
    file.tags[name] = [mutagen.mp4.MP4FreeForm(value)] if name.startswith("----") else [value]
    buffer.seek(0)
    file.save(buffer)
    return buffer.getvalue()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def m4a_in_moov(extra: bytes) -> bytes:
    """An M4A whose moov, the last box, holds one box more."""
    data = rich_sound("m4a-bare")
    at = data.index(b"moov") - 4
    size = struct.unpack_from(">I", data, at)[0]
    assert at + size == len(data)
    return data[:at] + struct.pack(">I", size + len(extra)) + data[at + 4 :] + extra


def quicktime_meta() -> bytes:
    """Doubao's iOS form: a bare meta box under moov, without version and flags."""
    hdlr = box(b"hdlr", bytes(8) + b"mdta" + bytes(12))
    keys = box(b"keys", struct.pack(">II", 0, 1) + box(b"mdta", b"AIGC"))
    data = box(b"data", struct.pack(">II", 1, 0) + OLD.encode())
    return m4a_in_moov(box(b"meta", hdlr + keys + box(b"ilst", box(b"\0\0\0\1", data))))


def keyless_meta() -> bytes:
    """Doubao's other form: an iTunes list whose items have no names."""
    hdlr = box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    data = box(b"data", struct.pack(">II", 1, 0) + WRAPPED.encode())
    return m4a_in_moov(box(b"meta", bytes(4) + hdlr + box(b"ilst", box(b"\0\0\0\1", data))))


def keys_meta(name: bytes) -> bytes:
    hdlr = box(b"hdlr", bytes(8) + b"mdta" + bytes(12))
    keys = box(b"keys", struct.pack(">II", 0, 2) + box(b"mdta", b"x.title") + box(b"mdta", name))
    data = box(b"data", struct.pack(">II", 1, 0) + OLD.encode())
    other = box(b"\0\0\0\1", box(b"data", struct.pack(">II", 1, 0) + TITLE.encode()))
    ilst = box(b"ilst", other + box(b"\0\0\0\2", data))
    return m4a_in_moov(box(b"udta", box(b"meta", bytes(4) + hdlr + keys + ilst)))


def wma_with(name: str, value: str) -> bytes:
    buffer = io.BytesIO(rich_sound("wma"))
    file = mutagen.asf.ASF(buffer)
    file.tags[name] = [value]
    buffer.seek(0)
    file.save(buffer)
    return buffer.getvalue()


def info_list(*entries: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    return b"LIST", b"INFO" + b"".join(riff_chunk(*entry) for entry in entries)


FORMS = {
    "wav chunk": (
        "tc260-riff",
        lambda: with_wav_chunks(rich_sound("wav"), (b"AIGC", OLD.encode())),
    ),
    "wav chunk late, wrapped, NUL": (
        "tc260-riff",
        lambda: with_wav_chunks(rich_sound("wav"), (b"AIGC", WRAPPED.encode() + b"\0"), late=True),
    ),
    "wav chunk lower case": (
        "tc260-riff",
        lambda: with_wav_chunks(rich_sound("wav"), (b"aigc", LOWER.encode())),
    ),
    "wav INFO": (
        "riff-info",
        lambda: with_wav_chunks(rich_sound("wav"), info_list((b"AIGC", OLD.encode() + b"\0"))),
    ),
    "wav INFO comment": (
        "riff-info",
        lambda: with_wav_chunks(rich_sound("wav"), info_list((b"ISBJ", WRAPPED.encode()))),
    ),
    "wav id3": (
        "id3-txxx",
        lambda: with_wav_chunks(rich_sound("wav"), (b"id3 ", id3_tag(txxx("AIGC", OLD)))),
    ),
    "wav XMP": ("tc260-xmp", lambda: with_wav_chunks(rich_sound("wav"), (b"_PMX", OLD_XMP))),
    "wav unknown chunk": (
        "riff-chunk",
        lambda: with_wav_chunks(rich_sound("wav"), (b"note", b"AIGC" + OLD.encode())),
    ),
    "wav trailer": ("riff-chunk", lambda: rich_sound("wav") + b"\0\0\0\0AIGC" + OLD.encode()),
    "rf64 chunk": (
        "tc260-riff",
        lambda: sound_container_of(rich_sound("rf64")).write(rich_sound("rf64"), OLD),
    ),
    "mp3 TXXX": ("tc260-id3", lambda: mp3_with(txxx("AIGC", OLD))),
    "mp3 TXXX lower case": ("tc260-id3", lambda: mp3_with(txxx("aigc", LOWER))),
    "mp3 TXXX UTF-16": ("tc260-id3", lambda: mp3_with(txxx("AIGC", OLD, 1))),
    "mp3 TXXX UTF-16BE": ("tc260-id3", lambda: mp3_with(txxx("AIGC", OLD, 2))),
    "mp3 TXXX 2.3": ("tc260-id3", lambda: mp3_with(txxx("AIGC", OLD), version=3)),
    "mp3 TXX 2.2": (
        "tc260-id3",
        lambda: raw_mp3(2, b"TXX" + (len(OLD) + 6).to_bytes(3, "big") + b"\0AIGC\0" + OLD.encode()),
    ),
    "mp3 TXXX compressed 2.3": ("tc260-id3", lambda: raw_mp3(3, packed_frame(3))),
    "mp3 TXXX compressed 2.4": ("tc260-id3", lambda: raw_mp3(4, packed_frame(4))),
    "mp3 TXXX unsynchronised": ("tc260-id3", unsynchronised),
    "mp3 TXXX iTunes sizes": ("tc260-id3", itunes_sizes),
    "mp3 second tag": (
        "tc260-id3",
        lambda: id3_tag() + id3_tag(txxx("AIGC", OLD)) + rich_sound("mp3-bare"),
    ),
    "mp3 COMM": (
        "id3-text",
        lambda: mp3_with(mutagen_id3.COMM(encoding=3, lang="eng", desc="AIGC", text=[OLD])),
    ),
    "mp3 comment text": (
        "id3-text",
        lambda: mp3_with(mutagen_id3.COMM(encoding=1, lang="eng", desc="", text=[WRAPPED])),
    ),
    "mp3 PRIV": (
        "id3-text",
        lambda: mp3_with(mutagen_id3.PRIV(owner="aigc", data=OLD.encode())),
    ),
    "mp3 XMP": ("tc260-xmp", lambda: mp3_with(mutagen_id3.PRIV(owner="XMP", data=OLD_XMP))),
    "mp3 APE": ("mp3-tail", lambda: rich_sound("mp3") + ape_tag()),
    "mp3 APE before ID3v1": (
        "mp3-tail",
        lambda: rich_sound("mp3") + ape_tag() + b"TAG" + bytes(125),
    ),
    "flac comment": ("tc260-vorbis", lambda: vorbis_with(f"AIGC={OLD}")),
    "flac comment lower case": ("tc260-vorbis", lambda: vorbis_with(f"aigc={LOWER}")),
    "flac description": ("vorbis-text", lambda: vorbis_with(f"LYRICS={WRAPPED}")),
    "flac ID3": ("id3-txxx", lambda: id3_tag(txxx("AIGC", OLD)) + rich_sound("flac")),
    "ogg comment": ("tc260-vorbis", lambda: vorbis_with(f"Aigc={OLD}", kind="ogg")),
    "opus comment": ("tc260-vorbis", lambda: vorbis_with(f"AIGC={OLD}", kind="opus")),
    "ogg flac comment": ("tc260-vorbis", lambda: vorbis_with(f"AIGC={OLD}", kind="ogg-flac")),
    "m4a keys": ("tc260-mp4", lambda: keys_meta(b"AIGC")),
    "m4a keys lower case": ("tc260-mp4", lambda: keys_meta(b"aigc")),
    "m4a freeform": (
        "mp4-freeform",
        lambda: m4a_with("----:com.apple.iTunes:AIGC", OLD.encode()),
    ),
    "m4a freeform of others": ("mp4-freeform", lambda: m4a_with("----:org.x:aigc", LOWER.encode())),
    "m4a comment": ("mp4-ilst", lambda: m4a_with("\xa9cmt", WRAPPED)),
    "m4a bare meta": ("tc260-mp4", quicktime_meta),
    "m4a keyless list": ("mp4-ilst", keyless_meta),
    "m4a XMP": ("tc260-xmp", lambda: rich_sound("m4a") + box(b"uuid", UUID + OLD_XMP)),
    "m4a XMP in user data": (
        "tc260-xmp",
        lambda: m4a_in_moov(box(b"udta", box(b"XMP_", OLD_XMP))),
    ),
    "m4a box": ("isobmff-box", lambda: m4a_in_moov(box(b"udta", box(b"AIGC", OLD.encode())))),
    "aiff XMP": (
        "tc260-xmp",
        lambda: with_aiff_chunk(rich_sound("aiff"), b"APPL", b"XMP " + OLD_XMP),
    ),
    "aiff ID3": (
        "id3-txxx",
        lambda: with_aiff_chunk(rich_sound("aiff"), b"ID3 ", id3_tag(txxx("AIGC", OLD))),
    ),
    "aiff annotation": (
        "aiff-chunk",
        lambda: with_aiff_chunk(rich_sound("aiff"), b"AUTH", WRAPPED.encode()),
    ),
    "wma attribute": ("asf-attribute", lambda: wma_with("AIGC", OLD)),
    "wma attribute lower case": ("asf-attribute", lambda: wma_with("aigc", LOWER)),
    "wma description": ("asf-attribute", lambda: wma_with("Description", WRAPPED)),
    "wma long attribute": ("asf-attribute", lambda: wma_with("AIGC", OLD + " " * 40_000)),
}


@pytest.mark.parametrize("form", FORMS)
def test_form_is_found(form):
    scheme, made = FORMS[form]
    require_old_label(find(made()), scheme)


@pytest.mark.parametrize("form", FORMS)
def test_form_gives_way_to_the_one_copy(form):
    data = FORMS[form][1]()
    out = write_fields(data, FIELDS)
    assert [carrier.text for carrier in find(out)] == [VALUE]
    for spelled in ("utf-8", "utf-16-le", "utf-16-be"):
        assert "old-009".encode(spelled) not in out
    assert np.array_equal(decoded(out), decoded(data))
    kept = {k: v for k, v in tags_of(data).items() if "old-009" not in v and "id3v2_priv" not in k}
    assert {k: v for k, v in tags_of(out).items() if "id3v2_priv" not in k} == kept
    assert write_fields(out, FIELDS) == out


def test_the_lower_case_txxx_seen_in_the_wild(wild):
    line = (wild / "text" / "id3_txxx_lower_case.txt").read_text(encoding="utf-8")
    _, key, value = line.strip().split(":", 2)
    data = mp3_with(txxx(key, value.strip()))
    (carrier,) = find(data)
    assert carrier.scheme == "tc260-id3"
    assert parse_value(carrier.text).fields["ContentProducer"] == "HUABABSpeech7E01"
    assert [c.text for c in find(write_fields(data, FIELDS))] == [VALUE]


GARBAGE = {
    "wav": lambda: with_wav_chunks(rich_sound("wav"), (b"aigc", b"garbage")),
    "wav INFO": lambda: with_wav_chunks(rich_sound("wav"), info_list((b"AIGC", b"garbage"))),
    "mp3": lambda: mp3_with(txxx("aigc", "garbage")),
    "flac": lambda: vorbis_with("aigc=garbage"),
    "m4a": lambda: m4a_with("----:com.apple.iTunes:aigc", b"garbage"),
    "m4a keys": lambda: keys_meta(b"aigc").replace(OLD.encode(), b"garbage".ljust(len(OLD))),
    "wma": lambda: wma_with("aigc", "garbage"),
}


@pytest.mark.parametrize("form", GARBAGE)
def test_malformed_text_under_the_key_is_a_copy_and_gives_way_too(form):
    data = GARBAGE[form]()
    assert [carrier.text.strip("\0 ") for carrier in find(data)] == ["garbage"]
    assert [carrier.text for carrier in find(write_fields(data, FIELDS))] == [VALUE]


def test_key_in_lower_case_is_spelled_as_the_guide_has_it_afterwards():
    out = write_fields(keys_meta(b"aigc"), FIELDS)
    assert b"mdtaAIGC" in out
    assert b"mdtaaigc" not in out
    assert b"mdtax.title" in out


def test_all_places_at_once_collapse_to_one_copy():
    tag = id3_tag(txxx("AIGC", OLD), txxx("aigc", LOWER))
    data = with_wav_chunks(
        rich_sound("wav"),
        (b"AIGC", OLD.encode()),
        (b"id3 ", tag),
        info_list((b"AIGC", OLD.encode()), (b"IART", b"Anna")),
        (b"_PMX", OLD_XMP),
        late=True,
    )
    assert len(find(data)) == 5
    out = write_fields(data, FIELDS)
    assert [(c.scheme, c.text) for c in find(out)] == [("tc260-riff", VALUE)]
    assert b"Anna" in out
    assert TITLE.encode("utf-16-le") in out


def test_words_of_others_around_a_label_stay():
    comment = mutagen_id3.COMM(encoding=1, lang="eng", desc="d", text=["by me " + WRAPPED + " ok"])
    out = write_fields(mp3_with(comment), FIELDS)
    tags = mutagen_id3.ID3(io.BytesIO(out))
    assert tags["COMM:d:eng"].text == ["by me  ok"]
    out = write_fields(vorbis_with("DESCRIPTION=by me " + WRAPPED), FIELDS)
    assert b"DESCRIPTION=by me" in out
    out = write_fields(wma_with("Description", "by me " + WRAPPED), FIELDS)
    assert "by me ".encode("utf-16-le") in out


def test_other_xmp_properties_stay():
    for data in (
        with_wav_chunks(rich_sound("wav"), (b"_PMX", OLD_XMP)),
        with_aiff_chunk(rich_sound("aiff"), b"APPL", b"XMP " + packet()),
        sound_container_of(rich_sound("wma")).write(rich_sound("wma"), OLD),
    ):
        out = write_fields(data, FIELDS)
        assert (b"dc:title" in out) == (b"dc:title" in data)


def test_namespace_of_the_guide_is_used_in_xmp():
    for kind in ("aiff", "wma"):
        assert NAMESPACE.encode() in write_fields(rich_sound(kind), FIELDS)


def test_unreadable_parts_are_named_not_skipped():
    secret = raw_mp3(3, frame_23(b"TXXX", b"\1" * 20, 0x40) + frame_23(b"TIT2", b"\0x"))
    assert "encrypted" in find(secret)[0].fault
    bomb = zlib.compress(bytes(9 << 20), 9)
    assert "oversized" in find(raw_mp3(3, frame_23(b"TXXX", bytes(4) + bomb, 0x80)))[0].fault
    assert "not known" in find(raw_mp3(5, b"TXXX"))[0].fault
    with pytest.raises(UnsupportedMedia, match=r"ID3v2\.3 or 2\.4"):
        write_fields(raw_mp3(5, b"TXXX"), FIELDS)


def test_malformed_comments_are_refused_not_replaced():
    data = rich_sound("flac")
    at = data.index(b"title=") - 4
    broken = data[:at] + b"\xff\xff\xff\x7f" + data[at + 4 :]
    assert "truncated" in find(broken)[0].fault
    with pytest.raises(CorruptMedia, match="comments"):
        write_fields(broken, FIELDS)


def test_extended_header_and_footer_are_dropped_and_frames_kept():
    extended = b"\0\0\0\x06\x01\x00"
    tag = raw_tag(4, extended + frame_24(b"TIT2", b"\3hello"), 0x50)
    data = tag + b"3DI" + tag[3:10] + rich_sound("mp3-bare")
    assert find(data) == ()
    out = write_fields(data, FIELDS)
    assert mutagen_id3.ID3(io.BytesIO(out))["TIT2"].text == ["hello"]
    assert out[5] & 0x50 == 0
    assert out.endswith(rich_sound("mp3-bare"))


def test_junk_behind_the_frames_stays():
    frames = frame_23(b"TIT2", b"\0hello") + b"??junk, no frame"
    out = write_fields(raw_mp3(3, frames), FIELDS)
    assert b"??junk, no frame" in out
    assert [c.text for c in find(out)] == [VALUE]
