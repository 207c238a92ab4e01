"""
The elements of an XMP packet with their byte spans, so that a packet can be edited in place.

Prefixes are resolved here and not by the parser: packets in the wild use prefixes they never bind.
A DTD or an entity declaration is refused before parsing, and again by the parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.parsers import expat

from labeler.errors import CorruptMedia, MediaTooLarge
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

_MAX_DEPTH = 64
_REMEMBERED = 1 << 16
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ROOT = re.compile(rb"<((?:[\w.-]+:)?(?:xmpmeta|xapmeta|RDF))(?=[\s/>])")
_START_TAG = re.compile(rb"""<[^>"']*+(?:"[^"]*+"[^>"']*+|'[^']*+'[^>"']*+)*+>""")
_ATTRIBUTE = re.compile(rb"""\s+([\w.:-]+)\s*=\s*("[^"]*+"|'[^']*+')""")


@dataclass(slots=True)
class Node:
    """One element: names as written, where it starts in the body, and where its end tag does."""

    name: str
    attributes: dict[str, str]
    start: int
    parent: Node | None
    close: int = 0
    text: str = ""
    children: list[Node] = field(default_factory=list)

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]

    def uri(self, name: str) -> str | None:
        """Return the namespace bound to the prefix of ``name`` here, or None when it is unbound."""
        prefix = name.rpartition(":")[0]
        declared = f"xmlns:{prefix}" if prefix else "xmlns"
        node: Node | None = self
        while node is not None:
            if declared in node.attributes:
                return node.attributes[declared]
            node = node.parent
        return None

    def walk(self) -> Iterator[Node]:
        """Yield this element and all below it, in document order."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A packet cut in three: what stands before the root element, the root, what stands after."""

    before: bytes
    body: bytes
    after: bytes
    root: Node


def to_utf8(packet: bytes) -> bytes:
    """Return the packet in UTF-8; XMP may come in UTF-16 in some formats."""
    head = packet[:64]
    if b"<\0" in head or b"\0<" in head:
        little = head.find(b"<") % 2 == 0
        text = bytes(packet).decode("utf-16-le" if little else "utf-16-be", "replace")
        return _ascii_safe(text)
    return bytes(packet)


def parse(packet: bytes) -> Tree | None:
    """
    Return the packet as a tree, None when it holds no root element at all.

    Raises
    ------
    CorruptMedia
        The packet declares a DTD or is no well-formed XML.
    MediaTooLarge
        It has more bytes, elements or levels than `LIMITS` allows.
    """
    if len(packet) > LIMITS.xmp_bytes:
        raise MediaTooLarge(f"the XMP packet has more than {LIMITS.xmp_bytes} bytes")
    return _remembered(packet) if len(packet) <= _REMEMBERED else _parsed(packet)


@lru_cache(maxsize=4)
def _remembered(packet: bytes) -> Tree | None:
    """Return a packet as a tree, once for all readers of one file: nobody changes a tree."""
    return _parsed(packet)


def _parsed(packet: bytes) -> Tree | None:
    packet = to_utf8(packet)
    if _DTD.search(packet):
        raise CorruptMedia("the XMP packet declares a DTD or an entity; it is not parsed")
    found = _ROOT.search(packet)
    if not found:
        return None
    start = found.start()
    close = packet.rfind(b"</" + found[1])
    end = packet.find(b">", close) + 1 if close > start else _tag_end(packet, start)
    body = packet[start:end]
    return Tree(before=packet[:start], body=body, after=packet[end:], root=_build(body))


def start_tag_end(body: bytes, node: Node) -> int:
    """Return the position just behind the start tag of ``node``."""
    return _tag_end(body, node.start)


def end_of(body: bytes, node: Node) -> int:
    """Return the position just behind the whole element."""
    end = _tag_end(body, node.start)
    return end if body[end - 2 : end] == b"/>" else body.find(b">", node.close) + 1


def attribute_span(body: bytes, node: Node, name: str) -> tuple[int, int]:
    """Return the span of one attribute in ``body``, with the blanks before it."""
    end = start_tag_end(body, node)
    for match in _ATTRIBUTE.finditer(body, node.start, end):
        if match[1] == name.encode():
            return match.span()
    raise CorruptMedia(f"the XMP attribute {name[:40]!a} cannot be located")


def _tag_end(body: bytes, start: int) -> int:
    """Return where the tag that starts at ``start`` ends, quoted '>' skipped."""
    match = _START_TAG.match(body, start)
    if not match:
        raise CorruptMedia("the XMP packet has a tag that does not end")
    return match.end()


def _ascii_safe(text: str) -> bytes:
    """Return UTF-8 without the byte order mark that UTF-16 needs."""
    return text.removeprefix("\ufeff").encode("utf-8", "replace")


def _build(body: bytes) -> Node:
    """Parse ``body`` without namespaces; spans are byte offsets into it."""
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    stack: list[Node] = []
    roots: list[Node] = []
    count = 0

    def open_element(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > LIMITS.segments or len(stack) > _MAX_DEPTH:
            raise MediaTooLarge("the XMP packet has too many elements or levels")
        parent = stack[-1] if stack else None
        node = Node(name, attributes, parser.CurrentByteIndex, parent)
        (parent.children if parent else roots).append(node)
        stack.append(node)

    def close_element(_name: str) -> None:
        stack.pop().close = parser.CurrentByteIndex

    def add_text(text: str) -> None:
        if stack:
            stack[-1].text += text

    def refuse(*_: object) -> None:
        raise CorruptMedia("the XMP packet declares a DTD or an entity; it is not parsed")

    parser.StartElementHandler = open_element
    parser.EndElementHandler = close_element
    parser.CharacterDataHandler = add_text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003  the signature of expat
    except expat.ExpatError as error:
        raise CorruptMedia(f"the XMP packet is no well-formed XML: {error}") from error
    return roots[0]
