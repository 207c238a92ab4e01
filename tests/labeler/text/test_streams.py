"""Streams: the label comes first or last, and tool calls and JSON come through untouched."""

from __future__ import annotations

import asyncio
import copy
from types import SimpleNamespace

import pytest

from labeler.errors import InvalidLabel, UnknownPolicy
from labeler.text.streams import StreamLabel, label_async_stream, label_stream, stream_label


START, END = StreamLabel(words="AI生成"), StreamLabel(words="AI生成", position="end")


def chunk(content=None, *, index=0, finish=None, kind=dict, **delta):
    if kind is dict:
        return {
            "id": "c", "choices": [{"index": index, "delta": {"content": content, **delta},
                                    "finish_reason": finish}],
        }  # fmt: skip
    choice = SimpleNamespace(
        index=index, delta=SimpleNamespace(content=content, **delta), finish_reason=finish
    )
    return SimpleNamespace(id="c", choices=[choice])


def said(chunks, index=0):
    texts = []
    for each in chunks:
        choices = each["choices"] if isinstance(each, dict) else each.choices
        for choice in choices:
            at = choice["index"] if isinstance(choice, dict) else choice.index
            delta = choice["delta"] if isinstance(choice, dict) else choice.delta
            content = delta["content"] if isinstance(delta, dict) else delta.content
            texts.append(content or "" if at == index else "")
    return "".join(texts)


@pytest.mark.parametrize("kind", [dict, object])
def test_label_comes_first_in_chat_chunks(kind):
    given = [
        chunk("", kind=kind, role="assistant"),
        chunk("Good ", kind=kind),
        chunk("day", kind=kind),
        chunk(finish="stop", kind=kind),
    ]
    before = copy.deepcopy(given)
    out = list(label_stream(given, START))
    assert said(out) == "AI生成\n\nGood day"
    assert len(out) == len(given)
    assert given == before


@pytest.mark.parametrize("kind", [dict, object])
@pytest.mark.parametrize("finish", ["stop", None])
def test_label_comes_last_whether_or_not_the_stream_says_why_it_ends(kind, finish):
    given = [chunk("Good ", kind=kind), chunk("day", finish=finish, kind=kind)]
    assert said(label_stream(given, END)) == "Good day\n\nAI生成"


def test_both_ends_of_plain_strings():
    both = StreamLabel(words="AI生成", position="both")
    assert "".join(label_stream(iter(["Good ", "day"]), both)) == "AI生成\n\nGood day\n\nAI生成"


@pytest.mark.parametrize("label", [START, END])
def test_tool_calls_are_never_touched(label):
    call = {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": '{"text": "x"}'}}]}
    given = [chunk(None, **call), chunk(None, finish="tool_calls")]
    assert list(label_stream(given, label)) == given


@pytest.mark.parametrize("label", [START, END])
@pytest.mark.parametrize("answer", [['{"a"', ": 1}"], [" ", "[1, 2]"], ["```json\n{}", "\n```"]])
def test_json_answers_come_through_as_they_are(label, answer):
    assert list(label_stream(answer, label)) == answer


def test_every_choice_is_labelled_once():
    given = [chunk("a", index=0), chunk("b", index=1), chunk("c", index=0)]
    out = list(label_stream(given, START))
    assert said(out) == "AI生成\n\nac"
    assert said(out, 1) == "AI生成\n\nb"


@pytest.mark.parametrize("given", [[], [""], [" ", "\n"], [{"choices": []}]])
def test_nothing_said_is_nothing_labelled(given):
    for label in (START, END):
        assert list(label_stream(given, label)) == given


def test_asynchronous_streams_are_labelled_alike():
    async def tokens():
        for each in ("Good ", "day"):
            yield each

    async def collect():
        return [each async for each in label_async_stream(tokens(), START)]

    assert asyncio.run(collect()) == ["AI生成\n\n", "Good ", "day"]


def test_words_are_checked(label):
    assert stream_label(label).words == "AI生成"
    with pytest.raises(InvalidLabel):
        stream_label(label, text="written by a person")
    with pytest.raises(UnknownPolicy):
        stream_label(label, position="middle")
