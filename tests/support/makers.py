"""Media made for tests: seeded pictures and their encodings, one maker a format."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from PIL import Image


if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PRODUCER = "001191440300708461136T1XGW3"
OTHER_PRODUCER = "001191110102MACQD9K64010000"


@cache
def photo(name: str = "astronaut", side: int = 400) -> NDArray[np.uint8]:
    """A photograph that scikit-image ships, about ``side`` pixels square, RGB."""
    from skimage import data

    picture = getattr(data, name)()
    height, width = picture.shape[:2]
    least = min(height, width)
    square = picture[:least, :least]
    out = np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    out.flags.writeable = False
    return out


def noise(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth seeded noise, RGB."""
    small = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3))
    large = cv2.resize(small.astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8)


def _saved(image: Image.Image, format_name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def _frames(rgb: NDArray[np.uint8]) -> list[Image.Image]:
    return [Image.fromarray(np.roll(rgb, 7 * i, 1)) for i in range(3)]


def _animated(rgb: NDArray[np.uint8], format_name: str, **options: Any) -> bytes:
    first, *rest = _frames(rgb)
    timing = {"save_all": True, "append_images": rest, "duration": [100, 200, 300], "loop": 0}
    return _saved(first, format_name, **timing, **options)


def _heic(rgb: NDArray[np.uint8]) -> bytes:
    heif = pytest.importorskip("pillow_heif", reason="HEIC needs the heic extra")
    buffer = io.BytesIO()
    heif.from_pillow(Image.fromarray(rgb)).save(buffer, quality=90)
    return buffer.getvalue()


def _wide(rgb: NDArray[np.uint8], ending: str) -> bytes:
    fine = rgb[..., ::-1].astype(np.uint16) * 257
    return cv2.imencode(ending, fine)[1].tobytes()


MAKERS: dict[str, Callable[[NDArray[np.uint8]], bytes]] = {
    "jpeg": lambda a: _saved(Image.fromarray(a), "JPEG", quality=88),
    "jpeg-grey": lambda a: _saved(Image.fromarray(a).convert("L"), "JPEG", quality=88),
    "jpeg-cmyk": lambda a: _saved(Image.fromarray(a).convert("CMYK"), "JPEG", quality=92),
    "jpeg-progressive": lambda a: _saved(Image.fromarray(a), "JPEG", progressive=True),
    "png": lambda a: _saved(Image.fromarray(a), "PNG"),
    "png-alpha": lambda a: _saved(Image.fromarray(a).convert("RGBA"), "PNG"),
    "png-grey-alpha": lambda a: _saved(Image.fromarray(a).convert("LA"), "PNG"),
    "png-palette": lambda a: _saved(Image.fromarray(a).quantize(200), "PNG"),
    "png-16": lambda a: _wide(a, ".png"),
    "apng": lambda a: _animated(a, "PNG"),
    "webp": lambda a: _saved(Image.fromarray(a), "WEBP", quality=88),
    "webp-lossless": lambda a: _saved(Image.fromarray(a), "WEBP", lossless=True),
    "webp-animated": lambda a: _animated(a, "WEBP", quality=90),
    "gif": lambda a: _saved(Image.fromarray(a), "GIF"),
    "gif-animated": lambda a: _animated(a, "GIF"),
    "tiff": lambda a: _saved(Image.fromarray(a), "TIFF", compression="tiff_lzw"),
    "tiff-pages": lambda a: _saved(
        Image.fromarray(a), "TIFF", save_all=True, append_images=_frames(a)[1:]
    ),
    "tiff-16": lambda a: _wide(a, ".tiff"),
    "avif": lambda a: _saved(Image.fromarray(a), "AVIF", quality=88),
    "heic": _heic,
}
"""Every picture format and the ways it stores pixels."""

ENDINGS = {"jpeg": ".jpg", "png": ".png", "apng": ".png", "webp": ".webp", "gif": ".gif"}
ENDINGS |= {"tiff": ".tiff", "avif": ".avif", "heic": ".heic"}


def ending_of(maker: str) -> str:
    """The usual name ending of what a maker makes."""
    return ENDINGS[maker.split("-", maxsplit=1)[0]]


@cache
def make(maker: str, name: str = "astronaut", side: int = 400) -> bytes:
    """The bytes of a photograph as one of `MAKERS` stores it."""
    return MAKERS[maker](photo(name, side))


def save(image: Image.Image, format_name: str, **options: Any) -> bytes:
    """Encode a PIL image to bytes."""
    return _saved(image, format_name, **options)
