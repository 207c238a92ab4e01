"""
Finding packets in any text: runs of carrier symbols, their distinct contents, one tag check each.

Works on UTF-16 code units, in which every carrier symbol is one unit, and in blocks, so that memory
is bounded by what was found. What counts as an attempt is stated in docs/formats/text-v1.md,
section 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.text.packets import payload_in, unspell


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from labeler.schemes import Carrier, TextScheme

    Places = NDArray[np.int64]
    Bytes = NDArray[np.uint8]

MOST_CANDIDATES = 4096
"""Distinct packets that are tried for one text; at 2^-32 each the bound stays below 1e-6."""

_BLOCK = 1 << 18
_MAJORITY_FROM = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Symbols:
    """The symbols of one carrier in a text: ``places`` (n,) in code units, ``values`` (n,)."""

    carrier: Carrier
    places: Places
    values: Bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Copies:
    """
    What looks like packets, of both carriers together; found without any key.

    ``packets`` (n, bytes) are distinct, in the order in which they are tried: the most frequent
    first. Copy ``i`` begins at code unit ``starts[i]``, is spelled in carrier ``carriers[i]`` and
    holds packet ``owners[i]``. ``length`` counts the code units of the text.
    """

    packets: Bytes
    starts: Places
    carriers: Bytes
    owners: Places
    symbols: tuple[Symbols, ...]
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A packet whose tag holds: its payload and its rank, from 1, among those tried."""

    payload: bytes
    rank: int


def find_copies(text: str, scheme: TextScheme) -> Copies:
    """Return everything in a text that looks like a packet of the scheme."""
    symbols, length = _symbols_in(text, scheme)
    packets, starts, carriers = [], [], []
    voted = [np.zeros((0, scheme.packet_bytes), np.uint8)]
    for number, found in enumerate(symbols):
        rows, places, exact = _rows(found)
        packets.append(unspell(rows, found.carrier))
        starts.append(places)
        carriers.append(np.full(len(places), number, np.uint8))
        if exact >= _MAJORITY_FROM:
            voted.append(unspell(_majority(rows[:exact], found.carrier), found.carrier))
    distinct, owners = _distinct(np.concatenate(packets))
    return Copies(
        packets=np.concatenate([distinct, *voted]),
        starts=np.concatenate(starts),
        carriers=np.concatenate(carriers),
        owners=owners,
        symbols=symbols,
        length=length,
    )


def check_copies(copies: Copies, subkey: bytes, scheme: TextScheme) -> Iterator[Hit]:
    """Yield those of the first `MOST_CANDIDATES` packets whose tag is that of the key."""
    seen = set()
    for rank, packet in enumerate(copies.packets[:MOST_CANDIDATES], start=1):
        payload = payload_in(packet.tobytes(), subkey, scheme)
        if payload is not None and payload not in seen:
            seen.add(payload)
            yield Hit(payload=payload, rank=rank)


def p_bound(rank: int, keys: int, scheme: TextScheme) -> float:
    """
    Return the bound on the chance that a text made without the key reads at this rank or before.

    ``keys`` counts the keys that were tried with each packet.

    >>> from labeler.schemes import TEXT_V1
    >>> f"{p_bound(1, 1, TEXT_V1):.2g}"
    '2.3e-10'
    """
    return min(1.0, rank * keys * 2.0**-scheme.tag_bits)


def covered_share(copies: Copies, chosen: Places, reach: int) -> float:
    """
    Return the share of visible code units at most ``reach`` visible units from a chosen copy.

    ``chosen`` (m,) are the code units at which copies begin, ascending.
    """
    hidden = np.sort(np.concatenate([found.places for found in copies.symbols]))
    visible = copies.length - len(hidden)
    if visible <= 0 or not len(chosen):
        return 0.0
    spots = chosen - np.searchsorted(hidden, chosen)
    between = np.minimum(np.diff(spots), 2 * reach).sum()
    ends = min(int(spots[0]), reach) + min(visible - int(spots[-1]), reach)
    return float((between + ends) / visible)


def _symbols_in(text: str, scheme: TextScheme) -> tuple[tuple[Symbols, ...], int]:
    """Return the symbols of each carrier and the number of code units."""
    found: list[list[tuple[Places, Bytes]]] = [[] for _ in scheme.carriers]
    length = len(text) if text.isascii() else 0
    for start in range(0, 0 if length else len(text), _BLOCK):
        part = text[start : start + _BLOCK]
        units = np.frombuffer(part.encode("utf-16-le", "surrogatepass"), np.dtype("<u2"))
        for parts, carrier in zip(found, scheme.carriers, strict=True):
            at = np.flatnonzero(_mask(units, carrier))
            if len(at):
                parts.append((at + length, _values(carrier)[units[at]]))
        length += len(units)
    none = (np.zeros(0, np.int64), np.zeros(0, np.uint8))
    joined = tuple(
        Symbols(
            carrier=carrier,
            places=np.concatenate([none[0], *(places for places, _ in parts)]),
            values=np.concatenate([none[1], *(values for _, values in parts)]),
        )
        for parts, carrier in zip(found, scheme.carriers, strict=True)
    )
    return joined, length


def _mask(units: NDArray[np.uint16], carrier: Carrier) -> NDArray[np.bool_]:
    """Say of each code unit whether it is a symbol: one comparison for each row of neighbours."""
    mask = np.zeros(len(units), bool)
    for first, count in _stretches(carrier):
        mask |= (units - np.uint16(first)) < count
    return mask


@lru_cache(maxsize=8)
def _stretches(carrier: Carrier) -> tuple[tuple[int, int], ...]:
    """Return the alphabet as (first code point, how many in a row)."""
    stretches: list[tuple[int, int]] = []
    for code in sorted(carrier.alphabet):
        if stretches and code == sum(stretches[-1]):
            stretches[-1] = (stretches[-1][0], stretches[-1][1] + 1)
        else:
            stretches.append((code, 1))
    return tuple(stretches)


@lru_cache(maxsize=8)
def _values(carrier: Carrier) -> Bytes:
    """Return the symbol of each code unit, zero where it is none, read-only."""
    table = np.zeros(0x10000, np.uint8)
    table[list(carrier.alphabet)] = np.arange(len(carrier.alphabet))
    table.setflags(write=False)
    return table


def _rows(found: Symbols) -> tuple[Bytes, Places, int]:
    """
    Return rows of symbols that may be packets, the code units of their beginnings, and a count.

    First come the runs of exactly a packet's length, as many as the count says, then the windows
    of longer runs.
    """
    size = found.carrier.symbols
    breaks = np.flatnonzero(np.diff(found.places) != 1) + 1
    starts = np.concatenate([np.zeros(1, np.int64), breaks])
    lengths = np.diff(np.append(starts, len(found.places)))
    exact = starts[lengths == size]
    longer = np.flatnonzero(lengths > size)[:MOST_CANDIDATES]
    windows = [np.arange(starts[i], starts[i] + lengths[i] - size + 1) for i in longer]
    firsts = np.concatenate([exact, *windows])[: len(exact) + MOST_CANDIDATES]
    rows = found.values[firsts[:, None] + np.arange(size)]
    return rows, found.places[firsts], len(exact)


def _majority(rows: Bytes, carrier: Carrier) -> Bytes:
    """Return one row with the most frequent symbol of each place, (1, symbols)."""
    counts = np.stack([(rows == value).sum(axis=0) for value in range(len(carrier.alphabet))])
    return np.asarray(counts.argmax(axis=0)[None], np.uint8)


def _distinct(packets: Bytes) -> tuple[Bytes, Places]:
    """Return the distinct packets, the most frequent first, and which one each copy holds."""
    if not len(packets):
        return packets, np.zeros(0, np.int64)
    if (packets == packets[0]).all():
        return packets[:1], np.zeros(len(packets), np.int64)
    keys = np.ascontiguousarray(packets).view(np.dtype((np.void, packets.shape[1]))).ravel()
    _, first, owners, counts = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -counts))
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return packets[first[order]], ranks[owners]
