"""Which code a figure was measured with: a digest of the files that it depends on."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path


ROOT = Path(__file__).parents[1]


@lru_cache(maxsize=8)
def digest(patterns: tuple[str, ...]) -> str:
    """Return eight digits that change with any of the files the patterns name."""
    found = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()[:8]
