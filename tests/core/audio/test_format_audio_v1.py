"""The written format of the sound mark, implemented once more from its text, against the code."""

from __future__ import annotations

import hashlib
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from labeler.audio.watermark import embed_mark
from labeler.core.audio.pattern import code_signs, deal_of, pattern_of, payload_targets
from labeler.core.checksum import frame
from labeler.keys import DEFAULT_KEY
from labeler.payload import from_bits
from labeler.schemes import AUDIO_V1
from synthetic_sounds import speech


PAGE = Path(__file__).parents[3] / "docs" / "formats" / "audio-v1.md"
PAYLOAD = [int(bit) for bit in f"{0x0123456789ABCDEF:064b}"]
POLYNOMIALS = (0o2327, 0o2353, 0o2671, 0o3175, 0o3345, 0o3613)
SLOTS, BANDS, SYNC = 120, 80, 16
MODES = [(1, 64), (2, 48), (3, 32), (4, 16)]


@cache
def vector(row: str, column: int = 1) -> str:
    lines = PAGE.read_text("utf-8").splitlines()
    line = next(line for line in lines if line.startswith(f"| {row}"))
    return line.split("|")[column + 1].strip().strip("`")


def stream(key: bytes, purpose: str, count: int) -> list[int]:
    data = b""
    for block in range(-(-count // 4)):
        head = bytes([len(purpose)]) + purpose.encode()
        data += hashlib.sha256(head + key + block.to_bytes(8, "big")).digest()
    return [int.from_bytes(data[8 * i : 8 * i + 8], "big") for i in range(count)]


def shuffled(key: bytes, purpose: str, count: int) -> list[int]:
    words = stream(key, purpose, count)
    return sorted(range(count), key=lambda index: (words[index], index))


@cache
def signs(key: bytes) -> list[int]:
    return [-1 if word >> 63 else 1 for word in stream(key, "audio-v1/signs", SLOTS * BANDS)]


@cache
def orders(key: bytes) -> list[list[int]]:
    return [shuffled(key, f"audio-v1/slot-{slot}", BANDS) for slot in range(SLOTS)]


def framed(bits: int) -> list[int]:
    payload = PAYLOAD[:bits]
    packed = int("".join(map(str, payload)), 2).to_bytes(bits // 8, "big")
    crc = f"{zlib.crc32(f'audio-v1/{bits}'.encode() + packed):032b}"
    return payload + [int(bit) for bit in crc[:12]]


def coded(bits: list[int]) -> list[int]:
    out = []
    for t in range(len(bits)):
        for polynomial in POLYNOMIALS:
            taps = [d for d in range(11) if polynomial >> (10 - d) & 1]
            out.append(sum(bits[t - d] for d in taps) % 2)
    return out


@cache
def dealt(key: bytes, bits: int) -> list[list[int]]:
    """The coded bit of each tile, -1 in sync tiles."""
    length, tiles = 6 * (bits + 12), SLOTS * (BANDS - SYNC)
    runs = -(-tiles // length)
    deal = [b for q in range(runs) for b in shuffled(key, f"audio-v1/{bits}/run-{q}", length)]
    plan = [[-1] * BANDS for _ in range(SLOTS)]
    for slot, order in enumerate(orders(key)):
        for place, band in enumerate(order[SYNC:]):
            plan[slot][band] = deal[slot * (BANDS - SYNC) + place]
    return plan


@cache
def directions(key: bytes, bits: int) -> list[list[int]]:
    """+1 where a tile is raised, -1 where it is lowered."""
    sent = coded(framed(bits))
    rows = dealt(key, bits)
    flips = [[-1 if index >= 0 and sent[index] else 1 for index in row] for row in rows]
    return [
        [signs(key)[slot * BANDS + band] * flips[slot][band] for band in range(BANDS)]
        for slot in range(SLOTS)
    ]


def text_of(rows: list[list[int]]) -> str:
    return "".join("+" if value > 0 else "-" for row in rows for value in row)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def subkey() -> bytes:
    return DEFAULT_KEY.subkey("audio-v1")


@pytest.fixture(scope="module")
def pattern(subkey):
    return pattern_of(AUDIO_V1, subkey)


def test_subkey_is_the_vector(subkey):
    assert subkey.hex() == vector("sub-key")


def test_signs_are_the_vector_and_the_text(pattern, subkey):
    text = "".join("+" if sign > 0 else "-" for sign in signs(subkey))
    assert "".join("+" if sign > 0 else "-" for sign in pattern.signs.ravel()) == text
    assert vector("signs of slot 0, bands 0 to 15") == text[:16]
    assert vector("SHA-256 of all signs") == digest(text)


def test_sync_tiles_are_the_vector_and_the_text(pattern, subkey):
    bands = [sorted(order[:SYNC]) for order in orders(subkey)]
    ours = [np.flatnonzero(row).tolist() for row in pattern.is_sync]
    assert ours == bands
    assert vector("sync bands of slot 0") == " ".join(map(str, bands[0]))
    lines = "".join(" ".join(map(str, row)) + "\n" for row in bands)
    assert vector("SHA-256 of the lines of sync bands") == digest(lines)


@pytest.mark.parametrize(("column", "bits"), MODES)
def test_frame_and_code_are_the_vectors_and_the_text(pattern, column, bits):
    whole = framed(bits)
    mode = AUDIO_V1.mode_of(bits)
    assert frame(PAYLOAD[:bits], mode).tolist() == whole
    assert vector("check bits", column) == f"{int(''.join(map(str, whole[bits:])), 2):03x}"
    text = "".join(map(str, coded(whole)))
    ours = code_signs(np.array(whole, np.uint8), pattern)
    assert "".join("0" if sign > 0 else "1" for sign in ours) == text
    assert vector("SHA-256 of the coded bits", column) == digest(text)


@pytest.mark.parametrize(("column", "bits"), MODES)
def test_deal_is_the_vector_and_the_text(pattern, subkey, column, bits):
    plan = dealt(subkey, bits)
    assert deal_of(pattern, AUDIO_V1.mode_of(bits)).bit.tolist() == plan
    assert vector("coded bits of slot 0, bands 0 to 7", column) == " ".join(map(str, plan[0][:8]))
    counts = np.bincount([bit for row in plan for bit in row if bit >= 0])
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize(("column", "bits"), MODES)
def test_directions_are_the_vectors_and_the_text(pattern, subkey, column, bits):
    text = text_of(directions(subkey, bits))
    ours = payload_targets(pattern, tuple(PAYLOAD[:bits]), AUDIO_V1.mode_of(bits))
    assert text_of(ours.tolist()) == text
    assert vector("directions of slot 0, bands 0 to 15", column) == text[:16]
    assert vector("SHA-256 of all directions", column) == digest(text)


def test_a_reader_made_from_the_text_alone_reads_the_mark(subkey):
    """Plain tile energies, no feature of ours: the lattice, the slots and the signs must agree."""
    rate, start = 24_000, 12_345
    sound = embed_mark(speech(16.0), rate, from_bits(tuple(PAYLOAD)))[0][start:].astype(np.float64)
    slot, size = 768, 960
    energies = []
    for index in range(len(sound) // slot):
        total = np.zeros(BANDS)
        for centre in (slot // 4, 3 * slot // 4):
            at = index * slot + centre - size // 2
            if at >= 0 and at + size <= len(sound):
                bins = np.abs(np.fft.rfft(np.hanning(size) * sound[at : at + size])) ** 2
                places = np.arange(len(bins)) * rate / size
                total += [
                    bins[(places >= 300 + 87.5 * b) & (places < 300 + 87.5 * (b + 1))].sum()
                    for b in range(BANDS)
                ]
        energies.append(total)
    # The clip begins 16.07 slots into the mark: off the grid by less than a tenth of a slot.
    loud = np.log(np.array(energies) + 1e-6)
    rough = np.clip(loud[1:-1] - (loud[:-2] + loud[2:]) / 2, -1, 1)
    expected = np.array(directions(subkey, 64))
    scores = []
    for turn in range(SLOTS):
        rows = (np.arange(1, len(rough) + 1) + turn) % SLOTS
        scores.append((rough * expected[rows]).sum() / np.sqrt((rough**2).sum()))
    assert int(np.argmax(scores)) == 16
    assert max(scores) > 12
