"""
ZIP packages edited part by part: parts that do not change keep their bytes, compressed as they are.

The standard library rewrites an archive as a whole; here only what is new is written, and what was
there is copied with its local header, so that a document stays what its office program made.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS, Limits


if TYPE_CHECKING:
    from collections.abc import Mapping


_LOCAL, _CENTRAL, _END = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_LOCAL_SIZE, _CENTRAL_SIZE, _END_SIZE = 30, 46, 22
_WIDE = 0xFFFFFFFF
_ENCRYPTED = 0x1
_UTF8 = 0x800
_TIME = (1 << 5 | 1) << 16  # 1980-01-01, so that the same input gives the same output
_STORED, _DEFLATED = 0, 8


C2PA_PART = "META-INF/content_credential.c2pa"
"""Where C2PA keeps its manifest in a package; it bears no content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One part: its central record, where its local record starts and ends, and its sizes."""

    name: str
    record: bytes
    start: int
    end: int
    packed: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Archive:
    """A ZIP package in memory; parts are unpacked when asked for, within the limits."""

    data: bytes
    entries: tuple[_Entry, ...]
    comment: bytes

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parts, in the order of the directory."""
        return tuple(entry.name for entry in self.entries)

    def read(self, name: str) -> bytes:
        """Return one part; raise `CorruptMedia` when it is missing or broken."""
        entry = next((entry for entry in self.entries if entry.name == name), None)
        if entry is None:
            raise CorruptMedia(f"the package has no part {name}; open and save it in its program")
        method = struct.unpack_from("<H", entry.record, 10)[0]
        checksum = struct.unpack_from("<I", entry.record, 16)[0]
        n, m = struct.unpack_from("<HH", self.data, entry.start + 26)
        begin = entry.start + _LOCAL_SIZE + n + m
        packed = self.data[begin : begin + entry.packed]
        content = _unpacked(packed, method, entry)
        if len(content) != entry.size or zlib.crc32(content) != checksum:
            raise CorruptMedia(f"the part {name[:80]!r} of the package is damaged")
        return content

    def stored(self, parts: Mapping[str, bytes], *, without: str = "") -> bytes:
        """Return the package with every part but one unpacked, and these written anew or added."""
        names = [name for name in self.names if not name.endswith("/") and name != without]
        held = {name: self.read(name) for name in names} | dict(parts)
        body, directory = io.BytesIO(), io.BytesIO()
        for name, content in held.items():
            directory.write(_write(body, name, content, _STORED))
        return self._closed(body, directory, len(held))

    def with_parts(self, parts: Mapping[str, bytes]) -> bytes:
        """Return the package with these parts written anew or added at its end."""
        changed = dict(parts)
        body, directory = io.BytesIO(), io.BytesIO()
        body.write(self.data[: min((entry.start for entry in self.entries), default=0)])
        for entry in sorted(self.entries, key=lambda entry: entry.start):
            start = body.tell()
            if entry.name not in changed:
                body.write(self.data[entry.start : entry.end])
                record = entry.record[:42] + struct.pack("<I", start) + entry.record[46:]
            else:
                content = changed.pop(entry.name)
                method = struct.unpack_from("<H", entry.record, 10)[0]
                record = _write(body, entry.name, content, method)
            directory.write(record)
        for name, content in changed.items():
            directory.write(_write(body, name, content, _DEFLATED))
        count = len(self.entries) + len(changed)
        return self._closed(body, directory, count)

    def _closed(self, body: io.BytesIO, directory: io.BytesIO, count: int) -> bytes:
        offset, size = body.tell(), directory.tell()
        if count >= 0xFFFF or offset + size >= _WIDE:
            raise MediaTooLarge("the package would need ZIP64, which is not written here")
        end = struct.pack("<4s4H2IH", _END, 0, 0, count, count, size, offset, len(self.comment))
        return body.getvalue() + directory.getvalue() + end + self.comment


def _unpacked(packed: bytes, method: int, entry: _Entry) -> bytes:
    """Return the content of a part, never more than its directory says."""
    if method == _STORED:
        return packed
    if method != _DEFLATED:
        raise UnsupportedMedia(f"the part {entry.name[:80]!r} is packed by method {method}")
    unpacker = zlib.decompressobj(-15)
    try:
        content = unpacker.decompress(packed, entry.size + 1)
    except zlib.error as error:
        raise CorruptMedia(f"the part {entry.name[:80]!r} of the package is damaged") from error
    return content


def _write(body: io.BytesIO, name: str, content: bytes, method: int) -> bytes:
    """Write one part and return its central record."""
    if method == _DEFLATED:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
    else:
        method, packed = _STORED, content
    raw = name.encode("utf-8")
    flags = 0 if name.isascii() else _UTF8
    start = body.tell()
    common = struct.pack(
        "<HHHIIII", 20, flags, method, _TIME, zlib.crc32(content), len(packed), len(content)
    )
    sizes = struct.pack("<HH", len(raw), 0)
    body.write(_LOCAL + common + sizes + raw + packed)
    tail = struct.pack("<HHHII", 0, 0, 0, 0, start)
    return _CENTRAL + struct.pack("<H", 20) + common + sizes + tail + raw


def open_archive(data: bytes, limits: Limits = LIMITS) -> Archive:
    """
    Return the package in ``data``; nothing is unpacked yet.

    Raises
    ------
    CorruptMedia
        No directory, or one that points outside the file; parts that overlap or occur twice.
    MediaTooLarge
        Too many parts, or more than the limits when unpacked: a bomb (R-50).
    UnsupportedMedia
        Encrypted parts, ZIP64, or an archive in several pieces.
    """
    entries, comment = _directory(data)
    total = sum(entry.size for entry in entries)
    if len(entries) > limits.archive_entries:
        raise MediaTooLarge(
            f"the package has {len(entries):,} parts; the limit is {limits.archive_entries:,}"
        )
    largest = max((entry.size for entry in entries), default=0)
    bomb = total > limits.document_bytes and total > limits.archive_ratio * len(data)
    if largest > limits.document_bytes or total > limits.archive_bytes or bomb:
        raise MediaTooLarge(
            f"the package unpacks to {total:,} bytes from {len(data):,}; it is a bomb, or too "
            f"large (limits: {limits.document_bytes:,} a part, {limits.archive_bytes:,} in all)"
        )
    return Archive(data=data, entries=entries, comment=comment)


def _directory(data: bytes) -> tuple[tuple[_Entry, ...], bytes]:
    """Return the parts that the directory lists, with their extents, and the comment."""
    at = data.rfind(_END, max(0, len(data) - _END_SIZE - 0xFFFF))
    if at < 0 or at + _END_SIZE > len(data):
        raise CorruptMedia("the package (ZIP) is cut off or damaged; get an intact copy")
    disk, first, here, count, size, offset, note = struct.unpack_from("<4H2IH", data, at + 4)
    if disk or first or here != count or _WIDE in (size, offset) or count == 0xFFFF:
        raise UnsupportedMedia("a package in ZIP64 or in several pieces; save it anew")
    if offset + size != at:
        raise CorruptMedia("the directory of the package (ZIP) does not stand where it says")
    raw = []
    position = offset
    for _ in range(count):
        if data[position : position + 4] != _CENTRAL or position + _CENTRAL_SIZE > at:
            raise CorruptMedia("the directory of the package (ZIP) is damaged")
        n, m, k = struct.unpack_from("<3H", data, position + 28)
        end = position + _CENTRAL_SIZE + n + m + k
        raw.append(data[position:end])
        position = end
    return _extents(data, raw, offset), data[at + _END_SIZE : at + _END_SIZE + note]


def _extents(data: bytes, records: list[bytes], limit: int) -> tuple[_Entry, ...]:
    """Return the entries of central records; every local record ends where the next starts."""
    starts = sorted(struct.unpack_from("<I", record, 42)[0] for record in records)
    ends = dict(zip(starts, [*starts, limit][1:], strict=True))
    if len(ends) != len(starts):
        raise CorruptMedia("two parts of the package share one place: it is damaged, or a bomb")
    entries = []
    for record in records:
        flags = struct.unpack_from("<H", record, 8)[0]
        packed, size = struct.unpack_from("<2I", record, 20)
        start = struct.unpack_from("<I", record, 42)[0]
        name = _name(record, flags)
        if flags & _ENCRYPTED:
            raise UnsupportedMedia("the package is encrypted; take the password off first")
        if data[start : start + 4] != _LOCAL or start + _LOCAL_SIZE + packed > ends[start]:
            raise CorruptMedia(f"the part {name[:80]!r} of the package (ZIP) is damaged")
        entries.append(
            _Entry(name=name, record=record, start=start, end=ends[start], packed=packed, size=size)
        )
    if len({entry.name for entry in entries}) != len(entries):
        raise CorruptMedia("the package has two parts of one name: it is damaged")
    return tuple(entries)


def _name(record: bytes, flags: int) -> str:
    raw = record[_CENTRAL_SIZE : _CENTRAL_SIZE + struct.unpack_from("<H", record, 28)[0]]
    return raw.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
