"""The label on a PDF page: a form with its own embedded typeface, and where it goes on the page."""

from __future__ import annotations

import zlib
from typing import Any

from labeler.containers.text.typeface import Typeface, label_typeface


SIZE = 11.0
"""Size of the type in points: that of running text, so legible wherever the text is (5.1)."""

MARGIN = 18.0
"""Distance to the edge of the page in points; printers reach a quarter of an inch."""

_PAD = 3.0
_NAME = "/AIGCLB+NotoSansCJKsc-Bold"
_EMPTY_BOX = (0.0, 0.0, 612.0, 792.0)


def label_form(writer: Any, text: str) -> tuple[Any, tuple[float, float]]:
    """Return a reference to the form that draws ``text``, and its width and height in points."""
    from pypdf import generic

    face = label_typeface()
    codes = face.codes(text)
    wide, tall = face.width(text) * SIZE / 1000 + 2 * _PAD, SIZE * 1.3 + 2 * _PAD
    base = _PAD + SIZE * 0.3
    # A white plate: legible on whatever the page has there.
    drawn = (
        f"1 g 0 0 {wide:.2f} {tall:.2f} re f 0 g BT /F1 {SIZE:g} Tf "
        f"{_PAD:.2f} {base:.2f} Td <{codes}> Tj ET"
    )
    name = generic.NameObject
    fonts = generic.DictionaryObject({name("/F1"): _font(writer, face, text)})
    form = _packed(
        drawn.encode(),
        Type=name("/XObject"),
        Subtype=name("/Form"),
        BBox=_numbers(0, 0, wide, tall),
        Resources=generic.DictionaryObject({name("/Font"): fonts}),
    )
    return writer._add_object(form), (wide, tall)  # noqa: SLF001  no public way to add an object


def _numbers(*values: float) -> Any:
    from pypdf import generic

    return generic.ArrayObject([generic.FloatObject(round(value, 3)) for value in values])


def _packed(content: bytes, **entries: Any) -> Any:
    """Return a stream packed by deflate."""
    from pypdf import generic

    stream = generic.StreamObject()
    stream._data = zlib.compress(content, 9)  # noqa: SLF001  the way pypdf itself sets it
    for key, value in {"Filter": generic.NameObject("/FlateDecode"), **entries}.items():
        stream[generic.NameObject(f"/{key}")] = value
    return stream


def _font(writer: Any, face: Typeface, text: str) -> Any:
    """Return a reference to the composite font (ISO 32000-1 9.7): codes are glyph numbers."""
    from pypdf import generic

    name, number = generic.NameObject, generic.NumberObject

    def add(entries: dict[str, Any]) -> Any:
        made = generic.DictionaryObject({name(f"/{k}"): v for k, v in entries.items()})
        return writer._add_object(made)  # noqa: SLF001  as above

    outlines = writer._add_object(  # noqa: SLF001  as above
        _packed(face.cff, Subtype=name("/CIDFontType0C"))
    )
    descriptor = add(
        {
            "Type": name("/FontDescriptor"),
            "FontName": name(_NAME),
            "Flags": number(4),
            "FontBBox": generic.ArrayObject([number(v) for v in face.box]),
            "ItalicAngle": number(0),
            "Ascent": number(face.ascent),
            "Descent": number(face.descent),
            "CapHeight": number(733),
            "StemV": number(140),
            "FontFile3": outlines,
        }
    )
    characters = dict.fromkeys(text)
    widths = generic.ArrayObject()
    for char in characters:
        widths += [number(face.cids[char]), generic.ArrayObject([number(face.widths[char])])]
    system = generic.DictionaryObject(
        {
            name("/Registry"): generic.TextStringObject("Adobe"),
            name("/Ordering"): generic.TextStringObject("Identity"),
            name("/Supplement"): number(0),
        }
    )
    descendant = add(
        {
            "Type": name("/Font"),
            "Subtype": name("/CIDFontType0"),
            "BaseFont": name(_NAME),
            "CIDSystemInfo": system,
            "FontDescriptor": descriptor,
            "DW": number(1000),
            "W": widths,
        }
    )
    unicode_map = writer._add_object(_packed(_to_unicode(face, text)))  # noqa: SLF001  as above
    return add(
        {
            "Type": name("/Font"),
            "Subtype": name("/Type0"),
            "BaseFont": name(_NAME),
            "Encoding": name("/Identity-H"),
            "DescendantFonts": generic.ArrayObject([descendant]),
            "ToUnicode": unicode_map,
        }
    )


def _to_unicode(face: Typeface, text: str) -> bytes:
    """Return the map from codes to characters, so that the label can be read and copied."""
    pairs = [
        f"<{face.cids[char]:04X}> <{char.encode('utf-16-be').hex().upper()}>"
        for char in dict.fromkeys(text)
    ]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CMapName /AIGC-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
        f"{len(pairs)} beginbfchar",
        *pairs,
        "endbfchar endcmap CMapName currentdict /CMap defineresource pop end end",
    ]
    return "\n".join(lines).encode()


def placement(
    page: Any, size: tuple[float, float], where: str
) -> tuple[float, float, float, float, float, float]:
    """
    Return the matrix that puts a form of a size at the edge of a page, upright as displayed.

    ``where`` is ``header`` (top left) or ``footer`` (bottom left); the page may be turned
    (``/Rotate``) and cropped.
    """
    x0, y0, x1, y1 = _box(page)
    turn = int(page.get("/Rotate", 0) or 0) % 360
    wide, tall = (y1 - y0, x1 - x0) if turn in {90, 270} else (x1 - x0, y1 - y0)
    scale = min(1.0, max(0.05, (wide - 2 * MARGIN) / size[0]), max(0.05, tall / 3 / size[1]))
    inset = min(MARGIN, wide / 20, tall / 20)
    u = inset
    v = tall - inset - size[1] * scale if where == "header" else inset
    if turn == 90:
        return 0, scale, -scale, 0, x1 - v, y0 + u
    if turn == 180:
        return -scale, 0, 0, -scale, x1 - u, y1 - v
    if turn == 270:
        return 0, -scale, scale, 0, x0 + v, y1 - u
    return scale, 0, 0, scale, x0 + u, y0 + v


def _box(page: Any) -> tuple[float, float, float, float]:
    """Return the displayed part of a page."""
    box = [float(value) for value in page.cropbox]
    x0, x1 = sorted((box[0], box[2]))
    y0, y1 = sorted((box[1], box[3]))
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else _EMPTY_BOX
