"""Verification for the command line: options as an inquiry, one file's worth of `propagate`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors import sinks
from detectors.text.tokens import load_tokenizer
from detectors.verbs import Inquiry, inspect, propagate, propagate_film
from labeler.calls import Outcome, Target, finish, signers_from
from labeler.errors import LabelError
from labeler.keys import Key, load_key
from labeler.limits import LIMITS
from labeler.signing.trust import load_trust
from labeler.sources import STDIN
from labeler.texts import texts_for
from labeler.video.files import check_name, is_video


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from labeler.registry.records import Registry
    from labeler.signing.keys import SigningKey

_GIVEN = {"declared", "language", "keys", "registry", "trust"}
_DECLARED = {"yes": True, "no": False, None: None}


def inquiry_of(asked: dict[str, Any]) -> Inquiry:
    """Return how to verify, from the options of the command line."""
    names = {field.name for field in fields(Inquiry)} - _GIVEN
    if language := asked.get("lang"):
        texts_for(language)  # an unknown one is said once, before any work
    if tokenizer := asked.get("tokenizer"):
        load_tokenizer(Path(tokenizer))  # a wrong file is said once, before any work
    return Inquiry(
        declared=_DECLARED[asked.get("declared")],
        language=asked.get("lang"),
        keys=_keys(asked["key_files"]),
        trust=load_trust(asked.get("trust", ())),
        registry=_registry(asked.get("registry")),
        **{name: asked[name] for name in names if name in asked},
    )


def _registry(place: str | None) -> Registry | None:
    if not place:
        return None
    from labeler.registry import open_registry

    return open_registry(place)


def _keys(files: Sequence[str]) -> tuple[Key, ...]:
    return tuple(load_key(file) for file in files)


def _looked_for(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what `inspect` is asked for."""
    trust = load_trust(asked.get("trust", ()))
    return {"keys": _keys(asked["key_files"]), "trust": trust, "online": asked.get("online", False)}


def inspect_lines(source: str, output_format: str, language: str, **asked: Any) -> Iterator[str]:
    """Yield what `inspect` finds in one file, as JSON or for people."""
    content: Any = source
    if source == STDIN:
        content = sys.stdin.buffer.read(LIMITS.file_bytes + 1)
    try:
        report = replace(inspect(content, **_looked_for(asked)), path=source)
    except LabelError as error:
        raise type(error)(f"{source}: {error}") from error
    if output_format == "json":
        left_out = ("verdict", "notice", "conformity", "patch", "basis", "error")
        told = {k: v for k, v in report.to_dict().items() if k not in left_out}
        yield json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    else:
        yield from sinks.to_findings(report, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class PropagateCall:
    """Write a platform's own fields into one file."""

    target: Target
    propagator: str
    propagate_id: str
    producer_unknown: str
    inquiry: Inquiry
    sign_key: SigningKey | None = None

    @property
    def to_stdout(self) -> bool:
        """Whether the result goes to standard output."""
        return self.target.output is None

    @classmethod
    def plan(cls, targets: Sequence[Target], **asked: Any) -> list[PropagateCall]:
        """Return a call per target; several files get numbered content ids of the platform."""
        number = asked["propagate_id"]
        inquiry, sign_key = inquiry_of(asked), signers_from(asked)["sign_key"]
        return [
            cls(
                target=target,
                propagator=asked["propagator"],
                propagate_id=number if len(targets) == 1 else f"{number}-{index}",
                producer_unknown=asked["producer_unknown"] or "",
                inquiry=inquiry,
                sign_key=sign_key,
            )
            for index, target in enumerate(targets, 1)
        ]


def propagate_one(call: PropagateCall) -> Outcome:
    """Verify one file and write the platform's fields; the outcome says what happened."""
    target = call.target
    duty: dict[str, Any] = {
        "propagator": call.propagator,
        "propagate_id": call.propagate_id,
        "producer_unknown": call.producer_unknown,
        "inquiry": replace(call.inquiry, sidecar=target.sidecar()),
        "sign_key": call.sign_key,
    }
    try:
        target.check()
        source = Path(target.source)
        if target.output is not None and target.source != STDIN and is_video(source):
            check_name(source, target.output)
            place = None if target.dry_run else target.output
            force = target.force or target.in_place
            return Outcome(receipt=propagate_film(source, place, overwrite=force, **duty))
        data, receipt = propagate(
            target.read(), name=target.source, check=target.check_names, **duty
        )
        return finish(target, data, receipt)
    except LabelError as error:
        return target.failed(error)
