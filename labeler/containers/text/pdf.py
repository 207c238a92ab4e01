"""
PDF: the label as the key ``/AIGC`` of the Info dictionary (TC260-PG-20258A §6.3, R-38).

Changes are appended as an incremental update (ISO 32000-1 7.5.6): the bytes that were there stay,
and so does what a signature covers. Needs pypdf, the extra ``documents``.
"""

from __future__ import annotations

import io
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from labeler.backends import backend
from labeler.containers.carriers import capped
from labeler.containers.model import Carrier
from labeler.containers.spans import label_span
from labeler.containers.tags import xmp
from labeler.containers.text.model import GUIDE, Blocks, DocumentHeader, Surface
from labeler.containers.text.pdf_label import label_form, placement
from labeler.containers.text.textual import require_position
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, LabelError, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


GUIDE_SCHEME, INFO_SCHEME = "tc260-pdf", "pdf-info"
POSITIONS = ("header", "footer")
MAX_PAGES = 20_000

_EDGE_PAGES = 3
_FORM = "/AIGCLabel"


@lru_cache(maxsize=1)
def _pypdf() -> Any:
    pypdf = backend("pypdf", extra="documents", purpose="PDF")
    # Its warnings about odd files go to whoever listens, not to standard error by default.
    logging.getLogger("pypdf").addHandler(logging.NullHandler())
    return pypdf


def _guarded(work: Callable[[], Any]) -> Any:
    """Run work of pypdf on hostile bytes; whatever it trips over is a broken file."""
    try:
        return work()
    except LabelError:
        raise
    except RecursionError as error:
        raise CorruptMedia("the PDF is nested too deeply to be read") from error
    except MemoryError as error:
        raise MediaTooLarge("the PDF unpacks to more than the memory holds") from error
    except Exception as error:
        raise CorruptMedia(
            f"the PDF is broken ({type(error).__name__}: {error})"[:160] + "; save it anew"
        ) from error


def _open(data: bytes) -> Any:
    """Return a reader of the file, or raise."""
    if len(data) > LIMITS.file_bytes:
        raise MediaTooLarge(f"it has {len(data):,} bytes; the limit is {LIMITS.file_bytes:,}")
    pypdf = _pypdf()
    return _guarded(lambda: pypdf.PdfReader(io.BytesIO(data), strict=False))


def _require_open(reader: Any) -> None:
    if reader.is_encrypted:
        raise UnsupportedMedia("the PDF is encrypted; take the password off, then label it (R-42)")


def probe(data: bytes) -> DocumentHeader:
    """Return the facts of the file, see `DocumentContainer.probe`."""
    reader = _open(data)
    pages = 0 if reader.is_encrypted else _guarded(lambda: len(reader.pages))
    if pages > MAX_PAGES:
        raise MediaTooLarge(f"the PDF has {pages:,} pages; the limit is {MAX_PAGES:,}")
    if not pages and not reader.is_encrypted:
        raise CorruptMedia("the PDF has no pages")
    note = "the PDF is signed; the label is appended behind what the signature covers"
    signed = b"/ByteRange" in data
    return DocumentHeader(
        format="pdf",
        placement=GUIDE,
        place="the key /AIGC of the Info dictionary (TC260-PG-20258A §6.3)",
        positions=POSITIONS,
        carries_unicode=False,
        protected=bool(reader.is_encrypted),
        notes=(note,) if signed else (),
    )


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return the copies of a label, see `DocumentContainer.find`."""
    reader = _open(data)
    if reader.is_encrypted:
        fault = "the PDF is encrypted: its metadata cannot be read without the password"
        return (Carrier(scheme=GUIDE_SCHEME, place="PDF", text="", fault=fault),)
    found: list[Carrier] = _guarded(lambda: [*_in_info(reader), *_in_xmp(reader)])
    return capped(found)


def _in_info(reader: Any) -> Iterator[Carrier]:
    info = reader.trailer.get("/Info")
    info = info.get_object() if info is not None else None
    for key, raw in (info or {}).items():
        value = raw.get_object()
        text = value if isinstance(value, str) else ""
        if isinstance(value, bytes):
            text = value.decode("utf-8", "replace")
        if key[1:].strip().casefold() == WRAPPER.casefold():
            yield Carrier(scheme=GUIDE_SCHEME, place=f"PDF Info {key[:40]}", text=str(text))
        elif span := label_span(str(text).encode("utf-8", "replace")[: LIMITS.text_bytes]):
            value_bytes = str(text).encode("utf-8", "replace")[slice(*span)]
            shown = value_bytes.decode("utf-8", "replace")
            yield Carrier(scheme=INFO_SCHEME, place=f"PDF Info {key[:40]}", text=shown)


def _in_xmp(reader: Any) -> Iterator[Carrier]:
    stream = _metadata_stream(reader)
    if stream is not None:
        yield from xmp.find(bytes(stream.get_data()), "PDF XMP")


def _metadata_stream(reader: Any) -> Any:
    root = reader.trailer["/Root"].get_object()
    stream = root.get("/Metadata")
    stream = stream.get_object() if stream is not None else None
    return stream if hasattr(stream, "get_data") else None


def _appended(data: bytes, change: Callable[[Any], None]) -> bytes:
    """Return the file with what ``change`` does to a writer appended to it."""
    _require_open(_open(data))

    def work() -> bytes:
        writer = _pypdf().PdfWriter(io.BytesIO(data), incremental=True)
        change(writer)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    written: bytes = _guarded(work)
    if not written.startswith(data):
        raise CorruptMedia("the PDF cannot be extended without rewriting it; save it anew")
    return written


def write(data: bytes, value: str) -> bytes:
    """Return the file with its one label, see `DocumentContainer.write`."""
    copies = find(data)
    guided = [c for c in copies if c.scheme == GUIDE_SCHEME]
    if [c.text for c in copies] == [value] and guided:
        return data

    def change(writer: Any) -> None:
        generic = _pypdf().generic
        info = writer._info  # noqa: SLF001  pypdf has no public way to drop an older key
        for key in list(info or {}):
            if key[1:].strip().casefold() == WRAPPER.casefold():
                del info[key]
        writer.add_metadata({f"/{WRAPPER}": generic.TextStringObject(value)})
        stream = _metadata_stream_of(writer)
        if stream is not None and xmp.find(bytes(stream.get_data()), "PDF XMP"):
            stream.set_data(_other_properties(bytes(stream.get_data())))

    return _appended(data, change)


def _metadata_stream_of(writer: Any) -> Any:
    stream = writer._root_object.get("/Metadata")  # noqa: SLF001  no public name
    stream = stream.get_object() if stream is not None else None
    return stream if hasattr(stream, "get_data") else None


def _other_properties(packet: bytes) -> bytes:
    """Return an XMP packet whose label has moved to the Info dictionary: one copy a file."""
    return xmp.collapse(packet)


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield nothing: what was there stays as it is, which `write` makes sure of itself."""
    del data
    yield from ()


def map_text(data: bytes, function: Callable[[Blocks], Sequence[Sequence[str]]]) -> bytes:
    """Return the file as it is: a PDF draws glyphs, it has no text to put characters into."""
    function(())
    return data


def add_visible(data: bytes, text: str, where: str) -> bytes:
    """Return the file with the label in type at the top or bottom edge of every page (R-08)."""
    require_position("pdf", where, POSITIONS)

    def change(writer: Any) -> None:
        form, size = label_form(writer, text)
        pre = writer._add_object(_stream(b"q\n"))  # noqa: SLF001  no public way to add an object
        for page in writer.pages:
            matrix = placement(page, size, where)
            _put_on_page(writer, page, pre=pre, form=form, matrix=matrix)

    return _appended(data, change)


def _put_on_page(writer: Any, page: Any, *, pre: Any, form: Any, matrix: tuple[float, ...]) -> None:
    """Draw the form on one page, behind what is there and apart from its graphics state."""
    generic = _pypdf().generic
    name = generic.NameObject
    resources = generic.DictionaryObject(_inherited(page, "/Resources") or {})
    objects = resources.get("/XObject")
    forms = generic.DictionaryObject(objects.get_object() if objects is not None else {})
    key = _FORM
    while key in forms:
        key += "1"
    forms[name(key)] = form
    resources[name("/XObject")] = forms
    page[name("/Resources")] = resources
    numbers = " ".join(f"{number:.4f}" for number in matrix)
    post = writer._add_object(  # noqa: SLF001  as above
        _stream(f"\nQ\nq\n{numbers} cm\n{key} Do\nQ\n".encode())
    )
    page[name("/Contents")] = generic.ArrayObject([pre, *_contents(page, generic), post])


def _contents(page: Any, generic: Any) -> list[Any]:
    raw = page.raw_get("/Contents") if "/Contents" in page else None
    if raw is None:
        return []
    value = raw.get_object()
    if isinstance(value, generic.ArrayObject):
        return list(value)
    return [raw] if isinstance(raw, generic.IndirectObject) else []


def _inherited(page: Any, key: str) -> Any:
    """Return an entry of a page, from its parents if they have it (ISO 32000-1 7.7.3.4)."""
    node = page
    for _ in range(LIMITS.depth * 4):
        if key in node:
            return node[key].get_object()
        if "/Parent" not in node:
            return None
        node = node["/Parent"].get_object()
    return None


def _stream(content: bytes) -> Any:
    generic = _pypdf().generic
    stream = generic.DecodedStreamObject()
    stream.set_data(content)
    return stream


def surfaces(data: bytes) -> tuple[Surface, ...]:
    """Return the text of the first and last pages, see `DocumentContainer.surfaces`."""
    reader = _open(data)
    if reader.is_encrypted:
        return ()
    count = _guarded(lambda: len(reader.pages))
    numbers = {*range(min(_EDGE_PAGES, count)), *range(max(0, count - _EDGE_PAGES), count)}
    texts = _guarded(lambda: [reader.pages[n].extract_text() for n in sorted(numbers)])
    return tuple(
        Surface(place="body", text=text, where=f"page {number + 1}")
        for number, text in zip(sorted(numbers), texts, strict=True)
    )
