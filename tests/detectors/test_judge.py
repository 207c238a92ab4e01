"""The fourteen rows of the decision table of Measures art. 6 (law.md section 6, R-47)."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from detectors.evidence import (
    Integrity,
    MetadataEvidence,
    ProvenanceEvidence,
    Verdict,
    VisibleEvidence,
    WatermarkEvidence,
)
from detectors.findings import governing_copy, mark_agreement, with_agreement
from detectors.judge import RANK, judge, undetermined
from detectors.propagation import propagated_fields
from labeler.annex_e import FIELDS
from labeler.errors import InvalidLabel, LabelConflict, UnknownPolicy
from labeler.model import Label
from labeler.payload import payload_of
from labeler.policy import policy_named


CODE = "001191440300708461136T1XGW3"
PLATFORM = "001191310104MACE0YX63918020"
NOTICE_CONFIRMED = "人工智能生成合成内容"
NOTICE_POSSIBLE = "该内容可能为人工智能生成合成内容"
NOTICE_SUSPECTED = "该内容疑似为人工智能生成合成内容"
PAIR = {"ContentPropagator": "", "PropagateID": "", "ReservedCode2": ""}
LABEL = Label(producer=CODE, content_id="demo-001")


def copy(status="1", producer=CODE, **fields):
    base = {**LABEL.fields(), "Label": status, "ContentProducer": producer}
    return MetadataEvidence(scheme="tc260-xmp", found=True, fields={**base, **fields})


def mark(label=LABEL, *, bits=64, key="default"):
    payload = payload_of(label).head(bits)
    return WatermarkEvidence(
        scheme="image-v1",
        found=True,
        p_value=1e-12,
        bits=bits,
        mark_id=payload.mark_hex,
        status=payload.status,
        key=key,
    )


VISIBLE = VisibleEvidence(scheme="text", found=True, text="AI生成")
BRAND = VisibleEvidence(scheme="ocr", found=True, text="即梦AI")
C2PA_AI = ProvenanceEvidence(scheme="c2pa", found=True, declares_ai=True)
C2PA_CAMERA = ProvenanceEvidence(scheme="c2pa", found=True, declares_ai=False)
PIXEL_AI = ProvenanceEvidence(scheme="stable-diffusion-watermark", found=True, declares_ai=True)
NOTHING = (
    MetadataEvidence(scheme="tc260-xmp", found=False),
    WatermarkEvidence(scheme="image-v1", found=False),
    VisibleEvidence(scheme="text", found=False),
)
MALFORMED = {
    "bad Label": copy("AIGC"),
    "no producer": copy("1", producer=""),
    "no Label": MetadataEvidence(
        scheme="x", found=True, fields={"ContentProducer": CODE, "ProduceID": "1"}
    ),
    "no fields": MetadataEvidence(scheme="x", found=True),
    "no JSON": MetadataEvidence(
        scheme="x",
        found=True,
        fields=LABEL.fields(),
        deviations=("malformed: the value is no object as annex E b prints it",),
    ),
}
EVERY_E = {"no E": (), "visible": (VISIBLE,), "mark": (mark(),), "c2pa": (C2PA_AI,)}
DECLARED = {"yes": True, "no": False, "not asked": None}


def outcome(judgement):
    return judgement.row, judgement.verdict, judgement.notice, judgement.patch


@pytest.mark.parametrize("extra", EVERY_E.values(), ids=EVERY_E)
@pytest.mark.parametrize("declared", DECLARED.values(), ids=DECLARED)
def test_row_1_a_valid_label_1_is_confirmed_whatever_else(declared, extra):
    judged = judge((copy("1"), *extra), declared=declared)
    assert outcome(judged) == (1, Verdict.CONFIRMED, NOTICE_CONFIRMED, PAIR)


@pytest.mark.parametrize("extra", EVERY_E.values(), ids=EVERY_E)
def test_row_2_no_label_but_declared_is_possible(extra):
    judged = judge((*NOTHING, *extra), declared=True)
    assert outcome(judged) == (2, Verdict.POSSIBLE, NOTICE_POSSIBLE, {"Label": "2", **PAIR})
    assert judged.label is None


@pytest.mark.parametrize("declared", [False, None])
@pytest.mark.parametrize("trace", [VISIBLE, BRAND, mark(), mark(bits=16)])
def test_row_3_no_label_but_a_trace_is_suspected(trace, declared):
    judged = judge((*NOTHING, trace), declared=declared)
    assert outcome(judged) == (3, Verdict.SUSPECTED, NOTICE_SUSPECTED, {"Label": "3", **PAIR})


@pytest.mark.parametrize("declared", [False, None])
@pytest.mark.parametrize("evidence", [(), NOTHING, (*NOTHING, C2PA_CAMERA)])
def test_row_4_nothing_is_none_and_never_human_made(evidence, declared):
    judged = judge(evidence, declared=declared)
    assert outcome(judged) == (4, Verdict.NONE, "", {})
    assert "does not mean that a human made it" in judged.reasons[0]


@pytest.mark.parametrize("extra", EVERY_E.values(), ids=EVERY_E)
@pytest.mark.parametrize("declared", DECLARED.values(), ids=DECLARED)
@pytest.mark.parametrize("producer", [CODE, ""])
def test_row_5_upstream_label_2_stays_possible(declared, extra, producer):
    judged = judge((copy("2", producer=producer), *extra), declared=declared)
    assert outcome(judged) == (5, Verdict.POSSIBLE, NOTICE_POSSIBLE, PAIR)


@pytest.mark.parametrize("extra", EVERY_E.values(), ids=EVERY_E)
def test_row_6_upstream_label_3_is_raised_by_a_declaration(extra):
    judged = judge((copy("3"), *extra), declared=True)
    assert outcome(judged) == (6, Verdict.POSSIBLE, NOTICE_POSSIBLE, {"Label": "2", **PAIR})


@pytest.mark.parametrize("extra", EVERY_E.values(), ids=EVERY_E)
@pytest.mark.parametrize("declared", [False, None])
def test_row_7_upstream_label_3_stays_suspected(declared, extra):
    judged = judge((copy("3"), *extra), declared=declared)
    assert outcome(judged) == (7, Verdict.SUSPECTED, NOTICE_SUSPECTED, PAIR)


@pytest.mark.parametrize("declared", [False, None])
@pytest.mark.parametrize("found", MALFORMED.values(), ids=MALFORMED)
def test_row_8_a_malformed_label_is_a_trace(found, declared):
    judged = judge((found,), declared=declared)
    assert outcome(judged) == (8, Verdict.SUSPECTED, NOTICE_SUSPECTED, {"Label": "3", **PAIR})


@pytest.mark.parametrize("found", [copy("AIGC"), copy("1", producer=""), copy("True")])
@pytest.mark.parametrize("declared", DECLARED.values(), ids=DECLARED)
def test_row_8_lenient_takes_an_unmistakable_intent_as_confirmed(found, declared):
    judged = judge((found,), declared=declared, lenient=True)
    assert outcome(judged) == (8, Verdict.CONFIRMED, NOTICE_CONFIRMED, {"Label": "1", **PAIR})


@pytest.mark.parametrize("value", ["", "0", "4", "no", "maybe", "not AI"])
def test_row_8_lenient_does_not_guess(value):
    assert judge((copy(value),), lenient=True).verdict is Verdict.SUSPECTED


@pytest.mark.parametrize("found", MALFORMED.values(), ids=MALFORMED)
def test_row_9_a_malformed_label_and_a_declaration_is_possible(found):
    judged = judge((found,), declared=True)
    assert outcome(judged) == (9, Verdict.POSSIBLE, NOTICE_POSSIBLE, {"Label": "2", **PAIR})


@pytest.mark.parametrize("status", ["1", "2", "3", "AIGC"])
def test_row_10_equal_copies_give_the_verdict_of_the_label(status):
    one, two = judge((copy(status),)), judge((copy(status), copy(status)))
    assert outcome(one) == outcome(two)
    assert not two.conflict
    assert any("6.1 c" in reason for reason in two.reasons)


def test_row_10_a_missing_field_equals_an_empty_one():
    bare = {k: v for k, v in LABEL.fields().items() if v}
    short = MetadataEvidence(scheme="png-text", found=True, fields=bare)
    assert not judge((copy("1"), short)).conflict


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (copy("1"), copy("3"), Verdict.CONFIRMED),
        (copy("3"), copy("2"), Verdict.POSSIBLE),
        (copy("AIGC"), copy("1"), Verdict.CONFIRMED),
        (copy("1"), copy("1", ProduceID="another"), Verdict.CONFIRMED),
    ],
)
def test_row_11_copies_that_differ_give_the_highest_and_a_conflict(one, other, verdict):
    for pair in itertools.permutations((one, other)):
        judged = judge(pair)
        assert (judged.verdict, judged.conflict, judged.patch) == (verdict, True, {})
        assert any("contradict" in reason for reason in judged.reasons)
    assert judge((one, other)).label["Label"] == governing_copy((other, one)).fields["Label"]


def test_one_copy_is_not_called_several():
    assert not any("copies" in reason for reason in judge((copy("1"),)).reasons)


def test_only_what_nobody_looked_for_is_called_not_examined():
    unseen = VisibleEvidence(scheme="ocr", found=False, detail="not examined: no extra")
    reasons = judge((*NOTHING, unseen, mark())).reasons
    assert [reason for reason in reasons if "not examined" in reason] == [
        "visible: ocr not examined"
    ]


def test_every_verdict_has_a_strength_of_its_own_in_the_order_of_the_table():
    assert [verdict.value for verdict in sorted(RANK, key=lambda verdict: RANK[verdict])] == [
        *("undetermined", "none", "suspected", "possible", "confirmed")
    ]
    assert sorted(RANK.values()) == list(range(5))


def test_row_11_is_and_may_be_give_is_in_any_order():
    for pair in itertools.permutations((copy("1"), copy("2", ProduceID="other"))):
        assert judge(pair).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize("status", ["1", "2", "3"])
def test_row_12_a_failed_signature_leaves_the_verdict(status):
    plain = judge((copy(status),))
    failed = judge((copy(status),), integrity=Integrity.FAILED)
    assert outcome(failed) == outcome(plain)
    assert failed.integrity is Integrity.FAILED
    assert any("forged" in reason for reason in failed.reasons)


def test_reserved_fields_that_nobody_checked_are_unsupported():
    assert judge((copy("1"),)).integrity is Integrity.ABSENT
    signed = copy("1", ReservedCode1='{"SecurityData":{}}')
    assert judge((signed,)).integrity is Integrity.UNSUPPORTED


@pytest.mark.parametrize("declared", [False, None])
@pytest.mark.parametrize("trace", [C2PA_AI, PIXEL_AI])
def test_row_13_foreign_marks_are_a_trace_by_default(trace, declared):
    judged = judge((*NOTHING, trace), declared=declared)
    assert outcome(judged) == (13, Verdict.SUSPECTED, NOTICE_SUSPECTED, {"Label": "3", **PAIR})


def test_row_13_foreign_metadata_confirms_on_request_only():
    judged = judge((*NOTHING, C2PA_AI), trace_confirms=True)
    assert outcome(judged) == (13, Verdict.CONFIRMED, NOTICE_CONFIRMED, {"Label": "1", **PAIR})
    assert judge((PIXEL_AI,), trace_confirms=True).verdict is Verdict.SUSPECTED
    assert judge((C2PA_CAMERA,), trace_confirms=True).verdict is Verdict.NONE


def test_row_14_unreadable_is_undetermined():
    judged = undetermined("the file is truncated")
    assert outcome(judged) == (14, Verdict.UNDETERMINED, "", {})
    assert judged.reasons == ("the file is truncated",)
    assert not judged.conflict


ALL_COPIES = [copy(status) for status in "123"]
ALL_TRACES = [VISIBLE, mark(), C2PA_AI, PIXEL_AI]


@pytest.mark.parametrize("found", ALL_COPIES)
def test_an_upstream_label_is_never_lowered(found):
    upstream = found.fields["Label"]
    for declared, lenient, confirms in itertools.product((True, False, None), *[(True, False)] * 2):
        for n in range(len(ALL_TRACES) + 1):
            evidence = (found, *ALL_TRACES[:n])
            options = {"declared": declared, "lenient": lenient, "trace_confirms": confirms}
            judged = judge(evidence, **options)
            assert judged.patch.get("Label", upstream) <= upstream
            assert RANK[judged.verdict] >= RANK[judge((found,)).verdict]


def test_more_evidence_never_weakens_the_verdict():
    rows = [*ALL_COPIES, *ALL_TRACES]
    for few in itertools.chain.from_iterable(itertools.combinations(rows, n) for n in (0, 1, 2)):
        for more in rows:
            assert RANK[judge((*few, more)).verdict] >= RANK[judge(few).verdict]


def test_the_order_of_evidence_does_not_matter():
    rows = (copy("3"), VISIBLE, mark(), C2PA_AI)
    assert len({outcome(judge(order))[:3] for order in itertools.permutations(rows)}) == 1


@pytest.mark.parametrize(
    ("policy", "lang", "notice"),
    [
        ("cn", None, "人工智能生成合成内容"),
        ("cn", "en", "AI-generated or synthesised content"),
        ("eu", None, "AI-generated or synthesised content"),
        ("kr", None, "AI로 생성·합성된 콘텐츠"),
        ("eu", "de", "KI-generierter oder synthetischer Inhalt"),
    ],
)
def test_the_notice_is_in_the_language_of_the_policy(policy, lang, notice):
    assert judge((copy("1"),), policy=policy_named(policy), lang=lang).notice == notice


def test_an_unknown_language_is_refused():
    with pytest.raises(UnknownPolicy, match="tlh"):
        judge((copy("1"),), lang="tlh")


def test_the_label_is_reported_as_read():
    short = MetadataEvidence(scheme="x", found=True, fields={"Label": "AIGC", "ProduceID": "7"})
    judged = judge((short,))
    assert list(judged.label) == list(FIELDS)
    assert judged.label == {**dict.fromkeys(FIELDS, ""), "Label": "AIGC", "ProduceID": "7"}
    assert judge((MetadataEvidence(scheme="x", found=True),)).label is None


def test_the_reasons_name_every_technique_and_its_doubt():
    judged = judge((copy("1"), mark(), VISIBLE, C2PA_AI), declared=False)
    text = "\n".join(judged.reasons)
    for part in ("metadata: tc260-xmp", "watermark: image-v1", "at most 1e-12", "published key"):
        assert part in text
    for part in ("visible: text", "provenance: c2pa", "declaration: the user says no"):
        assert part in text


@pytest.mark.parametrize("bits", [48, 64])
def test_a_registry_entry_that_agrees_with_the_mark_is_believed(bits):
    judged = judge((*NOTHING, mark(bits=bits)), registry_label=LABEL.fields())
    assert (judged.row, judged.verdict) == (3, Verdict.CONFIRMED)
    kept = {"Label": "1", "ContentProducer": CODE, "ProduceID": "demo-001", "ReservedCode1": ""}
    assert judged.patch == {**kept, **PAIR}


@pytest.mark.parametrize(
    ("marks", "registered"),
    [
        ((), LABEL),
        ((mark(bits=32),), LABEL),
        ((mark(),), Label(producer=CODE, content_id="another")),
        ((VISIBLE,), LABEL),
    ],
)
def test_a_registry_entry_without_an_agreeing_mark_is_not(marks, registered):
    judged = judge((*NOTHING, *marks), registry_label=registered.fields())
    assert judged.verdict is not Verdict.CONFIRMED
    assert judged.patch.get("ContentProducer") is None


def test_a_registry_entry_changes_nothing_beside_a_metadata_label():
    for found in (copy("3"), copy("AIGC")):
        plain, known = (judge((found, mark()), registry_label=r) for r in (None, LABEL.fields()))
        assert outcome(plain) == outcome(known)


@pytest.mark.parametrize("bits", [16, 32, 48, 64])
def test_a_mark_agrees_in_the_bits_it_carries(bits):
    other = Label(producer=CODE, content_id="demo-002")
    assert mark_agreement(mark(bits=bits), LABEL.fields()) is True
    assert mark_agreement(mark(other, bits=bits), LABEL.fields()) is False


def test_a_mark_agrees_although_a_platform_raised_the_label():
    suspected = Label(producer=CODE, content_id="demo-001", status="3")
    assert mark_agreement(mark(suspected), {**LABEL.fields(), "Label": "2"}) is True


def test_agreement_is_filled_in_on_marks_found_only():
    blind = WatermarkEvidence(scheme="image-v1", found=False)
    rows = with_agreement((copy("1"), mark(), blind, VISIBLE))
    assert rows[1].agrees_with_metadata is True
    assert rows[2].agrees_with_metadata is None
    assert (rows[0], rows[3]) == (copy("1"), VISIBLE)
    assert with_agreement((mark(),))[0].agrees_with_metadata is None
    nameless = copy("2", producer="")
    assert with_agreement((nameless, mark()))[1].agrees_with_metadata is None


def propagate(found, *, declared=None, **options):
    judged = judge((found,) if found else NOTHING, declared=declared)
    return propagated_fields(found.fields if found else {}, judged, PLATFORM, "p-7", **options)


def test_propagation_changes_only_the_own_three_fields_of_a_valid_label():
    found = copy("1", ReservedCode1="sig-1", ReservedCode2="sig-2")
    written = propagate(found)
    changed = {name for name in FIELDS if written[name] != found.fields[name]}
    assert changed == {"ContentPropagator", "PropagateID", "ReservedCode2"}
    assert [written[n] for n in FIELDS[4:]] == [PLATFORM, "p-7", ""]
    assert list(written) == list(FIELDS)


def test_propagation_raises_label_3_on_a_declaration_and_nothing_else():
    found = copy("3", ReservedCode1="sig-1")
    written = propagate(found, declared=True)
    assert written["Label"] == "2"
    assert [written[n] for n in FIELDS[1:4]] == [found.fields[n] for n in FIELDS[1:4]]


def test_propagation_labels_declared_content_without_inventing_a_producer():
    written = propagate(None, declared=True)
    assert (written["Label"], written["ContentProducer"], written["ProduceID"]) == ("2", "", "")
    named = propagate(None, declared=True, producer_unknown="UNKNOWN")
    assert named["ContentProducer"] == "UNKNOWN"


def test_propagation_never_fills_the_producer_of_a_valid_upstream_label():
    assert propagate(copy("2", producer=""), producer_unknown="ME")["ContentProducer"] == ""


def test_propagation_carries_a_malformed_label_with_its_faults():
    found = copy("AIGC", producer="Minimax Agent AI", ReservedCode1="ab cd")
    written = propagate(found)
    assert written["Label"] == "3"
    assert [written[n] for n in FIELDS[1:4]] == ["Minimax Agent AI", "demo-001", "ab cd"]


def test_propagation_writes_nothing_when_nothing_was_found():
    assert propagate(None) == {}


def test_propagation_leaves_contradicting_copies_to_a_person():
    judged = judge((copy("1"), copy("3")))
    with pytest.raises(LabelConflict, match="contradict"):
        propagated_fields(judged.label, judged, PLATFORM, "p-7")


def test_propagation_writes_nothing_to_what_could_not_be_read():
    with pytest.raises(LabelConflict, match="could not be read"):
        propagated_fields({}, undetermined("truncated"), PLATFORM, "p-7")


@pytest.mark.parametrize(
    ("propagator", "number"),
    [("", "p-7"), (PLATFORM, ""), ("a b", "p-7"), (PLATFORM[:-6] + "918020", "7\n")],
)
def test_propagation_checks_the_platforms_own_values(propagator, number):
    with pytest.raises(InvalidLabel):
        propagated_fields(LABEL.fields(), judge((copy("1"),)), propagator, number)


def test_propagation_never_says_is_without_a_producer():
    judged = judge((C2PA_AI,), trace_confirms=True)
    with pytest.raises(LabelConflict, match="producer_unknown"):
        propagated_fields({}, judged, PLATFORM, "p-7")


def test_the_patch_names_the_platform_that_asks():
    judged = judge((copy("1"),), propagator=PLATFORM, propagate_id="p-7")
    assert judged.patch == {**PAIR, "ContentPropagator": PLATFORM, "PropagateID": "p-7"}
    assert propagated_fields(judged.label, judged, PLATFORM, "p-7") == {
        **LABEL.fields(),
        **judged.patch,
    }


def test_the_document_has_the_fourteen_rows():
    text = (Path(__file__).parents[2] / "docs" / "verdict.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \|", text, flags=re.MULTILINE)
    assert rows == [str(n) for n in range(1, 15)]


@pytest.mark.parametrize("state", ["altered", "damaged"])
def test_a_broken_manifest_is_a_trace_and_no_statement(state):
    broken = ProvenanceEvidence(
        scheme="c2pa", found=True, declares_ai=True, fields={"validation": state}
    )
    outcome = judge((broken,), trace_confirms=True)
    assert outcome.verdict is Verdict.SUSPECTED
    whole = ProvenanceEvidence(
        scheme="c2pa", found=True, declares_ai=True, fields={"validation": "intact"}
    )
    assert judge((whole,), trace_confirms=True).verdict is Verdict.CONFIRMED
