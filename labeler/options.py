"""Everything that can be asked of `labeler.apply`, in one frozen record with its defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.errors import UnknownPolicy
from labeler.keys import DEFAULT_KEY, Key
from labeler.model import Layer


if TYPE_CHECKING:
    from collections.abc import Iterable

    from labeler.signing.credential import Credential
    from labeler.signing.keys import SigningKey

DEFAULT_POSITION = "bottom-right"
"""Where a visible label goes unless asked; sound and text have their own first place instead."""

SOUND = "sound"
"""What ``--layers`` names besides layers: put the mark into the sound tracks of a video too."""

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
    ``preset`` are for the encoder (`labeler.video.encoders.Encoding`), and ``sound`` puts the mark
    into the sound tracks as well. ``self_check`` reads every layer back
    from the encoded result before it is returned.

    ``sign_key`` signs the label and the content into ReservedCode1, ``credential`` signs the whole
    file with C2PA at the end, and ``source_type`` is the IPTC word to write into XMP
    (docs/signing.md).
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
    key: Key = DEFAULT_KEY
    strength: str = "default"
    value_form: str = "guide"
    self_check: bool = True
    sign_key: SigningKey | None = None
    credential: Credential | None = None
    source_type: str | None = None

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
        raise UnknownPolicy(f"layers are visible, watermark and metadata, not {wrong}")
    return tuple(layer for layer in LAYERS if layer.value in asked)


def split_layers(names: str) -> tuple[str, bool]:
    """
    Return the layers named without ``sound``, and whether it was named: the tracks of a video.

    >>> split_layers("watermark,sound"), split_layers("")
    (('watermark', True), ('', False))
    """
    given = [name.strip() for name in names.split(",") if name.strip()]
    others = [name for name in given if name.lower() != SOUND]
    return ",".join(others), len(others) < len(given)
