"""
Apply labels to AI-generated content: visible, invisible (watermark) and in file metadata.

>>> from labeler import Label
>>> Label(producer="001191440300708461136T1XGW3", content_id="demo-001").content_id
'demo-001'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from labeler.errors import LabelError
    from labeler.keys import DEFAULT_KEY, Key, load_key
    from labeler.model import Label, Layer, Modality, Receipt, Status
    from labeler.options import Options
    from labeler.verbs import Result, apply

__version__ = "0.1.0"
__all__ = [
    "DEFAULT_KEY",
    "Key",
    "Label",
    "LabelError",
    "Layer",
    "Modality",
    "Options",
    "Receipt",
    "Result",
    "Status",
    "apply",
    "load_key",
]

_HOMES = {
    "DEFAULT_KEY": "labeler.keys",
    "Key": "labeler.keys",
    "Label": "labeler.model",
    "LabelError": "labeler.errors",
    "Layer": "labeler.model",
    "Modality": "labeler.model",
    "Options": "labeler.options",
    "Receipt": "labeler.model",
    "Result": "labeler.verbs",
    "Status": "labeler.model",
    "apply": "labeler.verbs",
    "load_key": "labeler.keys",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'labeler' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
