"""
Check what is signed in one item: SecurityData in the label (R-52), and a C2PA manifest.

Readers say what stands in a file; whom a caller trusts, and whether the network may be used, is
known here only. Nothing decodes pixels or samples.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from detectors.evidence import (
    SECURITY_DATA,
    Integrity,
    MetadataEvidence,
    ProvenanceEvidence,
)
from detectors.findings import governing_copy
from detectors.foreign import c2pa
from detectors.foreign.c2pa_check import ALTERED, check_row
from labeler.errors import UnsupportedMedia
from labeler.signing.checking import check_reserved, overall
from labeler.signing.content import content_digest_of
from labeler.signing.trust import NOBODY


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from detectors.evidence import Evidence
    from detectors.findings import Finding
    from labeler.signing.checking import Checked
    from labeler.signing.trust import Trust


_HEADER_ONLY = "not all of the file was read"


def with_signatures(
    finding: Finding,
    source: Path | bytes | None,
    *,
    name: str = "",
    trust: Trust = NOBODY,
    online: bool = False,
) -> Finding:
    """
    Return a finding with its signatures checked: the integrity of the label, and the C2PA row.

    Parameters
    ----------
    finding
        What the readers of the file said.
    source
        The file: its path, or its bytes; None when only its header was read. Then the label's own
        signature is checked, and neither content nor C2PA.
    name
        The file name, which tells text formats apart.
    trust
        Pinned keys and root certificates.
    online
        Allow C2PA to fetch remote manifests and certificate states.
    """
    evidence = list(finding.evidence)
    integrity = finding.integrity
    bound = ""
    governing = governing_copy(evidence)
    if governing and any(governing.fields.get(f"ReservedCode{n}", "").strip() for n in (1, 2)):
        checked = check_reserved(
            governing.fields,
            digest=lambda hash_name: _digest(source, hash_name, name),
            trust=trust,
        )
        state = overall(checked)
        integrity, bound = Integrity(state.state), state.binding
        # Behind the metadata, before what takes decoding.
        at = sum(isinstance(row, MetadataEvidence) for row in evidence)
        evidence.insert(at, _row(checked, state))
    return replace(
        finding,
        evidence=tuple(
            _checked(row, source, finding.format, bound=bound, trust=trust, online=online)
            for row in evidence
        ),
        integrity=integrity,
    )


def _digest(source: Path | bytes | None, hash_name: str, name: str) -> str:
    if source is None:
        raise UnsupportedMedia(_HEADER_ONLY)
    return content_digest_of(source, hash_name, file_name=name)


def _row(checked: dict[str, Checked], state: Checked) -> ProvenanceEvidence:
    told = {
        "state": state.state,
        "scheme": state.scheme,
        "key": state.key,
        "binding": state.binding if state.key else "",
    }
    details = [one.detail for one in checked.values() if one.detail]
    return ProvenanceEvidence(
        scheme=SECURITY_DATA,
        found=True,
        fields={name: text for name, text in told.items() if text},
        detail="; ".join(details),
    )


def _checked(
    row: Evidence,
    source: Path | bytes | None,
    format_name: str,
    *,
    bound: str,
    trust: Trust,
    online: bool,
) -> Evidence:
    if not isinstance(row, ProvenanceEvidence) or row.scheme != c2pa.SCHEME or not row.found:
        return row
    if source is None:
        return replace(row, detail=f"manifest present, signature not checked: {_HEADER_ONLY}")
    with opened(source) as file:
        done = check_row(row, file, format_name, trust=trust, online=online)
    if done.fields.get("validation") == ALTERED and bound == "intact":
        only = "the bytes that bear the content are still those that the label's signature covers"
        return replace(done, detail=f"{done.detail}; {only}")
    return done


@contextmanager
def opened(source: Path | bytes) -> Iterator[BinaryIO]:
    """Yield the source as a file open for reading."""
    if isinstance(source, bytes):
        yield BytesIO(source)
        return
    with source.open("rb") as file:
        yield file
