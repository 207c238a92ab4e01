"""Everything that can be asked of `labeler.apply`, in one frozen record with its defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeler.errors import UnknownPolicy
from labeler.keys import DEFAULT_KEY, Key
from labeler.model import Layer


if TYPE_CHECKING:
    from collections.abc import Iterable

    from labeler.registry.records import Registry
    from labeler.signing.credential import Credential
    from labeler.signing.keys import SigningKey

DEFAULT_POSITION = "bottom-right"
"""Where a visible label goes unless asked; sound and text have their own first place instead."""

EXTRAS = ("sound", "audible", "subtitles")
"""
What ``--layers`` names besides layers, of a video: the mark and the audible label in its sound
tracks, and the visible label in the subtitle files beside it.
"""

LAYERS = (Layer.VISIBLE, Layer.WATERMARK, Layer.METADATA)
"""The layers that can be applied, in the order of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    How to label.

    ``layers`` None means all three, as far as the content can carry them: a picture in memory has
    no file metadata, and the receipt says so. A layer that is named and cannot be applied is an
    error. ``language`` None is the policy's. Of sound, ``audible`` is ``rhythm`` or ``voice``,
    and ``prompt`` a recording to use as the spoken label. Of video, ``vcodec``, ``crf`` and
    ``preset`` are for the encoder (`labeler.video.encoders.Encoding`); ``sound`` puts the mark into
    the sound tracks as well, ``cue`` the audible label, and ``subtitles`` labels the SRT and VTT
    files of the same name. ``self_check`` reads every layer back from the encoded result before it
    is returned. ``sidecar`` is what lies in the sidecar of a text that has no place for metadata,
    ``b""`` when there is none yet; None means that there can be none, so the metadata layer is left
    out.

    ``sign_key`` signs the label and the content into ReservedCode1, ``credential`` signs the whole
    file with C2PA at the end, and ``source_type`` is the IPTC word to write into XMP
    (docs/signing.md). ``registry`` is where the item is recorded, with ``recipient`` and
    ``agreement`` when it is given out without a visible label (Measures art. 9).
    """

    layers: tuple[Layer, ...] | None = None
    policy: str = "cn"
    language: str | None = None
    text: str | None = None
    position: str = DEFAULT_POSITION
    style: str = "plate"
    height_mode: str = "strict"
    font: str | None = None
    audible: str = "rhythm"
    prompt: bytes | None = None
    vcodec: str | None = None
    crf: float | None = None
    preset: str | None = None
    sound: bool = False
    cue: bool = False
    subtitles: bool = False
    key: Key = DEFAULT_KEY
    strength: str = "default"
    value_form: str = "guide"
    self_check: bool = True
    sign_key: SigningKey | None = None
    credential: Credential | None = None
    source_type: str | None = None
    sidecar: bytes | None = None
    registry: Registry | None = None
    recipient: str = ""
    agreement: str = ""

    def wants(self, layer: Layer) -> bool:
        """Say whether ``layer`` is to be applied."""
        return self.layers is None or layer in self.layers


def parse_layers(names: str | Iterable[str | Layer]) -> tuple[Layer, ...]:
    """
    Return the layers named, in the order of work.

    >>> [layer.value for layer in parse_layers("metadata, visible")]
    ['visible', 'metadata']
    """
    given = names.split(",") if isinstance(names, str) else list(names)
    asked = {str(name).strip().lower() for name in given} - {""}
    known = {layer.value for layer in LAYERS}
    if not asked or asked - known:
        wrong = ", ".join(sorted(asked - known)) or "nothing"
        raise UnknownPolicy(
            f"layers are visible, watermark and metadata (of videos also {', '.join(EXTRAS)}), not "
            f"{wrong}"
        )
    return tuple(layer for layer in LAYERS if layer.value in asked)


def split_layers(names: str | Iterable[str | Layer]) -> tuple[str, frozenset[str]]:
    """
    Return the layers named without `EXTRAS`, and those of the extras that were named.

    >>> split_layers("watermark,Sound")
    ('watermark', frozenset({'sound'}))
    """
    given = names.split(",") if isinstance(names, str) else [str(name) for name in names]
    named = [name.strip() for name in given if name.strip()]
    extras = frozenset(name.lower() for name in named) & frozenset(EXTRAS)
    return ",".join(name for name in named if name.lower() not in EXTRAS), extras


def layers_and_extras(names: str | Iterable[str | Layer]) -> dict[str, Any]:
    """
    Return what a list of names says as fields of `Options`: ``layers`` and the extras.

    Raises `UnknownPolicy` for names that are neither. Extras alone mean no layer but them.

    >>> layers_and_extras("sound")["layers"], layers_and_extras("audible")["cue"]
    ((), True)
    """
    named, extras = split_layers(names)
    return {
        "layers": parse_layers(named) if named or not extras else (),
        "sound": "sound" in extras,
        "cue": "audible" in extras,
        "subtitles": "subtitles" in extras,
    }
