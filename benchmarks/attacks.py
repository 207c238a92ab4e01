"""
What happens to pictures on their way: recompression, scaling, cropping, turning, filters, chains.

They measure how well our own mark survives everyday handling. They are used on pictures that the
benchmarks and tests have marked themselves, nowhere else, and are no part of the product: the
toolkit has no code that removes or hides labels (Measures art. 10; R-56).

Every attack is a pure function from an (H, W, 3) uint8 RGB array to another such array, possibly
of another size; those that need chance draw it from a fixed seed.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image


if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Attack = Callable[[Picture], Picture]

_WHITE = (255, 255, 255)
_PAGE_GREY = 245
_SOCIAL_SIDE = 1080


def _picture(values: NDArray[np.floating]) -> Picture:
    rounded: Picture = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return rounded


def _same(pixels: Picture) -> Picture:
    return pixels.copy()


def _chain(*steps: Attack) -> Attack:
    def attack(pixels: Picture) -> Picture:
        for step in steps:
            pixels = step(pixels)
        return pixels

    return attack


# Codecs


def _coded(ending: str, parameters: tuple[int, int]) -> Attack:
    def attack(pixels: Picture) -> Picture:
        coded = cv2.imencode(ending, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), parameters)[1]
        decoded = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)

    return attack


def jpeg(quality: int) -> Attack:
    """Return a recompression as JPEG, 4:2:0."""
    return _coded(".jpg", (cv2.IMWRITE_JPEG_QUALITY, quality))


def webp(quality: int) -> Attack:
    """Return a recompression as lossy WebP."""
    return _coded(".webp", (cv2.IMWRITE_WEBP_QUALITY, quality))


def avif(quality: int) -> Attack:
    """Return a recompression as AVIF."""

    def attack(pixels: Picture) -> Picture:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "AVIF", quality=quality, speed=8)
        buffer.seek(0)
        return np.array(Image.open(buffer).convert("RGB"), np.uint8)

    return attack


def _palette(pixels: Picture) -> Picture:
    indexed = Image.fromarray(pixels).convert("P", palette=Image.Palette.ADAPTIVE, colors=256)
    return np.array(indexed.convert("RGB"), np.uint8)


# Geometry


def resize(across: float, down: float | None = None) -> Attack:
    """Return a scaling by two factors: areas are averaged when smaller, cubic when larger."""
    how = cv2.INTER_AREA if across < 1 else cv2.INTER_CUBIC

    def attack(pixels: Picture) -> Picture:
        scaled = cv2.resize(pixels, None, fx=across, fy=down or across, interpolation=how)
        return np.asarray(scaled, np.uint8)

    return attack


def crop(share: float, seed: int = 0) -> Attack:
    """Return a crop to a share of the area, same proportions, at a place the seed chooses."""

    def attack(pixels: Picture) -> Picture:
        height, width = pixels.shape[:2]
        chance = np.random.default_rng(seed + height * 7 + width)
        rows, columns = int(height * share**0.5), int(width * share**0.5)
        top = int(chance.integers(0, height - rows + 1))
        left = int(chance.integers(0, width - columns + 1))
        return pixels[top : top + rows, left : left + columns].copy()

    return attack


def rotate(degrees: float) -> Attack:
    """Return a rotation within the frame, black where nothing is."""

    def attack(pixels: Picture) -> Picture:
        height, width = pixels.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        turned = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC)
        return np.asarray(turned, np.uint8)

    return attack


def rotate_expanded(degrees: float) -> Attack:
    """Return a rotation in a frame that grows to hold it, on white."""

    def attack(pixels: Picture) -> Picture:
        height, width = pixels.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
        columns, rows = int(height * sine + width * cosine), int(height * cosine + width * sine)
        matrix[:, 2] += [(columns - width) / 2, (rows - height) / 2]
        turned = cv2.warpAffine(
            pixels, matrix, (columns, rows), flags=cv2.INTER_CUBIC, borderValue=_WHITE
        )
        return np.asarray(turned, np.uint8)

    return attack


def rotate_cropped(degrees: float) -> Attack:
    """Return a rotation cropped to what is wholly inside; from 20 degrees on, to 60 % a side."""

    def attack(pixels: Picture) -> Picture:
        height, width = pixels.shape[:2]
        lost = np.tan(abs(np.deg2rad(degrees))) * max(height, width) / min(height, width)
        keep = max(0.3, 1 - lost) if abs(degrees) < 20 else 0.6
        rows, columns = int(height * keep), int(width * keep)
        top, left = (height - rows) // 2, (width - columns) // 2
        return rotate(degrees)(pixels)[top : top + rows, left : left + columns].copy()

    return attack


def perspective(share: float) -> Attack:
    """Return a keystone: the left corners move by a share of the frame."""

    def attack(pixels: Picture) -> Picture:
        height, width = pixels.shape[:2]
        x, y = share * width, share * height
        before = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        after = np.array([[x, y], [width, 0], [width - x, height], [0, height - y]], np.float32)
        matrix = cv2.getPerspectiveTransform(before, after)
        warped = cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC)
        return np.asarray(warped, np.uint8)

    return attack


def bend(amplitude: float) -> Attack:
    """Return a sinusoidal bending by some pixels, about one period across the picture."""

    def attack(pixels: Picture) -> Picture:
        height, width = pixels.shape[:2]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        across = (x + amplitude * np.sin(y / height * 2 * np.pi)).astype(np.float32)
        down = (y + amplitude * np.sin(x / width * 1.6 * np.pi)).astype(np.float32)
        bent = cv2.remap(pixels, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(bent, np.uint8)

    return attack


def _quarter_turn(pixels: Picture) -> Picture:
    return np.ascontiguousarray(np.rot90(pixels))


def _mirror(pixels: Picture) -> Picture:
    return pixels[:, ::-1].copy()


def _shift(pixels: Picture) -> Picture:
    return pixels[37:, 53:].copy()


# Tone and colour


def brightness(factor: float) -> Attack:
    """Return a multiplication of all values."""
    return lambda pixels: _picture(pixels.astype(np.float32) * factor)


def contrast(factor: float) -> Attack:
    """Return a stretch about middle grey."""
    return lambda pixels: _picture((pixels.astype(np.float32) - 128) * factor + 128)


def gamma(exponent: float) -> Attack:
    """Return a power law."""
    return lambda pixels: _picture(255 * (pixels.astype(np.float32) / 255) ** exponent)


def saturation(factor: float) -> Attack:
    """Return a multiplication of the HSV saturation."""

    def attack(pixels: Picture) -> Picture:
        hsv = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV))
        hsv[..., 1] = np.clip(hsv[..., 1].astype(np.float32) * factor, 0, 255).astype(np.uint8)
        return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)

    return attack


def _equalise(pixels: Picture) -> Picture:
    planes = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb))
    planes[..., 0] = cv2.equalizeHist(np.ascontiguousarray(planes[..., 0]))
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB), np.uint8)


def _posterise(pixels: Picture) -> Picture:
    return (pixels // 16) * 16 + np.uint8(8)


def _negate(pixels: Picture) -> Picture:
    return 255 - pixels


# Filters and noise


def noise(deviation: float, seed: int = 3) -> Attack:
    """Return added white noise, the same for the same size."""

    def attack(pixels: Picture) -> Picture:
        return _picture(pixels + np.random.default_rng(seed).normal(0, deviation, pixels.shape))

    return attack


def blur(sigma: float) -> Attack:
    """Return a Gaussian blur."""
    return lambda pixels: np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def median(side: int) -> Attack:
    """Return a median filter."""
    return lambda pixels: np.asarray(cv2.medianBlur(pixels, side), np.uint8)


def _sharpen(pixels: Picture) -> Picture:
    values = pixels.astype(np.float32)
    return _picture(2 * values - np.asarray(cv2.GaussianBlur(values, (0, 0), 1.5)))


def _bilateral(pixels: Picture) -> Picture:
    return np.asarray(cv2.bilateralFilter(pixels, 7, 30, 5), np.uint8)


def _denoise(pixels: Picture) -> Picture:
    return np.asarray(cv2.fastNlMeansDenoisingColored(pixels, None, 8, 8, 5, 11), np.uint8)


# Things laid over, and whole journeys


def _write(
    pixels: Picture, words: str, place: tuple[int, int], *, size: float, weight: int
) -> None:
    cv2.putText(pixels, words, place, cv2.FONT_HERSHEY_SIMPLEX, size, _WHITE, weight)


def _label(pixels: Picture) -> Picture:
    out = pixels.copy()
    height, width = out.shape[:2]
    bar = int(height * 0.12)
    out[height - bar :] = 30
    _write(out, "AI generated content", (10, height - bar // 3), size=height / 500, weight=2)
    cv2.rectangle(out, (width - width // 4, 0), (width, height // 6), (220, 0, 0), -1)
    _write(out, "AIGC", (width - width // 4 + 5, height // 8), size=height / 300, weight=3)
    return out


def _text_over(pixels: Picture) -> Picture:
    height, width = pixels.shape[:2]
    over = pixels.copy()
    for line in range(5):
        place = (-40, int(height * (line + 0.7) / 5))
        _write(over, "SAMPLE SAMPLE SAMPLE", place, size=width / 500, weight=max(1, width // 150))
    return np.asarray(cv2.addWeighted(pixels, 0.5, over, 0.5, 0), np.uint8)


def _painted_over(pixels: Picture) -> Picture:
    out = pixels.copy()
    height, width = out.shape[:2]
    radius = int(min(height, width) * 0.33)
    cv2.circle(out, (width // 2, height // 2), radius, (140, 130, 120), -1)
    return out


def social(pixels: Picture) -> Picture:
    """Shrink to 1080 pixels on the long side and recompress, as chat apps do."""
    factor = _SOCIAL_SIDE / max(pixels.shape[:2])
    return jpeg(75)(resize(factor)(pixels) if factor < 1 else pixels)


def screenshot(pixels: Picture) -> Picture:
    """Show the picture at 83 % in a page with a menu and a tool bar, and save the screen."""
    small = np.asarray(
        cv2.resize(pixels, None, fx=0.83, fy=0.83, interpolation=cv2.INTER_LINEAR), np.uint8
    )
    height, width = small.shape[:2]
    page = np.full((height + 180, width + 260, 3), _PAGE_GREY, np.uint8)
    font = cv2.FONT_HERSHEY_SIMPLEX
    for line in range(14):
        place = (8, 40 + line * 40)
        cv2.putText(page, f"Menu item text {line}", place, font, 0.6, (40, 40, 40), 1)
    bar = "browser toolbar https://example.org/page"
    cv2.putText(page, bar, (150, 40), font, 0.8, (20, 60, 90), 2)
    page[90 : 90 + height, 220 : 220 + width] = small
    return jpeg(80)(page)


def _printed(pixels: Picture) -> Picture:
    """Blur, flatten and grain the picture, place it askew: a print, scanned."""
    soft = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.2)).astype(np.float32)
    pale = 255 * (soft / 255) ** 1.15 * 0.85 + 18
    grain = np.random.default_rng(1).normal(0, 6, pale.shape)
    sheet = np.clip(pale + grain, 0, 255).astype(np.uint8)
    return _chain(rotate(1.7), perspective(0.012), resize(0.9), jpeg(80))(sheet)


_social_twice = _chain(social, resize(0.8), jpeg(70))
_social_thrice = _chain(social, resize(0.85), jpeg(70), resize(1.1), jpeg(65))

ATTACKS: dict[str, Attack] = {
    "none": _same,
    "jpeg90": jpeg(90),
    "jpeg75": jpeg(75),
    "jpeg50": jpeg(50),
    "jpeg30": jpeg(30),
    "jpeg20": jpeg(20),
    "webp75": webp(75),
    "webp50": webp(50),
    "webp30": webp(30),
    "resize0.75": resize(0.75),
    "resize0.5": resize(0.5),
    "resize0.35": resize(0.35),
    "resize1.5": resize(1.5),
    "resize2": resize(2),
    "aspect0.9": resize(0.9, 1),
    "aspect0.75": resize(0.75, 1),
    "crop50": crop(0.5),
    "crop25": crop(0.25),
    "crop10": crop(0.1),
    "shift": _shift,
    "rotate1": rotate(1),
    "rotate5": rotate_cropped(5),
    "rotate17": rotate(17),
    "rotate45": rotate_expanded(45),
    "rotate90": _quarter_turn,
    "flip": _mirror,
    "brightness1.4": brightness(1.4),
    "brightness0.6": brightness(0.6),
    "contrast1.5": contrast(1.5),
    "contrast0.5": contrast(0.5),
    "gamma0.6": gamma(0.6),
    "gamma1.6": gamma(1.6),
    "saturation0": saturation(0),
    "saturation1.6": saturation(1.6),
    "blur1": blur(1),
    "blur2": blur(2),
    "blur3": blur(3),
    "noise5": noise(5),
    "noise10": noise(10),
    "noise20": noise(20),
    "median3": median(3),
    "median5": median(5),
    "sharpen": _sharpen,
    "bilateral": _bilateral,
    "label": _label,
    "text": _text_over,
    "perspective3": perspective(0.03),
    "social": social,
    "screenshot": screenshot,
    "crop50+jpeg50": _chain(crop(0.5), jpeg(50)),
    "crop25+jpeg75": _chain(crop(0.25), jpeg(75)),
    "resize0.5+jpeg50": _chain(resize(0.5), jpeg(50)),
    "crop50+resize0.7+jpeg60": _chain(crop(0.5), resize(0.7), jpeg(60)),
    "rotate5+resize0.8+jpeg70": _chain(rotate_cropped(5), resize(0.8), jpeg(70)),
    "social2": _social_twice,
    "label+social": _chain(_label, social),
}
"""The 56 attacks of the design study (design/image.md, section 3.1), same parameters."""

HARDER: dict[str, Attack] = {
    "jpeg10": jpeg(10),
    "avif60": avif(60),
    "avif35": avif(35),
    "gif256": _palette,
    "posterise16": _posterise,
    "equalise": _equalise,
    "negative": _negate,
    "resize0.25": resize(0.25),
    "crop5": crop(0.05),
    "crop25+resize0.5+jpeg60": _chain(crop(0.25), resize(0.5), jpeg(60)),
    "rotate30+crop+jpeg50": _chain(rotate_cropped(30), jpeg(50)),
    "rotate45+resize0.6+jpeg70": _chain(rotate_expanded(45), resize(0.6), jpeg(70)),
    "noise40": noise(40),
    "blur4": blur(4),
    "median7": median(7),
    "bend4": bend(4),
    "bend8": bend(8),
    "perspective6": perspective(0.06),
    "print-scan": _printed,
    "painted35": _painted_over,
    "aspect0.8+rotate3": _chain(resize(0.8, 1), rotate_cropped(3)),
    "aspect1.25+crop60+jpeg70": _chain(resize(1, 0.8), crop(0.6), jpeg(70)),
    "screenshot+social": _chain(screenshot, social),
    "flip+rotate7+jpeg60": _chain(_mirror, rotate_cropped(7), jpeg(60)),
    "social3": _social_thrice,
}
"""The 25 harder attacks of the design study (design/image.md, section 3.1, right half)."""

EXTRA: dict[str, Attack] = {
    "resize0.45+jpeg70": _chain(resize(0.45), jpeg(70)),
    "nlmeans": _denoise,
}
"""One that only the 17 hard attacks name, and one too slow for the lists (10 s per megapixel)."""

EVERY: dict[str, Attack] = ATTACKS | HARDER | EXTRA

HARD17 = (
    "none",
    "jpeg50",
    "jpeg30",
    "jpeg20",
    "webp75",
    "webp50",
    "resize0.5+jpeg50",
    "resize0.45+jpeg70",
    "social2",
    "blur3",
    "crop25",
    "crop10",
    "crop50+resize0.7+jpeg60",
    "screenshot",
    "rotate5+resize0.8+jpeg70",
    "perspective3",
    "crop25+resize0.5+jpeg60",
)
"""The 17 hard attacks of design/image-v1.md, section 4, in its order."""

GEOMETRIC = frozenset(
    name
    for name in EVERY
    for part in name.split("+")
    if part.startswith(
        ("aspect", "crop", "rotate", "flip", "shift", "perspective", "bend", "screenshot", "print")
    )
)
"""Attacks that move the picture in its frame: a reader without a geometry search may miss them."""

GROUPS: dict[str, tuple[str, ...]] = {
    "all56": tuple(ATTACKS),
    "harder25": tuple(HARDER),
    "hard17": HARD17,
    "plain": tuple(name for name in ATTACKS if name not in GEOMETRIC),
    "quick": ("none", "jpeg75", "jpeg50", "webp75", "resize0.5", "noise10", "social"),
    "everything": tuple(dict.fromkeys((*ATTACKS, *HARDER, *HARD17))),
}
"""Named groups; ``plain`` is what a reader without a geometry search should read."""
