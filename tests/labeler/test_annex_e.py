"""Annex E of GB 45438-2025: keys, characters, provider codes."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.annex_e import (
    FIELDS,
    MAX_FIELD,
    check_field,
    dump_fields,
    outside_characters,
    provider_code_fault,
)
from labeler.errors import InvalidLabel


REAL_CODES = (
    "001191110102MAD55U9H0F10002",
    "001191440300708461136T1XGW3",
    "001191110102MACQD9K64010000",
    "001191440300MA5G49LC9K1YO01",
    "001191310104MACE0YX63918020",
)
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def test_the_seven_keys_stand_in_the_order_of_the_standard():
    assert " ".join(FIELDS) == (
        "Label ContentProducer ProduceID ReservedCode1 ContentPropagator PropagateID ReservedCode2"
    )


def test_json_is_compact_ordered_and_keeps_chinese():
    fields = dict(zip(FIELDS, ["1", "深度", "3", "4", "5", "6", "7"], strict=True))
    text = dump_fields(fields)
    assert text.startswith('{"Label":"1","ContentProducer":"深度","ProduceID":"3"')
    assert " " not in text
    assert list(json.loads(text)) == list(FIELDS)


@pytest.mark.parametrize("code", REAL_CODES)
def test_codes_of_real_files_have_a_right_check_digit(code):
    assert provider_code_fault(code) is None


@pytest.mark.parametrize("code", REAL_CODES)
def test_any_other_check_digit_is_a_fault_that_names_the_right_one(code):
    right = code[21]
    for wrong in USCC_ALPHABET.replace(right, ""):
        fault = provider_code_fault(code[:21] + wrong + code[22:])
        assert fault.endswith(f"is {wrong}, it should be {right}")


@pytest.mark.parametrize("code", REAL_CODES)
def test_any_single_changed_digit_is_found(code):
    for place in range(4, 21):
        for wrong in USCC_ALPHABET:
            if wrong != code[place]:
                assert provider_code_fault(code[:place] + wrong + code[place + 1 :]) is not None


def test_letters_that_the_credit_code_does_not_use_are_a_fault():
    for letter in "IOSVZ":
        assert "GB 32100" in provider_code_fault(f"0011{letter}1440300708461136T1XGW3")


@pytest.mark.parametrize("wrong", [REAL_CODES[1].lower(), REAL_CODES[1][:-1] + "-"])
def test_lower_case_and_signs_are_a_fault(wrong):
    assert "0-9 and A-Z" in provider_code_fault(wrong)


@pytest.mark.parametrize(
    "other", ["", "doubao", "深度求索", REAL_CODES[0][:-1], "9" * 27, "0021" + "X" * 23]
)
def test_what_is_no_organisation_code_is_not_judged(other):
    assert provider_code_fault(other) is None


def test_the_listed_characters_are_exactly_printable_ascii_without_three():
    listed = {chr(c) for c in range(0x110000) if not outside_characters("ProduceID", chr(c))}
    assert listed == set(map(chr, range(0x21, 0x7F))) - set('"\\')


def test_reserved_fields_may_hold_json():
    assert outside_characters("ReservedCode1", '{"SecurityData":{"Type":"TC260PG"}}') == ""
    assert outside_characters("ReservedCode2", "a b\\") == " \\"
    assert outside_characters("ProduceID", 'a"b"') == '"'


@given(st.text(max_size=50))
def test_outside_characters_are_those_of_the_value_each_once(value):
    outside = outside_characters("ProduceID", value)
    assert set(outside) == {c for c in value if not ("!" <= c <= "~") or c in '"\\'}
    assert len(set(outside)) == len(outside)


@pytest.mark.parametrize(
    ("name", "value", "options"),
    [
        ("ContentProducer", REAL_CODES[0], {}),
        ("ContentProducer", "", {"status": "2"}),
        ("ProduceID", "", {"status": "3"}),
        ("ProduceID", string.ascii_letters + "-_./:", {}),
        ("ReservedCode1", '{"a":"b"}', {}),
        ("ContentProducer", "深度求索", {"allow_name": True}),
        ("ContentPropagator", "Minimax Agent AI", {"allow_name": True}),
        ("ReservedCode1", "x" * MAX_FIELD, {}),
    ],
)
def test_values_that_may_be_written(name, value, options):
    check_field(name, value, **options)


@pytest.mark.parametrize(
    ("name", "value", "options"),
    [
        ("ContentProducer", "", {}),
        ("ProduceID", "", {}),
        ("Label", "", {}),
        ("Label", "4", {}),
        ("Label", "AIGC", {}),
        ("ProduceID", 7, {}),
        ("ProduceID", "a b", {}),
        ("ProduceID", "a\n", {}),
        ("ProduceID", "编号", {"allow_name": True}),
        ("ContentProducer", "深度求索", {}),
        ("ContentProducer", 'a"b', {"allow_name": True}),
        ("ContentProducer", "a\\b", {"allow_name": True}),
        ("ContentProducer", "a\nb", {"allow_name": True}),
        ("ContentProducer", REAL_CODES[1].replace("36T", "37T"), {}),
        ("ContentPropagator", REAL_CODES[1].replace("36T", "37T"), {}),
        ("ReservedCode1", "x" * (MAX_FIELD + 1), {}),
    ],
)
def test_values_that_are_refused(name, value, options):
    with pytest.raises(InvalidLabel):
        check_field(name, value, **options)


def test_the_refusal_of_a_name_says_how_to_let_it_through():
    with pytest.raises(InvalidLabel, match="--allow-name"):
        check_field("ContentProducer", "深度求索")
