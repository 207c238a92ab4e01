"""Documentation is executed: Python and shell examples run, every command is described."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import click
import pytest

import cli


ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("samples/*.md")])
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
NEEDS = re.compile(r"^<!-- needs: ([\w. ]+) -->$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def blocks(page: Path, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(page.read_text("utf-8")) if kind == language]


def skip_without_hosts(page: Path) -> None:
    """Skip a page whose examples need a package that is not installed; its first lines say it."""
    for needed in NEEDS.findall(page.read_text("utf-8")):
        for module in needed.split():
            pytest.importorskip(module, reason=f"{module} is not installed")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with the samples, and the command on PATH."""
    shutil.copytree(
        ROOT / "samples", tmp_path / "samples", ignore=shutil.ignore_patterns("labelled")
    )
    shim = tmp_path / "bin" / "aigc-label"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m labeler "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=name)
@pytest.mark.usefixtures("desk")
def test_python_examples_run(page):
    skip_without_hosts(page)
    names: dict[str, object] = {"__name__": "example"}
    with warnings.catch_warnings():
        if NEEDS.search(page.read_text("utf-8")):
            warnings.simplefilter("ignore")  # those of the hosts are not ours
        for body in blocks(page, "python"):
            exec(compile(body, name(page), "exec"), names)  # noqa: S102  our own documentation


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "console")], ids=name)
def test_shell_examples_run(page, desk):
    for body in blocks(page, "console"):
        for line in body.splitlines():
            if line.startswith("$ "):
                shell = ["sh", "-c", line[2:]]
                done = subprocess.run(shell, capture_output=True, check=False, cwd=desk)
                assert done.returncode == 0, (line, done.stderr.decode())


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_and_pictures_lead_somewhere(page):
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def commands(group: click.Group, path: str = "aigc-label") -> list[tuple[str, click.Command]]:
    out = []
    for key, command in group.commands.items():
        inner = isinstance(command, click.Group)
        out += commands(command, f"{path} {key}") if inner else [(f"{path} {key}", command)]
    return out


@pytest.mark.parametrize(("path", "command"), commands(cli.commands))
def test_every_command_has_help_with_an_example_and_a_section(path, command):
    assert command.help
    assert path in command.help
    assert f"## {path}\n" in (ROOT / "docs" / "cli.md").read_text("utf-8")


def test_the_command_page_is_up_to_date():
    code = "import sys; sys.path.insert(0, 'docs'); import make_cli; print(make_cli.page(), end='')"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == made, "run: python docs/make_cli.py"


def test_the_readme_has_its_two_commands():
    text = (ROOT / "README.md").read_text("utf-8")
    assert text.count("```sh run\n") == 1
    assert text.count("```sh test\n") == 1


def test_both_readmes_show_the_same_commands():
    english, chinese = (ROOT / "README.md"), (ROOT / "README.zh-CN.md")
    shown = [set(blocks(page, "sh")) for page in (english, chinese)]
    assert shown[0] == shown[1]
