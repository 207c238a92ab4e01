"""Classes of characters: by the names of Unicode, and what ranks a boundary."""

from __future__ import annotations

import re
import unicodedata

import pytest

from labeler.core.text.classes import KINDS, Kind, kind_table, rank_table, token_table


JOINED = re.findall(
    r"\S+",
    """ARABIC SYRIAC THAANA NKO SAMARITAN MANDAIC DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL
    TELUGU KANNADA MALAYALAM SINHALA THAI LAO TIBETAN MYANMAR KHMER MONGOLIAN LIMBU BUGINESE
    BALINESE SUNDANESE BATAK LEPCHA SYLOTI PHAGS-PA SAURASHTRA KAYAH REJANG JAVANESE CHAM MEETEI""",
)
APART = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "HEBREW", "GEORGIAN", "HANGUL", "ETHIOPIC")


def named(script):
    letters = (chr(c) for c in range(0x10000) if unicodedata.category(chr(c))[0] == "L")
    return [c for c in letters if unicodedata.name(c, "").startswith(f"{script} LETTER")]


def kinds(characters):
    return {Kind(kind_table()[ord(c)]) for c in characters}


@pytest.mark.parametrize("script", JOINED)
def test_letters_of_scripts_that_join_are_told(script):
    assert kinds(named(script)) <= {Kind.JOINING}


@pytest.mark.parametrize("script", APART)
def test_letters_of_other_scripts_are_letters(script):
    assert kinds(named(script)) <= {Kind.LETTER}


@pytest.mark.parametrize("name", ["CJK UNIFIED IDEOGRAPH-", "HIRAGANA LETTER ", "KATAKANA LETTER "])
def test_characters_without_spaces_between_words_are_ideographs(name):
    found = [
        c for c in map(chr, range(0x3000, 0x31350)) if unicodedata.name(c, "").startswith(name)
    ]
    rare = {c for c in found if "\u31f0" <= c <= "\u31ff" or "\U0001aff0" <= c <= "\U0001b16f"}
    assert len(found) > 80
    assert kinds(set(found) - rare) == {Kind.IDEOGRAPH}


def test_format_characters_and_selectors_are_hidden():
    selectors = {chr(c) for c in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}
    formats = {c for c in map(chr, range(0x2000, 0x10000)) if unicodedata.category(c) == "Cf"}
    formats -= {"\ufff9", "\ufffa", "\ufffb"}  # of annotations between lines
    assert kinds(selectors | formats) == {Kind.HIDDEN}
    near = "\u200a\u2010\u2029\u202f\u205f\u2070\ufdff\ufe10\ufefe\uff00"
    assert Kind.HIDDEN not in kinds(near)


def test_spaces_that_hold_words_together_are_no_place():
    assert kinds("\u00a0\u202f") == {Kind.SYMBOL}
    assert kinds(" \u2003\u3000") == {Kind.SPACE}


PLACES = {
    3: [". ", "?\n", ")\n", "。 ", "。\n", "。字", "，a", "؟ ", "।\n"],
    2: ["字\n", "字 ", "a ", "a\n"],
    1: ["字字", "字a", "a字"],
    0: ["ab", " a", ".a", "a.", "1 ", "+ ", "س ", " 字", "字。", "\u200bb", '" ', "\n\n"],
}


@pytest.mark.parametrize(("rank", "pair"), [(r, p) for r, pairs in PLACES.items() for p in pairs])
def test_a_boundary_ranks_by_what_stands_on_its_sides(rank, pair):
    before, after = (int(kind_table()[ord(c)]) for c in pair)
    assert rank_table()[before * KINDS + after] == rank


@pytest.mark.parametrize(
    ("ends", "characters"),
    [(0, "aé'’\u00ad\u0301"), (1, " \u3000\n字。(“"), (2, "1_.,+س،\u200b\u00a0")],
)
def test_a_token_is_a_word_as_long_as_its_letters_go_on(ends, characters):
    assert {token_table()[kind_table()[ord(c)]] for c in characters} == {ends}


def test_classes_are_distinct():
    assert len({int(kind) for kind in Kind.__members__.values()}) == KINDS == 12
