"""Text as bytes: which encoding a file is in, and the way back that keeps every other byte."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS, Limits


_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FEW_CONTROLS = 0.002
_HEAD = 1 << 16
_DOUBLE = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_COMMON = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_LIKELY = 0.5
_DECLARED_GBK = re.compile(
    rb"(?:charset|encoding|coding)\s*[=:]\s*[\"']?(?:gbk|gb2312|cp936|x-gbk)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    r"""
    A decoded text file; ``encode`` is the exact way back.

    ``encoding`` is Python's name of it, without byte order mark; ``mark`` holds that mark.
    ``newline`` is the line end most used: ``\n``, ``\r\n`` or ``\r``.
    """

    text: str
    encoding: str
    mark: bytes = b""
    newline: str = "\n"

    @property
    def carries_unicode(self) -> bool:
        """
        Whether every character can stand in this file, invisible ones too.

        GBK cannot hold them: a mark would become question marks that everybody sees.
        """
        return self.encoding != "gbk"

    def encode(self, text: str) -> bytes:
        """Return ``text`` as bytes of this file; `UnsupportedMedia` if it cannot hold them."""
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            wrong = text[error.start : error.start + 1]
            raise UnsupportedMedia(
                f"the file is in {self.encoding.upper()}, which has no {wrong!a}; "
                "save it as UTF-8 first"
            ) from error


def read_text(data: bytes, limits: Limits = LIMITS) -> TextFile:
    r"""
    Decode a text file: UTF-8, UTF-16 and UTF-32 with a byte order mark, GB18030, GBK.

    A file without mark that is no UTF-8 is taken for Chinese when it decodes and most of its
    characters are common ones. ``gb18030`` is said of files that need it, ``gbk`` of all others:
    other programs may open those as GBK.

    Raises
    ------
    UnsupportedMedia
        Binary content under the name of a text.
    CorruptMedia
        No known encoding fits, or the bytes do not come back the same.
    MediaTooLarge
        Over the limit on text held in memory.

    >>> read_text("标识\r\n".encode("gbk"))
    TextFile(text='标识\r\n', encoding='gbk', mark=b'', newline='\r\n')
    """
    if len(data) > limits.document_bytes:
        raise MediaTooLarge(
            f"the text has {len(data):,} bytes; the limit is {limits.document_bytes:,}: split it"
        )
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding, mark)
    _require_text(data)
    try:
        return _decoded(data, "utf-8", b"")
    except CorruptMedia:
        return _chinese(data)


def is_text(data: bytes) -> bool:
    """Say whether the start of a file decodes; cheap, for telling formats apart."""
    head = bytes(data[:_HEAD])
    try:
        read_text(_whole_characters(head) if len(data) > len(head) else head)
    except (CorruptMedia, UnsupportedMedia):
        return False
    return True


def _whole_characters(head: bytes) -> bytes:
    """Return a start that was cut anywhere without a character that was cut in two."""
    for end in range(len(head), max(0, len(head) - 4), -1):
        try:
            read_text(head[:end])
        except CorruptMedia:
            continue
        return head[:end]
    return head


def _require_text(data: bytes) -> None:
    """Raise `UnsupportedMedia` when control characters say that this is no text."""
    head = data[:_HEAD]
    controls = len(_CONTROLS.findall(head))
    if b"\0" in data or controls > max(2, _FEW_CONTROLS * len(head)):
        raise UnsupportedMedia(
            "this is binary data, no text (or UTF-16 without a byte order mark); "
            "give the file its right name, or save it as UTF-8"
        )


def _decoded(data: bytes, encoding: str, mark: bytes) -> TextFile:
    body = data[len(mark) :]
    try:
        text = body.decode(encoding)
        same = text.encode(encoding) == body
    except UnicodeError as error:
        raise CorruptMedia(
            f"the text is no valid {encoding.upper()}: {_reason(error)}; save it as UTF-8"
        ) from error
    if not same:
        raise CorruptMedia(f"the text would not come back the same from {encoding.upper()}")
    if mark and "\0" in text:
        raise UnsupportedMedia("this is binary data behind a byte order mark, no text")
    return TextFile(text=text, encoding=encoding, mark=mark, newline=newline_of(text))


def _reason(error: UnicodeError) -> str:
    at = f" at byte {error.start:,}" if isinstance(error, UnicodeDecodeError) else ""
    return f"{getattr(error, 'reason', 'undecodable')}{at}"


def _chinese(data: bytes) -> TextFile:
    """Decode as GBK, else as GB18030, when it looks like Chinese rather than Latin-1."""
    double = _DOUBLE.findall(data)
    common = sum(1 for pair in double if _COMMON.fullmatch(pair))
    if double and common >= _LIKELY * len(double):
        for encoding in ("gbk", "gb18030"):
            if encoding == "gb18030" and _DECLARED_GBK.search(data[:1024]):
                break
            try:
                return _decoded(data, encoding, b"")
            except CorruptMedia:
                continue
    raise CorruptMedia(
        "the text is neither UTF-8, UTF-16 with a byte order mark nor GB18030; save it as UTF-8"
    )


def newline_of(text: str) -> str:
    r"""
    Return the line end that a text uses most, ``\n`` when it has none.

    >>> newline_of("a\r\nb\r\nc\n")
    '\r\n'
    """
    both = text.count("\r\n")
    counts = {"\r\n": both, "\n": text.count("\n") - both, "\r": text.count("\r") - both}
    best = max(counts, key=lambda end: counts[end])
    return best if counts[best] else "\n"
