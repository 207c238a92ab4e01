"""The format of invisible-watermark without that package; against it: integrations tests."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from skimage import data

from detectors.foreign.imwatermark import read_bits, read_bytes
from labeler.errors import InvalidLabel, LayerFailed, MediaTooSmall, UnsupportedMedia
from labeler.image.imwatermark import as_bits, embed


METHODS = ("dwtDct", "dwtDctSvd")

GOLDEN = {
    "dwtDct": "a55a3bf5218934d5331717c8c57330a4a8f1ec13c17fe94e0027e18ddff5d7bc",
    "dwtDctSvd": "5b0d9cceebe7501fa1f7441307e9fa403fd0e75e22059560bf57dc975cb03410",
}
"""Digests of what invisible-watermark 0.2.0 itself writes (x86-64) for `picture` and b"golden"."""


def picture(height: int = 300, width: int = 404) -> np.ndarray:
    """Flat, smooth and rough parts, in whole numbers: the same on every machine."""
    y, x = np.mgrid[:height, :width]
    red = (x * 255 // width + (x * y) % 23) % 256
    green = (y * 255 // height + (x // 7 * y // 5) % 31) % 256
    blue = np.where(x < width // 3, 90, (x * x + y * 3) // 97 % 256)
    return np.stack([red, green, blue], -1).astype(np.uint8)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("method", METHODS)
def test_a_message_of_bytes_comes_back(method, exact):
    marked, receipt = embed(data.astronaut()[:300, :404], b"hello", method=method, exact=exact)
    assert read_bytes(marked, 5, method=method) == b"hello"
    assert (receipt.bits, receipt.blocks, receipt.misread) == (40, 37 * 50, 0)
    assert receipt.psnr_db > 25


@pytest.mark.parametrize("method", METHODS)
def test_exact_output_is_that_of_the_package(method):
    marked, _ = embed(picture(), b"golden", method=method, exact=True)
    assert hashlib.sha256(marked.tobytes()).hexdigest() == GOLDEN[method]


@pytest.mark.parametrize("method", METHODS)
def test_the_default_disturbs_less_than_the_package(method):
    exact = embed(picture(), b"golden", method=method, exact=True)[1]
    better = embed(picture(), b"golden", method=method)[1]
    assert better.psnr_db > exact.psnr_db + 1


@pytest.mark.parametrize("exact", [True, False])
def test_without_self_check_the_same_is_written_and_nothing_said_of_reading(exact):
    checked = embed(picture(), b"golden", exact=exact)[0]
    plain, receipt = embed(picture(), b"golden", exact=exact, self_check=False)
    assert np.array_equal(plain, checked)
    assert receipt.misread is None


def test_the_picture_that_came_in_is_not_changed():
    pixels = picture()
    before = pixels.copy()
    for exact in (True, False):
        embed(pixels, b"x", exact=exact)
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("exact", [True, False])
def test_alpha_is_kept(exact):
    pixels = np.dstack([picture(), np.arange(404, dtype=np.uint8)[None].repeat(300, 0)])
    marked, _ = embed(pixels, b"alpha", exact=exact)
    assert np.array_equal(marked[..., 3], pixels[..., 3])
    assert np.array_equal(marked[..., :3], embed(pixels[..., :3], b"alpha", exact=exact)[0])


def test_floats_are_taken_for_the_sake_of_pipelines_that_hand_them_over():
    marked, receipt = embed(data.astronaut().astype(np.float32), [1, 0] * 16, exact=True)
    assert marked.dtype == np.float32
    assert receipt.misread == 0
    with pytest.raises(UnsupportedMedia, match="float32"):
        embed(picture().astype(np.float32), [1, 0] * 16)


def test_a_white_picture_is_refused_and_not_silently_unmarked():
    white = np.full((256, 256, 3), 255, np.uint8)
    with pytest.raises(LayerFailed, match="flat, white or black"):
        embed(white, b"x")
    assert embed(white, b"x", exact=True)[1].misread > 0


@pytest.mark.parametrize("message", [b"", [], [0, 1, 2], "text", [[0, 1]], [0.5]], ids=repr)
def test_what_is_no_message_is_refused(message):
    with pytest.raises(InvalidLabel, match="message"):
        as_bits(message)


@pytest.mark.parametrize(
    ("pixels", "error"),
    [
        (np.zeros((100, 100, 3), np.uint8), MediaTooSmall),
        (np.zeros((300, 300), np.uint8), UnsupportedMedia),
        (np.zeros((300, 300, 2), np.uint8), UnsupportedMedia),
        (np.zeros((300, 300, 3), np.uint16), UnsupportedMedia),
        (np.zeros((2, 300, 300, 3), np.uint8), UnsupportedMedia),
        (np.zeros((2, 40000, 3), np.uint8), MediaTooSmall),
    ],
    ids=["small", "grey", "grey-alpha", "16-bit", "batch", "no-blocks"],
)
def test_pictures_that_cannot_carry_it_are_refused(pixels, error):
    with pytest.raises(error):
        embed(pixels, b"x")
    with pytest.raises(error):
        read_bits(pixels, 8)


def test_a_message_longer_than_the_picture_has_blocks_is_refused():
    with pytest.raises(MediaTooSmall, match="1850 blocks"):
        embed(picture(), bytes(300))
    with pytest.raises(InvalidLabel):
        read_bits(picture(), 0)


def test_an_unknown_method_is_named_with_those_there_are():
    with pytest.raises(UnsupportedMedia, match="dwtDct, dwtDctSvd, rivaGan"):
        embed(picture(), b"x", method="dwt")
    with pytest.raises(UnsupportedMedia, match="'dct'"):
        read_bits(picture(), 8, method="dct")


def test_neither_the_package_nor_torch_is_imported():
    code = (
        "import sys, numpy as np; import labeler, detectors, cli;"
        "from labeler.image.imwatermark import embed;"
        "from detectors.foreign.imwatermark import read_bytes;"
        "p = np.arange(196608).reshape(256, 256, 3).astype(np.uint8);"
        "embed(p, b'x', exact=True); read_bytes(p, 1);"
        "assert not {'imwatermark', 'torch', 'pywt', 'onnxruntime'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
