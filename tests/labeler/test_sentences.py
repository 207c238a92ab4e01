"""Tables of sentences, and the notes of receipts that are told by one."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sentences_of import english_run, literals

from detectors.details import in_chinese as detail
from labeler import notes_zh
from labeler.model import Layer, Receipt, Skipped
from labeler.receipts import in_chinese, render_receipts
from labeler.sentences import open_phrasebook


ROOT = Path(__file__).parents[2]
BOOK = open_phrasebook(
    (("z {z:number}", "得分 {z}"), ("a; b", "甲乙"), ("a", "甲"), ("of {w:list}", "属{w}"),
     ("only {w:known}", "仅{w}"), ("it: {more:more}", "其：{more}"), ("say {q:quoted}", "说 {q}"),
     ("hear {said:said}; a", "听 {said}，甲"), ("{file:path}: {more:more}", "{file}: {more}")),
    (("x", "子"), ("{n:number} y", "{n} 丑")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("a; b; a", "甲乙；甲"),
        ("a, z 1.5, a", "甲，得分 1.5，甲"),
        ("a, z 1.5, c", "a, z 1.5, c"),
        ("a; c; a", "甲; c; 甲"),
        ("of x, 3 y and q", "属子、3 丑和q"),
        ("only x and 3 y", "仅子和3 丑"),
        ("only x and q", "only x and q"),
        ("it: a, a", "其：甲，甲"),
        ("it: c; b", "其：c; b"),
        ("hear a; a; a", "听 甲，甲；甲"),
        ("hear c, a; a", "听 c, a，甲"),
        ("x: y: a", "x: y: 甲"),
        ("say 'a; z 1'; a", "说 'a; z 1'；甲"),
        ("z 1 z 2", "z 1 z 2"),
        ("z 1e-09; z +2%", "得分 1e-09；得分 +2%"),
    ],
)
def test_phrases_are_put_together(english, told):
    assert BOOK.translate(english) == told


@pytest.mark.parametrize(("english", "chinese"), notes_zh.NOTES)
def test_a_note_has_the_places_and_numbers_of_its_phrase(english, chinese):
    places = re.findall(r"\{(\w+):\w+\}", english)
    assert sorted(places) == sorted(set(re.findall(r"\{(\w+)\}", chinese)))
    bare = re.sub(r"\{[^}]*\}|Measures art\. [\d, ]+|rule |art\. ", "", english)
    for number in re.findall(r"\d+(?:[.,]\d+)*", bare):
        assert number in chinese, number


def noted(node):
    """Yield the expressions that may become a note of a receipt."""
    match node:
        case ast.keyword(arg="why" | "note" | "notes" | "warnings"):
            yield node.value
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="notes" | "warnings" | "advice"), attr="append"),
            args=[value],
        ):
            yield value
        case ast.Assign(targets=[ast.Name(id="note" | "warnings" | "why")]):
            yield node.value
        case ast.Yield(value=ast.AST() as value):
            yield value
        case ast.Return(value=ast.Tuple() as value):  # notes stand in a tuple, or in one of it
            yield from (note for part in (value, *value.elts) for note in getattr(part, "elts", ()))
        case ast.FunctionDef(name="_note" | "_checked" | "_raised" | "no_place"):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield inner.value


NOTED = [
    *ROOT.glob("labeler/*.py"),
    *(p for room in ("audio", "image", "text", "video") for p in ROOT.glob(f"labeler/{room}/*.py")),
    *ROOT.glob("labeler/containers/image/*.py"),
]


@pytest.mark.parametrize("path", sorted(NOTED), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_note_of_a_receipt_is_in_chinese(path):
    for line, readings in literals(path, noted):
        told = (say(reading.strip(";, ")) for reading in readings for say in (in_chinese, detail))
        if all(map(english_run, told)):
            pytest.fail(f"{path.name}:{line}: {readings[0]!r} is no line of labeler/notes_zh.py")


RECEIPT = Receipt(
    path="a.png",
    output="b.png",
    layers={},
    label={},
    skipped=(Skipped(layer=Layer.METADATA, why="not asked for"),),
    warnings=("weak: the mark may not survive a reduction with recompression",),
    mark_id="",
    sha256="",
)


def test_receipts_tell_notes_in_the_language_of_the_reader():
    chinese = "".join(render_receipts([RECEIPT], "human", "zh"))
    assert "（" not in chinese.splitlines()[0]
    assert "(未要求)" in chinese
    assert "提示: 较弱：水印可能经不起缩小并重新压缩" in chinese
    for form, language in (("human", "en"), ("json", "zh"), ("jsonl", "zh")):
        told = "".join(render_receipts([replace(RECEIPT)], form, language))
        assert "not asked for" in told
        assert "may not survive" in told
