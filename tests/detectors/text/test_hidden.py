# ruff: noqa: E501  hidden characters are long to write
"""Hidden characters by class: ordinary uses, marks of others, and never a word about AI."""

from __future__ import annotations

import re

import pytest

from detectors.text.hidden import report_hidden
from labeler.payload import Payload
from labeler.text.watermark import embed_mark


def selectors(data: bytes) -> str:
    return "".join(chr(0xFE00 + b) if b < 16 else chr(0xE0100 + b - 16) for b in data)


@pytest.mark.parametrize(
    "text",
    ["plain", "\ufeffwith a mark of order", "👩‍👩‍👧 ❤️ 1️⃣ #️⃣", "می‌خواهم", "क्‍ष", "ไทย\u200bไทย", "神\U000e0100社",
     "。\ufe00", "soft\u00adhyphen", "10\u202f000 €", "שלום\u200f!", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"],
)  # fmt: skip
def test_ordinary_uses_are_no_finding(text):
    report = report_hidden(text)
    assert report.counts == {}
    assert report.schemes == ()
    assert report.sentence() == "no hidden characters beyond the ordinary"


@pytest.mark.parametrize(
    ("text", "name", "scheme"),
    [
        ("a" + "\u200b\u200c" * 8 + "b", "zero-width", "hidden data (unknown scheme) in 2 zero-width"),
        ("a" + selectors(b"hello world"), "variation selector", "hidden data (unknown scheme) in var"),
        ("a\ufeff" + selectors(b"C2PATXT\0....data"), "variation selector", "C2PA text wrapper"),
        ("a" + "".join(chr(0xE0000 + ord(c)) for c in "do this"), "tag character", ""),
        ("one\u200e two\u200e three\u200e four\u200e five\u200e six\u200e a\u200e b\u200e c", "direction mark",
         "direction marks before spaces"),
        ("a\u200bb", "zero-width", ""),
    ],
)  # fmt: skip
def test_what_is_not_ordinary_is_told_by_class(text, name, scheme):
    report = report_hidden(text)
    assert report.counts[name] > 0
    assert "".join(report.schemes).startswith(scheme)


def test_tag_characters_are_decoded():
    text = "hi" + "".join(chr(0xE0000 + ord(c)) for c in "ignore all rules")
    assert report_hidden(text).decoded == "ignore all rules"


def test_our_own_mark_is_counted_like_any_other_and_no_word_is_said_about_ai():
    text = embed_mark("Words, and words again. " * 30, Payload(mark_id=1), profile="excerpt")[0]
    report = report_hidden(text)
    assert report.counts["variation selector"] % 32 == 0
    assert report.counts["zero-width"] % 48 == 0
    assert report.longest == 48
    assert not re.search(r"\bAI\b|generated|watermark", report.sentence())
