"""Against the real package invisible-watermark; `.ci/run` installs it, elsewhere these skip."""

from __future__ import annotations

import sys
import warnings
from importlib.util import find_spec

import numpy as np
import pytest
from skimage import data

from detectors.foreign.imwatermark import read_bits
from labeler.errors import InvalidLabel, MissingBackend
from labeler.image.imwatermark import embed


METHODS = ("dwtDct", "dwtDctSvd")
HERE = find_spec("imwatermark") is not None and find_spec("torch") is not None
needs_package = pytest.mark.skipif(
    not HERE, reason="invisible-watermark and PyTorch are not installed (.ci/run installs them)"
)

PICTURES = {
    "astronaut": data.astronaut,
    "coffee": lambda: data.coffee()[:397, :597],
    "chelsea": data.chelsea,
    "flat": lambda: np.full((256, 300, 3), (200, 90, 30), np.uint8),
}


@pytest.fixture(scope="module")
def package():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import imwatermark
    return imwatermark


def message_of(name: str, length: int) -> list[int]:
    return np.random.default_rng([length, *name.encode()]).integers(0, 2, length).tolist()


def encoded(package, pixels, bits, method):
    encoder = package.WatermarkEncoder()
    encoder.set_watermark("bits", bits)
    return encoder.encode(np.ascontiguousarray(pixels[..., ::-1]), method)[..., ::-1]


def decoded(package, pixels, length, method):
    decoder = package.WatermarkDecoder("bits", length)
    return decoder.decode(np.ascontiguousarray(pixels[..., ::-1]), method)


@needs_package
@pytest.mark.torch
@pytest.mark.parametrize("length", [32, 48, 136])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PICTURES)
def test_exact_is_byte_identical_and_both_read_both(package, name, method, length):
    pixels, bits = PICTURES[name](), message_of(name, length)
    theirs = encoded(package, pixels, bits, method)
    ours, receipt = embed(pixels, bits, method=method, exact=True)
    assert np.array_equal(ours, theirs)
    found = decoded(package, ours, length, method)
    assert np.array_equal(read_bits(theirs, length, method=method), found)
    assert receipt.misread == np.count_nonzero(found != bits)


@needs_package
@pytest.mark.torch
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PICTURES)
def test_what_carries_no_mark_reads_the_same(package, name, method):
    pixels = PICTURES[name]()
    assert np.array_equal(
        read_bits(pixels, 48, method=method), decoded(package, pixels, 48, method)
    )


@needs_package
@pytest.mark.torch
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PICTURES)
def test_the_package_reads_the_better_mark(package, name, method):
    bits = message_of(name, 48)
    ours, _ = embed(PICTURES[name](), bits, method=method)
    assert decoded(package, ours, 48, method).tolist() == bits


@needs_package
@pytest.mark.torch
@pytest.mark.parametrize("name", PICTURES)
def test_exact_is_identical_in_floats(package, name):
    pixels, bits = PICTURES[name]().astype(np.float32), message_of(name, 48)
    theirs = encoded(package, pixels, bits, "dwtDct")
    assert np.array_equal(embed(pixels, bits, exact=True)[0], theirs)


@needs_package
@pytest.mark.torch
def test_rivagan_runs_through_the_package(package):
    pixels, bits = data.astronaut()[:256, :256], message_of("riva", 32)
    marked, receipt = embed(pixels, bits, method="rivaGan")
    assert receipt.misread == 0
    assert np.array_equal(marked, encoded(package, pixels, bits, "rivaGan"))
    assert read_bits(marked, 32, method="rivaGan").tolist() == [bool(bit) for bit in bits]


def test_rivagan_carries_32_bits():
    pixels = np.zeros((256, 256, 3), np.uint8)
    with pytest.raises(InvalidLabel, match="32"):
        embed(pixels, bytes(5), method="rivaGan")
    with pytest.raises(InvalidLabel, match="32"):
        read_bits(pixels, 40, method="rivaGan")


def test_rivagan_without_the_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "imwatermark", None)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingBackend, match="imwatermark"):
        embed(np.zeros((256, 256, 3), np.uint8), bytes(4), method="rivaGan")
