"""
Finding a known shape in a picture: masked, regularised correlation.

The score at a place is the correlation coefficient of the picture and the shape over the mask of
the shape, with a floor under the variance of the picture: without the floor any flat ground
correlates perfectly with something. Scores are -1 to 1; negative ones are the shape inverted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FLOOR = 14.0
"""Standard deviation in 8-bit levels that keeps flat ground from correlating."""
_INSIDE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """
    A shape to look for: zero-mean, unit-norm ``shape`` and 0/1 ``mask``, float32 (h, w).

    ``count`` is the number of pixels in the mask. Outside the mask the picture does not matter.
    """

    shape: Floats
    mask: Floats
    count: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    A picture made ready for many templates: its spectrum and that of its square.

    ``size`` is its height and width; templates of any size up to it can be looked for.
    """

    size: tuple[int, int]
    spectrum: Floats
    power: Floats


def make_template(ink: Floats, valid: Floats, size: tuple[int, int]) -> Template:
    """
    Shrink a shape and its surroundings to a size and normalise it.

    Parameters
    ----------
    ink
        Coverage of the shape, (H, W), 0 to 1, rendered larger than needed.
    valid
        Coverage of the shape and its ring: where it says something about the picture, (H, W).
    size
        (width, height) of the template.

    """
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    mask = (cv2.resize(valid, size, interpolation=cv2.INTER_AREA) > _INSIDE).astype(np.float32)
    count = float(mask.sum())
    shape = (small - (small * mask).sum() / max(count, 1.0)) * mask
    norm = float(np.sqrt((shape * shape).sum()))
    return Template(shape=np.asarray(shape / max(norm, 1e-6), np.float32), mask=mask, count=count)


def prepare(picture: Floats) -> Scene:
    """Transform a picture, (H, W) levels around zero, once for many calls of `correlate`."""
    h, w = picture.shape
    return Scene(
        size=(h, w),
        spectrum=_spectrum(picture, (h, w)),
        power=_spectrum(picture * picture, (h, w)),
    )


def correlate(scene: Scene, template: Template) -> Floats:
    """
    Return the scores of a template at every place where it lies wholly inside the scene.

    Shape (H - h + 1, W - w + 1); empty where the template is larger than the scene.
    """
    h, w = scene.size[0] - template.shape.shape[0] + 1, scene.size[1] - template.shape.shape[1] + 1
    if h < 1 or w < 1:
        return np.zeros((0, 0), np.float32)
    shape = _spectrum(template.shape, scene.size)
    mask = _spectrum(template.mask, scene.size)
    product = _correlation(scene.spectrum, shape)[:h, :w]
    total = _correlation(scene.spectrum, mask)[:h, :w]
    square = _correlation(scene.power, mask)[:h, :w]
    return _scores(product, total, square, template.count)


def correlate_patch(patch: Floats, template: Template) -> Floats:
    """Return what `correlate` returns, for a patch hardly larger than the template."""
    if any(p < t for p, t in zip(patch.shape, template.shape.shape, strict=True)):
        return np.zeros((0, 0), np.float32)
    product, total, square = (
        np.asarray(cv2.matchTemplate(levels, shape, cv2.TM_CCORR), np.float32)
        for levels, shape in (
            (patch, template.shape),
            (patch, template.mask),
            (patch * patch, template.mask),
        )
    )
    return _scores(product, total, square, template.count)


def find_peaks(scores: Floats, count: int, apart: tuple[int, int]) -> list[tuple[float, int, int]]:
    """
    Return up to ``count`` strongest places as (score, x, y), by magnitude, best first.

    Places nearer than ``apart`` = (x, y) pixels to a stronger one are left out.
    """
    left = np.abs(scores)
    found: list[tuple[float, int, int]] = []
    for _ in range(count if scores.size else 0):
        _, best, _, (x, y) = cv2.minMaxLoc(left)
        if best <= 0:
            break
        found.append((float(scores[y, x]), x, y))
        left[max(0, y - apart[1]) : y + apart[1] + 1, max(0, x - apart[0]) : x + apart[0] + 1] = 0
    return found


def similarity(patch: Floats, ink: Floats, mask: NDArray[np.bool_]) -> float:
    """Return the regularised correlation of a patch and a coverage over a mask, -1 to 1."""
    if not mask.any():
        return 0.0
    x, y = patch[mask], ink[mask]
    x, y = x - x.mean(), y - y.mean()
    spread = (float(x @ x) + x.size * FLOOR**2) * float(y @ y)
    return float(x @ y) / math.sqrt(max(spread, 1e-9))


def _spectrum(picture: Floats, size: tuple[int, int]) -> Floats:
    """Return the packed spectrum of a picture padded with zeros to a quick size."""
    h, w = (cv2.getOptimalDFTSize(n) for n in size)
    padded = np.zeros((h, w), np.float32)
    padded[: picture.shape[0], : picture.shape[1]] = picture
    return np.asarray(cv2.dft(padded, nonzeroRows=picture.shape[0]), np.float32)


def _correlation(scene: Floats, template: Floats) -> Floats:
    """Return the circular cross-correlation of two packed spectra."""
    product = cv2.mulSpectrums(scene, template, 0, conjB=True)
    flags = cv2.DFT_INVERSE | cv2.DFT_REAL_OUTPUT | cv2.DFT_SCALE
    return np.asarray(cv2.dft(product, flags=flags), np.float32)


def _scores(product: Floats, total: Floats, square: Floats, count: float) -> Floats:
    """Return product over the regularised spread of the picture under the mask."""
    spread = np.maximum(square - total * total * np.float32(1 / count), 0)
    return np.asarray(product / np.sqrt(spread + np.float32(count * FLOOR**2)), np.float32)
