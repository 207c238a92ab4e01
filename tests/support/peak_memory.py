"""How much more memory a piece of work holds at its peak, where the system tells."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def memory_below(most: int) -> Iterator[None]:
    """Fail when the work inside takes ``most`` bytes or more on top of what is held before."""
    process = Path("/proc/self")
    if not os.access(process / "clear_refs", os.W_OK):
        pytest.skip("this system does not measure peak memory per call")
    (process / "clear_refs").write_text("5")  # resets the peak
    before = _memory("VmRSS")
    yield
    assert _memory("VmHWM") - before < most


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if name in line).split()[1]) << 10
