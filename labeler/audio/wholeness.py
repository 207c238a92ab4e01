"""
Whether a compressed file is all there and may be decoded, by what its container says of itself.

FFmpeg decodes what it gets and says nothing of what is missing; a label on half a recording would
pass for a label on the whole.
"""

from __future__ import annotations

import io
import struct
from typing import IO

from labeler.errors import CorruptMedia, UnsupportedMedia


_MOST = 16 << 20
_DRM_ENTRIES = frozenset({b"drms", b"enca"})
_ASF_ENCRYPTION = (
    bytes.fromhex("fbb31122 23bdd211 b4b700a0 c955fc6e"),
    bytes.fromhex("14e68a29 2226174c b935dae0 7ee9289c"),
)
_ASF_FILE = bytes.fromhex("a1dcab8c 47a9cf11 8ee400c0 0c205365")
_APE_FOOTER, _ID3V1, _LYRICS = 32, 128, 15
_OGG_PAGE = 27 + 255 + 255 * 255
_OGG_END = 4
_XING_SLACK = 0.99


def check_whole(file: IO[bytes], container: str) -> tuple[str, ...]:
    """
    Return notes on a compressed file that seems whole.

    Raises
    ------
    CorruptMedia
        Its own sizes say that a part is missing.
    UnsupportedMedia
        It is encrypted.
    """
    check = {"mp3": _check_mp3, "ogg": _check_ogg, "m4a": _check_m4a, "wma": _check_wma}
    try:
        return check[container](file) if container in check else ()
    except struct.error as error:
        raise _truncated(container) from error


def _truncated(container: str) -> CorruptMedia:
    return CorruptMedia(f"the {container} file is truncated; get an intact copy")


def _locked() -> UnsupportedMedia:
    return UnsupportedMedia("it is encrypted (DRM) and cannot be labelled; use the original")


def id3_size(file: IO[bytes]) -> int:
    """Return the bytes of the ID3v2 tags at the start of a file."""
    at = 0
    while True:
        file.seek(at)
        head = file.read(10)
        if len(head) < 10 or not head.startswith(b"ID3"):
            return at
        at += 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])
        at += 10 if head[5] & 0x10 else 0


def trailer_size(file: IO[bytes]) -> int:
    """Return the bytes of the APEv2, Lyrics3 and ID3v1 tags at the end of an MP3 file."""
    end = file.seek(0, io.SEEK_END)
    at = end
    if _at(file, at - _ID3V1, 3) == b"TAG":
        at -= _ID3V1
    if _at(file, at - 9, 9) == b"LYRICS200":
        digits = _at(file, at - _LYRICS, 6)
        at -= _LYRICS + int(digits) if digits.isdigit() else 0
    footer = _at(file, at - _APE_FOOTER, _APE_FOOTER)
    if footer.startswith(b"APETAGEX"):
        size = int.from_bytes(footer[12:16], "little")
        at -= size + (_APE_FOOTER if footer[23] & 0x80 else 0)
    if at < 0 or end - at > 4 * _MOST:
        raise CorruptMedia("the tags behind the MP3 frames say a wrong size; get an intact copy")
    return end - at


def _at(file: IO[bytes], at: int, size: int) -> bytes:
    if at < 0:
        return b""
    file.seek(at)
    return file.read(size)


def _check_mp3(file: IO[bytes]) -> tuple[str, ...]:
    """Compare with the bytes that the Xing or Info header of the first frame counts."""
    start = id3_size(file)
    head = _at(file, start, 4096)
    here = file.seek(0, io.SEEK_END) - start - trailer_size(file)
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if at < 0 or at > 200:
        return ()
    flags = struct.unpack_from(">I", head, at + 4)[0]
    if flags & 2:
        counted = struct.unpack_from(">I", head, at + 8 + 4 * (flags & 1))[0]
        if here < _XING_SLACK * counted:
            raise CorruptMedia(
                f"its header counts {counted:,} bytes of frames and {max(here, 0):,} are there: "
                "it is truncated; get an intact copy"
            )
    return ()


def _check_ogg(file: IO[bytes]) -> tuple[str, ...]:
    """Look at the last page: is it whole, and is it marked as the last."""
    end = file.seek(0, io.SEEK_END)
    start = max(0, end - 2 * _OGG_PAGE)
    tail = _at(file, start, 2 * _OGG_PAGE)
    at = tail.rfind(b"OggS")
    if at < 0 or at + 27 > len(tail):
        raise _truncated("ogg")
    segments = tail[at + 27 : at + 27 + tail[at + 26]]
    if len(segments) < tail[at + 26] or at + 27 + len(segments) + sum(segments) > len(tail):
        raise _truncated("ogg")
    if not tail[at + 5] & _OGG_END:
        return ("the last Ogg page is not marked as the end: the recording may have been cut",)
    return ()


def _check_wma(file: IO[bytes]) -> tuple[str, ...]:
    """Compare with the file size that the ASF header names, unless it is a broadcast's."""
    end = file.seek(0, io.SEEK_END)
    head = _at(file, 0, 1 << 20)
    if any(mark in head for mark in _ASF_ENCRYPTION):
        raise _locked()
    at = head.find(_ASF_FILE)
    if at >= 0:
        size = struct.unpack_from("<Q", head, at + 40)[0]
        broadcast = struct.unpack_from("<I", head, at + 88)[0] & 1
        if size > end and not broadcast:
            raise _truncated("wma")
    return ()


def _check_m4a(file: IO[bytes]) -> tuple[str, ...]:
    """Walk the boxes to the end of the file, and look at the sample descriptions in moov."""
    end = file.seek(0, io.SEEK_END)
    at, index = 0, b""
    while at + 8 <= end:
        head = _at(file, at, 16)
        size = int.from_bytes(head[:4], "big")
        size = struct.unpack_from(">Q", head, 8)[0] if size == 1 else size or end - at
        if size < 8 or at + size > end:
            raise _truncated("m4a")
        if head[4:8] == b"moov":
            index = _at(file, at, min(size, _MOST))
        at += size
    if not index:
        raise CorruptMedia("the m4a file has no index (moov); get an intact copy")
    if _entry_kinds(index) & _DRM_ENTRIES:
        raise _locked()
    return ()


def _entry_kinds(index: bytes) -> set[bytes]:
    """Return the kind of the first sample description of every track."""
    kinds, at = set(), index.find(b"stsd")
    while at >= 0:
        kinds.add(index[at + 16 : at + 20])
        at = index.find(b"stsd", at + 4)
    return kinds
