"""
ID3v2 tags (2.2, 2.3, 2.4), frame by frame: find labels, put one TXXX in, leave the rest as bytes.

Frames of others keep their bytes, so a tag stays in its version and nothing is translated; frames
are inflated with a cap, and only those that could hold a label.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.model import Block
from labeler.containers.spans import blanked, holds_label, label_span, without_label
from labeler.containers.tags import profile, xmp
from labeler.containers.tags.id3_text import (
    encode_text,
    latin_or_wide,
    parse_text,
    split_string,
)
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


HEADER = 10
"""Bytes of the tag header, and of a footer."""

_PADDING = 1024
_MAX_FRAMES = 20_000
_MAX_TAGS = 16
_MAX_SIZE = 1 << 28
_UNSYNC, _EXTENDED, _FOOTER = 0x80, 0x40, 0x10
_NAME = {2: re.compile(rb"[A-Z0-9]{3}"), 3: re.compile(rb"[A-Z0-9]{4}")}
_NAME[4] = _NAME[3]
_FALSE_SYNC = re.compile(rb"\xff(?=[\xe0-\xff\x00]|\Z)")
_PICTURES = {b"APIC", b"PIC"}
_C2PA_TYPES = {b"application/c2pa", b"application/x-c2pa-manifest-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame: its name, its bytes as they stand (after the tag's own unsynchronisation)."""

    name: bytes
    raw: bytes
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """
    One tag: its bytes in the file, and its frames.

    ``rest`` is what stands behind the frames and is no padding. ``plain_sizes`` says that a 2.4
    tag counts its frames in plain bytes, as old iTunes did. A ``fault`` says why it is not read.
    """

    version: int
    flags: int
    raw: bytes
    frames: tuple[Frame, ...] = ()
    rest: bytes = b""
    plain_sizes: bool = False
    fault: str = ""


def syncsafe(raw: bytes) -> int:
    """Return a number of seven bits a byte."""
    number = 0
    for byte in raw:
        number = number << 7 | byte & 0x7F
    return number


def to_syncsafe(number: int) -> bytes:
    """Return four bytes of seven bits each."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def tag_size(data: bytes, start: int) -> int:
    """Return the size of the tag that starts at ``start``, 0 when none does."""
    head = data[start : start + HEADER]
    if (
        len(head) < HEADER
        or head[:3] != b"ID3"
        or head[3] == 0xFF
        or any(b > 127 for b in head[6:])
    ):
        return 0
    footer = HEADER if head[3] == 4 and head[5] & _FOOTER else 0
    return HEADER + syncsafe(head[6:10]) + footer


def read_tag(data: bytes, start: int = 0) -> Tag | None:
    """Return the tag at ``start``, None when there is none; raise `CorruptMedia` when cut off."""
    size = tag_size(data, start)
    if not size:
        return None
    if start + size > len(data):
        raise CorruptMedia("the file is truncated: its ID3 tag reaches beyond the end")
    raw = bytes(data[start : start + size])
    version, flags = raw[3], raw[5]
    if version not in _NAME:
        return Tag(version=version, flags=flags, raw=raw, fault=f"ID3v2.{version} is not known")
    if version == 2 and flags & _EXTENDED:
        return Tag(version=version, flags=flags, raw=raw, fault="the ID3 tag is compressed")
    body = _body_of(raw)
    frames, rest, plain = _read_frames(body, version)
    return Tag(version=version, flags=flags, raw=raw, frames=frames, rest=rest, plain_sizes=plain)


def leading_tags(data: bytes) -> list[Tag]:
    """Return the tags that a file starts with, one behind the other."""
    tags: list[Tag] = []
    position = 0
    while len(tags) < _MAX_TAGS and (tag := read_tag(data, position)):
        tags.append(tag)
        position += len(tag.raw)
    return tags


def blocks_of(tag: Tag, where: str, scheme: str) -> Iterator[Block]:
    """
    Yield the frames of a tag that could hold a label, and its C2PA manifest.

    ``scheme`` names the reader of a TXXX; other frames are read as ``id3-text``.
    """
    where = f"{where} ID3v2.{tag.version}"
    if tag.fault:
        yield Block(kind="raw", place=where, scheme="id3-text", fault=tag.fault)
    for frame, content, fault in _contents(tag):
        place = f"{where} {frame.name.decode()}"
        if fault:
            yield Block(kind="raw", place=place, scheme="id3-text", fault=fault)
        elif content is not None:
            yield _block(frame, content, place, scheme)
    if tag.rest and holds_label(tag.rest):
        yield Block(kind="raw", place=f"{where} rest", content=tag.rest, scheme="id3-text")


def write_tag(tag: Tag | None, value: str, source_type: str = "") -> bytes:
    """
    Return the tag with ``value`` as its one TXXX called AIGC, last; a new 2.4 tag for None.

    With ``source_type`` the XMP in its PRIV frame states that as well (`xmp.state`).
    """
    tag = tag or Tag(version=4, flags=0, raw=b"")
    _require_known(tag)
    kept = _kept(tag)
    if source_type:
        kept = _stating(tag, kept, source_type)
    # Last, because tools that show one user text a file show the last one.
    return _render(tag, [*kept, _label_frame(tag, value)])


def collapse_tag(tag: Tag) -> bytes:
    """Return the tag without labels, b'' when it held nothing else, its own bytes unchanged."""
    if tag.fault:
        if label_span(tag.raw):
            _require_known(tag)
        return tag.raw
    kept = _kept(tag)
    if kept == [frame.raw for frame in tag.frames] and not label_span(tag.rest):
        return tag.raw
    return _render(tag, kept) if kept or tag.rest else b""


def _require_known(tag: Tag) -> None:
    """Raise `UnsupportedMedia` for a tag that cannot be taken apart."""
    if tag.fault:
        raise UnsupportedMedia(f"{tag.fault}; save the file with ID3v2.3 or 2.4 first")


def _body_of(raw: bytes) -> bytes:
    """Return what stands between tag header and footer, without an extended header."""
    version, flags = raw[3], raw[5]
    body = raw[HEADER : HEADER + syncsafe(raw[6:10])]
    if version < 4 and flags & _UNSYNC:
        body = body.replace(b"\xff\x00", b"\xff")
    if version > 2 and flags & _EXTENDED:
        size = syncsafe(body[:4]) if version == 4 else int.from_bytes(body[:4], "big") + 4
        if not 4 <= size <= len(body):
            raise CorruptMedia("the extended header of the ID3 tag is broken")
        body = body[size:]
    return body


def _read_frames(body: bytes, version: int) -> tuple[tuple[Frame, ...], bytes, bool]:
    """Return the frames, what follows them, and whether 2.4 sizes are plain numbers."""
    if version < 4:
        frames, rest = _walk(body, version, lambda raw: int.from_bytes(raw, "big"))
        return frames, rest, False
    frames, rest = _walk(body, version, syncsafe)
    if rest:
        others, other_rest = _walk(body, version, lambda raw: int.from_bytes(raw, "big"))
        # A plain size may also run over padding by chance; then a frame would end in it.
        told = len(others) > len(frames) or (others and not others[-1].raw.endswith(b"\0\0"))
        if told and not other_rest:
            return others, b"", True
    return frames, rest, False


def _walk(
    body: bytes, version: int, size_of: Callable[[bytes], int]
) -> tuple[tuple[Frame, ...], bytes]:
    """Return the frames of a body and what stands behind them, padding left out."""
    wide = 3 if version == 2 else 4
    head = 6 if version == 2 else 10
    found: list[Frame] = []
    position = 0
    while position + head <= len(body):
        name = body[position : position + wide]
        size = size_of(body[position + wide : position + 2 * wide])
        end = position + head + size
        if not _NAME[version].fullmatch(name) or end > len(body):
            break
        found.append(Frame(name=name, raw=body[position:end]))
        if len(found) > _MAX_FRAMES:
            raise MediaTooLarge(f"the ID3 tag has more than {_MAX_FRAMES} frames")
        position = end
    return tuple(found), body[position:].rstrip(b"\0")


def _contents(tag: Tag) -> Iterator[tuple[Frame, bytes | None, str]]:
    """Yield every frame with its content or why it is not read; None for pictures."""
    budget = LIMITS.xmp_bytes
    for frame in tag.frames:
        content, fault = None, ""
        if frame.name not in _PICTURES:
            try:
                content, inflated = _content(tag, frame, budget)
                budget -= len(content) * inflated
            except (CorruptMedia, MediaTooLarge) as error:
                fault = str(error)
                budget -= LIMITS.text_bytes
        yield frame, content, fault


def _content(tag: Tag, frame: Frame, budget: int) -> tuple[bytes, bool]:
    """Return the content of a frame, inflated with a cap, and whether it was compressed."""
    if tag.version == 2:
        return frame.raw[6:], False
    flags, content = frame.raw[9], frame.raw[10:]
    if tag.version == 3:
        packed, secret, group = flags & 0x80, flags & 0x40, flags & 0x20
        extra = (4 if packed else 0) + bool(secret) + bool(group)
    else:
        packed, secret = flags & 0x08, flags & 0x04
        extra = bool(flags & 0x40) + bool(secret) + (4 if flags & 0x01 else 0)
        if flags & 0x02 or tag.flags & _UNSYNC:
            content = content.replace(b"\xff\x00", b"\xff")
    if secret:
        raise CorruptMedia("the frame is encrypted and is not read")
    content = content[extra:]
    cap = min(budget, LIMITS.xmp_bytes if frame.name == b"PRIV" else LIMITS.text_bytes)
    return (profile.inflate(content, cap), True) if packed else (content, False)


def _block(frame: Frame, content: bytes, place: str, scheme: str) -> Block:
    """Return a frame as a block."""
    name = frame.name
    if name in {b"PRIV", b"GEOB", b"GEO"}:
        return _object_block(name, content, place)
    text = parse_text(name, content)
    if text is None:
        return Block(kind="raw", place=place, content=content, scheme="id3-text")
    own = name in {b"TXXX", b"TXX"}
    shown = f"{place} {text.key[:79]!a}" if text.key else place
    reader = scheme if own and text.key.casefold() == WRAPPER.casefold() else "id3-text"
    return Block(kind="text", place=shown, content=text.value, key=text.key, scheme=reader)


def _object_block(name: bytes, content: bytes, place: str) -> Block:
    """Return a private or general object: XMP, a C2PA manifest, or a block of others."""
    if name == b"PRIV":
        owner, _, inside = content.partition(b"\0")
        if owner == b"XMP":
            return Block(kind="xmp", place=place, content=inside)
        key = owner[:79].decode("latin-1")
        return Block(
            kind="text", place=f"{place} {key!a}", content=inside, key=key, scheme="id3-text"
        )
    kind, _, rest = content[1:].partition(b"\0")
    if kind in _C2PA_TYPES:
        for _ in range(2):  # file name and description stand before the object
            rest = split_string(rest, content[0])[1]
        return Block(kind="c2pa", place=place, content=rest)
    return Block(kind="raw", place=place, content=content, scheme="id3-text")


def _kept(tag: Tag) -> list[bytes]:
    """Return the frames that stay, without the copies of a label in them."""
    kept = []
    for frame, content, _ in _contents(tag):
        changed = None if content is None else _changed(tag, frame, content)
        if changed is None:
            kept.append(frame.raw)
        elif changed:
            kept.append(_frame(tag, frame.name, changed, status=_status_of(tag, frame)))
    return kept


def _stating(tag: Tag, frames: list[bytes], source_type: str) -> list[bytes]:
    """Return whole frames with XMP that states a source type among them."""
    if tag.version == 2:
        raise UnsupportedMedia("an ID3v2.2 tag has no place for XMP; save the tag as ID3v2.4 first")
    old = b""
    for frame, content, _ in _contents(tag):
        if frame.name == b"PRIV" and content is not None and content.startswith(b"XMP\0"):
            old = xmp.collapse(content[4:])
    packet = xmp.state(old, source_type)
    if packet == old:
        return frames
    others = [f for f in frames if not (f.startswith(b"PRIV") and f[10:].startswith(b"XMP\0"))]
    return [*others, _frame(tag, b"PRIV", b"XMP\0" + packet)]


def _changed(tag: Tag, frame: Frame, content: bytes) -> bytes | None:
    """Return the content without its label, b'' for nothing left, None when it held none."""
    if frame.name == b"PRIV":
        owner, _, inside = content.partition(b"\0")
        if owner == b"XMP":
            packet = xmp.collapse(inside)
            return None if packet == inside else owner + b"\0" + packet
        if owner.upper() == WRAPPER.encode():
            return b""
    text = parse_text(frame.name, content)
    if text is None:
        return blanked(content) if holds_label(content) and label_span(content) else None
    if text.key.casefold() == WRAPPER.casefold():
        return b""
    if not label_span(text.value):
        return None
    value = without_label(text.value)
    return encode_text(text, value, utf8=tag.version == 4) if value else b""


def _status_of(tag: Tag, frame: Frame) -> int:
    """Return the status flags of a frame: what to do with it when the file is altered."""
    return 0 if tag.version == 2 else frame.raw[8]


def _label_frame(tag: Tag, value: str) -> bytes:
    """Return the TXXX frame; ID3v2.3 has no UTF-8, so other text goes into UTF-16 there."""
    name = b"TXX" if tag.version == 2 else b"TXXX"
    if tag.version == 4:
        return _frame(tag, name, b"\x03" + WRAPPER.encode() + b"\0" + value.encode())
    code, key, text = latin_or_wide(WRAPPER, value)
    return _frame(tag, name, code + key + text)


def _frame(tag: Tag, name: bytes, content: bytes, *, status: int = 0) -> bytes:
    """Return a whole frame without format flags."""
    if tag.version == 2:
        if len(content) >= 1 << 24:
            raise MediaTooLarge("a frame of an ID3v2.2 tag holds at most 16 MiB")
        return name + len(content).to_bytes(3, "big") + content
    plain = tag.version == 3 or tag.plain_sizes
    size = len(content).to_bytes(4, "big") if plain else to_syncsafe(len(content))
    return name + size + bytes((status, 0)) + content


def _render(tag: Tag, frames: list[bytes]) -> bytes:
    """Return the whole tag: in the room of the old one when it fits, so that no sound moves."""
    rest = blanked(tag.rest) if tag.rest else b""
    body = b"".join(frames) + rest
    room = len(tag.raw) - HEADER
    flags = tag.flags & ~(_EXTENDED if tag.version > 2 else 0) & ~_FOOTER
    unsync = tag.version < 4 and flags & _UNSYNC
    if unsync:
        body = _FALSE_SYNC.sub(b"\xff\x00", body)
    if rest or len(body) > room:
        room = len(body) + (0 if rest else _PADDING)
    if room >= _MAX_SIZE:
        raise MediaTooLarge("an ID3 tag holds at most 256 MiB")
    head = b"ID3" + bytes((tag.version, 0, flags)) + to_syncsafe(room)
    return head + body.ljust(room, b"\0")
