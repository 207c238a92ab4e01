"""Reading one's own mark back from text (R-41); the full reader stands in `detectors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.core.text.reading import check_copies, find_copies
from labeler.payload import PAYLOAD_BITS, Payload, from_bits
from labeler.schemes import TEXT_V1


if TYPE_CHECKING:
    from labeler.keys import Key


def read_back(text: str, key: Key) -> Payload | None:
    """Return the payload that one key reads in a text most often, or None."""
    hits = check_copies(find_copies(text, TEXT_V1), key.subkey(TEXT_V1.name), TEXT_V1)
    hit = next(hits, None)
    if hit is None:
        return None
    whole = int.from_bytes(hit.payload, "big")
    return from_bits(tuple(whole >> (PAYLOAD_BITS - 1 - i) & 1 for i in range(PAYLOAD_BITS)))
