"""
The chain of hashes: every entry's link covers the entry and the link before it. Pure functions.

The body goes in by a salted digest. A purge drops body and salt and leaves the digest, so the
chain still verifies and nothing of the body can be guessed from what is left.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One link as it is stored. ``body`` and ``salt`` are None once purged."""

    number: int
    kind: str
    time: str
    retain_until: str
    salt: bytes | None
    body: str | None
    digest: bytes
    link: bytes


def first_link(identity: str) -> bytes:
    """Return what the first entry is chained to; ``identity`` is the registry's own."""
    return hashlib.sha256(b"aigc-label registry 1\0" + identity.encode()).digest()


def body_digest(salt: bytes, body: str) -> bytes:
    """Return the salted digest of a body."""
    return hashlib.sha256(salt + body.encode()).digest()


def next_link(before: bytes, head: tuple[int, str, str, str], digest: bytes) -> bytes:
    """Return the link of an entry; ``head`` is its number, kind, time and last day to be kept."""
    told = "".join(f"{value}\0" for value in head).encode()
    return hashlib.sha256(before + told + digest).digest()


def link_fault(before: bytes, entry: Entry) -> str:
    """Say what is wrong with an entry after the link ``before``; empty when nothing is."""
    head = (entry.number, entry.kind, entry.time, entry.retain_until)
    link = next_link(before, head, entry.digest)
    if link != entry.link:
        return f"entry {entry.number} does not follow from the one before it"
    if entry.body is None or entry.salt is None:
        return ""
    if body_digest(entry.salt, entry.body) != entry.digest:
        return f"the record of entry {entry.number} was altered"
    return ""
