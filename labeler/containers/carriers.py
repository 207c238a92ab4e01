"""From metadata blocks to the copies of a label in them; one place for all formats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labeler.containers import exif, xmp
from labeler.containers.model import Carrier
from labeler.containers.value import WRAPPER, locate_label
from labeler.errors import MediaTooLarge
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.containers.model import Block


MAX_COPIES = 100
"""Copies reported for one file; of a surplus it is said that there is one."""

Buffer = bytes | bytearray | memoryview

_WINDOWS = 64
_WINDOW = 1 << 16
_BEFORE = 16
_TRACE = re.compile(
    rb"AIGC|ContentProducer|ServiceProvider|ContentPropagator|ReservedCode|eyJ|ewo", re.IGNORECASE
)


def collect(blocks: Iterable[Block]) -> tuple[Carrier, ...]:
    """
    Return every copy of a label in the blocks of a file, in file order (R-50).

    An earlier copy is never shadowed by a later one. Blocks that could not be
    read become carriers with a fault.
    """
    return capped(carrier for block in blocks for carrier in _carriers_of(block))


def capped(carriers: Iterable[Carrier]) -> tuple[Carrier, ...]:
    """Return the carriers, and of a surplus only that there is one."""
    found: list[Carrier] = []
    for carrier in carriers:
        if len(found) >= MAX_COPIES:
            fault = f"metadata oversized: more than {MAX_COPIES} copies"
            return (*found, Carrier(scheme=carrier.scheme, place="", text="", fault=fault))
        found.append(carrier)
    return tuple(found)


def holds_label(content: Buffer) -> bool:
    """Say quickly whether a block could hold a label at all."""
    return _TRACE.search(content) is not None


def label_span(content: Buffer, start: int = 0) -> tuple[int, int] | None:
    """
    Return the byte span of the first label from ``start`` on in a block of others, or None.

    Of long blocks (pictures behind the picture) only what follows the word AIGC is looked at.
    """
    if len(content) <= LIMITS.text_bytes:
        return _span_in(content, start, len(content))
    raw = bytes(content) if isinstance(content, memoryview) else content
    position = start
    for _ in range(_WINDOWS):
        position = raw.find(WRAPPER.encode(), position)
        if position < 0:
            return None
        begin = max(start, position - _BEFORE)
        if span := _span_in(raw, begin, begin + _WINDOW):
            return span
        position += len(WRAPPER)
    return None


def blanked(content: bytes) -> bytes:
    """Return a block of others, same length, with blanks where labels stood (R-30)."""
    out = bytearray(content)
    position = 0
    for _ in range(MAX_COPIES):
        span = label_span(out, position)
        if span is None:
            return bytes(out)
        out[slice(*span)] = b" " * (span[1] - span[0])
        position = span[1]
    raise MediaTooLarge(f"the file holds more than {MAX_COPIES} copies of a label")


def without_label(content: bytes) -> bytes:
    """Return a text of others without labels, b'' when it held nothing else (R-30)."""
    changed = content
    for _ in range(MAX_COPIES):
        span = label_span(changed)
        if span is None:
            break
        changed = changed[: span[0]] + changed[span[1] :]
    return changed if changed is content or changed.strip(b" \t\r\n\0") else b""


def _span_in(content: Buffer, start: int, end: int) -> tuple[int, int] | None:
    """Return the span of the first label within a part of a block."""
    part = bytes(content[start:end])
    if not holds_label(part):
        return None
    # Latin-1 maps bytes to characters one to one, so the span is one of bytes.
    span = locate_label(part.decode("latin-1"))
    return (start + span[0], start + span[1]) if span else None


def _carriers_of(block: Block) -> Iterator[Carrier]:
    """Yield the copies in one block."""
    if block.fault:
        yield Carrier(
            scheme=block.scheme or "tc260-xmp", place=block.place, text="", fault=block.fault
        )
    elif block.kind == "xmp":
        yield from xmp.find(bytes(block.content), block.place)
    elif block.kind == "exif":
        yield from exif.find(bytes(block.content), block.place)
    elif block.kind == "text" and block.key.casefold() == WRAPPER.casefold():
        yield Carrier(scheme=block.scheme, place=block.place, text=_decoded(block.content))
    elif block.kind in {"text", "raw"} and (span := label_span(block.content)):
        text = _decoded(block.content[slice(*span)])
        yield Carrier(scheme=block.scheme, place=block.place, text=text)


def _decoded(content: bytes | memoryview) -> str:
    """Return the text of a block: UTF-8, or the Latin-1 that older text chunks use."""
    raw = bytes(content)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
