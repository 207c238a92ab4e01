"""The ``Tags`` element of Matroska and WebM: the labels in it, and one put into it (law 4.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.containers.model import Block
from labeler.containers.spans import blanked, holds_label, label_span, without_label
from labeler.containers.value import WRAPPER
from labeler.containers.video import ebml
from labeler.errors import CorruptMedia, LabelError
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.video.ebml import Element


TAGS = 0x1254C367
_TAG, _TARGETS, _SIMPLE = 0x7373, 0x63C0, 0x67C8
_NAME, _STRING, _BINARY = 0x45A3, 0x4487, 0x4485


def blocks_of(content: bytes) -> Iterator[Block]:
    """Yield every text of a ``Tags`` element; a malformed one yields a fault."""
    try:
        found = list(_blocks(content))
    except LabelError as error:
        yield Block(kind="raw", place="Matroska Tags", scheme="mkv-tag", fault=str(error))
    else:
        yield from found


def with_label(content: bytes, value: str | None) -> bytes:
    """
    Return the content of a ``Tags`` element with ``value`` as its one label, or none for None.

    Tags of others keep their bytes. Raises `CorruptMedia` when the element is malformed.
    """
    pieces: list[bytes] = []
    checked = False
    for element in ebml.children(content):
        if element.id == ebml.CRC:
            checked = True
        elif element.id == _TAG:
            pieces.append(_without_label(content, element))
        else:
            pieces.append(content[element.start : element.end])
    if value is not None:
        name = ebml.make(_NAME, WRAPPER.encode())
        simple = ebml.make(_SIMPLE, name + ebml.make(_STRING, value.encode()))
        pieces.append(ebml.make(_TAG, ebml.make(_TARGETS, b"") + simple))
    parts = b"".join(pieces)
    return ebml.with_checksum(parts) if checked else parts


def _blocks(content: bytes) -> Iterator[Block]:
    """Yield the texts; errors are the caller's."""
    for tag in ebml.children(content):
        if tag.id == _TAG:
            for simple in ebml.children(content, tag.body, tag.end):
                if simple.id == _SIMPLE:
                    yield from _simple_blocks(content, simple, 0)


def _simple_blocks(content: bytes, simple: Element, depth: int) -> Iterator[Block]:
    """Yield the text of one tag and of the tags inside it."""
    if depth > LIMITS.depth:
        raise CorruptMedia("the tags of the Matroska file stand too deep inside each other")
    parts = list(ebml.children(content, simple.body, simple.end))
    key = _key(content, parts)
    scheme = "tc260-mkv" if _is_own(key) else "mkv-tag"
    place = f"Matroska tag {key[:79]!a}"
    for part in parts:
        if part.id in {_STRING, _BINARY}:
            raw = part.content(content).rstrip(b"\0")
            yield Block(kind="text", place=place, content=raw, key=key, scheme=scheme)
        elif part.id == _SIMPLE:
            yield from _simple_blocks(content, part, depth + 1)


def _key(content: bytes, parts: list[Element]) -> str:
    """Return the name of a tag."""
    return next((ebml.text(part.content(content)) for part in parts if part.id == _NAME), "")


def _is_own(key: str) -> bool:
    """Say whether a tag is called AIGC, in any case."""
    return key.casefold() == WRAPPER.casefold()


def _without_label(content: bytes, tag: Element) -> bytes:
    """Return a tag with its targets, without labels; b'' when it held nothing else."""
    whole = content[tag.start : tag.end]
    if not holds_label(whole):
        return whole
    pieces: list[bytes] = []
    left = 0
    for part in ebml.children(content, tag.body, tag.end):
        raw = content[part.start : part.end]
        if part.id == _SIMPLE:
            raw = _simple_without_label(content, part, 0)
            left += bool(raw)
        pieces.append(raw)
    inside = b"".join(pieces)
    if inside == tag.content(content):
        return whole
    return ebml.make(_TAG, inside) if left else b""


def _simple_without_label(content: bytes, simple: Element, depth: int) -> bytes:
    """Return one tag without labels, b'' when it was one."""
    if depth > LIMITS.depth:
        raise CorruptMedia("the tags of the Matroska file stand too deep inside each other")
    parts = list(ebml.children(content, simple.body, simple.end))
    if _is_own(_key(content, parts)):
        return b""
    pieces: list[bytes] = []
    for part in parts:
        raw, inside = content[part.start : part.end], part.content(content)
        if part.id == _SIMPLE:
            raw = _simple_without_label(content, part, depth + 1)
        elif part.id == _STRING and label_span(inside):
            changed = without_label(inside)
            if not changed:
                return b""
            raw = ebml.make(_STRING, changed)
        elif part.id == _BINARY:
            raw = raw[: len(raw) - len(inside)] + blanked(inside)
        pieces.append(raw)
    changed = b"".join(pieces)
    same = changed == simple.content(content)
    return content[simple.start : simple.end] if same else ebml.make(_SIMPLE, changed)
