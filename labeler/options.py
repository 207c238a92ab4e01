"""Everything that can be asked of `labeler.apply`, in one frozen record with its defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.errors import UnknownPolicy
from labeler.keys import DEFAULT_KEY, Key
from labeler.model import Layer


if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT_POSITION = "bottom-right"
"""Where a visible label goes unless asked; sound and text have their own first place instead."""

LAYERS = (Layer.VISIBLE, Layer.WATERMARK, Layer.METADATA)
"""The layers that can be applied, in the order of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    How to label.

    ``layers`` None means all three, as far as the content can carry them: a picture in memory has
    no file metadata, and the receipt says so. A layer that is named and cannot be applied is an
    error. ``language`` None is the policy's. Of sound, ``audible`` is ``rhythm`` or ``voice``,
    and ``prompt`` a recording to use as the spoken label. ``self_check`` reads every layer back
    from the encoded result before it is returned.
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
    key: Key = DEFAULT_KEY
    strength: str = "default"
    value_form: str = "guide"
    self_check: bool = True

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
