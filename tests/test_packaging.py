"""What is built and installed: the wheel, the sdist, the manual page, the completion."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import labeler


ROOT = Path(__file__).parents[1]
NAME = f"aigc_label-{labeler.__version__}"
BUILD = "import sys; from setuptools import build_meta as b; b.build_{}(sys.argv[1])"


@pytest.fixture(scope="module")
def tracked():
    """Every file that the sources consist of."""
    listing = ["git", "ls-files", "-z"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, check=False, text=True)
    if done.returncode:
        pytest.skip("not a clone: what is tracked is not known")
    return sorted(name for name in done.stdout.split("\0") if name and (ROOT / name).is_file())


@pytest.fixture(scope="module")
def built(tmp_path_factory, tracked):
    """A folder with the wheel and the sdist, built from the tracked files alone."""
    if int(metadata.version("setuptools").split(".")[0]) < 77:
        pytest.skip("building needs setuptools 77, as the test extra has it")
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in tracked:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    for kind in ("sdist", "wheel"):
        command = [sys.executable, "-W", "ignore", "-c", BUILD.format(kind), str(out)]
        subprocess.run(command, cwd=copy, capture_output=True, check=True, timeout=240)
    return out


def test_the_wheel_holds_the_packages_the_manual_and_nothing_else(built, tracked):
    held = zipfile.ZipFile(built / f"{NAME}-py3-none-any.whl").namelist()
    data = f"{NAME}.data/data/share/man/man1/aigc-label.1"
    about = {name for name in held if name.startswith(f"{NAME}.dist-info/")}
    sources = {n for n in tracked if n.split("/")[0] in {"labeler", "detectors", "cli.py"}}
    assert set(held) - about == sources | {data}
    assert {name.removeprefix(f"{NAME}.dist-info/") for name in about} == {
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "top_level.txt")
    }


def test_the_sdist_holds_every_tracked_file_and_nothing_else(built, tracked):
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        held = {entry.name.removeprefix(f"{NAME}/") for entry in archive if entry.isfile()}
    made = {name for name in held if name.startswith("aigc_label.egg-info/")} | {"PKG-INFO"}
    assert held - made == set(tracked)


def test_the_wheel_says_what_it_is(built):
    with zipfile.ZipFile(built / f"{NAME}-py3-none-any.whl") as wheel:
        about = wheel.read(f"{NAME}.dist-info/METADATA").decode()
        entries = wheel.read(f"{NAME}.dist-info/entry_points.txt").decode()
    assert "License-Expression: Apache-2.0" in about
    assert "Requires-Python: >=3.11" in about
    assert "aigc-label = cli:aigc_label" in entries


def test_the_manual_page_is_up_to_date():
    spec = importlib.util.spec_from_file_location("make_man", ROOT / "docs" / "make_man.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.PAGE.read_text("utf-8") == made.page(), "run: python docs/make_man.py"


def test_the_manual_page_has_no_fault_that_man_sees():
    if not shutil.which("groff"):
        pytest.skip("groff is not here")
    command = ["groff", "-man", "-ww", "-Tutf8", str(ROOT / "docs" / "man" / "aigc-label.1")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not done.stderr
    assert "aigc-label verify" in re.sub("\x1b.*?m", "", done.stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_command_writes_its_own_completion(shell):
    if shell == "bash" and not shutil.which("bash"):
        pytest.skip("bash is not here")
    asked = {**os.environ, "_AIGC_LABEL_COMPLETE": f"{shell}_source"}
    command = [sys.executable, "-m", "labeler"]
    done = subprocess.run(command, cwd=ROOT, env=asked, capture_output=True, text=True, check=False)
    assert "_AIGC_LABEL_COMPLETE" in done.stdout
