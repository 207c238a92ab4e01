"""The nouns of sound containers: header facts, and the protocol that every format offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.model import Block, Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundHeader:
    """
    What the header of a sound file alone says, read without decoding anything.

    ``codec`` is the name the container gives (``pcm``, ``vorbis``, ``aac`` ...). ``rate`` is in
    hertz, ``bits`` the stored sample depth (0 when the codec has none), ``seconds`` the playing
    time where a header states it, else None. ``protected`` says that the sound is encrypted.
    """

    format: str
    codec: str
    channels: int
    rate: int
    bits: int = 0
    seconds: float | None = None
    protected: bool = False


class SoundContainer(Protocol):
    """What every sound format offers: bytes in, bytes out, the coded sound never touched."""

    def probe(self, data: bytes) -> SoundHeader:
        """Return the facts of the header; raise `CorruptMedia` when there is none."""

    def blocks(self, data: bytes) -> Iterator[Block]:
        """Yield every metadata block of the file, in file order."""

    def find(self, data: bytes) -> tuple[Carrier, ...]:
        """Return every copy of a label anywhere in the file, in file order."""

    def write(self, data: bytes, value: str) -> bytes:
        """Return the file with ``value`` as its one label, sound untouched (R-30, R-35, R-40)."""

    def payload_bytes(self, data: bytes) -> Iterator[memoryview]:
        """Yield the sound-bearing bytes only, in file order."""
