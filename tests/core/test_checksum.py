"""Frames and their checksums."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from labeler.core.checksum import checksum, frame, is_valid
from labeler.schemes import IMAGE_V1


LONG, SHORT = IMAGE_V1.modes


@pytest.mark.parametrize("mode", [LONG, SHORT])
def test_a_frame_is_valid_and_begins_with_its_payload(mode):
    payload = np.random.default_rng(1).integers(0, 2, mode.payload_bits).astype(np.uint8)
    framed = frame(payload, mode)
    assert framed.shape == (mode.frame_bits,)
    assert (framed[: mode.payload_bits] == payload).all()
    assert is_valid(framed, mode)


@pytest.mark.parametrize("mode", [LONG, SHORT])
def test_every_single_bit_error_is_seen(mode):
    framed = frame([0, 1] * (mode.payload_bits // 2), mode)
    for index in range(mode.frame_bits):
        broken = framed.copy()
        broken[index] ^= 1
        assert not is_valid(broken, mode)


def test_an_all_zero_frame_is_invalid():
    assert not is_valid(np.zeros(LONG.frame_bits, np.uint8), LONG)
    assert not is_valid(np.zeros(SHORT.frame_bits, np.uint8), SHORT)


def test_a_payload_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="64 bits"):
        frame([1, 0], LONG)


@pytest.mark.parametrize("mode", [LONG, SHORT])
def test_the_checksum_is_the_head_of_a_crc_32(mode):
    payload = np.random.default_rng(2).integers(0, 2, mode.payload_bits)
    whole = int("".join(map(str, payload)), 2).to_bytes(mode.payload_bits // 8, "big")
    expected = f"{zlib.crc32(mode.tag.encode() + whole):032b}"[: mode.check_bits]
    assert "".join(map(str, checksum(payload, mode))) == expected
