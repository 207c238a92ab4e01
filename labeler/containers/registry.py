"""
Every format that can be labelled, by family: pictures, sound and documents, as their bytes say.

Text files have no signature; of those, and only of those, the file name is asked as well.
"""

from __future__ import annotations

from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from labeler.containers.documents import DOCUMENTS, document_container_of, sniff_document
from labeler.containers.pictures import PICTURES
from labeler.containers.sniffing import sniff, sniff_file
from labeler.containers.sounds import ADVICE, SOUNDS
from labeler.containers.videos import VIDEOS
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from labeler.containers.model import Carrier


class FileContainer(Protocol):
    """What the formats of every family offer."""

    def find(self, data: bytes) -> tuple[Carrier, ...]:
        """Return every copy of a label anywhere in the file, in file order."""

    def write(self, data: bytes, value: str) -> bytes:
        """Return the file with ``value`` as its one label, content untouched (R-30, R-40)."""

    def payload_bytes(self, data: bytes) -> Iterator[memoryview]:
        """Yield the bytes that bear the content only, in file order."""


FAMILIES: Mapping[str, Mapping[str, FileContainer]] = MappingProxyType(
    {"image": PICTURES, "audio": SOUNDS, "text": DOCUMENTS}
)
"""The formats of each modality, by the names that `sniff` gives them."""


_MAY_BE_DOCUMENTS = frozenset({"", "html", "pdf", "zip"})
"""What `sniff` says of files that are documents, if they are anything we label."""


def family_of(data: bytes, name: str = "") -> str:
    """
    Return the modality of a file; ``name`` is its file name, where there is one.

    Raises `UnsupportedMedia` when it has none that we label.
    """
    kind = sniff(data) or ""
    for family, formats in FAMILIES.items():
        if kind in formats:
            return family
    if kind in _MAY_BE_DOCUMENTS and data:
        document_container_of(data, name)  # says what it is if it is no document
        return "text"
    what = f"a {kind} file" if kind else "a file of unknown format"
    known = ", ".join(name for formats in FAMILIES.values() for name in formats)
    raise UnsupportedMedia(ADVICE.get(kind, f"this is {what}; labels are put into {known} files"))


def file_container_of(data: bytes, name: str = "") -> FileContainer:
    """Return the container of a file of any modality; raises as `family_of` does."""
    family = family_of(data, name)
    if family == "text":
        return document_container_of(data, name)
    return FAMILIES[family][sniff(data) or ""]


def format_of(data: bytes, name: str = "") -> str:
    """Return the name of the format of a file of any modality, '' when it is not known."""
    kind = sniff(data) or ""
    if kind in _MAY_BE_DOCUMENTS:
        return sniff_document(data, name) or kind
    return kind


def carriers_of(data: bytes, name: str = "") -> tuple[Carrier, ...]:
    """Return every copy of a label in the bytes of a file of any modality, video among them."""
    kind = sniff_file(BytesIO(data)) or ""
    if kind in VIDEOS:
        return VIDEOS[kind].find(BytesIO(data))
    return file_container_of(data, name).find(data)
