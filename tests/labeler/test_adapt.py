"""Whatever comes in goes out in the same kind, dtype and layout."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from labeler.adapt import give_back, take
from labeler.errors import UnsupportedMedia


class FakeTensor:
    """What the adapter uses of a torch tensor."""

    def __init__(self, array, device="cpu"):
        self.array, self.device = np.asarray(array), device
        self.dtype = f"torch.{self.array.dtype}"

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self.array

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("detach first")

    def new_tensor(self, array):
        return FakeTensor(np.asarray(array, self.array.dtype), self.device)


GREY = np.arange(48, dtype=np.uint8).reshape(6, 8)
COLOUR = np.arange(144, dtype=np.uint8).reshape(6, 8, 3)


@pytest.mark.parametrize("array", [GREY, COLOUR, COLOUR[None].repeat(2, 0), COLOUR[..., :1]])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_integer_arrays_come_back_equal(array, dtype):
    array = array.astype(dtype)
    taken = take(array)
    assert taken.kind == "array"
    back = give_back(taken, taken.pixels)
    assert back.dtype == dtype
    assert np.array_equal(back, array)


@pytest.mark.parametrize("value_range", [(0, 1), (-1, 1), (0, 255)])
def test_floats_come_back_in_their_range(value_range):
    low, high = value_range
    array = (COLOUR / 143 * (high - low) + low).astype(np.float32)
    taken = take(array, value_range=value_range)
    assert taken.pixels.min() >= 0
    assert taken.pixels.max() <= 1
    assert np.allclose(give_back(taken, taken.pixels), array, atol=1e-4 * (high - low))


def test_tensors_are_channel_first_and_keep_device_and_dtype():
    tensor = FakeTensor(np.moveaxis(COLOUR, -1, 0) / np.float32(255), device="cuda:0")
    taken = take(tensor)
    assert taken.kind == "tensor"
    assert taken.pixels.shape == (6, 8, 3)
    back = give_back(taken, taken.pixels)
    assert isinstance(back, FakeTensor)
    assert back.device == "cuda:0"
    assert np.allclose(back.array, tensor.array)


def test_channel_first_arrays_need_to_be_named_as_such():
    first = np.moveaxis(COLOUR, -1, 0)
    with pytest.raises(UnsupportedMedia, match='layout="CHW"'):
        take(first)
    taken = take(first, layout="CHW")
    assert np.array_equal(give_back(taken, taken.pixels), first)


def test_floats_outside_their_range_are_refused_with_advice():
    with pytest.raises(UnsupportedMedia, match="value_range"):
        take(np.full((4, 4, 3), 200.0))
    with pytest.raises(UnsupportedMedia, match="value_range"):
        take(np.full((4, 4, 3), np.nan, np.float32))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_pil_images_keep_their_mode_and_info(mode):
    image = Image.new(mode, (8, 6))
    image.info["dpi"] = (72, 72)
    taken = take(image)
    back = give_back(taken, taken.pixels)
    assert (back.mode, back.size, back.info["dpi"]) == (mode, (8, 6), (72, 72))


def test_palette_images_are_refused_with_advice():
    with pytest.raises(UnsupportedMedia, match="convert"):
        take(Image.new("P", (8, 6)))


@pytest.mark.parametrize("content", [b"abc", bytearray(b"abc"), memoryview(b"abc")])
def test_bytes_are_bytes(content):
    assert take(content).data == b"abc"


@pytest.mark.parametrize("content", [None, 7, object(), np.zeros(5), np.zeros((0, 4, 3))])
def test_other_things_are_refused(content):
    with pytest.raises(UnsupportedMedia):
        take(content)


def test_64_bit_integers_are_refused():
    with pytest.raises(UnsupportedMedia, match="uint8"):
        take(np.zeros((4, 4, 3), np.int64))
