"""Optional packages, loaded when they are first needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from labeler.errors import MissingBackend


def backend(module: str, *, extra: str, purpose: str, otherwise: str = "") -> Any:
    """
    Return an optional module; raise `MissingBackend` that names the extra which installs it.

    ``otherwise`` says what can be done without.

    >>> backend("no_such_module", extra="x", purpose="this")
    Traceback (most recent call last):
    labeler.errors.MissingBackend: this needs no_such_module: pip install 'aigc-label[x]'
    """
    try:
        return import_module(module)
    except (ImportError, OSError) as error:  # not there, or without a library of the system
        package = module.partition(".")[0]
        advice = f"pip install 'aigc-label[{extra}]'" + (f", or {otherwise}" if otherwise else "")
        raise MissingBackend(f"{purpose} needs {package}: {advice}") from error
