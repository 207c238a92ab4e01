"""The nouns of document containers: header facts, the text people see, and the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from labeler.containers.model import Carrier


GUIDE, CUSTOM, NOWHERE = "guide", "custom", "none"
"""Where a format keeps a metadata label: TC260-PG-20258A says it, common practice, nowhere."""

Blocks = tuple[tuple[str, ...], ...]
"""The text that people read: blocks (paragraphs), each of the runs it is stored in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentHeader:
    """
    What a document says of itself before its text is looked at.

    ``placement`` is `GUIDE`, `CUSTOM` or `NOWHERE`, ``place`` the words for it. ``positions`` are
    the places of a visible label, the default first; none when the format has no room for one.
    ``encoding`` is that of a text file, ``carries_unicode`` says that invisible characters survive
    in it. ``protected`` says that the content is encrypted; ``notes`` are for the user.
    """

    format: str
    placement: str
    place: str
    positions: tuple[str, ...] = ()
    syntax: str = "plain"
    encoding: str = "utf-8"
    carries_unicode: bool = True
    protected: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """
    One stretch of text that people see, as lines: where an explicit label may stand.

    ``place`` is ``body`` (only its first and last lines can be a label), or ``header``,
    ``footer``, ``cue``, ``message``, ``comment``, ``corner``: there any whole line can.
    """

    place: str
    text: str
    where: str = ""


class DocumentContainer(Protocol):
    """What every document format offers: bytes in, bytes out, nothing else in the file touched."""

    def probe(self, data: bytes) -> DocumentHeader:
        """Return the facts; raise `CorruptMedia` when the file is not what it should be."""

    def find(self, data: bytes) -> tuple[Carrier, ...]:
        """Return every copy of a label anywhere in the file, in file order (R-50)."""

    def write(self, data: bytes, value: str) -> bytes:
        """Return the file with ``value`` as its one label (R-30, R-38, R-39, R-40)."""

    def payload_bytes(self, data: bytes) -> Iterator[memoryview]:
        """Yield the bytes that bear the content only, in file order."""

    def map_text(self, data: bytes, function: Callable[[Blocks], Sequence[Sequence[str]]]) -> bytes:
        """
        Return the file with its human text replaced by what ``function`` makes of it.

        The function gets all blocks at once and returns as many blocks of as many runs. Code,
        markup, tables of data, keys and identifiers are not handed out.
        """

    def add_visible(self, data: bytes, text: str, where: str) -> bytes:
        """Return the file with the label ``text`` at a position (R-05, R-07, R-08)."""

    def surfaces(self, data: bytes) -> tuple[Surface, ...]:
        """Return where people would see a label, in reading order (R-06)."""
