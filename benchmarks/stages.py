"""What a stage of a benchmark found, kept in a file for as long as the measured code stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from pathlib import Path


def keep(work: Path, stage: str, found: Any, fingerprint: str) -> None:
    """Write what a stage found, and the fingerprint of the code that it measured."""
    work.mkdir(parents=True, exist_ok=True)
    kept = {"fingerprint": fingerprint, "found": found}
    text = json.dumps(kept, indent=1, ensure_ascii=False) + "\n"
    (work / f"{stage}.json").write_text(text, "utf-8")


def kept(work: Path, stage: str, fingerprint: str) -> Any:
    """Return what a stage found, or None when the code has changed since or it never ran."""
    path = work / f"{stage}.json"
    if not path.is_file():
        return None
    stored = json.loads(path.read_text("utf-8"))
    if stored["fingerprint"] == fingerprint:
        return stored["found"]
    print(f"{stage}: the code has changed since it was measured; run --stages {stage} again")
    return None
