"""
The texts that text marks are measured on: documentation from Debian packages, in many languages.

They are test inputs under the licences of their packages and are not part of this repository. The
packages are either installed or unpacked (``dpkg -x``) below a folder that is given as root.
"""

from __future__ import annotations

import gzip
import html
import random
import re
from functools import lru_cache
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGES = (
    "debian-handbook", "debian-reference-en", "debian-reference-zh-cn", "fortunes", "fortunes-min",
    "fortunes-zh", "manpages-zh", "python3.11-doc",
)  # fmt: skip
LANGUAGES = ("en", "zh")
DOCUMENT = 4000
"""Characters of a document made of neighbouring paragraphs."""

_PLACES = {
    "en": (
        "usr/share/debian-reference/*.en.html",
        "usr/share/doc/debian-handbook/html/en-US/*.html",
        "usr/share/doc/python3.11/html/**/*.html",
        "usr/share/games/fortunes/*",
    ),
    "zh": (
        "usr/share/debian-reference/*.zh-cn.html",
        "usr/share/doc/debian-handbook/html/zh-CN/*.html",
        "usr/share/man/zh_CN/**/*.gz",
    ),
}
_EVERYTHING = (
    "usr/share/debian-reference/*", "usr/share/doc/debian-handbook/html/**/*.html",
    "usr/share/doc/python3.11/**/*.html", "usr/share/games/fortunes/*", "usr/share/man/zh*/**/*.gz",
)  # fmt: skip


@lru_cache(maxsize=4)
def prose(language: str, root: Path) -> tuple[str, ...]:
    """Return the distinct paragraphs of running text of a language, in a fixed order."""
    found: dict[str, None] = {}
    for pattern in _PLACES[language]:
        for path in sorted(root.glob(pattern)):
            if path.is_file() and path.suffix != ".dat" and "genindex" not in path.name:
                running = _running(_plain(path), language)
                found |= dict.fromkeys(p for p in running if p.isprintable())
    return tuple(found)


def documents(language: str, root: Path, count: int, seed: int = 1) -> list[str]:
    """Return so many documents of about `DOCUMENT` characters, drawn at random."""
    paragraphs = prose(language, root)
    rng = random.Random(seed)
    out = []
    for _ in range(count):
        at = rng.randrange(len(paragraphs))
        parts, size = [], 0
        while size < DOCUMENT:
            parts.append(paragraphs[at % len(paragraphs)])
            size += len(parts[-1]) + 2
            at += 1
        out.append("\n\n".join(parts))
    return out


def everything(root: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of every file of the packages, as it is, markup and all."""
    for pattern in _EVERYTHING:
        for path in sorted(root.glob(pattern)):
            if path.is_file() and not path.is_symlink() and path.suffix != ".dat":
                text = _decoded(path)
                if text is not None:
                    yield path.name, text


def _decoded(path: Path) -> str | None:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    except (OSError, UnicodeDecodeError):
        return None


def _plain(path: Path) -> str:
    text = _decoded(path) or ""
    if path.suffix == ".html":
        text = re.sub(r"(?s)<(script|style|head|pre).*?</\1>", "", text)
        text = html.unescape(re.sub(r"(?s)<[^>]+>", "", text))
        return re.sub(r"\n\s*\n+", "\n\n", text)
    if path.suffix == ".gz":
        lines = [line for line in text.split("\n") if not line.startswith(("'", '.\\"', ".ds"))]
        text = "\n".join(re.sub(r"^\.\w+ ?", "", line) for line in lines)
        return re.sub(r"\\f[BIRP]|\\f\(CW|\\&|\\\*\[\w+\]", "", text)
    return text.replace("\n%\n", "\n\n")


def _running(text: str, language: str) -> Iterator[str]:
    """Yield the paragraphs that are sentences rather than lists, code or tables."""
    for raw in text.split("\n\n"):
        if language == "zh":
            paragraph = re.sub(r"\s*\n\s*", "", raw.strip())
            share = sum("\u4e00" <= c <= "\u9fff" for c in paragraph) / max(len(paragraph), 1)
            if len(paragraph) >= 60 and share > 0.6 and "。" in paragraph:
                yield paragraph
        else:
            paragraph = re.sub(r"\s*\n\s*", " ", raw.strip())
            share = sum(c.isalpha() or c == " " for c in paragraph) / max(len(paragraph), 1)
            if len(paragraph) >= 150 and share > 0.93 and ". " in paragraph:
                yield paragraph
