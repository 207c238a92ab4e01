"""
Decode a picture file into arrays and encode arrays back the way the file was stored.

This is the one place where Pillow (and for 16-bit pictures OpenCV) meets pixels. What a picture is
stored as (mode, quantisation tables, palette, timing, ICC profile) travels in a `Storage` record;
everything else in the file is carried over at container level (`labeler.containers`).
"""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image, ImageSequence

from labeler.backends import backend
from labeler.errors import CorruptMedia, UnsupportedMedia
from labeler.image.inks import inks_of
from labeler.image.palette import to_palette
from labeler.image.storage import (
    Storage,
    bits_a_channel,
    options_of,
    orientation_of,
    shown_mode,
    storage_of,
)
from labeler.image.turning import disorient, orient


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


_WIDE = {1: "I;16", 3: "RGB;16", 4: "RGBA;16"}
_ANIMATED = frozenset({"gif", "png", "webp", "avif"})
_FOREIGN_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError,
    ZeroDivisionError, AttributeError, struct.error, zlib.error, cv2.error, MemoryError,
    RuntimeError, Warning, Image.DecompressionBombError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    Frames in display orientation, one array each, and how they are stored.

    A frame has shape (H, W) grey, (H, W, 2) grey and alpha, (H, W, 3) RGB or (H, W, 4) RGBA, and
    dtype uint8 or uint16. CMYK pictures show their RGB rendering; `Storage.inks` keeps the inks.
    """

    format: str
    frames: tuple[NDArray[Any], ...]
    storage: Storage

    @classmethod
    def of_pixels(cls, pixels: NDArray[Any]) -> Picture:
        """Wrap one picture held in memory; it has no file and is never encoded."""
        return cls(format="array", frames=(pixels,), storage=Storage(mode="array"))

    def with_frames(self, frames: tuple[NDArray[Any], ...]) -> Picture:
        """Return the same picture with other pixels."""
        return replace(self, frames=frames)


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except _FOREIGN_ERRORS as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CorruptMedia(f"{what} ({reason[:120]}); get an intact copy of the file") from error


def decode_picture(data: bytes, format_name: str) -> Picture:
    """
    Decode a whole picture file, every frame, in display orientation, to be encoded again.

    Parameters
    ----------
    data
        The file. Its size in pixels must have been checked against the limits before.
    format_name
        As `labeler.containers.sniff` names it.

    Raises
    ------
    CorruptMedia
        The file is truncated or malformed.
    UnsupportedMedia
        A colour mode or bit depth that cannot be written back as it was.
    MissingBackend
        HEIC without the ``heic`` extra.
    """
    what = f"the {format_name} picture cannot be decoded"
    with _translated(what), _opened(data, format_name) as image:
        if bits_a_channel(image, data, format_name) > 8:
            return _decode_wide(data, format_name, image)
        return _decode_frames(image, storage_of(image, data, format_name), format_name)


def _decode_frames(image: Image.Image, storage: Storage, format_name: str) -> Picture:
    target = shown_mode(image)
    upright = _turns_by_itself(format_name)
    turned = 1 if upright else storage.orientation
    frames, inks, durations = [], [], []
    for frame in ImageSequence.Iterator(image):
        stored = frame.mode
        shown = frame.convert(target)
        durations.append(int(frame.info.get("duration", 0)))  # WebP knows it once loaded
        frames.append(orient(np.asarray(shown), turned))
        if stored == "CMYK":
            inks.append(orient(np.asarray(frame), turned))
        if format_name not in _ANIMATED | {"tiff"}:
            break
    storage = replace(storage, durations=tuple(durations), inks=tuple(inks))
    return Picture(format=format_name, frames=tuple(frames), storage=storage)


def view_picture(data: bytes, format_name: str, *, most: int = 1) -> tuple[NDArray[np.uint8], ...]:
    """
    Decode a picture for reading: up to ``most`` frames, evenly chosen, first and last included.

    Returns arrays (H, W) or (H, W, 3), uint8, in display orientation. Whatever Pillow can show
    is shown, also modes and depths that `decode_picture` refuses because it must write them back.

    Raises
    ------
    CorruptMedia
        The file is truncated or malformed.
    MissingBackend
        HEIC without the ``heic`` extra.
    """
    what = f"the {format_name} picture cannot be decoded"
    with _translated(what), _opened(data, format_name) as image:
        orientation = 1 if _turns_by_itself(format_name) else orientation_of(image)
        count = getattr(image, "n_frames", 1) if format_name in _ANIMATED | {"tiff"} else 1
        picks = sorted({round(i) for i in np.linspace(0, count - 1, min(most, count))})
        views = []
        for index in picks:
            image.seek(index)
            views.append(orient(_shown(image), orientation))
        return tuple(views)


def _turns_by_itself(format_name: str) -> bool:
    """Say whether the decoder turns pixels upright: Pillow does for TIFF, libheif for HEIC."""
    return format_name in {"tiff", "heic"}


def _shown(image: Image.Image) -> NDArray[np.uint8]:
    """Return one frame as 8-bit grey or RGB; samples of more bits are cut to their upper eight."""
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image).astype(np.float32)
        top = 65535.0 if image.mode != "F" else max(float(np.nanmax(values)), 1e-6)
        scaled: NDArray[np.uint8] = np.clip(np.nan_to_num(values) * (255.0 / top), 0, 255).astype(
            np.uint8
        )
        return scaled
    grey = image.mode in {"1", "L", "LA", "La"}
    pixels: NDArray[np.uint8] = np.asarray(image.convert("L" if grey else "RGB"))
    return pixels


@contextmanager
def _opened(data: bytes, format_name: str) -> Iterator[Image.Image]:
    if format_name == "heic":
        heif = _heif()
        with heif.open_heif(data, convert_hdr_to_8bit=False).to_pillow() as image:
            yield image
        return
    with Image.open(io.BytesIO(data), formats=[format_name.upper()]) as image:
        yield image


def _heif() -> Any:
    return backend("pillow_heif", extra="heic", purpose="reading the pixels of HEIC")


def _decode_wide(data: bytes, format_name: str, image: Image.Image) -> Picture:
    """Decode 16 bits a channel with OpenCV: Pillow would cut colour to 8 bits without a word."""
    if format_name not in {"png", "tiff"} or getattr(image, "n_frames", 1) > 1:
        raise UnsupportedMedia(
            f"a {format_name} picture of more than 8 bits a channel cannot be re-encoded as it is; "
            "use --layers metadata, or save it as 16-bit PNG"
        )
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None:
        raise CorruptMedia("the picture cannot be decoded; get an intact copy of the file")
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    grey_alpha = image.mode in {"LA", "La"} or (format_name == "png" and data[25] == 4)
    if pixels.dtype != np.uint16 or channels not in _WIDE or grey_alpha:
        raise UnsupportedMedia(
            "only 8 and 16 bits a channel, grey, RGB or RGBA, can be written back; "
            "convert the picture first"
        )
    if channels > 1:
        pixels = pixels[..., [2, 1, 0, 3][:channels]]
    orientation = orientation_of(image)
    storage = Storage(
        mode=_WIDE[channels],
        orientation=orientation,
        icc=image.info.get("icc_profile"),
        options=options_of(image, data, format_name),
        durations=(0,),
    )
    turned = 1 if _turns_by_itself(format_name) else orientation  # OpenCV turns TIFF, too
    frame = orient(np.ascontiguousarray(pixels), turned)
    return Picture(format=format_name, frames=(frame,), storage=storage)


def encode_picture(picture: Picture) -> bytes:
    """
    Encode the frames in the format, mode, tables and timing they were stored with.

    Metadata other than the ICC profile is not written: carry it over from the source with
    `labeler.containers`. A JPEG keeps its quantisation tables and chroma sampling; lossy WebP and
    AVIF do not say how they were coded and are coded at `WEBP_QUALITY` and `AVIF_QUALITY`.
    """
    storage = picture.storage
    with _translated(f"the {picture.format} picture cannot be encoded"):
        stored = [disorient(frame, storage.orientation) for frame in picture.frames]
        if storage.mode.endswith(";16"):
            return _encode_wide(stored[0], picture)
        images = _stored_images(stored, picture)
        options = dict(storage.options)
        if storage.icc:
            options["icc_profile"] = storage.icc
        if options.get("save_all"):
            options["append_images"] = images[1:]
            if picture.format in _ANIMATED:
                options["duration"] = list(storage.durations)
        if picture.format == "avif" and storage.orientation != 1:
            exif = Image.Exif()
            exif[274] = storage.orientation
            options["exif"] = exif
        return _saved(images[0], picture.format, options)


def _saved(image: Image.Image, format_name: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    if format_name == "heic":
        image.info["icc_profile"] = options.get("icc_profile")
        _heif().from_pillow(image).save(buffer, quality=90)
    else:
        image.save(buffer, format_name.upper(), **options)
    return buffer.getvalue()


def _stored_images(stored: list[NDArray[Any]], picture: Picture) -> list[Image.Image]:
    mode = picture.storage.mode
    if mode == "CMYK":
        inks = [disorient(ink, picture.storage.orientation) for ink in picture.storage.inks]
        return [
            Image.fromarray(inks_of(rgb, ink), "CMYK")
            for rgb, ink in zip(stored, inks, strict=True)
        ]
    images = [Image.fromarray(np.ascontiguousarray(frame)) for frame in stored]
    if mode in {"P", "PA"} or picture.format == "gif":
        return to_palette(images)
    if mode in {"1", "YCbCr", "LAB", "RGBX"} and images[0].mode in {"L", "RGB"}:
        return [image.convert(mode) for image in images]
    return images


def _encode_wide(frame: NDArray[Any], picture: Picture) -> bytes:
    channels = 1 if frame.ndim == 2 else frame.shape[2]
    if channels > 1:
        frame = np.ascontiguousarray(frame[..., [2, 1, 0, 3][:channels]])
    done, buffer = cv2.imencode(f".{picture.format}", frame)
    if not done:
        raise CorruptMedia("the 16-bit picture cannot be encoded")
    return buffer.tobytes()
