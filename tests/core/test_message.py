"""A payload as the embedder needs it: computed once, and nobody changes it."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.checksum import frame
from labeler.core.image.lattice import codeword_chips, coefficients_of, lattice_of, tile_of
from labeler.core.message import message_of
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


LATTICE = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
MODE = IMAGE_V1.short_mode
PAYLOAD = (1, 0) * (MODE.payload_bits // 2)


def test_a_message_is_chips_coefficients_and_tile_of_its_payload():
    message = message_of(LATTICE, PAYLOAD, MODE)
    coefficients = coefficients_of(LATTICE, PAYLOAD, MODE)
    assert np.array_equal(message.signed, codeword_chips(LATTICE, frame(PAYLOAD, MODE), MODE))
    assert np.array_equal(message.coefficients, coefficients)
    assert np.array_equal(message.tile, tile_of(LATTICE, coefficients))


def test_a_message_is_made_once_and_cannot_be_changed():
    message = message_of(LATTICE, PAYLOAD, MODE)
    assert message_of(LATTICE, PAYLOAD, MODE) is message
    for array in (message.signed, message.coefficients, message.tile):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
