"""One ASGI response on its way out: files are collected on disk and labelled, events at once."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from labeler.errors import LabelError, UnsupportedMedia
from labeler.integrations.sse import LabelledEvents


if TYPE_CHECKING:
    from pathlib import Path

    from labeler.integrations.asgi import LabelMiddleware

_START, _BODY, _BLOCK = "http.response.start", "http.response.body", 1 << 18
_WHOLE = {200, 201, 202, 203}
_STALE = {b"content-length", b"etag", b"digest", b"content-md5", b"repr-digest", b"accept-ranges"}


class LabelledResponse:
    """Takes the messages of an application, sends labelled ones; ``folder`` is its own."""

    def __init__(self, owner: LabelMiddleware, send: Any, folder: Path) -> None:
        """Begin a response."""
        self._owner, self._send, self._folder = owner, send, folder
        self._events: LabelledEvents | None = None
        self._held: dict[str, Any] = {}

    async def send(self, message: dict[str, Any]) -> None:
        """Pass one message on, hold it, or send what takes its place."""
        if message["type"] == _START and message["status"] in _WHOLE:
            message = self._begin(message)
        elif message["type"] == _BODY and self._events is not None:
            body, more = self._events.feed(message.get("body", b"")), message.get("more_body")
            message = {**message, "body": body if more else body + self._events.finish()}
        elif message["type"] == _BODY and self._held:
            with self._file.open("ab") as file:
                file.write(message.get("body", b""))
            if not message.get("more_body"):
                await self._send_file()
            return
        if message is not self._held:
            await self._send(message)

    def _begin(self, message: dict[str, Any]) -> dict[str, Any]:
        """Decide by the content type; a file's start is held until its size is known."""
        headers = {key.lower(): value for key, value in message["headers"]}
        kind = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip()
        if not kind.startswith(self._owner.types):
            return message
        if b"content-encoding" in headers:
            raise UnsupportedMedia("a compressed response; compress outside of the labelling")
        kept = [(key, value) for key, value in message["headers"] if key.lower() not in _STALE]
        message = {**message, "headers": kept}
        if kind == "text/event-stream":
            self._events = LabelledEvents(self._owner, **self._owner.words)
        else:
            self._file = self._folder / f"content{mimetypes.guess_extension(kind) or ''}"
            self._held = message
        return message

    async def _send_file(self) -> None:
        done, headers = self._folder / "labelled", self._held["headers"]
        try:
            await self._owner.in_thread(lambda: self._owner.apply(self._file, output=done))
        except LabelError as error:
            done.write_text(f"the content could not be labelled: {error}\n", "utf-8")
            self._held["status"], headers = 500, [(b"content-type", b"text/plain; charset=utf-8")]
        size = str(done.stat().st_size).encode()
        await self._send({**self._held, "headers": [*headers, (b"content-length", size)]})
        with done.open("rb") as file:
            while block := file.read(_BLOCK):
                await self._send({"type": _BODY, "body": block, "more_body": True})
        await self._send({"type": _BODY, "body": b"", "more_body": False})
