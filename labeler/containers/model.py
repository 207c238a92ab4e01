"""The nouns of containers: header facts, metadata blocks, label carriers, and the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Iterator


STALE_C2PA = "the C2PA manifest is kept; it no longer matches the re-encoded pixels"
STALE_THUMBNAIL = "the EXIF thumbnail is not carried: it shows the picture before labelling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """
    What the header alone says, read without decoding anything.

    ``width`` and ``height`` are stored pixels of the first picture, before ``orientation`` (the
    EXIF value 1..8) is applied; ``total_pixels`` sums all frames or pages, for the limits.
    """

    format: str
    width: int
    height: int
    frames: int = 1
    orientation: int = 1
    animated: bool = False
    total_pixels: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """
    One piece of metadata as it stands in the file.

    ``kind`` is ``xmp``, ``exif``, ``c2pa``, ``icc``, ``text`` (keyed by ``key``) or ``raw``
    (comments and segments of others); ``scheme`` names the reader of ``text`` and ``raw``.
    A block that could not be read has a ``fault`` and no content.
    """

    kind: str
    place: str
    content: bytes | memoryview = b""
    key: str = ""
    scheme: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """
    One copy of a label: who reads it (``scheme``), where it stands (``place``), and its text.

    ``notes`` say what is unusual about the place. A ``fault`` says that metadata stood there that
    could not be read; it is then no copy.
    """

    scheme: str
    place: str
    text: str
    notes: tuple[str, ...] = ()
    fault: str = ""


class PictureContainer(Protocol):
    """What every picture format offers: bytes in, bytes out, pixels never decoded."""

    def probe(self, data: bytes) -> Header:
        """Return the facts of the header; raise `CorruptMedia` when there is none."""

    def blocks(self, data: bytes) -> Iterator[Block]:
        """Yield every metadata block of the file, in file order."""

    def find(self, data: bytes) -> tuple[Carrier, ...]:
        """Return every copy of a label anywhere in the file, in file order."""

    def write(self, data: bytes, value: str, source_type: str = "") -> bytes:
        """
        Return the file with ``value`` as its one label, pixels untouched (R-30, R-33, R-40).

        ``source_type`` is stated in its XMP (IPTC), where it is given.
        """

    def carry(self, source: bytes, encoded: bytes) -> tuple[bytes, tuple[str, ...]]:
        """
        Return ``encoded`` with the metadata of ``source``, and notes on what did not fit (R-60).

        The pixels of ``encoded`` are stored the way those of ``source`` are, before orientation.
        """

    def payload_bytes(self, data: bytes) -> Iterator[memoryview]:
        """Yield the pixel-bearing bytes only, in file order."""
