"""The English sentences that a module may tell a reader, found in its syntax tree."""

from __future__ import annotations

import ast
import re
from itertools import product
from pathlib import Path


ROOT = Path(__file__).parents[2]
FILLS = ("7", "image-v1", "'a quoted text'", "visible", "not examined", "malformed", "a number", "")
_MOST_PLACES = 3
WORDS = re.compile(r"(?<![\w'\"])[A-Za-z][A-Za-z-]*(?:[ ,]+[A-Za-z][A-Za-z-]*){3,}")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def english_run(text):
    """Return the first run of four English words outside quotation marks, '' if there is none."""
    match = WORDS.search(QUOTED.sub("…", text))
    return match[0] if match else ""


def literals(path, wanted):
    """Return (line, readings) of every text that ``wanted(node, parents)`` chooses in a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        for value in wanted(node):
            found += [(part.lineno, readings_of(part)) for part in texts_in(value)]
    return [(line, readings) for line, readings in found if readings]


def texts_in(value):
    """Yield the outermost texts in an expression, not those of calls of other functions."""
    if isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Constant) and isinstance(value.value, str)
    ):
        yield value
    elif isinstance(value, ast.IfExp):
        yield from texts_in(value.body)
        yield from texts_in(value.orelse)
    elif isinstance(value, ast.Tuple | ast.List | ast.BoolOp | ast.Dict):
        for part in getattr(value, "elts", getattr(value, "values", ())):
            yield from texts_in(part)


def readings_of(text):
    """Return what a text may read like, its places filled in several ways."""
    if isinstance(text, ast.Constant):
        return [text.value] if english_run(text.value) else []
    pieces = [part.value if isinstance(part, ast.Constant) else None for part in text.values]
    if not english_run("7".join(piece or "" for piece in pieces)):
        return []
    places = [at for at, piece in enumerate(pieces) if piece is None]
    readings = []
    for fills in _fills(len(places)):
        told = list(pieces)
        for at, fill in zip(places, fills, strict=True):
            told[at] = fill
        readings.append("".join(told))
    return readings


def _fills(count):
    """Yield fills of so many places: all of them for few, one unlike the others for many."""
    if count <= _MOST_PLACES:
        yield from product(FILLS, repeat=count)
        return
    for one, rest in product(FILLS, FILLS):
        yield (one, *[rest] * (count - 1))
        yield (*[rest] * (count - 2), one, one)
