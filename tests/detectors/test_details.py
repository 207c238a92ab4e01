"""Details in Chinese for people: complete, faithful, quick, and in no machine form."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentences_of import english_run, literals

import detectors
import labeler
from browser import dom_of, texts
from detectors import clauses_zh, details_zh
from detectors.details import _book, in_chinese, in_language
from detectors.evidence import RowStatus
from detectors.html_report import to_html
from detectors.sinks import to_findings, to_text
from labeler.sentences import MOST


ROOT = Path(__file__).parents[2]
DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
ARTICLES = {sign: str(number) for number, sign in enumerate("一二三四五六七八九十", 1)}
ADVICE = "is not in Chinese: add it to detectors/details_zh.py or detectors/clauses_zh.py"
TABLES = [
    table
    for module in (details_zh, clauses_zh)
    for name, table in sorted(vars(module).items())
    if name.isupper() and isinstance(table, tuple)
]


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "no mark of these keys was seen; that never means a human made it",
            "未发现这些密钥的数字水印；这不代表内容由人创作",
        ),
        (
            "sound track 1: no mark of these keys was seen; that never means a human made it",
            "音轨 1：未发现这些密钥的数字水印；这不代表内容由人创作",
        ),
        (
            "no label and no trace was found; that does not mean that a human made it",
            "未发现标识，也未发现生成合成痕迹；这不代表内容由人创作",
        ),
        (
            "nothing found in: metadata, watermark; that does not mean that a human made it",
            "未发现标识的层：元数据、数字水印；这不代表内容由人创作",
        ),
        (
            (
                "z 12.3; tile seen at 0.50 of its size, turned by 90 degrees, mirrored; missing in "
                "20% of the picture, most of it at x 1 to 200, y 3 to 400: pasted, changed or "
                "never marked"
            ),
            (
                "z 12.3；水印图块为原大小的 0.50 倍，旋转 90 度，镜像；图片的 20% 缺少水印，"
                "主要位于 x 1 至 200、y 3 至 400：系粘贴、改动，或从未加过水印"
            ),
        ),
        (
            (
                "rhythm at start, 0.30 to 1.62 s, unit 120 ms, letter gap 3.0 units, tone 880 Hz, "
                "level +0.1 LU; spoken labels of other voices not examined (no speech recognition)"
            ),
            (
                "节奏标识，位于开头，0.30 至 1.62 秒，单位时长 120 毫秒，字母间隔 3.0 个单位，"
                "音调 880 Hz，相对响度 +0.1 LU；未检查其他语音的标识（没有语音识别）"
            ),
        ),
        (
            (
                "own label style not found; foreign visible labels not examined (install "
                "aigc-label[ocr] to read visible labels of others); 7 frames looked at"
            ),
            (
                "未发现本工具样式的标识；未检查他人的显式标识（安装 aigc-label[ocr] 后可识读他人的"
                "显式标识）；查看了 7 帧"
            ),
        ),
        (
            "the smallest glyph is 4.00% of the shortest side, under 5 %",
            "最小的字为最短边的 4.00%，低于 5 %",
        ),
        ("missing: Label, ProduceID (6.1 a)", "缺少：Label、ProduceID（6.1 a）"),
        ("'x; y, z' names both elements", "'x; y, z' 同时含有两个要素"),
        (
            (
                "signed by ACME Ltd, certificate untrusted and expired; an expired certificate "
                "says nothing against the content"
            ),
            "签名者 ACME Ltd，证书不受信任和已过期；证书过期并不说明内容有问题",
        ),
        (
            "marked from 0.0 to 3.0 s (abc), 5.0 to 9.5 s (def) and 3 more",
            "带有水印的时段：0.0 至 3.0 秒（abc）、5.0 至 9.5 秒（def）和另外 3 处",
        ),
        ("not examined: something odd; z 7.5", "未检查：something odd; z 7.5"),
        ("a sentence that nobody knows", "a sentence that nobody knows"),
        ("GB 45438-2025 6.1 a, annex E b", "GB 45438-2025 6.1 a，附录 E b"),
        ("Measures art. 6 ¶1(3)", "《标识办法》第六条第一款第三项"),
        ("visible and watermark found", "已找到显式标识和数字水印"),
        ("", ""),
    ],
)
def test_details_are_told_in_chinese(english, chinese):
    assert in_chinese(english) == chinese
    assert in_language("zh_CN")(english) == chinese
    assert in_language("en")(english) == english


@pytest.mark.parametrize(("english", "chinese"), [row for table in TABLES for row in table])
def test_a_translation_has_the_places_and_the_numbers_of_its_phrase(english, chinese):
    places = re.findall(r"\{(\w+):\w+\}", english)
    assert sorted(places) == sorted(set(re.findall(r"\{(\w+)\}", chinese))), english
    free = re.findall(r"\{\w+:(?:text|list|known|more)\}", english)
    assert len(free) < 2 or english.endswith(free[-1]), "slow to match"
    bare = re.sub(r"\{[^}]*\}", "", english)
    articles = "".join(f" {ARTICLES[sign]}" for sign in re.findall("第(.)条", chinese))
    told = DIGITS.findall(re.sub(r"\{[^}]*\}", "", chinese) + articles)
    for number in DIGITS.findall(re.sub(r"Measures (art\. \d+).*", r"\1", bare)):
        assert number in told, (english, number)
    if "human made it" in english:
        assert "不代表内容由人创作" in chinese


def details_of(report):
    for row in report.evidence:
        yield row.detail
        yield from getattr(row, "deviations", ())
    for row in report.conformity:
        yield from (row.detail, row.clause)
    yield from report.basis


SAMPLES = ("images/coffee.png", "sounds/spoken.flac", "texts/tides.md", "texts/tides.srt")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("policy", ["cn", "eu"])
def test_what_is_said_of_samples_is_chinese(name, policy, samples, tmp_path):
    labelled = tmp_path / Path(name).name
    labelled.write_bytes((samples / name).read_bytes())
    if policy == "cn":
        label(labelled)
    report = detectors.verify(labelled, policy=policy, fast=policy != "cn", ocr=False)
    for told in details_of(report):
        assert not english_run(in_chinese(told)), f"{told!r} {ADVICE}"


def label(path):
    marked = labeler.Label(producer="001191440300708461136T1XGW3", content_id="details-1")
    labeler.apply(path, marked, output=path, overwrite=True)


READERS = [
    path
    for path in sorted((ROOT / "detectors").rglob("*.py"))
    if not {"batch", "html_report"} & set(path.parts)
    and path.stem not in {"sinks", "doctor", "signals"}
]
STATED = [
    *("labeler/containers/value.py", "labeler/containers/deviations.py"),
    *("labeler/containers/tags/xmp.py", "labeler/signing/checking.py", "labeler/annex_e.py"),
]
NAMES = {"detail", "told", "why", "measured", "bound", "window", "note", "what", "only", "sentence"}
PIECES = {
    "only the first and last 7 minutes of this long recording",
    "7, which is less than 7 s",
    "spelling of annex F",
    "is no key of annex E b",
    "annex E b asks for strings",
    "7: without the longer pause it is the Morse letter L, not A I",
    "not on every frame",
    "signature not checked (that takes the extra c2pa)",
    "manifest present but damaged",
    "of a wrong profile",
    "signed outside its validity",
    "7, which a foreign mark fits by chance with 7: not taken",
    "manifest present, signature not checked: 7",
    "text in tag characters",
    "7; there is nothing to write",
    "7: 7, by the key in the file7: integrity, not origin",
    "7: 7, by the key pinned to 7",
}
"""Texts that are never told alone; the sentences they are part of are among `WHOLE`."""

WHOLE = (
    "only the first and last 5 minutes of this long recording were heard",
    "shown from second 0.00 to 1.00, which is less than 2 s",
    "Propagator is a spelling of annex F; annex E b has ContentPropagator",
    "Producer is no key of annex E b; read as ContentProducer",
    "Label is a number; annex E b asks for strings",
    "unit 120 ms, letter gap 1.0 units: without the longer pause it is the Morse letter L, not A I",
    "not on every frame looked at; foreign visible labels not examined",
    "manifest present, signature not checked (that takes the extra c2pa)",
    "manifest present but damaged, signature not checked (that takes the extra c2pa)",
    "signed by A, certificate of a wrong profile and signed outside its validity",
    (
        "entry 7: the mark of image-v1, 9 of 60 bits, which a foreign mark fits by chance with "
        "0.1: not taken"
    ),
    "manifest present, signature not checked: not all of the file was read",
    "5 of class tag character; longest run 5; looks like: text in tag characters",
    (
        "ReservedCode1: the signature verifies over the label, by the key in the file: integrity, "
        "not origin; the content is what was signed"
    ),
    (
        "ReservedCode1: the signature verifies over the digest of the label, by the key pinned to "
        "ContentProducer; the content is not bound to it"
    ),
    (
        "entry 3: these very bytes, after labelling, recorded 2026-01-01 and given out without a "
        "visible label (art. 9)"
    ),
    "2 labels fit the 30 bits of image-v1; none is taken",
    "looks or sounds like entry 3 (12 of 256 bits differ); a hint, not a proof",
    "present beside the label: iptc, c2pa; the C2PA manifest no longer holds",
    "170 characters a minute, not about 120 to 160 (10% of margin)",
)


def said(node):
    """Yield the expressions that may become a detail."""
    match node:
        case ast.keyword(arg="detail" | "why"):
            yield node.value
        case ast.Assign(targets=[ast.Name(id=name)]) if name in NAMES or name.isupper():
            yield node.value
        case ast.Return(value=ast.AST() as value):
            yield value
        case ast.Yield(value=ast.AST() as value):
            yield value
        case ast.Call(func=ast.Attribute(attr="append"), args=[value]):
            yield value
        case ast.Call(func=ast.Name(id="_nothing" | "_malformed" | "_unread"), args=args):
            yield from args


@pytest.mark.parametrize(
    "path",
    [*READERS, *(ROOT / name for name in STATED)],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_sentence_of_a_reader_is_in_chinese(path):
    for line, readings in literals(path, said):
        bare = {reading.strip(";, ") for reading in readings}
        if not bare & PIECES and all(english_run(in_chinese(reading)) for reading in bare):
            pytest.fail(f"{path.name}:{line}: {readings[0]!r} {ADVICE}")


@pytest.mark.parametrize("sentence", WHOLE)
def test_sentences_that_are_put_together_are_in_chinese(sentence):
    assert not re.search("[a-z]{3,} [a-z]{2,}", in_chinese(sentence)), in_chinese(sentence)


FRAGMENTS = [re.sub(r"\{[^}]*\}", "7", english) for table in TABLES for english, _ in table]
QUOTED = st.one_of(
    st.text(max_size=12),
    st.lists(st.sampled_from(FRAGMENTS), min_size=2, max_size=4).map("; ".join),
).map(repr)
SENTENCES = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), QUOTED, st.text(max_size=30), st.integers().map(str)),
    max_size=8,
).map("; ".join)


@settings(max_examples=150, deadline=None)
@given(SENTENCES | st.text())
def test_any_text_keeps_its_numbers(text):
    told = in_chinese(text)
    counted = "".join(f" {ARTICLES[sign]}" for sign in re.findall("第(.)[条款项]", told))
    left = set(DIGITS.findall(told + counted))
    assert set(DIGITS.findall(text)) <= left, told


@settings(max_examples=150, deadline=None)
@given(st.lists(QUOTED, min_size=1, max_size=3), st.sampled_from(FRAGMENTS))
def test_quoted_text_stays_to_the_letter(quoted, fragment):
    sentence = "; ".join([*(f"{text} names both elements" for text in quoted), fragment])
    told = in_chinese(sentence)
    assert all(text in told for text in quoted), told


HOSTILE = (
    "a; " * 5000,
    "not examined: " * 280,
    "not examined: a; " * 230,
    "sound track 1: " * 260,
    "'" * MOST,
    "\\'" * (MOST // 2),
    "1, " * (MOST // 3),
    "z 7, " * (MOST // 5),
    "signed by " + "x, certificate " * 260,
    "line 1 speaks of " + "x, not of the text: " * 190,
    "rests on: " + "a, " * 1300,
    "{detail}; {0}; %s; \0\0; {} " * 20,
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12].encode().hex())
def test_no_text_takes_for_ever(text):
    assert len(in_chinese(text)) > len(text) // 4


def test_texts_with_signs_of_templates_are_told_as_they_are():
    assert in_chinese("signed by {signer} {0} {}") == "签名者 {signer} {0} {}"
    assert in_chinese("z 1; \x00") == "z 1; \x00"
    assert in_chinese("x" * (MOST + 1)) == "x" * (MOST + 1)


def test_nothing_is_compiled_before_the_first_sentence():
    _book.cache_clear()
    list(to_text([], "zh"))
    assert _book.cache_info().currsize == 0


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("details") / "a.md"
    path.write_text("# Tides\n\nNothing of note.\n", encoding="utf-8")
    return detectors.verify(path)


NOTHING = "no mark of these keys was seen; that never means a human made it"


def test_people_read_chinese_and_machines_english(report):
    chinese = "".join([*to_text([report], "zh"), *to_findings(report, "zh")])
    assert "未发现这些密钥的数字水印；这不代表内容由人创作" in chinese
    assert "项符合" in chinese
    assert NOTHING not in chinese
    assert NOTHING in "".join(to_text([report]))
    assert NOTHING in json.dumps(report.to_dict())


def test_failures_are_told_in_chinese(tmp_path):
    path = tmp_path / "b.md"
    path.write_text("> AI生成\n\n# Tides\n", encoding="utf-8")
    found = detectors.verify(path)
    assert any(row.status is RowStatus.FAIL for row in found.conformity)
    line = "    不符合  R-24  GB 45438-2025 6.1 a，附录 E b: 没有元数据标识，但其他层有标识"
    assert line in "".join(to_text([found], "zh"))


def test_the_page_has_both_languages_and_grows_little(report, tmp_path):
    for language in ("en", "zh"):
        path = tmp_path / f"{language}.html"
        path.write_text("".join(to_html([report], language)), "ascii")
        told = " ".join(texts(dom_of(path, "open=0"), r'<div class="more">(.*?)</li>'))
        assert ("未发现这些密钥的数字水印；这不代表内容由人创作" in told) is (language == "zh")
        assert (NOTHING in told) is (language == "en")
    many = [{**report.to_dict(), "basis": [(f"metadata: {n} equal copies; one is to be kept "
             "(GB 45438-2025 6.1 c)")]} for n in range(2, 150)]  # fmt: skip
    page = "".join(to_html(many, "zh", thumbnail=None))
    (block,) = re.findall(r'class="rows">(.*?)</script>', page)
    forms = json.loads(block)["k"]
    assert sum("份相同的标识" in form for form in forms) == 1
    assert len(json.dumps(forms)) < 0.1 * len(block)


def test_the_browser_puts_the_numbers_back(report, tmp_path):
    row = report.to_dict() | {"basis": [
        "marked from 0.0 to 3.5 s (12ab), 5.0 to 3.5 s (12ab) and 3 more",
        "GB 45438-2025 6.1 a, annex E b",
        "'5 < 6' names both elements",
    ]}  # fmt: skip
    path = tmp_path / "a.html"
    path.write_text("".join(to_html([row], "zh")), "ascii")
    told = " ".join(texts(dom_of(path, "open=0"), r'<div class="more">(.*?)</li>'))
    assert "带有水印的时段：0.0 至 3.5 秒（12ab）、5.0 至 3.5 秒（12ab）和另外 3 处" in told
    assert "GB 45438-2025 6.1 a，附录 E b" in told
    assert "同时含有两个要素" in told
