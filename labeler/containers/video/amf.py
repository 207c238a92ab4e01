"""
Values of the script tags of FLV files (AMF0): where each property stands, and what its text is.

Only what a label or a place in the file can be is told apart; all else is skipped over by size.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.errors import CorruptMedia, MediaTooLarge
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator


NUMBER, TEXT, LONG_TEXT = 0, 2, 12
_BOOLEAN, _OBJECT, _NULL, _UNDEFINED, _REFERENCE = 1, 3, 5, 6, 7
_ARRAY, _END, _STRICT, _DATE, _UNSUPPORTED, _XML = 8, 9, 10, 11, 13, 15
_SIZES = {
    NUMBER: 8,
    _BOOLEAN: 1,
    _NULL: 0,
    _UNDEFINED: 0,
    _REFERENCE: 2,
    _DATE: 10,
    _UNSUPPORTED: 0,
}
_MAX_VALUES = 300_000
"""Values of one script tag; key frame indexes of ten hours have some 40,000."""

_TOLD = {NUMBER, TEXT, LONG_TEXT, _XML}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """
    One text or number: its name with those above it, its type, and where it stands.

    ``start`` is where the name of a property starts (of an element, its type), ``body`` where the
    content of a text or number does.
    """

    path: tuple[str, ...]
    type: int
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One script tag: its name, the type of its value, and where the properties of that stand."""

    name: str
    type: int
    first: int
    last: int
    values: tuple[Value, ...]


def read_script(data: bytes) -> Script:
    """Return the content of a script tag; raise `CorruptMedia` when it is malformed."""
    try:
        if data[0] != TEXT:
            raise CorruptMedia("a script tag of the FLV does not start with a name")
        size = struct.unpack_from(">H", data, 1)[0]
        name, position = data[3 : 3 + size], 3 + size
        if len(name) < size:
            raise CorruptMedia("a script tag of the FLV is truncated")
        kind = data[position]
        values: list[Value] = []
        walker = _Walker(data, values)
        end = walker.skip(position, (), 0)
    except (struct.error, IndexError) as error:
        raise CorruptMedia("a script tag of the FLV is truncated") from error
    named = kind in {_OBJECT, _ARRAY}
    first = position + {_OBJECT: 1, _ARRAY: 5}.get(kind, 0)
    return Script(
        name=name.decode("utf-8", "replace"),
        type=kind,
        first=first,
        last=max(first, end - 3) if named else end,
        values=tuple(values),
    )


def own_properties(script: Script) -> Iterator[Value]:
    """Yield the properties of the value of a script tag itself, not those inside others."""
    return (value for value in script.values if len(value.path) == 1)


def text_of(data: bytes, value: Value) -> bytes | None:
    """Return the text of a value, None for others."""
    return data[value.body : value.end] if value.type in {TEXT, LONG_TEXT, _XML} else None


def text_property(name: str, text: bytes) -> bytes:
    """Return a property with a text; raise `MediaTooLarge` when that is too long for its type."""
    if len(text) > 0xFFFF:
        raise MediaTooLarge(f"the label has {len(text):,} bytes; an FLV takes 65,535")
    key = name.encode()
    return struct.pack(">H", len(key)) + key + struct.pack(">BH", TEXT, len(text)) + text


def new_script(name: str, properties: bytes, count: int) -> bytes:
    """Return the content of a script tag whose value is an array with names."""
    key = name.encode()
    head = struct.pack(">BH", TEXT, len(key)) + key + struct.pack(">BI", _ARRAY, count)
    return head + properties + bytes((0, 0, _END))


def with_count(data: bytes, script: Script, more: int) -> bytes:
    """Return the start of a script tag up to its first property, its count of these changed."""
    if script.type != _ARRAY:
        return data[: script.first]
    count = struct.unpack_from(">I", data, script.first - 4)[0]
    return data[: script.first - 4] + struct.pack(">I", max(0, count + more) & 0xFFFF_FFFF)


def is_named(script: Script) -> bool:
    """Say whether the value of a script tag has properties."""
    return script.type in {_OBJECT, _ARRAY}


class _Walker:
    """Values of one script tag, collected while they are skipped over."""

    __slots__ = ("count", "data", "values")

    def __init__(self, data: bytes, values: list[Value]) -> None:
        self.data = data
        self.values = values
        self.count = 0

    def skip(self, position: int, path: tuple[str, ...], start: int) -> int:
        """Return where the value that starts with its type at a position ends."""
        self.count += 1
        if self.count > _MAX_VALUES or len(path) > LIMITS.depth:
            raise MediaTooLarge("a script tag of the FLV has too many values, or too deep ones")
        kind, body = self.data[position], position + 1
        if kind in {_OBJECT, _ARRAY}:
            return self._properties(body + 4 * (kind == _ARRAY), path)
        if kind == _STRICT:
            return self._elements(body, path)
        if kind in {TEXT, LONG_TEXT, _XML}:
            form, width = (">H", 2) if kind == TEXT else (">I", 4)
            size = int(struct.unpack_from(form, self.data, body)[0])
            body += width
        elif kind in _SIZES:
            size = _SIZES[kind]
        else:
            raise CorruptMedia(f"a script tag of the FLV has a value of unknown type {kind}")
        end = body + size
        if end > len(self.data):
            raise CorruptMedia("a script tag of the FLV is truncated")
        if path and kind in _TOLD:
            self.values.append(Value(path=path, type=kind, start=start, body=body, end=end))
        return end

    def _properties(self, position: int, path: tuple[str, ...]) -> int:
        """Return where the properties of an object end, its end mark included."""
        while True:
            size = struct.unpack_from(">H", self.data, position)[0]
            if not size and self.data[position + 2] == _END:
                return position + 3
            name = self.data[position + 2 : position + 2 + size].decode("utf-8", "replace")
            position = self.skip(position + 2 + size, (*path, name), position)

    def _elements(self, position: int, path: tuple[str, ...]) -> int:
        """Return where the elements of an array end."""
        count = struct.unpack_from(">I", self.data, position)[0]
        position += 4
        for _ in range(count):
            position = self.skip(position, (*path, ""), position)
        return position
