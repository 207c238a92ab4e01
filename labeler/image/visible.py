"""
Drawing the visible label on pictures (GB 45438-2025 5.2; R-09..R-13).

Drawing blends a plan into pixels, reaches the contrast on any ground, and changes nothing outside
the label's box. The plan is made in `labeler.image.visible_plan` and is offered here as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from labeler.core.image.compose import (
    blur_under,
    lay_over,
    luminance,
    rounded_rectangle,
    text_contrast,
)
from labeler.errors import UnknownPolicy
from labeler.image.visible_plan import (
    LEAST_CONTRAST,
    POSITIONS,
    STYLES,
    Plan,
    Style,
    moved,
    plan_label,
)
from labeler.image.visible_type import typeset
from labeler.machine import plain


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from labeler.core.image.compose import Box, Floats

__all__ = [
    "LEAST_CONTRAST",
    "POSITIONS",
    "STYLES",
    "Plan",
    "Style",
    "VisibleReceipt",
    "draw_label",
    "plan_label",
]

Tone: TypeAlias = Literal["auto", "dark", "light"]
"""The colour of the plate: by the picture, black with white type, white with black type."""
_LIGHT_FROM = 0.33  # tenth percentile of luminance under a light plate: light on mixed is ugly
_GROUND, _PEN = {True: 0, False: 255}, {True: 255, False: 17}  # levels by "the plate is dark"
_STEPS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleReceipt:
    """
    What was drawn: one label, its place, its measured height and contrast.

    ``box`` is (x, y, width, height), the only pixels that changed; ``glyph_boxes`` are
    (x, y, width, height) of the ink of every letter. ``pen`` and ``plate`` are 8-bit RGB, for
    palettes that should keep entries for them.
    """

    text: str
    lang: str
    style: str
    position: str
    box: Box
    glyph_boxes: tuple[Box, ...]
    ink_height: int
    height_ratio: float
    height_mode: str
    contrast: float
    opacity: float
    pen: tuple[int, int, int]
    plate: tuple[int, int, int]

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt of the layer as the machine output of ``apply`` has it."""
        return plain(self, height_ratio=4, contrast=2, opacity=3)


def draw_label(
    pixels: NDArray[Any], plan: Plan, *, tone: str = "auto"
) -> tuple[NDArray[Any], VisibleReceipt]:
    """
    Draw the label of a plan into a copy of the pixels (R-09, R-11).

    All pictures of a batch get the same tone and opacity, so that an animation does not flicker.
    The opacity is raised until the written, rounded pixels measure the contrast of the style.

    Parameters
    ----------
    pixels
        uint8 or uint16 of shape (..., H, W) for grey or (..., H, W, C) with C = 1, 2, 3, 4 for
        grey, grey and alpha, RGB, RGBA; alpha is straight. H and W are those of the plan.
    plan
        From `plan_label`.
    tone
        A `Tone`. ``auto`` takes a dark plate over transparent pixels, whose backdrop is unknown.

    Returns
    -------
    tuple
        The labelled copy, same shape and type, changed inside ``receipt.box`` only; the receipt.

    """
    if tone not in get_args(Tone):
        raise UnknownPolicy(f"no plate tone {tone!r}: use auto, dark or light")
    colour = _with_channels(pixels, plan)
    x, y, w, h = plan.box
    region = colour[..., y : y + h, x : x + w, :]
    masks = _masks(plan)
    dark = _choose_dark(region, tone)
    patch, opacity, contrast = _compose(region, plan, masks, dark=dark)
    out = pixels.copy()
    target = out if colour is pixels else out[..., None]
    target[..., y : y + h, x : x + w, :] = patch
    return out, _receipt(plan, dark=dark, opacity=opacity, contrast=contrast)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Masks:
    """Coverages of the parts of a label over its box, float32, 0 to 1, and its glyph boxes."""

    ink: Floats
    ground: Floats
    plate: Floats
    hairline: Floats
    glyphs: tuple[Box, ...]


def _with_channels(pixels: NDArray[Any], plan: Plan) -> NDArray[Any]:
    """Return the pixels with a channel axis; raise `ValueError` for another shape or type."""
    size = (plan.height, plan.width)
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"pixels must be uint8 or uint16, not {pixels.dtype}")
    if pixels.shape[-3:-1] == size and pixels.shape[-1] in range(1, 5):
        return pixels
    if pixels.shape[-2:] == size:
        return pixels[..., None]
    raise ValueError(f"pixels of shape {pixels.shape} are not the {size} of the plan")


def _has_alpha(region: NDArray[Any]) -> bool:
    """Say whether the last of the channels is opacity."""
    return region.shape[-1] in (2, 4)


def _choose_dark(region: NDArray[Any], tone: str) -> bool:
    """Say whether the plate is dark: asked for, over transparency, or on darker or mixed ground."""
    if tone != "auto":
        return tone == "dark"
    if _has_alpha(region):
        if (region[..., -1] < np.iinfo(region.dtype).max).any():
            return True
        region = region[..., :-1]
    return bool(np.percentile(luminance(region), 10) <= _LIGHT_FROM)


def _masks(plan: Plan) -> _Masks:
    """Build the coverages of a label over its box."""
    style, px = plan.style, plan.px
    _, _, w, h = plan.box
    left, top = plan.text_at
    type_ = typeset(plan.lines, px, stroke=style.stroke, font=plan.font)
    inside = np.s_[top : top + type_.ink.shape[0], left : left + type_.ink.shape[1]]
    ink, ground = np.zeros((2, h, w), np.float32)
    ink[inside] = type_.ink * np.float32(1 / 255)
    ground[inside] = type_.stroke * np.float32(1 / 255)
    plate, hairline = np.zeros((2, h, w), np.float32)
    if style.bar:
        plate[:] = 1
    elif style.plate:
        plate = rounded_rectangle(w, h, style.radius * px)
        hairline = _hairline(plate, style, px)
    x, y = plan.box[:2]
    return _Masks(
        ink=ink,
        ground=np.maximum(plate, ground),
        plate=plate,
        hairline=hairline,
        glyphs=tuple(moved(g.box, -x, -y) for g in plan.glyphs),
    )


def _hairline(plate: Floats, style: Style, px: int) -> Floats:
    """Return the rim of a plate, which parts it from ground of its own colour."""
    h, w = plate.shape
    k = max(1, round(px / 40))
    inner = np.zeros_like(plate)
    radius = min(style.radius * px, h / 2) - k
    inner[k : h - k, k : w - k] = rounded_rectangle(w - 2 * k, h - 2 * k, radius)
    return (plate - inner) * np.float32(style.hairline)


def _compose(
    region: NDArray[Any], plan: Plan, masks: _Masks, *, dark: bool
) -> tuple[NDArray[Any], float, float]:
    """Blend until the contrast is reached; return the written patch, the opacity, the contrast."""
    light, alpha = _premultiplied(region)
    frost = plan.style.frost
    if frost:
        sigma = max(1.0, frost * plan.px)
        light = blur_under(light, masks.plate, sigma)
        alpha = blur_under(alpha, masks.plate, sigma) if _has_alpha(region) else alpha
    untouched = masks.ground + masks.ink <= 0
    reach = max(1, round(0.04 * plan.px))
    for opacity in np.linspace(*plan.style.opacity, _STEPS):
        patch = _blend(light, alpha, masks, dark=dark, opacity=float(opacity), region=region)
        patch[..., untouched, :] = region[..., untouched, :]
        contrast = min(text_contrast(lum, masks.ink, masks.glyphs, reach) for lum in _seen(patch))
        if contrast >= plan.style.contrast:
            break
    return patch, float(opacity), contrast


def _premultiplied(region: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return colour times opacity, (..., H, W, C), and opacity, (..., H, W, 1)."""
    levels = region.astype(np.float32)
    if not _has_alpha(region):
        return levels, np.ones((*levels.shape[:-1], 1), np.float32)
    alpha = levels[..., -1:] / np.float32(np.iinfo(region.dtype).max)
    return levels[..., :-1] * alpha, alpha


def _blend(
    light: Floats,
    alpha: Floats,
    masks: _Masks,
    *,
    dark: bool,
    opacity: float,
    region: NDArray[Any],
) -> NDArray[Any]:
    """Lay ground, rim and ink over premultiplied pixels and write them in the region's type."""
    top = np.iinfo(region.dtype).max
    pen = _PEN[dark] * top / 255
    light, alpha = lay_over(
        light, alpha, _GROUND[dark] * top / 255, masks.ground * np.float32(opacity)
    )
    if masks.hairline.any():
        light, alpha = lay_over(light, alpha, pen, masks.hairline)
    light, alpha = lay_over(light, alpha, pen, masks.ink)
    if _has_alpha(region):
        straight = light / np.maximum(alpha, np.float32(1e-6))
        light = np.concatenate([straight, alpha * np.float32(top)], axis=-1)
    return np.asarray(np.clip(np.rint(light), 0, top), region.dtype)


def _seen(patch: NDArray[Any]) -> Iterator[Floats]:
    """Yield the luminance as seen: of opaque pixels, or on black and on white backdrop."""
    if not _has_alpha(patch):
        yield luminance(patch)
        return
    top = np.iinfo(patch.dtype).max
    colour = patch[..., :-1].astype(np.float32)
    alpha = patch[..., -1:].astype(np.float32) / np.float32(top)
    for backdrop in (0, top):
        shown = colour * alpha + np.float32(backdrop) * (1 - alpha)
        yield luminance(np.rint(shown).astype(patch.dtype))


def _receipt(plan: Plan, *, dark: bool, opacity: float, contrast: float) -> VisibleReceipt:
    """Say what was drawn."""
    return VisibleReceipt(
        text=plan.text,
        lang=plan.lang,
        style=plan.style.name,
        position=plan.position,
        box=plan.box,
        glyph_boxes=tuple(
            (x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in (g.box for g in plan.glyphs)
        ),
        ink_height=plan.ink_height,
        height_ratio=plan.ink_height / min(plan.width, plan.height),
        height_mode=plan.height_mode,
        contrast=contrast,
        opacity=opacity,
        pen=(_PEN[dark],) * 3,
        plate=(_GROUND[dark],) * 3,
    )
