"""
Where the mark is missing: what a reader tells of pasted areas, and how often it tells too much.

``python -m benchmarks.gaps`` marks pictures for tuning, pastes areas of 10 % and 25 % (the unmarked
original, or another picture), recompresses them and prints how many areas are told and how well;
``--figure PATH`` draws docs/img/mark-missing.png instead.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from benchmarks import pictures
from benchmarks.attacks import jpeg, resize
from detectors.image.watermark import map_mark
from labeler.image.watermark import embed_mark
from labeler.payload import Payload


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from detectors.image.watermark import MarkMap

    Picture = NDArray[np.uint8]

_AREA = 1.2e6
_SMALLEST = 400
_SHARES = (0.10, 0.25)
_WIDTH, _GAP = 420, 8
_TINT = (213, 94, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    """A rectangle in pixels: its top left corner and its size."""

    left: int
    top: int
    width: int
    height: int

    def overlap(self, other: _Box) -> float:
        """Return the common area over the area of either."""
        right = min(self.left + self.width, other.left + other.width)
        bottom = min(self.top + self.height, other.top + other.height)
        width, height = right - max(self.left, other.left), bottom - max(self.top, other.top)
        both = max(0, width) * max(0, height)
        return both / (self.width * self.height + other.width * other.height - both)


def _loaded(kinds: tuple[str, ...] = pictures.KINDS) -> Iterator[Picture]:
    for source in pictures.sources(split="tuning", kinds=kinds):
        pixels = pictures.load(source)
        factor = (_AREA / (pixels.shape[0] * pixels.shape[1])) ** 0.5
        pixels = resize(factor)(pixels) if factor < 1 else pixels
        if min(pixels.shape[:2]) >= _SMALLEST:
            yield pixels


def _pasted(marked: Picture, patch: Picture, box: _Box) -> Picture:
    out = marked.copy()
    part = np.s_[box.top : box.top + box.height, box.left : box.left + box.width]
    out[part] = patch[part]
    return out


def _random_box(shape: tuple[int, ...], share: float, chance: np.random.Generator) -> _Box:
    height, width = (int(side * share**0.5) for side in shape[:2])
    top, left = int(chance.integers(shape[0] - height)), int(chance.integers(shape[1] - width))
    return _Box(left=left, top=top, width=width, height=height)


def _told(found: MarkMap | None) -> list[_Box]:
    """Return the areas told, largest first."""
    return [
        _Box(left=g.left, top=g.top, width=g.right - g.left, height=g.bottom - g.top)
        for g in (found.gaps if found else ())
    ]


def _measure() -> None:
    """Print how many pasted areas are told, and how many whole pictures are said to miss some."""
    chance = np.random.default_rng(5)
    overlaps: dict[str, list[float]] = {}
    alarms: dict[str, list[bool]] = {}
    before: Picture | None = None
    for index, pixels in enumerate(_loaded()):
        marked = np.asarray(embed_mark(pixels, Payload(mark_id=index))[0], np.uint8)
        whole = {
            "as marked": marked,
            "JPEG 75": jpeg(75)(marked),
            "0.75 of the size": resize(0.75)(marked),
            "half size, JPEG 75": jpeg(75)(resize(0.5)(marked)),
        }
        for name, seen in whole.items():
            alarms.setdefault(name, []).append(bool(_told(map_mark(seen))))
        other = before if before is not None else pixels
        other = np.asarray(cv2.resize(other, pixels.shape[1::-1]), np.uint8)
        for share in _SHARES:
            box = _random_box(pixels.shape, share, chance)
            for name, patch in (("the unmarked original", pixels), ("another picture", other)):
                told = _told(map_mark(jpeg(75)(_pasted(marked, patch, box))))
                best = told[0].overlap(box) if told else 0.0
                overlaps.setdefault(f"{share:.0%} of {name}", []).append(best)
        before = pixels
    for name, values in overlaps.items():
        seen_in = [value for value in values if value > 0]
        middle = statistics.median(seen_in)
        print(f"{name}: told in {len(seen_in)} of {len(values)}, overlap {middle:.2f} (median)")
    for name, flags in alarms.items():
        print(f"whole, {name}: something told in {sum(flags)} of {len(flags)}")


def _draw(path: Path) -> None:
    """Draw a marked picture, the same with a pasted area, and the map of the mark."""
    pixels = next(p for p in _loaded(("photo",)) if p.shape[1] > p.shape[0])
    marked = np.asarray(embed_mark(pixels, Payload(mark_id=1))[0], np.uint8)
    height, width = pixels.shape[:2]
    box = _Box(
        left=int(0.55 * width),
        top=int(0.2 * height),
        width=int(0.35 * width),
        height=int(0.5 * height),
    )
    patch = np.ascontiguousarray(pixels[:, ::-1])
    edited = jpeg(75)(_pasted(marked, patch, box))
    found = map_mark(edited)
    if found is None:
        raise SystemExit("no mark found")
    panels = [marked, edited, _shaded(edited, found)]
    size = _WIDTH, round(_WIDTH * height / width)
    row = [np.asarray(cv2.resize(p, size, interpolation=cv2.INTER_AREA)) for p in panels]
    line = np.full((size[1], _GAP, 3), 255, np.uint8)
    sheet = np.concatenate([row[0], line, row[1], line, row[2]], axis=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).quantize(128).save(path, optimize=True)


def _shaded(pixels: Picture, found: MarkMap) -> Picture:
    """Return the picture in grey, coloured where the mark is missing, the area told outlined."""
    height, width = pixels.shape[:2]
    grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    lack = cv2.resize(np.clip(1 - found.amplitude, 0, 1), (width, height))[..., None]
    shaded = grey * (1 - 0.7 * lack) + np.array(_TINT) * 0.7 * lack
    out = np.ascontiguousarray(shaded.astype(np.uint8))
    for box in _told(found):
        end = box.left + box.width, box.top + box.height
        cv2.rectangle(out, (box.left, box.top), end, _TINT, 4)
    return out


def main() -> None:
    """Measure, or draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figure", type=Path)
    asked = parser.parse_args()
    if asked.figure:
        _draw(asked.figure)
    else:
        _measure()


if __name__ == "__main__":
    main()
