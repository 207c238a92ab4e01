"""Pixels in, pixels out: mode, depth, timing, orientation and colour kept."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from labeler.containers.sniffing import sniff
from labeler.errors import CorruptMedia, UnsupportedMedia
from labeler.image.picture import decode_picture, encode_picture, view_picture
from labeler.image.turning import disorient, orient
from makers import MAKERS, make, photo, save


LOSSLESS = {
    "png", "png-alpha", "png-grey-alpha", "png-16", "apng", "webp-lossless", "tiff", "tiff-pages",
    "tiff-16",
}  # fmt: skip


@pytest.mark.parametrize("maker", list(MAKERS))
def test_a_picture_is_stored_again_as_it_was_stored(maker):
    data = make(maker)
    picture = decode_picture(data, sniff(data))
    again = encode_picture(picture)
    assert sniff(again) == sniff(data)
    back = decode_picture(again, picture.format)
    assert back.storage.mode == picture.storage.mode
    assert back.storage.durations == picture.storage.durations
    assert [f.shape for f in back.frames] == [f.shape for f in picture.frames]
    assert [f.dtype for f in back.frames] == [f.dtype for f in picture.frames]
    worst = max(
        float(np.abs(a.astype(np.float32) - b).mean())
        for a, b in zip(picture.frames, back.frames, strict=True)
    )
    if maker in LOSSLESS:
        assert worst == 0
    else:
        assert worst < 2.5


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_name", ["jpeg", "png", "webp", "tiff", "avif"])
def test_frames_stand_upright_and_are_stored_as_they_lay(format_name, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    upright = photo()[:, :300]
    stored = Image.fromarray(disorient(upright, orientation))
    options = {"lossless": True} if format_name == "webp" else {"quality": 95}
    data = save(stored, format_name.upper(), exif=exif, **options)
    picture = decode_picture(data, format_name)
    shown = view_picture(data, format_name)[0]
    assert picture.frames[0].shape == upright.shape
    assert np.abs(picture.frames[0].astype(int) - upright).mean() < 6
    assert np.array_equal(shown, picture.frames[0])
    with Image.open(io.BytesIO(encode_picture(picture))) as again:
        assert again.size == stored.size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_back_undoes_turning(orientation):
    pixels = np.arange(24).reshape(2, 4, 3)
    assert np.array_equal(disorient(orient(pixels, orientation), orientation), pixels)


def test_a_jpeg_keeps_its_tables_and_chroma_sampling():
    for sampling in (0, 1, 2):
        data = save(Image.fromarray(photo()), "JPEG", quality=63, subsampling=sampling)
        again = encode_picture(decode_picture(data, "jpeg"))
        with Image.open(io.BytesIO(data)) as old, Image.open(io.BytesIO(again)) as new:
            assert old.quantization == new.quantization
            assert old.layer == new.layer


def test_the_icc_profile_is_kept():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for format_name in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        data = save(Image.fromarray(photo()), format_name, icc_profile=profile)
        again = encode_picture(decode_picture(data, format_name.lower()))
        with Image.open(io.BytesIO(again)) as image:
            assert image.info["icc_profile"] == profile


def test_transparency_of_a_palette_stays_transparent():
    image = Image.fromarray(photo()).convert("RGBA")
    image.putalpha(Image.new("L", image.size, 255))
    image.paste((0, 0, 0, 0), (0, 0, 50, 50))
    picture = decode_picture(save(image.quantize(64), "PNG"), "png")
    back = decode_picture(encode_picture(picture), "png")
    assert back.storage.mode == "P"
    assert back.frames[0][10, 10, 3] == 0
    assert back.frames[0][100, 100, 3] == 255


def test_inks_of_unchanged_pixels_are_returned_as_they_were():
    cmyk = np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8)
    data = save(Image.fromarray(cmyk, "CMYK"), "TIFF")
    picture = decode_picture(data, "tiff")
    frame = picture.frames[0].copy()
    frame[:8] = 255
    with Image.open(io.BytesIO(encode_picture(picture.with_frames((frame,))))) as image:
        inks = np.asarray(image)
        shown = np.asarray(image.convert("RGB"))
    assert np.array_equal(inks[8:], cmyk[8:])
    assert (shown[:8] >= 254).all()


def test_more_than_eight_bits_are_refused_where_they_cannot_be_written_back():
    frames = [Image.fromarray(np.zeros((40, 40), np.uint16)) for _ in range(2)]
    pages = save(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    with pytest.raises(UnsupportedMedia, match="--layers metadata"):
        decode_picture(pages, "tiff")
    assert view_picture(pages, "tiff")[0].dtype == np.uint8


def test_sixteen_bit_grey_is_shown_by_its_upper_bits():
    ramp = np.linspace(0, 65535, 256 * 40).reshape(40, 256).astype(np.uint16)
    data = cv2.imencode(".png", ramp)[1].tobytes()
    assert np.abs(view_picture(data, "png")[0].astype(int) - (ramp >> 8)).max() <= 1


def test_views_are_first_and_last_included():
    views = view_picture(make("gif-animated"), "gif", most=3)
    assert len(views) == 3
    assert not np.array_equal(views[0], views[2])


@pytest.mark.parametrize("maker", ["jpeg", "png", "webp", "gif", "tiff", "avif", "heic"])
def test_a_truncated_picture_is_corrupt(maker):
    data = make(maker)
    for cut in (len(data) // 3, len(data) * 2 // 3):
        with pytest.raises(CorruptMedia):
            decode_picture(data[:cut], sniff(data))
