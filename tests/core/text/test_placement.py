"""Where packets go: classes of characters, the best place in each bucket, words left whole."""

from __future__ import annotations

import numpy as np
import pytest

from labeler.core.text.classes import Kind
from labeler.core.text.placement import (
    choose_sites,
    interleave,
    kinds_of,
    near_joining,
    ranks_of,
)


def sites_of(text, bucket=32, forbidden=()):
    kinds = kinds_of(text)
    return choose_sites(kinds, ranks_of(kinds, forbidden), bucket).tolist()


@pytest.mark.parametrize("rest", ["", "。", "\U0001f600", "\ud800"])
def test_a_character_has_the_same_class_in_latin_and_in_any_other_text(rest):
    latin = "A b, c! (1)\n\u00e9\u00a0"
    kinds = kinds_of(latin + rest)
    assert len(kinds) == len(latin + rest)
    assert np.array_equal(kinds[: len(latin)], kinds_of(latin))
    assert kinds[:4].tolist() == [Kind.LETTER, Kind.SPACE, Kind.LETTER, Kind.STOP]


def test_emoji_and_halves_of_characters_are_symbols():
    assert kinds_of("\U0001f600\ud800").tolist() == [Kind.SYMBOL, Kind.SYMBOL]


def test_a_place_after_punctuation_wins_over_one_after_a_word():
    text = "one two, three four five six sev"
    assert sites_of(text) == [text.index(",")]


def test_without_punctuation_the_word_nearest_the_middle_wins():
    text = "one two three four five six seve"
    (site,) = sites_of(text)
    assert text[site + 1] == " "
    assert abs(site - 16) <= 3


def test_nothing_goes_behind_what_is_no_plain_word():
    assert sites_of("x1y a_b 3km 2nd p2p v2x q1a z9b ") == []
    assert sites_of("wordswithoutanyspacewhatsoeverab") == []
    assert sites_of("x1y a_b plain 2nd p2p v2x q1a z9b") == [12]


def test_a_text_of_nothing_but_letters_and_one_space_takes_its_only_place():
    assert sites_of("nowordbreaks untilhere") == [11]


def test_forbidden_stretches_are_passed_over():
    text = "one two, three four five six sev"
    assert text.index(",") not in sites_of(text, forbidden=[(5, 10)])
    assert sites_of(text, forbidden=[(0, 99)]) == []


def test_letters_that_join_are_seen_two_characters_away():
    text = "abcd سلام efgh"
    kinds = kinds_of(text)
    near = near_joining(kinds, np.arange(len(text)))
    assert near.tolist() == [3 <= at <= 9 for at in range(len(text))]
    assert not near_joining(kinds_of("no such letters"), np.arange(5)).any()


def test_packets_stand_behind_their_sites():
    assert interleave("abc", [0, 2], ["<1>", "<2>"]) == "a<1>bc<2>"
    assert interleave("abc", [], []) == "abc"
