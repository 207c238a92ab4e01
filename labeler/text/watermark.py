"""
The invisible mark of finished text: put packets of hidden characters between words (R-43, R-44).

Every visible character stays as it is. The mark is an option to switch on: it enlarges the text
and dies when both families of hidden characters are filtered out (docs/formats/text-v1.md).
The mathematics is in `labeler.core.text`, the reader in `detectors.text.watermark`.
"""

from __future__ import annotations

import codecs
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from labeler.core.text.packets import packet_of, spell
from labeler.core.text.placement import (
    choose_sites,
    interleave,
    kinds_of,
    near_joining,
    ranks_of,
)
from labeler.core.text.protection import protected_spans
from labeler.core.text.reading import check_copies, find_copies
from labeler.errors import LayerFailed, MediaTooSmall, UnknownPolicy, UnsupportedMedia
from labeler.keys import DEFAULT_KEY, Key
from labeler.machine import plain
from labeler.payload import PAYLOAD_BITS
from labeler.schemes import TEXT_V1


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from labeler.core.text.protection import Span
    from labeler.payload import Payload


Profile = Literal["light", "excerpt", "off"]
Syntax = Literal["plain", "markdown", "html", "code"]

BUCKETS: Mapping[str, int] = MappingProxyType({"light": 400, "excerpt": 64})
"""Characters for each packet, by profile. ``light`` takes variation selectors only."""

_BLOCK = 400 * 64 * 2
"""Characters worked on at once: a multiple of every bucket, so that blocks do not show."""

_CARRYING = ("utf-8", "utf-16", "utf-32", "gb18030")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReceipt:
    """
    What was put into one text.

    ``copies`` of the packet by carrier, ``characters`` before, ``hidden`` characters put in, and
    ``growth``: UTF-8 bytes after over before. ``note`` says what deserves attention.
    """

    scheme: str
    profile: str
    bits: int
    key: str
    copies: dict[str, int]
    characters: int
    hidden: int
    growth: float
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as it stands under ``layers.watermark`` in the machine output."""
        return plain(self, growth=3)


def embed_mark(
    text: str,
    payload: Payload,
    *,
    key: Key = DEFAULT_KEY,
    profile: Profile = "light",
    syntax: Syntax = "plain",
    within: Sequence[Span] | None = None,
) -> tuple[str, MarkReceipt]:
    """
    Return the marked text and the receipt.

    Parameters
    ----------
    profile
        ``light``: a packet of variation selectors every 400 characters; ``excerpt``: a packet of
        either family by turns every 64 characters, so that any 200 hold both; ``off``: nothing.
    syntax
        What is left alone besides addresses: structure of plain text, Markdown or HTML. Source
        code takes no mark: hidden characters break compilers.
    within
        Stretches (start, end) of characters that may be marked, such as the human text of a
        subtitle file; everywhere when None.

    Raises
    ------
    UnsupportedMedia
        ``code`` with another profile than ``off``.
    MediaTooSmall
        A text without letters, or without any place for a packet.
    LayerFailed
        The mark does not read back.
    UnknownPolicy
        No such profile or syntax; a payload that is cut.
    """
    _check(payload, profile, syntax)
    if profile == "off":
        return text, _receipt(text, key, profile, [0, 0], note="no mark was asked for")
    subkey = key.subkey(TEXT_V1.name)
    message = int(payload).to_bytes(PAYLOAD_BITS // 8, "big")
    packet = packet_of(message, subkey, TEXT_V1)
    spelled = (spell(packet, TEXT_V1.variation), spell(packet, TEXT_V1.zero_width))
    found = [text.count(each) for each in spelled]
    if any(found):
        return text, _receipt(text, key, profile, found, note="the text carries this mark already")
    parts, copies, checked = [], [0, 0], ""
    for part, counts in _marked_blocks(text, spelled, profile, _forbidden(text, syntax, within)):
        parts.append(part)
        copies = [old + new for old, new in zip(copies, counts, strict=True)]
        checked = checked or part * any(counts)
    if not checked:
        raise MediaTooSmall(
            "the text has no place for the invisible mark: too short, or all of it is code, "
            "addresses or markup; rely on the visible label and the metadata"
        )
    hits = check_copies(find_copies(checked, TEXT_V1), subkey, TEXT_V1)
    if not any(hit.payload == message for hit in hits):
        raise LayerFailed("the invisible mark of the text does not read back")
    return "".join(parts), _receipt(text, key, profile, copies)


def carries_hidden(encoding: str) -> bool:
    """
    Say whether text in this encoding keeps the mark: Unicode and GB18030 do, GBK and others do not.

    >>> carries_hidden("UTF-8"), carries_hidden("GB18030"), carries_hidden("GBK")
    (True, True, False)
    """
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return False
    return name.startswith(_CARRYING)


def _check(payload: Payload, profile: str, syntax: str) -> None:
    for what, value, known in (("profile", profile, Profile), ("syntax", syntax, Syntax)):
        if value not in get_args(known):
            raise UnknownPolicy(f"{what} {value!r} is none of {', '.join(get_args(known))}")
    if payload.bits != PAYLOAD_BITS:
        raise UnknownPolicy(f"the mark of text carries 64 bits, not {payload.bits}")
    if syntax == "code" and profile != "off":
        raise UnsupportedMedia(
            "source code takes no invisible mark, hidden characters break it; use profile off"
        )


def _forbidden(text: str, syntax: Syntax, within: Sequence[Span] | None) -> list[Span]:
    """Return the spans behind whose characters nothing goes, ascending and apart."""
    spans = protected_spans(text, "plain" if syntax == "code" else syntax)
    if within is not None:
        at = 0
        for start, end in sorted(within):
            spans.append((at, start))
            at = max(at, end)
        spans.append((at, len(text)))
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], end))
        else:
            apart.append((start, end))
    return apart


def _marked_blocks(
    text: str, spelled: tuple[str, str], profile: Profile, forbidden: list[Span]
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield marked blocks of the text and how many packets of each carrier they got."""
    before = 0
    for start in range(0, len(text), _BLOCK):
        part = text[start : start + _BLOCK]
        kinds = kinds_of(part + (text[start + _BLOCK : start + _BLOCK + 1] or "\n"))
        ranks = ranks_of(kinds, _inside(forbidden, start, len(part)))
        sites = choose_sites(kinds, ranks, BUCKETS[profile])
        turns = np.arange(before, before + len(sites)) % 2 == 1
        zero_width = turns & ~near_joining(kinds, sites) & (profile == "excerpt")
        before += len(sites)
        count = int(zero_width.sum())
        packets = [spelled[each] for each in zero_width.tolist()]
        yield interleave(part, sites.tolist(), packets), (len(sites) - count, count)


def _inside(spans: list[Span], first: int, count: int) -> list[Span]:
    """Return those of ascending spans apart that touch a block of characters, relative to it."""
    low = bisect_right(spans, first, key=itemgetter(1))
    high = bisect_left(spans, first + count, key=itemgetter(0))
    return [(max(0, start - first), end - first) for start, end in spans[low:high]]


def _receipt(
    text: str, key: Key, profile: Profile, copies: list[int], *, note: str = ""
) -> MarkReceipt:
    carriers = TEXT_V1.carriers
    hidden = sum(c.symbols * n for c, n in zip(carriers, copies, strict=True))
    size = len(text.encode("utf-8", "surrogatepass"))
    return MarkReceipt(
        scheme=TEXT_V1.name,
        profile=profile,
        bits=PAYLOAD_BITS,
        key=key.name,
        copies={c.name: n for c, n in zip(carriers, copies, strict=True)},
        characters=len(text),
        hidden=hidden,
        growth=(size + 3 * hidden) / size if size else 1.0,
        note=note,
    )
