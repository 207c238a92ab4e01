"""The MCP server, against the real package where it is installed."""

from __future__ import annotations

import sys
import types

import pytest

import detectors
from labeler.errors import MissingBackend, OutputFailed
from labeler.integrations.mcp import make_server
from makers import make


class Host:
    """As much of a server as the adapter uses."""

    def __init__(self, name):
        self.name, self.tools = name, {}

    def tool(self):
        def register(function):
            self.tools[function.__name__] = function
            return function

        return register


@pytest.fixture
def tools(monkeypatch, label, tmp_path):
    module = types.ModuleType("mcp.server.mcpserver")
    module.MCPServer = Host
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", module)
    (tmp_path / "a.png").write_bytes(make("png", side=320))
    return make_server(label, tmp_path, verify=detectors.verify).tools


def test_a_file_is_labelled_and_verified(tools, tmp_path):
    receipt = tools["label_file"]("a.png", "b.png")
    assert receipt["label"]["ProduceID"] == "demo-001"
    assert tools["verify_file"]("b.png")["verdict"] == "confirmed"
    assert (tmp_path / "b.png").is_file()


@pytest.mark.parametrize("name", ["../b.png", "/etc/b.png"])
def test_nothing_outside_of_the_folder_is_touched(tools, name):
    with pytest.raises(OutputFailed, match="outside"):
        tools["label_file"]("a.png", name)
    with pytest.raises(OutputFailed, match="outside"):
        tools["verify_file"](name)


def test_nothing_is_overwritten(tools):
    with pytest.raises(OutputFailed, match="exists"):
        tools["label_file"]("a.png", "a.png")


def test_without_the_package_the_error_says_so(monkeypatch, label, tmp_path):
    for name in ("mcp.server.mcpserver", "mcp.server.fastmcp"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingBackend, match="mcp"):
        make_server(label, tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_the_real_server_offers_both_tools(label, tmp_path):
    pytest.importorskip("mcp", reason="mcp is not installed")
    anyio = pytest.importorskip("anyio", reason="anyio is not installed")
    (tmp_path / "a.png").write_bytes(make("png", side=320))
    server = make_server(label, tmp_path, verify=detectors.verify)

    async def talk():
        names = {tool.name for tool in await server.list_tools()}
        told = await server.call_tool("label_file", {"source": "a.png", "output": "b.png"})
        return names, str(told)

    names, told = anyio.run(talk)
    assert names == {"label_file", "verify_file"}
    assert "demo-001" in told
    assert detectors.verify(tmp_path / "b.png").verdict.value == "confirmed"
