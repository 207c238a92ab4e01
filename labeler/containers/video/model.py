"""The nouns of video containers: header facts, and the protocol that every format offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.model import Block, Carrier


STALE_C2PA = (
    "the C2PA manifest is kept, but it was signed over the file without this label: its hash no "
    "longer holds"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoHeader:
    """
    What the header of a video file alone says, read without decoding anything.

    ``codec`` is that of the first track of pictures, ``sounds`` those of all tracks of sound.
    ``width`` and ``height`` are stored pixels; ``shown`` is the size to show them at before the
    ``rotation`` (clockwise degrees, 0, 90, 180 or 270) is applied. ``seconds`` is the playing time
    where a header states it. ``encrypted`` says that the media are, ``fragmented`` that the
    tables of samples are spread over the file.
    """

    format: str
    codec: str
    width: int
    height: int
    shown: tuple[int, int]
    rotation: int = 0
    seconds: float | None = None
    sounds: tuple[str, ...] = ()
    encrypted: bool = False
    fragmented: bool = False


class VideoContainer(Protocol):
    """
    What every video format offers: seekable binary files in and out, media data never touched.

    Nothing reads a whole file into memory. Files are read from any position they stand at and left
    at any; in memory, `io.BytesIO` does.
    """

    def probe(self, file: BinaryIO) -> VideoHeader:
        """Return the facts of the header; raise `CorruptMedia` when there is none."""

    def blocks(self, file: BinaryIO) -> Iterator[Block]:
        """Yield every metadata block of the file, in file order."""

    def find(self, file: BinaryIO) -> tuple[Carrier, ...]:
        """Return every copy of a label anywhere in the file, in file order."""

    def write(self, source: BinaryIO, target: BinaryIO, value: str) -> None:
        """
        Write the file to ``target`` with ``value`` as its one label (R-30, R-36, R-37, R-40).

        What is not metadata goes through byte for byte; what names places in the file follows
        where these move. Encrypted media may be labelled: metadata is not encrypted.
        """

    def payload_bytes(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield the coded media data only, in file order, in blocks."""
