"""
Marks that generators leave in metadata: settings, signatures and names, unsigned and easily lost.

Each is read by a form that ordinary files do not have, never by a single word: "parameters" alone
is nothing, with steps and sampler it is a generation record of Stable Diffusion.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from detectors.evidence import ProvenanceEvidence
from labeler.containers.carriers import decoded
from labeler.containers.tags import exif, xmp
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.containers.model import Block

SCHEME = "generator"

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WHOLE_UUID = re.compile(_UUID, re.IGNORECASE)
_XAI_SIGNATURE = re.compile(r"Signature:\s*[A-Za-z0-9+/=]{64,}")
_MIDJOURNEY_JOB = re.compile(rf"Job ID: ({_UUID})", re.IGNORECASE)
_SETTINGS = re.compile(r"\bSteps: \d{1,5}\b[^\n]{0,200}?\bSampler: ([\w +.-]{1,40})")
_NAMES = re.compile(
    r"\b(Midjourney|Stable Diffusion(?: XL)?|DALL[-·]?E(?: ?[23])?|NovelAI|ComfyUI|InvokeAI"
    r"|AUTOMATIC1111|Adobe Firefly|Luma AI|DreamStudio|NightCafe|Ideogram AI|Grok Imagine"
    r"|Leonardo\.Ai|Made with Google AI|Edited with Google AI|Apple Image Playground)(?!\w)",
    re.IGNORECASE,
)
_NAMING_TAGS = (0x0131, 0x010F, 0x013B, 0x010E)  # Software, Make, Artist, ImageDescription
_DESCRIPTION, _ARTIST = 0x010E, 0x013B
_NAMING_KEYS = frozenset({"software", "source", "comment", "generator", "creator"})
_INVOKE_KEYS = frozenset({"invokeai_metadata", "sd-metadata", "dream", "invokeai_graph"})
_XMP_NAMES = (
    ("http://ns.adobe.com/xap/1.0/", "CreatorTool"),
    ("http://ns.adobe.com/photoshop/1.0/", "Credit"),
)
_MOST_JSON = LIMITS.text_bytes
_SHOWN = 80


def read_blocks(blocks: Iterable[Block]) -> ProvenanceEvidence:
    """
    Return what generators say of themselves in the metadata of one file.

    ``fields`` name each generator and what it left: xAI's signature pair, Midjourney's job number,
    settings of Stable Diffusion front ends, graphs of ComfyUI, names in software fields. Each of
    them declares generated content; none is signed.
    """
    found: dict[str, str] = {}
    for block in blocks:
        if not block.fault:
            for name, told in _in_block(block):
                found.setdefault(name, _printable(told))
    if not found:
        return ProvenanceEvidence(scheme=SCHEME, found=False)
    return ProvenanceEvidence(
        scheme=SCHEME,
        found=True,
        declares_ai=True,
        fields=found,
        detail="left in the metadata by the generator, not signed",
    )


def _in_block(block: Block) -> Iterator[tuple[str, str]]:
    if block.kind == "exif":
        yield from _in_exif(exif.texts_of(bytes(block.content)))
    elif block.kind == "xmp":
        for uri, local in _XMP_NAMES:
            for value in xmp.read_property(bytes(block.content), uri, local):
                yield from _names_in(value)
    elif block.kind == "text" and len(block.content) <= LIMITS.text_bytes:
        yield from _in_text(block.key, decoded(block.content))


def _in_exif(texts: dict[int, str]) -> Iterator[tuple[str, str]]:
    description = texts.get(_DESCRIPTION, "")
    artist = _WHOLE_UUID.fullmatch(texts.get(_ARTIST, ""))
    if artist and _XAI_SIGNATURE.match(description):
        yield "xAI", f"signature in EXIF ImageDescription, artist {artist[0]}"
    for tag in _NAMING_TAGS:
        yield from _names_in(texts.get(tag, ""))
    for text in texts.values():
        yield from _settings_in(text)


def _in_text(key: str, text: str) -> Iterator[tuple[str, str]]:
    folded = key.casefold()
    if match := _MIDJOURNEY_JOB.search(text):
        yield "Midjourney", f"job {match[1]}"
    if folded in {"parameters", "comment", "description", "usercomment"}:
        yield from _settings_in(text)
    if folded in {"prompt", "workflow"} and (kind := _graph(text)):
        yield "ComfyUI", f"{kind} in {folded}"
    if folded in _INVOKE_KEYS:
        yield "InvokeAI", f"settings in {key}"
    if folded == "fooocus_scheme":
        yield "Fooocus", "settings"
    if folded in _NAMING_KEYS:
        yield from _names_in(text)


def _settings_in(text: str) -> Iterator[tuple[str, str]]:
    if match := _SETTINGS.search(text[:_MOST_JSON]):
        yield "Stable Diffusion settings", f"sampler {match[1].strip()}"


def _names_in(text: str) -> Iterator[tuple[str, str]]:
    if match := _NAMES.search(text[:400]):
        yield match[1], text.strip()


def _graph(text: str) -> str:
    """Return what a JSON text of ComfyUI is, '' when it is none."""
    if not text.lstrip().startswith("{") or not ("class_type" in text or '"nodes"' in text):
        return ""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, dict):
        return ""
    nodes = [node for node in found.values() if isinstance(node, dict) and "class_type" in node]
    if nodes:
        return f"graph of {len(nodes)} nodes"
    return "workflow" if isinstance(found.get("nodes"), list) and "links" in found else ""


def _printable(text: str) -> str:
    shown = "".join(character if character.isprintable() else " " for character in text)
    return shown.strip()[:_SHOWN]
