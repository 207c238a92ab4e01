"""
Labels in EXIF: UserComment and ImageDescription (20259A annex B), and any other text tag.

Reading is minimal; giving way to the one copy elsewhere happens in place, so that no offset in the
block moves (maker notes and thumbnails keep working).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from labeler.containers.model import Carrier
from labeler.containers.spans import holds_label
from labeler.containers.tags import ifd, xmp
from labeler.containers.value import locate_label
from labeler.errors import LabelError
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.tags.ifd import Directory, Entry, Layout


PREFIX = b"Exif\0\0"
USER_COMMENT = 0x9286
IMAGE_DESCRIPTION = 0x010E
ORIENTATION = 0x0112
XMP_TAG = 0x02BC

_NAMES = {USER_COMMENT: "UserComment", IMAGE_DESCRIPTION: "ImageDescription"}
_SCHEMES = {USER_COMMENT: "exif-usercomment", IMAGE_DESCRIPTION: "exif-description"}
_TEXT_TYPES = {1, 2, 7}
_UNDEFINED = 7
_CODE = 8
_CODES = {b"ASCII\0\0\0", b"UNICODE\0", b"JIS\0\0\0\0\0", bytes(8)}
_NOTHING = b"\0 \xff\xfe"
_MOST_TEXTS = 200
_SURPLUS = f"metadata oversized: the texts have more than {LIMITS.xmp_bytes} bytes"


def find(block: bytes, place: str) -> tuple[Carrier, ...]:
    """Return every copy of a label in one EXIF block, with or without the ``Exif`` prefix."""
    if not _holds_label(block):
        return ()
    body = block[start_of(block) :]
    try:
        layout, directories = ifd.read_all(body)
    except LabelError as error:
        return (Carrier(scheme="exif-usercomment", place=place, text="", fault=str(error)),)
    return tuple(find_in(body, layout, directories, place))


def collapse(block: bytes) -> bytes:
    """Return the block, same length, its copies of a label given up for the one in XMP (R-30)."""
    if not _holds_label(block):
        return block
    start = start_of(block)
    out = bytearray(block[start:])
    collapse_in(out, *ifd.read_all(out))
    return block[:start] + bytes(out)


def collapse_in(
    out: bytearray, layout: Layout, directories: tuple[Directory, ...], *, keep: int = -1
) -> None:
    """
    Do what `collapse` does, in the buffer itself.

    Entries that hold nothing else leave the directory, and the directory stays where it is; text of
    others around a label stays, and so does the entry at the position ``keep``.
    """
    budget = LIMITS.xmp_bytes
    for directory in directories:
        # From the last entry to the first, so that positions before it stay true.
        for entry in reversed(directory.entries):
            budget -= entry.value_end - entry.value_start if entry.type in _TEXT_TYPES else 0
            if entry.position == keep or budget < 0:
                continue
            if entry.tag == XMP_TAG and entry.type in _TEXT_TYPES:
                _collapse_xmp(out, entry)
            elif span := _label_bytes(out, layout, entry):
                _take_out(out, entry, span)
                if _is_bare(out, entry):
                    _drop_entry(out, layout, directory, entry)


def texts_of(block: bytes) -> dict[int, str]:
    """
    Return the texts of the first directory and of EXIF by tag, as far as they can be read.

    A UserComment comes without the eight bytes that name its coding. Malformed blocks have none.
    """
    body = block[start_of(block) :]
    try:
        _, directories = ifd.read_all(body)
    except LabelError:
        return {}
    found: dict[int, str] = {}
    for entry in (entry for directory in directories for entry in directory.entries):
        size = entry.value_end - entry.value_start
        if entry.type not in _TEXT_TYPES or entry.tag == XMP_TAG or size > LIMITS.text_bytes:
            continue
        raw = bytes(body[entry.value_start : entry.value_end])
        if entry.tag == USER_COMMENT:
            raw = _comment(raw)
        found.setdefault(entry.tag, raw.decode("utf-8", "replace").strip("\0 \r\n"))
        if len(found) > _MOST_TEXTS:
            break
    return found


def _comment(raw: bytes) -> bytes:
    """Return a UserComment in UTF-8, whichever coding it names."""
    code, text = raw[:_CODE], raw[_CODE:]
    if code not in _CODES:
        return raw
    if code != b"UNICODE\0":
        return text
    little = text[:1] != b"\0"  # of a text that starts with an ASCII character
    return text.decode("utf-16-le" if little else "utf-16-be", "replace").encode()


def orientation_of(block: bytes) -> int:
    """Return the orientation 1..8, and 1 when there is none or it makes no sense."""
    try:
        layout = ifd.read_layout(block[start_of(block) :])
        body = block[start_of(block) :]
        first = struct.unpack_from(layout.offset_format, body, 8 if layout.big else 4)[0]
        directory = ifd.read_directory(body, layout, first, "IFD0")
    except (LabelError, struct.error):
        return 1
    value = ifd.read_number(body, layout, directory.get(ORIENTATION), 1)
    return value if value in range(1, 9) else 1


def with_orientation(block: bytes, orientation: int) -> bytes:
    """Return the block with its orientation set in place, where it has one."""
    start = start_of(block)
    body = bytearray(block[start:])
    try:
        layout, directories = ifd.read_all(body)
    except LabelError:
        return block
    for directory in directories:
        entry = directory.get(ORIENTATION)
        if entry is not None and entry.type == 3:
            struct.pack_into(layout.order + "H", body, entry.value_start, orientation)
    return block[:start] + bytes(body)


def without_thumbnail(block: bytes) -> tuple[bytes, bool]:
    """Return the block with the thumbnail directory unlinked, and whether there was one."""
    start = start_of(block)
    body = bytearray(block[start:])
    try:
        layout, directories = ifd.read_all(body)
    except LabelError:
        return block, False
    first = directories[0] if directories else None
    if first is None or not first.next_start:
        return block, False
    struct.pack_into(layout.offset_format, body, first.next_position, 0)
    return block[:start] + bytes(body), True


def _holds_label(raw: bytes) -> bool:
    """Say quickly whether a block could hold a label, spelled with one byte or two."""
    narrow = raw.replace(b"\0", b"")
    return holds_label(narrow)


def start_of(block: bytes) -> int:
    """Return where the TIFF structure starts in an EXIF block."""
    return len(PREFIX) if bytes(block[: len(PREFIX)]) == PREFIX else 0


def find_in(
    body: ifd.Buffer, layout: Layout, directories: tuple[Directory, ...], place: str
) -> Iterator[Carrier]:
    """Yield the copies in all directories, as far as their texts stay within the limit on XMP."""
    budget = LIMITS.xmp_bytes
    for directory in directories:
        for entry in directory.entries:
            budget -= entry.value_end - entry.value_start if entry.type in _TEXT_TYPES else 0
            if budget < 0:
                yield Carrier(scheme="exif-other", place=place, text="", fault=_SURPLUS)
                return
            where = f"{place} {directory.name} {_NAMES.get(entry.tag, f'tag 0x{entry.tag:04x}')}"
            if entry.tag == XMP_TAG and entry.type in _TEXT_TYPES:
                yield from xmp.find(bytes(body[entry.value_start : entry.value_end]), where)
            elif span := _label_bytes(body, layout, entry):
                scheme = _SCHEMES.get(entry.tag, "exif-other")
                text = _decode(bytes(body[slice(*span)]))
                yield Carrier(scheme=scheme, place=where, text=text)


def _label_bytes(body: ifd.Buffer, layout: Layout, entry: Entry) -> tuple[int, int] | None:
    """Return the byte span of the label in the value of an entry, or None."""
    size = entry.value_end - entry.value_start
    if entry.type not in _TEXT_TYPES or not layout.inline_size < size <= LIMITS.text_bytes:
        return None
    raw = bytes(body[entry.value_start : entry.value_end])
    if not _holds_label(raw):
        return None
    if span := locate_label(raw.decode("latin-1")):
        return entry.value_start + span[0], entry.value_start + span[1]
    for shift in (0, 1) if b"\0" in raw else ():
        for coding in ("utf-16-le", "utf-16-be"):
            text = raw[shift : len(raw) - (len(raw) - shift) % 2].decode(coding, "replace")
            if len(text) * 2 == (len(raw) - shift) // 2 * 2 and (span := locate_label(text)):
                start = entry.value_start + shift
                return start + 2 * span[0], start + 2 * span[1]
    return None


def _decode(raw: bytes) -> str:
    """Return the text of a label's bytes, spelled with one byte a character or with two."""
    if b"\0" in raw[:4]:
        return raw.decode("utf-16-be" if raw[:1] == b"\0" else "utf-16-le", "replace")
    return raw.decode("utf-8", "replace")


def _take_out(out: bytearray, entry: Entry, span: tuple[int, int]) -> None:
    """Take the label out of the value of an entry; the value keeps its length."""
    start, end = span
    if entry.type == _UNDEFINED and entry.tag != USER_COMMENT:
        out[start:end] = bytes(end - start)  # binary of others: nothing in it may move
    else:
        out[start : entry.value_end] = out[end : entry.value_end] + bytes(end - start)


def _is_bare(out: bytearray, entry: Entry) -> bool:
    """Say whether nothing but a character code is left in a text entry."""
    rest = bytes(out[entry.value_start : entry.value_end])
    if entry.tag == USER_COMMENT:
        rest = rest[_CODE:] if rest[:_CODE] in _CODES else rest
    elif entry.type == _UNDEFINED:
        return False
    return not rest.strip(_NOTHING)


def _drop_entry(out: bytearray, layout: Layout, directory: Directory, entry: Entry) -> None:
    """Close the gap of one entry inside its directory; nothing outside the directory moves."""
    width = struct.calcsize(layout.count_format)
    count = struct.unpack_from(layout.count_format, out, directory.start)[0]
    struct.pack_into(layout.count_format, out, directory.start, count - 1)
    end = directory.start + width + count * layout.entry_size
    if directory.next_position:
        end += struct.calcsize(layout.offset_format)
    after = entry.position + layout.entry_size
    out[entry.position : end] = out[after:end] + bytes(layout.entry_size)
    if entry.value_end - entry.value_start > layout.inline_size:
        out[entry.value_start : entry.value_end] = bytes(entry.value_end - entry.value_start)


def _collapse_xmp(out: bytearray, entry: Entry) -> None:
    """Take the copies out of an XMP packet inside EXIF, blanks in their place at its end."""
    packet = bytes(out[entry.value_start : entry.value_end])
    shorter = xmp.collapse(packet)
    if len(shorter) <= len(packet):
        out[entry.value_start : entry.value_end] = shorter.ljust(len(packet))
