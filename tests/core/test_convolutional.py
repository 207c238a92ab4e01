"""The tail-biting convolutional code."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core import convolutional
from labeler.schemes import ROBUST_CODE, ConvolutionalCode


def frames(count: int, bits: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 2, (count, bits)).astype(np.uint8)


def soft(coded: np.ndarray, noise: float) -> np.ndarray:
    rng = np.random.default_rng(4)
    return (1 - 2.0 * coded + rng.normal(0, noise, coded.shape)).astype(np.float32)


@pytest.mark.parametrize("bits", [12, 48, 96, 160])
def test_clean_frames_decode(bits):
    sent = frames(3, bits)
    coded = convolutional.encode(sent, ROBUST_CODE)
    assert coded.shape == (3, 6 * bits)
    assert (convolutional.decode(soft(coded, 0), ROBUST_CODE) == sent).all()


def test_noisy_frames_decode_at_one_and_a_half_decibels():
    sent = frames(100, 96)
    noise = np.sqrt(6 / 2 / 10**0.15)
    received = soft(convolutional.encode(sent, ROBUST_CODE), noise)
    right = (convolutional.decode(received, ROBUST_CODE) == sent).all(axis=1)
    assert right.mean() >= 0.97


def test_a_batch_decodes_like_its_frames():
    received = np.random.default_rng(5).normal(size=(2, 3, 288)).astype(np.float32)
    batch = convolutional.decode(received, ROBUST_CODE)
    assert batch.shape == (2, 3, 48)
    for row in np.ndindex(2, 3):
        assert (batch[row] == convolutional.decode(received[row], ROBUST_CODE)).all()


def test_the_code_bites_its_tail():
    sent = frames(1, 48)[0]
    turned = convolutional.encode(np.roll(sent, 5), ROBUST_CODE)
    assert (turned == np.roll(convolutional.encode(sent, ROBUST_CODE), 30)).all()


@pytest.mark.parametrize("lacking", [0o26, 0o17, 0o13])
def test_a_polynomial_without_end_taps_is_refused(lacking):
    with pytest.raises(ValueError, match="newest and the oldest"):
        convolutional.decode(
            np.zeros(24, np.float32), ConvolutionalCode(constraint=5, polynomials=(lacking, 0o37))
        )
