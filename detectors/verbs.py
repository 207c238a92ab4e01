"""
What a caller asks for: `verify` one item, `inspect` it without judgement, `propagate` its label.

Each takes a path, bytes, a PIL image, an array or a tensor, as `labeler.apply` returns them.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.conformity import check_conformity
from detectors.evidence import Report, Verdict
from detectors.findings import Finding, governing_copy, with_agreement
from detectors.image.reading import read_pixel_evidence
from detectors.judge import judge
from detectors.propagation import propagated_fields
from detectors.reading import read_file_evidence
from detectors.signatures import with_signatures
from labeler.adapt import Taken, is_path, take
from labeler.audio.hollow import is_long_recording
from labeler.containers.registry import carriers_of
from labeler.errors import LabelError
from labeler.keys import DEFAULT_KEY, Key
from labeler.limits import LIMITS
from labeler.metadata import write_fields
from labeler.model import Layer, Modality, Receipt, Skipped
from labeler.payload import mark_id
from labeler.policy import policy_named
from labeler.save import read_file
from labeler.signing.applying import STALE, carries_manifest
from labeler.signing.security_data import build_security
from labeler.signing.trust import NOBODY, Trust
from labeler.threads import map_threads
from labeler.video.files import as_file, digest_of, is_video, write_video_fields


if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.evidence import Evidence
    from detectors.image.watermark import Depth
    from detectors.judge import Judgement
    from labeler.audio.adapt import HeldSound
    from labeler.policy import Policy
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
    ``trust`` holds pinned keys and root certificates (R-52); ``online`` allows C2PA to fetch remote
    manifests and certificate states, which is never done otherwise.
    ``name`` is the file name of content that comes as bytes; it tells text formats apart.
    ``lenient`` and ``trace_confirms`` are the options of rows 8 and 13 of docs/verdict.md.
    """

    declared: bool | None = None
    policy: str = "cn"
    language: str | None = None
    keys: tuple[Key, ...] = ()
    depth: Depth = "standard"
    fast: bool = False
    thorough: bool = False
    lenient: bool = False
    trace_confirms: bool = False
    trust: Trust = NOBODY
    online: bool = False
    name: str = ""

    @property
    def all_keys(self) -> tuple[Key, ...]:
        """The caller's keys first, then the published one."""
        return (*self.keys, DEFAULT_KEY)


def verify(content: Any, inquiry: Inquiry | None = None, **options: Any) -> Report:
    """
    Judge one item by Measures art. 6 and check it clause by clause.

    Parameters
    ----------
    content
        A path, bytes, PIL image, NumPy array or tensor.
    inquiry
        How to verify; or its fields as keyword arguments. ``layout`` and ``value_range`` say how
        an array is laid out, and ``rate`` that it is sound, as for `labeler.apply`.

    Returns
    -------
    Report
        Content that cannot be read gives the verdict ``undetermined`` and a non-empty ``error``;
        nothing but wrong usage raises (R-47, row 14).

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
        taken = _take(content, memory)
        digest = _digest(taken)
        finding = _find(taken, inquiry, _name_of(content, inquiry))
    except LabelError as error:
        return _undetermined(name, str(error), digest)
    return _judged(name, finding, digest, inquiry=inquiry, policy=policy)


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Samples:
    """Sound held in memory, at ``rate`` samples a second."""

    held: HeldSound
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """A video file, which stays on the disk."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recording:
    """A PCM file of hours, which stays on the disk."""

    path: Path


def _take(content: Any, memory: dict[str, Any]) -> Taken | _Samples | _Film | _Recording:
    rate = memory.pop("rate", None)
    if is_path(content):
        if is_video(Path(content)):
            return _Film(path=Path(content))
        if is_long_recording(Path(content)):
            return _Recording(path=Path(content))
        content = read_file(Path(content), limit=LIMITS.file_bytes)
    elif rate is not None:
        from labeler.audio.adapt import take_sound

        return _Samples(held=take_sound(content, layout=memory.get("layout")), rate=rate)
    return take(content, **memory)


def _digest(taken: Taken | _Samples | _Film | _Recording) -> str:
    """Return the SHA-256 of a file; what is held in memory has none."""
    if isinstance(taken, _Film | _Recording):
        return digest_of(taken.path)
    if isinstance(taken, _Samples) or taken.data is None:
        return ""
    return hashlib.sha256(taken.data).hexdigest()


def _name_of(content: Any, inquiry: Inquiry) -> str:
    """Return the file name of content, as far as there is one."""
    return Path(content).name if is_path(content) else inquiry.name


def _find(taken: Taken | _Samples | _Film | _Recording, inquiry: Inquiry, name: str) -> Finding:
    """Return what is in an item, signatures checked."""
    finding = _read(taken, inquiry, name)
    if isinstance(taken, _Film | _Recording):
        source: Path | bytes | None = taken.path
    else:
        source = None if isinstance(taken, _Samples) else taken.data
    if source is None:
        return finding
    return with_signatures(finding, source, name=name, trust=inquiry.trust, online=inquiry.online)


def _read(taken: Taken | _Samples | _Film | _Recording, inquiry: Inquiry, name: str) -> Finding:
    keys, depth, thorough = inquiry.all_keys, inquiry.depth, inquiry.thorough
    if isinstance(taken, _Samples):
        from detectors.audio.reading import read_sample_evidence

        return read_sample_evidence(taken.held.samples, taken.rate, keys=keys, depth=depth)
    if isinstance(taken, _Film):
        return _find_in_film(taken.path, inquiry)
    if isinstance(taken, _Recording):
        from detectors.audio.reading import read_recording_evidence

        return read_recording_evidence(taken.path, keys=keys, fast=inquiry.fast)
    if taken.data is not None and is_video(taken.data):
        with as_file(taken.data) as path:
            return _find_in_film(path, inquiry)
    if taken.pixels is not None:
        return read_pixel_evidence(taken.pixels, keys=keys, depth=depth, thorough=thorough)
    return read_file_evidence(
        taken.data or b"",
        keys=keys,
        depth=depth,
        thorough=thorough,
        fast=inquiry.fast,
        name=name,
    )


def _find_in_film(path: Path, inquiry: Inquiry) -> Finding:
    from detectors.video.reading import read_video_evidence

    return read_video_evidence(
        path,
        keys=inquiry.all_keys,
        depth=inquiry.depth,
        thorough=inquiry.thorough,
        fast=inquiry.fast,
    )


def _undetermined(path: str, error: str, digest: str) -> Report:
    return Report(
        path=path,
        modality=Modality.UNKNOWN,
        format="",
        sha256=digest,
        verdict=Verdict.UNDETERMINED,
        error=error,
    )


def _judged(
    path: str, finding: Finding, digest: str, *, inquiry: Inquiry, policy: Policy
) -> Report:
    evidence = with_agreement(finding.evidence)
    outcome = _outcome(evidence, finding, inquiry)
    return Report(
        path=path,
        modality=finding.modality,
        format=finding.format,
        sha256=digest,
        verdict=outcome.verdict,
        notice=outcome.notice,
        label=outcome.label,
        integrity=outcome.integrity,
        evidence=evidence,
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


def _outcome(evidence: tuple[Evidence, ...], finding: Finding, inquiry: Inquiry) -> Judgement:
    return judge(
        evidence,
        declared=inquiry.declared,
        policy=policy_named(inquiry.policy),
        lang=inquiry.language,
        lenient=inquiry.lenient,
        trace_confirms=inquiry.trace_confirms,
        integrity=finding.integrity,
    )


def inspect(content: Any, **options: Any) -> Report:
    """
    Return everything found in one item, without judgement: the verdict stays ``undetermined``.

    Takes the options of `verify`; raises `LabelError` when the content cannot be read.
    """
    memory = {name: options.pop(name) for name in _IN_MEMORY if name in options}
    inquiry = Inquiry(**options)
    taken = _take(content, memory)
    finding = _find(taken, inquiry, _name_of(content, inquiry))
    evidence = with_agreement(finding.evidence)
    governing = governing_copy(evidence)
    return Report(
        path=os.fspath(content) if is_path(content) else "",
        modality=finding.modality,
        format=finding.format,
        sha256=_digest(taken),
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
    finding = _find(take(data), inquiry, name)
    if check is not None:
        check(finding.format)
    evidence = with_agreement(finding.evidence)
    outcome = _outcome(evidence, finding, inquiry)
    governing = governing_copy(evidence)
    fields = propagated_fields(
        governing.fields if governing else {},
        outcome,
        propagator,
        propagate_id,
        producer_unknown=producer_unknown,
        allow_name=allow_name,
    )
    if sign_key is not None and fields:
        fields["ReservedCode2"] = build_security(fields, sign_key, propagator=True)
    written = _with_fields(data, fields, name) if fields else data
    receipt = _receipt(name, written, fields, outcome)
    stale = written != data and carries_manifest(written, name)
    return written, replace(receipt, warnings=(STALE,)) if stale else receipt


def _with_fields(data: bytes, fields: dict[str, str], name: str) -> bytes:
    if is_video(data):
        return write_video_fields(data, fields)
    return write_fields(data, fields, name=name)


def _receipt(name: str, written: bytes, fields: dict[str, str], outcome: Judgement) -> Receipt:
    schemes = [x.scheme for x in carriers_of(written, name) if not x.fault]
    layers = {"metadata": {"scheme": next(iter(schemes), ""), "verdict": outcome.verdict.value}}
    nothing = Skipped(layer=Layer.METADATA, why=f"{outcome.reasons[0]}; there is nothing to write")
    number = mark_id(fields["ContentProducer"], fields["ProduceID"]) if fields else 0
    return Receipt(
        path=name,
        output="",
        layers=layers if fields else {},
        skipped=() if fields else (nothing,),
        label=fields,
        mark_id=f"{number:015x}" if fields else "",
        sha256=hashlib.sha256(written).hexdigest(),
    )
