"""Values as found in the wild are read as far as they can be, and every quirk is said."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.annex_e import FIELDS
from labeler.containers.deviations import deviations_of
from labeler.containers.value import MALFORMED, locate_label, looks_like_label, parse_value
from labeler.limits import LIMITS
from rich_pictures import VALUE


SEVEN = json.loads(VALUE)


@pytest.mark.parametrize(
    "text", [VALUE, f'{{"AIGC":{VALUE}}}', f'{{"AIGC": {VALUE}}}', VALUE + "\0\0"]
)
def test_conforming_forms_have_no_deviation(text):
    value = parse_value(text)
    assert value.fields == SEVEN
    assert value.deviations == ()
    assert value.wrapped == ("AIGC" in text)


QUIRKS = {
    "AIGC prefix": ("AIGC" + VALUE, "stands before the object"),
    "colon prefix": ('"AIGC": ' + VALUE, "stands before the object"),
    "outer key": (f'{{"Aigc":{VALUE}}}', "outer key is spelled Aigc"),
    "lower case": (
        VALUE.replace("ContentProducer", "contentproducer"),
        "is spelled ContentProducer",
    ),
    "number": (VALUE.replace('"1"', "1", 1), "Label is a number"),
    "Base64": (base64.b64encode(VALUE.encode()).decode(), "Base64"),
    "twice escaped": (VALUE.replace('"', "&quot;"), "XML-escaped twice"),
    "percent": (VALUE.replace("{", "%7B").replace('"', "%22"), "percent-encoded"),
    "trailing": (VALUE + "garbage", "7 characters follow"),
    "inner string": (json.dumps({"AIGC": VALUE}), "inner object is a string"),
    "order": (json.dumps(dict(reversed(SEVEN.items()))), "another order"),
    "extra": (
        VALUE[:-1] + ',"Timestamp":"1"}',
        "extra keys beside the seven of annex E b: Timestamp",
    ),
    "twice": (VALUE[:-1] + ',"Label":"2"}', "Label occurs twice"),
}


@pytest.mark.parametrize("quirk", QUIRKS)
def test_quirk_is_read_and_said(quirk):
    text, said = QUIRKS[quirk]
    value = parse_value(text)
    assert value.fields == SEVEN
    assert list(value.fields) == list(FIELDS)
    assert not value.malformed
    assert any(said in sentence for sentence in value.deviations), value.deviations


def test_annex_f_spellings_are_aliases():
    text = '{"Label":"1","Propagator":"p","PropatorID":"2","ReserveCode1":"a","ReserveCode2":"b"}'
    value = parse_value(text)
    assert value.fields == {
        "Label": "1",
        "ReservedCode1": "a",
        "ContentPropagator": "p",
        "PropagateID": "2",
        "ReservedCode2": "b",
    }
    assert sum("annex F" in sentence for sentence in value.deviations) == 4


def test_exact_key_wins_over_its_alias():
    value = parse_value('{"ContentPropagator":"right","Propagator":"wrong"}')
    assert value.fields["ContentPropagator"] == "right"
    assert any("again" in sentence for sentence in value.deviations)


def test_tencent_cloud_keys_are_read_and_named():
    value = parse_value('{"ServiceProvider":"T","ServiceUser":"U","Time":"1","ContentId":"z"}')
    assert value.fields == {"ContentProducer": "T", "ProduceID": "z"}
    assert any("Tencent Cloud" in sentence for sentence in value.deviations)
    assert any("ServiceUser, Time" in sentence for sentence in value.deviations)


BROKEN = ["", "   ", "hello", VALUE[:60], "{'Label': '1', 'ContentProducer': 'x'}", "{}", "[1]"]
BROKEN += ['{"AIGC":7}', '{"x":1}', '{"a":' * 50_000, "[" * 50_000, "9" * 10_000]


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: repr(text[:20]))
def test_broken_value_still_surfaces_as_malformed(text):
    value = parse_value(text)
    assert value.malformed
    assert any(sentence.startswith(MALFORMED) for sentence in value.deviations)


def test_broken_value_shows_what_can_be_made_out():
    assert parse_value(VALUE[:60]).fields["Label"] == "1"
    python = "{'Label': '1', 'ContentProducer': 'x'}"
    assert parse_value(python).fields == {"Label": "1", "ContentProducer": "x"}


def test_oversized_value_is_not_parsed():
    text = '{"Label":"1","ContentProducer":"' + "x" * LIMITS.text_bytes + '"}'
    assert parse_value(text).malformed


def test_values_that_are_no_strings_are_shown_as_json():
    value = parse_value(
        '{"Label":1,"ReservedCode1":{"SecurityData":{"Type":"TC260PG"}},"ProduceID":null}'
    )
    assert value.fields["ReservedCode1"] == '{"SecurityData":{"Type":"TC260PG"}}'
    assert value.fields["ProduceID"] == ""
    assert sum("asks for strings" in sentence for sentence in value.deviations) == 3


def test_half_characters_can_be_written_out_again():
    assert parse_value('{"Label":"\\ud800"}').fields["Label"].encode()


def test_key_names_cannot_break_a_line_of_the_report():
    value = parse_value('{"Label":"1","x\\u001b[31m\\n":"1"}')
    assert all(sentence.isprintable() for sentence in value.deviations)


@pytest.mark.parametrize(
    "text", ["about AIGC", '{"Label":"cat"}', "{}", "AIGC { and }"[:5], "eyJ" * 30]
)
def test_ordinary_text_is_no_label(text):
    assert not looks_like_label(text)


def test_label_is_located_inside_other_text():
    text = f"made by AIGC{VALUE} in May"
    assert text[slice(*locate_label(text))] == f"AIGC{VALUE}"
    packed = base64.b64encode(VALUE.encode()).decode()
    assert text.replace(VALUE, "")[:8] == "made by "
    assert f"x {packed} y"[slice(*locate_label(f"x {packed} y"))] == packed


def test_a_python_spelling_that_its_compiler_warns_of_is_silent(recwarn):
    for text in ("{'Label': 1for}", "{'Label': '\\d'}", "{'Label': 0x1g}", "{'a': 1if 2else 3}"):
        assert MALFORMED in parse_value(text).deviations[0]
    assert not recwarn.list


@pytest.mark.parametrize("text", ["{[1]: 2}", "{{}: 1}", "{'a': {[]}}"])
def test_python_that_no_python_prints_is_malformed(text):
    assert MALFORMED in parse_value(text).deviations[0]


@given(st.text(max_size=200) | st.text('{}[]":,AIGCLabel\\ \0&;', max_size=200))
def test_no_text_raises(text):
    value = parse_value(text)
    assert set(value.fields) <= set(FIELDS)
    span = locate_label(text)
    assert span is None or 0 <= span[0] < span[1] <= len(text)


@given(st.dictionaries(st.text(max_size=20) | st.sampled_from(FIELDS), st.text(max_size=20)))
def test_any_object_is_read(fields):
    value = parse_value(json.dumps(fields))
    assert all(isinstance(text, str) for text in value.fields.values())


def test_deviations_name_the_clause():
    said = deviations_of({"Label": "AIGC", "ContentProducer": "某 公司", "ProduceID": ""})
    assert "annex E c: Label is 'AIGC', not 1, 2 or 3" in said
    assert "GB 45438-2025 6.1 a: ContentPropagator is missing" in said
    assert "annex E b: ReservedCode1 is missing" in said
    assert any(s.startswith("annex E j (warning): ContentProducer") for s in said)
    assert deviations_of(SEVEN) == ()


def test_empty_producer_is_a_deviation_only_when_the_label_claims_to_know():
    assert "annex E d: ContentProducer is empty" in deviations_of(SEVEN | {"ContentProducer": ""})
    unknown = SEVEN | {"ContentProducer": "", "ProduceID": "", "Label": "2"}
    assert deviations_of(unknown) == ()


def test_wrong_check_digit_is_a_deviation():
    said = deviations_of(SEVEN | {"ContentPropagator": "001191440300708461137T1XGW3"})
    assert len(said) == 1
    assert said[0].startswith("TC260-PG-20252A")
