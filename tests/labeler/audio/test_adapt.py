"""Sound held in memory: what is taken, what is refused with what to do, what goes back."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.audio.adapt import take_sound
from labeler.errors import UnsupportedMedia


WAVE = np.linspace(-0.5, 0.5, 600, dtype=np.float32)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "int32"])
@pytest.mark.parametrize(("layout", "shape"), [(None, (600,)), (None, (300, 2)), ("CN", (2, 300))])
def test_what_came_in_goes_back_in_its_own_form(dtype, layout, shape):
    full = {"int16": 2**15, "int32": 2**31}.get(dtype, 1)
    sound = (WAVE.astype(np.float64) * full).astype(dtype).reshape(shape)
    held = take_sound(sound, layout=layout)
    assert held.samples.shape == (600 // (1 if len(shape) == 1 else 2), len(shape))
    back = held.give_back(held.samples)
    assert (back.dtype, back.shape) == (sound.dtype, sound.shape)
    assert np.abs(back.astype(np.float64) - sound).max() <= full * 1e-7


@pytest.mark.parametrize(
    ("sound", "layout", "message"),
    [
        (WAVE, "HWC", "layout of sound"),
        ([0.0, 0.1], "NC", "no array or tensor"),
        (WAVE[:0], None, "shape"),
        (WAVE.reshape(10, 10, 6), None, "shape"),
        (WAVE.reshape(2, 300), None, 'layout="CN"'),
        (WAVE.reshape(300, 2), "CN", 'layout="NC"'),
        (np.zeros(50, np.uint16), None, "int16 or int32"),
    ],
)
def test_what_is_no_sound_is_refused_with_what_to_do(sound, layout, message):
    with pytest.raises(UnsupportedMedia, match=message):
        take_sound(sound, layout=layout)
