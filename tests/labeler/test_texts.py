"""The words: both elements, every language, every status, every notice."""

from __future__ import annotations

import pytest

from labeler import texts
from labeler.errors import InvalidLabel, UnknownPolicy
from labeler.image.visible_type import is_measured, missing_characters
from labeler.model import Status


ALL = [
    (lang, wording)
    for lang, table in texts.WORDINGS.items()
    for wordings in table.values()
    for wording in wordings
] + [(lang, wording) for lang, wordings in texts.ALSO_READ.items() for wording in wordings]


@pytest.mark.parametrize(("lang", "wording"), ALL)
def test_every_wording_names_both_elements_and_can_be_drawn(lang, wording):
    texts.check_text(wording, lang)
    assert texts.has_both_elements(wording, lang)
    assert not missing_characters(wording)
    assert sum(map(is_measured, wording)) >= 4


@pytest.mark.parametrize("lang", texts.WORDINGS)
def test_every_language_has_wordings_for_every_status_and_three_notices(lang):
    assert set(texts.WORDINGS[lang]) == set(Status)
    assert set(texts.NOTICES[lang]) == {"confirmed", "possible", "suspected"}
    for wordings in texts.WORDINGS[lang].values():
        assert list(wordings) == sorted(wordings, key=len, reverse=True)


@pytest.mark.parametrize(
    "text",
    [
        "AI生成",
        "人工智能生成",
        "由AI合成",
        "阶跃AI 生成",
        "本图片由AI生成",
        "人工智能合成内容",
        "ＡＩ生成",
    ],
)
def test_texts_with_both_elements_are_accepted(text):
    assert texts.has_both_elements(text)
    texts.check_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "AI",
        "虚拟主播",
        "AI创作",
        "由 AI 提供",
        "生成",
        "合成图片",
        "智能生成",
        "AI GENERATED",
        "MAIL生成",
    ],
)
def test_texts_that_lack_an_element_are_refused(text):
    assert not texts.has_both_elements(text)
    with pytest.raises(InvalidLabel, match="both elements"):
        texts.check_text(text)


@pytest.mark.parametrize(
    "text", ["", "  ", "AI\n生成", "AI\x00生成", "AI\u202e生成", "AI生成" * 30]
)
def test_texts_that_are_no_printable_line_are_refused_in_every_language(text):
    for lang in ("zh", "en"):
        with pytest.raises(InvalidLabel):
            texts.check_text(text, lang)


def test_other_languages_have_no_test_of_the_elements():
    texts.check_text("MACHINE ART", "en")
    assert not texts.has_both_elements("MACHINE ART", "en")
    assert texts.has_both_elements("Image générée par l’IA", "fr")


def test_the_default_language_is_chinese():
    assert texts.texts_for() == ("AI生成",)
    assert texts.texts_for(status=Status.MAY_BE) == ("可能为AI生成",)
    assert texts.notice_for("confirmed") == "人工智能生成合成内容"


def test_nothing_found_has_no_notice():
    for verdict in ("none", "undetermined"):
        assert texts.notice_for(verdict) == ""


@pytest.mark.parametrize("call", [texts.texts_for, texts.known_texts, texts.has_both_elements])
def test_an_unknown_language_is_refused(call):
    arguments = ("x", "tlh") if call is texts.has_both_elements else ("tlh",)
    with pytest.raises(UnknownPolicy, match="tlh"):
        call(*arguments)


def test_known_texts_hold_every_wording_once():
    known = texts.known_texts("zh")
    assert len(set(known)) == len(known)
    assert {"AI生成", "疑似AI生成", "人工智能生成"} <= set(known)
