"""Where labels stand inside texts and blocks of others, and what is left without them."""

from __future__ import annotations

from typing import BinaryIO

from labeler.containers.pieces import Piece, Span, read_at
from labeler.containers.value import WRAPPER, locate_label
from labeler.errors import MediaTooLarge
from labeler.limits import LIMITS


MAX_COPIES = 100
"""Copies reported for one file; of a surplus it is said that there is one."""

Buffer = bytes | bytearray | memoryview

_WINDOWS = 64
_WINDOW = 1 << 16
_BEFORE = 16
_TRACES = (
    b"aigc",
    b"contentproducer",
    b"serviceprovider",
    b"contentpropagator",
    b"reservedcode",
    b"eyj",
    b"ewo",
)
"""What a label holds, or its Base64; lower-cased and searched plainly, which is fast on bombs."""


def holds_label(content: Buffer) -> bool:
    """Say quickly whether a block could hold a label at all."""
    low = bytes(content).lower()
    return any(trace in low for trace in _TRACES)


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


def blanked_tail(file: BinaryIO, start: int, end: int) -> Piece:
    """Return what stands behind a film, without labels; as it is when that is too much to look."""
    if end - start > LIMITS.xmp_bytes:
        return Span(start, end)
    return blanked(read_at(file, start, end - start))


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
