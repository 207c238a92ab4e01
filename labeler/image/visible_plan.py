"""
Planning the visible label of pictures: wording, size, style and place (R-01, R-09, R-10, R-12).

A plan depends on the size of the picture alone, so one plan serves a batch or all frames of an
animation. Type is set in `labeler.image.visible_type`; `labeler.image.visible` draws the plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from labeler.errors import InvalidLabel, LabelConflict, MediaTooSmall, UnknownPolicy
from labeler.image.visible_type import (
    Glyph,
    break_lines,
    is_measured,
    line_ink,
    missing_characters,
    smallest_ink,
    typeset,
)
from labeler.model import Status
from labeler.texts import DEFAULT_LANGUAGE, check_text, texts_for


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from labeler.core.image.compose import Box

HeightMode: TypeAlias = Literal["strict", "line", "em"]
"""
What of the type has to reach 5 %: every glyph's ink, the ink of the line, or the em (R-10).
"""
Position: TypeAlias = Literal[
    "bottom-right", "bottom-left", "top-right", "top-left", "bottom-center", "top-center"
]
"""Corners and edges a label may stand at (R-09), in the order in which they are tried."""

POSITIONS: tuple[str, ...] = get_args(Position)
HEIGHT_RATIO = 0.05
"""Least height of the type over the shortest side (GB 45438-2025 5.2 e)."""
MARGIN_RATIO = 0.03
"""Distance of the label from the edges over the shortest side; R-09 allows 5 %."""
LEGIBLE_INK = 9
"""Rows of ink below which 生 cannot be read (GB 45438-2025 5.2 d)."""
RESERVE_FROM = 200
"""Shortest side from which one row of ink is added, which pays for lossy codecs."""
LEAST_CONTRAST = 4.5
"""Contrast of ink to ground that is guaranteed on any picture (R-11)."""
MOST_LINES = 3

_OUTLINE_FROM = 21  # rows of ink; below, the outline is under two pixels wide and holds nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """
    The measures of a label style in em, and the opacities between which its ground is chosen.

    Black under white type needs an opacity of 0.537 to reach 4.5:1 on white, the worst ground;
    white under level 17 needs 0.50 on black. Every style starts above, so the contrast holds on
    any ground before it is measured; the rest of the range is reserve for lossy codecs.
    """

    name: str
    pad_x: float
    pad_y: float
    radius: float = 0.0
    plate: bool = True
    bar: bool = False
    stroke: float = 0.0
    opacity: tuple[float, float] = (0.56, 0.80)
    contrast: float = 5.5
    hairline: float = 0.14
    frost: float = 0.16


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        style.name: style
        for style in (
            Style(name="plate", pad_x=0.52, pad_y=0.30, radius=0.34),
            Style(name="pill", pad_x=0.72, pad_y=0.30, radius=9.0),
            Style(
                name="outline",
                pad_x=0.10,
                pad_y=0.10,
                plate=False,
                stroke=0.075,
                opacity=(0.62, 0.95),
                hairline=0.0,
                frost=0.0,
            ),
            Style(name="bar", pad_x=0.60, pad_y=0.26, bar=True, hairline=0.0),
        )
    }
)
"""The four styles; ``plate`` is the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    What will be drawn on pictures of one size, and where. Boxes are (x, y, width, height).

    ``lines`` is the text with its line breaks, ``text_at`` the corner (x, y) of its ink within
    ``box``, ``glyphs`` stand in picture pixels, ``px`` is the type size, ``ink_height`` the rows
    of ink of the lowest glyph.
    """

    width: int
    height: int
    text: str
    lines: str
    lang: str
    style: Style
    position: str
    height_mode: str
    px: int
    required: int
    ink_height: int
    box: Box
    text_at: tuple[int, int]
    glyphs: tuple[Glyph, ...]
    font: str | None = None


def plan_label(
    width: int,
    height: int,
    *,
    lang: str = DEFAULT_LANGUAGE,
    status: Status | str = Status.IS,
    text: str | None = None,
    style: str = "plate",
    position: str = "bottom-right",
    height_mode: str = "strict",
    font: str | None = None,
    avoid: Sequence[Box] = (),
) -> Plan:
    """
    Choose wording, size and place of the label of pictures of one size (R-09, R-10, R-12).

    A text that does not fit is set without margin, then a shorter wording is taken, then the
    text is broken into up to three lines. Labels found already are never covered, for covering
    is concealing (Measures art. 10): the label moves to the next free corner.

    Parameters
    ----------
    width, height
        Size of the picture in display orientation, pixels (R-13).
    lang, status
        Choose the wordings of `labeler.texts`.
    text
        One wording of the caller's own; Chinese ones need both elements (R-01).
    style
        A name of `STYLES`. ``outline`` falls back to ``plate`` where the type is too small.
    position
        A name of `POSITIONS`.
    height_mode
        A `HeightMode`.
    font
        Path of a font file; None for the bundled typeface.
    avoid
        Boxes (x, y, width, height) of labels that must stay visible.

    Raises
    ------
    InvalidLabel
        The text lacks an element or the font a glyph.
    UnknownPolicy
        A language, style, position or height mode that is not in the tables.
    MediaTooSmall
        No wording fits.
    LabelConflict
        A label stands at every place already.

    """
    _require_known(style, position, height_mode)
    texts = (text,) if text is not None else texts_for(lang, status)
    for wording in texts:
        _check_wording(wording, lang, font)
    need = _required_ink(width, height)
    chosen = STYLES[style]
    if chosen.stroke and need < _OUTLINE_FROM:
        chosen = STYLES["plate"]
    wish = _Wish(width=width, height=height, need=need, mode=height_mode, style=chosen, font=font)
    for wording, lines, slim in _candidates(texts):
        fitted = _fit(lines, wish, slim)
        if fitted is not None:
            place = _free_place(fitted, wish, position, avoid)
            return _plan(wording, lines, fitted, wish, place=place, lang=lang)
    raise MediaTooSmall(
        f"no label of {need} pixels height fits {width}x{height}: "
        "give a shorter text or a larger picture (GB 45438-2025 5.2 e)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """The picture and the demands that a wording is fitted to."""

    width: int
    height: int
    need: int
    mode: str
    style: Style
    font: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitted:
    """A wording at a size that fits: type size, paddings (x, y), size of the label, margin."""

    px: int
    pads: tuple[int, int]
    width: int
    height: int
    margin: int


def _require_known(style: str, position: str, height_mode: str) -> None:
    """Raise `UnknownPolicy` for a value that is not in the tables."""
    tables = (
        ("style", style, tuple(STYLES)),
        ("position", position, POSITIONS),
        ("height mode", height_mode, get_args(HeightMode)),
    )
    for what, value, known in tables:
        if value not in known:
            raise UnknownPolicy(f"no label {what} {value!r}: use one of {', '.join(known)}")


def _check_wording(text: str, lang: str, font: str | None) -> None:
    """Raise `InvalidLabel` for a text that may not or cannot be drawn."""
    check_text(text, lang)
    missing = missing_characters(text, font)
    if missing:
        raise InvalidLabel(
            f"the label font has no glyph for {missing!r}: use other words or give a font"
        )
    if not any(is_measured(c) for c in text):
        raise InvalidLabel(f"the label text {text!r} has no letters: give it words")


def _required_ink(width: int, height: int) -> int:
    """Return the rows of ink that the type must have (R-10), never too few to be read."""
    short = min(width, height)
    need = math.ceil(HEIGHT_RATIO * short - 1e-9)
    return max(need + (short >= RESERVE_FROM), LEGIBLE_INK)


def _candidates(texts: tuple[str, ...]) -> Iterator[tuple[str, str, float]]:
    """Yield wordings, their lines, the share of padding: one line, then more, then less padding."""
    broken = [
        (text, lines)
        for count in range(2, MOST_LINES + 1)
        for text in texts
        if (lines := break_lines(text, count)) is not None
    ]
    for slim in (1.0, 0.5):
        for text, lines in [*((text, text) for text in texts), *broken]:
            yield text, lines, slim


def _type_size(lines: str, wish: _Wish) -> int:
    """Return the smallest type size whose ink has the required height under the height mode."""
    if wish.mode == "em":
        return wish.need
    measure = smallest_ink if wish.mode == "strict" else _lowest_line
    sample = 256
    px = max(4, int(wish.need * sample / max(1, measure(lines, sample, wish.font))) - 2)
    while measure(lines, px, wish.font) < wish.need:
        px += 1
    return px


def _lowest_line(lines: str, px: int, font: str | None) -> int:
    """Return the ink height of the lowest line."""
    rows = (line_ink(line, px, font) for line in lines.split("\n"))
    return min(row for row in rows if row)


def _fit(lines: str, wish: _Wish, slim: float) -> _Fitted | None:
    """Return the size of a label that fits the picture, with its margin or without; else None."""
    px = _type_size(lines, wish)
    if px > 2 * max(wish.width, wish.height):
        return None
    style = wish.style
    ink = typeset(lines, px, stroke=style.stroke, font=wish.font).ink
    pads = max(2, round(slim * style.pad_x * px)), max(2, round(slim * style.pad_y * px))
    width, height = ink.shape[1] + 2 * pads[0], ink.shape[0] + 2 * pads[1]
    wanted = 0 if style.bar else max(1, round(MARGIN_RATIO * min(wish.width, wish.height)))
    for margin in (wanted, 0):
        if width + 2 * margin <= wish.width and height + 2 * margin <= wish.height:
            return _Fitted(px=px, pads=pads, width=width, height=height, margin=margin)
    return None


def _free_place(
    fitted: _Fitted, wish: _Wish, position: str, avoid: Sequence[Box]
) -> tuple[str, Box]:
    """Return the first position, the wanted one first, whose label covers no box to avoid."""
    for name in dict.fromkeys((position, *POSITIONS)):
        box = _place(fitted, wish, name)
        if not any(_overlap(box, other) for other in avoid):
            return name, box
    raise LabelConflict(
        "labels found in the picture stand at every place for a label and must not be covered "
        "(Measures art. 10): apply without the visible layer, or check the labels found"
    )


def _place(fitted: _Fitted, wish: _Wish, position: str) -> Box:
    """Return the box of the label at a position; a bar spans the width."""
    vertical, horizontal = position.split("-")
    y = fitted.margin if vertical == "top" else wish.height - fitted.margin - fitted.height
    if wish.style.bar:
        return 0, y, wish.width, fitted.height
    right = wish.width - fitted.margin - fitted.width
    x = {"left": fitted.margin, "right": right, "center": (wish.width - fitted.width) // 2}
    return x[horizontal], y, fitted.width, fitted.height


def _overlap(one: Box, other: Box) -> bool:
    """Say whether two boxes share a pixel."""
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def _plan(
    text: str, lines: str, fitted: _Fitted, wish: _Wish, *, place: tuple[str, Box], lang: str
) -> Plan:
    """Put the parts of a plan together."""
    position, (x, y, w, h) = place
    style, px = wish.style, fitted.px
    type_ = typeset(lines, px, stroke=style.stroke, font=wish.font)
    slack = w - fitted.width
    shift = {"left": 0, "center": slack // 2, "right": slack}[position.split("-")[1]]
    left, top = shift + fitted.pads[0], fitted.pads[1]
    return Plan(
        width=wish.width,
        height=wish.height,
        text=text,
        lines=lines,
        lang=lang,
        style=style,
        position=position,
        height_mode=wish.mode,
        px=px,
        required=wish.need,
        ink_height=smallest_ink(lines, px, wish.font),
        box=(x, y, w, h),
        text_at=(left, top),
        glyphs=tuple(replace(g, box=moved(g.box, x + left, y + top)) for g in type_.glyphs),
        font=wish.font,
    )


def moved(box: Box, dx: int, dy: int) -> Box:
    """Return corners (x0, y0, x1, y1) moved."""
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy
