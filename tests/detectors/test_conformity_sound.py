"""The rows on sound: what passes, warns, and what was not looked at (GB 45438-2025 5.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.audio.facts import AudibleFacts, describe
from detectors.conformity import sound
from detectors.conformity.case import Case
from detectors.evidence import MetadataEvidence, VisibleEvidence
from labeler.policy import policy_named


CUE = AudibleFacts(
    kind="rhythm",
    begin=0.3,
    end=1.62,
    position="start",
    level=-1.0,
    unit=0.12,
    gap=3.0,
    tone=880,
)
VOICE = AudibleFacts(kind="voice", begin=0.3, end=4.6, position="end", level=0.0, pace=140)
COPY = MetadataEvidence(
    scheme="riff-aigc", found=True, fields={"Label": "1", "ContentProducer": "x"}
)
NONE = VisibleEvidence(scheme="rhythm", found=False, detail="none found")
UNSEEN = VisibleEvidence(scheme="rhythm", found=False, detail="not examined: no sound")


def row(facts, text="短长 短短"):
    return VisibleEvidence(scheme=facts.kind, found=True, text=text, detail=describe(facts))


def status(check, *evidence):
    return check(Case(evidence=evidence, policy=policy_named()))[0].value


CHECKS = (
    sound.check_elements,
    sound.check_presence,
    sound.check_rhythm,
    sound.check_position,
    sound.check_pace,
    sound.check_level,
    sound.check_search,
)


def test_our_cue_passes_what_applies_to_a_rhythm():
    told = {check.__name__: status(check, row(CUE), COPY) for check in CHECKS}
    assert told.pop("check_elements") == told.pop("check_pace") == "not-applicable"
    assert set(told.values()) == {"pass"}


def test_our_prompt_passes_what_applies_to_a_voice():
    spoken = row(VOICE, "本音频由人工智能生成")
    told = {check.__name__: status(check, spoken, COPY) for check in CHECKS}
    assert told.pop("check_rhythm") == "not-applicable"
    assert set(told.values()) == {"pass"}


@pytest.mark.parametrize(
    ("gap", "unit", "result"),
    [(3.0, 0.12, "pass"), (2.0, 0.08, "pass"), (1.0, 0.12, "warn"), (3.0, 0.3, "warn")],
)
def test_the_rhythm_needs_its_letter_gap_and_a_usual_unit(gap, unit, result):
    assert status(sound.check_rhythm, row(replace(CUE, gap=gap, unit=unit))) == result


def test_a_rhythm_that_reads_as_l_says_so():
    finding = sound.check_rhythm(
        Case(evidence=(row(replace(CUE, gap=1.0)),), policy=policy_named())
    )
    assert "letter L" in finding[1]


def test_one_good_label_suffices():
    assert status(sound.check_rhythm, row(replace(CUE, gap=1.0)), row(CUE)) == "pass"


@pytest.mark.parametrize(("pace", "result"), [(120, "pass"), (176, "pass"), (208, "warn")])
def test_the_voice_needs_a_normal_pace(pace, result):
    assert status(sound.check_pace, row(replace(VOICE, pace=pace), "AI生成")) == result


@pytest.mark.parametrize(
    ("level", "result"),
    [(-6.5, "pass"), (-15.0, "warn"), (4.0, "pass"), (None, "not-checked")],
)
def test_the_label_needs_to_be_loud_enough(level, result):
    assert status(sound.check_level, row(replace(CUE, level=level))) == result


def test_a_spoken_text_without_both_elements_fails():
    assert status(sound.check_elements, row(VOICE, "由机器朗读")) == "fail"
    assert status(sound.check_elements, row(VOICE, "")) == "not-checked"


def test_a_probable_rhythm_is_a_warning_as_presence():
    assert status(sound.check_presence, row(replace(CUE, own=False))) == "warn"


@pytest.mark.parametrize("check", CHECKS[:6], ids=lambda check: check.__name__)
def test_without_any_label_nothing_applies(check):
    assert status(check, NONE) == "not-applicable"


def test_a_labelled_file_without_audible_label_is_not_passed():
    assert status(sound.check_presence, NONE, COPY) == "warn"
    assert status(sound.check_presence, UNSEEN, COPY) == "not-checked"
    assert status(sound.check_position, NONE, COPY) == "not-checked"
    assert status(sound.check_search, UNSEEN) == "not-checked"
    assert status(sound.check_search, NONE) == "pass"
