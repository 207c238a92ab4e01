"""
EPUB: the label as ``<meta name="AIGC">`` in the package document; no guide names it (R-39).

The visible label is a paragraph at the start of the first chapter or the end of the last.
"""

from __future__ import annotations

import html
import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from labeler.containers.carriers import capped
from labeler.containers.model import Carrier
from labeler.containers.text import html_page
from labeler.containers.text.archive import C2PA_PART, open_archive
from labeler.containers.text.markup import escape_text, text_runs
from labeler.containers.text.model import CUSTOM, Blocks, DocumentHeader, Surface
from labeler.containers.text.textual import require_position, splice
from labeler.containers.text.xml_parts import parse_part, read_xml
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from labeler.containers.text.archive import Archive


SCHEME = "epub-meta"
POSITIONS = ("start", "end")

_INDEX = "META-INF/container.xml"
_META = re.compile(
    r"[ \t]*<((?:[\w.-]+:)?)meta\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(?:/>|>(.*?)</\1meta\s*>)"
    r"(?:[ \t]*\r?\n)?",
    re.DOTALL,
)
_NAMED = re.compile(r"""\b(?:name|property)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CONTENT = re.compile(r"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_END = re.compile(r"</(?:[\w.-]+:)?metadata\s*>")


def probe(data: bytes) -> DocumentHeader:
    """Return the facts of the file, see `DocumentContainer.probe`."""
    archive = open_archive(data)
    _package_name(archive)
    protected = "META-INF/encryption.xml" in archive.names and b"xmlenc#aes" in archive.read(
        "META-INF/encryption.xml"
    )
    return DocumentHeader(
        format="epub",
        placement=CUSTOM,
        place='<meta name="AIGC"> of the package document (no guide names it)',
        positions=POSITIONS,
        protected=protected,
    )


def _package_name(archive: Archive) -> str:
    """Return the name of the package document (OPF)."""
    if _INDEX not in archive.names:
        raise CorruptMedia(f"the package has no {_INDEX}: it is no EPUB")
    root = parse_part(archive.read(_INDEX), _INDEX)
    for element in root.iter():
        if element.tag.rpartition("}")[2] == "rootfile":
            name = posixpath.normpath(unquote(element.get("full-path", "")))
            if name in archive.names:
                return name
    raise CorruptMedia("the EPUB names no package document")


def _metas(text: str) -> list[tuple[re.Match[str], str]]:
    """Return the meta elements that hold a label, each with its value."""
    found = []
    for match in _META.finditer(text):
        name = _NAMED.search(match[2])
        shown = html.unescape((name[1] or name[2] or "") if name else "").strip()
        if shown.rpartition(":")[2].casefold() != WRAPPER.casefold():
            continue
        content = _CONTENT.search(match[2])
        value = (content[1] or content[2] or "") if content else (match[3] or "")
        found.append((match, html.unescape(value).strip()))
    return found


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return the copies of a label, see `DocumentContainer.find`."""
    archive = open_archive(data)
    name = _package_name(archive)
    carriers = [
        Carrier(scheme=SCHEME, place=f"{name} meta", text=value)
        for _, value in _metas(read_xml(archive, name))
    ]
    for chapter in _chapters(archive):
        raw = archive.read(chapter)
        if b"AIGC" in raw:
            carriers += [p.carrier for p in html_page.locate(raw.decode("utf-8", "replace"))]
    return capped(carriers)


def write(data: bytes, value: str) -> bytes:
    """Return the file with its one label, see `DocumentContainer.write`."""
    archive = open_archive(data)
    name = _package_name(archive)
    text = read_xml(archive, name)
    meta = f'<meta name="{WRAPPER}" content="{html.escape(value)}"/>'
    old = [match for match, _ in _metas(text)]
    text = splice(text, [(match.start(), match.end(), "") for match in old])
    end = _END.search(text)
    if end is None:
        raise CorruptMedia("the package document of the EPUB has no metadata")
    line = text.rfind("\n", 0, end.start()) + 1
    lead = text[line : end.start()]
    prefix = f"{lead}  {meta}\n" if not lead.strip() else meta
    at = line if not lead.strip() else end.start()
    return archive.with_parts({name: splice(text, [(at, at, prefix)]).encode()})


def _chapters(archive: Archive) -> list[str]:
    """Return the pages of the book in reading order."""
    name = _package_name(archive)
    root = parse_part(archive.read(name), name)
    items: dict[str, str] = {}
    spine: list[str] = []
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "item" and "html" in element.get("media-type", ""):
            items[element.get("id", "")] = unquote(element.get("href", ""))
        elif tag == "itemref":
            spine.append(element.get("idref", ""))
    folder = posixpath.dirname(name)
    pages = (posixpath.normpath(posixpath.join(folder, items[i])) for i in spine if i in items)
    return list(dict.fromkeys(page for page in pages if page in archive.names))


def _chapter(archive: Archive, name: str) -> str:
    try:
        return archive.read(name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorruptMedia(f"the chapter {name[:80]} is no UTF-8 (EPUB asks for it)") from error


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield every part but the package document (R-40)."""
    archive = open_archive(data)
    for name in sorted(set(archive.names) - {_package_name(archive), C2PA_PART, "META-INF/"}):
        yield memoryview(archive.read(name))


def map_text(data: bytes, function: Callable[[Blocks], Sequence[Sequence[str]]]) -> bytes:
    """Return the file with other human text, see `DocumentContainer.map_text`."""
    archive = open_archive(data)
    texts = {name: _chapter(archive, name) for name in _chapters(archive)}
    blocks = [(name, block) for name, text in texts.items() for block in text_runs(text)]
    given = tuple(tuple(run.text for run in block) for _, block in blocks)
    edits: dict[str, list[tuple[int, int, str]]] = {}
    for (name, block), said in zip(blocks, function(given), strict=True):
        for run, text in zip(block, said, strict=True):
            if text != run.text:
                edits.setdefault(name, []).append((run.start, run.end, escape_text(text)))
    changed = {name: splice(texts[name], e).encode() for name, e in edits.items()}
    return archive.with_parts(changed) if changed else data


def add_visible(data: bytes, text: str, where: str) -> bytes:
    """Return the file with a visible label, see `DocumentContainer.add_visible`."""
    require_position("epub", where, POSITIONS)
    archive = open_archive(data)
    chapters = _chapters(archive)
    if not chapters:
        raise UnsupportedMedia("the EPUB has no chapter that a label could stand in")
    name = chapters[0 if where == "start" else -1]
    page = _chapter(archive, name)
    edits = html_page.show(page, text, where, "\n")
    return archive.with_parts({name: splice(page, edits).encode()})


def surfaces(data: bytes) -> tuple[Surface, ...]:
    """Return where people would see a label, see `DocumentContainer.surfaces`."""
    archive = open_archive(data)
    chapters = _chapters(archive)
    ends = dict.fromkeys([*chapters[:1], *chapters[-1:]])
    return tuple(s for name in ends for s in html_page.seen(_chapter(archive, name)))
