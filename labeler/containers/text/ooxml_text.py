"""
Where people see text in DOCX, XLSX and PPTX: paragraphs, headers and footers, cells, slides.

Edits are made in the text of the XML parts, so that everything else in them stays as it is.
"""

from __future__ import annotations

import html
import posixpath
import re
from typing import TYPE_CHECKING

from labeler.containers.text.model import Surface
from labeler.containers.text.textual import Run, splice
from labeler.errors import CorruptMedia, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from labeler.containers.text.textual import Edit

    ReadPart = Callable[[str], str]


POSITIONS = {
    "docx": ("start", "end", "header", "footer", "corner"),
    "xlsx": ("end", "header", "footer"),
    "pptx": ("start", "end", "footer"),
}
"""Places of a visible label by format, the default first; a sheet has no free first row."""

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT = {
    _W: "http://purl.oclc.org/ooxml/wordprocessingml/main",
    _A: "http://purl.oclc.org/ooxml/drawingml/main",
    _P: "http://purl.oclc.org/ooxml/presentationml/main",
    _S: "http://purl.oclc.org/ooxml/spreadsheetml/main",
}
_TEXT_PARTS = {
    "docx": re.compile(r"word/(?:document\d*|header\d+|footer\d+|footnotes|endnotes)\.xml\Z"),
    "xlsx": re.compile(r"xl/(?:sharedStrings|worksheets/sheet\d+)\.xml\Z"),
    "pptx": re.compile(r"ppt/(?:slides/slide|notesSlides/notesSlide)\d+\.xml\Z"),
}
_HEADER = {
    "header": re.compile(r"word/header\d+\.xml\Z"),
    "footer": re.compile(r"word/footer\d+\.xml\Z"),
}
_RUN = re.compile(r"<((?:[\w.-]+:)?t)(?:\s[^<>]*)?(?<!/)>([^<]*)</\1\s*>")
_PARAGRAPH = re.compile(r"</(?:[\w.-]+:)?(?:p|si|is|comment)\s*>")
_BREAK = re.compile(r"<(?:[\w.-]+:)?(?:br|cr|tab)\b[^<>]*>")
_BODY = re.compile(r"<((?:[\w.-]+:)?)body\b[^<>]*>")
_SECTION = re.compile(r"<(?:[\w.-]+:)?sectPr\b")
_SHEET_DATA = re.compile(r"<((?:[\w.-]+:)?)sheetData\b[^<>]*?(/?)>")
_ROW = re.compile(r"<(?:[\w.-]+:)?row\b[^<>]*?\br=\"(\d{1,7})\"")
_DIMENSION = re.compile(
    r"(<(?:[\w.-]+:)?dimension\b[^<>]*?\bref=\"[A-Z]{1,3}\d+:[A-Z]{1,3})(\d+)\""
)
_LAST_ROW = 1_048_576
_NUMBER = re.compile(r"(\d+)")
_HAN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\u3040-\u30ff]")


def _natural(name: str) -> list[str | int]:
    return [int(piece) if piece.isdigit() else piece for piece in _NUMBER.split(name)]


def text_parts(format_name: str, names: Sequence[str]) -> list[str]:
    """Return the parts that hold text, the body first, in the order of their numbers."""
    found = (name for name in names if _TEXT_PARTS[format_name].match(name))
    return sorted(
        found, key=lambda n: (re.search(r"header|footer|notes", n) is not None, _natural(n))
    )


def blocks_of(text: str) -> Iterator[tuple[Run, ...]]:
    """Yield the paragraphs of a part, each of its runs."""
    block: list[Run] = []
    position = 0
    for end in [*(match.end() for match in _PARAGRAPH.finditer(text)), len(text)]:
        for match in _RUN.finditer(text, position, end):
            if match[2]:
                said = html.unescape(match[2])
                block.append(Run(start=match.start(2), end=match.end(2), text=said))
        if block:
            yield tuple(block)
            block = []
        position = end


def _lines(text: str) -> str:
    """Return the text of a part, a line a paragraph."""
    return "\n".join("".join(run.text for run in block) for block in blocks_of(text))


def surfaces(format_name: str, read: ReadPart, names: Sequence[str]) -> tuple[Surface, ...]:
    """Return where a label could be seen; see `DocumentContainer.surfaces`."""
    parts = text_parts(format_name, names)
    if format_name == "docx":
        return tuple(_docx_surfaces(parts, read))
    if format_name == "pptx":
        slides = [part for part in parts if "/slides/" in part]
        return tuple(
            Surface(place="footer", text=_lines(read(part)), where=posixpath.basename(part))
            for part in slides
        )
    return tuple(_sheet_surfaces(names, read))


def _docx_surfaces(parts: Sequence[str], read: ReadPart) -> Iterator[Surface]:
    for part in parts:
        place = "header" if "header" in part else "footer" if "footer" in part else "body"
        if "notes" not in part:
            yield Surface(place=place, text=_lines(read(part)), where=posixpath.basename(part))
            yield from _corners(read(part))


def _corners(text: str) -> Iterator[Surface]:
    """Yield the raised runs of a part (R-07)."""
    for match in re.finditer(
        r"<(?:\w+:)?vertAlign\b[^<>]*superscript[^<>]*/>.{0,400}?<(?:\w+:)?t\b[^<>]*>([^<]{1,200})<",
        text,
        re.DOTALL,
    ):
        yield Surface(place="corner", text=html.unescape(match[1]).strip())


def _sheet_surfaces(names: Sequence[str], read: ReadPart) -> Iterator[Surface]:
    for part in _sheets(names):
        text = read(part)
        inline = list(re.finditer(r"<(?:\w+:)?is>(.*?)</(?:\w+:)?is>", text, re.DOTALL))
        said = ["".join(r.text for b in blocks_of(m[0]) for r in b) for m in inline[-8:]]
        if said:
            yield Surface(place="cue", text="\n".join(said), where=posixpath.basename(part))
        for place in ("header", "footer"):
            for match in re.finditer(
                rf"<(?:\w+:)?(?:odd|even|first){place.title()}>([^<]*)<", text
            ):
                shown = re.sub(
                    r"&(?:[LCR]|\"[^\"]*\"|\d+|K[0-9A-F]{6})", "\n", html.unescape(match[1])
                )
                yield Surface(place=place, text=shown, where=posixpath.basename(part))
    if "xl/sharedStrings.xml" in names:
        lines = _lines(read("xl/sharedStrings.xml")).split("\n")
        yield Surface(
            place="cue", text="\n".join([*lines[:3], *lines[-3:]]), where="shared strings"
        )


def _sheets(names: Sequence[str]) -> list[str]:
    found = (n for n in names if re.fullmatch(r"xl/worksheets/[^/]+\.xml", n))
    return sorted(found, key=_natural)


def visible_parts(
    format_name: str, read: ReadPart, names: Sequence[str], *, words: str, where: str
) -> dict[str, bytes]:
    """Return the parts with a visible label in them; see `DocumentContainer.add_visible`."""
    if format_name == "docx":
        return _in_document(read, names, words, where)
    if format_name == "xlsx":
        sheets = _sheets(names)
        if not sheets:
            raise UnsupportedMedia("the workbook has no worksheet that a label could stand in")
        add = _in_sheet if where == "end" else _in_page_setup
        return {part: add(read(part), words, where).encode() for part in sheets}
    slides = [part for part in text_parts("pptx", names) if "/slides/" in part]
    if not slides:
        raise UnsupportedMedia("the presentation has no slide that a label could stand on")
    size = re.search(r"<(?:\w+:)?sldSz\b[^<>]*", read("ppt/presentation.xml"))
    chosen = {"start": slides[:1], "end": slides[-1:], "footer": slides}[where]
    return {part: _on_slide(read(part), words, size[0] if size else "").encode() for part in chosen}


def _namespace(text: str, uri: str) -> str:
    """Return the namespace a part uses, the transitional or the strict one."""
    return _STRICT[uri] if _STRICT[uri] in text[:8192] else uri


def _paragraph(words: str, ns: str, *, corner: bool = False) -> str:
    """Return a paragraph of its own; it names its namespace, whatever prefixes the part uses."""
    raised = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>' if corner else ""
    run = f"<w:r>{raised}<w:t>{html.escape(words, quote=False)}</w:t></w:r>"
    return f'<w:p xmlns:w="{ns}">{run}</w:p>'


def _in_document(read: ReadPart, names: Sequence[str], words: str, where: str) -> dict[str, bytes]:
    if where in _HEADER:
        parts = [name for name in names if _HEADER[where].match(name)]
        if not parts:
            raise UnsupportedMedia(
                f"the document has no {where}; add one, or put the label at start or end"
            )
        return {part: _at_end_of_root(read(part), words).encode() for part in parts}
    part = next((n for n in names if re.fullmatch(r"word/document\d*\.xml", n)), "")
    if not part:
        raise CorruptMedia("the package has no word/document.xml: it is no DOCX")
    text = read(part)
    body = _BODY.search(text)
    if body is None:
        raise CorruptMedia("the document has no body")
    paragraph = _paragraph(words, _namespace(text, _W), corner=where == "corner")
    if where in {"start", "corner"}:
        return {part: splice(text, [(body.end(), body.end(), paragraph)]).encode()}
    return {part: splice(text, [_last_paragraph(text, paragraph)]).encode()}


def _last_paragraph(text: str, paragraph: str) -> Edit:
    """Return the edit that puts a paragraph last, before the settings of the last section."""
    end = text.rindex("</", 0, text.rindex("body"))
    sections = [m.start() for m in _SECTION.finditer(text, 0, end)]
    if sections and not re.search(r"</(?:[\w.-]+:)?p\s*>", text[sections[-1] : end]):
        end = sections[-1]
    return end, end, paragraph


def _at_end_of_root(text: str, words: str) -> str:
    end = text.rstrip().rindex("</")
    return text[:end] + _paragraph(words, _namespace(text, _W)) + text[end:]


def _in_sheet(text: str, words: str, _where: str) -> str:
    """Return a sheet with the label in a row of its own under all others."""
    data = _SHEET_DATA.search(text)
    if data is None:
        raise CorruptMedia("a worksheet has no sheetData")
    rows = [int(number) for number in _ROW.findall(text)]
    row = max(rows, default=0) + (2 if rows else 1)
    if row > _LAST_ROW:
        raise UnsupportedMedia("the sheet is full to its last row; put the label in the footer")
    ns = _namespace(text, _S)
    cell = f'<c r="A{row}" t="inlineStr"><is><t>{html.escape(words, quote=False)}</t></is></c>'
    new = f'<row xmlns="{ns}" r="{row}">{cell}</row>'
    edits: list[Edit] = []
    if data[2]:
        whole = data[0][:-2] + ">" + new + f"</{data[1]}sheetData>"
        edits.append((data.start(), data.end(), whole))
    else:
        end = text.index(f"</{data[1]}sheetData", data.end())
        edits.append((end, end, new))
    if size := _DIMENSION.search(text):
        edits.append((size.start(2), size.end(2), str(max(row, int(size[2])))))
    return splice(text, edits)


_AFTER_SETUP = re.compile(
    r"<(?:[\w.-]+:)?(?:rowBreaks|colBreaks|customProperties|cellWatches|ignoredErrors|smartTags"
    r"|drawing|legacyDrawing|legacyDrawingHF|drawingHF|picture|oleObjects|controls|webPublishItems"
    r"|tableParts|extLst)\b|</(?:[\w.-]+:)?worksheet\s*>"
)


def _in_page_setup(text: str, words: str, where: str) -> str:
    """Return a sheet whose printed pages have the label in their header or footer."""
    name = f"odd{where.title()}"
    safe = html.escape(words.replace("&", "&&"), quote=False)
    there = re.search(rf"(<((?:[\w.-]+:)?){name}>)([^<]*)", text)
    if there:
        lead = "&amp;C" if "&amp;C" not in there[3] else "\n"
        return splice(text, [(there.end(), there.end(), f"{lead}{safe}")])
    ns = _namespace(text, _S)
    element = f'<{name} xmlns="{ns}">&amp;C{safe}</{name}>'
    group = re.search(r"<((?:[\w.-]+:)?)headerFooter\b[^<>]*?(/?)>", text)
    if group and not group[2]:
        first = where == "header"
        footer = re.search(r"<(?:[\w.-]+:)?(?:even|first)", text[group.end() :])
        close = text.index(f"</{group[1]}headerFooter", group.end())
        at = group.end() if first else group.end() + footer.start() if footer else close
        return splice(text, [(at, at, element)])
    whole = f'<headerFooter xmlns="{ns}">{element}</headerFooter>'
    if group:
        return splice(text, [(group.start(), group.end(), whole)])
    after = _AFTER_SETUP.search(text, text.index("sheetData"))
    if after is None:
        raise CorruptMedia("a worksheet does not end as it should")
    return splice(text, [(after.start(), after.start(), whole)])


def _on_slide(text: str, words: str, size: str) -> str:
    """Return a slide with a text box for the label at its bottom edge."""
    width, height = (
        int(m[1]) if (m := re.search(rf'\b{side}="(\d{{1,9}})"', size)) else default
        for side, default in (("cx", 9_144_000), ("cy", 6_858_000))
    )
    end = re.search(r"</(?:[\w.-]+:)?spTree\s*>", text)
    if end is None:
        raise CorruptMedia("a slide has no tree of shapes")
    ids = (
        int(number)
        for number in re.findall(r"<(?:[\w.-]+:)?cNvPr\b[^<>]*?\bid=\"(\d{1,9})\"", text)
    )
    number = max(ids, default=1) + 1
    a, p = _namespace(text, _A), _namespace(text, _P)
    tall = height // 15
    language = "zh-CN" if _HAN.search(words) else "en-US"
    box = (
        f'<p:sp xmlns:p="{p}" xmlns:a="{a}"><p:nvSpPr><p:cNvPr id="{number}" name="AIGC label"/>'
        '<p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm>'
        f'<a:off x="{width // 40}" y="{height - tall - height // 60}"/>'
        f'<a:ext cx="{width // 2}" cy="{tall}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        '<p:txBody><a:bodyPr wrap="square" anchor="b"/><a:lstStyle/>'
        f'<a:p><a:r><a:rPr lang="{language}" sz="1400"/>'
        f"<a:t>{html.escape(words, quote=False)}</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    return splice(text, [(end.start(), end.start(), box)])
