"""
MCP: a server with the tools ``label_file`` and ``verify_file`` for files below one folder.

``make_server(label, folder, verify=detectors.verify).run()`` serves on standard input and output.
The host is the package mcp, 1.x or 2.x. Nothing outside the folder is read or written, nothing
is overwritten, and there is no tool that takes labels away.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.errors import MissingBackend, OutputFailed
from labeler.integrations.numbering import Labeller


if TYPE_CHECKING:
    from collections.abc import Callable

    from labeler.model import Label


def make_server(
    label: Label, folder: str | Path, *, verify: Callable[[Any], Any] | None = None, **chosen: Any
) -> Any:
    """Return a server; ``verify`` is `detectors.verify`, ``chosen`` what `Labeller` takes."""
    server, root = _host()("aigc-label"), Path(folder).resolve()
    labeller = Labeller(label, **chosen)

    def inside(name: str) -> Path:
        path = (root / name).resolve()
        if not path.is_relative_to(root):
            raise OutputFailed(f"{name}: outside of the folder that is served")
        return path

    def label_file(source: str, output: str) -> dict[str, Any]:
        """Label an AI-generated file (GB 45438-2025) and return the receipt."""
        labeller.apply(inside(source), output=inside(output))
        return labeller.receipts[0].to_dict()

    def verify_file(source: str) -> dict[str, Any]:
        """Say whether a file carries labels of AI-generated content; none is no proof."""
        return {} if verify is None else dict(verify(inside(source)).to_dict())

    server.tool()(label_file)
    if verify is not None:
        server.tool()(verify_file)
    return server


def _host() -> Any:
    for module, name in (("mcp.server.mcpserver", "MCPServer"), ("mcp.server.fastmcp", "FastMCP")):
        try:
            return getattr(import_module(module), name)
        except ImportError:
            continue
    raise MissingBackend("the package mcp is not installed; pip install mcp")
