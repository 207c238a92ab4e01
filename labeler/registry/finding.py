"""What `registry find` looks for: one question, answered from the registry."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from labeler.errors import InvalidLabel
from labeler.labelling import modality_of
from labeler.limits import LIMITS
from labeler.model import Modality
from labeler.payload import mark_id as mark_of
from labeler.registry.likeness import likeness_of
from labeler.save import read_file
from labeler.video.files import digest_of, is_video


if TYPE_CHECKING:
    import os

    from labeler.registry.records import Match, Registry

_DIGITS = 15
_PADDING = 2


def find_records(
    registry: Registry,
    *,
    mark_id: str | None = None,
    sha256: str | None = None,
    producer: str | None = None,
    content_id: str | None = None,
    like: str | os.PathLike[str] | None = None,
) -> tuple[Match, ...]:
    """
    Return the records that fit, newest first, those alike the nearest first.

    Parameters
    ----------
    registry
        Where to look.
    mark_id
        A mark id, or its first hexadecimal digits.
    sha256
        Of a file before or after labelling.
    producer, content_id
        The pair of the label.
    like
        A file: records of its bytes, else of what looks or sounds alike.

    Raises
    ------
    InvalidLabel
        Mark id or hash are no hexadecimal numbers of their length.
    LabelError
        The registry or the file cannot be read.
    """
    if mark_id is not None:
        return _with_digits(registry, mark_id)
    if sha256 is not None:
        if not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
            raise InvalidLabel("a SHA-256 has 64 hexadecimal digits")
        return registry.with_digest(sha256.lower())
    if content_id is not None:
        return registry.with_mark(mark_of(producer or "", content_id))
    return _alike(registry, Path(like or ""))


def _with_digits(registry: Registry, digits: str) -> tuple[Match, ...]:
    """Look up a mark id by its first digits; the first of 15 digits holds two bits."""
    if not re.fullmatch(rf"[0-3][0-9a-fA-F]{{0,{_DIGITS - 1}}}", digits):
        raise InvalidLabel("a mark id has up to 15 hexadecimal digits, the first of them 0 to 3")
    return registry.with_mark(int(digits.ljust(_DIGITS, "0"), 16), 4 * len(digits) - _PADDING)


def _alike(registry: Registry, path: Path) -> tuple[Match, ...]:
    if is_video(path):
        digest, modality = digest_of(path), Modality.VIDEO
    else:
        data = read_file(path, limit=LIMITS.file_bytes)
        digest, modality = digest_of(path), modality_of(data, path.name)
    if exact := registry.with_digest(digest):
        return exact
    likeness = likeness_of(path, modality, sought=True)
    return registry.alike(likeness) if likeness is not None else ()
