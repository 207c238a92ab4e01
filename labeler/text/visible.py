"""
The visible label of a document: which words, where, and whether it is there (R-05 to R-08).

How a format takes a line in is the business of its container.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeler.errors import LayerFailed, UnknownPolicy
from labeler.options import DEFAULT_POSITION
from labeler.policy import policy_named
from labeler.texts import check_text, texts_for


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.containers.text.model import DocumentContainer, DocumentHeader, Surface
    from labeler.model import Label
    from labeler.options import Options


EDGE_LINES = 3
"""First and last non-empty lines of a body in which a label may stand (R-06: our own window)."""

WINDOW = 64
"""Characters from either end of a text in which a label counts as well (R-06)."""

_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_DECORATION = " \t\r\n>*_#-—–~|`\"“”'‘’「」『』（）()[]【】〔〕<>《》·•!！:："


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleReceipt:
    """What was written: the words, and the places in the document."""

    text: str
    positions: tuple[str, ...]
    already: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as it stands under ``layers.visible`` in the machine output."""
        told: dict[str, Any] = {"kind": "text", "text": self.text}
        told["places"] = list(self.positions)
        return {"already": True, **told} if self.already else told


def words_of(label: Label, options: Options) -> str:
    """Return the words of the visible label; `InvalidLabel` when they lack an element (R-01)."""
    language = options.language or policy_named(options.policy).language
    words = options.text or texts_for(language, label.status)[0]
    check_text(words, language)
    return words


def positions_of(options: Options, header: DocumentHeader) -> tuple[str, ...]:
    """Return the places asked for; `UnknownPolicy` for one that the format does not have."""
    if options.position == DEFAULT_POSITION:
        return header.positions[:1]
    named = tuple(dict.fromkeys(name.strip() for name in options.position.split(",")))
    if unknown := [name for name in named if name not in header.positions]:
        known = ", ".join(header.positions) or "no place for a visible label"
        raise UnknownPolicy(f"position {unknown[0]!r}: {header.format} files have {known}")
    return named


def show_label(
    data: bytes,
    label: Label,
    options: Options,
    *,
    container: DocumentContainer,
    header: DocumentHeader,
) -> tuple[bytes, VisibleReceipt]:
    """
    Return the document with the visible label, and the receipt; one that is there is kept.

    Raises
    ------
    LayerFailed
        The label does not read back (R-41).
    InvalidLabel, UnknownPolicy, UnsupportedMedia
        Words or places that the rules or the format do not allow.
    """
    words = words_of(label, options)
    positions = positions_of(options, header)
    if shows(container.surfaces(data), words):
        return data, VisibleReceipt(text=words, positions=positions, already=True)
    for where in positions:
        data = container.add_visible(data, words, where)
    if options.self_check and not shows(container.surfaces(data), words):
        raise LayerFailed(f"the visible label {words!r} does not read back from the document")
    return data, VisibleReceipt(text=words, positions=positions)


def shows(surfaces: Iterable[Surface], words: str) -> bool:
    """Say whether these very words stand as a label line where people see them."""
    wanted = bare(words)
    return any(bare(line) == wanted for surface in surfaces for line in candidate_lines(surface))


def candidate_lines(surface: Surface) -> Iterator[str]:
    """Yield the lines of a surface that may be a label: of a body only the first and last."""
    lines = [line for line in surface.text.splitlines() if line.strip()]
    if surface.place == "body" and len(lines) > 2 * EDGE_LINES:
        lines = [*lines[:EDGE_LINES], *lines[-EDGE_LINES:]]
    yield from lines


def bare(line: str) -> str:
    """
    Return a line without decoration, hidden characters and blanks, for comparing.

    >>> bare("> **AI 生成**\u200b")
    'AI生成'
    """
    shown = unicodedata.normalize("NFKC", line).strip(_DECORATION)
    if not shown.isprintable() or _SELECTORS.search(shown):  # what is hidden is not printable
        shown = "".join(c for c in _SELECTORS.sub("", shown) if unicodedata.category(c) != "Cf")
    return "".join(shown.split()).strip(_DECORATION)
