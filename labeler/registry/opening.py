"""Where a registry is: a path today, a URL of another database by one more line in the table."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.errors import MissingBackend


if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from labeler.registry.records import Registry

_BACKENDS: Mapping[str, str] = MappingProxyType({"": "labeler.registry.sqlite"})
"""Modules with ``open_at`` and ``make_at`` by the scheme of the URL; a path has none."""


def open_registry(where: str | os.PathLike[str]) -> Registry:
    """
    Return the registry at a path.

    Raises `RegistryFailed` when there is none, and `MissingBackend` for a database server.
    """
    registry: Registry = import_module(_backend(where)).open_at(where)
    return registry


def make_registry(where: str | os.PathLike[str], *, known: bool = False) -> Registry:
    """
    Make an empty registry and return it; with ``known`` one that exists already is opened.

    Raises `RegistryFailed` when it exists (without ``known``) or cannot be made.
    """
    registry: Registry = import_module(_backend(where)).make_at(where, known=known)
    return registry


def _backend(where: str | os.PathLike[str]) -> str:
    scheme, found, _ = str(where).partition("://")
    scheme = scheme if found else ""
    if scheme not in _BACKENDS:
        raise MissingBackend(
            f"{scheme}:// registries are not built in; give the path of a file (SQLite)"
        )
    return _BACKENDS[scheme]
