"""Put the metadata label into a sound file: lossless, one copy, read back (R-30, R-40, R-41)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.containers.sounds import sound_container_of
from labeler.errors import LabelConflict, LayerFailed
from labeler.image.metadata import format_value


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from labeler.model import Label


_BLOCK = 1 << 20


def write_label(data: bytes, label: Label, *, value_form: str = "guide") -> bytes:
    """
    Return the sound with the label as its one metadata copy, at the guide's place for its format.

    Parameters
    ----------
    data
        A WAV (RF64, BW64), MP3, FLAC, Ogg, M4A, AIFF or WMA file; its coded sound is not touched
        (R-40), nor are tags of others.
    label
        The facts.
    value_form
        ``guide`` or ``wrapped`` (R-61).

    Raises
    ------
    UnsupportedMedia
        Another format, protected sound, or a file with no place for a label (R-42).
    CorruptMedia, MediaTooLarge
        The file is malformed, or the label does not fit.
    LabelConflict
        An older copy stands where it cannot be replaced (R-30).
    LayerFailed
        The label did not read back, or the sound changed (R-41).
    """
    return write_fields(data, label.fields(), value_form=value_form)


def write_fields(data: bytes, fields: Mapping[str, str], *, value_form: str = "guide") -> bytes:
    """
    Do what `write_label` does with fields that need not make a whole label (Measures art. 6 ¶2).

    Fields that are not given are written empty: the object has all seven keys (R-24).
    """
    value = format_value(fields, value_form=value_form)
    container = sound_container_of(data)
    written = container.write(data, value)
    copies = [carrier for carrier in container.find(written) if not carrier.fault]
    others = [carrier for carrier in copies if carrier.text != value]
    if others:
        raise LabelConflict(
            f"another copy of a label stands in {others[0].place}, among words of others, and "
            "cannot be replaced there; only one copy may be in a file (GB 45438-2025 6.1 c)"
        )
    if len(copies) != 1:
        raise LayerFailed(f"the metadata label was written and reads back {len(copies)} times")
    if not _same(container.payload_bytes(data), container.payload_bytes(written)):
        raise LayerFailed("the coded sound changed while the label was written; nothing was kept")
    return written


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """
    Yield the sound-bearing bytes of a file only, for digests that no tag can change.

    Raises `LabelError` as `write_label` does for files that are no sound.
    """
    return sound_container_of(data).payload_bytes(data)


def _same(one: Iterator[memoryview], other: Iterator[memoryview]) -> bool:
    """Compare two sequences of bytes, however they are cut, without copying them as a whole."""
    first, second = next(one, None), next(other, None)
    while first is not None and second is not None:
        size = min(len(first), len(second), _BLOCK)
        # As bytes: views are compared item by item, a hundred times slower.
        if bytes(first[:size]) != bytes(second[:size]):
            return False
        first = first[size:] if len(first) > size else next(one, None)
        second = second[size:] if len(second) > size else next(other, None)
    return first is None and second is None
