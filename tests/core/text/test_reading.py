"""Finding packets again: whole, in longer runs, damaged, by majority; and how much they cover."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.text.packets import packet_of, spell
from labeler.core.text.reading import check_copies, covered_share, find_copies, p_bound
from labeler.schemes import TEXT_V1


SUBKEY = bytes(range(32))
ONE, OTHER = bytes.fromhex("0123456789abcdef"), bytes.fromhex("fedcba9876543210")


def packet(payload, carrier=TEXT_V1.variation):
    return spell(packet_of(payload, SUBKEY, TEXT_V1), carrier)


def payloads(text, subkey=SUBKEY):
    return [hit.payload for hit in check_copies(find_copies(text, TEXT_V1), subkey, TEXT_V1)]


@pytest.mark.parametrize("carrier", TEXT_V1.carriers, ids=["V", "Z"])
def test_a_packet_is_found_by_its_own_key_alone(carrier):
    text = f"Calm{packet(ONE, carrier)} sea."
    assert payloads(text) == [ONE]
    assert payloads(text, bytes(32)) == []


@pytest.mark.parametrize("text", ["", "plain words", "真的没有", "\ufe0f one selector"])
def test_texts_without_packets_have_none(text):
    copies = find_copies(text, TEXT_V1)
    assert len(copies.packets) == 0
    assert copies.length == len(text)
    assert list(check_copies(copies, SUBKEY, TEXT_V1)) == []


def test_the_most_frequent_packet_is_tried_first_and_each_message_told_once():
    text = "".join(f"word{packet(p)} " for p in (OTHER, ONE, ONE)) + packet(ONE, TEXT_V1.zero_width)
    copies = find_copies(text, TEXT_V1)
    assert payloads(text) == [ONE, OTHER]
    assert len(copies.starts) == 4
    assert copies.owners.tolist().count(0) == 3


def test_a_packet_within_a_longer_run_is_found():
    assert payloads("word" + packet(OTHER)[:7] + packet(ONE) + " end") == [ONE]


def test_copies_that_are_all_damaged_are_outvoted_by_their_majority():
    damaged = []
    for number in range(5):
        symbols = list(packet(ONE))
        symbols[3 + number] = chr(0xFE03 + (ord(symbols[3 + number]) - 0xFE03 + 1) % 8)
        damaged.append("".join(symbols))
    assert payloads(" word".join(damaged)) == [ONE]
    assert payloads(" word".join(damaged[:2])) == []


def test_the_majority_says_again_what_single_copies_said():
    text = " word".join(packet(p) for p in (ONE, ONE, OTHER))
    assert payloads(text) == [ONE, OTHER]


def test_blocks_without_symbols_do_not_shift_the_places():
    text = "清" * 300_000 + packet(ONE) + "清" * 300_000
    copies = find_copies(text, TEXT_V1)
    assert copies.starts.tolist() == [300_000]
    assert copies.length == len(text)


def test_the_share_that_copies_cover_ends_at_their_reach():
    text = "x" * 100 + packet(ONE) + "x" * 100
    copies = find_copies(text, TEXT_V1)
    assert covered_share(copies, copies.starts, 20) == pytest.approx(40 / 200)
    assert covered_share(copies, copies.starts, 1000) == 1.0
    assert covered_share(copies, np.zeros(0, np.int64), 20) == 0.0
    bare = find_copies(packet(ONE), TEXT_V1)
    assert covered_share(bare, bare.starts, 20) == 0.0


def test_two_copies_cover_what_lies_between_them_once():
    text = "x" * 50 + packet(ONE) + "x" * 30 + packet(ONE) + "x" * 50
    copies = find_copies(text, TEXT_V1)
    assert covered_share(copies, copies.starts, 20) == pytest.approx((20 + 30 + 20) / 130)


def test_what_lies_far_from_both_copies_is_not_covered():
    text = f"{'a' * 50}{packet(ONE)}{'b' * 300}{packet(ONE)}{'c' * 50}"
    copies = find_copies(text, TEXT_V1)
    assert covered_share(copies, copies.starts, 20) == pytest.approx((20 + 40 + 20) / 400)


def test_the_first_packet_tried_has_rank_one():
    copies = find_copies(f"{packet(ONE)}a{packet(ONE)}b{packet(OTHER)}", TEXT_V1)
    assert [hit.rank for hit in check_copies(copies, SUBKEY, TEXT_V1)] == [1, 2]


def test_the_bound_grows_with_rank_and_keys_up_to_one():
    assert p_bound(4, 2, TEXT_V1) == 8 * p_bound(1, 1, TEXT_V1)
    assert p_bound(2**40, 1, TEXT_V1) == 1.0
