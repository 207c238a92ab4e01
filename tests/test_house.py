"""The house itself: layers, mirrored trees, sizes, and what the wheel holds."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from labeler.catalogue import CATALOGUE


ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("labeler/**/*.py"), *ROOT.glob("detectors/**/*.py"), ROOT / "cli.py"])
PROOFS = sorted([*ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/**/*.py")])


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found | {module.split(".")[0] for module in found}


@pytest.mark.parametrize("cell", CATALOGUE, ids=lambda c: f"{c.modality}-{c.layer}")
def test_applier_and_reader_stand_at_the_same_address(cell):
    assert cell.applier.removeprefix("labeler.") == cell.reader.removeprefix("detectors.")
    assert find_spec(cell.applier)
    assert find_spec(cell.reader)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_packages_know_nothing_of_the_command_line(path):
    if path.name not in {"cli.py", "__main__.py"} and path.parent.name != "commands":
        assert not imports(path) & {"cli", "click"}


@pytest.mark.parametrize("path", [*SOURCES, *PROOFS], ids=name)
def test_modules_are_short_enough_to_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_functions_have_at_most_sixty_lines_of_code(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body:
                assert body[-1].end_lineno - body[0].lineno < 60, node.name


@pytest.mark.parametrize("path", sorted(ROOT.glob("labeler/integrations/*.py")), ids=name)
def test_adapters_have_at_most_sixty_lines_of_code(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    assert sum(bool(line.strip()) and number not in told for number, line in lines) <= 60


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_the_network_is_never_touched(path):
    network = {"socket", "urllib.request", "http", "requests", "ftplib", "asyncio"}
    assert not imports(path) & network


def test_no_command_or_public_name_removes_or_hides_labels():
    banned = ("remove_label", "remove_mark", "erase", "hide_label", "unmark", "forge")
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                assert not any(word in node.name for word in banned), (name(path), node.name)
