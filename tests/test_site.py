"""The documentation as a site: every page has its place, generated parts are up to date."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SETTINGS = (ROOT / "mkdocs.yml").read_text("utf-8")
NAV = re.findall(r": (\S+\.md)$", SETTINGS, re.MULTILINE)


def script(name):
    """A script of docs/, loaded as a module."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_every_page_has_one_place_in_the_navigation():
    pages = [path.relative_to(DOCS).as_posix() for path in DOCS.glob("**/*.md")]
    assert sorted(NAV) == sorted(pages), "name the page in nav of mkdocs.yml"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("policies.md", lambda: script("make_policies").page()),
        ("img/data-flow.svg", lambda: script("make_data_flow").picture()),
        ("img/bench-sound.svg", lambda: script("make_plots").plot("sound")),
        ("img/bench-video.svg", lambda: script("make_plots").plot("video")),
        ("img/bench-text.svg", lambda: script("make_plots").plot("text")),
    ],
)
def test_generated_pages_are_up_to_date(name, made):
    assert (DOCS / name).read_text("utf-8") == made()


def test_modules_drawn_in_the_data_flow_exist():
    drawn = script("make_data_flow")
    for stage in (*drawn.APPLY, *drawn.VERIFY, *drawn.SHARED):
        place = stage.where.replace(".", "/")
        assert any([*ROOT.glob(f"{place}.py"), *ROOT.glob(f"{place}/__init__.py")]), stage.where


def test_every_picture_is_shown_somewhere():
    pages = [*DOCS.glob("**/*.md"), *ROOT.glob("README*.md")]
    told = "".join(path.read_text("utf-8") for path in pages)
    assert [p.name for p in (DOCS / "img").iterdir() if f"img/{p.name}" not in told] == []


def test_the_chinese_page_of_clauses_has_the_rows_of_the_english_one():
    pages = [(DOCS / f"conformity{end}.md").read_text("utf-8") for end in ("", ".zh")]
    rows = [set(re.findall(r"R-\d\d", page)) for page in pages]
    assert rows[0] == rows[1]


def test_both_start_pages_lead_each_user_to_the_same_pages():
    pages = [(DOCS / f"index{end}.md").read_text("utf-8") for end in ("", ".zh")]
    linked = [set(re.findall(r"\]\(([a-z]+)(?:\.zh)?\.md", page)) for page in pages]
    shared = {"sound", "video", "text", "batch", "registry", "report", "policies", "requirements"}
    assert shared <= linked[0]
    assert shared <= linked[1]


def test_links_out_of_the_docs_become_words():
    class Page:
        class file:  # noqa: N801  as mkdocs has it
            src_uri = "formats/image-v1.md"

    text = "[code](../../labeler/schemes.py), [limits](../limits.md), ![x](../img/data-flow.svg)"
    turned = script("site_links").on_page_markdown(text, page=Page)
    assert turned == "code, [limits](../limits.md), ![x](../img/data-flow.svg)"


def test_the_site_asks_nobody_else_for_fonts():
    assert "font: false" in SETTINGS


def test_the_site_builds_without_warnings(tmp_path):
    pytest.importorskip("mkdocs", reason="the site needs the extra docs")
    pytest.importorskip("material", reason="the site needs the extra docs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(tmp_path)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # the theme speaks of a future release
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert (tmp_path / "index.html").stat().st_size > 5_000
