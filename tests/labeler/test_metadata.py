"""The label as metadata: one copy, read back, in the form that was asked for."""

from __future__ import annotations

import pytest

from labeler.containers.pictures import find
from labeler.containers.value import parse_value
from labeler.errors import CorruptMedia, InvalidLabel, UnknownPolicy, UnsupportedMedia
from labeler.metadata import format_value, write_fields, write_label
from labeler.model import Label
from makers import OTHER_PRODUCER, PRODUCER
from rich_pictures import FORMATS, VALUE, WRAPPED, exif_block, packet, rich, same_frames


@pytest.mark.parametrize("kind", FORMATS)
def test_label_is_written_once(kind, label):
    data = rich(kind)
    out = write_label(data, label)
    assert [carrier.text for carrier in find(out)] == [label.to_json()]
    assert write_label(out, label) == out
    assert same_frames(data, out)


@pytest.mark.parametrize("kind", FORMATS)
def test_wrapped_form_is_written_on_request(kind, label):
    text = find(write_label(rich(kind), label, value_form="wrapped"))[0].text
    assert text == f'{{"AIGC":{label.to_json()}}}'
    assert parse_value(text).wrapped
    assert parse_value(text).deviations == ()


def test_seven_keys_in_order_without_blanks():
    assert format_value({"PropagateID": "b", "Label": "2"}) == (
        '{"Label":"2","ContentProducer":"","ProduceID":"","ReservedCode1":"",'
        '"ContentPropagator":"","PropagateID":"b","ReservedCode2":""}'
    )


def test_security_data_in_a_reserved_field_survives():
    inner = '{"SecurityData":{"Type":"TC260PG","Version":1}}'
    label = Label(producer=PRODUCER, content_id="x", reserved_1=inner)
    read = parse_value(find(write_label(rich("png"), label))[0].text)
    assert read.fields["ReservedCode1"] == inner


def test_company_name_survives():
    label = Label(producer="某某科技", content_id="x", allow_name=True)
    read = parse_value(find(write_label(rich("jpeg"), label))[0].text)
    assert read.fields["ContentProducer"] == "某某科技"


def test_platform_fields_replace_the_old_copy():
    data = rich("jpeg", exif=exif_block(comment=b"ASCII\0\0\0" + WRAPPED.encode()))
    fields = parse_value(WRAPPED).fields | {"ContentPropagator": OTHER_PRODUCER}
    out = write_fields(data, fields)
    assert [parse_value(carrier.text).fields for carrier in find(out)] == [fields]


def test_nonsense_is_refused_with_advice(label):
    with pytest.raises(UnknownPolicy, match="known are guide, wrapped"):
        write_label(rich("png"), label, value_form="base64")
    with pytest.raises(InvalidLabel, match="no field"):
        write_fields(rich("png"), {"Timestamp": "1"})
    with pytest.raises(InvalidLabel, match="cannot carry"):
        write_fields(rich("png"), {"Label": "\ud800"})
    with pytest.raises(InvalidLabel, match="cannot carry"):
        write_fields(rich("png"), {"Label": "\uffff"})
    with pytest.raises(UnsupportedMedia, match="psd"):
        write_label(b"8BPS\0\1", label)
    with pytest.raises(CorruptMedia):
        write_label(rich("png")[:500], label)


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_control_characters_survive_as_json_escapes(kind):
    fields = parse_value(VALUE).fields | {"ProduceID": "a\x00\x1f\x7f\x85\u2028b"}
    out = write_fields(rich(kind), fields)
    assert [parse_value(carrier.text).fields for carrier in find(out)] == [fields]


def test_packet_beside_the_label_stays(label):
    out = write_label(rich("webp", xmp=packet("<dc:rights>all</dc:rights>")), label)
    assert b"<dc:rights>all</dc:rights>" in out
    assert label.to_json() == VALUE
