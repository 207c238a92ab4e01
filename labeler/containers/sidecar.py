"""
The sidecar: a label in a file of its own beside a text that has no place for metadata (R-39).

``notes.txt`` has ``notes.txt.aigc.json``. It names the content it speaks of by SHA-256, so that it
cannot be taken for the label of something else. The form is ours; no guide has one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from labeler.containers.model import Carrier
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, MediaTooLarge


SCHEME = "sidecar"
ENDING = ".aigc.json"
"""What is added to the name of the file that a sidecar belongs to."""

MOST_BYTES = 1 << 20
"""Largest sidecar that is read; SecurityData with certificates fits many times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What a sidecar says: the value of the label as JSON, and whose label it is."""

    value: str
    sha256: str

    def belongs_to(self, digest: str) -> bool:
        """Say whether this is the sidecar of content with this SHA-256 in hex."""
        return bool(digest) and self.sha256.lower() == digest.lower()

    def carrier(self) -> Carrier:
        """Return the copy of the label it holds."""
        return Carrier(scheme=SCHEME, place="sidecar beside the file", text=self.value)


def dump_sidecar(value: str, digest: str, name: str) -> bytes:
    r"""
    Return the sidecar of a file, by the bare value of its label, its SHA-256, and its name.

    >>> dump_sidecar('{"Label":"1"}', "ab", "notes.txt")
    b'{"AIGC":{"Label":"1"},"file":"notes.txt","sha256":"ab"}\n'
    """
    told = {WRAPPER: json.loads(value), "file": name, "sha256": digest}
    return (json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n").encode(
        "utf-8", "surrogateescape"
    )


def load_sidecar(content: bytes) -> Sidecar:
    """
    Return what a sidecar says.

    Raises
    ------
    CorruptMedia
        It is no JSON object with a label and the SHA-256 of a file.
    MediaTooLarge
        Over `MOST_BYTES`.
    """
    if len(content) > MOST_BYTES:
        raise MediaTooLarge(f"the sidecar has {len(content):,} bytes; the limit is {MOST_BYTES:,}")
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CorruptMedia(f"the sidecar is no JSON: {type(error).__name__}") from error
    digest = told.get("sha256") if isinstance(told, dict) else None
    if not isinstance(digest, str) or WRAPPER not in told:
        raise CorruptMedia(f"the sidecar lacks {WRAPPER} or sha256")
    return Sidecar(value=json.dumps(told[WRAPPER], ensure_ascii=False), sha256=digest)


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of content as a sidecar names it."""
    return hashlib.sha256(data).hexdigest()
