"""The written format, implemented once more from its text, against the code and its vectors."""

from __future__ import annotations

import hashlib
import re
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from labeler.core import convolutional, random
from labeler.core.checksum import frame
from labeler.core.image.lattice import codeword_chips, coefficients_of, lattice_of, tile_of
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


PAGE = Path(__file__).parents[3] / "docs" / "formats" / "image-v1.md"
PAYLOAD = [int(bit) for bit in f"{0x0123456789ABCDEF:064b}"]
POLYNOMIALS = (0o2327, 0o2353, 0o2671, 0o3175, 0o3345, 0o3613)
MODES = {"long": (64, 32, "image-v1/64"), "short": (32, 16, "image-v1/32")}
PLACES = ((0, 0), (1, 0), (0, 1), (42, 17), (64, 64), (127, 127))


@cache
def page() -> str:
    return PAGE.read_text("utf-8")


def vector(row: str, column: int = 1) -> str:
    line = next(line for line in page().splitlines() if line.startswith(f"| {row}"))
    return line.split("|")[column + 1].strip()


def stream(key: bytes, purpose: str, count: int) -> list[int]:
    data = b""
    for block in range(-(-count // 4)):
        head = bytes([len(purpose)]) + purpose.encode()
        data += hashlib.sha256(head + key + block.to_bytes(8, "big")).digest()
    return [int.from_bytes(data[8 * i : 8 * i + 8], "big") for i in range(count)]


def shuffled(key: bytes, purpose: str, count: int) -> list[int]:
    words = stream(key, purpose, count)
    return sorted(range(count), key=lambda index: (words[index], index))


def frequencies() -> list[tuple[int, int]]:
    found = [
        (u, v)
        for u in range(-24, 25)
        for v in range(2, 25)
        if 16 <= u * u + v * v <= 576 and abs(u) >= 2 and (u % 16 or v % 16)
    ]
    return sorted(found, key=lambda f: (f[0] ** 2 + f[1] ** 2, f[0], f[1]))


def pilots(key: bytes) -> list[tuple[int, int, int]]:
    candidates = [f for f in frequencies() if 36 <= f[0] ** 2 + f[1] ** 2 <= 441]
    taken = sorted(shuffled(key, "image-v1/pilots", len(candidates))[:64])
    words = stream(key, "image-v1/phases", 64)
    return [(*candidates[place], word >> 48) for place, word in zip(taken, words, strict=True)]


def framed(mode: str) -> list[int]:
    payload_bits, check_bits, tag = MODES[mode]
    payload = PAYLOAD[:payload_bits]
    packed = int("".join(map(str, payload)), 2).to_bytes(payload_bits // 8, "big")
    crc = f"{zlib.crc32(tag.encode() + packed):032b}"
    return payload + [int(bit) for bit in crc[:check_bits]]


def coded(bits: list[int]) -> list[int]:
    out = []
    for t in range(len(bits)):
        for polynomial in POLYNOMIALS:
            taps = [d for d in range(11) if polynomial >> (10 - d) & 1]
            out.append(sum(bits[t - d] for d in taps) % 2)
    return out


def plan(key: bytes, mode: str) -> list[tuple[int, int]]:
    payload_bits, check_bits, tag = MODES[mode]
    length = 6 * (payload_bits + check_bits)
    deal = [bit for run in range(5) for bit in shuffled(key, f"{tag}/run-{run}", length)]
    words = stream(key, f"{tag}/signs", 1372)
    return [(deal[m], -1 if words[m] >> 63 else 1) for m in range(1372)]


def signed(key: bytes, mode: str) -> list[int]:
    bits = coded(framed(mode))
    return [(-1 if bits[bit] else 1) * sign for bit, sign in plan(key, mode)]


def tile_at(key: bytes, mode: str, x: int, y: int) -> float:
    known = {(u, v): a for u, v, a in pilots(key)}
    chips, total, scale, data = signed(key, mode), 0.0, 0.0, 0
    for u, v in frequencies():
        amplitude = np.hypot(u, v) ** 0.3 * (2.5 if (u, v) in known else 1)
        if (u, v) in known:
            c = np.exp(2j * np.pi * known[u, v] / 65536)
        else:
            c = complex(chips[2 * data], chips[2 * data + 1]) / np.sqrt(2)
            data += 1
        total += 2 * (amplitude * c * np.exp(2j * np.pi * (u * x + v * y) / 128)).real
        scale += 2 * amplitude**2
    return float(total / np.sqrt(scale))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def subkey() -> bytes:
    return DEFAULT_KEY.subkey("image-v1")


@pytest.fixture(scope="module")
def lattice(subkey):
    return lattice_of(IMAGE_V1, subkey)


def test_subkey_is_the_vector(subkey):
    assert subkey.hex() == vector("sub-key").strip("`")


def test_stream_is_the_vector_and_the_text():
    key = bytes(range(32))
    words = [f"{word:016x}" for word in stream(key, "image-v1/pilots", 5)]
    assert re.findall("`([0-9a-f]{16})`", vector("stream of purpose")) == words
    assert [f"{word:016x}" for word in random.words(key, "image-v1/pilots", 5)] == words


def test_draws_are_the_vectors_and_the_text():
    key = bytes(range(32))
    assert [int(i) for i in vector("under that key").split()] == shuffled(key, "p", 8)
    assert random.permutation(key, "p", 8).tolist() == shuffled(key, "p", 8)
    signs = [1 if sign == "+" else -1 for sign in vector("signs 0 to 7").split()]
    assert random.signs(key, "p", 8).tolist() == signs
    steps = [int(a) for a in vector("phases 0 to 3").split()]
    turned = np.exp(2j * np.pi * np.array(steps) / 65536)
    assert np.allclose(random.phases(key, "p", 4), turned, atol=1e-12)


def test_lattice_is_the_vector_and_the_text(lattice):
    assert list(zip(lattice.u.tolist(), lattice.v.tolist(), strict=True)) == frequencies()
    assert len(frequencies()) == 750
    lines = "".join(f"{u} {v}\n" for u, v in frequencies())
    assert vector("SHA-256 of the lines `u v` ").strip("`") == digest(lines)


def test_pilots_are_the_vector_and_the_text(lattice, subkey):
    expected = pilots(subkey)
    places = [(int(lattice.u[p]), int(lattice.v[p])) for p in lattice.pilots]
    assert places == [(u, v) for u, v, _ in expected]
    turned = np.exp(2j * np.pi * np.array([a for _, _, a in expected]) / 65536)
    phasors = lattice.pilot_coefficients / np.abs(lattice.pilot_coefficients)
    assert np.allclose(phasors, turned, atol=1e-6)
    lines = "".join(f"{u} {v} {a}\n" for u, v, a in expected)
    assert vector("SHA-256 of the lines `u v a`").strip("`") == digest(lines)
    assert vector("pilots, first five") == " ".join(str(pilot) for pilot in expected[:5])


def test_code_is_the_vector_and_the_text():
    bits = [1] + [0] * 11
    text = "".join(map(str, coded(bits)))
    assert vector("coded bits of the frame").strip("`") == text
    ours = convolutional.encode(np.array(bits, np.uint8), IMAGE_V1.code)
    assert "".join(map(str, ours)) == text


@pytest.mark.parametrize(("column", "mode"), [(1, "long"), (2, "short")])
def test_message_is_the_vectors_and_the_text(lattice, subkey, column, mode):
    scheme_mode = {"long": IMAGE_V1.long_mode, "short": IMAGE_V1.short_mode}[mode]
    bits, length = framed(mode), MODES[mode][0]
    assert frame(PAYLOAD[:length], scheme_mode).tolist() == bits
    check = f"{int(''.join(map(str, bits[length:])), 2):0{MODES[mode][1] // 4}x}"
    assert vector("check bits", column).strip("`") == check
    text = "".join(map(str, coded(bits)))
    assert vector("SHA-256 of the coded bits", column).strip("`") == digest(text)
    lines = "".join(f"{bit} {sign}\n" for bit, sign in plan(subkey, mode))
    assert vector("SHA-256 of the lines `bit sign`", column).strip("`") == digest(lines)
    chips = "".join("+" if sign > 0 else "-" for sign in signed(subkey, mode))
    assert vector("SHA-256 of all signed chips", column).strip("`") == digest(chips)
    ours = codeword_chips(lattice, np.array(bits, np.uint8), scheme_mode)
    assert "".join("+" if sign > 0 else "-" for sign in ours) == chips


@pytest.mark.parametrize(("column", "mode"), [(1, "long"), (2, "short")])
def test_tile_is_the_vector_and_the_text(lattice, subkey, column, mode):
    scheme_mode = {"long": IMAGE_V1.long_mode, "short": IMAGE_V1.short_mode}[mode]
    payload = tuple(PAYLOAD[: MODES[mode][0]])
    tile = tile_of(lattice, coefficients_of(lattice, payload, scheme_mode))
    values = [float(value) for value in vector("tile with this embedder", column).split()]
    assert values == pytest.approx([tile[y, x] for x, y in PLACES], abs=1e-4)
    assert values[3] == pytest.approx(tile_at(subkey, mode, *PLACES[3]), abs=1e-4)
    assert float(np.mean(tile * tile)) == pytest.approx(1, abs=1e-5)
