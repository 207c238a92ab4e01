"""Every row of the conformity report: what passes, fails, warns, and what was not looked at."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.conformity import CHECKS, check_conformity
from detectors.evidence import (
    Integrity,
    MetadataEvidence,
    ProvenanceEvidence,
    RowStatus,
    VisibleEvidence,
    WatermarkEvidence,
)
from detectors.findings import with_agreement
from detectors.judge import judge
from labeler.annex_e import FIELDS
from labeler.containers.deviations import deviations_of
from labeler.containers.model import Header
from labeler.containers.value import parse_value
from labeler.model import Label, Modality
from labeler.payload import payload_of
from labeler.policy import POLICIES, policy_named


CODE = "001191440300708461136T1XGW3"
LABEL = Label(producer=CODE, content_id="demo-001")
HEADER = Header(format="jpeg", width=1000, height=800)

COPY = MetadataEvidence(
    scheme="tc260-xmp", found=True, fields=LABEL.fields(), place="JPEG APP1 XMP, element"
)
NO_COPY = MetadataEvidence(scheme="tc260-xmp", found=False)
VISIBLE = VisibleEvidence(
    scheme="text",
    found=True,
    text="AI生成",
    box=(840, 720, 140, 60),
    height_ratio=0.055,
    contrast=6.0,
    at_edge=True,
)
NO_VISIBLE = VisibleEvidence(scheme="text", found=False)
NO_OCR = VisibleEvidence(scheme="ocr", found=False)
MARK = WatermarkEvidence(
    scheme="image-v1",
    found=True,
    p_value=1e-12,
    bits=64,
    mark_id=payload_of(LABEL).mark_hex,
    status=1,
    key="default",
)
NO_MARK = WatermarkEvidence(scheme="image-v1", found=False)
C2PA = ProvenanceEvidence(scheme="c2pa", found=True, declares_ai=True)
NOTHING = (NO_COPY, NO_MARK, NO_VISIBLE)
ALL = (COPY, MARK, VISIBLE)


def rows(*evidence, **options):
    return {row.requirement: row for row in check_conformity(evidence, **options)}


def status(requirement, *evidence, **options):
    return rows(*evidence, **options)[requirement].status.value


def copy(**fields):
    changed = {**LABEL.fields(), **fields}
    return replace(COPY, fields=changed, deviations=deviations_of(changed))


def without(*names):
    return replace(COPY, fields={k: v for k, v in LABEL.fields().items() if k not in names})


def read_as(text):
    value = parse_value(text)
    return replace(
        COPY, fields=value.fields, deviations=(*value.deviations, *deviations_of(value.fields))
    )


def visible(**changes):
    return replace(VISIBLE, **changes)


def test_a_fully_labelled_picture_passes_every_row_that_applies():
    found = rows(*ALL, header=HEADER)
    by_status = {r.status for r in found.values()}
    assert by_status == {RowStatus.PASS, RowStatus.NOT_APPLICABLE}
    not_applicable = {k for k, r in found.items() if r.status is RowStatus.NOT_APPLICABLE}
    assert not_applicable == {"R-52", "R-60"}


def test_rows_have_a_stable_order_unique_numbers_and_one_line_of_detail():
    for evidence in ((), NOTHING, ALL, (copy(ContentProducer="a\nb\x1b[31m"), VISIBLE)):
        found = check_conformity(evidence, header=HEADER)
        numbers = [row.requirement for row in found]
        assert numbers == sorted(numbers)
        assert len(set(numbers)) == len(numbers)
        assert all(row.clause and row.detail and row.detail.isprintable() for row in found)


def test_requirements_of_the_issue_are_all_there_under_cn():
    due = (1, 3, 9, 10, 11, 13, *range(24, 31), 33, 43, 44, 46, 49, 52, 55, 60, 62)
    assert list(rows()) == [f"R-{n:02}" for n in due]


def test_every_check_is_asked_by_some_policy():
    asked = set().union(*(policy.checks for policy in POLICIES.values()))
    assert {check.requirement for check in CHECKS} == asked


def test_nothing_found_makes_no_failure():
    found = {row.status.value for row in check_conformity(NOTHING)}
    assert found == {"pass", "not-applicable", "not-checked"}
    assert "does not mean that a human made it" in rows(*NOTHING)["R-49"].detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AI生成", "pass"),
        ("人工智能 合成", "pass"),
        ("AI", "fail"),
        ("即梦AI", "fail"),
        ("AI创作", "fail"),
        ("AI GENERATED", "fail"),
        ("", "not-checked"),
    ],
)
def test_r01_asks_for_both_elements(text, expected):
    assert status("R-01", COPY, visible(text=text)) == expected


def test_one_good_label_suffices_beside_a_brand():
    brand = visible(scheme="ocr", text="豆包", height_ratio=0.01, contrast=1.1, at_edge=False)
    for requirement in ("R-01", "R-09", "R-10", "R-11"):
        assert status(requirement, brand, VISIBLE, header=HEADER) == "pass"


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (ALL, "pass"),
        ((COPY, NO_VISIBLE), "warn"),
        ((COPY, NO_VISIBLE, NO_OCR), "fail"),
        ((COPY,), "not-checked"),
        ((COPY, replace(NO_VISIBLE, detail="not examined: no decoder")), "not-checked"),
        (NOTHING, "not-applicable"),
    ],
)
def test_r03_a_missing_visible_label_fails_only_when_all_styles_were_examined(evidence, expected):
    assert status("R-03", *evidence) == expected


@pytest.mark.parametrize("requirement", ["R-01", "R-09", "R-10", "R-11", "R-13"])
def test_what_was_not_found_is_not_measured(requirement):
    assert status(requirement, COPY, NO_VISIBLE) == "not-checked"


@pytest.mark.parametrize(
    ("box", "orientation", "expected"),
    [
        ((840, 720, 140, 60), 1, "pass"),
        ((400, 740, 140, 60), 1, "pass"),
        ((0, 300, 140, 60), 1, "pass"),
        ((400, 400, 140, 60), 1, "fail"),
        ((900, 720, 140, 60), 1, "fail"),
        ((640, 920, 140, 60), 6, "pass"),
        ((640, 920, 140, 60), 1, "fail"),
    ],
)
def test_r09_measures_the_box_when_the_reader_did_not(box, orientation, expected):
    label = visible(at_edge=None, box=box)
    assert status("R-09", label, header=replace(HEADER, orientation=orientation)) == expected


def test_r09_takes_the_readers_word_and_says_when_there_is_none():
    assert status("R-09", visible(at_edge=True)) == "pass"
    assert status("R-09", visible(at_edge=False)) == "fail"
    assert status("R-09", visible(at_edge=None)) == "not-checked"


@pytest.mark.parametrize(
    ("scheme", "ratio", "expected"),
    [
        ("text", 0.05, "pass"),
        ("text", 0.04875, "warn"),
        ("text", 0.0487, "fail"),
        ("ocr", 0.0465, "warn"),
        ("ocr", 0.0455, "fail"),
        ("text", 0.0, "fail"),
        ("text", None, "not-checked"),
    ],
)
def test_r10_fails_only_beyond_the_error_of_measuring(scheme, ratio, expected):
    assert status("R-10", visible(scheme=scheme, height_ratio=ratio), header=HEADER) == expected


@pytest.mark.parametrize(
    ("contrast", "expected"), [(4.5, "pass"), (4.4, "warn"), (1.0, "warn"), (None, "not-checked")]
)
def test_r11_warns_and_never_fails(contrast, expected):
    assert status("R-11", visible(contrast=contrast)) == expected


def test_r13_warns_when_a_frame_lacks_the_label():
    assert status("R-13", VISIBLE) == "pass"
    assert status("R-13", visible(detail="not on every frame looked at")) == "warn"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (COPY, "pass"),
        (without("ReservedCode2"), "warn"),
        (without("PropagateID"), "fail"),
        (without("Label"), "fail"),
        (read_as("{" + LABEL.to_json()[1:-1] + ',"Timestamp":"1"}'), "warn"),
        (read_as(LABEL.to_json().replace('"Label":"1"', '"Label":1')), "fail"),
        (read_as(repr(LABEL.fields())), "fail"),
        (read_as('{"AIGC":' + LABEL.to_json() + "}"), "pass"),
        (read_as('{"Label":"1'), "fail"),
    ],
)
def test_r24_asks_for_seven_string_keys(found, expected):
    assert status("R-24", found) == expected


def test_r24_another_order_is_information():
    turned = dict(reversed(LABEL.fields().items()))
    row = rows(read_as(str(turned).replace("'", '"')))["R-24"]
    assert row.status is RowStatus.PASS
    assert "order" in row.detail


@pytest.mark.parametrize("trace", [VISIBLE, MARK, C2PA])
def test_r24_fails_when_other_layers_are_there_and_the_metadata_is_not(trace):
    assert status("R-24", NO_COPY, trace) == "fail"
    assert status("R-25", NO_COPY, trace) == "not-applicable"
    unread = replace(NO_COPY, detail="not examined: pixels in memory have no file")
    assert status("R-24", unread, trace) == "not-checked"
    assert status("R-24", NO_COPY, trace, policy=policy_named("eu")) == "not-applicable"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", "pass"), ("2", "pass"), ("3", "pass"), ("AIGC", "fail"), ("", "fail"), ("4", "fail")],
)
def test_r25_label_is_1_2_or_3(value, expected):
    assert status("R-25", copy(Label=value)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "pass"),
        ({"ReservedCode1": '{"SecurityData":{}}'}, "pass"),
        ({"ProduceID": "a b"}, "warn"),
        ({"ContentProducer": "深度求索"}, "warn"),
        ({"ReservedCode1": "a\\b"}, "warn"),
        ({"ProduceID": 'a"b'}, "warn"),
    ],
)
def test_r26_other_characters_warn_and_never_fail(fields, expected):
    assert status("R-26", copy(**fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "pass"),
        ({"ContentProducer": "doubao"}, "pass"),
        ({"ContentProducer": ""}, "fail"),
        ({"ContentProducer": "", "Label": "2"}, "pass"),
        ({"ContentProducer": CODE.replace("36T", "37T")}, "fail"),
        ({"ContentPropagator": CODE.replace("36T", "37T")}, "fail"),
    ],
)
def test_r27_a_producer_with_a_right_check_digit(fields, expected):
    assert status("R-27", copy(**fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "pass"),
        ({"ProduceID": "0" * 32}, "warn"),
        ({"ProduceID": "00000000-0000-0000-0000-000000000000"}, "warn"),
        ({"ProduceID": ""}, "fail"),
        ({"ProduceID": "", "Label": "3"}, "pass"),
    ],
)
def test_r28_a_content_number(fields, expected):
    assert status("R-28", copy(**fields)) == expected


def test_r29_another_pair_is_information_and_a_missing_key_a_finding():
    assert "equals" in rows(COPY)["R-29"].detail
    other = rows(copy(ContentPropagator="platform", PropagateID="7"))["R-29"]
    empty = rows(copy(ContentPropagator="", PropagateID=""))["R-29"]
    assert (other.status.value, empty.status.value) == ("pass", "pass")
    assert "information" in other.detail
    assert "information" in empty.detail
    assert status("R-29", without("ContentPropagator")) == "fail"


def test_r30_one_copy_only():
    assert status("R-30", COPY) == "pass"
    row = rows(COPY, replace(COPY, scheme="png-text", place="PNG tEXt 'AIGC'"))["R-30"]
    assert row.status is RowStatus.FAIL
    assert "PNG tEXt" in row.detail


def test_the_worst_copy_decides():
    for pair in ((COPY, copy(Label="AIGC")), (copy(Label="AIGC"), COPY)):
        assert status("R-25", *pair) == "fail"


@pytest.mark.parametrize(
    ("scheme", "place", "format_name", "expected"),
    [
        ("tc260-xmp", "PNG iTXt XMP, element", "png", "pass"),
        ("exif-usercomment", "JPEG APP1 Exif UserComment", "jpeg", "pass"),
        ("exif-usercomment", "WebP EXIF UserComment", "webp", "pass"),
        ("exif-usercomment", "PNG eXIf UserComment", "png", "warn"),
        ("exif-other", "JPEG APP1 IFD0 ImageDescription", "jpeg", "warn"),
        ("png-text", "PNG tEXt 'AIGC'", "png", "pass"),
        ("png-text", "PNG zTXt 'AIGC'", "png", "warn"),
        ("png-text", "PNG tEXt 'Comment'", "png", "warn"),
        ("xmp-text", "JPEG APP1 XMP, 'dc:title'", "jpeg", "warn"),
    ],
)
def test_r33_clause_6_and_annex_b_are_places_of_the_guide(scheme, place, format_name, expected):
    header = replace(HEADER, format=format_name)
    found = replace(COPY, scheme=scheme, place=place)
    assert status("R-33", found, header=header) == expected
    assert status("R-33", found) == expected


def test_r43_a_watermark_is_optional():
    assert status("R-43", *ALL) == "pass"
    assert status("R-43", COPY, NO_MARK) == "not-applicable"
    assert status("R-43", COPY) == "not-checked"
    assert status("R-43", replace(NO_MARK, detail="not examined: too small")) == "not-checked"


def test_r44_the_mark_belongs_to_the_label():
    assert status("R-44", *ALL) == "pass"
    assert status("R-44", *with_agreement(ALL)) == "pass"
    assert status("R-44", copy(ProduceID="another"), MARK) == "warn"
    assert status("R-44", COPY, replace(MARK, agrees_with_metadata=False)) == "warn"
    assert status("R-44", NO_COPY, MARK) == "not-applicable"
    assert status("R-44", COPY, NO_MARK) == "not-applicable"


@pytest.mark.parametrize(("p_value", "expected"), [(1e-9, "pass"), (1e-3, "warn"), (None, "warn")])
def test_r46_a_mark_states_its_false_positive_bound(p_value, expected):
    row = rows(COPY, replace(MARK, p_value=p_value))["R-46"]
    assert row.status.value == expected
    if p_value:
        assert f"{p_value:.0e}" in row.detail


def test_r49_lists_the_techniques():
    detail = rows(*ALL)["R-49"].detail
    for part in ("metadata (tc260-xmp)", "watermark (image-v1)", "visible (text)"):
        assert part in detail
    assert status("R-49") == "not-checked"


@pytest.mark.parametrize(
    ("integrity", "expected"),
    [
        (Integrity.ABSENT, "not-applicable"),
        (Integrity.VERIFIED_PINNED, "pass"),
        (Integrity.VERIFIED_EMBEDDED_KEY, "pass"),
        (Integrity.FAILED, "fail"),
        (Integrity.UNSUPPORTED, "not-checked"),
    ],
)
def test_r52_states_the_signature(integrity, expected):
    assert status("R-52", COPY, integrity=integrity) == expected
    assert status("R-52", NO_COPY, integrity=integrity) == "not-applicable"


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ((VISIBLE,), "pass"),
        ((NO_VISIBLE,), "not-checked"),
        ((NO_VISIBLE, NO_OCR), "pass"),
        ((), "not-checked"),
    ],
)
def test_r55_foreign_labels_need_a_reader_of_any_style(evidence, expected):
    assert status("R-55", COPY, *evidence) == expected


def test_r60_foreign_marks_are_listed():
    assert "c2pa" in rows(*ALL, C2PA)["R-60"].detail
    assert status("R-60", *ALL) == "not-applicable"


@pytest.mark.parametrize("alias", ["Propagator", "propatorid", "ReserveCode1"])
def test_r62_spellings_of_annex_f_warn(alias):
    key = {"p": "PropagateID", "P": "ContentPropagator", "R": "ReservedCode1"}[alias[0]]
    found = read_as(LABEL.to_json().replace(f'"{key}"', f'"{alias}"'))
    assert status("R-62", found) == "warn"
    assert status("R-24", found) == "pass"
    assert status("R-62", COPY) == "pass"


@pytest.mark.parametrize(
    ("policy", "evidence", "expected"),
    [
        ("eu", ALL, "warn"),
        ("eu", (COPY, NO_MARK), "fail"),
        ("eu", (COPY,), "not-checked"),
        ("us-ca", ALL, "warn"),
        ("kr", (VISIBLE,), "pass"),
        ("kr", (COPY, NO_VISIBLE), "not-checked"),
        ("kr", (COPY, NO_OCR), "fail"),
        ("in", (COPY, VISIBLE), "pass"),
        ("in", (VISIBLE, NO_COPY), "fail"),
        ("in", NOTHING, "not-applicable"),
    ],
)
def test_r59_layers_asked_for_abroad(policy, evidence, expected):
    rules = policy_named(policy)
    assert status("R-59", *evidence, policy=rules) == expected
    assert rows(*evidence, policy=rules)["R-59"].clause == rules.clause


@pytest.mark.parametrize("policy", ["eu", "us-ca", "kr", "in"])
def test_the_chinese_rules_on_visible_text_are_not_asked_abroad(policy):
    english = visible(text="AI GENERATED")
    assert not {"R-01", "R-09", "R-10"} & set(rows(COPY, english, policy=policy_named(policy)))


def test_rules_on_pictures_are_not_asked_of_text():
    found = rows(COPY, modality=Modality.TEXT)
    assert not {"R-09", "R-10", "R-33"} & set(found)
    assert found["R-24"].status is RowStatus.PASS


def test_clauses_name_a_source():
    for row in check_conformity(ALL, header=HEADER):
        assert re.match(r"GB 45438-2025 |Measures art\. |TC260-PG-|EU Code", row.clause)


@given(st.dictionaries(st.sampled_from((*FIELDS, "Timestamp")), st.text(max_size=40)))
def test_hostile_fields_never_raise_and_never_reach_the_terminal(fields):
    found = replace(COPY, fields=fields, deviations=deviations_of(fields))
    for row in check_conformity((found, MARK, VISIBLE), header=HEADER):
        assert row.detail.isprintable()
    for sentence in judge((found, MARK, VISIBLE)).reasons:
        assert sentence.isprintable()


def test_the_document_lists_every_check_and_no_other():
    text = (Path(__file__).parents[2] / "docs" / "conformity.md").read_text("utf-8")
    listed = re.findall(r"^\| (R-\d\d) \|", text, flags=re.MULTILINE) + re.findall(
        r"\*\*(R-\d\d)\*\*", text
    )
    assert sorted(listed) == [check.requirement for check in CHECKS]


def test_a_manifest_that_no_longer_holds_is_a_warning():
    broken = ProvenanceEvidence(
        scheme="c2pa", found=True, declares_ai=True, fields={"validation": "altered"}
    )
    assert rows(*ALL, broken)["R-60"].status.value == "warn"
    own = ProvenanceEvidence(scheme="security-data", found=True)
    assert rows(*ALL, own)["R-60"].status.value == "not-applicable"
