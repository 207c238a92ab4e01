"""The written format of the text mark, implemented once more from its text, against the code."""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import cache
from pathlib import Path

import pytest

from labeler.core.text.packets import packet_of, spell, tag_of, whitening
from labeler.keys import DEFAULT_KEY
from labeler.payload import from_bits
from labeler.schemes import TEXT_V1
from labeler.text.watermark import embed_mark


PAGE = Path(__file__).parents[3] / "docs" / "formats" / "text-v1.md"
MESSAGE = bytes.fromhex("0123456789abcdef")
V = [chr(code) for code in range(0xFE03, 0xFE0B)]
Z = ["\u200c", "\u200d", "\u200b", "\u2060"]
PROSE = "The sea was calm that morning, and nobody spoke. We rowed on; the shore came nearer. " * 9


@cache
def vector(row: str) -> str:
    lines = PAGE.read_text("utf-8").splitlines()
    line = next(line for line in lines if line.startswith(f"| {row} |"))
    return line.split("|")[2].strip().strip("`")


def subkey_from_the_text(secret: bytes) -> bytes:
    root = hmac.new(b"aigc-label key v1", secret, hashlib.sha256).digest()
    return hmac.new(root, b"text-v1\x01", hashlib.sha256).digest()


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def packet_from_the_text(key: bytes, payload: bytes) -> int:
    plain = payload + mac(key, b"text-v1/tag" + payload)[:4]
    white = mac(key, b"text-v1/white")[:12]
    return int.from_bytes(plain, "big") ^ int.from_bytes(white, "big")


def spelled_from_the_text(packet: int, alphabet: list[str], width: int) -> str:
    bits = f"{packet:096b}"
    return "".join(alphabet[int(bits[i : i + width], 2)] for i in range(0, 96, width))


def read_from_the_text(key: bytes, text: str) -> list[bytes]:
    """Sections 5 and 7 for runs of exact length: the payloads whose tag is right."""
    found = []
    for alphabet, width in ((V, 3), (Z, 2)):
        for run in re.findall("[" + "".join(alphabet) + "]+", text):
            if len(run) != 96 // width:
                continue
            bits = "".join(f"{alphabet.index(symbol):0{width}b}" for symbol in run)
            white = mac(key, b"text-v1/white")[:12]
            plain = (int(bits, 2) ^ int.from_bytes(white, "big")).to_bytes(12, "big")
            if mac(key, b"text-v1/tag" + plain[:8])[:4] == plain[8:]:
                found.append(plain[:8])
    return found


@pytest.fixture(scope="module")
def subkey() -> bytes:
    return DEFAULT_KEY.subkey("text-v1")


def test_subkey_is_the_vector_and_the_text(subkey):
    assert subkey == subkey_from_the_text(DEFAULT_KEY.secret)
    assert subkey.hex() == vector("sub-key")


def test_packet_is_the_vector_and_the_text(subkey):
    packet = packet_of(MESSAGE, subkey, TEXT_V1)
    assert tag_of(MESSAGE, subkey, TEXT_V1).hex() == vector("tag of it")
    assert whitening(subkey, TEXT_V1).hex() == vector("white")
    assert packet.hex() == vector("packet")
    assert int.from_bytes(packet, "big") == packet_from_the_text(subkey, MESSAGE)


def test_spelling_is_the_vector_and_the_text(subkey):
    packet = packet_of(MESSAGE, subkey, TEXT_V1)
    number = packet_from_the_text(subkey, MESSAGE)
    ours = spell(packet, TEXT_V1.variation)
    assert ours == spelled_from_the_text(number, V, 3)
    assert "".join(f"{ord(c):x}"[-1] for c in ours) == vector(
        "V, last hexadecimal digit of each code point"
    )
    assert hashlib.sha256(ours.encode()).hexdigest() == vector("SHA-256 of the UTF-8 bytes of V")
    ours = spell(packet, TEXT_V1.zero_width)
    assert ours == spelled_from_the_text(number, Z, 2)
    assert "".join(str(Z.index(c)) for c in ours) == vector("Z, symbols")
    assert hashlib.sha256(ours.encode()).hexdigest() == vector("SHA-256 of the UTF-8 bytes of Z")


def test_a_reader_made_from_the_text_alone_reads_the_mark(subkey):
    payload = from_bits(tuple(int(bit) for bit in f"{int.from_bytes(MESSAGE, 'big'):064b}"))
    marked, receipt = embed_mark(PROSE, payload, profile="excerpt")
    found = read_from_the_text(subkey, marked)
    assert set(found) == {MESSAGE}
    assert len(found) == sum(receipt.copies.values()) >= len(PROSE) // 64 - 1
    assert not read_from_the_text(subkey_from_the_text(bytes(32)), marked)
