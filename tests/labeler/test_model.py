"""The label and the receipt."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from uuid import UUID

import pytest

from labeler.annex_e import FIELDS
from labeler.errors import InvalidLabel
from labeler.model import Label, Layer, Receipt, Skipped, Status


CODE = "001191440300708461136T1XGW3"


def test_a_first_label_copies_the_producer_pair_into_the_propagator_pair():
    label = Label(producer=CODE, content_id="demo-001")
    assert label.fields() == dict(
        zip(FIELDS, ("1", CODE, "demo-001", "", CODE, "demo-001", ""), strict=True)
    )


def test_the_propagator_pair_may_stay_empty_or_be_another():
    empty = Label(producer=CODE, content_id="1", propagator="").fields()
    assert (empty["ContentPropagator"], empty["PropagateID"]) == ("", "")
    other = Label(producer=CODE, content_id="1", propagator="p", propagate_id="7").fields()
    assert (other["ContentPropagator"], other["PropagateID"]) == ("p", "7")


def test_content_numbers_are_fresh_uuids():
    numbers = {Label(producer=CODE).content_id for _ in range(100)}
    assert len(numbers) == 100
    assert all(UUID(number).version == 4 for number in numbers)


def test_every_item_of_a_batch_has_its_own_number():
    for label in (Label(producer=CODE), Label(producer=CODE, content_id="job-7")):
        items = [label.numbered(n) for n in range(10)]
        assert len({item.content_id for item in items}) == 10
        assert all(item.propagate_id == item.content_id for item in items)
        assert all(item.propagator == CODE for item in items)
    assert Label(producer=CODE, content_id="job-7").numbered(3).content_id == "job-7-3"


@pytest.mark.parametrize(("propagator", "number"), [("", ""), ("platform", "7")])
@pytest.mark.parametrize("content_id", ["", "job-7"])
def test_numbering_keeps_a_propagator_pair_that_was_given(content_id, propagator, number):
    label = Label(
        producer=CODE, content_id=content_id, propagator=propagator, propagate_id=number
    ).numbered(1)
    assert (label.propagator, label.propagate_id) == (propagator, number)


@pytest.mark.parametrize(("given", "status"), [("1", Status.IS), ("2", Status.MAY_BE)])
def test_a_status_may_be_given_as_its_value(given, status):
    assert Label(producer=CODE, status=given).status is status


@pytest.mark.parametrize("status", ["0", "4", "AIGC", "", None, 1])
def test_another_status_is_refused(status):
    with pytest.raises(InvalidLabel, match="annex E c"):
        Label(producer=CODE, status=status)


@pytest.mark.parametrize(
    "wrong",
    [
        {"producer": ""},
        {"producer": "深度求索"},
        {"producer": CODE.replace("36T", "37T")},
        {"producer": CODE, "content_id": "a b"},
        {"producer": CODE, "reserved_1": "a b"},
        {"producer": CODE, "propagator": "p q"},
        {"producer": None},
    ],
)
def test_wrong_facts_are_refused_at_once(wrong):
    with pytest.raises(InvalidLabel):
        Label(**wrong)


def test_a_name_is_let_through_on_request():
    assert Label(producer="深度求索", allow_name=True).fields()["ContentProducer"] == "深度求索"


def test_a_suspected_label_needs_no_producer():
    fields = Label(
        producer="", content_id="", status="3", propagator="p", propagate_id="7"
    ).fields()
    assert (fields["Label"], fields["ContentProducer"]) == ("3", "")


def test_json_reads_back_as_the_fields():
    label = Label(producer=CODE, content_id="demo-001", reserved_1='{"a":"b"}')
    assert json.loads(label.to_json()) == label.fields()
    assert list(json.loads(label.to_json())) == list(FIELDS)


def test_labels_compare_by_their_facts_and_cannot_be_changed():
    one, two = (Label(producer=CODE, content_id="1", allow_name=a) for a in (False, True))
    assert one == two
    with pytest.raises(FrozenInstanceError):
        one.producer = "other"


def test_the_words_are_those_of_the_contract():
    assert [layer.value for layer in Layer] == ["visible", "watermark", "metadata", "provenance"]
    assert [status.value for status in Status] == ["1", "2", "3"]


def test_a_receipt_lists_what_was_not_applied_and_why():
    receipt = Receipt(
        path="in.png",
        output="out.png",
        layers={"visible": {"text": "AI生成"}},
        skipped=(Skipped(layer=Layer.METADATA, why="pixels in memory"),),
        label={"Label": "1"},
        mark_id="0" * 15,
        sha256="00",
    )
    found = receipt.to_dict()
    assert found["schema"] == 1
    assert found["skipped"] == [{"layer": "metadata", "why": "pixels in memory"}]
    expected = "path output layers skipped label mark_id sha256"
    assert set(expected.split()) <= set(found)
    assert json.loads(json.dumps(found)) == found
