"""
JSON and JSON lines as chat services return them: the label as a member ``AIGC`` of every record.

No guide names this place (R-39); the text of an answer is what the visible label and the mark go
into. Tool calls, keys, identifiers and whatever is not known to be an answer stay as they are.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from labeler.containers.model import Carrier
from labeler.containers.text.json_scan import Node, compact_json, scan_json, string_at
from labeler.containers.text.model import CUSTOM, Surface
from labeler.containers.text.textual import Placed, Run, TextualDocument
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from labeler.containers.text.json_scan import Path
    from labeler.containers.text.textual import Edit


SCHEME = "json-member"

_KEPT_MOST = 4_000_000
"""Characters of a text whose values are kept: about 200 MB of them at worst."""

MAX_RECORDS = 200_000
"""Most records of one file of JSON lines."""

ANSWERS = frozenset(
    [
        "content",
        "text",
        "output_text",
        "response",
        "answer",
        "completion",
        "generated_text",
        "result",
        "reply",
        "output",
    ]
)
"""Keys whose string is an answer of a model."""

_NEVER = frozenset(
    [
        "tool_calls",
        "tool_use",
        "function_call",
        "function",
        "arguments",
        "input",
        "tools",
        "parameters",
        "metadata",
        "usage",
        "prompt",
        "system",
        "instructions",
        "aigc",
    ]
)
_SPEAKERS = frozenset({"assistant", "model", "bot", "ai", "gpt", "output"})
_KEYED = frozenset({"content", "text", "parts", "value"})
_LINE = re.compile(r"[^\r\n]+")
_SURROGATE = re.compile("[\ud800-\udfff]")

Record = tuple[Node, list[Node]]


def records(text: str, *, lines: bool) -> Sequence[Record]:
    """
    Return the outermost values of a file, each with all values in it.

    Those of the last few texts are kept: one file is looked at for its label, its answers and its
    metadata, before and after each is written.
    """
    return _scanned(text, lines) if len(text) > _KEPT_MOST else _kept(text, lines)


@lru_cache(maxsize=4)
def _kept(text: str, lines: bool) -> Sequence[Record]:  # noqa: FBT001  a cache's key
    return _scanned(text, lines)


def _scanned(text: str, lines: bool) -> Sequence[Record]:  # noqa: FBT001  as above
    if not lines:
        nodes = scan_json(text)
        return [(nodes[-1], nodes)]
    found: list[Record] = []
    for number, match in enumerate(_LINE.finditer(text), 1):
        if not match[0].strip(" \t\ufeff"):
            continue
        if len(found) >= MAX_RECORDS:
            raise UnsupportedMedia(f"more than {MAX_RECORDS:,} records; split the file")
        try:
            nodes = scan_json(text, match.start(), match.end())
        except CorruptMedia as error:
            raise CorruptMedia(f"line {number}: {error}") from error
        found.append((nodes[-1], nodes))
    return found


def _located(text: str, *, lines: bool) -> tuple[Placed, ...]:
    """Return every copy of a label, in the order of the records."""
    found: list[Placed] = []
    low = text.lower()
    if WRAPPER.lower() not in low and "\\u" not in low:
        return ()
    for root, nodes in records(text, lines=lines):
        found += _in_record(text, root, nodes)
    return tuple(found)


def _in_record(text: str, root: Node, nodes: list[Node]) -> Iterator[Placed]:
    for node in nodes:
        if not _is_label(node.path):
            continue
        value = text[node.start : node.end]
        value = string_at(text, node) if node.kind == '"' else compact_json(value)
        place = "JSON member " + ".".join(str(part) for part in node.path)
        carrier = Carrier(scheme=SCHEME, place=place, text=value)
        start, end = _with_comma(text, node, root)
        yield Placed(carrier=carrier, start=start, end=end)


def _is_label(path: Path) -> bool:
    """Say whether a path is that of a label: ``AIGC``, ``metadata.AIGC``, of an item as well."""
    named = [part for part in path if isinstance(part, str)]
    if not path or not isinstance(path[-1], str) or path[-1].casefold() != WRAPPER.casefold():
        return False
    return len(path) <= 3 and [n.casefold() for n in named[:-1]] in ([], ["metadata"], ["meta"])


def _with_comma(text: str, node: Node, root: Node) -> tuple[int, int]:
    """Return the span of a member with the comma that parts it from its neighbour."""
    start = node.member
    before = text[root.start : start].rstrip()
    after = re.match(r"[ \t\r\n]*,[ \t\r\n]*", text[node.end : root.end])
    if before.endswith(","):
        return root.start + len(before) - 1, node.end
    return start, node.end + (after.end() if after else 0)


def _put(text: str, value: str, newline: str, *, lines: bool) -> list[Edit]:
    edits = [
        _member(text, root, value, newline)
        for root, _ in records(text, lines=lines)
        if root.kind == "{"
    ]
    if not edits:
        raise UnsupportedMedia(
            "the JSON is no object (no line of it is one): there is no place for a label in it"
        )
    return edits


def _member(text: str, root: Node, value: str, newline: str) -> Edit:
    """Return the edit that adds the label as the last member, laid out as the others are."""
    at = root.end - 1
    inside = text[root.start + 1 : at]
    kept = len(inside.rstrip())
    tail = inside[kept:]
    begin = root.start + 1 + kept
    comma = "," if root.size else ""
    if "\n" not in tail and "\r" not in tail:
        blank = " " if root.size and '": ' in inside else ""
        colon = ": " if blank else ":"
        return begin, begin, f'{comma}{blank}"{WRAPPER}"{colon}{value}'
    indent = re.match(r"\s*", inside)
    lead = indent[0] if indent and root.size else f"{newline}  "
    lead = lead[max(lead.rfind("\n"), lead.rfind("\r")) + 1 :]
    return begin, begin, f'{comma}{newline}{lead}"{WRAPPER}": {value}'


def _replace(text: str, placed: Placed, value: str, *, lines: bool) -> Edit | None:
    """Return the edit that writes over the one member of an object file."""
    if lines or "." in placed.carrier.place:
        return None
    root, nodes = records(text, lines=False)[0]
    node = next((n for n in nodes if n.path == (WRAPPER,)), None)
    spans = node is not None and placed.start <= node.start and node.end <= placed.end
    if node is None or not spans or root.kind != "{":
        return None
    return (
        placed.start,
        placed.end,
        text[placed.start : node.start] + value + text[node.end : placed.end],
    )


def answers(text: str, *, lines: bool) -> list[list[Node]]:
    """Return, record by record, the strings that are answers of a model."""
    if len(text) > _KEPT_MOST:
        return [_answers(text, nodes) for _, nodes in records(text, lines=lines)]
    return _kept_answers(text, lines)


@lru_cache(maxsize=4)
def _kept_answers(text: str, lines: bool) -> list[list[Node]]:  # noqa: FBT001  a cache's key
    return [_answers(text, nodes) for _, nodes in _kept(text, lines)]


def _answers(text: str, nodes: list[Node]) -> list[Node]:
    roles = {
        node.path[:-1]: string_at(text, node).casefold()
        for node in nodes
        if node.kind == '"' and node.path and node.path[-1] in {"role", "from", "author"}
    }
    return [node for node in nodes if node.kind == '"' and _is_answer(text, node, roles)]


def _is_answer(text: str, node: Node, roles: dict[Path, str]) -> bool:
    names = [part.casefold() for part in node.path if isinstance(part, str)]
    if not names or names[-1] not in ANSWERS | {"value"} or set(names) & _NEVER:
        return False
    spoken = [roles[node.path[:i]] for i in range(len(node.path)) if node.path[:i] in roles]
    if spoken and not set(spoken) <= _SPEAKERS:
        return False
    if not spoken and ("messages" in names or names[-1] == "value"):
        return False
    said = string_at(text, node)
    return bool(said.strip()) and not _SURROGATE.search(said) and not _is_data(said)


def _is_data(said: str) -> bool:
    """Say whether a string is JSON itself, for a program rather than for people."""
    shown = said.strip()
    if shown[:1] not in "{[":
        return False
    try:
        json.loads(shown)
    except (ValueError, RecursionError):
        return False
    return True


def _runs(text: str, *, lines: bool) -> tuple[tuple[Run, ...], ...]:
    return tuple(
        (Run(start=node.start, end=node.end, text=string_at(text, node)),)
        for nodes in answers(text, lines=lines)
        for node in nodes
    )


def _show(text: str, words: str, where: str, *, lines: bool) -> list[Edit]:
    """Return the edits that put the label into the first or last answer of every record."""
    edits = []
    for nodes in answers(text, lines=lines):
        if nodes:
            node = nodes[0] if where == "start" else nodes[-1]
            said = string_at(text, node)
            new = f"{words}\n\n{said}" if where == "start" else f"{said}\n\n{words}"
            edits.append((node.start, node.end, _escaped(new, text[node.start : node.end])))
    if not edits:
        raise UnsupportedMedia(
            "no answer of a model was found in the JSON (content, text, output ...); there is "
            "nothing that a visible label could stand in"
        )
    return edits


def _escaped(new: str, old: str) -> str:
    """Return a string as JSON, in ASCII when the old spelling escaped all but that."""
    ascii_only = old.isascii() and "\\u" in old
    return json.dumps(new, ensure_ascii=ascii_only)


def _seen(text: str, *, lines: bool) -> tuple[Surface, ...]:
    found: list[Surface] = []
    for number, nodes in enumerate(answers(text, lines=lines), 1):
        where = f"record {number}" if lines else ""
        found += [Surface(place="body", text=string_at(text, node), where=where) for node in nodes]
    return tuple(found)


def _check(text: str, *, lines: bool) -> None:
    """Raise `CorruptMedia` when it is no JSON."""
    records(text, lines=lines)


def _escape(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _document(name: str, *, lines: bool) -> TextualDocument:
    return TextualDocument(
        format=name,
        placement=CUSTOM,
        place='the member "AIGC" of every record (no guide names it)',
        positions=("end", "start"),
        locate=lambda text: _located(text, lines=lines),
        put=lambda text, value, newline: _put(text, value, newline, lines=lines),
        over=lambda text, placed, value, _newline: _replace(text, placed, value, lines=lines),
        runs=lambda text: _runs(text, lines=lines),
        show=lambda text, words, where, _newline: _show(text, words, where, lines=lines),
        seen=lambda text: _seen(text, lines=lines),
        escape=_escape,
        check=lambda text: _check(text, lines=lines),
        many=lines,
        room=lambda text: any(answers(text, lines=lines)),
        syntax="markdown",
    )


JSON = _document("json", lines=False)
"""One JSON text, such as the body of a chat response."""

JSON_LINES = _document("jsonl", lines=True)
"""One JSON text a line."""
