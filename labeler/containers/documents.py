"""
The document formats that can be labelled, and how they are told apart.

Text files have no signature: of those the name says what is meant, and the content whether that can
be (R-51). Without a name the content alone decides; then what is not unmistakable is plain text.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.containers.text import epub, pdf
from labeler.containers.text.archive import open_archive
from labeler.containers.text.encodings import is_text, read_text
from labeler.containers.text.front_matter import front_matters
from labeler.containers.text.html_page import HTML
from labeler.containers.text.json_scan import scan_json
from labeler.containers.text.json_text import JSON, JSON_LINES
from labeler.containers.text.markdown import MARKDOWN
from labeler.containers.text.ooxml import MAIN_PARTS, OfficePackage
from labeler.containers.text.plain_text import PLAIN
from labeler.containers.text.source_code import COMMENTS, DATA, NO_COMMENTS, source_document
from labeler.containers.text.subtitles import SRT, VTT
from labeler.containers.text.toml_matter import toml_matter
from labeler.errors import LabelError, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.containers.text.model import DocumentContainer


DOCUMENTS: Mapping[str, DocumentContainer] = MappingProxyType(
    {
        "text": PLAIN,
        "markdown": MARKDOWN,
        "html": HTML,
        "json": JSON,
        "jsonl": JSON_LINES,
        "srt": SRT,
        "vtt": VTT,
        "source": source_document("py"),
        "data": DATA,
        "docx": OfficePackage(format="docx"),
        "xlsx": OfficePackage(format="xlsx"),
        "pptx": OfficePackage(format="pptx"),
        "pdf": pdf,
        "epub": epub,
    }
)
"""The document formats by name; source code takes its comments from the file name instead."""

DOCUMENT_ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": (".txt", ".text", ".rst", ".adoc", ".org", ""),
        "markdown": (".md", ".markdown", ".mkd", ".mdown", ".mdx", ".qmd", ".rmd"),
        "html": (".html", ".htm", ".xhtml"),
        "json": (".json",),
        "jsonl": (".jsonl", ".ndjson"),
        "srt": (".srt",),
        "vtt": (".vtt",),
        "source": tuple(f".{ending}" for ending in COMMENTS),
        "data": tuple(f".{ending}" for ending in sorted(NO_COMMENTS)),
        "docx": (".docx", ".docm", ".dotx", ".dotm"),
        "xlsx": (".xlsx", ".xlsm", ".xltx", ".xltm"),
        "pptx": (".pptx", ".pptm", ".potx", ".potm", ".ppsx", ".ppsm"),
        "pdf": (".pdf",),
        "epub": (".epub",),
    }
)
"""Usual name endings per format, the first one for advice."""

_BY_ENDING = {
    ending.removeprefix("."): name
    for name in ("markdown", "html", "json", "jsonl", "srt", "vtt", "source", "data")
    for ending in DOCUMENT_ENDINGS[name]
}
_OTHER_MEDIA = frozenset(
    (
        "jpg", "jpeg", "jpe", "jfif", "mpo", "png", "apng", "gif", "webp", "tif", "tiff",
        "avif", "avifs", "heic", "heif", "hif", "bmp", "ico", "psd", "svg", "wav", "wave",
        "bwf", "mp3", "flac", "ogg", "oga", "opus", "spx", "m4a", "m4b", "aac", "aif", "aiff",
        "aifc", "wma", "asf", "mp4", "m4v", "mov", "mkv", "mka", "webm", "avi", "flv", "wmv",
        "ts", "mpg", "mpeg", "zip", "gz", "7z", "rar", "exe", "dll", "so", "doc", "xls", "ppt",
    )
)  # fmt: skip
"""Endings that no text has: text under such a name is a broken file, not a document."""

_KNOWN = frozenset(e.removeprefix(".") for ends in DOCUMENT_ENDINGS.values() for e in ends)
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!DOCTYPE\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_SRT = re.compile(r"\s*\d{1,6}[ \t]*(?:\r\n|\n|\r)\d{1,4}:\d\d:\d\d[.,]\d{1,3}[ \t]*-->")
_VTT = re.compile(r"WEBVTT(?:[ \t\r\n]|\Z)")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON_MOST = 16 << 20
_LEAD = 8192


def ending_of(name: str) -> str:
    """
    Return the ending of a file name in lower case without its dot; the whole name if it has none.

    >>> ending_of("a/b/Notes.MD"), ending_of("src/Makefile"), ending_of("")
    ('md', 'makefile', '')
    """
    base = name.replace("\\", "/").rpartition("/")[2].lower()
    stem, dot, ending = base.rpartition(".")
    return ending if dot and stem else base.removeprefix(".")


def is_known_ending(name: str) -> bool:
    """
    Say whether a file name has no ending, or one of a format that can be labelled.

    >>> is_known_ending("notes"), is_known_ending("notes.txt"), is_known_ending("notes.cfg")
    (True, True, False)
    """
    base = name.replace("\\", "/").rpartition("/")[2].lower()
    return "." not in base.lstrip(".") or ending_of(name) in _KNOWN


def sniff_document(data: bytes, name: str = "") -> str | None:
    """
    Return the document format of a file, or None when it is no document.

    >>> sniff_document(b"# Title", "notes.md"), sniff_document(b"WEBVTT"), sniff_document(b"hi")
    ('markdown', 'vtt', 'text')
    """
    head = bytes(data[:1024])
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\3\4"):
        return _package(data)
    if not data or ending_of(name) in _OTHER_MEDIA - _KNOWN or not is_text(data):
        return None
    return _BY_ENDING.get(ending_of(name)) or _by_content(data)


def _package(data: bytes) -> str | None:
    """Return the document format of a ZIP package."""
    if data[30:58] == b"mimetypeapplication/epub+zip":
        return "epub"
    try:
        names = open_archive(data).names
    except LabelError:
        # By its first parts then, so that the error is that of the format.
        names = tuple(f for f in MAIN_PARTS.values() if f.encode() in data)
    for format_name, folder in MAIN_PARTS.items():
        if any(name.startswith(folder) for name in names):
            return format_name
    return "epub" if "META-INF/container.xml" in names else None


def _by_content(data: bytes) -> str:
    """Return the format of a text whose name says nothing."""
    try:
        text = read_text(data).text
    except LabelError:
        return "text"
    for name, pattern in (("vtt", _VTT), ("srt", _SRT), ("html", _PAGE)):
        if pattern.match(text[:_LEAD]):
            return name
    if text.lstrip()[:1] in {"{", "["} and (found := _json(text)):
        return found
    return "markdown" if front_matters(text) or toml_matter(text) else "text"


def _json(text: str) -> str | None:
    """Return json or jsonl for a text that parses as such."""
    if len(text) > _JSON_MOST:
        return None
    first, _, rest = text.strip().partition("\n")
    for name, part in (("json", text), ("jsonl", first if rest.strip() else "")):
        try:
            nodes = scan_json(part) if part else []
        except LabelError:
            continue
        if nodes and nodes[-1].kind in "{[" and (name == "json" or nodes[-1].kind == "{"):
            return name
    return None


def document_container_of(data: bytes, name: str = "") -> DocumentContainer:
    """
    Return the container of a document; ``name`` is its file name where there is one.

    Raises `UnsupportedMedia` for what is no document, and says what it is.
    """
    found = sniff_document(data, name)
    if found == "source":
        return source_document(ending_of(name))
    if found is not None:
        return DOCUMENTS[found]
    if data.startswith(_OLD_OFFICE):
        raise UnsupportedMedia(
            "this is an Office file that is encrypted, or of the old kind (DOC, XLS, PPT); take "
            "the password off, or save it as DOCX, XLSX or PPTX"
        )
    if data and not data.startswith(b"PK\3\4"):
        read_text(data)  # says why it is no text
        raise UnsupportedMedia(
            f"the name ends in .{ending_of(name)[:20]}, the content is text: the file is broken, "
            "or has the wrong name"
        )
    raise UnsupportedMedia(f"this is no document; labels are put into {', '.join(DOCUMENTS)}")
