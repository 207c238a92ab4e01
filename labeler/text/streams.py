"""
Labels in streams: an iterator of tokens or of chat chunks gets the visible label first or last.

Chunks of the OpenAI kind (objects or dictionaries) keep their kind; tool calls, other choices'
fields, and answers that are JSON are never touched. Nothing is held back but what decides that:
the blanks an answer starts with.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from labeler.errors import UnknownPolicy
from labeler.texts import DEFAULT_LANGUAGE, check_text, texts_for


if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

    from labeler.model import Label


Chunk = TypeVar("Chunk")

POSITIONS = ("start", "end", "both")
"""Where the label goes in a stream."""

GAP = "\n\n"
"""What parts the label from the answer."""

_DATA = ("{", "[", "```json")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLabel:
    """The words, and where they go. Build it with `stream_label`."""

    words: str
    position: str = "start"


@dataclass(slots=True)
class _Choice:
    """What is known of one choice of a stream so far."""

    begun: bool = False
    data: bool = False
    called: bool = False
    closed: bool = False
    said: bool = False


@dataclass(slots=True)
class _State:
    """The choices of one stream, by index."""

    choices: dict[int, _Choice] = field(default_factory=dict)

    def of(self, index: int) -> _Choice:
        return self.choices.setdefault(index, _Choice())


def stream_label(
    label: Label,
    *,
    text: str | None = None,
    language: str = DEFAULT_LANGUAGE,
    position: str = "start",
) -> StreamLabel:
    """
    Return what a stream is labelled with.

    Raises `InvalidLabel` for words that lack an element (R-01), `UnknownPolicy` for a position
    other than ``start``, ``end`` and ``both``.
    """
    words = text or texts_for(language, label.status)[0]
    check_text(words, language)
    if position not in POSITIONS:
        raise UnknownPolicy(f"position {position!r} is none of {', '.join(POSITIONS)}")
    return StreamLabel(words=words, position=position)


class StreamLabeller:
    r"""
    The label of one answer whose chunks are pushed in, as servers send them; see `label_stream`.

    >>> labeller = StreamLabeller(StreamLabel(words="AI生成", position="end"))
    >>> list(labeller.feed("Good day")), list(labeller.finish())
    (['Good day'], ['\n\nAI生成'])
    """

    def __init__(self, label: StreamLabel) -> None:
        """Begin an answer."""
        self._label, self._state = label, _State()
        self._last: Any = None

    def feed(self, chunk: Any) -> Iterator[Any]:
        """Yield what takes the place of a chunk."""
        yield from _labelled(chunk, self._label, self._state)
        self._last = chunk

    def finish(self) -> Iterator[Any]:
        """Yield what comes after the last chunk."""
        yield from _ending(self._last, self._label, self._state)


def label_stream(chunks: Iterable[Chunk], label: StreamLabel) -> Iterator[Chunk]:
    r"""
    Yield the chunks of one answer with the label first or last (GB 45438-2025 5.1, R-05).

    Parameters
    ----------
    chunks
        Strings, or chunks with ``choices[].delta.content`` as chat services send them, objects or
        dictionaries. They are not changed; a chunk that carries the label is a copy.
    label
        What `stream_label` returned.

    Examples
    --------
    >>> list(label_stream(["Good ", "day"], StreamLabel(words="AI生成")))
    ['AI生成\n\n', 'Good ', 'day']
    >>> list(label_stream(['{"a": ', "1}"], StreamLabel(words="AI生成")))
    ['{"a": ', '1}']
    """
    labeller = StreamLabeller(label)
    for chunk in chunks:
        yield from labeller.feed(chunk)
    yield from labeller.finish()


async def label_async_stream(
    chunks: AsyncIterable[Chunk], label: StreamLabel
) -> AsyncIterator[Chunk]:
    """Do what `label_stream` does with an asynchronous iterator."""
    labeller = StreamLabeller(label)
    async for chunk in chunks:
        for out in labeller.feed(chunk):
            yield out
    for out in labeller.finish():
        yield out


def _labelled(chunk: Any, label: StreamLabel, state: _State) -> Iterator[Any]:
    """Yield one chunk with what goes before it, or with the label inside."""
    if isinstance(chunk, str):
        yield from _before(chunk, label, state.of(0))
        yield chunk
        return
    out = chunk
    for number, choice in enumerate(_get(chunk, "choices") or ()):
        known = state.of(_index(choice, number))
        delta = _get(choice, "delta")
        known.called = known.called or bool(
            _get(delta, "tool_calls") or _get(delta, "function_call")
        )
        content = _get(delta, "content")
        new = content
        if isinstance(content, str):
            new = "".join(_before(content, label, known)) + content
        if _get(choice, "finish_reason") is not None:
            new = _closed(new, label, known)
        if new != content:
            out = _with_content(out, number, new)
    yield out


def _index(choice: Any, number: int) -> int:
    index = _get(choice, "index")
    return index if isinstance(index, int) else number


def _before(content: str, label: StreamLabel, known: _Choice) -> Iterator[str]:
    """Yield the label when the first words of an answer come, unless it is data."""
    if known.begun or not content.strip():
        return
    known.begun = True
    known.data = content.lstrip().startswith(_DATA)
    if label.position != "end" and not known.data and not known.called:
        known.said = True
        yield f"{label.words}{GAP}"


def _closed(content: Any, label: StreamLabel, known: _Choice) -> Any:
    """Return the last content of a choice with the label behind it."""
    done = known.closed or known.data or known.called or not known.begun
    known.closed = True
    if label.position == "start" or done:
        return content
    return f"{content or ''}{GAP}{label.words}"


def _ending(last: Any, label: StreamLabel, state: _State) -> Iterator[Any]:
    """Yield the label for streams that end without saying why."""
    known = state.of(0)
    if isinstance(last, str):
        ending = _closed("", label, known)
        if ending:
            yield ending
        return
    for number, choice in enumerate(_get(last, "choices") or ()):
        ending = _closed("", label, state.of(_index(choice, number)))
        if ending:
            yield _with_content(last, number, ending)


def _get(holder: Any, name: str) -> Any:
    """Return a field of an object or of a dictionary, None when it has none."""
    return holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)


def _with_content(chunk: Any, number: int, content: str) -> Any:
    """Return a copy of a chunk whose choice says something else."""
    out = copy.deepcopy(chunk)
    delta = _get(_get(out, "choices")[number], "delta")
    if isinstance(delta, dict):
        delta["content"] = content
    else:
        delta.content = content
    return out
