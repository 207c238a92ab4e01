"""A real browser for the HTML report: headless Chromium, where one is installed."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "google-chrome-stable")


def find_browser() -> str:
    """Return the path of Chromium; skip the test where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here: apt install chromium")
    return found


def command(*more: str, wait_ms: int = 5000) -> list[str]:
    """Return the command line of a headless browser without a network."""
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    still = ["--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync"]
    offline = ["--host-resolver-rules=MAP * ~NOTFOUND", f"--virtual-time-budget={wait_ms}"]
    return [find_browser(), "--headless", *sandbox, *still, *offline, *more]


def dom_of(page: Path, state: str = "") -> str:
    """Return the document as the browser has it after its scripts ran."""
    with tempfile.TemporaryDirectory(prefix="browser-") as profile:
        address = page.as_uri() + (f"#{state}" if state else "")
        done = subprocess.run(
            command(f"--user-data-dir={profile}", "--dump-dom", address),
            capture_output=True,
            check=True,
            timeout=120,
        )
    return done.stdout.decode("utf-8", "replace")


def texts(dom: str, pattern: str) -> list[str]:
    """Return what a pattern captures in a document, entities resolved, tags left out."""
    found = re.findall(pattern, dom, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]*>", "", text)) for text in found]
