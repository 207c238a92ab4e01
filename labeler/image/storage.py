"""How a picture file stores its pixels: what encoding needs and the pixels do not tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

_MODES = {"1": "L", "L": "L", "LA": "LA", "P": "RGB", "PA": "RGBA", "RGB": "RGB", "RGBA": "RGBA"}
_MODES |= {"RGBX": "RGB", "La": "LA", "RGBa": "RGBA", "CMYK": "RGB", "YCbCr": "RGB", "LAB": "RGB"}
WEBP_QUALITY = 92
AVIF_QUALITY = 85
"""Lossy formats that do not say how they were coded are coded at these qualities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """How a picture is stored: what encoding needs and the pixels do not tell."""

    mode: str
    orientation: int = 1
    icc: bytes | None = None
    options: dict[str, Any] = field(default_factory=dict)
    durations: tuple[int, ...] = ()
    inks: tuple[NDArray[np.uint8], ...] = ()


def bits_a_channel(image: Image.Image, data: bytes, format_name: str) -> int:
    """Return the bits a channel of the stored samples."""
    if format_name == "png":
        return data[24] if len(data) > 24 else 0
    if format_name == "tiff":
        bits = getattr(image, "tag_v2", {}).get(258, (8,))
        return max(bits) if isinstance(bits, tuple) else int(bits)
    if format_name == "avif":
        return _av1_bits(data)
    if image.mode.startswith(("I", "F")) or ";" in image.mode:
        return 16
    return 8


def _av1_bits(data: bytes) -> int:
    """Read high_bitdepth and twelve_bit from the av1C box (AV1-ISOBMFF 2.3.3)."""
    at = data.find(b"av1C", 0, 1 << 16)
    if at < 0 or at + 7 > len(data):
        return 8
    flags = data[at + 6]
    return (12 if flags & 0x20 else 10) if flags & 0x40 else 8


def shown_mode(image: Image.Image) -> str:
    """Return the Pillow mode in which pixels are changed: grey or RGB, alpha if there is any."""
    if image.mode not in _MODES:
        raise UnsupportedMedia(
            f"pictures of mode {image.mode} cannot be changed without loss; save it as RGB or grey"
        )
    if "transparency" in image.info and image.mode in {"P", "L", "RGB", "1"}:
        return "LA" if image.mode in {"L", "1"} else "RGBA"
    if getattr(image, "is_animated", False) and image.format == "GIF":
        return "RGBA"  # later frames may leave holes
    return _MODES[image.mode]


def storage_of(image: Image.Image, data: bytes, format_name: str) -> Storage:
    """Return everything needed to store changed pixels the way ``image`` is stored."""
    return Storage(
        mode=image.mode,
        orientation=orientation_of(image) if format_name != "heic" else 1,
        icc=image.info.get("icc_profile"),
        options=options_of(image, data, format_name),
    )


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; anything else counts as 1."""
    value = image.getexif().get(274, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def options_of(image: Image.Image, data: bytes, format_name: str) -> dict[str, Any]:
    """Return the keyword arguments that make Pillow store the picture as it was stored."""
    return _OPTIONS[format_name](image, data) if format_name in _OPTIONS else {}


def _jpeg_options(image: Image.Image, _: bytes) -> dict[str, Any]:
    from PIL import JpegImagePlugin

    sampling = JpegImagePlugin.get_sampling(cast("Any", image))
    tables = getattr(image, "quantization", {})
    options: dict[str, Any] = {
        "qtables": [tables[i] for i in sorted(tables)],
        "optimize": True,
        "progressive": bool(image.info.get("progressive")),
    }
    if sampling >= 0:
        options["subsampling"] = sampling
    if "dpi" in image.info:
        options["dpi"] = image.info["dpi"]
    return options


def _png_options(image: Image.Image, _: bytes) -> dict[str, Any]:
    animated = getattr(image, "n_frames", 1) > 1 or getattr(image, "default_image", False)
    if not animated:
        return {}
    options: dict[str, Any] = {"save_all": True, "loop": int(image.info.get("loop", 0))}
    if getattr(image, "default_image", False):
        options["default_image"] = True
    return options


def _webp_options(image: Image.Image, data: bytes) -> dict[str, Any]:
    lossless = b"VP8L" in data[:64] or (b"ANMF" in data[:256] and b"VP8L" in data[:4096])
    options: dict[str, Any] = {"lossless": lossless, "method": 4}
    options |= {"exact": True, "quality": 75} if lossless else {"quality": WEBP_QUALITY}
    if getattr(image, "n_frames", 1) > 1:
        options |= {"save_all": True, "loop": int(image.info.get("loop", 0))}
        options |= {"background": image.info.get("background", (0, 0, 0, 0))}
    return options


def _gif_options(image: Image.Image, _: bytes) -> dict[str, Any]:
    options: dict[str, Any] = {"optimize": False}
    if getattr(image, "n_frames", 1) > 1:
        options["save_all"] = True
    if "loop" in image.info:
        options["loop"] = image.info["loop"]
    return options


def _tiff_options(image: Image.Image, _: bytes) -> dict[str, Any]:
    compression = image.info.get("compression", "raw")
    lossy = compression in {"jpeg", "tiff_jpeg", "webp"}
    options: dict[str, Any] = {"compression": "tiff_lzw" if lossy else compression}
    if "dpi" in image.info:
        options["dpi"] = image.info["dpi"]
    if getattr(image, "n_frames", 1) > 1:
        options["save_all"] = True
    return options


def _avif_options(image: Image.Image, _: bytes) -> dict[str, Any]:
    options: dict[str, Any] = {"quality": AVIF_QUALITY, "speed": 6}
    if getattr(image, "n_frames", 1) > 1:
        options["save_all"] = True
    return options


_OPTIONS = {
    "jpeg": _jpeg_options,
    "png": _png_options,
    "webp": _webp_options,
    "gif": _gif_options,
    "tiff": _tiff_options,
    "avif": _avif_options,
}
