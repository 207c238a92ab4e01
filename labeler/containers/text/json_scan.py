"""Where things stand in a JSON text: spans of members and strings, without re-serialising it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from labeler.errors import CorruptMedia, MediaTooLarge


MAX_DEPTH = 200
"""Deepest nesting read; deeper files are refused, not guessed at."""

MAX_NODES = 2_000_000
"""Most values of one file."""

_PIECE = re.compile(r"""[ \t\r\n]*+("(?:[^"\\]|\\.)*+"|[{}\[\]:,]|[^\s{}\[\]:,"]++)""", re.DOTALL)

Path = tuple[str | int, ...]


class Node(NamedTuple):
    """
    One value: the span of its text, and the path of keys and indices that leads to it.

    ``kind`` is ``{``, ``[``, ``"`` or ``-`` (numbers and words). ``member`` is where the key
    of an object member starts. ``size`` is how many members or items a container has. A tuple,
    because a file has many of them.
    """

    path: Path
    kind: str
    start: int
    end: int
    member: int
    size: int = 0


@dataclass(slots=True)
class _Open:
    """A container that is still open while the text is scanned."""

    kind: str
    start: int
    member: int
    count: int = 0
    key: str = ""
    key_start: int = 0
    path: Path = field(default_factory=tuple)


def scan_json(text: str, start: int = 0, end: int | None = None) -> list[Node]:
    """
    Return every value in one JSON text, containers after what they hold.

    Raises
    ------
    CorruptMedia
        It is no JSON.
    MediaTooLarge
        Nested too deeply, or too many values.
    """
    end = len(text) if end is None else end
    _require_json(text[start:end])
    nodes: list[Node] = []
    stack: list[_Open] = []
    position, wants_key = start, False
    while match := _PIECE.match(text, position, end):
        piece, at = match[1], match.start(1)
        position = match.end()
        top = stack[-1] if stack else None
        if piece in "}]":
            closed = stack.pop()
            nodes.append(
                Node(
                    path=closed.path,
                    kind=closed.kind,
                    start=closed.start,
                    end=position,
                    member=closed.member,
                    size=closed.count,
                )
            )
        elif piece == ",":
            wants_key = top is not None and top.kind == "{"
        elif piece == ":":
            wants_key = False
        elif wants_key and top is not None and piece[0] == '"':
            top.key, top.key_start = _string(piece), at
        else:
            path, member = _place(top, at)
            if piece in "{[":
                if len(stack) >= MAX_DEPTH:
                    raise MediaTooLarge(f"the JSON is nested deeper than {MAX_DEPTH} levels")
                stack.append(_Open(kind=piece, start=at, member=member, path=path))
                wants_key = piece == "{"
            else:
                kind = piece[0] if piece[0] == '"' else "-"
                nodes.append(Node(path=path, kind=kind, start=at, end=position, member=member))
        if len(nodes) > MAX_NODES:
            raise MediaTooLarge(f"the JSON has more than {MAX_NODES:,} values; split it")
    return nodes


def _place(top: _Open | None, at: int) -> tuple[Path, int]:
    """Return the path of a value that starts now, and where its member starts."""
    if top is None:
        return (), at
    top.count += 1
    if top.kind == "{":
        return (*top.path, top.key), top.key_start
    return (*top.path, top.count - 1), at


def _require_json(text: str) -> None:
    try:
        json.loads(text)
    except RecursionError as error:
        raise MediaTooLarge(f"the JSON is nested deeper than {MAX_DEPTH} levels") from error
    except ValueError as error:
        raise CorruptMedia(f"this is no JSON: {error}"[:200]) from error


def string_at(text: str, node: Node) -> str:
    """Return the string that a node holds."""
    return _string(text[node.start : node.end])


def _string(piece: str) -> str:
    """Return what a JSON string means; most have no escapes."""
    if "\\" not in piece:
        return piece[1:-1]
    found: str = json.loads(piece)
    return found


def compact_json(text: str) -> str:
    """
    Return a JSON text without blanks between its parts; strings, doubled keys and order stay.

    >>> compact_json('{ "a" : 1,  "a": "x y" }')
    '{"a":1,"a":"x y"}'
    """
    return "".join(match[1] for match in _PIECE.finditer(text))
