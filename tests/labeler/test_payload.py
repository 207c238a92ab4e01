"""The 64 bits of a mark, against a computation of their own from interface.md."""

from __future__ import annotations

import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.model import Label
from labeler.payload import CARRIED_BITS, Payload, from_bits, mark_id, payload_of


CODE = "001191440300708461136T1XGW3"
LABEL = Label(producer=CODE, content_id="demo-001")

payloads = st.builds(
    Payload,
    mark_id=st.integers(0, 2**58 - 1),
    status=st.integers(0, 3),
    version=st.integers(0, 15),
)


def first_58_bits(producer, content_id):
    digest = hashlib.sha256(f"{producer}\0{content_id}".encode()).hexdigest()
    return f"{int(digest, 16):0256b}"[:58]


@pytest.mark.parametrize(
    ("producer", "content_id"), [(CODE, "demo-001"), ("深度求索", "编号"), ("", ""), ("a", "b\0c")]
)
def test_the_mark_id_is_the_head_of_a_sha256(producer, content_id):
    assert f"{mark_id(producer, content_id):058b}" == first_58_bits(producer, content_id)


def test_the_known_vector_holds_for_good():
    assert payload_of(LABEL).mark_hex == "2f3abcaa7ed0a5d"


def test_the_wire_is_version_status_mark_id():
    bits = "".join(map(str, payload_of(LABEL).to_bits()))
    assert bits == "0001" + "01" + first_58_bits(CODE, "demo-001")


@pytest.mark.parametrize("status", ["1", "2", "3"])
def test_the_status_travels_in_two_bits(status):
    payload = payload_of(Label(producer=CODE, content_id="demo-001", status=status))
    assert payload.to_bits()[4:6] == (int(status) >> 1, int(status) & 1)
    assert payload.mark_id == payload_of(LABEL).mark_id


def test_the_mark_id_has_fifteen_hexadecimal_digits():
    assert Payload(mark_id=1).mark_hex == "0" * 14 + "1"
    assert Payload(mark_id=2**58 - 1).mark_hex == "3" + "f" * 14


@given(payloads, st.sampled_from(CARRIED_BITS))
def test_bits_read_are_the_payload_written(payload, bits):
    head = payload.head(bits)
    assert from_bits(payload.to_bits()) == payload
    assert from_bits(head.to_bits()) == head
    assert len(head.to_bits()) == head.bits == bits
    assert head.to_bits() == payload.to_bits()[:bits]


@given(payloads)
def test_a_head_is_left_aligned_and_the_rest_zero(payload):
    for bits in CARRIED_BITS:
        assert payload.head(bits).mark_id == payload.mark_id >> (64 - bits) << (64 - bits)


@given(payloads)
def test_a_payload_agrees_with_each_of_its_heads(payload):
    for bits in CARRIED_BITS:
        assert payload.agrees_with(payload.head(bits))
        assert payload.head(bits).agrees_with(payload)


def test_payloads_disagree_in_any_shared_bit():
    whole = payload_of(LABEL)
    for place, bits in itertools.product(range(64), CARRIED_BITS):
        changed = list(whole.to_bits())
        changed[place] ^= 1
        other = from_bits(tuple(changed))
        assert whole.agrees_with(other.head(bits)) is (place >= bits)


def test_the_parts_of_the_pair_do_not_run_together():
    assert mark_id("ab", "c") != mark_id("a", "bc")


def test_carriers_hold_16_32_48_or_all_64_bits():
    assert CARRIED_BITS == (16, 32, 48, 64)


def test_content_is_generated_unless_said_otherwise():
    assert Payload(mark_id=0).to_bits()[:6] == (0, 0, 0, 1, 0, 1)
