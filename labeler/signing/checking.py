"""
Check the signatures in the reserved fields of a label: the five states of R-52.

"Failed" takes proof: an algorithm and a message of the guide, a key that could be read, and a
signature that is not one of that message, or content that is not what was signed. Everything that
cannot be checked is "unsupported": present, neither good nor forged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeler.errors import LabelError, MissingBackend
from labeler.signing import sm2
from labeler.signing.keys import normal_public, verify
from labeler.signing.security_data import (
    ALGORITHMS,
    DIGESTS,
    SELECTION,
    binding_message,
    label_message,
    parse_security,
)
from labeler.signing.trust import NOBODY


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from labeler.signing.keys import Algorithm
    from labeler.signing.security_data import SecurityData, Signed
    from labeler.signing.trust import Trust

ABSENT, FAILED, UNSUPPORTED = "absent", "failed", "unsupported"
PINNED, EMBEDDED = "verified-pinned", "verified-embedded-key"

_ROLES = {"ReservedCode1": "ContentProducer", "ReservedCode2": "ContentPropagator"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """
    What a signature says: the state, one sentence, and what it rests on.

    ``binding`` is ``intact``, ``altered``, ``not recomputed`` or ``none``: how the content of the
    file stands to what was signed. ``key`` is the public key, hexadecimal.
    """

    state: str
    detail: str = ""
    scheme: str = ""
    key: str = ""
    binding: str = "none"


def check_reserved(
    fields: Mapping[str, str], *, digest: Callable[[str], str], trust: Trust = NOBODY
) -> dict[str, Checked]:
    """
    Check both reserved fields of a label; return what was found by name of the field.

    Parameters
    ----------
    fields
        The seven fields as read.
    digest
        Gives the digest of the content-bearing bytes by the name of a hash function; called only
        when a signature names that digest.
    trust
        Keys pinned to producers.
    """
    return {
        name: _check(_Asked(fields=fields, name=name, digest=digest, trust=trust))
        for name in _ROLES
    }


def overall(checked: Mapping[str, Checked]) -> Checked:
    """
    Return the state of the label as a whole.

    A failure anywhere is one. Else the producer's signature speaks; the platform's only when there
    is no other, as no public text says what it is made over.
    """
    first, second = checked["ReservedCode1"], checked["ReservedCode2"]
    for one in (first, second):
        if one.state == FAILED:
            return one
    if first.state == ABSENT or (first.state == UNSUPPORTED and second.state in {PINNED, EMBEDDED}):
        return second
    return first


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One reserved field to check, and what it is checked against."""

    fields: Mapping[str, str]
    name: str
    digest: Callable[[str], str]
    trust: Trust

    @property
    def pinned(self) -> frozenset[bytes]:
        """The keys pinned to whom the field belongs to."""
        return self.trust.keys_of(self.fields.get(_ROLES[self.name], ""))


def _check(asked: _Asked) -> Checked:
    text = asked.fields.get(asked.name, "").strip()
    if not text:
        return Checked(state=ABSENT)
    data = parse_security(text)
    if data is None:
        detail = f"{asked.name} holds something else than SecurityData; it is not judged"
        return Checked(state=UNSUPPORTED, detail=detail)
    try:
        return _check_data(data, asked)
    except MissingBackend as error:
        return Checked(state=UNSUPPORTED, detail=f"{asked.name} is not checked: {error}")


def _check_data(data: SecurityData, asked: _Asked) -> Checked:
    labels = [s for s in data.signed if s.subject != "binding"]
    seen = [_check_label(s, data, asked) for s in labels]
    if not seen:
        return Checked(state=UNSUPPORTED, detail=f"{asked.name} holds no signature of the label")
    order = (PINNED, EMBEDDED, FAILED, UNSUPPORTED)
    best = min(seen, key=lambda checked: order.index(checked.state))
    if best.state not in {PINNED, EMBEDDED}:
        return best
    binding, why = _check_binding(data, asked, bytes.fromhex(best.key))
    return replace(
        best,
        state=FAILED if binding == "altered" else best.state,
        detail=f"{best.detail}; {why}",
        binding=binding,
    )


def _check_label(signed: Signed, data: SecurityData, asked: _Asked) -> Checked:
    """Check one signature over the label, with pinned keys first, then with the file's own."""
    name = asked.name
    algorithm = ALGORITHMS.get(signed.algorithm)
    if algorithm is None:
        shown = ascii(signed.algorithm[:40])
        detail = f"{name} is signed by an algorithm that is not read here: {shown}"
        return Checked(state=UNSUPPORTED, detail=detail)
    scheme = f"{data.kind} {algorithm}"
    pinned = [key for key in asked.pinned if _fits(key, algorithm)]
    messages = _messages(asked.fields, name, algorithm)
    for key in pinned:
        if form := _form(algorithm, key, messages, signed.signature):
            detail = f"{name}: {form}, by the key pinned to {_ROLES[name]}"
            return Checked(state=PINNED, detail=detail, scheme=scheme, key=key.hex())
    own = _own_key(signed, data, algorithm)
    if own is None:
        return _keyless(signed, name, scheme, pinned=bool(pinned))
    if form := _form(algorithm, own, messages, signed.signature):
        other = ", which is none of those pinned to the producer" if pinned else ""
        detail = f"{name}: {form}, by the key in the file{other}: integrity, not origin"
        return Checked(state=EMBEDDED, detail=detail, scheme=scheme, key=own.hex())
    return _unverified(signed, data, name, scheme)


def _keyless(signed: Signed, name: str, scheme: str, *, pinned: bool) -> Checked:
    """Return the state of a signature that comes without a key that could be read."""
    if pinned and signed.subject == "label" and name == "ReservedCode1":
        detail = f"{name}: no pinned key of this producer made the signature"
        return Checked(state=FAILED, detail=detail, scheme=scheme)
    detail = f"{name} brings no key that could be read, so its signature is not checked"
    return Checked(state=UNSUPPORTED, detail=detail, scheme=scheme)


def _unverified(signed: Signed, data: SecurityData, name: str, scheme: str) -> Checked:
    """Return "failed" where it is known what the signature is made over, else "unsupported"."""
    # What a platform signs in ReservedCode2 is in no public text, unless the file says our form.
    known = signed.subject == "label" and (name == "ReservedCode1" or _is_ours(data))
    if known:
        detail = f"{name}: the signature does not verify over the fields of this label"
        return Checked(state=FAILED, detail=detail, scheme=scheme)
    detail = f"{name}: the signature is over a message of unknown form; it is not judged"
    return Checked(state=UNSUPPORTED, detail=detail, scheme=scheme)


def _is_ours(data: SecurityData) -> bool:
    return any(_selection(binding) == SELECTION for binding in data.bindings)


def _fits(key: bytes, algorithm: Algorithm) -> bool:
    return len(key) == (65 if algorithm == "sm2" else 32)


def _own_key(signed: Signed, data: SecurityData, algorithm: Algorithm) -> bytes | None:
    """Return the first key in the file with the id of a signature."""
    for key_id, oid, raw in data.keys:
        if key_id == signed.key_id and ALGORITHMS.get(oid, algorithm) == algorithm:
            return normal_public(algorithm, raw)
    return None


def _messages(
    fields: Mapping[str, str], name: str, algorithm: Algorithm
) -> tuple[tuple[str, bytes], ...]:
    """Return what may have been signed, by name: A.1 of the guide, and its digest (StepFun)."""
    texts = [label_message(fields)]
    if name == "ReservedCode2":
        texts.append(label_message(fields, propagator=True))
    forms = [("the signature verifies over the label", text) for text in texts]
    if algorithm == "sm2":
        forms += [
            ("the signature verifies over the digest of the label", sm2.sm3(t)) for t in texts
        ]
    return tuple(forms)


def _form(
    algorithm: Algorithm, key: bytes, messages: tuple[tuple[str, bytes], ...], signature: bytes
) -> str:
    """Return the name of the message that a signature is of, '' when it is of none."""
    return next((n for n, m in messages if verify(algorithm, key, m, signature)), "")


def _selection(binding: Mapping[str, Any]) -> str:
    return str(binding.get("CntSel", ""))


def _check_binding(data: SecurityData, asked: _Asked, key: bytes) -> tuple[str, str]:
    """Say how the content stands to what was signed, and why."""
    if not data.bindings:
        return "none", "the content is not bound to it"
    for binding in data.bindings:
        ours = _selection(binding) == SELECTION
        if not _is_signed(binding, data, key):
            if ours:
                return "altered", "its binding to the content does not verify"
            continue
        if not ours:
            return "not recomputed", "the binding is signed, the content was not recomputed"
        return _compare(binding, asked)
    return "not recomputed", "its binding to the content is of an unknown form"


def _is_signed(binding: Mapping[str, Any], data: SecurityData, key: bytes) -> bool:
    message = binding_message(binding)
    for signed in data.signed:
        algorithm = ALGORITHMS.get(signed.algorithm)
        if algorithm is None or signed.subject == "label" or not _fits(key, algorithm):
            continue
        forms = (message, sm2.sm3(message)) if algorithm == "sm2" else (message,)
        if any(verify(algorithm, key, form, signed.signature) for form in forms):
            return True
    return False


def _compare(binding: Mapping[str, Any], asked: _Asked) -> tuple[str, str]:
    """Compare our own binding with the file."""
    name = DIGESTS.get(str(binding.get("AlgID", "")))
    if name is None:
        return "not recomputed", "its binding uses a hash function that is not read here"
    if str(binding.get("ProduceID", "")) != asked.fields.get("ProduceID", ""):
        return "altered", "its binding was made for other content (ProduceID)"
    try:
        found = asked.digest(name)
    except LabelError as error:
        return "not recomputed", f"the content could not be hashed: {error}"
    if found.casefold() != str(binding.get("Value", "")).casefold():
        return "altered", "the content of the file is not what was signed"
    return "intact", "the content is what was signed"
