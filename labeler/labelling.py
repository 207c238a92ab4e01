"""
One file, any modality: who labels it is decided by what it is, never by its name (R-51).

Modules of a modality are imported when a file of theirs comes in, so nobody pays for the others.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from labeler.containers import CONTAINERS, container_of, sniff
from labeler.containers.sounds import SOUNDS
from labeler.model import Modality


if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from labeler.containers import PictureContainer
    from labeler.containers.sound_model import SoundContainer
    from labeler.model import Label, Labelled
    from labeler.options import Options


class FileLabeller(Protocol):
    """What a modality brings to label its files."""

    def __call__(self, data: bytes, label: Label, options: Options) -> Labelled:
        """Label the bytes of one file and read everything back, or raise."""


def any_container_of(data: bytes) -> PictureContainer | SoundContainer:
    """Return the container of a file of any modality; raise `UnsupportedMedia` for others."""
    name = sniff(data) or ""
    if name in SOUNDS:
        return SOUNDS[name]
    return container_of(data)


_FORMATS: Mapping[Modality, Collection[str]] = MappingProxyType(
    {Modality.IMAGE: CONTAINERS, Modality.AUDIO: SOUNDS}
)
_LABELLERS: Mapping[Modality, tuple[str, str]] = MappingProxyType(
    {
        Modality.IMAGE: ("labeler.image.label", "label_picture"),
        Modality.AUDIO: ("labeler.audio.label", "label_sound"),
    }
)


_WRITERS: Mapping[Modality, str] = MappingProxyType(
    {Modality.IMAGE: "labeler.image.metadata", Modality.AUDIO: "labeler.audio.metadata"}
)


def modality_of(data: bytes) -> Modality:
    """
    Return what kind of content a file is, by its first bytes.

    Raises `UnsupportedMedia` when it is of no format that can be labelled.
    """
    name = sniff(data) or ""
    for modality, formats in _FORMATS.items():
        if name in formats:
            return modality
    container_of(data)  # says what it is instead
    return Modality.UNKNOWN


def label_file(data: bytes, label: Label, options: Options) -> Labelled:
    """
    Return the file with every layer that ``options`` ask for, in its own format.

    Raises `LabelError` as the labeller of its modality does; `UnsupportedMedia` when the file is
    of no format that can be labelled.
    """
    module, function = _LABELLERS[modality_of(data)]
    labeller: FileLabeller = getattr(import_module(module), function)
    return labeller(data, label, options)


def write_file_fields(data: bytes, fields: Mapping[str, str]) -> bytes:
    """Return the file with these fields as its one metadata label; raises as its writer does."""
    module = _WRITERS[modality_of(data)]
    written: bytes = import_module(module).write_fields(data, fields)
    return written
