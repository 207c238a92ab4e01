"""
Files in object storage (``s3://bucket/key``): listed, read whole, or read in part.

The storage is only touched when a caller names it. boto3 does the work (extra ``s3``); it finds
credentials, region and endpoint where the AWS command line does.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from labeler.backends import backend
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEME = "s3://"
_FIRST = 1 << 16  # bytes of the first request: the header of nearly every picture


def is_url(source: str) -> bool:
    """Say whether a source is an object or a prefix, not a file."""
    return source.startswith(SCHEME)


def split_url(url: str) -> tuple[str, str]:
    """
    Return bucket and key.

    >>> split_url("s3://bucket/a/b.png")
    ('bucket', 'a/b.png')
    """
    bucket, _, key = url.removeprefix(SCHEME).partition("/")
    return bucket, key


def list_objects(url: str) -> Iterator[str]:
    """
    Yield the objects that a name means: itself, or everything below it, in the storage's order.

    A name that fits nothing, or a bucket that cannot be listed, is yielded as it is: opening it
    says what is wrong.
    """
    bucket, key = split_url(url)
    found = False
    try:
        pages = _client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        for page in pages:
            for entry in page.get("Contents", ()):
                name = entry["Key"]
                below = name.startswith(key) and (not key or key.endswith("/") or name == key)
                if (below or name.startswith(f"{key}/")) and not name.endswith("/"):
                    found = True
                    yield f"{SCHEME}{bucket}/{name}"
    except _failures():
        found = False
    if not found:
        yield url


class ObjectFile:
    """
    An object opened for reading like a file; only the parts that are asked for are fetched.

    Every part is of one version of the object: when it changes meanwhile, reading raises.
    ``size`` and ``version`` are the object's, ``fetched`` counts the bytes that came over the
    network. Raises `UnsupportedMedia` when the object cannot be read.
    """

    def __init__(self, url: str) -> None:
        """Fetch the first part, and with it size and version."""
        self.url = url
        self.size, self.version, self.fetched = 0, "", 0
        self._place = 0
        self._parts: list[tuple[int, bytes]] = []
        self._fetch(0, _FIRST)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move, as in a file."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self.size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def tell(self) -> int:
        """Return the position."""
        return self._place

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes from the position on, all that are left when negative."""
        start = self._place
        end = self.size if size < 0 else min(self.size, start + size)
        if end <= start:
            return b""
        data = self._held(start, end)
        if data is None:
            data = self._fetch(start, max(end, min(self.size, start + _FIRST)))[: end - start]
        self._place = start + len(data)
        return data

    def close(self) -> None:
        """Forget what was fetched."""
        self._parts.clear()

    def _held(self, start: int, end: int) -> bytes | None:
        for begin, data in reversed(self._parts):
            if begin <= start and end <= begin + len(data):
                return data[start - begin : end - begin]
        return None

    def _fetch(self, start: int, end: int) -> bytes:
        given = {"IfMatch": self.version} if self.version else {}
        try:
            answer = _get(self.url, Range=f"bytes={start}-{end - 1}", **given)
        except _EmptyObject:
            return b""
        data: bytes = answer["Body"].read()
        self.version = answer["ETag"]
        self.size = int(answer["ContentRange"].rpartition("/")[2])
        self.fetched += len(data)
        self._parts.append((start, data))
        return data


def read_object(url: str, *, limit: int) -> tuple[bytes, str]:
    """
    Return a whole object of at most ``limit`` bytes, and its version.

    Raises `CorruptMedia` when it is empty, `MediaTooLarge`, and `UnsupportedMedia` when it cannot
    be read.
    """
    answer = _get(url)
    size = int(answer["ContentLength"])
    if size > limit:
        raise MediaTooLarge(f"it has {size:,} bytes; the limit is {limit:,}")
    try:
        data: bytes = answer["Body"].read()
    except _failures() as error:
        raise UnsupportedMedia(f"cannot be read: {_reason(error)}") from error
    if not data:
        raise CorruptMedia("the object is empty (zero bytes)")
    return data, str(answer["ETag"])


def object_stamp(url: str) -> tuple[int, str]:
    """Return size and version of an object, which tell whether it changed."""
    bucket, key = split_url(url)
    try:
        answer = _client().head_object(Bucket=bucket, Key=key)
    except _failures() as error:
        raise UnsupportedMedia(f"cannot be read: {_reason(error)}") from error
    return int(answer["ContentLength"]), str(answer["ETag"])


class _EmptyObject(Exception):
    """No part of an object of zero bytes can be asked for."""


def _get(url: str, **asked: str) -> dict[str, Any]:
    bucket, key = split_url(url)
    if not bucket or not key:
        raise UnsupportedMedia("an object is named s3://bucket/key")
    try:
        answer: dict[str, Any] = _client().get_object(Bucket=bucket, Key=key, **asked)
    except _failures() as error:
        if _code(error) == "InvalidRange":
            raise _EmptyObject from error
        raise UnsupportedMedia(f"cannot be read: {_reason(error)}") from error
    return answer


@lru_cache(maxsize=1)
def _client() -> Any:
    """Return the one client of this process; making one takes longer than most requests."""
    boto3 = backend("boto3", extra="s3", purpose=SCHEME)
    settings = backend("botocore.config", extra="s3", purpose=SCHEME)
    config = settings.Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=10)
    return boto3.client("s3", config=config)


def _failures() -> tuple[type[Exception], ...]:
    """Return what boto3 raises when the storage does not give what was asked for."""
    found = backend("botocore.exceptions", extra="s3", purpose=SCHEME)
    return (found.BotoCoreError, found.ClientError)


def _code(error: Exception) -> str:
    answer = getattr(error, "response", {})
    return str(answer.get("Error", {}).get("Code", ""))


_REASONS = {
    "404": "there is no such object",
    "NoSuchKey": "there is no such object",
    "NoSuchBucket": "there is no such bucket",
    "403": "access is denied",
    "AccessDenied": "access is denied",
    "PreconditionFailed": "it changed while it was read",
}


def _reason(error: Exception) -> str:
    """Return what went wrong, in few words and on one line."""
    known = _REASONS.get(_code(error))
    return known or " ".join(str(error).split())[:200] or type(error).__name__
