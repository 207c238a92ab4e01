"""Errors in Chinese: every message of the family has it, and nothing else is changed."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from itertools import product

import pytest
from errors_of import HOLE, QUOTED, ROOT, SENTENCE, SOURCES, messages

from command_line import call, run
from detectors import clauses_zh, details_zh
from labeler import notes_zh
from labeler.errors import LabelError
from labeler.errors_zh import (
    arrays,
    documents,
    files,
    in_chinese,
    keys,
    labels,
    metadata,
    names,
    pictures,
    sentences,
    sound,
    usage,
    video,
)
from labeler.save import read_file
from labeler.sentences import MOST, open_phrasebook


ROOMS = (arrays, documents, files, keys, labels, metadata, pictures, sound, usage, video)
BOOK = open_phrasebook(sentences(), names())
"""The tables without what is said of anything that has a name, which would hide what is missing."""

INNER, WHY = "the PDF has no pages", "it is no regular file"
FILLS = ("7", WHY, "visible", "footer")
COMMANDS = re.compile(r"aigc-label[a-z ]*|pip install|chmod|--[a-z-]+[a-z ,=]*|layers [a-z]+")
ENGLISH = re.compile(r"[a-z]{3,} [a-z]{2,}")


def told(reading):
    """Return a reading in Chinese, None when the tables do not know all of it."""
    text = reading.removeprefix(f"{HOLE}: ").replace(QUOTED, "'q'").replace(SENTENCE, INNER)
    pieces = text.split(HOLE)
    holes = len(pieces) - 1
    same = ((fill,) * holes for fill in FILLS)
    mixed = product(FILLS, repeat=holes) if holes < 5 else ((*["7"] * (holes - 1), WHY),)
    for fills in (*same, *mixed):
        filled = "".join(map("".join, zip(pieces, (*fills, ""), strict=True)))
        if BOOK.knows(filled):
            return BOOK.translate(filled)
    return None


def english_in(chinese):
    """Return what English is left besides commands, options and quoted text, '' without any."""
    bare = COMMANDS.sub("", re.sub(r"'[^']*'|\"[^\"]*\"", "", chinese)).replace(WHY, "")
    match = ENGLISH.search(bare)
    return match[0] if match else ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_error_for_people_is_in_chinese(path):
    for line, readings in messages(path):
        for reading in readings:
            chinese = told(reading) if reading.strip(HOLE + SENTENCE + ": ") else ""
            if chinese is None or english_in(chinese):
                plain = reading.replace(HOLE, "{}").replace(QUOTED, "'{}'").replace(SENTENCE, "{}")
                pytest.fail(
                    f"{path.relative_to(ROOT)}:{line}: {plain!r} is not in Chinese: add it to a "
                    "room of labeler/errors_zh"
                )


def test_the_walk_finds_the_errors_that_it_is_made_for():
    found = {text for path in SOURCES for _, readings in messages(path) for text in readings}
    assert len(found) > 800
    assert "name files or folders, or give --files-from" in found
    assert f"{HOLE}: exists; choose another name or add --force" in found
    assert "the box \1 is truncated" in found
    assert f"picture {HOLE} of the batch: {SENTENCE}" in found
    assert not any("HKDF" in text for text in found), "a ValueError tells a programmer"


TABLES = [
    (room.__name__.rpartition(".")[2], english, chinese)
    for room in ROOMS
    for name, table in vars(room).items()
    if name.isupper() and isinstance(table, tuple)
    for english, chinese in table
]
ARTICLES = {"四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9", "十": "10"}


@pytest.mark.parametrize(("room", "english", "chinese"), TABLES)
def test_a_translation_has_the_places_and_the_numbers_of_its_phrase(room, english, chinese):
    places = re.findall(r"\{(\w+):\w+\}", english)
    assert sorted(places) == sorted(set(re.findall(r"\{(\w+)\}", chinese))), room
    free = re.findall(r"\{\w+:(?:text|path|list|known|more|said)\}", english)
    assert len(free) <= 3, "slow to match"
    bare, there = (re.sub(r"\{[^}]*\}", "", text) for text in (english, chinese))
    articles = "".join(f" {ARTICLES[sign]}" for sign in re.findall("第(.)条", chinese))
    for number in re.findall(r"\d+(?:[.,]\d+)*", bare):
        assert number in there + articles, number


def test_no_phrase_is_written_twice():
    others = (notes_zh, details_zh, clauses_zh)
    count = Counter(english for _, english, _ in TABLES)
    count.update(
        english
        for module in others
        for name, table in vars(module).items()
        if name.isupper() and name not in {"NAMES", "LAWS"} and isinstance(table, tuple)
        for english, _ in table
    )
    assert [english for english, times in count.items() if times > 1] == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("it is empty (zero bytes)", "文件为空（0 字节）"),
        ("a; b.png: exists; choose another name", "a; b.png: 已存在；请换个名称"),
        ("a: b.png: it is no regular file", "a: b.png: 不是普通文件"),
        ("x/out: the folder x does not exist; make it first", "x/out: 文件夹 x 不存在；请先创建"),
        ("a.key: cannot be read as a key file: No such file or directory",
         "a.key: 无法作为密钥文件读取：没有该文件或文件夹"),
        ("a.png: cannot be written: the disk is full; free some space and run it again",
         "a.png: 无法写入：磁盘已满；请腾出空间后重新运行"),
        ("this is a file of unknown format, no sound; labels are put into wav, mp3",
         "这是一个格式未知的文件，不是音频；可添加标识的格式为 wav, mp3"),
        ("this is a bmp file; labels are put into jpeg, pdf files",
         "这是一个 bmp 文件；可添加标识的格式为 jpeg, pdf"),
        ("the jpeg picture cannot be decoded (image file is truncated (28 bytes not processed))",
         "jpeg 图片无法解码（图片文件被截断（有 28 字节未处理））"),
        ("the mp4 file cannot be read (odd words); get an intact copy of the file",
         "mp4 文件无法读取（odd words）；请换用文件的完整副本"),
        ("the label text 'it is a folder; 7' has no letters: give it words",
         "标识文字 'it is a folder; 7' 没有字：请给出文字"),
        ("layer watermark: hidden characters break source code and data",
         "数字水印：隐藏字符会破坏源代码和数据"),
        ("a message that nobody wrote", "a message that nobody wrote"),
    ],
)  # fmt: skip
def test_errors_are_put_together_and_names_stay(english, chinese):
    assert in_chinese(english) == chinese


HOSTILE = (
    "a: " * 1300,
    "a; " * 1300,
    "a: b, " * 660,
    "x has 7 bytes; " * 260,
    "cannot be read: " * 240,
    "line 1: " * 480,
    "the part " + "x is no valid XML: " * 200,
    "a and " * 330 + "a would both become " * 100,
    "'" * MOST,
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12].encode().hex())
def test_no_error_takes_for_ever(text):
    assert in_chinese(text)


PRODUCER = ("--producer", "001191440300708461136T1XGW3")
WRONG = [
    (
        ("apply", "{here}/empty.png", "-o", "{here}/out.png", *PRODUCER),
        "Error: {here}/empty.png: the file is empty (zero bytes)\n",
        "错误：{here}/empty.png: 文件为空（0 字节）\n",
    ),
    (
        ("apply", "{here}/empty.png", "-o", "{here}/is a folder/a.png", *PRODUCER),
        (
            "Error: {here}/is a folder/a.png: the folder {here}/is a folder does not exist; "
            "make it first\n"
        ),
        "错误：{here}/is a folder/a.png: 文件夹 {here}/is a folder 不存在；请先创建\n",
    ),
    (
        ("apply", "{here}/a; exists.md", "-o", "{here}/a; exists.md", *PRODUCER),
        "Error: {here}/a; exists.md: exists; choose another name or add --force\n",
        "错误：{here}/a; exists.md: 已存在；请换个名称，或加 --force\n",
    ),
    (
        ("apply", "{here}/text.png", "-o", "{here}/out.png", *PRODUCER),
        (
            "Error: {here}/text.png: the name ends in .png, the content is text: the file is "
            "broken, or has the wrong name\n"
        ),
        "错误：{here}/text.png: 文件名以 .png 结尾，内容却是文本：文件已损坏，或文件名不对\n",
    ),
    (
        ("apply", "{here}/empty.png", "-o", "-", *PRODUCER, "--layers", "smell"),
        (
            "Error: layers are visible, watermark and metadata (of videos also sound, audible, "
            "subtitles), not smell\n"
        ),
        (
            "错误：可选的层为 visible、watermark、metadata（视频还有 sound, audible, subtitles），"
            "没有 smell\n"
        ),
    ),
    (
        ("verify", "{here}/empty.png", "--key-file", "{here}/no.key"),
        (
            "Error: {here}/no.key: cannot be read as a key file (make one with: aigc-label keys "
            "new FILE): No such file or directory\n"
        ),
        (
            "错误：{here}/no.key: 无法作为密钥文件读取（请用 aigc-label keys new FILE 生成）："
            "没有该文件或文件夹\n"
        ),
    ),
    (
        ("registry", "check", "{here}/no.db"),
        (
            "Error: {here}/no.db: there is no registry; make one with: aigc-label registry init "
            "{here}/no.db\n"
        ),
        "错误：{here}/no.db: 没有该登记库；请用 aigc-label registry init {here}/no.db 建立\n",
    ),
    (
        ("verify",),
        (
            "Usage: aigc-label verify [OPTIONS] SRC...\n"
            "Try 'aigc-label verify --help' for help.\n\n"
            "Error: name files or folders, or give --files-from\n"
        ),
        (
            "Usage: aigc-label verify [OPTIONS] SRC...\n"
            "Try 'aigc-label verify --help' for help.\n\n"
            "错误：请指定文件或文件夹，或给出 --files-from\n"
        ),
    ),
    (
        ("apply", "{here}/empty.png", *PRODUCER, "--position", "here"),
        "Error: Invalid value for '--position': 'here' is none of bottom-right, ",
        "错误：'--position' 的值无效：'here' 不在可选值之内：bottom-right, ",
    ),
    (
        ("apply", "{here}/empty.png"),
        "Error: Missing option '--producer'.\n",
        "Error: Missing option '--producer'.\n",
    ),
]


@pytest.fixture
def here(tmp_path):
    (tmp_path / "empty.png").touch()
    for name in ("a; exists.md", "text.png"):
        (tmp_path / name).write_text("# Tides\n\nNothing of note.\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("case", WRONG, ids=lambda case: " ".join(case[0]))
def test_the_command_tells_errors_in_the_language_of_the_reader(case, here, monkeypatch):
    arguments, english, chinese = case
    given = [argument.replace("{here}", str(here)) for argument in arguments]
    for language, line in (("en", english), ("zh", chinese)):
        monkeypatch.setenv("AIGC_LABEL_LANG", language)
        code, out, err = call(*given)
        assert (code, out) == (2, "")
        assert line.replace("{here}", str(here)) in err


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "junit"])
def test_machine_forms_keep_english(form, here, monkeypatch):
    monkeypatch.setenv("AIGC_LABEL_LANG", "zh")
    code, out, err = call("verify", here / "empty.png", "--format", form)
    assert (code, err) == (2, "")
    assert "the file is empty (zero bytes)" in out
    assert "文件为空" not in out


def test_people_read_the_errors_of_verify_in_chinese(here, monkeypatch):
    monkeypatch.setenv("AIGC_LABEL_LANG", "zh")
    _, out, _ = call("verify", here / "empty.png", here / "none.png")
    assert f"{here}/empty.png: 无法判定 (错误: 文件为空（0 字节）)" in out
    assert f"  {here}/none.png: 无法读取：没有该文件或文件夹\n" in out


def test_exceptions_are_english_in_every_language(here, monkeypatch):
    monkeypatch.setenv("AIGC_LABEL_LANG", "zh")
    with pytest.raises(LabelError, match="zero bytes"):
        read_file(here / "empty.png", limit=7)


def test_the_tables_are_read_for_no_one_who_is_told_nothing():
    script = (
        "import sys, cli; cli.aigc_label(['--help']); cli.aigc_label(['verify']); "
        "sys.exit(any(name.startswith('labeler.errors_zh') for name in sys.modules))"
    )
    for language, code in (("en", 0), ("zh", 1)):
        environment = {**os.environ, "AIGC_LABEL_LANG": language}
        done = run("-c", script, command=[sys.executable], cwd=ROOT, env=environment)
        assert done.returncode == code, done.stderr
