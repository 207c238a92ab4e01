"""
File formats as bytes: where metadata stands in them, and how a label is put there losslessly.

Standard library only; nothing here decodes a picture, opens a file or knows what a label means.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.containers import gif, isobmff, jpeg, png, tiff, webp
from labeler.containers.model import Block, Carrier, Header, PictureContainer
from labeler.containers.sniffing import sniff
from labeler.errors import CorruptMedia, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


__all__ = [
    "CONTAINERS",
    "Block",
    "Carrier",
    "Header",
    "PictureContainer",
    "blocks",
    "carry",
    "container_of",
    "find",
    "payload_bytes",
    "probe",
    "sniff",
    "write",
]

CONTAINERS: Mapping[str, PictureContainer] = MappingProxyType(
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
    if name in CONTAINERS:
        return CONTAINERS[name]
    what = f"a {name} file" if name else "a file of unknown format"
    raise UnsupportedMedia(f"this is {what}; labels are put into {', '.join(CONTAINERS)} pictures")


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
