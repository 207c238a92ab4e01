"""IPTC: the digital source type that XMP states (Midjourney, Google, Meta and others write it)."""

from __future__ import annotations

import re

from detectors.evidence import ProvenanceEvidence
from detectors.foreign.source_types import declares_ai
from labeler.containers import CONTAINERS, xmp


SCHEME = "iptc"
NAMESPACE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"

_PROPERTIES = ("DigitalSourceType", "DigitalSourcefileType", "DigitalSourceFileType")
_LAST_WORD = re.compile(r"[A-Za-z]+$")
_MOST = 20


def read(data: bytes, format_name: str) -> ProvenanceEvidence:
    """
    Return what ``Iptc4xmpExt:DigitalSourceType`` says in the XMP of a picture.

    ``declares_ai`` is True for content made by trained models, wholly or in part, False for
    captures and human work, None when nothing or something else is said.
    """
    names: list[str] = []
    for block in CONTAINERS[format_name].blocks(data):
        if block.kind == "xmp" and not block.fault:
            for name in _PROPERTIES:
                names += xmp.read_property(bytes(block.content), NAMESPACE, name)
    words = [match[0] for name in names[:_MOST] if (match := _LAST_WORD.search(name.strip()))]
    if not words:
        return ProvenanceEvidence(scheme=SCHEME, found=False)
    told = ", ".join(dict.fromkeys(words))
    return ProvenanceEvidence(
        scheme=SCHEME,
        found=True,
        declares_ai=declares_ai(words),
        fields={"DigitalSourceType": told},
        detail="stated in XMP, not signed",
    )
