"""
Setting label text in type: faces, measured ink, lines and the coverage they give.

Pillow renders every glyph here, once; the drawing and the reader take coverage arrays. Sizes are
in pixels per em. The strict reading of R-10 counts ink, never the size of the font.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from labeler.errors import InvalidLabel


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.image.compose import Box

FONT_FILE = "NotoSansCJKsc-Bold-labels.otf"
TRACKING = 0.03
"""Extra space between letters, em."""
THIN_SPACE = 0.09
"""Extra space between Latin and Chinese, em."""
LINE_GAP = 0.22
"""Space between the ink of two lines, em."""

_STRONG = 128
_PROBE = 64
_WIDE_EM = 1000
_CJK = 0x2E7F
_FLAT = "一ーｰ"  # single strokes: their ink height says nothing about the size of the type
_NOWHERE = "\U0010ffff"  # a noncharacter: every font shows .notdef for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """One character and the box (x0, y0, x1, y1) of its ink of at least half coverage."""

    char: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Typeset:
    """
    A text in type, trimmed to its ink.

    ``ink`` and ``stroke`` are coverages of shape (H, W), uint8, read-only; ``stroke`` is the
    thickened text under an outline, or empty. ``glyphs`` leaves out spaces and punctuation.
    """

    ink: NDArray[np.uint8]
    stroke: NDArray[np.uint8]
    glyphs: tuple[Glyph, ...]


@lru_cache(maxsize=1)
def _bundled() -> tuple[bytes, frozenset[str]]:
    """Return the bytes of the bundled font and the characters it has."""
    folder = files("labeler.image.fonts")
    characters = folder.joinpath("characters.txt").read_text("utf-8").rstrip("\n")
    return folder.joinpath(FONT_FILE).read_bytes(), frozenset(characters)


@lru_cache(maxsize=64)
def open_face(font: str | None, px: int) -> ImageFont.FreeTypeFont:
    """Open the bundled font (None) or a font file at a size; `InvalidLabel` if it is none."""
    source = io.BytesIO(_bundled()[0]) if font is None else font
    try:
        # Basic layout: the same spacing whether or not libraqm is installed
        return ImageFont.truetype(source, px, layout_engine=ImageFont.Layout.BASIC)
    except (OSError, ValueError) as error:
        raise InvalidLabel(f"{font} cannot be read as a font: give a TTF or OTF file") from error


def is_measured(char: str) -> bool:
    """Say whether the height rule looks at a character: letters, digits and ideographs."""
    return (
        unicodedata.category(char) in {"Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No"}
        and char not in _FLAT
    )


def missing_characters(text: str, font: str | None = None) -> str:
    """Return the characters of a text for which the font has no glyph, each once."""
    wanted = dict.fromkeys(c for c in text if not c.isspace())
    if font is None:
        return "".join(c for c in wanted if c not in _bundled()[1])
    box = _bitmap(font, _NOWHERE)
    return "".join(c for c in wanted if _bitmap(font, c) in {box, None})


def _bitmap(font: str, char: str) -> bytes | None:
    """Return the rendered glyph as bytes, None when it is blank."""
    mask = open_face(font, _PROBE).getmask(char)
    return bytes([*mask.size]) + bytes(mask) if mask.getbbox() else None


@lru_cache(maxsize=4096)
def ink_box(font: str | None, px: int, char: str) -> Box:
    """Return the extent of a glyph's ink of at least half coverage, as a ruler finds it again."""
    face = open_face(font, px)
    x0, y0, x1, y1 = (round(v) for v in face.getbbox(char))
    image = Image.new("L", (max(x1 - x0, 1) + 2, max(y1 - y0, 1) + 2))
    ImageDraw.Draw(image).text((1 - x0, 1 - y0), char, font=face, fill=255)
    strong = np.asarray(image) >= _STRONG
    rows, columns = np.flatnonzero(strong.any(1)), np.flatnonzero(strong.any(0))
    if not rows.size:
        return (0, 0, 0, 0)
    x, y = x0 - 1, y0 - 1
    return int(columns[0]) + x, int(rows[0]) + y, int(columns[-1]) + x + 1, int(rows[-1]) + y + 1


def smallest_ink(text: str, px: int, font: str | None = None) -> int:
    """Return the rows of ink of the lowest measured glyph of a text at a size."""
    boxes = (ink_box(font, px, c) for c in text if is_measured(c))
    return min((box[3] - box[1] for box in boxes), default=0)


def line_ink(text: str, px: int, font: str | None = None) -> int:
    """Return the rows from the highest to the lowest ink of a line at a size."""
    boxes = [ink_box(font, px, c) for c in text if is_measured(c)]
    return max((b[3] for b in boxes), default=0) - min((b[1] for b in boxes), default=0)


def typeset(text: str, px: int, *, stroke: float = 0.0, font: str | None = None) -> Typeset:
    """
    Render a text, one or more lines centred on each other, at ``px`` pixels per em.

    ``stroke`` is the width of the outline in em, 0 for none.
    """
    return _typeset(text, px, stroke, font)


@lru_cache(maxsize=8)
def _typeset(text: str, px: int, stroke: float, font: str | None) -> Typeset:
    face = open_face(font, px)
    edge = max(1, round(stroke * px)) if stroke else 0
    lines = [_set_line(line, px, font) for line in text.split("\n")]
    drops = _drops(lines, px)
    width = max(line.width for line in lines) + 2 * edge
    top = min(drop + line.top for drop, line in zip(drops, lines, strict=True)) - edge
    bottom = max(drop + line.bottom for drop, line in zip(drops, lines, strict=True)) + edge
    height = bottom - top
    ink, under = Image.new("L", (width, height)), Image.new("L", (width, height))
    glyphs: list[Glyph] = []
    for drop, line in zip(drops, lines, strict=True):
        left = (width - line.width) // 2 - line.left
        for char, pen in line.pens:
            at = (left + pen, drop - top)
            ImageDraw.Draw(ink).text(at, char, font=face, fill=255)
            if edge:
                ImageDraw.Draw(under).text(at, char, font=face, fill=255, stroke_width=edge)
            if is_measured(char):
                x0, y0, x1, y1 = ink_box(font, px, char)
                box = (x0 + at[0], y0 + at[1], x1 + at[0], y1 + at[1])
                glyphs.append(Glyph(char=char, box=box))
    return Typeset(ink=_frozen(ink), stroke=_frozen(under), glyphs=tuple(glyphs))


def _frozen(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels as an array that nobody can change: it is cached."""
    array = np.array(image)
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """Where the characters of one line stand, its ink in pixels, its top and bottom in em."""

    pens: tuple[tuple[str, int], ...]
    left: int
    width: int
    top: int
    bottom: int
    rise: float
    fall: float


def _set_line(text: str, px: int, font: str | None) -> _Line:
    """Place the characters of a line: advance, tracking, thin space between scripts."""
    # Advances are taken at a large size: at px they are rounded to pixels and would add up
    face, wide, x, pens = open_face(font, px), open_face(font, _WIDE_EM), 0.0, []
    for i, char in enumerate(text):
        if i:
            x += (TRACKING + THIN_SPACE * _scripts_meet(text[i - 1], char)) * px
        pens.append((char, round(x)))
        x += wide.getlength(char) * px / _WIDE_EM
    boxes = [(pen, face.getbbox(c)) for c, pen in pens if c != " "]
    left = min(round(pen + b[0]) for pen, b in boxes)
    right = max(round(pen + b[2]) for pen, b in boxes)
    top, bottom = min(round(b[1]) for _, b in boxes), max(round(b[3]) for _, b in boxes)
    exact = [wide.getbbox(c) for c in text if c != " "]
    return _Line(
        pens=tuple(pens),
        left=left,
        width=right - left,
        top=top,
        bottom=bottom,
        rise=min(b[1] for b in exact) / _WIDE_EM,
        fall=max(b[3] for b in exact) / _WIDE_EM,
    )


def _drops(lines: list[_Line], px: int) -> list[int]:
    """Return how far every line stands below the first: the same share of px at every size."""
    drop, drops = 0.0, [0]
    for above, below in pairwise(lines):
        drop += above.fall - below.rise + LINE_GAP
        drops.append(round(drop * px))
    return drops


def _scripts_meet(one: str, other: str) -> bool:
    """Say whether a Latin and a Chinese, Japanese or Korean character stand side by side."""
    return " " not in (one, other) and (ord(one) > _CJK) != (ord(other) > _CJK)


def break_lines(text: str, lines: int) -> str | None:
    r"""
    Break a text into a number of lines as evenly as it can be, or return None.

    Lines break at spaces, after hyphens and where scripts meet.

    >>> break_lines("可能为AI生成", 2)
    '可能为\nAI生成'
    >>> break_lines("KI-GENERIERT", 3) is None
    True
    """
    units = _units(text)
    if lines < 2 or len(units) < lines:
        return None
    best = min(_partitions(units, lines), key=lambda rows: max(map(_breadth, rows)))
    return "\n".join(best)


def _partitions(units: list[str], lines: int) -> list[list[str]]:
    """Return every way to join neighbouring units into a number of lines."""
    if lines == 1:
        return [["".join(units).strip()]]
    return [
        ["".join(units[:i]).strip(), *rest]
        for i in range(1, len(units) - lines + 2)
        for rest in _partitions(units[i:], lines - 1)
    ]


def _units(text: str) -> list[str]:
    """Split a text where a line may break; the parts join to the text again."""
    units = [text[0]]
    for before, char in pairwise(text):
        may_break = before in " -" or _scripts_meet(before, char)
        if may_break and not char.isspace() and _fits_rule(before, char):
            units.append(char)
        else:
            units[-1] += char
    return units


def _fits_rule(before: str, char: str) -> bool:
    """Say whether a break may stand here: before the Latin AI of a Chinese text, not after it."""
    return before in " -" or (ord(before) > _CJK and ord(char) <= _CJK)


def _breadth(line: str) -> int:
    """Return the rough width of a line: ideographs count two."""
    return sum(2 if ord(c) > _CJK else 1 for c in line)
