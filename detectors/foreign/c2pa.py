"""
C2PA: whether a manifest store is in the file, and what source types its manifests name.

Nothing is verified here, so nothing says "valid" or "tampered": `detectors.foreign.c2pa_check` does
that with the extra ``c2pa``. Presence alone is no declaration that content is generated.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from detectors.evidence import ProvenanceEvidence
from detectors.foreign.source_types import declares_ai
from labeler.containers.boxes import Box, read_boxes
from labeler.containers.pictures import PICTURES
from labeler.containers.tags import xmp


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.containers.model import Block


SCHEME = "c2pa"

_NOT_CHECKED = "signature not checked (that takes the extra c2pa)"
_SOURCE_TYPE = re.compile(
    rb"https?://[a-z.]{3,40}/(?:newscodes/)?digitalsourcetype/([A-Za-z]{3,60})"
)
_DUBLIN_CORE = "http://purl.org/dc/terms/"
_NAME_KEY = b"\x64name"
_NAME_WITHIN = 256
_MOST = 100
_SHORT, _ONE_BYTE = 0x60, 0x78


def read(data: bytes, format_name: str) -> ProvenanceEvidence:
    """Return what `read_blocks` does of a picture."""
    return read_blocks(PICTURES[format_name].blocks(data))


def read_blocks(blocks: Iterable[Block]) -> ProvenanceEvidence:
    """
    Return whether a file carries a C2PA manifest store, or names one elsewhere.

    ``declares_ai`` looks at every manifest, as an active one may leave the source type to its
    ingredient. ``fields`` name the number of manifests, the generators and the source types. No
    network is used: a remote manifest is named, not fetched.
    """
    stores: list[bytes] = []
    remote = ""
    for block in blocks:
        if block.kind == "c2pa":
            stores.append(bytes(block.content))
        elif block.kind == "xmp" and not block.fault:
            found = xmp.read_property(bytes(block.content), _DUBLIN_CORE, "provenance")
            remote = remote or next((url for url in found if url.startswith("http")), "")
    if stores:
        return _present(b"".join(stores))
    if remote:
        return ProvenanceEvidence(
            scheme=SCHEME,
            found=True,
            fields={"remote_manifest": remote[:500]},
            detail="a remote manifest is named; it was not fetched",
        )
    return ProvenanceEvidence(scheme=SCHEME, found=False)


def _present(store: bytes) -> ProvenanceEvidence:
    """Return the row of a manifest store."""
    manifests = list(_manifests(store))
    matches = islice(_SOURCE_TYPE.finditer(store), _MOST)
    types = dict.fromkeys(_source_type(store, match) for match in matches)
    generators = dict.fromkeys(name for part in manifests or [store] for name in _generators(part))
    fields = {
        "manifests": str(len(manifests)),
        "claim_generator": ", ".join(generators),
        "digitalSourceType": ", ".join(types),
    }
    what = "manifest present" if manifests else "manifest present but damaged"
    return ProvenanceEvidence(
        scheme=SCHEME,
        found=True,
        declares_ai=declares_ai(types),
        fields={name: text for name, text in fields.items() if text and text != "0"},
        detail=f"{what}, {_NOT_CHECKED}",
    )


def _source_type(store: bytes, match: re.Match[bytes]) -> str:
    """Return the word at the end of a source type, cut where its text string ends."""
    start, end = match.span()
    start -= len(store[start - 4 : start]) - len(store[start - 4 : start].rstrip(b" "))
    if start > 1 and store[start - 2] == _ONE_BYTE:
        # CBOR writes no end mark: the next key would run into the word.
        end = min(end, start + store[start - 1])
    return store[match.start(1) : end].decode("ascii", "replace")


def _manifests(store: bytes) -> Iterator[bytes]:
    """Yield each manifest of a store: the superboxes inside the one labelled c2pa."""
    start = store.find(b"jumb") - 4
    if start < 0:
        return
    for outer in read_boxes(store, start, len(store)):
        if outer.type == b"jumb":
            inner = read_boxes(store, outer.body, outer.end)
            if inner and _label(store, inner[0]) == b"c2pa":
                yield from (store[b.body : b.end] for b in inner[1:_MOST] if b.type == b"jumb")


def _label(store: bytes, description: Box) -> bytes:
    """Return the label of a JUMBF description box (ISO/IEC 19566-5): type, toggles, label."""
    content = store[description.body : description.end]
    if description.type != b"jumd" or not content[16:17] or not content[16] & 2:
        return b""
    return content[17:].partition(b"\0")[0]


def _generators(manifest: bytes) -> Iterator[str]:
    """Yield the names of the software behind a claim, from both versions of the claim (CBOR)."""
    for key in (b"claim_generator_info", b"claim_generator"):
        at = manifest.find(key)
        if at < 0:
            continue
        at += len(key)
        if key.endswith(b"info"):
            at = manifest.find(_NAME_KEY, at, at + _NAME_WITHIN)
            if at < 0:
                continue
            at += len(_NAME_KEY)
        if name := _text_at(manifest, at):
            yield name
            return


def _text_at(content: bytes, at: int) -> str:
    """Return the CBOR text string that starts at a position, '' when none does."""
    head = content[at] if at < len(content) else 0
    if head == _ONE_BYTE and at + 1 < len(content):
        length, at = content[at + 1], at + 2
    elif _SHORT <= head < _ONE_BYTE:
        length, at = head - _SHORT, at + 1
    else:
        return ""
    text = content[at : at + length].decode("utf-8", "replace")
    return "".join(character for character in text if character.isprintable())
