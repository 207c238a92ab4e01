"""
Change the code a little and see whether a test notices: `python benchmarks/mutate.py`.

One change at a time: a comparison turned, a number one off, `and` for `or`, `+` for `-`, a returned
value dropped. The tests that reach the module run on each; a change that they do not notice has
survived and needs a test or a reason. Acts on a copy of the sources.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import resource
import shutil
import sys
import tempfile
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import cv2  # noqa: F401  for the forks
import grimp
import hypothesis  # noqa: F401  same
import numpy as np  # noqa: F401  same
import pytest


if TYPE_CHECKING:
    from collections.abc import Iterator


ROOT = Path(__file__).parents[1]
_NARROW = {
    "detectors/judge.py": ("tests/detectors/test_judge.py",),
    "detectors/findings.py": (
        "tests/detectors/test_findings.py",
        "tests/detectors/test_judge.py",
        "tests/detectors/test_conformity.py",
    ),
    "labeler/payload.py": ("tests/labeler/test_payload.py",),
}


def _core() -> Iterator[tuple[str, tuple[str, ...]]]:
    """
    Yield the modules of the maths and the tests of the maths that reach them.

    The tests of the module's name come first, then those of the room's format, which notice most,
    then those that name the module themselves.
    """
    graph = grimp.build_graph("labeler", cache_dir=None)
    tests = {
        path: {module: _upstream(graph, module) for module in _imported(path)}
        for path in sorted((ROOT / "tests" / "core").rglob("test_*.py"))
    }
    for path in sorted((ROOT / "labeler" / "core").rglob("[!_]*.py")):
        place = path.relative_to(ROOT)
        name = ".".join(place.with_suffix("").parts)
        ranks = {
            test: (test.stem != f"test_{path.stem}", "format" not in test.stem, name not in named)
            for test, named in tests.items()
            if any(name in reached for reached in named.values())
        }
        reaching = sorted(ranks, key=lambda test: (*ranks[test], test))
        yield place.as_posix(), tuple(test.relative_to(ROOT).as_posix() for test in reaching)


def _imported(test: Path) -> Iterator[str]:
    """Yield the names that a test takes from the package: modules, and what is in them."""
    for node in ast.walk(ast.parse(test.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _upstream(graph: grimp.ImportGraph, module: str) -> set[str]:
    """Return a module and all that it imports; nothing for a name that is no module of ours."""
    return graph.find_upstream_modules(module) | {module} if module in graph.modules else set()


TARGETS = dict(_core()) | _NARROW
"""Modules, and the tests that are theirs; doctests of the module run as well."""

SECONDS = 120
"""Processor time of one run: a change may make a loop endless, which counts as noticed."""

_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: where, what, and the module with it."""

    line: int
    what: str
    source: str


def changes(source: str) -> Iterator[Change]:
    """
    Yield every change of a module.

    >>> [change.what for change in changes("small = a < 2")]
    ['Lt becomes LtE', '2 becomes 3']
    """
    tree = ast.parse(source)
    for index, node in enumerate(_nodes(tree)):
        for way in range(_ways(node)):
            copy = deepcopy(tree)
            changed = _nodes(copy)[index]
            what = _change(changed, way)
            yield Change(line=getattr(node, "lineno", 0), what=what, source=ast.unparse(copy))


def _nodes(tree: ast.AST) -> list[ast.AST]:
    """Return the nodes that may be changed: none of annotations and decorators."""
    out: list[ast.AST] = []

    def visit(node: ast.AST) -> None:
        out.append(node)
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "decorator_list", "type_params"} or _is_typing(
                node
            ):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    visit(child)

    visit(tree)
    return out


def _is_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _ways(node: ast.AST) -> int:
    """Return in how many ways a node may be changed."""
    if isinstance(node, ast.Compare):
        return len(node.ops)
    known = (
        (isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED)
        or isinstance(node, ast.BoolOp)
        or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
        or (isinstance(node, ast.Constant) and isinstance(node.value, int | float))
        or (isinstance(node, ast.Return) and not _says_nothing(node))
    )
    return int(known)


def _says_nothing(node: ast.Return) -> bool:
    return node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)


def _change(node: ast.AST, way: int) -> str:
    """Change a node where it stands and say what was done."""
    if isinstance(node, ast.Compare):
        old = type(node.ops[way])
        node.ops[way] = _TURNED[old]()
        return f"{old.__name__} becomes {_TURNED[old].__name__}"
    if isinstance(node, ast.BinOp):
        operation = type(node.op)
        node.op = _SWAPPED[operation]()
        return f"{operation.__name__} becomes {_SWAPPED[operation].__name__}"
    if isinstance(node, ast.BoolOp):
        both = isinstance(node.op, ast.And)
        node.op = ast.Or() if both else ast.And()
        return "and becomes or" if both else "or becomes and"
    if isinstance(node, ast.UnaryOp):
        node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)
        return "not is dropped"
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        old_value = node.value
        node.value = (not old_value) if isinstance(old_value, bool) else old_value + 1
        return f"{old_value} becomes {node.value}"
    if isinstance(node, ast.Return):
        node.value = ast.Constant(value=None)
        return "None is returned"
    raise TypeError(type(node).__name__)


def survives(copy: Path, module: str, tests: tuple[str, ...]) -> bool:
    """
    Say whether the tests pass on the copy as it is now.

    They run in a fork of this process, which has imported what is dear and nothing of ours.
    """
    child = os.fork()
    if not child:
        _run_tests(copy, module, tests)
    _, status = os.waitpid(child, 0)
    return status == 0


def _run_tests(copy: Path, module: str, tests: tuple[str, ...]) -> NoReturn:
    """Run the tests and end the process; its status says whether they passed."""
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        os.chdir(copy)
        sys.path[:0] = [str(copy)]
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        flags = [
            "-x",
            "-q",
            "--tb=no",
            "-o",
            "filterwarnings=ignore",
            "-p",
            "no:randomly",
            "-p",
            "no:cacheprovider",
        ]
        code = int(pytest.main([*flags, module, *tests]))
    finally:
        os._exit(code)


def copied(folder: Path) -> Path:
    """Return a copy of the sources and their tests."""
    for name in ("labeler", "detectors", "tests", "benchmarks", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("cli.py", "pyproject.toml", "setup.cfg"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def mutate(module: str, copy: Path, *, most: int, known: dict[str, bool]) -> dict[str, bool]:
    """Return, for every change tried of a module, whether it survived; ``known`` is not tried."""
    place = copy / module
    original = place.read_text("utf-8")
    sys.dont_write_bytecode = False  # what does not change is compiled once
    if not survives(copy, module, TARGETS[module]):
        raise RuntimeError(f"the tests of {module} fail without any change")
    sys.dont_write_bytecode = True
    for compiled in place.parent.glob(f"__pycache__/{place.stem}.*"):
        compiled.unlink()
    every = list(changes(original))
    chosen = random.Random(1).sample(every, min(most, len(every)))
    for change in chosen:
        name = f"{change.line}: {change.what} #{every.index(change)}"
        if name not in known:
            place.write_text(change.source, encoding="utf-8")
            known[name] = survives(copy, module, TARGETS[module])
            if known[name]:
                print(f"  survived: {module}:{name}", flush=True)
    place.write_text(original, encoding="utf-8")
    return known


def main() -> int:
    """Print a row a module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--most", type=int, default=10_000, help="Changes of one module.")
    parser.add_argument("--state", type=Path, default=Path("mutate-state.json"))
    asked = parser.parse_args()
    state = json.loads(asked.state.read_text()) if asked.state.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        for module in asked.only:
            known = state.setdefault(module, {})
            try:
                mutate(module, copy, most=asked.most, known=known)
            finally:
                asked.state.write_text(json.dumps(state, indent=1))
            counts = Counter(known.values())
            print(f"{module}: {counts[False]} noticed, {counts[True]} survived", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
