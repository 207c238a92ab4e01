"""
The registry: what was labelled, when and how, so that a mark leads back to its label (R-44, R-57).

One file, only ever appended to, whose entries are chained by their hashes. `open_registry` gives
the object that `labeler.apply` and `detectors.verify` take.

>>> import tempfile
>>> from labeler.registry import make_registry
>>> with tempfile.TemporaryDirectory() as folder:
...     len(make_registry(f"{folder}/labels.db"))
0
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeler.registry.opening import make_registry, open_registry
    from labeler.registry.records import LabelRecord, Likeness, Match, Registry, Verification

__all__ = [
    "LabelRecord",
    "Likeness",
    "Match",
    "Registry",
    "Verification",
    "make_registry",
    "open_registry",
]

_HOMES: Mapping[str, str] = MappingProxyType(
    {
        "LabelRecord": "labeler.registry.records",
        "Likeness": "labeler.registry.records",
        "Match": "labeler.registry.records",
        "Registry": "labeler.registry.records",
        "Verification": "labeler.registry.records",
        "make_registry": "labeler.registry.opening",
        "open_registry": "labeler.registry.opening",
    }
)


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'labeler.registry' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
