"""Functions for worker processes of batch tests: some items crash, hang or raise on purpose."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.batch.rows import verify_item


if TYPE_CHECKING:
    from detectors.batch.listing import Item
    from detectors.batch.rows import Row
    from detectors.verbs import Inquiry

CRASH, HANG, RAISE = -1, -2, -3


def double(item: int) -> int:
    """Return twice the item, or do what its number asks for."""
    if item == CRASH:
        os.abort()
    if item == HANG:
        time.sleep(600)
    if item == RAISE:
        raise KeyError(item)
    return 2 * item


def crash_once(place: str) -> str:
    """Crash when the file at ``place`` is not there yet; make it first."""
    path = Path(place)
    if not path.exists():
        path.touch()
        os.abort()
    return "survived"


def verify_with_culprits(item: Item, inquiry: Inquiry, records: str | None = None) -> Row:
    """Verify as a batch does; files called crash.* crash their decoder, hang.* hang."""
    name = Path(item.path).name
    if name.startswith("crash"):
        os.abort()
    if name.startswith("hang"):
        time.sleep(600)
    return verify_item(item, inquiry, records)
