"""
Annex E of GB 45438-2025: the seven fields, their characters, and provider codes.

Writing is strict and lives here; lenient reading of what is found in the wild lives in
`labeler.containers.value`.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from labeler.errors import InvalidLabel


FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
"""The seven keys in the order in which annex E b prints them (R-24)."""

LABEL_VALUES = ("1", "2", "3")
"""What ``Label`` may say: is, may be, is suspected to be generated (R-25)."""

MAX_FIELD = 4096
"""Longest value written, in characters: SecurityData with certificates fits, a bomb does not."""

_ALLOWED = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]*")
_ALLOWED_RESERVED = re.compile(r"[\x21-\x5B\x5D-\x7E]*")
_PROVIDER_LENGTH = 27
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def dump_fields(fields: dict[str, str]) -> str:
    """Return compact JSON without spaces, in the given order (R-24)."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def outside_characters(name: str, value: str) -> str:
    """
    Return the characters of ``value`` that annex E j does not list, each once (R-26).

    Reserved fields may hold JSON, so the escaped quotation mark is allowed there.
    """
    allowed = _ALLOWED_RESERVED if name.startswith("Reserved") else _ALLOWED
    if allowed.fullmatch(value):
        return ""
    return "".join(dict.fromkeys(c for c in value if not allowed.fullmatch(c)))


def is_provider_code(text: str) -> bool:
    """Say whether a text has the shape of a provider code: 27 characters that begin with 00."""
    return len(text) == _PROVIDER_LENGTH and text.startswith("00")


@lru_cache(maxsize=256)
def provider_code_fault(code: str) -> str | None:
    """
    Say what is wrong with a 27-character provider code, or return None (R-27, TC260-PG-20252A).

    A code of another shape (a company name, a foreign identifier) is not judged: None.
    The subject part is a unified social credit code whose last character is a check digit
    (GB 32100, weights mod 31). Codes are validated, never invented.

    >>> provider_code_fault("001191440300708461136T1XGW3") is None
    True
    >>> provider_code_fault("001191440300708461137T1XGW3")
    'the check digit of its credit code is T, it should be ...'
    """
    if not is_provider_code(code):
        return None
    if not re.fullmatch(r"[0-9A-Z]{27}", code):
        return "it has characters other than 0-9 and A-Z"
    if code[2:4] != "11":
        return None  # persons and other bindings: layout not public
    credit = code[4:22]
    if any(c not in _USCC_ALPHABET for c in credit):
        return f"its credit code {credit} has a letter that GB 32100 does not use"
    total = sum(w * _USCC_ALPHABET.index(c) for w, c in zip(_USCC_WEIGHTS, credit, strict=False))
    right = _USCC_ALPHABET[(31 - total % 31) % 31]
    if credit[-1] != right:
        return f"the check digit of its credit code is {credit[-1]}, it should be {right}"
    return None


def check_field(name: str, value: str, *, status: str = "1", allow_name: bool = False) -> None:
    """Raise `InvalidLabel` when ``value`` may not be written as ``name`` (R-25, R-26, R-27)."""
    if not isinstance(value, str):
        raise InvalidLabel(f"{name} must be a string, not {type(value).__name__}")
    if len(value) > MAX_FIELD:
        raise InvalidLabel(f"{name} has {len(value)} characters; at most {MAX_FIELD} are written")
    if name == "Label" and value not in LABEL_VALUES:
        raise InvalidLabel(f'Label is "1", "2" or "3", not {value[:40]!r} (annex E c)')
    if status == "1" and name in {"ContentProducer", "ProduceID"} and not value:
        raise InvalidLabel(f"{name} is empty; GB 45438-2025 annex E asks for it")
    is_name = name in {"ContentProducer", "ContentPropagator"}
    if outside := outside_characters(name, value):
        named = allow_name and is_name and not set(outside) & set('"\\') and value.isprintable()
        if not named:
            advice = "; --allow-name lets a company name through with a warning" if is_name else ""
            raise InvalidLabel(
                f"{name} has characters annex E j of GB 45438-2025 does not list: "
                f"{outside[:20]!r}{advice}"
            )
    if is_name and (fault := provider_code_fault(value)):
        raise InvalidLabel(f"{name} {value} is no valid provider code: {fault}")
