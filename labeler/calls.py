"""
One file's worth of work for the command line: records that can be sent to another process.

A call never raises for bad input: its outcome holds either a receipt or one line that says which
file, what is wrong and what to do.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.errors import InvalidKey, InvalidLabel, LabelError, OutputFailed, UnsupportedMedia
from labeler.exemption import record_exemption
from labeler.keys import DEFAULT_KEY, load_key
from labeler.limits import LIMITS
from labeler.media import check_extension
from labeler.model import Label, Layer, Receipt
from labeler.on_disk import on_disk
from labeler.options import LAYERS, Options, layers_and_extras
from labeler.registry.recording import record_file
from labeler.save import check_target, read_file
from labeler.sidecar import read_beside
from labeler.signing.keys import load_signing_key
from labeler.sources import STDIN, plan_outputs
from labeler.terminal import ProgressLine, quiet_libraries
from labeler.verbs import apply, save_labelled


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from labeler.on_disk import DiskFile
    from labeler.video.streams import Progress


_PROMPT_BYTES = 20_000_000
_RECORDED = ("registry", "recipient", "agreement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A receipt or an error; ``data`` when the result goes to standard output."""

    receipt: Receipt | None = None
    error: str = ""
    data: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where one file comes from and where its result goes; None is standard output."""

    source: str
    output: Path | None
    in_place: bool = False
    force: bool = False
    dry_run: bool = False

    def read(self) -> bytes:
        """Return the bytes of the source; "-" is standard input."""
        if self.source == STDIN:
            return sys.stdin.buffer.read(LIMITS.file_bytes + 1)
        return read_file(Path(self.source), limit=LIMITS.file_bytes)

    def sidecar(self) -> bytes | None:
        """Return the sidecar of the source, empty without one; None when none can be written."""
        if self.output is None:
            return None
        return (read_beside(Path(self.source)) if self.source != STDIN else None) or b""

    def check(self) -> None:
        """Raise early when the output could not be written."""
        if self.output is not None and not self.dry_run:
            check_target(self.output, overwrite=self.force or self.in_place)

    def failed(self, error: LabelError) -> Outcome:
        """Return the outcome of a failure: one line that names the file, once."""
        text = str(error)
        named = self.output is not None and text.startswith(str(self.output))
        return Outcome(error=text if named else f"{self.source}: {text}")

    def check_names(self, format_name: str) -> None:
        """Raise when a name says another format than the content (wrong extension)."""
        if self.source != STDIN:
            check_extension(Path(self.source), format_name)
        if self.output is not None:
            check_extension(self.output, format_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """The art. 9 facts that allow a file without a visible label."""

    recipient: str
    agreement: str
    log: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyCall:
    """Label one file."""

    target: Target
    label: Label
    options: Options
    exemption: Exemption | None = None

    @property
    def to_stdout(self) -> bool:
        """Whether the result goes to standard output."""
        return self.target.output is None

    @classmethod
    def plan(cls, targets: Sequence[Target], **asked: Any) -> list[ApplyCall]:
        """Return a call per target from the options of the command line."""
        options = _options(asked)
        exemption = _exemption(asked)
        if asked["content_id"] and len(targets) > 1:
            raise InvalidLabel("--content-id names one content; several files get their own ids")
        label = _label(asked)
        return [
            cls(
                target=target,
                label=label if index == 0 else label.numbered(index),
                options=options,
                exemption=exemption,
            )
            for index, target in enumerate(targets)
        ]


def plan_calls(
    sources: Iterable[str], kind: type[Any], *, skip_existing: bool = False, **asked: Any
) -> tuple[list[Any], int]:
    """
    Pair sources with outputs; return one call of ``kind`` for each, and how many are passed over.

    Those are, with ``skip_existing``, the ones whose output exists. It is whole: outputs get their
    names when they are done (R-41). Raises `OutputFailed` where outputs shall be replaced as well.
    """
    in_place = asked.pop("in_place")
    if skip_existing and (in_place or asked["force"]):
        raise OutputFailed("--skip-existing keeps what is there; --force and --in-place replace it")
    common = {"in_place": in_place, "force": asked.pop("force"), "dry_run": asked.pop("dry_run")}
    pairs = plan_outputs(
        sources, asked.pop("output"), in_place=in_place, make_folders=not common["dry_run"]
    )
    left = [pair for pair in pairs if not (skip_existing and pair[1] and pair[1].exists())]
    targets = [Target(source=source, output=output, **common) for source, output in left]
    return kind.plan(targets, **asked), len(pairs) - len(left)


def _label(asked: dict[str, Any]) -> Label:
    propagator = asked["propagator"]
    return Label(
        producer=asked["producer"],
        content_id=asked["content_id"] or "",
        status=asked["status"],
        propagator="" if propagator == "empty" else propagator,
        allow_name=asked["allow_name"],
    )


def _options(asked: dict[str, Any]) -> Options:
    named = layers_and_extras(asked["layers"]) if asked["layers"] else {}
    layers = named.pop("layers", None)
    if asked["no_visible"]:
        layers = tuple(x for x in layers or LAYERS if x is not Layer.VISIBLE)
    key = load_key(asked["key_file"]) if asked["key_file"] else DEFAULT_KEY
    prompt_file = asked["prompt_file"]
    prompt = read_file(Path(prompt_file), limit=_PROMPT_BYTES) if prompt_file else None
    signers = signers_from(asked)
    given = {"layers", "key", "language", "prompt", "sound", "cue", "subtitles", "sidecar"}
    names = {field.name for field in fields(Options)} - given - set(signers) - set(_RECORDED)
    plain = {name: asked[name] for name in names} | signers
    named |= _recorded(asked)
    return Options(layers=layers, key=key, language=asked["lang"], prompt=prompt, **named, **plain)


def signers_from(asked: dict[str, Any]) -> dict[str, Any]:
    """Return key and credential that sign, loaded from the files that were named."""
    sign_key = credential = None
    if asked.get("sign_key_file"):
        sign_key = load_signing_key(asked["sign_key_file"])
    chain, key = asked.get("c2pa_cert"), asked.get("c2pa_key_file")
    if bool(chain) != bool(key) or (asked.get("c2pa_alg") and not chain):
        raise InvalidKey("--c2pa-cert and --c2pa-key-file go together, --c2pa-alg with both")
    if chain and key:
        from labeler.signing.credential import load_credential

        credential = load_credential(chain, key, asked.get("c2pa_alg"))
    return {"sign_key": sign_key, "credential": credential}


def _recorded(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what goes into the registry, which is made when it is not there."""
    if not asked["registry"]:
        return {}
    from labeler.registry import make_registry

    whom = {name: asked[name] or "" for name in ("recipient", "agreement")}
    return {"registry": make_registry(asked["registry"], known=True), **whom}


def _exemption(asked: dict[str, Any]) -> Exemption | None:
    given = {name: asked[name] for name in ("recipient", "agreement", "exemption_log")}
    if not asked["no_visible"]:
        if any(given.values()):
            raise InvalidLabel("--recipient, --agreement and --exemption-log need --no-visible")
        return None
    needed = {k: v for k, v in given.items() if k != "exemption_log" or not asked["registry"]}
    missing = [f"--{name.replace('_', '-')}" for name, value in needed.items() if not value]
    if missing:
        asks = ", ".join(missing).replace("-log", "-log (or --registry)")
        raise InvalidLabel(
            f"--no-visible needs {asks}: Measures art. 9 asks to record to whom "
            "content without a visible label is provided, for at least six months"
        )
    return Exemption(
        recipient=asked["recipient"], agreement=asked["agreement"], log=asked["exemption_log"]
    )


def apply_one(call: ApplyCall) -> Outcome:
    """Label one file and write it; the outcome says what happened."""
    target = call.target
    try:
        with quiet_libraries() as terminal:
            return _apply_one(call, ProgressLine(terminal) if terminal.isatty() else None)
    except LabelError as error:
        return target.failed(error)


def _apply_one(call: ApplyCall, progress: Progress | None) -> Outcome:
    target = call.target
    target.check()
    source = Path(target.source)
    disk = on_disk(source) if target.source != STDIN else None
    if disk is not None:
        disk.check(source, target.output)
        if target.output is not None:
            return _apply_on_disk(call, disk, progress)
        if not disk.piped:
            raise UnsupportedMedia("a file this long goes from file to file; name one with -o")
    data = target.read()
    unrecorded = replace(call.options, registry=None, recipient="", agreement="")
    result = apply(
        data,
        call.label,
        options=replace(unrecorded, sidecar=target.sidecar()),
        name=target.source,
        check=target.check_names,
    )
    _record_exemption(call, result.receipt)
    return finish(
        target,
        result.content,
        result.receipt,
        last=lambda receipt: record_file(call.options, receipt, data, result.content),
    )


def _apply_on_disk(call: ApplyCall, disk: DiskFile, progress: Progress | None) -> Outcome:
    """Label a file from path to path, however long it is."""
    target = call.target
    receipt = disk.label(
        Path(target.source),
        None if target.dry_run else target.output,
        call.label,
        call.options,
        name=target.source,
        overwrite=target.force or target.in_place,
        last=None if target.dry_run else partial(_record_made, call),
        progress=progress,
    )
    return Outcome(receipt=receipt)


def _record_exemption(call: ApplyCall, receipt: Receipt) -> None:
    if call.exemption and call.exemption.log and not call.target.dry_run:
        record_exemption(
            Path(call.exemption.log),
            recipient=call.exemption.recipient,
            agreement=call.exemption.agreement,
            label=call.label,
            sha256=receipt.sha256,
            file_name=call.target.source,
        )


def _record_made(call: ApplyCall, receipt: Receipt, made: Path) -> None:
    _record_exemption(call, receipt)
    record_file(call.options, receipt, Path(call.target.source), made)


def finish(
    target: Target,
    data: bytes,
    receipt: Receipt,
    *,
    last: Callable[[Receipt], None] | None = None,
) -> Outcome:
    """
    Write the result where it goes and complete the receipt with that place.

    ``last`` is called with it when everything but the rename is done; not in a dry run.
    """
    receipt = replace(receipt, output=str(target.output or STDIN))
    noted = partial(last, receipt) if last is not None else None
    if target.dry_run:
        return Outcome(receipt=replace(receipt, output=""))
    if target.output is None:
        if noted is not None:
            noted()
        return Outcome(receipt=receipt, data=data)
    save_labelled(
        target.output,
        data,
        receipt.label,
        receipt.layers,
        overwrite=target.force or target.in_place,
        last=noted,
    )
    return Outcome(receipt=receipt)
