"""What stands behind the last frame of MP3 and FLAC files: ID3v1, APEv2, Lyrics3, late ID3v2."""

from __future__ import annotations

import struct

from labeler.containers.tags.id3 import syncsafe


_MAX_TAGS = 8


def tail_start(data: bytes, first: int) -> int:
    """Return where the tags at the end of a file start, its length when there are none."""
    end = len(data)
    for _ in range(_MAX_TAGS):
        size = _tag_size(data, end)
        if not size or end - size < first:
            break
        end -= size
    return end


def _tag_size(data: bytes, end: int) -> int:
    """Return the size of the tag that ends at a position, 0 when none does."""
    if data[max(0, end - 128) : end][:3] == b"TAG" and end >= 128:
        return 128
    foot = bytes(data[max(0, end - 32) : end])
    if foot[:8] == b"APETAGEX":
        size, _, flags = struct.unpack_from("<III", foot, 12)
        return int(size) + (32 if flags >> 31 else 0)
    if foot[-9:] == b"LYRICS200" and foot[-15:-9].isdigit():
        return int(foot[-15:-9]) + 15
    if foot[-10:-7] == b"3DI":
        return syncsafe(foot[-4:]) + 20
    return 0
