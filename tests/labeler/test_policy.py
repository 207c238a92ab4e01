"""Policies are data: what they ask for, how sure that is, and what users are told."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError

import pytest

from labeler.errors import LabelError, UnknownPolicy
from labeler.model import Layer
from labeler.policy import POLICIES, Certainty, policy_named, show_policy
from labeler.texts import WORDINGS, notice_for


EVERY = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)


def test_the_policies_are_those_of_the_command_line():
    assert list(POLICIES) == ["cn", "eu", "us-ca", "kr", "in"]
    assert policy_named().name == "cn"


def test_an_unknown_policy_names_the_choices():
    with pytest.raises(UnknownPolicy, match=r"'uk'.*cn, eu, us-ca, kr, in"):
        policy_named("uk")
    assert issubclass(UnknownPolicy, LabelError)
    assert issubclass(UnknownPolicy, ValueError)


def test_china_asks_for_the_visible_and_the_metadata_label():
    cn = policy_named("cn")
    assert cn.required == (Layer.VISIBLE, Layer.METADATA)
    assert cn.encouraged == (Layer.WATERMARK,)
    assert cn.language == "zh"


def test_the_european_policy_asks_for_two_machine_readable_layers():
    eu = policy_named("eu")
    assert set(eu.required) == {Layer.METADATA, Layer.WATERMARK}
    assert "signed" in eu.shortfall


def test_gb_45438_binds_in_china_only():
    assert [name for name, policy in POLICIES.items() if policy.binds_gb] == ["cn"]


@EVERY
def test_every_layer_is_placed_once(policy):
    assert set(policy.layers) == {Layer.VISIBLE, Layer.WATERMARK, Layer.METADATA}
    assert len(policy.layers) == 3


@EVERY
def test_every_policy_has_a_language_with_wordings_and_notices(policy):
    assert policy.language in WORDINGS
    assert notice_for("confirmed", policy.language)


@EVERY
def test_every_source_is_marked_and_says_what_it_asks(policy):
    assert policy.sources
    for source in policy.sources:
        assert source.rule
        assert source.asks
        assert isinstance(source.certainty, Certainty)


@EVERY
@pytest.mark.parametrize("language", ["zh", "en"])
def test_show_prints_the_agreement_the_sources_and_the_gaps(policy, language):
    text = show_policy(policy, language)
    assert policy.agreement.in_language(language) in text
    assert all(source.in_language(language) in text for source in policy.sources)
    chinese = language == "zh"
    assert all(gap in text for gap in (chinese and policy.gaps_zh) or policy.gaps)
    meanings = [(x, x.meaning_zh if chinese else x.meaning) for x in Certainty]
    assert all(f"[{letter.value}] = {meaning}" in text for letter, meaning in meanings)


def test_the_chinese_policy_is_shown_in_chinese_throughout():
    text = show_policy(policy_named("cn"), "zh")
    english = re.findall(r"[A-Za-z]{3,}", text.replace("TC260-PG", ""))
    assert set(english) <= {"Measures", "art", "AIGC"}, english
    assert all(source.zh for source in policy_named("cn").sources)


@EVERY
def test_show_claims_no_certificate(policy):
    text = show_policy(policy).lower()
    assert "certified" not in text
    assert "compliant" not in text
    assert "no legal advice" in text


def test_the_chinese_agreement_states_method_and_style():
    text = policy_named("cn").agreement.zh
    for part in ("显式标识", "隐式标识", "文件元数据", "5%", "不少于六个月", "AI生成", "声明"):
        assert part in text


def test_an_agreement_in_another_language_is_english():
    agreement = policy_named("cn").agreement
    assert agreement.in_language("zh") == agreement.zh
    assert agreement.in_language("ko") == agreement.en


def test_policies_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        policy_named("cn").language = "en"
    with pytest.raises(TypeError):
        POLICIES["cn"] = policy_named("eu")
