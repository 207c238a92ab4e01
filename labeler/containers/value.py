"""
Lenient reading of AIGC values as they are found in the wild; strict writing is in `annex_e`.

Everything here takes attacker text: sizes are capped, nothing raises, and whatever departs from
annex E of GB 45438-2025 is a sentence in ``deviations``. Nothing is repaired silently.
"""

from __future__ import annotations

import ast
import base64
import binascii
import html
import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import unquote

from labeler.annex_e import FIELDS
from labeler.limits import LIMITS


MALFORMED = "malformed"
"""How the deviation of a value starts that is a label but no JSON object (Measures art. 6)."""

WRAPPER = "AIGC"

_EXACT = {name.casefold(): name for name in FIELDS}
_ANNEX_F = {
    "propagator": "ContentPropagator",
    "propatorid": "PropagateID",
    "reservecode1": "ReservedCode1",
    "reservecode2": "ReservedCode2",
}
_FOREIGN = {
    "serviceprovider": "ContentProducer",
    "contentid": "ProduceID",
    "producer": "ContentProducer",
    "producerid": "ProduceID",
    "propagatorid": "PropagateID",
}
_TENCENT = {"serviceprovider", "serviceuser"}

_KEYS = "|".join(
    (
        *FIELDS,
        "Propagator",
        "PropatorID",
        "ReserveCode[12]",
        "Service(?:Provider|User)",
        "ContentId",
    )
)
# Possessive quantifiers: hostile runs of blanks must not backtrack.
_START = re.compile(
    rf"""(?:\{{\s*+)?["']?AIGC["']?\s*+[:=]?\s*+["']?\s*+\\?\{{|\{{\s*+\\?["'](?:{_KEYS})\\?["']\s*+:"""
    rf"""|\{{&quot;(?:AIGC|{_KEYS})&quot;:""",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"eyJ[A-Za-z0-9+/_-]{40,}+={0,2}|ewo?g[A-Za-z0-9+/_-]{40,}+={0,2}")
_LABEL_KEY = re.compile(rf"AIGC|{_KEYS}", re.IGNORECASE)
_PAIR = re.compile(
    rf"""["']?\b({_KEYS})\b\\?["']?\s*+[:=]\s*+(?:\\?"([^"\\]{{0,4096}})|'([^']{{0,4096}})'|(\d{{1,9}}))""",
    re.IGNORECASE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANKS = " \t\r\n\0\ufeff"
_SHOWN = 10
_CANDIDATES = 64
_EVIDENT_KEYS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AigcValue:
    """
    One label value as read: the fields it has (aliases resolved), and what departs from annex E.

    ``wrapped`` says that the outer ``{"AIGC": …}`` was there; both forms conform (R-61).
    """

    fields: dict[str, str]
    deviations: tuple[str, ...] = ()
    wrapped: bool = False
    raw: str = ""

    @property
    def malformed(self) -> bool:
        """Whether it is a trace of a label rather than a label."""
        return any(sentence.startswith(MALFORMED) for sentence in self.deviations)


def looks_like_label(text: str) -> bool:
    """Say whether a text that is not declared to be a label holds one all the same."""
    return locate_label(text) is not None


def locate_label(text: str) -> tuple[int, int] | None:
    """
    Return the span of the first label in a longer text, or None.

    >>> locate_label('made by AIGC{"Label":"1"} in May')
    (8, 25)
    >>> locate_label("about AIGC") is None
    True
    """
    text = text[: LIMITS.text_bytes]
    for match in islice(_START.finditer(text), _CANDIDATES):
        span = match.start(), _end_of_object(text, match)
        if _is_evident(text[slice(*span)]):
            return span
    for match in islice(_BASE64.finditer(text), _CANDIDATES):
        if (decoded := _from_base64(match[0])) and _is_evident(decoded):
            return match.span()
    return None


def parse_value(text: str) -> AigcValue:
    """
    Read the value of an extension field called AIGC, however it is spelled.

    Accepts the bare and the wrapped object, an ``AIGC`` prefix, numbers for strings, keys of annex
    F and of Tencent Cloud, any case, Base64, escaped and Python quoting, and trailing bytes
    (R-50, R-61, R-62). A value that is no object comes back as far as it can be read, with
    a deviation that starts with `MALFORMED`.

    >>> parse_value('{"AIGC":{"Label":1,"ContentProducer":"x"}}').fields
    {'Label': '1', 'ContentProducer': 'x'}
    """
    if len(text) > LIMITS.text_bytes:
        return _malformed(text[:200], f"it has more than {LIMITS.text_bytes} characters")
    shown = text.strip(_BLANKS)
    if not shown:
        return _malformed("", "it is empty")
    notes: list[str] = []
    found = _decode(shown, notes)
    if found is None:
        return _salvage(shown)
    return _read_object(found, notes, shown)


def _is_evident(text: str) -> bool:
    """Say whether the text names AIGC, or two keys of a label: one word is no evidence."""
    names: set[str] = set()
    for match in _LABEL_KEY.finditer(text):
        names.add(match[0].casefold())
        if "aigc" in names or len(names) >= _EVIDENT_KEYS:
            return True
    return False


def _malformed(raw: str, why: str, fields: dict[str, str] | None = None) -> AigcValue:
    """Return a record that says a label is there and cannot be read as one."""
    sentence = f"{MALFORMED}: the value is no object as annex E b prints it: {why}"
    return AigcValue(fields=fields or {}, deviations=(sentence,), raw=raw)


def _salvage(text: str) -> AigcValue:
    """Read what key and value pairs a broken value still shows."""
    fields: dict[str, str] = {}
    for match in _PAIR.finditer(text):
        name = _name_of(match[1])[0]
        if name:
            fields.setdefault(name, _plain(match[2] or match[3] or match[4] or ""))
    return _malformed(text, "it cannot be parsed as JSON", fields)


def _end_of_object(text: str, match: re.Match[str]) -> int:
    """Return where the object that starts at ``match`` ends; the last brace when it is broken."""
    start = text.index("{", match.start())
    try:
        return json.JSONDecoder().raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return text.rfind("}", start) + 1 or len(text)


def _decode(text: str, notes: list[str]) -> dict[str, Any] | None:
    """Return the object in ``text``, trying the serialisations seen in the wild in turn."""
    if (found := _json(text, notes)) is not None:
        return found
    if "&quot;" in text and (found := _json(html.unescape(text), notes)) is not None:
        notes.append("the value is XML-escaped twice (annex E b asks for JSON)")
        return found
    if "%7B" in text[:16].upper() and (found := _json(unquote(text), notes)) is not None:
        notes.append("the value is percent-encoded (annex E b asks for JSON)")
        return found
    if (decoded := _from_base64(text)) and (found := _json(decoded, notes)) is not None:
        notes.append("the value is Base64 (annex E b asks for plain JSON)")
        return found
    return _python_literal(text, notes)


def _json(text: str, notes: list[str]) -> dict[str, Any] | None:
    """Return the JSON object in ``text`` behind an optional AIGC prefix, or None."""
    start = text.find("{")
    prefix = text[:start].strip(_BLANKS + "\"':=").casefold()
    if start < 0 or prefix not in {"", "aigc"}:
        return None
    doubled: list[str] = []
    decoder = json.JSONDecoder(object_pairs_hook=lambda pairs: _unique(pairs, doubled))
    try:
        found, end = decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    if prefix:
        notes.append("the word AIGC stands before the object (annex E b)")
    if text[end:].strip(_BLANKS + "\"'}" * bool(prefix)):
        notes.append(f"{len(text) - end} characters follow the object (annex E b)")
    notes.extend(f"{key} occurs twice; the first is read (annex E b)" for key in doubled[:_SHOWN])
    return found


def _unique(pairs: list[tuple[str, Any]], doubled: list[str]) -> dict[str, Any]:
    """Return the pairs as an object that keeps the first of doubled keys."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            doubled.append(_shown(key))
        found.setdefault(key, value)
    return found


def _from_base64(text: str) -> str | None:
    """Return the text behind Base64 of either alphabet, or None."""
    packed = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
        return raw.decode("utf-8")
    except (binascii.Error, ValueError):
        return None


_ESCAPED = r"\\(?:[\\'\"abfnrtv]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})"
_AS_PYTHON_PRINTS = re.compile(
    r"(?:\s*+(?:[{}\[\](),:]|True|False|None|-?\d++(?:\.\d++)?(?![\w.])"
    rf"|u?'(?:[^'\\\n]|{_ESCAPED})*+'"
    rf'|u?"(?:[^"\\\n]|{_ESCAPED})*+"))*+\s*+'
)
"""Literals as Python prints them; of other spellings its compiler warns on standard error."""


def _python_literal(text: str, notes: list[str]) -> dict[str, Any] | None:
    """Return the object behind single-quoted Python spelling, or None."""
    if len(text) > LIMITS.text_bytes // 16 or text.count("{") > LIMITS.depth:
        return None
    if not _AS_PYTHON_PRINTS.fullmatch(text):
        return None
    try:
        found = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None  # TypeError: a list as a key
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        return None
    notes.append(f"{MALFORMED}: the value is a Python dictionary, not JSON (annex E b)")
    return found


def _read_object(found: dict[str, Any], notes: list[str], raw: str) -> AigcValue:
    """Unwrap the object and resolve its keys and values."""
    inner, wrapped = _unwrap(found, notes)
    fields, order = _resolve(inner, notes)
    if not fields:
        notes.append(f"{MALFORMED}: the object has none of the seven keys of annex E b")
    elif sorted(order, key=FIELDS.index) != order:
        notes.append("the keys stand in another order than annex E b prints (information)")
    return AigcValue(fields=fields, deviations=tuple(notes), wrapped=wrapped, raw=raw)


def _unwrap(found: dict[str, Any], notes: list[str]) -> tuple[dict[str, Any], bool]:
    """Return the inner object of the form ``{"AIGC": …}`` and whether there was one."""
    for key, value in found.items():
        if key.strip().casefold() != WRAPPER.casefold():
            continue
        inner = value
        if isinstance(value, str):
            inner = _json(value.strip(_BLANKS), notes)
            notes.append("the inner object is a string (annex E b prints an object)")
        if not isinstance(inner, dict):
            notes.append(f"{MALFORMED}: the key AIGC holds no object (annex E b)")
            return {}, True
        if key != WRAPPER:
            notes.append(f"the outer key is spelled {_shown(key)} (annex E b prints AIGC)")
        if len(found) > 1:
            notes.append("keys beside the outer AIGC (annex E b has none)")
        return inner, True
    return found, False


def _resolve(inner: dict[str, Any], notes: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the known fields in the order of annex E, and the order in which they stood."""
    read: dict[str, str] = {}
    exact: set[str] = set()
    extra: list[str] = []
    if {str(key).casefold() for key in inner} & _TENCENT:
        notes.append("the keys are those of the Tencent Cloud service, not those of annex E b")
    for key, value in inner.items():
        name, note = _name_of(key)
        if not name:
            extra.append(_shown(key))
            continue
        if note:
            notes.append(note)
        if name in exact or (name in read and key != name):
            notes.append(f"{_shown(key)} says {name} again; the first is read (annex E b)")
            continue
        exact |= {name} if key == name else set()
        read[name] = _text(name, value, notes)
    if extra:
        more = " …" if len(extra) > _SHOWN else ""
        notes.append(f"extra keys beside the seven of annex E b: {', '.join(extra[:_SHOWN])}{more}")
    return {name: read[name] for name in FIELDS if name in read}, list(read)


def _name_of(key: str) -> tuple[str, str]:
    """Return the annex E name of a key and what to say about its spelling; '' when unknown."""
    folded = str(key).strip(_BLANKS).casefold()
    if name := _EXACT.get(folded):
        return name, "" if key == name else f"{_shown(key)} is spelled {name} in annex E b"
    if name := _ANNEX_F.get(folded):
        return name, f"{_shown(key)} is a spelling of annex F; annex E b has {name}"
    if name := _FOREIGN.get(folded):
        return name, f"{_shown(key)} is no key of annex E b; read as {name}"
    return "", ""


def _text(name: str, value: Any, notes: list[str]) -> str:
    """Return a value as text, noting every type but string."""
    if isinstance(value, str):
        return _plain(value)
    kind = "a number" if isinstance(value, int | float) else "no string"
    notes.append(f"{name} is {kind}; annex E b asks for strings")
    if value is None:
        return ""
    try:
        return _plain(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    except (ValueError, TypeError, RecursionError):
        return ""


def _plain(text: str) -> str:
    """Return the text without lone surrogates, which no encoder can write out again."""
    return _SURROGATE.sub("�", text)


def _shown(key: object) -> str:
    """Return attacker text short and printable, for use inside a sentence."""
    return ascii(str(key)[:40])[1:-1]
