"""
Write docs/requirements.md from the code: `python docs/make_requirements.py`.

Where a requirement is implemented and tested is found by its number in the sources; what `verify`
checks comes from the checks themselves. requirements.toml adds what the code cannot say: the words,
the clause, what is missing. `--law FILE` holds its numbers and certainties against the list that
the project keeps.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.conformity import CHECKS


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


ROOT = Path(__file__).parents[1]
FACTS = Path(__file__).with_name("requirements.toml")
PAGE = Path(__file__).with_name("requirements.md")
NUMBER = re.compile(r"R-(\d\d)(?:(?:\.\.| to )R-(\d\d))?")
LISTS = {"labeler/policy/profiles.py", "detectors/conformity/__init__.py"}
"""Modules that only list numbers: they implement nothing."""

WIDEST = 7
"""A wider range of numbers says what a module is about, not what it implements."""

SHOWN = 3
"""Places shown in a cell; the others are counted."""

HEAD = """# Requirements: where, which test, status

Made by `python docs/make_requirements.py` from the sources, the tests and `requirements.toml`; a
test fails when it is not up to date. The requirements are ours, drawn from the law, the standard
and the guides, in our words. This toolkit implements clauses; it certifies nothing.

**Status**: *implemented*: there is code and a test for all of it; *partly*: something named is
missing; *not*: there is no code. **Sure** says how well the text is known: P primary text, S
secondary source, M measured on real files, U uncertain (then it is configurable and our reading).
**verify** says whether the [conformity report](conformity.md) has a row on it.
"""

COLUMNS = """| | asks | clause | sure | where | verify | tests | status |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement as requirements.toml has it, and where the sources name it."""

    number: str
    asks: str
    clause: str
    sure: str
    missing: str
    code: tuple[str, ...]
    tests: tuple[str, ...]
    checked: bool

    @property
    def status(self) -> str:
        """Return "implemented", "partly" or "not"."""
        if not self.code:
            return "not"
        return "implemented" if self.tests and not self.missing else "partly"

    @property
    def remark(self) -> str:
        """Return what is missing, in words."""
        return self.missing or ("" if self.tests or not self.code else "no test names it")


def numbers_in(text: str) -> Iterator[str]:
    """
    Yield the requirements that a text names, ranges opened up.

    >>> list(numbers_in("R-05 to R-07, R-30; R-14..R-15"))
    ['R-05', 'R-06', 'R-07', 'R-30', 'R-14', 'R-15']
    """
    for first, last in NUMBER.findall(text):
        numbers = range(int(first), int(last or first) + 1)
        if len(numbers) <= WIDEST:
            yield from (f"R-{n:02}" for n in numbers)


def places(paths: Iterable[Path]) -> dict[str, set[str]]:
    """Return, for every requirement, the source files that name it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        for number in numbers_in(path.read_text("utf-8")):
            if name not in LISTS:
                found[number].add(name)
    return found


def tests_naming(paths: Iterable[Path]) -> dict[str, set[str]]:
    """Return, for every requirement, the tests that name it, or the file when it does so itself."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        source, name = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
        spans = functions(source)
        for row, line in enumerate(source.splitlines(), 1):
            inside = [test for test, span in spans.items() if row in span]
            for number in numbers_in(line):
                found[number].add(f"{name}::{inside[0]}" if inside else name)
    return found


def functions(source: str) -> dict[str, range]:
    """Return the lines that every test function takes, its decorators among them."""
    return {
        node.name: range(
            min([node.lineno, *(made.lineno for made in node.decorator_list)]),
            (node.end_lineno or node.lineno) + 1,
        )
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def facts() -> Mapping[str, Sequence[Mapping[str, object]]]:
    """Return the groups of requirements.toml with what it says of each requirement."""
    groups = tomllib.loads(FACTS.read_text("utf-8"))["group"]
    return {group["name"]: group["requirement"] for group in groups}


def requirements() -> dict[str, list[Requirement]]:
    """Return every requirement by its group."""
    sources = [*ROOT.glob("labeler/**/*.py"), *ROOT.glob("detectors/**/*.py"), ROOT / "cli.py"]
    code = places(sources)
    tests = tests_naming(ROOT.glob("tests/**/*.py"))
    checked = {check.requirement for check in CHECKS}
    return {
        group: [_requirement(fact, code, tests, checked) for fact in known]
        for group, known in facts().items()
    }


def _requirement(
    fact: Mapping[str, object],
    code: Mapping[str, set[str]],
    tests: Mapping[str, set[str]],
    checked: set[str],
) -> Requirement:
    number, listed = str(fact["number"]), _named(fact, "tests")
    return Requirement(
        number=number,
        asks=str(fact["asks"]),
        clause=str(fact["clause"]),
        sure=str(fact["sure"]),
        missing=str(fact.get("missing", "")),
        code=tuple(sorted(_named(fact, "where") | code.get(number, set()))),
        tests=tuple(sorted(listed)) + tuple(sorted(tests.get(number, set()) - listed)),
        checked=number in checked,
    )


def _named(fact: Mapping[str, object], key: str) -> set[str]:
    told = fact.get(key, [])
    return {str(name) for name in told} if isinstance(told, list) else set()


def page() -> str:
    """Return the whole page."""
    groups = requirements()
    every = list(chain.from_iterable(groups.values()))
    counts = [f"{sum(r.status == s for r in every)} {s}" for s in ("implemented", "partly", "not")]
    out = [HEAD, f"\nOf {len(every)}: {', '.join(counts)}.\n"]
    for group, rows in groups.items():
        out.append(
            f"\n## {group}\n\n| | asks | clause | sure | where | verify | tests | status |\n"
        )
        out.append("|---|---|---|---|---|---|---|---|\n")
        out += [row(requirement) for requirement in rows]
    return "".join(out)


def row(asked: Requirement) -> str:
    """Return one row of the table."""
    status = f"**{asked.status}**" + (f": {asked.remark}" if asked.remark else "")
    cells = (
        asked.number,
        asked.asks,
        asked.clause or "ours",
        asked.sure,
        _listed(asked.code),
        "yes" if asked.checked else "",
        _listed([test.removeprefix("tests/").replace("::test_", ": ") for test in asked.tests]),
        status,
    )
    return f"| {' | '.join(cells)} |\n"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def unlike_the_law(law: str) -> list[str]:
    """Return in what requirements.toml and the project's list of requirements differ."""
    entries = dict(re.findall(r"^- \*\*(R-\d\d)\*\*(.*)$", law, re.MULTILINE))
    known = {str(fact["number"]): str(fact["sure"]) for fact in chain(*facts().values())}
    out = [f"{n} is in one list only" for n in sorted(entries.keys() ^ known.keys())]
    for number, text in entries.items():
        marks = re.findall(r"\*\*\[([PSUM/]+)\]", text)
        sure = "".join(dict.fromkeys("".join(marks).replace("/", "")))
        if known.get(number, sure) != sure:
            out.append(f"{number} is {sure} in the list and {known[number]} here")
    return out


def main() -> int:
    """Write the page; return 1 when the list of requirements says otherwise."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--law", type=Path, help="The list of requirements to hold against.")
    asked = parser.parse_args()
    wrong = unlike_the_law(asked.law.read_text("utf-8")) if asked.law else []
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    PAGE.write_text(page(), encoding="utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
