"""IPTC: the digital source type that XMP states (Midjourney, Google, Meta and others write it)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from detectors.evidence import ProvenanceEvidence
from detectors.foreign.source_types import declares_ai
from labeler.containers.pictures import PICTURES
from labeler.containers.tags import xmp


if TYPE_CHECKING:
    from collections.abc import Iterable

    from labeler.containers.model import Block


SCHEME = "iptc"
NAMESPACE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"

_PROPERTIES = ("DigitalSourceType", "DigitalSourcefileType", "DigitalSourceFileType")
_SYSTEM = "AISystemUsed"
_LAST_WORD = re.compile(r"[A-Za-z]+$")
_MOST = 20


def read(data: bytes, format_name: str) -> ProvenanceEvidence:
    """Return what `read_blocks` does of a picture."""
    return read_blocks(PICTURES[format_name].blocks(data))


def read_blocks(blocks: Iterable[Block]) -> ProvenanceEvidence:
    """
    Return what ``Iptc4xmpExt:DigitalSourceType`` says in the XMP of a file.

    ``declares_ai`` is True for content made by trained models, wholly or in part, and where
    ``AISystemUsed`` names one, False for captures and human work, None when nothing or something
    else is said.
    """
    names: list[str] = []
    systems: list[str] = []
    for block in blocks:
        if block.kind == "xmp" and not block.fault:
            packet = bytes(block.content)
            for name in _PROPERTIES:
                names += xmp.read_property(packet, NAMESPACE, name)
            systems += xmp.read_property(packet, NAMESPACE, _SYSTEM)
    words = [match[0] for name in names[:_MOST] if (match := _LAST_WORD.search(name.strip()))]
    used = [shown for name in systems[:_MOST] if (shown := _printable(name))]
    if not words and not used:
        return ProvenanceEvidence(scheme=SCHEME, found=False)
    fields = {"DigitalSourceType": words, "AISystemUsed": used}
    return ProvenanceEvidence(
        scheme=SCHEME,
        found=True,
        declares_ai=True if used else declares_ai(words),
        fields={name: ", ".join(dict.fromkeys(told)) for name, told in fields.items() if told},
        detail="stated in XMP, not signed",
    )


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable()).strip()[:100]
