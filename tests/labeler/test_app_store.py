"""Drafts for app stores and user agreements say what is done, and quote foreign text safely."""

from __future__ import annotations

import pytest

from labeler.errors import InvalidLabel, LabelError, UnknownPolicy
from labeler.policy import POLICIES
from labeler.policy.app_store import agreement_text, app_store_report
from labeler.policy.wording import METHODS
from labeler.texts import has_both_elements
from labeler.verbs import apply
from makers import PRODUCER, make


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_draft_names_every_kind_of_content_with_its_clause(language):
    text = app_store_report(language=language)
    for method in METHODS:
        assert method.clause in text
        assert method.places in text
        assert (method.zh if language == "zh" else method.en) in text
    assert agreement_text(language=language) in text


def test_what_only_the_service_knows_is_left_to_fill_in():
    assert app_store_report().count("待填写") >= 5
    assert app_store_report(language="en").count("to fill in") >= 4


def test_the_draft_claims_no_certificate():
    assert "no certificate" in app_store_report(language="en")
    assert "certified" not in app_store_report(language="en")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_has_an_agreement_for_content_of_every_kind(policy, language):
    text = agreement_text(policy=policy, language=language)
    assert "图片写入" not in text
    assert len(text) > 80


def test_the_agreement_of_china_covers_the_four_kinds_and_both_elements():
    text = agreement_text()
    for part in ("文本：", "图片：", "音频：", "视频：", "短长 短短", "2秒", "5%", "120至160"):
        assert part in text
    assert has_both_elements("AI生成", "zh")


def test_only_china_asks_for_material_for_app_stores():
    with pytest.raises(UnknownPolicy, match="--policy cn"):
        app_store_report(policy="eu")


def test_a_wrong_provider_code_is_refused():
    with pytest.raises(InvalidLabel, match="check digit"):
        app_store_report(producer=PRODUCER[:21] + "0" + PRODUCER[22:])


def test_names_cannot_break_out_of_the_table():
    text = app_store_report(app="a|b`c\n# d")
    assert "| 应用名称 | a\\|b'c�# d |" in text


def test_a_sample_is_quoted_and_a_missing_one_named(tmp_path, label):
    path = tmp_path / "a|b.png"
    path.write_bytes(apply(make("png"), label, layers="metadata").content)
    text = app_store_report(samples=[path])
    assert '"ProduceID":"demo-001"' in text
    assert "| a\\|b.png |" in text
    with pytest.raises(LabelError, match="missing"):
        app_store_report(samples=[tmp_path / "missing.png"])


def test_the_label_of_a_video_is_read_without_loading_it(tmp_path, samples, label):
    path = tmp_path / "hills.mp4"
    apply(samples / "videos" / "hills.mp4", label, output=path, layers="metadata")
    assert '"ProduceID":"demo-001"' in app_store_report(samples=[path])
