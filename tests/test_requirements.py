"""The table of requirements is made from the code, names what exists, and is up to date."""

from __future__ import annotations

import importlib.util
import sys
from itertools import chain
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def made():
    """The script that makes the page."""
    place = ROOT / "docs" / "make_requirements.py"
    spec = importlib.util.spec_from_file_location("make_requirements", place)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def every(made):
    return list(chain.from_iterable(made.requirements().values()))


def test_the_page_of_requirements_is_up_to_date(made):
    there = (ROOT / "docs" / "requirements.md").read_text("utf-8")
    assert there == made.page(), "run: python docs/make_requirements.py"


def test_every_number_from_1_to_62_is_there_once(every):
    assert [asked.number for asked in every] == [f"R-{n:02}" for n in range(1, 63)]


def test_code_and_tests_that_are_named_exist(every):
    for place in chain.from_iterable((*asked.code, *asked.tests) for asked in every):
        path, _, test = place.partition("::")
        assert (ROOT / path).exists(), place
        assert not test or f"def {test}(" in (ROOT / path).read_text("utf-8"), place


def test_numbers_named_in_the_code_are_requirements(made, every):
    known = {asked.number for asked in every}
    files = [*ROOT.glob("labeler/**/*.py"), *ROOT.glob("detectors/**/*.py")]
    assert set(made.places(files)) <= known


def test_ranges_of_numbers_are_opened_up(made):
    assert list(made.numbers_in("R-09..R-11 and R-30")) == ["R-09", "R-10", "R-11", "R-30"]
    assert list(made.numbers_in("conformity of media (R-05 to R-39)")) == []


def test_status_is_what_was_found(made):
    def status(**found):
        given = {"missing": "", "code": ("a.py",), "tests": ("b.py",), **found}
        said = {"number": "R-01", "asks": "", "clause": "", "sure": "P", "checked": False}
        return made.Requirement(**said, **given).status

    assert status() == "implemented"
    assert status(tests=()) == "partly"
    assert status(missing="half of it") == "partly"
    assert status(code=()) == "not"


def test_another_list_of_requirements_is_told_apart(made):
    law = "".join(f"- **R-{n:02}** text **[P]**\n" for n in range(1, 62))
    said = made.unlike_the_law(law)
    assert "R-62 is in one list only" in said
    assert "R-06 is P in the list and S here" in said
    assert not any(line.startswith("R-01 ") for line in said)
