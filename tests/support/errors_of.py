"""
What the errors of a module may read like, found in its syntax tree.

An error for people is every call of a class of `labeler.errors` or of a usage error of click,
wherever it stands; what is raised of Python's own (`ValueError`, `TypeError`, `IndexError`) tells a
programmer of a wrong call and stays English. A message is followed through names, branches,
tables and small functions; what cannot be known before the program runs is a hole.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod
from pathlib import Path

from labeler import errors


ROOT = Path(__file__).parents[2]
SOURCES = (
    ROOT / "cli.py",
    *(path for room in ("labeler", "detectors") for path in sorted((ROOT / room).rglob("*.py"))),
)
FAMILY = frozenset(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.LabelError)
)
USAGE = {"UsageError", "BadParameter"}
SAID = {"error", "fault"}
HOLE, QUOTED, SENTENCE = "\1", "\2", "\3"
"""What is not known: a value, text in quotation marks, the sentence of another error."""

_MOST, _DEPTH = 48, 7


@dataclass(frozen=True, eq=False)
class Scope:
    """A module, and the function in it whose names are looked up."""

    path: Path
    function: ast.FunctionDef | None = None


def messages(path):
    """Return (line, readings) of every error for people that a module may make."""
    found = []
    for scope, node in _nodes(path):
        value = _message(node)
        if value is None:
            continue
        readings = {text for text in told(value, scope, _DEPTH) if text.strip(HOLE)}
        found.append((node.lineno, sorted(readings)))
    return [(line, readings) for line, readings in found if readings]


def _message(node):
    """Return the expression of a message, None for a node that makes no error."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[value, *_]) if name in FAMILY:
            return value
        case ast.Call(func=ast.Attribute(attr=name), args=[value, *_]) if name in USAGE:
            return value
        case ast.Call(func=ast.Call(func=ast.Name(id="type")), args=[value]):
            return value
        case ast.keyword(arg=name, value=value) if name in SAID:
            return value
    return None


@cache
def _tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def _nodes(path):
    """Yield every node of a module with the innermost function that it stands in."""
    stack = [(Scope(path), _tree(path))]
    while stack:
        scope, node = stack.pop()
        inner = Scope(path, node) if isinstance(node, ast.FunctionDef) else scope
        for child in ast.iter_child_nodes(node):
            yield inner, child
            stack.append((inner, child))


def told(value, scope, depth):
    """Return what an expression may read like, with signs for what is not known."""
    if depth == 0:
        return {HOLE}
    match value:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.Name(id=name):
            return _named(name, scope, depth - 1)
        case ast.Call():
            return _called(value, scope, depth - 1)
    return _put_together(value, scope, depth)


def _put_together(value, scope, depth):
    """Return what an expression with others in it may read like."""
    found = {HOLE}
    match value:
        case ast.JoinedStr(values=parts):
            found = _product([_part(part, scope, depth) for part in parts])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            found = _product([told(left, scope, depth), told(right, scope, depth)])
        case ast.IfExp(body=body, orelse=orelse):
            found = _union([body, orelse], scope, depth)
        case ast.BoolOp(values=values):
            found = _union(values, scope, depth) - {""}
        case ast.Subscript(value=inner, slice=ast.Slice()):
            found = told(inner, scope, depth)
        case ast.Subscript(value=ast.Name(id=name)):
            found = _entries(name, scope, depth)
    return found


def _part(part, scope, depth):
    match part:
        case ast.FormattedValue(conversion=114 | 97):
            return {QUOTED}
        case ast.FormattedValue(value=value, format_spec=None):
            return told(value, scope, depth - 1)
        case ast.FormattedValue():
            return {HOLE}
    return told(part, scope, depth)


def _product(parts):
    """Return the parts joined: every combination of few, every part at least once of many."""
    choices = [sorted(part) for part in parts]
    if prod(map(len, choices)) <= _MOST:
        return {"".join(pieces) for pieces in product(*choices)}
    longest = max(map(len, choices))
    return {"".join(part[at % len(part)] for part in choices) for at in range(longest)}


def _union(values, scope, depth):
    return set().union(*(told(value, scope, depth) for value in values))


def _entries(name, scope, depth):
    """Return the values of a table of the module, or of one that it imports."""
    home, value = _assigned(name, scope)
    if isinstance(value, ast.Call) and value.args:  # a read-only view of a table
        value = value.args[0]
    return _union(value.values, home, depth - 1) if isinstance(value, ast.Dict) else {HOLE}


def _called(call, scope, depth):
    match call:
        case ast.Call(func=ast.Name(id="str"), args=[value]):
            return told(value, scope, depth)
        case ast.Call(func=ast.Name(id=name)):
            home, function = _function(name, scope)
            if function is None:
                return {HOLE}
            nodes = ast.walk(function)
            texts = [node.value for node in nodes if isinstance(node, ast.Return) and node.value]
            return _union(texts, Scope(home.path, function), depth)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[_, *rest]):
            return _entries(name, scope, depth) | _union(rest, scope, depth)
    return {HOLE}


def _named(name, scope, depth):
    """Return what a name may stand for: a local value, an argument, a constant."""
    if scope.function is not None:
        local = [*_local(name, scope.function)]
        if local:
            return set().union(*(_bound(value, scope, depth) for value in local))
        if name in _parameters(scope.function):
            return _passed(name, scope, depth)
    home, value = _assigned(name, scope)
    return told(value, home, depth) if value is not None else {HOLE}


def _bound(value, scope, depth):
    if isinstance(value, str):
        return {value}
    return told(value, scope, depth)


def _local(name, function):
    """Yield what is assigned to a name in a function: expressions, or the sign for a hole."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=target), value=value) if target == name and value:
                yield value
            case ast.NamedExpr(target=ast.Name(id=target), value=value) if target == name:
                yield value
            case ast.ExceptHandler(name=caught, type=kind) if caught == name:
                names = {part.id for part in ast.walk(kind) if isinstance(part, ast.Name)}
                yield SENTENCE if names & FAMILY else HOLE
            case ast.Name(id=target, ctx=ast.Store()) if target == name:
                yield from () if _simple(node, function) else (HOLE,)


def _simple(name, function):
    """Say whether a name is assigned by itself, not out of a tuple or by a loop."""
    return any(
        name in getattr(node, "targets", [getattr(node, "target", None)])
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr)
    )


def _parameters(function):
    return [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)] + [
        arg.arg for arg in function.args.kwonlyargs
    ]


@cache
def _calls():
    """Return all calls of our functions by their name, each with where it stands."""
    found = {}
    for path in SOURCES:
        for scope, node in _nodes(path):
            if isinstance(node, ast.Call):
                found.setdefault(_name_of(node.func), []).append((scope, node))
    return found


def _passed(name, scope, depth):
    """Return what calls pass for a parameter, in its module and where its function is imported."""
    function = scope.function
    at = _parameters(function).index(name)
    found = set()
    for inner, node in _calls().get(function.name, ()):
        home = _imported(function.name, inner)
        if scope.path not in {inner.path, home and home.path}:
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        method = _parameters(function)[0] in {"self", "cls"}
        owner = getattr(node.func, "value", None)
        if not isinstance(owner, ast.Name if method else type(None)):
            continue
        shift = at - method
        if name in given:
            found |= told(given[name], inner, depth)
        elif 0 <= shift < len(node.args):
            found |= told(node.args[shift], inner, depth)
        else:
            found |= _default(name, scope, depth)
    return found or {HOLE}


def _default(name, scope, depth):
    """Return what a parameter is when a call does not give it."""
    given = scope.function.args
    plain = [*given.posonlyargs, *given.args]
    pairs = [
        *zip(plain[len(plain) - len(given.defaults) :], given.defaults, strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    values = [value for arg, value in pairs if arg.arg == name and value is not None]
    return {text or HOLE for text in _union(values, scope, depth)} or {HOLE}


def _name_of(function):
    return getattr(function, "id", getattr(function, "attr", ""))


def _assigned(name, scope):
    """Return the value of a constant, with the scope that it stands in."""
    for node in _tree(scope.path).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                return Scope(scope.path), value
            case ast.AnnAssign(target=ast.Name(id=target), value=value) if target == name:
                return Scope(scope.path), value
    home = _imported(name, scope)
    return _assigned(name, home) if home else (scope, None)


@cache
def _functions(path):
    """Return the functions of a module by name, the first of each."""
    found = {}
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, node)
    return found


def _function(name, scope):
    if name in _functions(scope.path):
        return scope, _functions(scope.path)[name]
    home = _imported(name, scope)
    return _function(name, home) if home else (scope, None)


@cache
def _imports(path):
    """Return what a module takes from others of ours, by name."""
    found = {}
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom):
            place = ROOT.joinpath(*(node.module or "").split("."))
            homes = (place.with_suffix(".py"), place / "__init__.py")
            home = next((one for one in homes if one.exists() and one != path), None)
            found |= {alias.name: home for alias in node.names if home}
    return found


def _imported(name, scope):
    """Return the module of ours that a name comes from, None for every other."""
    home = _imports(scope.path).get(name)
    return Scope(home) if home else None
