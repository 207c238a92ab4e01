"""
HTML and XHTML as a stream of tags and text with their places; nothing is built or repaired.

Enough to find a head, a body, comments and the text that people read, in time linear in the file.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from labeler.containers.text.textual import Run


if TYPE_CHECKING:
    from collections.abc import Iterator


_KEPT_MOST = 4_000_000
"""Characters of a page whose markup is kept."""

_TAG = re.compile(
    r"""<(?P<close>/?)(?P<name>[A-Za-z][\w:.-]*+)(?P<rest>(?:[^<>"']|"[^"]*+"|'[^']*+')*+)>"""
    r"""|<[!?][^<>]*>""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"""([^\s=/"'<>]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'=<>`]++)))?"""
)
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "noembed", "noframes", "iframe"})
_DEEP = 64
_SILENT = _RAW | frozenset(
    {"head", "pre", "code", "kbd", "samp", "var", "tt", "svg", "math", "template", "object"}
    | {"option", "select", "button", "noscript"}
)
_BLOCK = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "aside",
        "header",
        "footer",
        "main",
        "nav",
        "blockquote",
        "table",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "caption",
        "figure",
        "figcaption",
        "br",
        "hr",
        "body",
        "html",
        "form",
        "address",
        "details",
        "summary",
        "fieldset",
        "legend",
    ]
)


class Tag(NamedTuple):
    """
    One piece of markup. ``kind`` is ``open``, ``close``, ``comment`` or ``raw``.

    ``raw`` is the text inside script, style and their like; ``text`` that or the comment's.
    """

    kind: str
    name: str
    start: int
    end: int
    text: str = ""
    closed: bool = False

    def attributes(self) -> dict[str, str]:
        """Return the attributes by lower-case name, entities resolved, the first of doubles."""
        found: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(self.text):
            value = next((v for v in match.groups()[1:] if v is not None), "")
            found.setdefault(match[1].lower(), html.unescape(value))
        return found


def tags(text: str) -> Iterator[Tag]:
    """
    Yield the markup of a page in order; text inside script and style is no markup.

    That of the last few pages is kept: one page is looked at for its label, its text and its head,
    before and after each is written.
    """
    return _walked(text) if len(text) > _KEPT_MOST else iter(_kept(text))


@lru_cache(maxsize=4)
def _kept(text: str) -> tuple[Tag, ...]:
    return tuple(_walked(text))


def _walked(text: str) -> Iterator[Tag]:
    position = 0
    # An end that was looked for in vain is not looked for again: hostile files stay linear.
    ended = {"-->": True, "]]>": True}
    while (start := text.find("<", position)) >= 0:
        position = start + 1
        for mark, end in (("<!--", "-->"), ("<![CDATA[", "]]>")):
            if ended[end] and text.startswith(mark, start):
                stop = text.find(end, start + len(mark))
                ended[end] = stop >= 0
                if stop >= 0:
                    position = stop + len(end)
                    inside = text[start + len(mark) : stop]
                    yield Tag(kind="comment", name="", start=start, end=position, text=inside)
        if position > start + 1:
            continue
        match = _TAG.match(text, start)
        if match is None:
            continue
        position = match.end()
        if match["name"] is not None:
            tag = _tag(match)
            yield tag
            if tag.kind == "open" and tag.name in _RAW and not tag.closed:
                found = re.compile(f"</{re.escape(tag.name)}", re.IGNORECASE).search(text, position)
                stop = found.start() if found else len(text)
                inside = text[position:stop]
                yield Tag(kind="raw", name=tag.name, start=position, end=stop, text=inside)
                position = stop


def _tag(match: re.Match[str]) -> Tag:
    return Tag(
        kind="close" if match["close"] else "open",
        name=match["name"].lower(),
        start=match.start(),
        end=match.end(),
        text=match["rest"],
        closed=match["rest"].endswith("/"),
    )


def text_runs(text: str) -> Iterator[tuple[Run, ...]]:
    """Yield the text that people read, one block after the other, entities resolved."""
    block: list[Run] = []
    silent: list[str] = []
    position = 0
    for tag in tags(text):
        if not silent:
            block += _run(text, position, tag.start)
        position = tag.end
        if tag.name in _BLOCK and block:
            yield tuple(block)
            block = []
        _follow(silent, tag)
    if not silent:
        block += _run(text, position, len(text))
    if block:
        yield tuple(block)


def _follow(silent: list[str], tag: Tag) -> None:
    """Keep the list of open elements that have no text for people."""
    if tag.kind == "open" and tag.name in _SILENT and not tag.closed and len(silent) < _DEEP:
        silent.append(tag.name)
    elif tag.kind == "close" and tag.name in silent:
        while silent and silent.pop() != tag.name:
            pass


def _run(text: str, start: int, end: int) -> list[Run]:
    """Return the text between two tags, without the blanks around it."""
    raw = text[start:end]
    shown = raw.strip()
    if not shown:
        return []
    start += raw.index(shown[0]) if raw[0] != shown[0] else 0
    return [Run(start=start, end=start + len(shown), text=html.unescape(shown))]


def escape_text(text: str) -> str:
    """
    Return text as it stands between tags.

    >>> escape_text("a < b & c")
    'a &lt; b &amp; c'
    """
    return html.escape(text, quote=False).replace("\xa0", "&#160;")
