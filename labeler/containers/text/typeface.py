"""
The bundled label typeface for documents that carry their fonts: numbers and widths of its glyphs.

A reader of the few OpenType tables needed (cmap format 4 and 12, hmtx, the charset of CFF), over a
font that ships with the package; nothing of the user's is parsed here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from labeler.errors import InvalidLabel


if TYPE_CHECKING:
    from collections.abc import Mapping


_FOLDER, _FILE = "labeler.image.fonts", "NotoSansCJKsc-Bold-labels.otf"
_CHARSET = 15
_ESCAPE = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Typeface:
    """
    A font to embed. ``cff`` is its outline table; ``cids`` and ``widths`` go by character.

    Widths are in thousandths of an em; ``box`` is that of all glyphs, ``ascent`` and ``descent``
    are of the lines.
    """

    cff: bytes
    cids: Mapping[str, int]
    widths: Mapping[str, int]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int

    def codes(self, text: str) -> str:
        """Return the glyph numbers of a text in hexadecimal; `InvalidLabel` for what is missing."""
        if missing := "".join(dict.fromkeys(c for c in text if c not in self.cids)):
            raise InvalidLabel(
                f"the label typeface has no glyph for {missing[:20]!r}; use the words of "
                "labeler/texts.py, or Latin letters"
            )
        return "".join(f"{self.cids[char]:04X}" for char in text)

    def width(self, text: str) -> int:
        """Return how wide a text is, in thousandths of an em."""
        return sum(self.widths[char] for char in text)


@lru_cache(maxsize=1)
def label_typeface() -> Typeface:
    """Return the bundled typeface (labeler/image/fonts/README.md)."""
    raw = files(_FOLDER).joinpath(_FILE).read_bytes()
    count = struct.unpack_from(">H", raw, 4)[0]
    tables = {}
    for i in range(count):
        tag, _, offset, length = struct.unpack_from(">4sIII", raw, 12 + 16 * i)
        tables[tag] = raw[offset : offset + length]
    units = struct.unpack_from(">H", tables[b"head"], 18)[0]
    box = struct.unpack_from(">4h", tables[b"head"], 36)
    ascent, descent = struct.unpack_from(">2h", tables[b"hhea"], 4)
    metrics = struct.unpack_from(">H", tables[b"hhea"], 34)[0]
    glyphs = _character_map(tables[b"cmap"])
    cids = _charset(tables[b"CFF "], struct.unpack_from(">H", tables[b"maxp"], 4)[0])
    return Typeface(
        cff=tables[b"CFF "],
        cids={char: cids[glyph] for char, glyph in glyphs.items()},
        widths={
            char: struct.unpack_from(">H", tables[b"hmtx"], 4 * min(glyph, metrics - 1))[0]
            * 1000
            // units
            for char, glyph in glyphs.items()
        },
        box=(box[0], box[1], box[2], box[3]),
        ascent=ascent,
        descent=descent,
    )


def _character_map(table: bytes) -> dict[str, int]:
    """Return the glyph of every character; format 12 where there is one, else format 4."""
    found: dict[int, int] = {}
    for i in range(struct.unpack_from(">H", table, 2)[0]):
        offset = struct.unpack_from(">I", table, 4 + 8 * i + 4)[0]
        if struct.unpack_from(">H", table, offset)[0] == 12:
            for j in range(struct.unpack_from(">I", table, offset + 12)[0]):
                first, last, glyph = struct.unpack_from(">III", table, offset + 16 + 12 * j)
                found.update((code, glyph + code - first) for code in range(first, last + 1))
        elif struct.unpack_from(">H", table, offset)[0] == 4:
            found = _format_4(table, offset) | found
    return {chr(code): glyph for code, glyph in found.items() if glyph}


def _format_4(table: bytes, offset: int) -> dict[int, int]:
    half = struct.unpack_from(">H", table, offset + 6)[0]
    found = {}
    for i in range(0, half, 2):
        last = struct.unpack_from(">H", table, offset + 14 + i)[0]
        first = struct.unpack_from(">H", table, offset + 16 + half + i)[0]
        delta = struct.unpack_from(">h", table, offset + 16 + 2 * half + i)[0]
        at = offset + 16 + 3 * half + i
        away = struct.unpack_from(">H", table, at)[0]
        for code in range(first, min(last, 0xFFFE) + 1):
            if not away:
                found[code] = (code + delta) & 0xFFFF
            else:
                glyph = struct.unpack_from(">H", table, at + away + 2 * (code - first))[0]
                found[code] = (glyph + delta) & 0xFFFF if glyph else 0
    return found


def _index_end(cff: bytes, offset: int) -> tuple[int, int]:
    """Return where the data of a CFF index starts and where the index ends."""
    count = struct.unpack_from(">H", cff, offset)[0]
    if not count:
        return offset + 2, offset + 2
    size = cff[offset + 2]
    base = offset + 3 + (count + 1) * size - 1
    last = int.from_bytes(cff[base + 1 - size : base + 1], "big")
    return base + 1, base + last


def _charset(cff: bytes, count: int) -> list[int]:
    """Return the CID of every glyph (Adobe Technical Note 5176, section 13)."""
    _, names_end = _index_end(cff, cff[2])
    start, end = _index_end(cff, names_end)
    offset = _operand(cff[start:end], _CHARSET)
    cids, position = [0], offset + 1
    form = cff[offset]
    while len(cids) < count:
        first = struct.unpack_from(">H", cff, position)[0]
        wide = {0: 0, 1: 1, 2: 2}[form]
        left = int.from_bytes(cff[position + 2 : position + 2 + wide], "big")
        cids += range(first, first + left + 1)
        position += 2 + wide
    return cids[:count]


def _operand(top: bytes, wanted: int) -> int:
    """Return the last operand before an operator of a CFF dictionary."""
    value, i = 0, 0
    while i < len(top):
        byte = top[i]
        if byte <= 21:
            if byte == wanted:
                return value
            i += 2 if byte == _ESCAPE else 1
        elif byte == 28:
            value, i = struct.unpack_from(">h", top, i + 1)[0], i + 3
        elif byte == 29:
            value, i = struct.unpack_from(">i", top, i + 1)[0], i + 5
        elif byte == 30:
            i += 1
            while top[i] & 15 != 15 and top[i] >> 4 != 15:
                i += 1
            i += 1
        elif byte <= 246:
            value, i = byte - 139, i + 1
        else:
            high = byte - 247 if byte <= 250 else byte - 251
            value = high * 256 + top[i + 1] + 108
            value, i = (value if byte <= 250 else -value), i + 2
    return 0
