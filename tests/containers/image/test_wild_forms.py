"""Every place and serialisation a label was seen in is found, and gives way to one copy."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest

from found_labels import require_old_label
from labeler.containers.image import png
from labeler.containers.image.jpeg_parts import EXTENDED_XMP, segment
from labeler.containers.pictures import find, write
from labeler.containers.value import parse_value
from labeler.errors import CorruptMedia, LabelConflict
from labeler.metadata import write_fields
from rich_pictures import NAMESPACE, OLD, VALUE, WRAPPED, exif_block, packet, rich, same_frames


FIELDS = parse_value(VALUE).fields
ESCAPED = OLD.replace("&", "&amp;").replace('"', "&quot;")
USER_COMMENT = b"ASCII\0\0\0" + WRAPPED.encode()


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def with_chunk(kind: bytes, content: bytes, *, late: bool = False) -> bytes:
    data = rich("png")
    at = data.index(b"IEND") - 4 if late else 33
    return data[:at] + chunk(kind, content) + data[at:]


def with_segment(marker: int, body: bytes) -> bytes:
    data = rich("jpeg")
    return data[:2] + segment(marker, body) + data[2:]


def with_webp_chunk(kind: bytes, content: bytes) -> bytes:
    data = rich("webp") + kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def with_gif_block(body: bytes) -> bytes:
    data = rich("gif")
    at = data.index(b"\x21\xfe")
    return data[:at] + body + data[at:]


def extended() -> bytes:
    body = packet(f"<TC260:AIGC>{ESCAPED}</TC260:AIGC>", f'xmlns:TC260="{NAMESPACE}"')
    guid = b"0123456789ABCDEF0123456789ABCDEF"
    parts = [body[:300], body[300:]]
    offsets = [0, 300]
    segments = [
        segment(0xE1, EXTENDED_XMP + guid + struct.pack(">II", len(body), offset) + part)
        for offset, part in zip(offsets, parts, strict=True)
    ]
    note = f'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{guid.decode()}"'
    data = rich("jpeg", xmp=packet("", note))
    at = data.index(b"\xff\xdb")
    return data[:at] + b"".join(segments) + data[at:]


FORMS = {
    "png XMP": ("tc260-xmp", lambda: write(rich("png"), OLD)),
    "png compressed late XMP": (
        "tc260-xmp",
        lambda: with_chunk(
            b"iTXt",
            b"XML:com.adobe.xmp\0\1\0\0\0"
            + zlib.compress(packet(f'<q:AIGC xmlns:q="{NAMESPACE}">{ESCAPED}</q:AIGC>')),
            late=True,
        ),
    ),
    "png tEXt": ("png-text", lambda: with_chunk(b"tEXt", b"AIGC\0" + WRAPPED.encode())),
    "png tEXt lower case": ("png-text", lambda: with_chunk(b"tEXt", b"aigc\0" + OLD.encode())),
    "png zTXt": (
        "png-text",
        lambda: with_chunk(b"zTXt", b"AIGC\0\0" + zlib.compress(OLD.encode())),
    ),
    "png iTXt": (
        "png-text",
        lambda: with_chunk(b"iTXt", b"AIGC\0\1\0\0\0" + zlib.compress(OLD.encode()), late=True),
    ),
    "png description": (
        "png-text",
        lambda: with_chunk(b"tEXt", b"Description\0made with AIGC" + OLD.encode()),
    ),
    "png raw profile": (
        "exif-usercomment",
        lambda: with_chunk(
            b"zTXt",
            b"Raw profile type exif\0\0"
            + zlib.compress(raw_profile(exif_block(comment=USER_COMMENT))),
        ),
    ),
    "png EXIF": ("exif-usercomment", lambda: rich("png", exif=exif_block(comment=USER_COMMENT))),
    "png trailer": ("png-text", lambda: rich("png") + b"AIGC" + OLD.encode()),
    "jpeg EXIF comment": (
        "exif-usercomment",
        lambda: rich("jpeg", exif=exif_block(comment=USER_COMMENT)),
    ),
    "jpeg EXIF wide comment": (
        "exif-usercomment",
        lambda: rich("jpeg", exif=exif_block(comment=b"UNICODE\0" + WRAPPED.encode("utf-16-le"))),
    ),
    "jpeg EXIF description": (
        "exif-description",
        lambda: rich("jpeg", exif=exif_block(description=WRAPPED)),
    ),
    "jpeg bare APP9": ("jpeg-segment", lambda: with_segment(0xE9, b"AIGC" + OLD.encode() + b"\0")),
    "jpeg comment": ("jpeg-segment", lambda: with_segment(0xFE, WRAPPED.encode())),
    "jpeg behind the picture": ("jpeg-segment", lambda: rich("jpeg") + b"AIGC" + OLD.encode()),
    "jpeg extended XMP": ("tc260-xmp", extended),
    "jpeg attribute": (
        "tc260-xmp",
        lambda: rich("jpeg", xmp=packet("", f'xmlns:TC260="{NAMESPACE}" TC260:AIGC="{ESCAPED}"')),
    ),
    "jpeg unbound prefix": (
        "tc260-xmp",
        lambda: rich(
            "jpeg",
            xmp=packet(f"<TC260:AIGC>{ESCAPED}</TC260:AIGC>", f'xmlns:C260="{NAMESPACE}"'),
        ),
    ),
    "jpeg fields": (
        "xmp-fields",
        lambda: rich(
            "jpeg",
            xmp=packet(
                "".join(f"<AIGC:{k}>{v}</AIGC:{k}>" for k, v in parse_value(OLD).fields.items()),
                'xmlns:AIGC="http://example.com/aigc/"',
            ),
        ),
    ),
    "jpeg other namespace": (
        "xmp-aigc",
        lambda: rich("jpeg", xmp=packet(f'<m:AIGC xmlns:m="http://m/">{ESCAPED}</m:AIGC>')),
    ),
    "jpeg Base64 in XMP": (
        "xmp-aigc",
        lambda: rich(
            "jpeg",
            xmp=packet(
                f'<m:XmpKvBase64 xmlns:m="http://m/">{base64.b64encode(OLD.encode()).decode()}'
                "</m:XmpKvBase64>"
            ),
        ),
    ),
    "webp EXIF": ("exif-usercomment", lambda: rich("webp", exif=exif_block(comment=USER_COMMENT))),
    "webp chunk": ("riff-chunk", lambda: with_webp_chunk(b"AIGC", OLD.encode())),
    "gif comment": (
        "gif-comment",
        lambda: with_gif_block(b"\x21\xfe" + bytes([len(OLD)]) + OLD.encode() + b"\0"),
    ),
    "tiff description": (
        "exif-description",
        lambda: rich("tiff", exif=exif_block(description=WRAPPED)),
    ),
    "tiff EXIF comment": (
        "exif-usercomment",
        lambda: rich("tiff", exif=exif_block(comment=USER_COMMENT)),
    ),
    "avif EXIF": ("exif-usercomment", lambda: rich("avif", exif=exif_block(comment=USER_COMMENT))),
    "heic EXIF": ("exif-usercomment", lambda: rich("heic", exif=exif_block(comment=USER_COMMENT))),
}


def raw_profile(block: bytes) -> bytes:
    return b"\nexif\n%8d\n" % len(block) + block.hex().encode() + b"\n"


@pytest.mark.parametrize("form", FORMS)
def test_wild_form_is_found(form):
    scheme, made = FORMS[form]
    require_old_label(find(made()), scheme)


@pytest.mark.parametrize("form", FORMS)
def test_wild_form_gives_way_to_the_one_copy(form):
    data = FORMS[form][1]()
    out = write_fields(data, FIELDS)
    assert [carrier.text for carrier in find(out)] == [VALUE]
    assert b"old-009" not in out
    assert same_frames(data, out)
    assert write_fields(out, FIELDS) == out


def test_all_places_at_once_collapse_to_one_copy():
    data = rich("png", exif=exif_block(comment=USER_COMMENT, description=WRAPPED))
    for kind, content in (
        (b"tEXt", b"AIGC\0" + OLD.encode()),
        (b"tEXt", b"aigc\0" + WRAPPED.encode()),
    ):
        data = data[:33] + chunk(kind, content) + data[33:]
    data = write_xmp_only(data)
    assert len(find(data)) == 5
    out = write_fields(data, FIELDS)
    assert [(c.scheme, c.text) for c in find(out)] == [("tc260-xmp", VALUE)]
    assert b"made by hand" in out


def write_xmp_only(data: bytes) -> bytes:
    old = next(bytes(b.content) for b in png.blocks(data) if b.kind == "xmp")
    body = (
        f'<rdf:Description rdf:about="" xmlns:TC260="{NAMESPACE}">'
        f"<TC260:AIGC>{ESCAPED}</TC260:AIGC></rdf:Description></rdf:RDF>"
    )
    at = data.index(old) - len("XML:com.adobe.xmp") - 5 - 8
    length = struct.unpack_from(">I", data, at)[0]
    new = data[at + 8 : at + 8 + length].replace(b"</rdf:RDF>", body.encode())
    return data[:at] + chunk(b"iTXt", new) + data[at + 12 + length :]


def test_early_bare_label_is_not_shadowed_by_a_later_packet():
    data = write(rich("jpeg"), VALUE)
    data = data[:2] + segment(0xE9, b"AIGC" + OLD.encode()) + data[2:]
    assert [parse_value(c.text).fields["ProduceID"] for c in find(data)] == ["old-009", "demo-001"]


def test_words_of_others_around_a_label_stay():
    data = with_segment(0xFE, b"shot in May AIGC" + OLD.encode() + b" by Anna")
    out = write_fields(data, FIELDS)
    assert b"shot in May  by Anna" in out
    data = with_chunk(b"tEXt", b"Description\0shot in May AIGC" + OLD.encode())
    assert b"Description\0shot in May" in write_fields(data, FIELDS)


def test_words_of_others_in_a_user_comment_stay():
    for code in (b"ASCII\0\0\0", b""):
        comment = code + b"by me AIGC" + OLD.encode()
        out = write_fields(rich("jpeg", exif=exif_block(comment=comment)), FIELDS)
        assert code + b"by me " in out
        assert b"old-009" not in out


def test_label_among_words_in_xmp_is_refused_not_dropped():
    body = f"<dc:description>shot in May AIGC{ESCAPED}</dc:description>"
    with pytest.raises(LabelConflict, match=r"6\.1 c"):
        write_fields(rich("jpeg", xmp=packet(body)), FIELDS)


def test_broken_packet_is_refused_not_replaced():
    broken = packet().replace(b"</rdf:Alt>", b"")
    with pytest.raises(CorruptMedia, match="well-formed"):
        write_fields(rich("jpeg", xmp=broken), FIELDS)


def test_extended_packet_gets_a_new_guid_that_the_main_packet_names():
    out = write_fields(extended(), FIELDS)
    assert b"0123456789ABCDEF0123456789ABCDEF" not in out
    start = out.index(EXTENDED_XMP) + len(EXTENDED_XMP)
    guid = out[start : start + 32]
    assert out.count(guid) == 2
    assert b'HasExtendedXMP="' + guid in out


def test_exif_offsets_stay_where_they_were():
    plain = exif_block(comment=USER_COMMENT, description="a cat")
    out = write_fields(rich("jpeg", exif=plain), FIELDS)
    block = out[out.index(b"Exif\0\0") :][: len(plain)]
    assert block.index(b"2026:01:02") == plain.index(b"2026:01:02")
    assert block.index(b"a cat") == plain.index(b"a cat")
    tag = b"\x92\x86\x00\x01"
    assert tag in plain
    assert tag not in block


@pytest.mark.parametrize("keyword", [b"AIGC", b"aigc"])
def test_malformed_text_under_the_keyword_gives_way_too(keyword):
    data = with_chunk(b"tEXt", keyword + b"\0garbage")
    assert [carrier.text for carrier in find(data)] == ["garbage"]
    assert [carrier.text for carrier in find(write_fields(data, FIELDS))] == [VALUE]


def test_label_may_stand_in_any_case_and_value_form():
    data = with_chunk(b"tEXt", b"Aigc\0" + WRAPPED.lower().encode())
    carrier = find(data)[0]
    assert parse_value(carrier.text).fields["ContentProducer"].startswith("0011914403")


def test_genuine_doubao_label_is_found(wild):
    found = find((wild / "media" / "doubao_gray_tc260_xmp.png").read_bytes())
    assert len(found) == 1
    fields = parse_value(found[0].text).fields
    assert fields["ContentProducer"] == "001191110102MACQD9K64010000"
    assert fields["ProduceID"] == "e3578014edd949debed102781a8c26f7"
