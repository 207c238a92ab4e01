"""
Verify labels on AI-generated content: collect evidence, judge it, report conformity.

>>> from detectors import Verdict
>>> Verdict.NONE.value
'none'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from detectors.batch.many import verify_many
    from detectors.evidence import ConformityRow, Evidence, Integrity, Report, Verdict
    from detectors.verbs import Inquiry, inspect, propagate, verify, verify_batch

__all__ = [
    "ConformityRow",
    "Evidence",
    "Inquiry",
    "Integrity",
    "Report",
    "Verdict",
    "inspect",
    "propagate",
    "verify",
    "verify_batch",
    "verify_many",
]

_HOMES = {
    "ConformityRow": "detectors.evidence",
    "Evidence": "detectors.evidence",
    "Inquiry": "detectors.verbs",
    "Integrity": "detectors.evidence",
    "Report": "detectors.evidence",
    "Verdict": "detectors.evidence",
    "inspect": "detectors.verbs",
    "propagate": "detectors.verbs",
    "verify": "detectors.verbs",
    "verify_batch": "detectors.verbs",
    "verify_many": "detectors.batch.many",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'detectors' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
