"""JPEG: the XMP packet goes into an APP1 behind JFIF and Exif (R-33); scans are not read."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from labeler.containers.carriers import collect
from labeler.containers.image import jpeg_parts
from labeler.containers.image.jpeg_parts import EXTENDED_XMP, MAX_BODY, XMP_HEADER, segment
from labeler.containers.model import STALE_C2PA, STALE_THUMBNAIL, Block, Carrier, Header
from labeler.containers.spans import blanked, without_label
from labeler.containers.tags import exif, xmp
from labeler.errors import CorruptMedia, MediaTooLarge
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.image.jpeg_parts import Segment


_FRAME_MARKERS = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_APP0, _APP1, _APP2, _APP11, _APP13, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE, 0xEF
_COM, _SOS = 0xFE, 0xDA
_ICC = b"ICC_PROFILE\0"
_ENCODER_SEGMENTS = {_APP14}
_TAIL = 1 << 16  # bytes


def probe(data: bytes) -> Header:
    """Return the facts of the frame header and of EXIF."""
    segments = jpeg_parts.read_segments(data)
    frame = next((s for s in segments if s.marker in _FRAME_MARKERS), None)
    if frame is None or frame.end - frame.body < 6:
        raise CorruptMedia("the JPEG has no frame header before its first scan")
    height, width = struct.unpack_from(">HH", data, frame.body + 1)
    blocks_ = (bytes(s.content(data)) for s in segments if _is_exif(s, data))
    return Header(
        format="jpeg",
        width=width,
        height=height,
        orientation=next((exif.orientation_of(block) for block in blocks_), 1),
        total_pixels=width * height,
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield EXIF, XMP (extended packets assembled), ICC, C2PA, segments and comments of others."""
    segments = jpeg_parts.read_segments(data)
    for part in segments:
        place = f"JPEG {part.name}"
        content = part.content(data)
        if _is_exif(part, data):
            yield Block(kind="exif", place=place, content=content)
        elif data.startswith(XMP_HEADER, part.body) and part.marker == _APP1:
            yield Block(kind="xmp", place=place, content=content[len(XMP_HEADER) :])
        elif part.marker == _APP2 and data.startswith(_ICC, part.body):
            yield Block(kind="icc", place=place, content=content[len(_ICC) + 2 :])
        elif _is_own_kind(part, data):
            continue
        elif part.marker >= _APP0 and (part.marker <= _APP15 or part.marker == _COM):
            yield Block(kind="raw", place=place, content=content, scheme="jpeg-segment")
    for guid, packet in jpeg_parts.extended_packets(segments, data).items():
        fault = "" if packet else "metadata oversized: an extended XMP packet is too long or torn"
        place = f"JPEG APP1 extended XMP {guid[:8]!a}"
        yield Block(kind="xmp", place=place, content=packet or b"", fault=fault)
    for box in jpeg_parts.jumbf_boxes(segments, data):
        yield Block(kind="c2pa", place="JPEG APP11", content=box)
    # Scans hold no labels: only the tail of the file, where others append text, is searched.
    tail = _tail(segments[-1], data)
    if data.find(b"AIGC", tail) >= 0:
        rest = memoryview(data)[tail:]
        yield Block(
            kind="raw", place="JPEG, behind the header", content=rest, scheme="jpeg-segment"
        )


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: XMP, extended XMP, EXIF, bare ``AIGC{…}`` in segments and behind them."""
    return collect(blocks(data))


def write(data: bytes, value: str, source_type: str = "") -> bytes:
    """
    Return the file with one APP1 XMP segment that holds the label, scans byte-identical (R-40).

    Extended XMP keeps its GUID, unless it held a copy; offsets of a multi-picture index follow.

    Raises
    ------
    MediaTooLarge
        The merged packet does not fit into one segment of 65,533 bytes.
    """
    segments = jpeg_parts.read_segments(data)
    packets = [s for s in segments if s.marker == _APP1 and data.startswith(XMP_HEADER, s.body)]
    main = packets[0] if packets else None
    merged = xmp.merge(_packet(main, data) if main else b"", value, source_type)
    extended, guids = jpeg_parts.collapse_extended(segments, data)
    for old, new in guids.items():
        merged = merged.replace(old.encode(), new.encode())
    place = segments.index(main) if main else _insertion(segments, data)
    pieces: list[bytes | memoryview] = [memoryview(data)[: segments[0].start]]
    for number, part in enumerate(segments):
        if number == place:
            pieces.append(_xmp_segment(merged))
        if part is not main:
            pieces.append(extended[number] if number in extended else _collapsed(part, data))
    return jpeg_parts.with_index_moved(data, b"".join(pieces))


def carry(source: bytes, encoded: bytes) -> tuple[bytes, tuple[str, ...]]:
    """
    Put the APPn and COM segments of ``source`` into ``encoded``, in their order.

    Tables, frame and APP14 (the colour transform) are the encoder's. A multi-picture index is not
    carried: the pictures behind it are gone. JFIF keeps the density of the source.
    """
    notes: list[str] = []
    old, new = jpeg_parts.read_segments(source), jpeg_parts.read_segments(encoded)
    has_icc = any(s.marker == _APP2 and encoded.startswith(_ICC, s.body) for s in new)
    pieces: list[bytes | memoryview] = [b"\xff\xd8"]
    pieces += [_jfif(s, source, encoded, old) for s in new if s.marker == _APP0]
    for part in old:
        if _is_carried(part, source, notes, has_icc=has_icc):
            pieces.append(_carried(part, source, notes))
    # EXIF and XMP that the encoder was given are copies of the source's: one of each is enough.
    kept = {s.marker for s in old} & {_APP1}
    pieces += [
        memoryview(encoded)[s.start : s.end]
        for s in new
        if s.marker != _APP0 and not (s.marker in kept and s.marker == _APP1)
    ]
    return b"".join(pieces), tuple(dict.fromkeys(notes))


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the tables and frame headers, then everything from the first scan on, labels blank."""
    for part in jpeg_parts.read_segments(data):
        if part.marker == _SOS and data.find(b"AIGC", _tail(part, data)) >= 0:
            yield memoryview(data)[part.start : _tail(part, data)]
            yield memoryview(blanked(data[_tail(part, data) :]))
        elif part.marker < _APP0:
            yield memoryview(data)[part.start : part.end]


def _tail(scan: Segment, data: bytes) -> int:
    """Return where the searched end of the file begins, behind the header."""
    return max(scan.start, len(data) - _TAIL)


def _is_exif(part: Segment, data: bytes) -> bool:
    """Say whether a segment is EXIF."""
    return part.marker == _APP1 and data.startswith(exif.PREFIX, part.body)


def _is_own_kind(part: Segment, data: bytes) -> bool:
    """Say whether a segment is read elsewhere: extended XMP, C2PA, multi-picture index."""
    return (
        (part.marker == _APP1 and data.startswith(EXTENDED_XMP, part.body))
        or (part.marker == _APP11 and data.startswith(b"JP", part.body))
        or (part.marker == _APP2 and data.startswith(b"MPF\0", part.body))
    )


def _packet(part: Segment, data: bytes) -> bytes:
    """Return the XMP packet of a segment."""
    return bytes(part.content(data)[len(XMP_HEADER) :])


def _insertion(segments: tuple[Segment, ...], data: bytes) -> int:
    """Return the number of the segment before which a new XMP segment goes."""
    for number, part in enumerate(segments):
        if part.marker != _APP0 and not _is_exif(part, data):
            return number
    return 0


def _xmp_segment(packet: bytes) -> bytes:
    """Return the APP1 segment of a packet, its padding given up when it would not fit."""
    body = XMP_HEADER + packet
    if len(body) > MAX_BODY:
        body = XMP_HEADER + xmp.without_padding(packet)
    if len(body) > MAX_BODY:
        raise MediaTooLarge(
            f"with the label the XMP packet has {len(body):,} bytes; a JPEG segment holds "
            f"{MAX_BODY:,}: shorten the picture's own XMP first"
        )
    return segment(_APP1, body)


def _collapsed(part: Segment, data: bytes) -> bytes | memoryview:
    """Return a segment as it was, or without the copy of a label it held."""
    whole = memoryview(data)[part.start : part.end]
    if part.marker == _SOS:
        tail = _tail(part, data)
        marked = data.find(b"AIGC", tail) >= 0
        return data[part.start : tail] + blanked(data[tail:]) if marked else whole
    if part.marker < _APP0 or _is_own_kind(part, data):
        return whole
    content = bytes(part.content(data))
    if len(content) > LIMITS.text_bytes:
        return whole
    if _is_exif(part, data):
        changed = exif.collapse(content)
    elif content.startswith(XMP_HEADER) and part.marker == _APP1:
        changed = XMP_HEADER + xmp.collapse(content[len(XMP_HEADER) :])
    elif part.marker == _APP2 and content.startswith(_ICC):
        return whole
    else:
        changed = without_label(content)
    if changed == content:
        return whole
    return segment(part.marker, changed) if changed else b""


def _is_carried(part: Segment, source: bytes, notes: list[str], *, has_icc: bool) -> bool:
    """Say whether a segment of the source goes into the new file; note what is lost."""
    if part.marker == _APP2 and source.startswith(b"MPF\0", part.body):
        notes.append("the multi-picture index is not carried: its pictures are not in the new file")
        return False
    if part.marker == _APP2 and source.startswith(_ICC, part.body):
        return not has_icc
    if part.marker == _APP11 and source.startswith(b"JP", part.body):
        notes.append(STALE_C2PA)
    descriptive = _APP1 <= part.marker <= _APP15 and part.marker not in _ENCODER_SEGMENTS
    return descriptive or part.marker == _COM


def _carried(part: Segment, source: bytes, notes: list[str]) -> bytes | memoryview:
    """Return a segment of the source as the new file may have it."""
    if _is_exif(part, source):
        content, dropped = exif.without_thumbnail(bytes(part.content(source)))
        if dropped:
            notes.append(STALE_THUMBNAIL)
            return segment(part.marker, content)
    return memoryview(source)[part.start : part.end]


def _jfif(
    part: Segment, source: bytes, encoded: bytes, old: tuple[Segment, ...]
) -> bytes | memoryview:
    """Return the JFIF segment of the encoder with the density of the source."""
    whole = memoryview(encoded)[part.start : part.end]
    told = next(
        (s for s in old if s.marker == _APP0 and source.startswith(b"JFIF\0", s.body)), None
    )
    if told is None or part.end - part.body < 12 or told.end - told.body < 12:
        return whole
    body = bytearray(part.content(encoded))
    body[7:12] = source[told.body + 7 : told.body + 12]
    return segment(_APP0, bytes(body))
