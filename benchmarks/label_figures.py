"""The reader of explicit labels on the collected lines and on real paragraphs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks import texts
from detectors.text.explicit import find_labels


_PROSE = "An ordinary line of prose that says nothing special at all.\n" * 8
_PLACES = ("{prose}{line}", "{line}\n{prose}")


def measure(root: Path) -> dict[str, Any]:
    """Return recall and false flags, on the lines collected before and after the grammar."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
    import label_lines

    labels = [line for lines in label_lines.LABELS.values() for line in lines]
    traps = [line for lines in label_lines.TRAPS.values() for line in lines]
    return {
        "labels": _found(labels),
        "traps": _found(traps),
        "later labels": _found(list(label_lines.LATER_LABELS)),
        "later traps": _found(list(label_lines.LATER_TRAPS)),
        "fresh": _fresh(),
        "paragraphs": _paragraphs(root),
    }


FIRST_CONTACT = (
    *((54, 1), (78, 2), (81, 1), (35, 0), (33, 1), (19, 0)),
    *((143, 5), (143, 11), (117, 7)),
)
"""Labels found and traps flagged in each fresh set when the reader first met it; a record."""


def _fresh() -> list[dict[str, Any]]:
    """Return for every fresh set what the first contact gave, and what it gives now."""
    import fresh_label_lines

    return [
        {
            "labels": _found(list(lines.labels)),
            "traps": _found(list(lines.traps)),
            "first labels": met[0],
            "first traps": met[1],
        }
        for lines, met in zip(fresh_label_lines.FRESH, FIRST_CONTACT, strict=True)
    ]


def _found(lines: list[str]) -> dict[str, Any]:
    """Count lines that are labels at the start and at the end."""
    hits = [
        line for line in lines if all(_is_label(p.format(prose=_PROSE, line=line)) for p in _PLACES)
    ]
    return {"found": len(hits), "of": len(lines)}


def _paragraphs(root: Path) -> dict[str, Any]:
    """Take every paragraph, running text or not, for a document of its own."""
    count, flagged = 0, []
    for _, text in texts.everything(root):
        if "<html" in text[:2000]:
            continue
        for paragraph in filter(str.strip, text.split("\n\n")):
            count += 1
            flagged += [paragraph[:100]] if _is_label(paragraph) else []
    for language in texts.LANGUAGES:
        for paragraph in texts.prose(language, root):
            count += 1
            flagged += [paragraph[:100]] if _is_label(paragraph) else []
    return {"count": count, "flagged": flagged}


def _is_label(text: str) -> bool:
    return any(line.labels_text for line in find_labels(text))
