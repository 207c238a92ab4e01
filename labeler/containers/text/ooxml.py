"""
DOCX, XLSX and PPTX: the label as the custom property ``AIGC`` (TC260-PG-20258A §6.1, R-38).

One module for all three; where their visible text stands is in `ooxml_text`. Parts of the package
that do not change keep their bytes (R-40).
"""

from __future__ import annotations

import html
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.carriers import capped
from labeler.containers.model import Carrier
from labeler.containers.spans import holds_label, label_span
from labeler.containers.text import ooxml_text
from labeler.containers.text.archive import C2PA_PART, open_archive
from labeler.containers.text.model import GUIDE, Blocks, DocumentHeader, Surface
from labeler.containers.text.textual import require_position, splice
from labeler.containers.text.xml_parts import parse_part, read_xml
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, LabelConflict


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from labeler.containers.text.archive import Archive


GUIDE_SCHEME, PART_SCHEME = "tc260-ooxml", "ooxml-part"

MAIN_PARTS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
"""The folder that tells the three formats apart."""

CUSTOM = "docProps/custom.xml"
_TYPES, _RELS = "[Content_Types].xml", "_rels/.rels"
_FMTID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_NS = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VT = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_REL_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_STRICT_REL = "http://purl.oclc.org/ooxml/officeDocument/relationships/customProperties"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OTHER_PARTS = re.compile(r"(?:docProps/(?:core|app)\.xml|customXml/[^/]*\.xml)\Z")
_PROPERTY = re.compile(
    r"<(?:[\w.-]+:)?property\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?"
    r"(?:/>|>.*?</(?:[\w.-]+:)?property\s*>)",
    re.DOTALL,
)
_NAME = re.compile(r"""\bname\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_PID = re.compile(r"""\bpid\s*=\s*["'](\d{1,9})["']""")
_ID = re.compile(r"""\bId\s*=\s*["']([^"']*)["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficePackage:
    """The container of one of the three formats; ``format`` is docx, xlsx or pptx."""

    format: str

    def probe(self, data: bytes) -> DocumentHeader:
        """Return the facts of the file, see `DocumentContainer.probe`."""
        archive = self._open(data)
        signed = any(name.startswith("_xmlsignatures/") for name in archive.names)
        note = "the document is signed; a label makes its signature invalid"
        return DocumentHeader(
            format=self.format,
            placement=GUIDE,
            place="the custom property AIGC (TC260-PG-20258A §6.1)",
            positions=ooxml_text.POSITIONS[self.format],
            notes=(note,) if signed else (),
        )

    def _open(self, data: bytes) -> Archive:
        archive = open_archive(data)
        for needed in (_TYPES, _RELS):
            if needed not in archive.names:
                raise CorruptMedia(f"the package has no {needed}: it is no {self.format.upper()}")
        return archive

    def find(self, data: bytes) -> tuple[Carrier, ...]:
        """Return the copies of a label, see `DocumentContainer.find`."""
        archive = self._open(data)
        return capped([*_in_properties(archive), *_in_parts(archive)])

    def write(self, data: bytes, value: str) -> bytes:
        """Return the file with its one label, see `DocumentContainer.write`."""
        archive = self._open(data)
        elsewhere = next(_in_parts(archive), None)
        if elsewhere is not None:
            raise LabelConflict(
                f"a copy of a label stands in {elsewhere.place}, which belongs to another program;"
                " take it out there first (GB 45438-2025 6.1 c)"
            )
        part = custom_part(archive)
        if part in archive.names:
            return archive.with_parts({part: _merged(read_xml(archive, part), value).encode()})
        return archive.with_parts(_first_property(archive, value))

    def map_text(self, data: bytes, function: Callable[[Blocks], Sequence[Sequence[str]]]) -> bytes:
        """Return the file with other human text, see `DocumentContainer.map_text`."""
        archive = self._open(data)
        parts = ooxml_text.text_parts(self.format, archive.names)
        texts = {part: read_xml(archive, part) for part in parts}
        blocks = [
            (part, block) for part, text in texts.items() for block in ooxml_text.blocks_of(text)
        ]
        given = tuple(tuple(run.text for run in block) for _, block in blocks)
        edits: dict[str, list[tuple[int, int, str]]] = {}
        for (part, block), said in zip(blocks, function(given), strict=True):
            for run, text in zip(block, said, strict=True):
                if text != run.text:
                    new = html.escape(text, quote=False)
                    edits.setdefault(part, []).append((run.start, run.end, new))
        changed = {part: splice(texts[part], e).encode() for part, e in edits.items()}
        return archive.with_parts(changed) if changed else data

    def payload_bytes(self, data: bytes) -> Iterator[memoryview]:
        """Yield every part but those that say what properties there are (R-40)."""
        archive = self._open(data)
        about = {_TYPES, _RELS, custom_part(archive)}
        for name in sorted(set(archive.names) - about - {C2PA_PART, "META-INF/"}):
            yield memoryview(archive.read(name))

    def add_visible(self, data: bytes, text: str, where: str) -> bytes:
        """Return the file with a visible label, see `DocumentContainer.add_visible`."""
        require_position(self.format, where, ooxml_text.POSITIONS[self.format])
        archive = self._open(data)
        return archive.with_parts(
            ooxml_text.visible_parts(
                self.format,
                lambda part: read_xml(archive, part),
                archive.names,
                words=text,
                where=where,
            )
        )

    def surfaces(self, data: bytes) -> tuple[Surface, ...]:
        """Return where people would see a label, see `DocumentContainer.surfaces`."""
        archive = self._open(data)
        return ooxml_text.surfaces(self.format, lambda part: read_xml(archive, part), archive.names)


def custom_part(archive: Archive) -> str:
    """Return the name of the part with the custom properties; the usual one when there is none."""
    root = parse_part(archive.read(_RELS), _RELS)
    for relation in root:
        if relation.get("Type") in {_REL_TYPE, _STRICT_REL}:
            return posixpath.normpath(relation.get("Target", "").lstrip("/"))
    return CUSTOM


def _in_properties(archive: Archive) -> Iterator[Carrier]:
    """Yield the custom properties that are a label."""
    part = custom_part(archive)
    if part not in archive.names:
        return
    for prop in parse_part(archive.read(part), part):
        name = prop.get("name", "")
        text = "".join(prop.itertext())
        if name.strip().casefold() == WRAPPER.casefold():
            yield Carrier(scheme=GUIDE_SCHEME, place=f"{part} property {name[:40]}", text=text)
        elif "aigc" in name.casefold() and label_span(text.encode("utf-8", "replace")):
            yield Carrier(scheme=PART_SCHEME, place=f"{part} property {name[:40]}", text=text)


def _in_parts(archive: Archive) -> Iterator[Carrier]:
    """Yield labels in core properties and custom XML, where other programs put them."""
    for part in archive.names:
        if not _OTHER_PARTS.match(part):
            continue
        raw = archive.read(part)
        if not holds_label(raw):
            continue
        root = parse_part(raw, part)
        named = "aigc" in posixpath.basename(part).casefold() or "AIGC" in root.tag
        texts = ["".join(root.itertext())] if named else [t.text or "" for t in root.iter()]
        for text in texts:
            span = label_span(text.encode("utf-8", "replace"))
            if span:
                found = text.encode("utf-8", "replace")[slice(*span)].decode("utf-8", "replace")
                yield Carrier(scheme=PART_SCHEME, place=part, text=found)


def _is_label(element: str) -> bool:
    name = _NAME.search(element)
    shown = html.unescape((name[1] or name[2] or "") if name else "")
    return shown.strip().casefold() == WRAPPER.casefold()


def _merged(text: str, value: str) -> str:
    """Return the custom properties with the label in place of older ones; others stay as is."""
    old = [m for m in _PROPERTY.finditer(text) if _is_label(m[0])]
    number = max((int(pid) for pid in _PID.findall(text)), default=1) + 1
    if old:
        pid = _PID.search(old[0][0])
        first = (old[0].start(), old[0].end(), _property(value, int(pid[1]) if pid else number))
        return splice(text, [first, *((m.start(), m.end(), "") for m in old[1:])])
    return _before_end(text, "Properties", _property(value, number))


def _property(value: str, pid: int) -> str:
    # Its own namespaces, whatever prefixes the part uses.
    return (
        f'<property xmlns="{_NS}" fmtid="{_FMTID}" pid="{max(2, pid)}" name="{WRAPPER}">'
        f'<vt:lpwstr xmlns:vt="{_VT}">{html.escape(value, quote=False)}</vt:lpwstr></property>'
    )


def _before_end(text: str, name: str, new: str) -> str:
    """Return an XML text with something new as the last child of its root."""
    end = re.search(rf"</(?:[\w.-]+:)?{name}\s*>\s*(?:<!--.*?-->\s*)*\Z", text, re.DOTALL)
    if end:
        return text[: end.start()] + new + text[end.start() :]
    empty = re.search(rf"<((?:[\w.-]+:)?{name})\b([^<>]*)/>\s*\Z", text)
    if empty is None:
        raise CorruptMedia(f"the package part with {name} does not end as it should")
    return f"{text[: empty.start()]}<{empty[1]}{empty[2]}>{new}</{empty[1]}>"


def _first_property(archive: Archive, value: str) -> dict[str, bytes]:
    """Return the parts that give a package its first custom property."""
    properties = (
        f'{_HEAD}<Properties xmlns="{_NS}" xmlns:vt="{_VT}">{_property(value, 2)}</Properties>'
    )
    types, rels = read_xml(archive, _TYPES), read_xml(archive, _RELS)
    override = f'<Override PartName="/{CUSTOM}" ContentType="{_CONTENT_TYPE}"/>'
    taken = set(_ID.findall(rels))
    number = next(n for n in range(1, len(taken) + 2) if f"rIdAigc{n}" not in taken)
    relation = f'<Relationship Id="rIdAigc{number}" Type="{_REL_TYPE}" Target="{CUSTOM}"/>'
    return {
        _TYPES: _before_end(types, "Types", override).encode(),
        _RELS: _before_end(rels, "Relationships", relation).encode(),
        CUSTOM: properties.encode(),
    }
