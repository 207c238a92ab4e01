"""
Reading the invisible mark of finished text (R-45): the twin of `labeler.text.watermark`.

Blind: no original, no position. What is found is stated with a bound on the chance of such a
reading from text made without the key (docs/formats/text-v1.md, section 7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.evidence import WatermarkEvidence
from labeler.core.text.reading import check_copies, covered_share, find_copies, p_bound
from labeler.errors import InvalidKey
from labeler.keys import DEFAULT_KEY, Key
from labeler.payload import PAYLOAD_BITS, from_bits
from labeler.schemes import TEXT_V1


if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeler.core.text.reading import Copies, Hit

REACH = 400
"""Visible characters on either side of a copy for which it speaks."""

_NOTHING = "no mark of these keys was seen; that never means a human made it"
_MISSING = (
    "carrier V missing: variation selectors, which every marked text carries, were filtered out"
)


def read_mark(text: str, keys: Sequence[Key] = (DEFAULT_KEY,)) -> tuple[WatermarkEvidence, ...]:
    """
    Return a row for every mark of these keys in the text, the most copied first, or one not found.

    ``p_value`` bounds the chance that a text made without the key reads so; ``detail`` tells the
    copies by carrier, how much of the text they speak for, and a carrier that is gone. Texts joined
    from several marked ones give several rows.

    Raises
    ------
    InvalidKey
        No key at all.
    """
    if not keys:
        raise InvalidKey("reading a mark needs at least one key")
    copies = find_copies(text, TEXT_V1)
    rows = []
    for key in keys:
        subkey = key.subkey(TEXT_V1.name)
        rows += [
            (hit.rank, _row(copies, hit, key, len(keys)))
            for hit in check_copies(copies, subkey, TEXT_V1)
            if p_bound(hit.rank, len(keys), TEXT_V1) <= TEXT_V1.p_max
        ]
    rows.sort(key=lambda pair: pair[0])
    return tuple(row for _, row in rows) or (_nothing(copies),)


def _row(copies: Copies, hit: Hit, key: Key, keys: int) -> WatermarkEvidence:
    bits = np.unpackbits(np.frombuffer(hit.payload, np.uint8)).tolist()
    payload = from_bits(tuple(bits))
    return WatermarkEvidence(
        scheme=TEXT_V1.name,
        found=True,
        p_value=p_bound(hit.rank, keys, TEXT_V1),
        bits=PAYLOAD_BITS,
        mark_id=payload.mark_hex,
        status=payload.status,
        key=key.name,
        detail=_detail(copies, hit),
    )


def _detail(copies: Copies, hit: Hit) -> str:
    """Tell the copies by carrier, their reach, and a carrier that is missing."""
    mine = copies.owners == hit.rank - 1
    counts = [
        int((copies.carriers[mine] == number).sum()) for number in range(len(TEXT_V1.carriers))
    ]
    if not sum(counts):
        return "no copy is whole; read from the majority of damaged ones"
    names = [carrier.name for carrier in TEXT_V1.carriers]
    told = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
    share = covered_share(copies, np.sort(copies.starts[mine]), REACH)
    detail = f"copies {told}; {share:.0%} of the text is within {REACH} characters of one"
    return f"{detail}; {_MISSING}" if not counts[0] else detail


def _nothing(copies: Copies) -> WatermarkEvidence:
    symbols = sum(len(found.places) for found in copies.symbols)
    seen = f"; {symbols} hidden characters of its alphabets are there" if symbols else ""
    return WatermarkEvidence(scheme=TEXT_V1.name, found=False, detail=_NOTHING + seen)
