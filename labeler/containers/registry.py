"""Every format that can be labelled, by family: pictures and sound, as their bytes say."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from labeler.containers import CONTAINERS
from labeler.containers.sniffing import sniff
from labeler.containers.sounds import ADVICE, SOUNDS
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
    {"image": CONTAINERS, "audio": SOUNDS}
)
"""The formats of each modality, by the names that `sniff` gives them."""


def family_of(data: bytes) -> str:
    """Return the modality of a file; raise `UnsupportedMedia` when it has none that we label."""
    name = sniff(data) or ""
    for family, formats in FAMILIES.items():
        if name in formats:
            return family
    what = f"a {name} file" if name else "a file of unknown format"
    known = ", ".join(name for formats in FAMILIES.values() for name in formats)
    raise UnsupportedMedia(ADVICE.get(name, f"this is {what}; labels are put into {known} files"))


def file_container_of(data: bytes) -> FileContainer:
    """Return the container of a file of any modality; raises as `family_of` does."""
    return FAMILIES[family_of(data)][sniff(data) or ""]
