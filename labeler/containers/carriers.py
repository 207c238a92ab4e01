"""From metadata blocks to the copies of a label in them; one place for all formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.containers.model import Carrier
from labeler.containers.spans import MAX_COPIES, label_span
from labeler.containers.tags import exif, xmp
from labeler.containers.value import WRAPPER


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.containers.model import Block


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
        yield Carrier(scheme=block.scheme, place=block.place, text=decoded(block.content))
    elif block.kind in {"text", "raw"} and (span := label_span(block.content)):
        text = decoded(block.content[slice(*span)])
        yield Carrier(scheme=block.scheme, place=block.place, text=text)


def decoded(content: bytes | memoryview) -> str:
    """Return the text of a block: UTF-8, or the Latin-1 that older text chunks use."""
    raw = bytes(content)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
