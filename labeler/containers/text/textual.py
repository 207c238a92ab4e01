"""Formats that are text files: one frame for all, filled by functions over strings."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeler.containers.carriers import capped
from labeler.containers.text.encodings import read_text
from labeler.containers.text.model import NOWHERE, Blocks, DocumentHeader
from labeler.errors import CorruptMedia, UnknownPolicy, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from labeler.containers.model import Carrier
    from labeler.containers.text.model import Surface


Edit = tuple[int, int, str]
"""Characters from start to end are replaced by these."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One copy of a label and the characters of the file that it takes up."""

    carrier: Carrier
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of human text: where it stands, and the text it means (escapes resolved)."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextualDocument:
    """
    A text format: the protocol `DocumentContainer` over functions of one string.

    ``locate`` finds the copies of a label, ``put`` gives the edits that write a value where none
    stands yet, ``over`` those that write it over a copy in the right place (None when that copy
    has to go). ``runs`` gives the human text, ``escape`` turns text into what the file holds.
    ``show`` gives the edits that add a visible label; the last argument of both is the line end.
    ``many`` says that the file is many records, which may all say the same.
    ``check`` raises for a file that is not of the format, ``room`` says whether a visible label has
    somewhere to stand.
    """

    format: str
    placement: str
    place: str
    positions: tuple[str, ...]
    locate: Callable[[str], tuple[Placed, ...]]
    runs: Callable[[str], tuple[tuple[Run, ...], ...]]
    show: Callable[[str, str, str, str], list[Edit]]
    seen: Callable[[str], tuple[Surface, ...]]
    put: Callable[[str, str, str], list[Edit]] | None = None
    over: Callable[[str, Placed, str, str], Edit | None] | None = None
    escape: Callable[[str], str] = str
    check: Callable[[str], None] | None = None
    room: Callable[[str], bool] | None = None
    many: bool = False
    syntax: str = "plain"

    def probe(self, data: bytes) -> DocumentHeader:
        """Return the facts of the file, see `DocumentContainer.probe`."""
        file = read_text(data)
        if self.check is not None:
            self.check(file.text)
        full = self.room is not None and not self.room(file.text)
        return DocumentHeader(
            format=self.format,
            placement=self.placement,
            place=self.place,
            positions=() if full else self.positions,
            syntax=self.syntax,
            encoding=file.encoding,
            carries_unicode=file.carries_unicode,
        )

    def find(self, data: bytes) -> tuple[Carrier, ...]:
        """Return the copies of a label, see `DocumentContainer.find`."""
        found = [placed.carrier for placed in self.locate(read_text(data).text)]
        return capped(_as_one(found) if self.many and len(found) > 1 else found)

    def write(self, data: bytes, value: str) -> bytes:
        """Return the file with its one label, see `DocumentContainer.write`."""
        if self.put is None:
            raise UnsupportedMedia(no_place(self.format))
        file = read_text(data)
        if self.check is not None:
            self.check(file.text)
        edits, kept = self._over(file.text, value, file.newline)
        text = splice(file.text, edits)
        if not kept:
            text = splice(text, self.put(text, value, file.newline))
        return file.encode(text)

    def _over(self, text: str, value: str, newline: str) -> tuple[list[Edit], bool]:
        """Return the edits for the copies that are there, and whether one of them stays."""
        edits: list[Edit] = []
        kept = False
        for placed in self.locate(text):
            if placed.carrier.fault:
                continue
            edit = None
            if not kept and self.over is not None:
                edit = self.over(text, placed, value, newline)
            kept = kept or edit is not None
            edits.append(edit or (placed.start, placed.end, ""))
        return edits, kept

    def map_text(self, data: bytes, function: Callable[[Blocks], Sequence[Sequence[str]]]) -> bytes:
        """Return the file with other human text, see `DocumentContainer.map_text`."""
        file = read_text(data)
        blocks = self.runs(file.text)
        given = tuple(tuple(run.text for run in block) for block in blocks)
        edits = [
            (run.start, run.end, self.escape(text))
            for block, texts in zip(blocks, function(given), strict=True)
            for run, text in zip(block, texts, strict=True)
            if text != run.text
        ]
        return file.encode(splice(file.text, edits)) if edits else data

    def payload_bytes(self, data: bytes) -> Iterator[memoryview]:
        """Yield the human text, or all but the label where nothing is known to be such (R-40)."""
        text = read_text(data).text
        placed = [p for p in self.locate(text) if not p.carrier.fault]
        runs = [run for block in self.runs(text) for run in block]
        starts = [p.start for p in placed]
        for run in runs or [Run(start=0, end=len(text), text=text)]:
            within = placed[bisect_left(starts, run.start) : bisect_left(starts, run.end)]
            cuts = [
                (p.start - run.start, p.end - run.start, "") for p in within if p.end <= run.end
            ]
            kept = splice(text[run.start : run.end], cuts).strip("\r\n")
            yield memoryview(kept.encode("utf-8", "surrogatepass"))

    def add_visible(self, data: bytes, text: str, where: str) -> bytes:
        """Return the file with a visible label, see `DocumentContainer.add_visible`."""
        require_position(self.format, where, self.positions)
        file = read_text(data)
        return file.encode(splice(file.text, self.show(file.text, text, where, file.newline)))

    def surfaces(self, data: bytes) -> tuple[Surface, ...]:
        """Return where people would see a label, see `DocumentContainer.surfaces`."""
        return self.seen(read_text(data).text)


def _as_one(carriers: list[Carrier]) -> list[Carrier]:
    """Return one carrier for records that all carry the same label."""
    first = carriers[0]
    if any(carrier.text != first.text or carrier.fault for carrier in carriers):
        return carriers
    return [replace(first, place=f"{first.place} of {len(carriers)} records")]


def object_of(found: str) -> str:
    """
    Return the object of a label without the word in front that says what it is.

    >>> object_of('AIGC: {"Label":"1"}')
    '{"Label":"1"}'
    """
    return found[max(0, found.find("{")) :]


def no_place(format_name: str) -> str:
    """Say that a format has no place for metadata and what there is instead."""
    return (
        f"{format_name} files have no standard place for a metadata label (TC260-PG-20258A names "
        "none); label them visibly, or write a sidecar beside the file"
    )


def has_place(placement: str) -> bool:
    """Say whether a metadata label can be written at all."""
    return placement != NOWHERE


def require_position(format_name: str, where: str, positions: tuple[str, ...]) -> None:
    """Raise `UnknownPolicy` for a position that a format does not have."""
    if where not in positions:
        known = ", ".join(positions) or "none"
        raise UnknownPolicy(f"position {where!r}: {format_name} files have {known}")


def splice(text: str, edits: Iterable[Edit]) -> str:
    """
    Return a text with edits applied; they may come in any order and must not overlap.

    >>> splice("hello", [(5, 5, "!"), (0, 1, "J")])
    'Jello!'
    """
    pieces, position = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        if start < position:
            raise CorruptMedia("two labels stand inside each other; find out which is right first")
        pieces += [text[position:start], new]
        position = end
    return "".join([*pieces, text[position:]])
