"""The ASGI middleware: files and event streams, in Starlette and FastAPI where installed."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest

import detectors
from labeler.errors import UnsupportedMedia
from labeler.integrations.asgi import LabelMiddleware
from makers import make


def run(coroutine):
    """Run a coroutine that never waits: the stand-ins below answer at once."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration:
        return


def call(app, *, method="GET", path="/"):
    """Return the start and the bodies an application answers with."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    run(app({"type": "http", "method": method, "path": path, "headers": []}, receive, send))
    return sent[0], [m["body"] for m in sent[1:]]


def answering(kind, *bodies, status=200, headers=()):
    async def app(_, __, send):
        start = [(b"Content-Type", kind.encode()), *headers]
        await send({"type": "http.response.start", "status": status, "headers": start})
        for index, body in enumerate(bodies):
            more = index + 1 < len(bodies)
            await send({"type": "http.response.body", "body": body, "more_body": more})

    return app


@pytest.fixture
def kept():
    return []


@pytest.fixture(autouse=True)
def _without_threads(monkeypatch):
    async def at_once(_, work):
        return work()

    monkeypatch.setattr(LabelMiddleware, "in_thread", at_once)


def test_a_picture_leaves_labelled_with_its_true_length_and_no_stale_headers(label, kept):
    data = make("png", side=320)
    stale = [(b"Content-Length", b"%d" % len(data)), (b"ETag", b'"x"'), (b"X-Other", b"1")]
    app = answering("image/png", data[:1000], data[1000:], headers=stale)
    start, bodies = call(LabelMiddleware(app, label, record=kept.append))
    body = b"".join(bodies)
    headers = {key.lower(): value for key, value in start["headers"]}
    assert start["status"] == 200
    assert headers == {
        b"content-type": b"image/png",
        b"x-other": b"1",
        b"content-length": b"%d" % len(body),
    }
    report = detectors.verify(body)
    assert report.verdict.value == "confirmed"
    assert report.label["ProduceID"] == kept[0].label["ProduceID"] == "demo-001"


@pytest.mark.parametrize("kind", ["wav", "mp3"])
def test_sound_leaves_labelled(label, kept, kind):
    from rich_sounds import rich_sound

    app = answering("audio/x-anything", rich_sound(kind))
    _, bodies = call(LabelMiddleware(app, label, record=kept.append, layers="metadata"))
    assert detectors.verify(b"".join(bodies), fast=True).verdict.value == "confirmed"


def test_content_that_cannot_be_labelled_never_leaves(label, kept):
    app = answering("image/png", b"\x89PNG\r\n\x1a\nbroken")
    start, bodies = call(LabelMiddleware(app, label, record=kept.append))
    assert start["status"] == 500
    assert b"could not be labelled" in b"".join(bodies)
    assert b"PNG\r\n" not in b"".join(bodies)
    assert kept == []


def test_a_compressed_picture_is_refused(label):
    app = answering("image/png", b"x", headers=[(b"content-encoding", b"gzip")])
    with pytest.raises(UnsupportedMedia, match="outside"):
        call(LabelMiddleware(app, label))


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("application/json", {}),
        ("image/png", {"status": 206}),
        ("image/png", {"status": 404}),
    ],
)
def test_what_is_no_whole_content_passes(label, kind, how):
    start, bodies = call(LabelMiddleware(answering(kind, b"abc", b"def", **how), label))
    assert (start["status"], bodies) == (how.get("status", 200), [b"abc", b"def"])


def test_other_paths_and_head_requests_pass(label):
    app = LabelMiddleware(answering("image/png", b"icon"), label, paths=("/generate",))
    assert call(app, path="/favicon.png")[1] == [b"icon"]
    assert call(app, path="/generate", method="HEAD")[1] == [b"icon"]


def test_a_request_for_a_part_gets_the_whole_in_messages(label):
    asked = []

    async def app(scope, _, send):
        asked.append(scope)
        await answering("image/png", make("png", side=320))(scope, _, send)

    async def receive():
        return {"type": "http.request"}

    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": "/",
        "headers": [(b"range", b"bytes=0-99"), (b"accept-encoding", b"gzip"), (b"x", b"y")],
        "extensions": {"http.response.pathsend": {}},
    }  # fmt: skip
    run(LabelMiddleware(app, label)(scope, receive, send))
    assert asked[0]["headers"] == [(b"x", b"y")]
    assert asked[0]["extensions"] == {}
    assert sent[0]["status"] == 200


def chat(content, **more):
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None, **more}
    return b"data: " + json.dumps({"id": "1", "choices": [choice]}).encode() + b"\n\n"


def said(body):
    events = [line[6:] for line in body.splitlines() if line.startswith(b"data: {")]
    deltas = [json.loads(event)["choices"][0]["delta"] for event in events]
    return "".join(delta.get("content") or "" for delta in deltas)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_chat_stream_is_labelled_however_it_is_cut(label, kept, size):
    stream = chat("") + chat("Good ") + b": ping\n\n" + chat("day") + b"data: [DONE]\n\n"
    bodies = [stream[at : at + size] for at in range(0, len(stream), size)]
    app = LabelMiddleware(answering("text/event-stream", *bodies), label, record=kept.append)
    start, out = call(app)
    whole = b"".join(out)
    assert said(whole) == "AI生成\n\nGood day"
    assert whole.count(b": ping\n\n") == 1
    assert whole.endswith(b"data: [DONE]\n\n")
    assert kept[0].layers["visible"]["text"] == "AI生成"
    assert b"content-length" not in {key.lower() for key, _ in start["headers"]}


def test_an_answer_that_is_data_stays_byte_for_byte_and_the_receipt_says_so(label, kept):
    stream = chat('{"a"') + chat(": 1}") + chat(None, finish_reason="stop") + b"data: [DONE]\n\n"
    app = LabelMiddleware(answering("text/event-stream", stream), label, record=kept.append)
    assert b"".join(call(app)[1]) == stream
    assert kept[0].layers == {}


def test_a_stream_of_plain_text_gets_an_event_with_the_label(label):
    app = answering("text/event-stream", b"data: Good\n\ndata:  day\n\n")
    words = {"language": "en"}
    _, bodies = call(LabelMiddleware(app, label, words=words))
    assert b"".join(bodies).startswith(b"data: AI GENERATED\ndata: \ndata: \n\ndata: Good\n\n")


@pytest.mark.filterwarnings("ignore")
def test_a_real_application_serves_labelled_content(label, kept, monkeypatch):
    if not (find_spec("starlette") and find_spec("httpx")):
        pytest.skip("starlette or httpx is not installed")
    monkeypatch.undo()  # the real threads
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.responses import Response, StreamingResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    def picture(_):
        return Response(make("jpeg", side=320), media_type="image/jpeg")

    def stream(_):
        return StreamingResponse(iter([chat("Good day")]), media_type="text/event-stream")

    routes = [Route("/picture", picture), Route("/stream", stream)]
    mine = Middleware(LabelMiddleware, label=label, record=kept.append)
    client = TestClient(Starlette(routes=routes, middleware=[mine]))
    assert detectors.verify(client.get("/picture").content).verdict.value == "confirmed"
    assert said(client.get("/stream").content) == "AI生成\n\nGood day"
    assert len(kept) == 2
