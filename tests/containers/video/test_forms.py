"""Every form of law.md 5.1 in which a label stands in video files in the wild: read, given up."""

from __future__ import annotations

import io
import struct

import pytest

from found_labels import require_old_label
from labeler.containers.boxes import box
from labeler.containers.sniffing import sniff_file
from labeler.containers.value import parse_value
from labeler.containers.video import ebml
from labeler.containers.video.amf import new_script, text_property
from labeler.containers.videos import VIDEOS, video_container_of
from labeler.errors import CorruptMedia, LabelConflict
from labeler.video.metadata import write_fields
from rich_pictures import OLD, TITLE, VALUE, WRAPPED, packet
from rich_sounds import riff_chunk
from rich_videos import (
    before_media,
    decoded,
    in_info,
    in_moov,
    label_seen_by_ffmpeg,
    mkv_with,
    rich_video,
    script_tag,
    simple_tag,
    tags_of,
)


UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
FIELDS = parse_value(VALUE).fields
LOWER = OLD.lower().replace("001191440300708461136t1xgw3", "001191440300708461136T1XGW3")
OLD_XMP = packet(f"<TC260:AIGC>{OLD.replace(chr(34), '&quot;')}</TC260:AIGC>").replace(
    b"xmlns:dc=", b'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/" xmlns:dc='
)


def find(data: bytes):
    file = io.BytesIO(data)
    return VIDEOS[sniff_file(file)].find(file)


def put(data: bytes) -> bytes:
    target = io.BytesIO()
    write_fields(io.BytesIO(data), target, FIELDS)
    return target.getvalue()


def item(number: int, text: str, kind: int = 1, coding: str = "utf-8") -> bytes:
    data = box(b"data", struct.pack(">II", kind, 0) + text.encode(coding))
    return box(struct.pack(">I", number), data)


def tag_list(*items: bytes, keys: tuple[bytes, ...] = (), handler: bytes = b"mdta") -> bytes:
    """The content of a meta box without version and flags."""
    hdlr = box(b"hdlr", bytes(8) + handler + bytes(12))
    names = b"".join(box(b"mdta", key) for key in keys)
    table = box(b"keys", struct.pack(">II", 0, len(keys)) + names) if keys else b""
    return hdlr + table + box(b"ilst", b"".join(items))


def bare(extra: bytes) -> bytes:
    return in_moov(rich_video("mp4-bare"), extra)


def before_header(extra: bytes) -> bytes:
    data = rich_video("mp4")
    at = data.rindex(b"moov") - 4
    return data[:at] + extra + data[at:]


def in_user_data(*boxes: bytes) -> bytes:
    return bare(box(b"udta", b"".join(boxes)))


def freeform(name: bytes, value: str) -> bytes:
    names = box(b"mean", bytes(4) + b"com.apple.iTunes") + box(b"name", bytes(4) + name)
    data = box(b"data", struct.pack(">II", 1, 0) + value.encode())
    content = tag_list(box(b"----", names + data), handler=b"mdir")
    return in_user_data(box(b"meta", bytes(4) + content))


def itunes_comment(value: str) -> bytes:
    data = box(b"data", struct.pack(">II", 1, 0) + value.encode())
    content = tag_list(box(b"\xa9cmt", data), handler=b"mdir")
    return in_user_data(box(b"meta", bytes(4) + content))


def in_track(extra: bytes) -> bytes:
    """An MP4 with its header last, a box more in its last track."""
    data = rich_video("mp4-bare")
    moov, trak = data.rindex(b"moov") - 4, data.rindex(b"trak") - 4
    out = bytearray(data + extra)
    for at in (moov, trak):
        struct.pack_into(">I", out, at, struct.unpack_from(">I", data, at)[0] + len(extra))
    return bytes(out)


def flv_with(*properties: tuple[str, str], kind: str = "flv-bare", name: str = "onMetaData"):
    made = b"".join(text_property(key, value.encode()) for key, value in properties)
    data = rich_video(kind)
    return data[:13] + script_tag(new_script(name, made, len(properties))) + data[13:]


def tags(*raw: bytes) -> bytes:
    return mkv_with(ebml.make(0x1254C367, b"".join(raw)))


def nested_tag() -> bytes:
    inner = ebml.make(0x67C8, ebml.make(0x45A3, b"AIGC") + ebml.make(0x4487, OLD.encode()))
    outer = ebml.make(0x67C8, ebml.make(0x45A3, b"ARTIST") + ebml.make(0x4487, b"Anna") + inner)
    return ebml.make(0x7373, ebml.make(0x63C0, ebml.make(0x63C5, b"\1")) + outer)


def binary_tag() -> bytes:
    parts = ebml.make(0x45A3, b"AIGC") + ebml.make(0x4485, OLD.encode())
    return ebml.make(0x7373, ebml.make(0x67C8, parts))


def late_tags(kind: str = "mkv-live") -> bytes:
    return rich_video(kind) + ebml.make(
        0x1254C367, simple_tag("AIGC", OLD) + simple_tag("MOOD", "calm")
    )


def titled_mkv() -> bytes:
    data = rich_video("mkv-live")
    at = data.rindex(b"\x15\x49\xa9\x66", 0, data.index(b"\x1f\x43\xb6\x75"))
    info = ebml.read_head(data, at)
    content = data[info.body : info.end] + ebml.make(0x7BA9, b"a clip " + WRAPPED.encode())
    return data[:at] + ebml.make(0x1549A966, content) + data[info.end :]


def asf_with(name: str, value: str) -> bytes:
    mutagen = pytest.importorskip("mutagen.asf")
    buffer = io.BytesIO(rich_video("wmv"))
    file = mutagen.ASF(buffer)
    file.tags[name] = [value]
    buffer.seek(0)
    file.save(buffer)
    return buffer.getvalue()


def avi_tail(raw: bytes) -> bytes:
    """An AVI with chunks more behind its media, inside its RIFF."""
    data = rich_video("avi-mjpeg") + raw
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


KEYED = tag_list(
    item(1, TITLE), item(2, OLD), keys=(b"x.title", b"AIGC")
)  # a title that stays, and a label
FORMS = {
    "keys": ("tc260-mp4", lambda: in_user_data(box(b"meta", bytes(4) + KEYED))),
    "keys lower case": (
        "tc260-mp4",
        lambda: in_user_data(box(b"meta", bytes(4) + tag_list(item(1, LOWER), keys=(b"aigc",)))),
    ),
    "keys wrapped": (
        "tc260-mp4",
        lambda: in_user_data(box(b"meta", bytes(4) + tag_list(item(1, WRAPPED), keys=(b"AIGC",)))),
    ),
    "keys in UTF-16": (
        "tc260-mp4",
        lambda: in_user_data(
            box(b"meta", bytes(4) + tag_list(item(1, OLD, 2, "utf-16-be"), keys=(b"AIGC",)))
        ),
    ),
    "bare meta in moov (Doubao iOS)": ("tc260-mp4", lambda: bare(box(b"meta", KEYED))),
    "keyless list in moov (Doubao iOS)": (
        "mp4-ilst",
        lambda: bare(box(b"meta", bytes(4) + tag_list(item(1, WRAPPED), handler=b"mdir"))),
    ),
    "keyless list in user data": (
        "mp4-ilst",
        lambda: in_user_data(box(b"meta", bytes(4) + tag_list(item(1, OLD), handler=b"mdir"))),
    ),
    "freeform": ("mp4-freeform", lambda: freeform(b"AIGC", OLD)),
    "freeform lower case": ("mp4-freeform", lambda: freeform(b"aigc", LOWER)),
    "itunes comment": ("mp4-ilst", lambda: itunes_comment(WRAPPED)),
    "itunes comment with a prefix": ("mp4-ilst", lambda: itunes_comment("AIGC:" + OLD)),
    "meta of a track": ("tc260-mp4", lambda: in_track(box(b"meta", KEYED))),
    "user data of a track": (
        "isobmff-box",
        lambda: in_track(box(b"udta", box(b"\xa9cmt", b"\0\0\0\0AIGC" + OLD.encode()))),
    ),
    "meta of the file": (
        "tc260-mp4",
        lambda: rich_video("mp4-front") + box(b"meta", bytes(4) + KEYED),
    ),
    "box in moov": ("isobmff-box", lambda: bare(box(b"AIGC", OLD.encode()))),
    "box of user data": ("isobmff-box", lambda: in_user_data(box(b"AIGC", OLD.encode()))),
    "box of the file": ("isobmff-box", lambda: rich_video("mp4") + box(b"AIGC", OLD.encode())),
    "XMP uuid": ("tc260-xmp", lambda: rich_video("mp4") + box(b"uuid", UUID + OLD_XMP)),
    "XMP uuid before the header": (
        "tc260-xmp",
        lambda: before_header(box(b"uuid", UUID + OLD_XMP)),
    ),
    "XMP uuid in moov": ("tc260-xmp", lambda: bare(box(b"uuid", UUID + OLD_XMP))),
    "XMP of QuickTime": ("tc260-xmp", lambda: in_user_data(box(b"XMP_", OLD_XMP))),
    "trailer of an MP4": (
        "isobmff-box",
        lambda: rich_video("mp4") + b"\0\0\0\4AIGC" + OLD.encode(),
    ),
    "free box": ("isobmff-box", lambda: rich_video("mp4") + box(b"free", WRAPPED.encode())),
    "tag": ("tc260-mkv", lambda: tags(simple_tag("AIGC", OLD))),
    "tag lower case": ("tc260-mkv", lambda: tags(simple_tag("aigc", LOWER))),
    "tag of a track, nested": ("tc260-mkv", lambda: tags(nested_tag())),
    "tag binary": ("tc260-mkv", lambda: tags(binary_tag())),
    "tag comment": ("mkv-tag", lambda: tags(simple_tag("COMMENT", "AIGC:" + OLD))),
    "tags behind the clusters": ("tc260-mkv", late_tags),
    "tags in two places": (
        "tc260-mkv",
        lambda: late_tags().replace(
            b"\x1f\x43\xb6\x75",
            ebml.make(0x1254C367, simple_tag("AIGC", OLD)) + b"\x1f\x43\xb6\x75",
            1,
        ),
    ),
    "title of a Matroska": ("mkv-tag", titled_mkv),
    "onMetaData": ("tc260-flv", lambda: flv_with(("AIGC", OLD))),
    "onMetaData lower case": ("tc260-flv", lambda: flv_with(("title", TITLE), ("aigc", LOWER))),
    "onMetaData comment": ("flv-script", lambda: flv_with(("comment", "AIGC:" + OLD))),
    "onMetaData twice": (
        "tc260-flv",
        lambda: flv_with(("AIGC", OLD), kind="flv-index"),
    ),
    "script of others": ("flv-script", lambda: flv_with(("AIGC", OLD), name="onCuePoint")),
    "XMP of an FLV": (
        "tc260-xmp",
        lambda: flv_with(("liveXML", OLD_XMP.decode()), name="onXMPData"),
    ),
    "INFO": ("tc260-riff", lambda: in_info(rich_video("avi"), (b"AIGC", OLD.encode() + b"\0"))),
    "INFO wrapped, no NUL": (
        "tc260-riff",
        lambda: in_info(rich_video("avi"), (b"AIGC", WRAPPED.encode())),
    ),
    "INFO lower case": (
        "tc260-riff",
        lambda: in_info(rich_video("avi"), (b"aigc", LOWER.encode())),
    ),
    "INFO comment": (
        "riff-info",
        lambda: in_info(rich_video("avi"), (b"ISBJ", b"AIGC:" + OLD.encode())),
    ),
    "chunk of an AVI": (
        "riff-chunk",
        lambda: before_media(rich_video("avi"), riff_chunk(b"AIGC", OLD.encode())),
    ),
    "INFO behind the media": (
        "tc260-riff",
        lambda: avi_tail(riff_chunk(b"LIST", b"INFO" + riff_chunk(b"AIGC", OLD.encode()))),
    ),
    "XMP of an AVI": ("tc260-xmp", lambda: avi_tail(riff_chunk(b"_PMX", OLD_XMP))),
    "trailer of an AVI": ("riff-chunk", lambda: rich_video("avi") + b"AIGC" + OLD.encode()),
    "WMV attribute": ("asf-attribute", lambda: asf_with("AIGC", OLD)),
    "WMV description": ("asf-attribute", lambda: asf_with("Description", WRAPPED)),
    "WMV object of others": (
        "asf-object",
        lambda: (
            rich_video("wmv")
            + bytes(range(16))
            + struct.pack("<Q", len(WRAPPED) + 24)
            + WRAPPED.encode()
        ),
    ),
    "WMV trailer": ("asf-object", lambda: rich_video("wmv") + b"AIGC" + OLD.encode()),
    "WMV XMP": (
        "tc260-xmp",
        lambda: (
            rich_video("wmv")
            + bytes.fromhex("CBCF7ABEA997E8429C71999491E3AFAC")
            + struct.pack("<Q", len(OLD_XMP) + 24)
            + OLD_XMP
        ),
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_form_is_found(form):
    scheme, made = FORMS[form]
    require_old_label(find(made()), scheme)


@pytest.mark.parametrize("form", FORMS)
def test_form_gives_way_to_the_one_copy(form):
    data = FORMS[form][1]()
    out = put(data)
    assert [carrier.text for carrier in find(out)] == [VALUE]
    for spelled in ("utf-8", "utf-16-le", "utf-16-be"):
        assert "old-009".encode(spelled) not in out
    assert decoded(out) == decoded(data)
    kept = {k: v for k, v in tags_of(data).items() if "old-009" not in v}
    for key, value in tags_of(out).items():
        assert kept.get(key, value) == value or key in {"filesize", "lastkeyframelocation"}
    assert put(out) == out


def test_key_in_lower_case_is_spelled_as_the_guide_has_it_afterwards():
    made = box(b"meta", bytes(4) + tag_list(item(1, LOWER), keys=(b"aigc",)))
    out = put(in_user_data(made))
    assert b"mdtaAIGC" in out
    assert b"mdtaaigc" not in out


def test_other_tags_stay():
    assert TITLE.encode() in put(FORMS["keys"][1]())
    assert TITLE.encode() in put(FORMS["bare meta in moov (Doubao iOS)"][1]())
    assert b"Anna" in put(FORMS["tag of a track, nested"][1]())
    assert simple_tag("MOOD", "calm") in put(late_tags())
    assert b"dc:title" in put(FORMS["XMP uuid"][1]())
    assert TITLE.encode() in put(FORMS["onMetaData lower case"][1]())


def test_tags_in_many_places_collapse_to_one_copy():
    data = rich_video("mp4-bare")
    data = in_moov(data, box(b"meta", KEYED))
    data = in_moov(data, box(b"udta", box(b"meta", bytes(4) + KEYED) + box(b"XMP_", OLD_XMP)))
    data += box(b"uuid", UUID + OLD_XMP)
    assert len(find(data)) == 4
    out = put(data)
    assert [(c.scheme, c.text) for c in find(out)] == [("tc260-mp4", VALUE)]
    assert decoded(out) == decoded(data)


GARBAGE = {
    "keys": lambda: FORMS["keys"][1]().replace(OLD.encode(), b"garbage".ljust(len(OLD))),
    "tag": lambda: tags(simple_tag("AIGC", "garbage")),
    "onMetaData": lambda: flv_with(("AIGC", "garbage")),
    "INFO": lambda: in_info(rich_video("avi"), (b"AIGC", b"garbage")),
    "WMV": lambda: asf_with("AIGC", "garbage"),
}


@pytest.mark.parametrize("form", GARBAGE)
def test_malformed_text_under_the_key_is_a_copy_and_gives_way_too(form):
    data = GARBAGE[form]()
    assert [carrier.text.strip("\0 ") for carrier in find(data)] == ["garbage"]
    assert [carrier.text for carrier in find(put(data))] == [VALUE]


def test_label_among_words_in_xmp_is_refused_not_dropped():
    words = packet(f"<dc:description>by me AIGC{OLD.replace(chr(34), '&quot;')}</dc:description>")
    with pytest.raises(LabelConflict, match=r"6\.1 c"):
        put(rich_video("mp4") + box(b"uuid", UUID + words))


def test_malformed_tags_are_named_and_stay_unless_they_hold_a_label():
    simple = b"\x67\xc8\xff"
    data = mkv_with(ebml.make(0x1254C367, ebml.make(0x7373, simple)))
    assert "reaches beyond" in find(data)[0].fault
    assert simple in put(data)
    data = mkv_with(ebml.make(0x1254C367, ebml.make(0x7373, simple + OLD.encode())))
    with pytest.raises(CorruptMedia, match="reaches beyond"):
        put(data)


def test_lists_of_one_film_keep_their_names_for_ffmpeg():
    made = tag_list(item(1, TITLE), item(2, "Anna"), keys=(b"org.title", b"org.artist"))
    for meta in (box(b"meta", made), box(b"meta", bytes(4) + made)):
        for other in (b"", box(b"udta", box(b"\xa9swr", b"\0\3\0\0abc"))):
            data = bare(other + meta)
            out = put(data)
            assert [c.place for c in find(out)] == ["moov.udta.meta ilst 'AIGC'"]
            assert label_seen_by_ffmpeg(out) == VALUE
            assert tags_of(out) == tags_of(data)
            assert tags_of(out)["org.artist"] == "Anna"


def test_parts_too_large_to_look_at_are_named():
    data = rich_video("mp4") + box(b"abcd", bytes(17 << 20))
    assert "oversized" in find(data)[0].fault
    out = put(data)
    assert out.endswith(data[len(rich_video("mp4")) :])


def test_nested_script_values_are_found_and_renamed():
    inner = b"\x00\x04info\x03" + text_property("AIGC", OLD.encode()) + b"\0\0\x09"
    data = rich_video("flv-bare")
    data = data[:13] + script_tag(new_script("onMetaData", inner, 1)) + data[13:]
    assert [c.scheme for c in find(data)] == ["flv-script"]
    out = put(data)
    assert [c.text for c in find(out)] == [VALUE]
    assert video_container_of(io.BytesIO(out)).probe(io.BytesIO(out)).codec == "flv1"
