"""What sentences are made of in which people disclose, in their own words, the part an AI had."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosures:
    """
    The patterns of one language, to be searched in one sentence; ``agent`` are the makers.

    ``pointing`` point to the text or to who wrote it, and say what an AI did; they may stand
    anywhere in a sentence. ``opening`` say it without a subject, so they have to begin it.
    ``against`` are words that, standing before the end of what was found, make it something else:
    a rule, a report, somebody else's text; ``denied`` does so in the same clause. ``goes_on`` makes
    the maker the subject of a sentence that goes on; ``unless`` takes it back anywhere behind.
    ``media`` and ``noun`` are what is spoken of, ``head_last`` says which of several it is.
    """

    lang: str
    agent: str
    pointing: tuple[str, ...]
    opening: tuple[str, ...]
    against: str
    goes_on: str
    media: str
    noun: str
    denied: str = "(?!)"
    unless: str = "(?!)"
    head_last: bool = False


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern, compiled when it is first needed: most texts never name an AI."""
    return re.compile(pattern, re.IGNORECASE)
