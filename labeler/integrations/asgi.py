"""
ASGI (FastAPI, Starlette and others): pictures, sound, video and chat streams leave labelled.

Of these types a response that cannot be labelled becomes an error 500: unlabelled content never
leaves by accident (R-42). Put compression outside of this. Requests for parts get the whole.
"""

from __future__ import annotations

import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.integrations.numbering import Labeller
from labeler.integrations.response import LabelledResponse


if TYPE_CHECKING:
    from collections.abc import Callable

    from labeler.model import Label

_DROPPED = {b"range", b"if-range", b"accept-encoding"}
TYPES = ("image/", "audio/", "video/", "text/event-stream")
"""How the content types start that are labelled unless others are named."""


class LabelMiddleware(Labeller):
    """
    Wraps an application.

    ``paths`` are the beginnings of the paths whose responses are generated content, ``types`` the
    beginnings of their content types; text types such as ``text/markdown`` can be named as well.
    ``words`` are the words of streams, as `labeler.text.streams.stream_label` takes them; the
    rest is what `Labeller` takes.
    """

    def __init__(
        self, app: Any, label: Label, *, paths: tuple[str, ...] = ("/",),
        types: tuple[str, ...] = TYPES, words: dict[str, Any] | None = None, **chosen: Any,
    ) -> None:  # fmt: skip
        """Take the application, a label, and which responses to label."""
        super().__init__(label, **chosen)
        self.app, self._paths, self.types, self.words = app, paths, types, words or {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request; others than for content go straight to the application."""
        content = scope["type"] == "http" and scope["method"] != "HEAD"
        if not content or not scope["path"].startswith(self._paths):
            await self.app(scope, receive, send)
            return
        with tempfile.TemporaryDirectory(prefix="aigc-label-") as folder:
            response = LabelledResponse(self, send, Path(folder))
            # The application must answer with the whole body, plain, and in messages
            headers = [(key, value) for key, value in scope["headers"] if key not in _DROPPED]
            asked = {**scope, "headers": headers, "extensions": {}}
            await self.app(asked, receive, response.send)

    async def in_thread(self, work: Callable[[], Any]) -> Any:
        """Return what work returns, done beside the event loop where anyio is installed."""
        if find_spec("anyio") is None:
            return work()
        return await import_module("anyio").to_thread.run_sync(work)
