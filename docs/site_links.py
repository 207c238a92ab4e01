"""
A hook of the site: links that leave docs/ have no page there, so they become plain words.

On the site of the sources (and in an editor) the same links lead to the files.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any


DOCS = Path(__file__).parent
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((\.\./[^)\s]+)\)")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Return the page with links out of docs/ turned into their words."""
    folder = (DOCS / page.file.src_uri).parent

    def words(link: re.Match[str]) -> str:
        target = (folder / link[2].partition("#")[0]).resolve()
        return link[0] if target.is_relative_to(DOCS) else link[1]

    return LINK.sub(words, markdown)
