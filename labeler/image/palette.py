"""Colours to palette and back: GIF and palette PNG, one palette for all frames."""

from __future__ import annotations

import numpy as np
from PIL import Image


_COLOURS = 256
_OPAQUE = 128
RESERVED = ((255, 255, 255), (17, 17, 17), (0, 0, 0))
"""Pens and plate of the visible label keep entries of their own, so that contrast survives."""

_SAMPLE_SIDE = 256


def to_palette(images: list[Image.Image]) -> list[Image.Image]:
    """
    Return mode P images that share one palette of up to 256 colours.

    Alpha is cut at one half: palette formats know opaque and transparent only (GIF), and a
    transparent entry is made only where a frame has transparent pixels.
    """
    clear = [_clear(image) for image in images]
    with_clear = any(mask is not None and bool(mask.any()) for mask in clear)
    room = _COLOURS - len(RESERVED) - int(with_clear)
    colours = _shared_palette([image.convert("RGB") for image in images], room)
    entries = [*colours, *RESERVED, *([(0, 0, 0)] if with_clear else [])]
    palette = Image.new("P", (1, 1))
    palette.putpalette([v for entry in entries[: _COLOURS - int(with_clear)] for v in entry])
    out = []
    for image, mask in zip(images, clear, strict=True):
        coded = image.convert("RGB").quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        if with_clear:
            coded = _with_clear(coded, mask, entries)
        out.append(coded)
    return out


def _clear(image: Image.Image) -> np.ndarray | None:
    if image.mode not in {"RGBA", "LA"}:
        return None
    return np.asarray(image.getchannel("A")) < _OPAQUE


def _shared_palette(images: list[Image.Image], room: int) -> list[tuple[int, int, int]]:
    """Return at most ``room`` colours for all images, from a strip of reduced copies."""
    if len(images) > 1:
        strip = [
            image.resize(_sample_size(image)) for image in images[:: max(1, len(images) // 16)]
        ]
        width, height = strip[0].size
        source = Image.new("RGB", (width * len(strip), height))
        for index, part in enumerate(strip):
            source.paste(part, (index * width, 0))
    else:
        source = images[0]
    coded = source.quantize(room, method=Image.Quantize.MEDIANCUT)
    flat = coded.getpalette() or []
    used = len(coded.getcolors() or [])
    return [
        (flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]) for i in range(min(used, len(flat) // 3))
    ]


def _sample_size(image: Image.Image) -> tuple[int, int]:
    scale = min(1.0, _SAMPLE_SIDE / max(image.size))
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _with_clear(
    coded: Image.Image, mask: np.ndarray | None, entries: list[tuple[int, int, int]]
) -> Image.Image:
    """Give transparent pixels an index of their own, the last one."""
    index = len(entries) - 1
    pixels = np.array(coded)
    if mask is not None:
        pixels[mask] = index
    out = Image.fromarray(pixels, "P")
    out.putpalette([v for entry in entries for v in entry])
    out.info["transparency"] = index
    return out
