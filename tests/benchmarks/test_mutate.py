"""The changes that mutation testing makes: one at a time, each a module that still parses."""

from __future__ import annotations

import ast

import pytest

from benchmarks.mutate import ROOT as SOURCES
from benchmarks.mutate import TARGETS, changes


def said(source):
    return [change.what for change in changes(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["Lt becomes LtE"]),
        ("a is not b", ["IsNot becomes Is"]),
        ("a and b or c", ["or becomes and", "and becomes or"]),
        ("a + 1", ["Add becomes Sub", "1 becomes 2"]),
        ("not a", ["not is dropped"]),
        ("x = True", ["True becomes False"]),
        ("def f() -> 'int':\n    return a", ["None is returned"]),
        ("def f():\n    return None", []),
        ("x: Literal[1] = y", []),
        ("if TYPE_CHECKING:\n    x = 1", []),
        ("'a text'", []),
    ],
)
def test_changes_of(source, expected):
    assert said(source) == expected


def test_each_change_is_the_only_one():
    before = "x = 1 + 2\ny = x < 3\n"
    for change in changes(before):
        pairs = zip(before.splitlines(), change.source.splitlines(), strict=True)
        assert sum(old != new for old, new in pairs) == 1


@pytest.mark.parametrize(
    "module", ["detectors/judge.py", "labeler/payload.py", "labeler/core/text/packets.py"]
)
def test_changed_modules_parse_and_name_their_line(module):
    source = (SOURCES / module).read_text("utf-8")
    found = list(changes(source))
    assert len(found) > 1
    for change in found[::7]:
        ast.parse(change.source)
        assert 0 < change.line <= len(source.splitlines())


@pytest.mark.parametrize("module", TARGETS)
def test_modules_and_their_tests_exist(module):
    assert all((SOURCES / path).exists() for path in (module, *TARGETS[module]))
