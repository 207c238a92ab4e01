"""
Source code: the label in comment lines, in the syntax of the language; never in the code itself.

No guide names this place (R-39). The invisible mark stays out of code altogether.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.containers.model import Carrier
from labeler.containers.spans import holds_label
from labeler.containers.text.label_block import lines_of
from labeler.containers.text.model import CUSTOM, NOWHERE, Surface
from labeler.containers.text.textual import Placed, TextualDocument, object_of
from labeler.containers.value import WRAPPER, locate_label


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.containers.text.textual import Edit


SCHEME = "source-comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """How a language writes a comment of one line; ``close`` is empty where the line ends it."""

    open: str
    close: str = ""


_HASH, _SLASH, _DASH = Comment(open="#"), Comment(open="//"), Comment(open="--")
_STAR = Comment(open="/*", close="*/")
_ANGLE = Comment(open="<!--", close="-->")
_SEMI, _PERCENT = Comment(open=";"), Comment(open="%")
_FAMILIES = (
    (_HASH, """py pyi pyx sh bash zsh fish rb pl pm r jl yaml yml toml cmake mk tcl nim ex exs awk
        sed ps1 psm1 dockerfile makefile gitignore conf properties coffee cr"""),
    (_SLASH, """c h cc cpp cxx hpp hh cs java js jsx mjs cjs ts tsx mts cts go rs swift kt kts scala
        dart groovy gradle zig php mm d v sv proto thrift fs fsx sol glsl hlsl cu cuh jsonc json5
        less scss"""),
    (_DASH, "sql lua hs elm adb ads vhd vhdl"),
    (_STAR, "css"),
    (_ANGLE, "vue svelte xml xsl xslt xsd"),
    (_SEMI, "lisp lsp cl el clj cljs scm rkt asm ini"),
    (_PERCENT, "tex sty cls bib erl hrl pro mat"),
    (Comment(open="REM"), "bat cmd"),
    (Comment(open="'"), "vb vbs bas"),
    (Comment(open="!"), "f90 f95 f03 f08"),
    (Comment(open="(*", close="*)"), "ml mli"),
)  # fmt: skip

COMMENTS: Mapping[str, Comment] = MappingProxyType(
    {ending: comment for comment, endings in _FAMILIES for ending in endings.split()}
)
"""The comment of a language by the ending of its file names."""

_FIRST = re.compile(
    r"#!|<\?xml|<\?php|<!DOCTYPE|@charset|@echo|# *-\*-|#.*coding[:=]", re.IGNORECASE
)
_LEADERS = ("//", "/*", "*", "#", "--", "<!--", ";", "%", "REM ", "'", "!", "(*", '"""', "'''")
_TRAILERS = ("*/", "-->", "*)", '"""', "'''")
_EDGE = 1 << 16
_MEMBER = f"{WRAPPER}:"


def _head_end(text: str) -> int:
    """Return where a comment may stand: behind a shebang, a declaration or a coding line."""
    at = 0
    for line in list(lines_of(text, 0, min(len(text), 4096)))[:3]:
        if not _FIRST.match(line.text.strip()):
            break
        at = line.end
    return at


def comment_words(line: str) -> str | None:
    """
    Return what a comment line says, None for lines of code.

    >>> comment_words("  // AI生成 "), comment_words("x = 1  # AI")
    ('AI生成', None)
    """
    shown = line.strip()
    for leader in _LEADERS:
        if shown.upper().startswith(leader):
            shown = shown[len(leader) :].strip()
            for trailer in _TRAILERS:
                shown = shown.removesuffix(trailer).strip()
            return shown.lstrip("/*#-;%! ").strip()
    return None


def _locate(text: str) -> tuple[Placed, ...]:
    """Return the labels in comment lines near the start and the end; strings are code."""
    if not holds_label(text.encode("utf-8", "replace")):
        return ()
    found: dict[int, Placed] = {}
    late = max(0, text.rfind("\n", 0, max(0, len(text) - _EDGE)) + 1)
    for begin in {0, late}:
        for line in lines_of(text, begin, begin + _EDGE * 2):
            words = comment_words(line.text) if "{" in line.text else None
            if words and (span := locate_label(words)) and not words[: span[0]].strip(" :="):
                carrier = Carrier(
                    scheme=SCHEME,
                    place="comment line",
                    text=_unsafe(object_of(words[slice(*span)])),
                )
                found[line.start] = Placed(carrier=carrier, start=line.start, end=line.end)
    return tuple(found[start] for start in sorted(found))


def _written(comment: Comment, words: str, newline: str) -> str:
    close = f" {comment.close}" if comment.close else ""
    return f"{comment.open} {words}{close}{newline}"


def _safe(value: str, comment: Comment) -> str:
    """Return a value that cannot end its comment: JSON may spell the same string otherwise."""
    if comment.close == "*/":
        return value.replace("*/", "*\\/")
    if comment.close == "-->":
        return value.replace("--", "-\\u002d")
    return value.replace("*)", "*\\u0029") if comment.close else value


def _unsafe(value: str) -> str:
    """Return a value as it was before `_safe`."""
    return value.replace("*\\/", "*/").replace("-\\u002d", "--").replace("*\\u0029", "*)")


def _seen(text: str) -> tuple[Surface, ...]:
    """Return the comment lines near the start and the end."""
    lines = [line.text for line in lines_of(text, 0, min(len(text), _EDGE))]
    tail = [line.text for line in lines_of(text, max(0, len(text) - _EDGE))]
    head = [line for line in lines if line.strip()][:5]
    foot = [line for line in tail if line.strip()][-5:]
    said = [words for line in (*head, *foot) if (words := comment_words(line))]
    return tuple(Surface(place="comment", text=words) for words in dict.fromkeys(said))


def source_document(ending: str) -> TextualDocument:
    """Return the container of source code in files with this name ending (without the dot)."""
    comment = COMMENTS[ending.lower()]

    def written(text: str, words: str, newline: str) -> str:
        # PHP without an opening tag in front is a page: its comments are those of HTML.
        page = ending.lower() == "php" and not text.lstrip().startswith("<?")
        syntax = _ANGLE if page else comment
        return _written(syntax, words if words[:5] != _MEMBER else _safe(words, syntax), newline)

    def show(text: str, words: str, where: str, newline: str) -> list[Edit]:
        line = written(text, words, newline)
        if where == "start":
            at = _head_end(text)
            lead = newline if at and text[at - 1] not in "\r\n" else ""
            return [(at, at, f"{lead}{line}")]
        lead = newline if text and not text.endswith(("\n", "\r")) else ""
        return [(len(text), len(text), f"{lead}{line}")]

    def put(text: str, value: str, newline: str) -> list[Edit]:
        return show(text, f"{_MEMBER} {value}", "start", newline)

    def replace(text: str, placed: Placed, value: str, newline: str) -> Edit | None:
        return placed.start, placed.end, written(text, f"{_MEMBER} {value}", newline)

    return TextualDocument(
        format="source",
        placement=CUSTOM,
        place="a comment line at the start (no guide names it)",
        positions=("start", "end"),
        locate=_locate,
        put=put,
        over=replace,
        runs=lambda _text: (),
        show=show,
        seen=_seen,
        syntax="code",
    )


_DATA = ("csv", "tsv", "log", "dat")
NO_COMMENTS = frozenset(_DATA)
"""Endings of data files: a label line would be a row of data, so there is none."""

DATA = TextualDocument(
    format="data",
    placement=NOWHERE,
    place="none: a line added to a table is a row of data",
    positions=(),
    locate=lambda _text: (),
    runs=lambda _text: (),
    show=lambda _text, _words, _where, _newline: [],
    seen=lambda text: (Surface(place="body", text=text),),
    syntax="code",
)
"""Tables and logs."""
