"""
Fingerprints in the database: kept in bands, looked up by any band that is whole.

Eight bands of 16 bits, the steadiest of a print. An item is compared when one of its bands comes
back unchanged, so a look-up reads some hundred rows of a million.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from labeler.registry.records import Likeness

BANDS = 8
BAND_BITS = 16

LIMITS: Mapping[str, int] = MappingProxyType({"picture": 56, "sound": 72})
"""Most bits of 256 in which a print may differ and still be near; benchmarks/registry_figures."""

_FAMILIES: Mapping[str, int] = MappingProxyType({"picture": 0, "sound": 1})
_MOST_CANDIDATES = 20_000
_MANY = 400


def keep(connection: sqlite3.Connection, number: int, likeness: Likeness) -> None:
    """Store the prints of entry ``number``."""
    rows = [(number, i, bits.tobytes()) for i, bits in enumerate(likeness.prints)]
    connection.executemany("INSERT INTO prints VALUES (?, ?, ?)", rows)
    bands = {(int(band), number) for band in np.unique(_bands(likeness))}
    connection.executemany("INSERT INTO bands VALUES (?, ?)", sorted(bands))


def drop(connection: sqlite3.Connection, low: int, high: int) -> None:
    """Delete the prints of purged entries."""
    connection.execute("DELETE FROM prints WHERE number BETWEEN ? AND ?", (low, high))
    connection.execute("DELETE FROM bands WHERE number BETWEEN ? AND ?", (low, high))


def nearest(connection: sqlite3.Connection, likeness: Likeness, *, most: int) -> dict[int, int]:
    """
    Return entries and their distances, the nearest first.

    The distance is in bits of 256, of the best pair of prints.
    """
    if not len(likeness.prints):
        return {}
    best: dict[int, int] = {}
    candidates = _candidates(connection, likeness)
    for start in range(0, len(candidates), _MANY):
        some = candidates[start : start + _MANY]
        marks = ",".join("?" * len(some))
        rows = connection.execute(
            f"SELECT number, bits FROM prints WHERE number IN ({marks})",  # noqa: S608  only "?"
            some,
        ).fetchall()
        stored = np.frombuffer(b"".join(bits for _, bits in rows), np.uint8).reshape(-1, 32)
        for (number, _), distance in zip(rows, _distances(stored, likeness.prints), strict=True):
            if distance <= LIMITS[likeness.family]:
                best[number] = min(int(distance), best.get(number, 256))
    return dict(sorted(best.items(), key=lambda item: (item[1], -item[0]))[:most])


def _bands(likeness: Likeness) -> NDArray[np.int64]:
    """Return the bands of every print (n, BANDS): family, position and 16 bits in one number."""
    words = likeness.prints[:, : BANDS * BAND_BITS // 8].reshape(-1, BANDS, 2).astype(np.int64)
    values = words[..., 0] << 8 | words[..., 1]
    place = _FAMILIES[likeness.family] * BANDS + np.arange(BANDS, dtype=np.int64)
    return np.asarray(place << BAND_BITS | values, np.int64)


def _candidates(connection: sqlite3.Connection, likeness: Likeness) -> list[int]:
    bands = [int(band) for band in np.unique(_bands(likeness))]
    found: set[int] = set()
    for band in bands:
        rows = connection.execute(
            "SELECT number FROM bands WHERE band = ? ORDER BY number DESC LIMIT ?",
            (band, _MOST_CANDIDATES),
        )
        found.update(row[0] for row in rows)
        if len(found) >= _MOST_CANDIDATES:
            break
    return sorted(found)


def _distances(stored: NDArray[np.uint8], sought: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return per stored print the fewest bits in which one sought print differs."""
    least = np.full(len(stored), 256, np.int64)
    for print_ in sought:
        least = np.minimum(least, np.bitwise_count(stored ^ print_).sum(-1, dtype=np.int64))
    return least
