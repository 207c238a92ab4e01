"""How far a batch is and what came of it so far: counts for progress, summary and logs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from detectors.batch.rows import Row

_ERRORS_KEPT = 5


@dataclass(slots=True, kw_only=True)
class Tally:
    """
    Counts of one run. ``taken_over`` are rows of an earlier run, ``duplicates`` names left out.

    ``errors`` are the first few files that could not be judged, and why.
    """

    began: float = field(default_factory=monotonic)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    taken_over: int = 0
    duplicates: int = 0
    listed: int = 0
    complete: bool = False
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def files(self) -> int:
        """Files done."""
        return self.verdicts.total()

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return monotonic() - self.began

    @property
    def rate(self) -> float:
        """Files a second, without those taken over."""
        return (self.files - self.taken_over) / max(self.seconds, 1e-6)

    def count(self, row: Row) -> None:
        """Count a row."""
        self.verdicts[row.modality, row.verdict] += 1
        self.taken_over += not row.fresh
        if row.error and len(self.errors) < _ERRORS_KEPT:
            self.errors.append((row.path, row.error))

    def by_verdict(self) -> dict[str, int]:
        """Return how many files have each verdict."""
        counts: Counter[str] = Counter()
        for (_, verdict), number in self.verdicts.items():
            counts[verdict] += number
        return dict(counts)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain data, for logs."""
        return {
            "files": self.files,
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 2),
            "verdicts": self.by_verdict(),
            "taken_over": self.taken_over,
            "duplicates": self.duplicates,
        }
