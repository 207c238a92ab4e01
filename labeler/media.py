"""What a file is, by its content: modality, format, and whether it is within the limits."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.containers.documents import DOCUMENT_ENDINGS, document_container_of
from labeler.containers.pictures import container_of
from labeler.containers.registry import family_of
from labeler.containers.sounds import sound_container_of
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS, Limits


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from labeler.containers.audio.model import SoundHeader
    from labeler.containers.model import Header
    from labeler.containers.text.model import DocumentHeader

EXTENSIONS = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "png": (".png", ".apng"),
    "webp": (".webp",),
    "gif": (".gif",),
    "tiff": (".tif", ".tiff"),
    "avif": (".avif", ".avifs"),
    "heic": (".heic", ".heif", ".hif"),
    "wav": (".wav", ".wave", ".bwf", ".rf64", ".bw64"),
    "mp3": (".mp3",),
    "flac": (".flac",),
    "ogg": (".ogg", ".oga", ".opus", ".spx"),
    "m4a": (".m4a", ".m4b", ".mp4"),
    "aiff": (".aiff", ".aif", ".aifc"),
    "wma": (".wma", ".asf"),
    "mp4": (".mp4", ".m4v", ".3gp", ".3g2", ".f4v", ".mov"),
    "mov": (".mov", ".qt", ".mp4", ".m4v"),
    "mkv": (".mkv", ".mk3d"),
    "webm": (".webm",),
    "flv": (".flv",),
    "avi": (".avi", ".divx"),
    "wmv": (".wmv", ".asf"),
    **DOCUMENT_ENDINGS,
}
"""Usual name endings per format, the first one for advice."""


def open_header(data: bytes, limits: Limits = LIMITS, *, size: int | None = None) -> Header:
    """
    Return what a picture file says of itself, checked against the limits; nothing is decoded.

    ``size`` is that of the whole file in bytes, where ``data`` comes without its content.

    Raises
    ------
    UnsupportedMedia
        Not a picture of a known format (R-42, R-51).
    MediaTooLarge
        Over a limit on bytes, pixels or frames.
    CorruptMedia
        No size, or the header is broken.
    """
    if not data:
        raise CorruptMedia("it is empty (zero bytes)")
    size = size or len(data)
    if size > limits.file_bytes:
        raise MediaTooLarge(f"it has {size:,} bytes; the limit is {limits.file_bytes:,}")
    header = container_of(data).probe(data)
    pixels = header.width * header.height
    if pixels == 0:
        raise CorruptMedia(f"the picture is {header.width} x {header.height} pixels")
    if pixels > limits.pixels:
        raise MediaTooLarge(
            f"{header.width} x {header.height} pixels are over the limit of {limits.pixels:,}"
        )
    dense = limits.jpeg_pixels_per_byte if header.format == "jpeg" else limits.pixels_per_byte
    if pixels > max(limits.dense_from, dense * size):
        raise MediaTooLarge(
            f"{header.width} x {header.height} pixels in {size:,} bytes: no picture packs "
            f"more than {dense} pixels into a byte; the size field is broken, or it is a bomb"
        )
    if header.frames > limits.frames or header.total_pixels > limits.animation_pixels:
        raise MediaTooLarge(
            f"{header.frames:,} frames of {header.width} x {header.height} pixels are over the "
            f"limit of {limits.frames:,} frames or {limits.animation_pixels:,} pixels in all"
        )
    return header


def open_sound_header(data: bytes, limits: Limits = LIMITS) -> SoundHeader:
    """
    Return what a sound file says of itself, checked against the limits; nothing is decoded.

    Protected sound has a header too (``protected``): it can be verified, not labelled.

    Raises
    ------
    UnsupportedMedia
        Not a sound file of a known format; a picture in disguise is named (R-42, R-51).
    MediaTooLarge
        Over the limit on bytes.
    CorruptMedia
        No sound in it, or the header is broken.
    """
    if not data:
        raise CorruptMedia("it is empty (zero bytes)")
    if len(data) > limits.file_bytes:
        raise MediaTooLarge(f"it has {len(data):,} bytes; the limit is {limits.file_bytes:,}")
    header = sound_container_of(data).probe(data)
    if header.channels == 0 or header.rate == 0:
        raise CorruptMedia(f"the sound has {header.channels} channels at {header.rate} Hz")
    return header


def open_document_header(data: bytes, name: str = "", limits: Limits = LIMITS) -> DocumentHeader:
    """
    Return what a document says of itself, checked against the limits.

    ``name`` is the file name, which tells text formats apart. Raises as `open_header` does.
    """
    if not data:
        raise CorruptMedia("it is empty (zero bytes)")
    if len(data) > limits.file_bytes:
        raise MediaTooLarge(f"it has {len(data):,} bytes; the limit is {limits.file_bytes:,}")
    return document_container_of(data, name).probe(data)


def open_file_header(
    data: bytes, name: str = "", limits: Limits = LIMITS
) -> Header | SoundHeader | DocumentHeader:
    """Return what a file of any modality says of itself, checked against the limits."""
    if not data:
        raise CorruptMedia("it is empty (zero bytes)")
    family = family_of(data, name)
    if family == "text":
        return open_document_header(data, name, limits)
    return _OPENERS[family](data, limits)


_OPENERS: Mapping[str, Callable[[bytes, Limits], Header | SoundHeader]] = MappingProxyType(
    {"image": open_header, "audio": open_sound_header}
)


def check_extension(path: Path, format_name: str) -> None:
    """Raise `UnsupportedMedia` when the name says another format than the content."""
    endings = EXTENSIONS.get(format_name)
    if endings is None:
        return  # what cannot be labelled is refused as such, whatever it is called
    if path.suffix.lower() not in endings:
        right = path.with_suffix(endings[0]).name
        raise UnsupportedMedia(
            f"the content is {format_name.upper()}, the name ends in "
            f"{path.suffix or 'nothing'}; call it {right}"
        )
