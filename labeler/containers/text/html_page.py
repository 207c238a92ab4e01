"""
HTML: the label as ``<meta name="AIGC">`` in the head; no guide names it, builders do so (R-39).

Also read: ``property="…:AIGC"``, comments, scripts and inline JSON (law.md 5.1 no. 9).
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from labeler.containers.model import Carrier
from labeler.containers.spans import holds_label
from labeler.containers.text.markup import escape_text, tags, text_runs
from labeler.containers.text.model import CUSTOM, Surface
from labeler.containers.text.textual import Placed, TextualDocument
from labeler.containers.value import WRAPPER, locate_label


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.text.markup import Tag
    from labeler.containers.text.textual import Edit


META_SCHEME, COMMENT_SCHEME, SCRIPT_SCHEME = "html-meta", "html-comment", "html-script"

_NAMES = re.compile(r"(?:[\w.-]*:)?AIGC(?:[_-]?(?:INFO|LABEL))?", re.IGNORECASE)
_PROLOGUE = re.compile(r"\s*(?:<\?[^>]*>\s*)?(?:<!DOCTYPE[^>]*>)?", re.IGNORECASE)


def locate(text: str) -> tuple[Placed, ...]:
    """Return every copy of a label in a page, in file order."""
    if not holds_label(text.encode("utf-8", "replace")):
        return ()
    found: list[Placed] = []
    for tag in tags(text):
        if tag.kind == "open" and tag.name == "meta":
            found += _in_meta(text, tag)
        elif tag.kind == "comment":
            found += _in_text(tag, COMMENT_SCHEME, "HTML comment", whole=True)
        elif tag.kind == "raw" and tag.name == "script":
            found += _in_text(tag, SCRIPT_SCHEME, "HTML script", whole=False)
    return tuple(found)


def _in_meta(text: str, tag: Tag) -> Iterator[Placed]:
    attributes = tag.attributes()
    name = attributes.get("name") or attributes.get("property") or attributes.get("itemprop") or ""
    content = attributes.get("content", "")
    if not _NAMES.fullmatch(name.strip()):
        return
    carrier = Carrier(scheme=META_SCHEME, place=f"HTML meta {name.strip()[:40]}", text=content)
    yield Placed(carrier=carrier, start=tag.start, end=_line_end(text, tag))


def _line_end(text: str, tag: Tag) -> int:
    """Return where the line of a tag ends that stands alone on it."""
    before = text[max(0, text.rfind("\n", 0, tag.start) + 1) : tag.start]
    match = re.compile(r"[ \t]*(?:\r\n|\n)").match(text, tag.end)
    return match.end() if match and not before.strip() else tag.end


def _in_text(tag: Tag, scheme: str, place: str, *, whole: bool) -> Iterator[Placed]:
    span = locate_label(tag.text)
    if span is None:
        return
    carrier = Carrier(scheme=scheme, place=place, text=tag.text[slice(*span)])
    if whole:
        yield Placed(carrier=carrier, start=tag.start, end=tag.end)
    else:
        yield Placed(carrier=carrier, start=tag.start + span[0], end=tag.start + span[1])


def format_meta(value: str) -> str:
    """Return the element that holds a label."""
    return f'<meta name="{WRAPPER}" content="{html.escape(value)}">'


def put(text: str, value: str, newline: str) -> list[Edit]:
    """Return the edit that writes the label as early in the head as it may stand."""
    found = {tag.name: tag for tag in reversed(list(_openings(text)))}
    meta = format_meta(value)
    if "head" in found:
        at = _after_charset(text, found["head"])
        indent = re.match(r"(?:\r\n|\n)([ \t]*)", text[at : at + 200])
        lead = f"{newline}{indent[1]}" if indent else ""
        return [(at, at, f"{lead}{meta}")]
    head = f"<head>{meta}</head>"
    if "html" in found:
        return [(found["html"].end, found["html"].end, f"{newline}{head}")]
    # A fragment: the parser makes the head itself from a meta element in front.
    prologue = _PROLOGUE.match(text)
    at = prologue.end() if prologue else 0
    return [(at, at, f"{newline if at else ''}{meta}{'' if at else newline}")]


def _after_charset(text: str, head: Tag) -> int:
    """Return where the head starts, behind a declaration of the encoding, which must be early."""
    for tag in tags(text[head.end : head.end + 2048]):
        if tag.name == "meta" and "charset" in tag.text.lower():
            return head.end + tag.end
        if tag.kind == "open" and tag.name not in {"meta", "title", "base", "link"}:
            break
    return head.end


def _openings(text: str) -> Iterator[Tag]:
    for tag in tags(text):
        if tag.kind == "open" and tag.name in {"html", "head", "body"}:
            yield tag
            if tag.name == "body":
                return


def replace(text: str, placed: Placed, value: str, _newline: str) -> Edit | None:
    """Return the edit that puts a value in place of a meta element."""
    if placed.carrier.scheme != META_SCHEME:
        return None
    end = text.rindex(">", placed.start, placed.end) + 1
    return placed.start, end, format_meta(value)


def show(text: str, words: str, where: str, newline: str) -> list[Edit]:
    """
    Return the edit that adds a paragraph at the start or end of the body (R-05, R-08).

    ``corner`` is a raised mark behind the first block instead (R-07).
    """
    shown = escape_text(words)
    if where == "corner":
        body, _ = _body(text)
        mark = f'<sup class="aigc-label">{shown}</sup>'
        first = next((b for b in text_runs(text) if b[0].start >= body), None)
        at = first[-1].end if first else body
        return [(at, at, mark)]
    paragraph = f'<p class="aigc-label">{shown}</p>'
    begin, end = _body(text)
    if where == "start":
        return [(begin, begin, f"{newline}{paragraph}" if begin else f"{paragraph}{newline}")]
    return [(end, end, f"{paragraph}{newline}")]


def _body(text: str) -> tuple[int, int]:
    """Return where the inside of the body starts and ends."""
    begin, end = 0, len(text)
    seen_body = False
    for tag in tags(text):
        if tag.kind == "open" and tag.name == "body" and not seen_body:
            begin, seen_body = tag.end, True
        elif tag.kind == "close" and tag.name == "head" and not seen_body:
            begin = tag.end
        elif tag.kind == "close" and tag.name in {"body", "html"}:
            end = min(end, tag.start) if end != len(text) else tag.start
    if not begin:
        prologue = _PROLOGUE.match(text)
        begin = prologue.end() if prologue else 0
    return begin, max(begin, end)


def seen(text: str) -> tuple[Surface, ...]:
    """Return the text of the page, a line a block, and every raised mark by itself."""
    lines = ("".join(run.text for run in block) for block in text_runs(text))
    body = Surface(place="body", text="\n".join(" ".join(line.split()) for line in lines))
    return (body, *_corners(text))


def _corners(text: str) -> Iterator[Surface]:
    opened: Tag | None = None
    for tag in tags(text):
        if tag.kind == "open" and tag.name in {"sup", "span", "small", "div"}:
            label = "aigc-label" in tag.attributes().get("class", "") or tag.name == "sup"
            opened = tag if label else None
        elif opened and tag.kind == "close" and tag.name == opened.name:
            words = html.unescape(text[opened.end : tag.start]).strip()
            if words and "<" not in words and len(words) <= 200:
                yield Surface(place="corner", text=words)
            opened = None


HTML = TextualDocument(
    format="html",
    placement=CUSTOM,
    place='<meta name="AIGC"> in the head (no guide names it; common practice)',
    positions=("start", "end", "corner"),
    locate=locate,
    put=put,
    over=replace,
    runs=lambda text: tuple(text_runs(text)),
    show=show,
    seen=seen,
    escape=escape_text,
)
"""HTML pages and fragments."""
