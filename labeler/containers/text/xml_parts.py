"""XML parts of packages as trees, for looking at; edits are made in their text. No DTDs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from labeler.containers.text.archive import Archive


MAX_DEPTH = 500
"""Deepest nesting of elements; Word itself stays far below."""


def parse_part(raw: bytes, part: str) -> Element:
    """
    Return a part as a tree, names as ``{namespace}local``.

    Raises `CorruptMedia` for a DTD, an entity and what is no XML, `MediaTooLarge` when it is nested
    too deeply (R-50).
    """
    builder = TreeBuilder()
    depth = 0

    def open_element(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise MediaTooLarge(f"the part {part[:80]} is nested deeper than {MAX_DEPTH} levels")
        builder.start(_full(name), attributes)

    def close_element(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_full(name))

    def refuse(*_: object) -> None:
        raise CorruptMedia(f"the part {part[:80]} declares a DTD or an entity; it is not parsed")

    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = open_element
    parser.EndElementHandler = close_element
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(raw, True)  # noqa: FBT003  the signature of expat
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise CorruptMedia(f"the part {part[:80]} is no valid XML: {error}"[:200]) from error
    root: Element = builder.close()
    return root


def _full(name: str) -> str:
    return "{" + name if "}" in name else name


def read_xml(archive: Archive, part: str) -> str:
    """Return a part as text; raises as `parse_part` does."""
    raw = archive.read(part)
    parse_part(raw, part)
    try:
        return raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorruptMedia(f"the part {part[:80]} is in no encoding of Unicode") from error
