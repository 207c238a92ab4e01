"""
Front matter in TOML, between two ``+++`` lines, as Hugo and Zola have it: the label as ``[AIGC]``.

The guide prints YAML only (TC260-PG-20258A §6.5); a second front matter in YAML would break such a
file, so the label is merged into the one that is there.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeler.containers.model import Carrier
from labeler.containers.text.label_block import lines_of
from labeler.containers.value import WRAPPER
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.text.label_block import Line
    from labeler.containers.text.textual import Edit


TOML_SCHEME = "toml-front-matter"

MAX_TOML = 1 << 20
"""Longest front matter looked at, in characters."""

_FENCE = re.compile(r"\+\+\+[ \t]*")
_TABLE = re.compile(r"[ \t]*\[(\[)?[ \t]*[\"']?([^\]\"']{1,200})[\"']?[ \t]*\]")
_KEY = re.compile(rf"[ \t]*[\"']?{WRAPPER}[\"']?[ \t]*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlMatter:
    """One block: where the text behind it starts, and the lines between the fences."""

    end: int
    lines: tuple[Line, ...]

    @property
    def last(self) -> int:
        """Where the closing fence starts."""
        return self.lines[-1].end if self.lines else len("+++\n")


def toml_matter(text: str) -> TomlMatter | None:
    r"""
    Return the TOML front matter at the start of a text, None when there is none.

    >>> toml_matter('+++\ntitle = "x"\n+++\ntext').end
    20
    >>> toml_matter("+++\nHello, this is prose.\n+++\n")
    """
    if not text.startswith("+++"):
        return None
    lines: list[Line] = []
    for number, line in enumerate(lines_of(text, 0, MAX_TOML)):
        if number == 0:
            if not _FENCE.fullmatch(line.text):
                return None
        elif _FENCE.fullmatch(line.text):
            pairs = any("=" in x.text or _TABLE.match(x.text) for x in lines)
            return TomlMatter(end=line.end, lines=tuple(lines)) if pairs else None
        else:
            lines.append(line)
    return None


def toml_labels(text: str) -> Iterator[tuple[Carrier, int, int]]:
    """Yield the labels of a TOML front matter with the characters they take up."""
    matter = toml_matter(text)
    if matter is None:
        return
    outer = True
    for index, line in enumerate(matter.lines):
        table = _TABLE.match(line.text)
        if table and not table[1] and table[2].strip().casefold() == WRAPPER.casefold():
            last = _table_end(matter.lines, index)
            yield _carrier(text[line.end : last], ""), line.start, last
        elif outer and not table and _KEY.match(line.text):
            yield _carrier(line.text, WRAPPER), line.start, line.end
        outer = outer and not table


def _table_end(lines: tuple[Line, ...], index: int) -> int:
    """Return where the table ends that starts on a line: at the next one, or the last pair."""
    end = lines[index].end
    for line in lines[index + 1 :]:
        if _TABLE.match(line.text):
            break
        if line.text.strip():
            end = line.end
    return end


def _carrier(source: str, key: str) -> Carrier:
    """Return the copy of a label in TOML; values that are no strings become strings."""
    place = "TOML front matter"
    try:
        told: Any = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        fault = f"the label in the front matter is no TOML: {error}"[:200]
        return Carrier(scheme=TOML_SCHEME, place=place, text="", fault=fault)
    if key:
        told = next(iter(told.values()))
    if isinstance(told, str):
        return Carrier(scheme=TOML_SCHEME, place=place, text=told)
    value = json.dumps(told, ensure_ascii=False, default=str, separators=(",", ":"))
    return Carrier(scheme=TOML_SCHEME, place=place, text=value)


def format_table(value: str, newline: str) -> str:
    """
    Return the lines of a label as a TOML table, the last one with its line end.

    >>> format_table('{"Label":"1"}', "|")
    '[AIGC]|Label = "1"|'
    """
    fields = json.loads(value)
    pairs = (f"{name} = {_written(text)}{newline}" for name, text in fields.items())
    return f"[{WRAPPER}]{newline}{''.join(pairs)}"


def _written(value: object) -> str:
    """Return a string, or the object of annex E b as an inline table."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_written(v)}" for k, v in value.items()) + " }"
    text = str(value)
    return json.dumps(text, ensure_ascii=not text.isprintable())


def put_table(text: str, matter: TomlMatter, value: str, newline: str) -> list[Edit]:
    """
    Return the edit that adds the label as the last table of a TOML front matter.

    Raises `UnsupportedMedia` when the front matter is no TOML that a table can be added to.
    """
    table = format_table(value, newline)
    before = text[matter.lines[0].start : matter.last]
    try:
        tomllib.loads(before + table)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnsupportedMedia(
            f"the front matter between +++ lines is no valid TOML ({error}); mend it first"
        ) from error
    return [(matter.last, matter.last, f"{newline}{table}")]
