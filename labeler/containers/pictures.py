"""The picture formats that can be labelled, by content; the twin of the table of sounds."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.containers.image import gif, isobmff, jpeg, png, tiff, webp
from labeler.containers.sniffing import sniff
from labeler.errors import CorruptMedia, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from labeler.containers.model import Block, Carrier, Header, PictureContainer


PICTURES: Mapping[str, PictureContainer] = MappingProxyType(
    {
        "jpeg": jpeg,
        "png": png,
        "webp": webp,
        "gif": gif,
        "tiff": tiff,
        "avif": isobmff,
        "heic": isobmff,
    }
)
"""The picture formats that can be labelled, by the names that `sniff` gives them."""


def container_of(data: bytes) -> PictureContainer:
    """Return the container of the format that ``data`` is; raise `UnsupportedMedia` for others."""
    name = sniff(data) or ""
    if name in PICTURES:
        return PICTURES[name]
    what = f"a {name} file" if name else "a file of unknown format"
    raise UnsupportedMedia(f"this is {what}; labels are put into {', '.join(PICTURES)} pictures")


def probe(data: bytes) -> Header:
    """Return what the header says, before anything is decoded (`PictureContainer.probe`)."""
    return container_of(data).probe(data)


def blocks(data: bytes) -> Iterator[Block]:
    """Yield every metadata block of a picture (`PictureContainer.blocks`)."""
    return container_of(data).blocks(data)


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy of a label in a picture, in file order (`PictureContainer.find`)."""
    return container_of(data).find(data)


def write(data: bytes, value: str) -> bytes:
    """Return the picture with ``value`` as its one label (`PictureContainer.write`)."""
    return container_of(data).write(data, value)


def carry(source: bytes, encoded: bytes) -> tuple[bytes, tuple[str, ...]]:
    """
    Return ``encoded`` with the metadata of ``source``, and notes (`PictureContainer.carry`).

    Raises `CorruptMedia` when the two are not of one format.
    """
    if sniff(source) != sniff(encoded):
        raise CorruptMedia(f"{sniff(source)} metadata cannot be carried into {sniff(encoded)}")
    return container_of(source).carry(source, encoded)


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the pixel-bearing bytes of a picture (`PictureContainer.payload_bytes`)."""
    return container_of(data).payload_bytes(data)
