"""`doctor` says what is there, what each missing extra would add, and whether labelling works."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest

from detectors import doctor


SETTINGS = Path(__file__).parents[2] / "setup.cfg"
NOT_FOR_USERS = {"all", "docs", "test"}


@pytest.fixture
def quick(monkeypatch):
    """No trial: `tests/test_cli.py` runs it."""
    monkeypatch.setattr(doctor, "_trial", lambda: ("trial: works", True))


def lines():
    return [line for line, _ in doctor.examine()]


@pytest.mark.usefixtures("quick")
def test_every_extra_for_users_is_named_and_no_other():
    settings = ConfigParser()
    settings.read(SETTINGS, "utf-8")
    extras = set(settings["options.extras_require"]) - NOT_FOR_USERS
    said = lines()
    told = said[said.index("extras") + 1 : said.index("what can be labelled")]
    assert {line.split(":")[0].strip() for line in told} == extras


@pytest.mark.usefixtures("quick")
def test_a_missing_extra_says_how_to_install_it_and_what_it_adds(monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda _: None)
    (line,) = (line for line in lines() if line.startswith("  heic:"))
    assert "pip install 'aigc-label[heic]'" in line
    assert "HEIC pictures" in line


@pytest.mark.usefixtures("quick")
def test_an_extra_that_is_there_is_said_to_be_there(monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda _: object())
    assert "  heic: there" in lines()


@pytest.mark.usefixtures("quick")
def test_it_says_where_the_packages_were_imported_from():
    root = str(SETTINGS.parent)
    assert all(any(f"  {name}: {root}" in line for line in lines()) for name in doctor._OURS)


def test_a_failing_trial_is_not_well(monkeypatch):
    def fail(*_, **__):
        raise doctor.LabelError("no room")

    monkeypatch.setattr(doctor, "apply", fail)
    assert doctor._trial() == ("trial: FAILED, no room", False)
