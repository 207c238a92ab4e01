"""What is particular to one container."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from labeler.containers.image import isobmff, items, jpeg, jpeg_parts
from labeler.containers.pictures import carry, find, probe, write
from labeler.containers.tags import ifd
from labeler.errors import CorruptMedia, LabelError, MediaTooLarge, UnsupportedMedia
from makers import make, photo
from rich_pictures import OLD, VALUE, packet, rich, same_frames


def test_jpeg_label_stands_behind_jfif_and_exif():
    out = write(rich("jpeg", xmp=b" "), VALUE)
    parts = jpeg_parts.read_segments(out)
    kinds = [out[p.body : p.body + 4] for p in parts if p.name.startswith("APP")]
    assert kinds.index(b"http") == 2
    assert kinds[:2] == [b"JFIF", b"Exif"]


def test_jpeg_packet_that_does_not_fit_gives_up_its_padding_then_is_refused():
    room = jpeg_parts.MAX_BODY - len(jpeg_parts.XMP_HEADER) - len(packet())
    nearly = rich("jpeg", xmp=packet(f"<dc:a>{'x' * (room - 20)}</dc:a>"))
    with pytest.raises(MediaTooLarge, match="65,533"):
        write(nearly, VALUE)
    padded = packet().replace(b" " * 100, b" " * (room - 20))
    assert [carrier.text for carrier in find(write(rich("jpeg", xmp=padded), VALUE))] == [VALUE]


def multi_picture() -> bytes:
    frames = [Image.fromarray(np.roll(photo(side=48), 9 * i, 0)) for i in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "MPO", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def test_multi_picture_index_follows_the_label():
    data = multi_picture()
    out = write(write(data, OLD), VALUE)
    for before, after in zip(pictures(data), pictures(out), strict=True):
        assert np.array_equal(before, after)
    assert out[-1000:] == data[-1000:]


def test_multi_picture_index_follows_a_packet_that_stands_behind_it():
    data = multi_picture()
    index = next(p for p in jpeg_parts.read_segments(data) if data.startswith(b"MPF\0", p.body))
    behind = jpeg_parts.segment(0xE1, jpeg_parts.XMP_HEADER + packet())
    data = jpeg_parts.with_index_moved(data, data[: index.end] + behind + data[index.end :])
    out = write(data, VALUE)
    for before, after in zip(pictures(data), pictures(out), strict=True):
        assert np.array_equal(before, after)
    index = out.index(b"MPF\0") + 4
    order = "<" if out[index : index + 2] == b"II" else ">"
    entry = index + struct.unpack_from(order + "I", out, index + 10 + 2 * 12 + 8)[0]
    size, _ = struct.unpack_from(order + "II", out, entry + 4)
    assert out[size : size + 3] == b"\xff\xd8\xff"


def pictures(data):
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 3
        found = []
        for number in range(3):
            image.seek(number)
            found.append(np.asarray(image.convert("RGB")))
        return found


def test_carry_leaves_the_multi_picture_index_and_says_so():
    out, notes = carry(multi_picture(), make("jpeg", side=48))
    assert b"MPF\0" not in out
    assert "multi-picture" in notes[0]


def test_carry_leaves_the_colour_transform_to_the_encoder():
    source = make("jpeg-cmyk", side=48)
    out, _ = carry(source, make("jpeg", side=48))
    assert b"Adobe" in source
    assert b"Adobe" not in out


def test_carry_keeps_the_density():
    buffer = io.BytesIO()
    Image.fromarray(photo(side=48)).save(buffer, "JPEG", dpi=(300, 300))
    out, _ = carry(buffer.getvalue(), make("jpeg", side=48))
    with Image.open(io.BytesIO(out)) as image:
        assert image.info["dpi"] == (300, 300)


def test_carry_keeps_c2pa_and_says_that_it_no_longer_matches(wild):
    source = (wild / "media" / "flux2_c2pa.jpg").read_bytes()
    with Image.open(io.BytesIO(source)) as image:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG")
    out, notes = carry(source, buffer.getvalue())
    kept = [bytes(b.content) for b in jpeg.blocks(out) if b.kind == "c2pa"]
    assert kept == [bytes(b.content) for b in jpeg.blocks(source) if b.kind == "c2pa"]
    assert "no longer matches" in notes[0]


def test_png_label_stands_before_the_picture():
    out = write(make("png", side=48), VALUE)
    assert out.index(b"iTXt") < out.index(b"IDAT")


def test_png_chunks_that_depend_on_the_pixels_are_named():
    data = rich("png")
    unsafe = b"\0\0\0\0abCD" + struct.pack(">I", 0)
    safe = b"\0\0\0\0abCd" + struct.pack(">I", 0)
    out, notes = carry(data[:33] + unsafe + safe + data[33:], make("png", side=48))
    assert b"abCd" in out
    assert b"abCD" not in out
    assert "abCD" in notes[0]


def test_simple_webp_gets_an_extended_header():
    for maker, alpha in (("webp", 0), ("webp-lossless", 0)):
        out = write(make(maker, side=48), VALUE)
        assert out[12:16] == b"VP8X"
        assert out[20] == 0x04 | alpha
        assert probe(out).width == 48
    buffer = io.BytesIO()
    clear = np.dstack([photo(side=48), np.tile(np.arange(48, dtype=np.uint8), (48, 1))])
    Image.fromarray(clear).save(buffer, "WEBP", lossless=True)
    out = write(buffer.getvalue(), VALUE)
    assert out[20] & 0x10 or b"VP8X" in buffer.getvalue()
    assert same_frames(out, buffer.getvalue())


def test_gif_becomes_89a_and_keeps_its_loop_first():
    data = rich("gif").replace(b"GIF89a", b"GIF87a")
    out = write(data, VALUE)
    assert out.startswith(b"GIF89a")
    assert out.index(b"NETSCAPE2.0") < out.index(b"XMP DataXMP") < out.index(b"\x2c", 800)


def test_gif_without_its_last_byte_is_read():
    data = rich("gif")
    assert data.endswith(b"\x3b")
    assert [carrier.text for carrier in find(write(data[:-1], VALUE))] == [VALUE]


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_of_both_orders_and_sizes(order, big):
    data = bare_tiff(order, big=big)
    assert probe(data).width == 2
    out = write(write(data, OLD), VALUE)
    assert [carrier.text for carrier in find(out)] == [VALUE]
    tifffile = pytest.importorskip("tifffile", reason="Pillow does not read big-endian BigTIFF")
    assert tifffile.imread(io.BytesIO(out)).tolist() == [[0, 80], [160, 240]]
    assert write(out, VALUE) == out


def bare_tiff(order: str, *, big: bool = False) -> bytes:
    tags = [
        (256, 3, 2),
        (257, 3, 2),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 0),
        (277, 3, 1),
    ]
    tags += [(278, 3, 2), (279, 4, 4)]
    offset, count = ("Q", "Q") if big else ("I", "H")
    start = 16 if big else 8
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(
        order + ("HHHQ" if big else "HI"), *([43, 8, 0] if big else [42]), start
    )
    width = 20 if big else 12
    strip = start + struct.calcsize(count) + width * len(tags) + struct.calcsize(offset)
    rows = b""
    for tag, kind, value in tags:
        field = struct.pack(order + {3: "H", 4: "I"}[kind], strip if tag == 273 else value)
        rows += struct.pack(order + "HH" + offset, tag, kind, 1) + field.ljust(
            8 if big else 4, b"\0"
        )
    return (
        head
        + struct.pack(order + count, len(tags))
        + rows
        + struct.pack(order + offset, 0)
        + bytes([0, 80, 160, 240])
    )


def test_tiff_tags_cross_byte_orders():
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(bare_tiff("<"))) as image:
        image.save(buffer, "TIFF", tiffinfo={270: "a cat", 282: 300.0})
    assert buffer.getvalue().startswith(b"II")
    out, _ = carry(buffer.getvalue(), bare_tiff(">"))
    assert out.startswith(b"MM")
    with Image.open(io.BytesIO(out)) as image:
        assert image.tag_v2[270] == "a cat"
        assert image.tag_v2[282] == 300
        assert np.array_equal(np.asarray(image), [[0, 80], [160, 240]])


def test_tiff_chain_of_pages_goes_on_behind_the_label():
    out = write(rich("tiff-pages"), VALUE * 3)
    with Image.open(io.BytesIO(out)) as image:
        assert image.n_frames == 3


def test_circular_tiff_chain_is_refused():
    data = bytearray(bare_tiff("<"))
    struct.pack_into("<I", data, 8 + 2 + 9 * 12, 8)
    with pytest.raises(CorruptMedia, match="circle"):
        write(bytes(data), VALUE)


@pytest.mark.parametrize("kind", ["avif", "heic"])
def test_item_locations_keep_their_layout(kind):
    data = rich(kind)
    old, new = items.read_meta(data), items.read_meta(write(data, VALUE * 4))
    for name in ("version", "offset_size", "length_size", "base_size", "index_size"):
        assert getattr(old.locations, name) == getattr(new.locations, name)


@pytest.mark.parametrize("kind", ["avif", "heic"])
def test_new_item_describes_the_primary_picture(kind):
    out = write(make(kind, side=48), VALUE)
    meta = items.read_meta(out)
    new = next(item for item in meta.items if item.content_type == isobmff.XMP_TYPE)
    iref = meta.part(b"iref")
    tie = b"cdsc" + struct.pack(">HHH", new.number, 1, meta.primary)
    assert tie in out[iref.start : iref.end]


def animated_avif() -> bytes:
    frames = [Image.fromarray(np.roll(photo(side=48), 9 * i, 1)) for i in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "AVIF", save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


def test_avif_sequence_keeps_its_frames():
    data = animated_avif()
    assert probe(data).frames == 3
    out = write(write(data, OLD), VALUE * 2)
    assert same_frames(data, out)
    assert len(find(out)) == 1


def test_open_ended_media_data_is_closed_before_the_label():
    data = make("avif", side=48)
    at = data.rindex(b"mdat") - 4
    open_ended = data[:at] + bytes(4) + data[at + 4 :]
    out = write(open_ended, VALUE)
    assert [carrier.text for carrier in find(out)] == [VALUE]
    assert same_frames(out, data)


def test_sequence_without_still_picture_is_refused():
    box = struct.pack(">I4s", 16, b"moov") + bytes(8)
    with pytest.raises(UnsupportedMedia, match="no place"):
        write(b"\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc" + box, VALUE)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif", "tiff", "avif"])
def test_truncated_header_is_corrupt_not_unlabelled(kind):
    data = rich(kind)
    for length in (12, 16, 24, 32):
        with pytest.raises(LabelError):
            write(data[:length], VALUE)


def test_tiff_without_a_page_is_refused():
    with pytest.raises(CorruptMedia, match="no page"):
        write(b"II*\0" + bytes(4), VALUE)


def test_list_of_items_without_room_is_refused():
    data = bytearray(make("avif"))
    at = data.index(b"iinf") + 8
    data[at : at + 2] = b"\xff\xff"
    with pytest.raises(CorruptMedia, match="no room"):
        write(bytes(data), VALUE)


def test_empty_list_of_item_references_is_refused():
    data = bytearray(rich("avif"))
    at = data.index(b"iref") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    data[at : at + 16] = struct.pack(">I4sI4s", 8, b"iref", size - 8, b"free")
    with pytest.raises(CorruptMedia, match="iref"):
        write(bytes(data), VALUE)


def test_a_label_may_be_the_first_item_of_all():
    data = bytearray(make("avif").replace(b"infe", b"free"))
    infos, places = data.index(b"iinf") + 8, data.index(b"iloc") + 10
    data[infos : infos + 2] = data[places : places + 2] = bytes(2)
    out = write(bytes(data), VALUE)
    assert VALUE.encode() in out


def test_a_directory_that_is_cut_off_is_corrupt():
    data = rich("tiff")
    layout, (page, *_) = ifd.read_all(data)
    with pytest.raises(CorruptMedia, match="IFD0 is cut off"):
        ifd.raw_entries(data[: page.start + 30], layout, page)


def test_webp_without_a_size_is_refused():
    data = bytearray(make("webp"))
    at = data.index(b"\x9d\x01\x2a") + 3
    data[at : at + 4] = bytes(4)
    with pytest.raises(CorruptMedia, match="no readable picture header"):
        write(bytes(data), VALUE)


def test_webp_with_a_short_extended_header_gets_a_whole_one():
    data = make("webp")
    short = data[:12] + b"VP8X" + struct.pack("<I", 0) + data[12:]
    with_size = short[:4] + struct.pack("<I", len(short) - 8) + short[8:]
    assert probe(write(with_size, VALUE)).width == probe(data).width
