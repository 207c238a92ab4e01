"""JPEG segments, extended XMP, JUMBF boxes in APP11, and the multi-picture index."""

from __future__ import annotations

import hashlib
import struct
from typing import NamedTuple

from labeler.containers.tags import ifd, xmp
from labeler.errors import CorruptMedia, LabelError, MediaTooLarge
from labeler.limits import LIMITS


XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
MAX_BODY = 65_533

_MAX_SEGMENTS = 10_000
_SOS, _EOI = 0xDA, 0xD9
_STANDALONE = {0x01, *range(0xD0, 0xD9)}
_NAMES = {0xFE: "COM", 0xDA: "SOS"}
_EXTENDED_HEAD = len(EXTENDED_XMP) + 40
_EXTENDED_BODY = 65_400
_MPF_ENTRIES = 0xB002
_MPF_ENTRY = 16


class Segment(NamedTuple):
    """One marker segment; ``body`` is where its content starts. The last one is SOS to the end."""

    marker: int
    start: int
    body: int
    end: int

    @property
    def name(self) -> str:
        """The name of the marker, as people write it."""
        number = self.marker - 0xE0
        return _NAMES.get(self.marker) or (f"APP{number}" if 0 <= number <= 15 else "table")

    def content(self, data: bytes) -> memoryview:
        """Return the content, without copying."""
        return memoryview(data)[self.body : self.end]


def segment(marker: int, body: bytes) -> bytes:
    """Return a whole marker segment."""
    if len(body) > MAX_BODY:
        raise MediaTooLarge(f"a JPEG segment holds {MAX_BODY:,} bytes, not {len(body):,}")
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def read_segments(data: bytes) -> tuple[Segment, ...]:
    """
    Return the segments before the first scan, and one more from that scan to the end of the file.

    Raises `CorruptMedia` when no scan is reached.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        raise CorruptMedia("the JPEG start marker is missing")
    found: list[Segment] = []
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF or marker in _STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        length = struct.unpack_from(">H", data, position + 2)[0]
        end = position + 2 + length
        if marker == _EOI or length < 2 or end > len(data):
            break
        if marker == _SOS:
            return (*found, Segment(marker, position, position + 4, len(data)))
        found.append(Segment(marker, position, position + 4, end))
        if len(found) > _MAX_SEGMENTS:
            raise MediaTooLarge(f"the JPEG has more than {_MAX_SEGMENTS} segments")
        position = end
    raise CorruptMedia("the JPEG is truncated or malformed: no scan follows its header")


def extended_packets(segments: tuple[Segment, ...], data: bytes) -> dict[str, bytes | None]:
    """Return the extended XMP packets by GUID; None for one that is too long or has gaps."""
    packets: dict[str, bytes | None] = {}
    for guid, numbers in _extended_groups(segments, data).items():
        parts: dict[int, bytes] = {}
        total = 0
        for number in numbers:
            part = segments[number]
            total, offset = struct.unpack_from(">II", data, part.body + len(EXTENDED_XMP) + 32)
            parts.setdefault(offset, data[part.body + _EXTENDED_HEAD : part.end])
        size = sum(len(part) for part in parts.values())
        whole = size == total <= LIMITS.xmp_bytes
        packets[guid] = b"".join(parts[offset] for offset in sorted(parts)) if whole else None
    return packets


def collapse_extended(
    segments: tuple[Segment, ...], data: bytes
) -> tuple[dict[int, bytes], dict[str, str]]:
    """
    Return new bytes for segments of extended XMP that held a copy of a label, and changed GUIDs.

    The GUID is the MD5 digest of the packet, so the main packet must name the new one.
    """
    changed: dict[int, bytes] = {}
    guids: dict[str, str] = {}
    groups = _extended_groups(segments, data)
    for guid, packet in extended_packets(segments, data).items():
        if packet is None:
            continue
        collapsed = xmp.collapse(packet)
        if collapsed == packet:
            continue
        digest = hashlib.md5(collapsed, usedforsecurity=False).hexdigest().upper()
        guids[guid] = digest
        parts = []
        for offset in range(0, len(collapsed), _EXTENDED_BODY):
            head = EXTENDED_XMP + digest.encode() + struct.pack(">II", len(collapsed), offset)
            parts.append(segment(0xE1, head + collapsed[offset : offset + _EXTENDED_BODY]))
        first, *rest = groups[guid]
        changed[first] = b"".join(parts)
        changed.update(dict.fromkeys(rest, b""))
    return changed, guids


def jumbf_boxes(segments: tuple[Segment, ...], data: bytes) -> list[bytes]:
    """Return the JUMBF boxes of APP11, each put together from its segments in their order."""
    boxes: dict[tuple[bytes, bytes], bytearray] = {}
    for part in segments:
        if (
            part.marker != 0xEB
            or part.end - part.body < 16
            or not data.startswith(b"JP", part.body)
        ):
            continue
        # ISO/IEC 19566-5 D.2: CI, box instance, packet number, then the box; each further packet
        # repeats the length and type of the box.
        key = data[part.body + 2 : part.body + 4], data[part.body + 12 : part.body + 16]
        long = data[part.body + 8 : part.body + 12] == b"\0\0\0\1"
        content = data[part.body + 8 : part.end]
        if key in boxes:
            boxes[key] += content[16 if long else 8 :]
        else:
            boxes[key] = bytearray(content)
    return [bytes(box) for box in boxes.values()]


def with_index_moved(data: bytes, out: bytes) -> bytes:
    """
    Return ``out`` with the offsets of its multi-picture index (CIPA DC-007) as the edit moved them.

    Offsets count from the TIFF header of the index; the first picture's own size grows.
    """
    try:
        old, new = _index_of(data), _index_of(out)
        if old is None or new is None:
            return out
        layout, directories = ifd.read_all(out[new : new + MAX_BODY])
    except LabelError:
        return out
    entry = directories[0].get(_MPF_ENTRIES) if directories else None
    if entry is None:
        return out
    grown = len(out) - len(data)
    moved = grown - (new - old)
    changed = bytearray(out)
    for number in range((entry.value_end - entry.value_start) // _MPF_ENTRY):
        place = new + entry.value_start + number * _MPF_ENTRY
        size, offset = struct.unpack_from(layout.order + "II", changed, place + 4)
        if not offset:
            size += grown
        else:
            offset += moved
        if max(size, offset) >> 32 or min(size, offset) < 0:
            return out
        struct.pack_into(layout.order + "II", changed, place + 4, size, offset)
    return bytes(changed)


def _extended_groups(segments: tuple[Segment, ...], data: bytes) -> dict[str, list[int]]:
    """Return the numbers of the segments of each extended packet, by GUID."""
    groups: dict[str, list[int]] = {}
    for number, part in enumerate(segments):
        if part.marker != 0xE1 or part.end - part.body < _EXTENDED_HEAD:
            continue
        if data.startswith(EXTENDED_XMP, part.body):
            start = part.body + len(EXTENDED_XMP)
            guid = data[start : start + 32].decode("latin-1")
            groups.setdefault(guid, []).append(number)
    return groups


def _index_of(data: bytes) -> int | None:
    """Return where the TIFF header of the multi-picture index stands, or None."""
    for part in read_segments(data):
        if part.marker == 0xE2 and data.startswith(b"MPF\0", part.body):
            return part.body + 4
    return None
