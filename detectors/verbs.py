"""
What a caller asks for: `verify` one item, `inspect` it without judgement, `propagate` its label.

Each takes a path, bytes, a PIL image, an array or a tensor, as `labeler.apply` returns them.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.conformity import check_conformity
from detectors.content import take_content
from detectors.evidence import Report, Verdict
from detectors.findings import Finding, governing_copy, with_agreement
from detectors.judge import judge
from detectors.propagation import propagated_fields
from detectors.restoring import Restored, look_up
from labeler.adapt import is_path
from labeler.containers.registry import carriers_of
from labeler.containers.sidecar import SCHEME
from labeler.containers.text.model import NOWHERE
from labeler.errors import LabelError
from labeler.keys import DEFAULT_KEY, Key
from labeler.metadata import write_fields
from labeler.model import Layer, Modality, Receipt, Skipped
from labeler.payload import mark_id
from labeler.policy import policy_named
from labeler.save import placed
from labeler.sidecar import read_beside
from labeler.signing.applying import STALE, carries_manifest, film_carries_manifest
from labeler.signing.security_data import build_security
from labeler.signing.trust import NOBODY, Trust
from labeler.threads import map_threads
from labeler.video.files import copy_with_fields, digest_of, is_video, write_video_fields


if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.content import Content
    from detectors.evidence import Evidence
    from detectors.image.watermark import Depth
    from detectors.judge import Judgement
    from detectors.text.tokens import Tokenizer
    from labeler.policy import Policy
    from labeler.registry.records import Registry
    from labeler.signing.keys import SigningKey


_BATCH_AXES = 4
_IN_MEMORY: tuple[str, ...] = ("layout", "value_range", "rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """
    How to verify.

    ``declared`` is the user's declaration (R-54), None when not asked. ``keys`` are tried besides
    the published default key. ``depth`` is how far the watermark is searched for: ``plain``,
    ``fast``, ``standard``, ``deep``. ``fast`` answers from the metadata alone, without decoding.
    ``thorough`` also looks for visible labels of unusual size, as cropping leaves them.
    ``ocr`` reads visible labels of others where the extra ``ocr`` is installed and no own one is.
    ``trust`` holds pinned keys and root certificates (R-52); ``online`` allows C2PA to fetch remote
    manifests and certificate states, which is never done otherwise.
    ``name`` is the file name of content that comes as bytes; it tells text formats apart.
    ``tokenizer`` is that of a language model, a callable or the path of its ``tokenizer.json``:
    with it the text of documents is scored for the generation-time mark under the same keys.
    ``sidecar`` is the sidecar of a text that comes as bytes; beside a path it is found by itself.
    ``registry`` is asked about marks and bytes, so that a lost label comes back (R-44).
    ``lenient`` and ``trace_confirms`` are the options of rows 8 and 13 of docs/verdict.md.
    """

    declared: bool | None = None
    policy: str = "cn"
    language: str | None = None
    keys: tuple[Key, ...] = ()
    depth: Depth = "standard"
    fast: bool = False
    thorough: bool = False
    ocr: bool = True
    lenient: bool = False
    trace_confirms: bool = False
    trust: Trust = NOBODY
    online: bool = False
    name: str = ""
    tokenizer: Tokenizer | str | Path | None = None
    sidecar: bytes | None = None
    registry: Registry | None = None

    @property
    def all_keys(self) -> tuple[Key, ...]:
        """The caller's keys first, then the published one."""
        return (*self.keys, DEFAULT_KEY)


def reads_headers(inquiry: Inquiry) -> bool:
    """Say whether the header of a file is enough; a registry also wants the hash of all of it."""
    return inquiry.fast and getattr(inquiry, "registry", None) is None


def verify(content: Any, inquiry: Inquiry | None = None, **options: Any) -> Report:
    """
    Judge one item by Measures art. 6 and check it clause by clause.

    Parameters
    ----------
    content
        A path, bytes, PIL image, NumPy array or tensor; with ``fast`` also a file open for reading.
    inquiry
        How to verify; or its fields as keyword arguments. ``layout`` and ``value_range`` say how
        an array is laid out, and ``rate`` that it is sound, as for `labeler.apply`.

    Returns
    -------
    Report
        Content that cannot be read gives the verdict ``undetermined`` and a non-empty ``error``;
        nothing but wrong usage raises (R-47, row 14). With ``fast`` only the header of a file
        is read, so its ``sha256`` is empty.

    Raises
    ------
    UnknownPolicy
        There is no such policy or language.

    Examples
    --------
    >>> import numpy as np
    >>> report = verify(np.zeros((320, 320, 3), np.uint8))
    >>> report.verdict.value, report.label is None
    ('none', True)
    """
    memory = {name: options.pop(name) for name in _IN_MEMORY if name in options}
    inquiry = inquiry or Inquiry(**options)
    policy = policy_named(inquiry.policy)
    name = os.fspath(content) if is_path(content) else ""
    digest = ""
    try:
        headers = reads_headers(inquiry)
        taken = take_content(content, memory, headers=headers)
        digest = taken.digest()
        finding = taken.find(_with_sidecar(content, inquiry), _name_of(content, inquiry))
    except LabelError as error:
        return _undetermined(name, str(error), digest)
    known = _known(taken, finding, digest, inquiry)
    return _judged(name, finding, digest, known, inquiry=inquiry, policy=policy)


def verify_batch(batch: Any, inquiry: Inquiry | None = None, **options: Any) -> tuple[Report, ...]:
    """
    Judge every picture of a batch, an array or tensor with leading batch axes, or a sequence.

    Takes the options of `verify` and returns one report each, in order; several pictures are read
    at a time, each by one thread.

    Examples
    --------
    >>> import numpy as np
    >>> [report.verdict.value for report in verify_batch(np.zeros((2, 64, 64, 3), np.uint8))]
    ['none', 'none']
    """
    shape = getattr(batch, "shape", ())
    items = batch.reshape(-1, *shape[-3:]) if len(shape) > _BATCH_AXES else batch

    def verify_one(index: int) -> Report:
        return verify(items[index], inquiry, **options)

    return map_threads(verify_one, range(len(items)))


def _name_of(content: Any, inquiry: Inquiry) -> str:
    """Return the file name of content, as far as there is one."""
    return Path(content).name if is_path(content) else inquiry.name


def _with_sidecar(content: Any, inquiry: Inquiry) -> Inquiry:
    """Return the inquiry with the sidecar that lies beside a path."""
    if inquiry.sidecar is not None or not is_path(content):
        return inquiry
    beside = read_beside(Path(content))
    return inquiry if beside is None else replace(inquiry, sidecar=beside)


def _undetermined(path: str, error: str, digest: str) -> Report:
    return Report(
        path=path,
        modality=Modality.UNKNOWN,
        format="",
        sha256=digest,
        verdict=Verdict.UNDETERMINED,
        error=error,
    )


def _known(taken: Content, finding: Finding, digest: str, inquiry: Inquiry) -> Restored:
    """Return what the registry says of an item, nothing when none is asked."""
    if inquiry.registry is None:
        return Restored(rows=())
    seen = None if inquiry.fast else partial(taken.likeness, finding.modality)
    return look_up(inquiry.registry, finding.evidence, digest=digest, likeness=seen)


def _judged(
    path: str, finding: Finding, digest: str, known: Restored, *, inquiry: Inquiry, policy: Policy
) -> Report:
    evidence = with_agreement(finding.evidence)
    outcome = _outcome(evidence, finding, inquiry, known)
    return Report(
        path=path,
        modality=finding.modality,
        format=finding.format,
        sha256=digest,
        verdict=outcome.verdict,
        notice=outcome.notice,
        label=outcome.label,
        integrity=outcome.integrity,
        evidence=(*evidence, *known.rows),
        conformity=check_conformity(
            evidence,
            modality=finding.modality,
            policy=policy,
            header=finding.header,
            integrity=finding.integrity,
        ),
        patch=outcome.patch,
        basis=outcome.reasons,
    )


def _outcome(
    evidence: tuple[Evidence, ...], finding: Finding, inquiry: Inquiry, known: Restored
) -> Judgement:
    return judge(
        (*evidence, *known.rows),
        declared=inquiry.declared,
        policy=policy_named(inquiry.policy),
        lang=inquiry.language,
        lenient=inquiry.lenient,
        trace_confirms=inquiry.trace_confirms,
        registry_label=known.label,
        registry_exact=known.exact,
        integrity=finding.integrity,
    )


def inspect(content: Any, **options: Any) -> Report:
    """
    Return everything found in one item, without judgement: the verdict stays ``undetermined``.

    Takes the options of `verify`; raises `LabelError` when the content cannot be read.
    """
    memory = {name: options.pop(name) for name in _IN_MEMORY if name in options}
    inquiry = Inquiry(**options)
    taken = take_content(content, memory)
    finding = taken.find(_with_sidecar(content, inquiry), _name_of(content, inquiry))
    evidence = with_agreement(finding.evidence)
    governing = governing_copy(evidence)
    return Report(
        path=os.fspath(content) if is_path(content) else "",
        modality=finding.modality,
        format=finding.format,
        sha256=taken.digest(),
        verdict=Verdict.UNDETERMINED,
        label=dict(governing.fields) if governing else None,
        integrity=finding.integrity,
        evidence=evidence,
    )


def propagate(
    data: bytes,
    *,
    propagator: str,
    propagate_id: str,
    producer_unknown: str = "",
    allow_name: bool = False,
    inquiry: Inquiry | None = None,
    name: str = "",
    check: Callable[[str], None] | None = None,
    sign_key: SigningKey | None = None,
) -> tuple[bytes, Receipt]:
    """
    Do what a platform owes (Measures art. 6): verify, then write only its own fields.

    Parameters
    ----------
    data
        The uploaded file.
    propagator, propagate_id
        The platform's code or name, and its number of the content.
    producer_unknown
        What to write as producer when nobody named one; by default nothing.
    allow_name
        Let a name with characters that annex E j does not list through (R-26).
    inquiry
        How to verify.
    name, check
        As for `labeler.apply`.
    sign_key
        The platform's key: signs its own pair of fields into ReservedCode2 (docs/signing.md).

    Returns
    -------
    tuple
        The file, unchanged when there is nothing to write (row 4), and the receipt.

    Raises
    ------
    LabelError
        The file cannot be read, or copies of the label contradict each other (rows 11, 14).
    """
    inquiry = inquiry or Inquiry()
    taken = take_content(data, {})
    finding = taken.find(inquiry, name)
    if check is not None:
        check(finding.format)
    duty = _Duty(propagator, propagate_id, producer_unknown, allow_name, sign_key)
    known = _known(taken, finding, hashlib.sha256(data).hexdigest(), inquiry)
    fields, outcome = _decide(finding, inquiry, duty, known)
    beside = bool(fields) and _goes_beside(finding, inquiry)
    written = _with_fields(data, fields, name) if fields and not beside else data
    schemes = [SCHEME] if beside else [x.scheme for x in carriers_of(written, name) if not x.fault]
    digest = hashlib.sha256(written).hexdigest()
    receipt = _receipt(name, fields, outcome, scheme=next(iter(schemes), ""), digest=digest)
    stale = written != data and carries_manifest(written, name)
    return written, replace(receipt, warnings=(STALE,)) if stale else receipt


def propagate_film(
    source: Path,
    target: Path | None,
    *,
    propagator: str,
    propagate_id: str,
    producer_unknown: str = "",
    allow_name: bool = False,
    inquiry: Inquiry | None = None,
    overwrite: bool = False,
    sign_key: SigningKey | None = None,
) -> Receipt:
    """
    Do what `propagate` does with a video of any length: from file to file, in constant memory.

    Without a target everything is done and nothing kept; the target is whole or not there. Raises
    as `propagate`, and `OutputFailed`.
    """
    inquiry = inquiry or Inquiry()
    duty = _Duty(propagator, propagate_id, producer_unknown, allow_name, sign_key)
    taken = take_content(source, {})
    finding = taken.find(inquiry, source.name)
    known = _known(taken, finding, digest_of(source), inquiry)
    fields, outcome = _decide(finding, inquiry, duty, known)
    with placed(target, overwrite=overwrite, suffix=source.suffix) as place:
        scheme = copy_with_fields(source, place, fields)
        digest = digest_of(place)
        warnings = (STALE,) if fields and film_carries_manifest(place) else ()
    receipt = _receipt(str(source), fields, outcome, scheme=scheme, digest=digest)
    return replace(receipt, output="" if target is None else str(target), warnings=warnings)


@dataclass(frozen=True, slots=True)
class _Duty:
    """What a platform writes of its own."""

    propagator: str
    propagate_id: str
    producer_unknown: str
    allow_name: bool
    sign_key: SigningKey | None


def _decide(
    finding: Finding, inquiry: Inquiry, duty: _Duty, known: Restored
) -> tuple[dict[str, str], Judgement]:
    """Return the seven fields to write, empty when there is nothing to write, and the verdict."""
    evidence = with_agreement(finding.evidence)
    outcome = _outcome(evidence, finding, inquiry, known)
    governing = governing_copy(evidence)
    fields = propagated_fields(
        governing.fields if governing else {},
        outcome,
        duty.propagator,
        duty.propagate_id,
        producer_unknown=duty.producer_unknown,
        allow_name=duty.allow_name,
    )
    if duty.sign_key is not None and fields:
        fields["ReservedCode2"] = build_security(fields, duty.sign_key, propagator=True)
    return fields, outcome


def _goes_beside(finding: Finding, inquiry: Inquiry) -> bool:
    """Say whether the label goes into a sidecar: no place in the file, and one can be written."""
    placement = getattr(finding.header, "placement", "")
    return placement == NOWHERE and inquiry.sidecar is not None


def _with_fields(data: bytes, fields: dict[str, str], name: str) -> bytes:
    if is_video(data):
        return write_video_fields(data, fields)
    return write_fields(data, fields, name=name)


def _receipt(
    name: str, fields: dict[str, str], outcome: Judgement, *, scheme: str, digest: str
) -> Receipt:
    layers = {"metadata": {"scheme": scheme, "verdict": outcome.verdict.value}}
    nothing = Skipped(layer=Layer.METADATA, why=f"{outcome.reasons[0]}; there is nothing to write")
    number = mark_id(fields["ContentProducer"], fields["ProduceID"]) if fields else 0
    return Receipt(
        path=name,
        output="",
        layers=layers if fields else {},
        skipped=() if fields else (nothing,),
        label=fields,
        mark_id=f"{number:015x}" if fields else "",
        sha256=digest,
    )
