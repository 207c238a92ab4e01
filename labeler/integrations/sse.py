"""Server-sent events of a chat service: bytes in as they come, labelled bytes out at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from labeler.errors import MediaTooLarge
from labeler.integrations.streaming import LabelledStream
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from labeler.integrations.numbering import Labeller

_FIELD = b"data:"


class LabelledEvents:
    """
    The events of one answer.

    ``data`` that is JSON goes through `labeler.text.streams` as a chunk, other data as text; all
    other lines pass. Nothing is held back but the end of a line that has not come yet.
    """

    def __init__(self, labeller: Labeller, **words: Any) -> None:
        """Begin an answer."""
        self._stream, self._rest = LabelledStream(labeller, **words), b""

    def feed(self, body: bytes) -> bytes:
        """Return what leaves for a part of the body."""
        *lines, self._rest = (self._rest + body).split(b"\n")
        if len(self._rest) > LIMITS.text_bytes:
            raise MediaTooLarge("a line of an event stream is over the limit")
        return self._stream.sent(b"".join(self._line(line) for line in lines))

    def finish(self) -> bytes:
        """Return what leaves at the end, and hand on the receipt."""
        rest = self._line(self._rest).removesuffix(b"\n") if self._rest else b""
        ending = b"".join(_event(out) + b"\n" for out in self._stream.finish())
        data = self._stream.sent(rest + ending)
        self._stream.close()
        return data

    def _line(self, line: bytes) -> bytes:
        payload = line.removeprefix(_FIELD).strip()
        if not line.startswith(_FIELD) or payload in {b"", b"[DONE]"}:
            return line + b"\n"
        try:
            chunk = json.loads(payload)
        except ValueError:
            chunk = payload.decode("utf-8", "replace")
        chunk = chunk if isinstance(chunk, dict) else payload.decode("utf-8", "replace")
        parts = self._stream.feed(chunk)
        kept = [line + b"\n" if part == chunk else _event(part) for part in parts]
        return b"\n".join(kept)


def _event(part: Any) -> bytes:
    """Return the data lines of an event; text with line breaks takes a line for each."""
    text = part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)
    return b"".join(_FIELD + b" " + line.encode() + b"\n" for line in text.split("\n"))
