"""The bytes of a file that bear its content, for digests that no metadata can change."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from labeler.containers.registry import file_container_of
from labeler.containers.sniffing import sniff_file
from labeler.containers.videos import VIDEOS, video_container_of
from labeler.signing.security_data import content_digest


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def content_parts(data: bytes, name: str = "") -> Iterator[bytes | memoryview]:
    """
    Yield the content-bearing bytes of a file, in file order (docs/signing.md).

    ``name`` is the file name, which tells text formats apart. Raises `LabelError` when the file is
    of no known format, or broken.
    """
    if sniff_file(BytesIO(data)) in VIDEOS:
        yield from video_container_of(BytesIO(data)).payload_bytes(BytesIO(data))
    else:
        yield from file_container_of(data, name).payload_bytes(data)


def content_digest_of(source: Path | bytes, hash_name: str, *, file_name: str = "") -> str:
    """
    Return the digest of the content of a file, upper-case hexadecimal.

    A path is that of a file too large for the memory, see `path_parts`. Raises as `content_parts`.
    """
    if isinstance(source, bytes):
        return content_digest(content_parts(source, file_name), hash_name)
    return content_digest(path_parts(source), hash_name)


def path_parts(path: Path) -> Iterator[bytes | memoryview]:
    """
    Yield the content-bearing bytes of a video, or of a PCM recording of hours, in blocks.

    The same bytes as `content_parts` has of the whole file. Raises as `content_parts` does.
    """
    with path.open("rb") as file:
        if sniff_file(file) in VIDEOS:
            yield from video_container_of(file).payload_bytes(file)
            return
    from labeler.audio.hollow import frame_bytes_of, hollow_of, sample_bytes

    # Of a hollow file one frame of samples is left; what stands before it is AIFF's own.
    hollow = hollow_of(path)
    held = b"".join(map(bytes, file_container_of(hollow).payload_bytes(hollow)))
    yield held[: len(held) - frame_bytes_of(path)]
    yield from sample_bytes(path)
